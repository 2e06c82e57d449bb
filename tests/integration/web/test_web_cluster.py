"""The page where several servers are one chat: when its own is gone, it goes on at another one."""

from __future__ import annotations

import asyncio
import base64
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from chatcore import ChatServer, Listen
from chatcore.events import MessagePosted, PresenceChanged
from chatcore.limits import Limits
from chatcore.ports.transport import ListenOptions
from tests.integration.chromium import started
from tests.integration.cluster_house import Cluster, next_of, until
from tests.integration.nats_house import NatsServer, nats
from tests.integration.web.house import Proxy, has_texts, joins, last_notice, says, sees, web_options
from tests.patience import PATIENCE
from tests.ports import free_port
from tests.unit.cli.processes import Server

__all__ = ["nats"]

pytestmark = pytest.mark.asyncio(loop_scope="package")


@pytest_asyncio.fixture(loop_scope="package")
async def cluster(nats: NatsServer) -> AsyncIterator[Cluster]:
    """Give servers that share a chat of their own."""
    async with AsyncExitStack() as stack:
        yield Cluster(nats.fresh_chat(), stack)


async def with_page(
    cluster: Cluster, port: int, *, at: int | None = None, scheme: str = "ws", **options: object
) -> ChatServer:
    """Start one more server, with the page, at an address that the others are told: at another port, if so."""
    listen = [Listen(options=web_options(port=port, **options))]
    advertise = (f"{scheme}://127.0.0.1:{at or port}",)
    return await cluster.server(listen=listen, advertise=advertise, limits=Limits(grace=60))


async def test_page_whose_server_is_killed_goes_on_at_another_one(page: Page, cluster: Cluster) -> None:
    """In its session: nothing is lost, nothing comes twice, nobody sees it leave; and it says where it is."""
    left = await with_page(cluster, free_port())
    port = free_port()
    advertised = ("--advertise", f"ws://127.0.0.1:{port}")
    with Server("--store", cluster.address, *advertised, "--grace", "60", port=port) as killed:
        bob = await cluster.client(left, "bob")
        url = (await asyncio.to_thread(lambda: killed.url)).replace("ws", "http", 1)
        await joins(page, url, "alice")
        await says(page, "before")
        await next_of(bob, MessagePosted, text="before")
        killed.send_signal(signal.SIGKILL)
        await says(page, "written while there was no server")
        await bob.send("meanwhile")
        await sees(page, "meanwhile")
        await expect(page.locator(".message.pending")).to_have_count(0)
        await says(page, "after")
        async with asyncio.timeout(PATIENCE):
            heard = [event async for event in until(bob, MessagePosted, text="after")]
        assert not [event for event in heard if isinstance(event, PresenceChanged) and event.left]
        said = [entry.text for entry in await bob.history("lobby")]
        await expect(page.locator(".message .text")).to_have_text(said)
        assert sorted(said) == ["after", "before", "meanwhile", "written while there was no server"]
        await page.locator(".over").click()
        at = left.urls[0].removeprefix("ws://")
        told = page.get_by_role("dialog")
        await expect(told).to_contain_text(f"you are connected to {at} now")
        await expect(told).to_contain_text("Whoever is on the network between can read what is written.")


async def test_page_goes_from_server_to_server_while_one_after_the_other_is_upgraded(
    page: Page, cluster: Cluster
) -> None:
    """Its own may be gone for long, and be another one when it is back at its address: the user stays the same."""
    ports = free_port(), free_port()
    one, other = await with_page(cluster, ports[0]), await with_page(cluster, ports[1])
    await joins(page, f"http://127.0.0.1:{ports[0]}", "alice")
    await says(page, "at one")
    await sees(page, "at one")
    session = one.chat.users["alice"].number
    await one.stop()
    await says(page, "at the other")
    await sees(page, "at the other")
    upgraded = await with_page(cluster, ports[0])
    await other.stop()
    await says(page, "at the upgraded one")
    await sees(page, "at the upgraded one")
    assert upgraded.chat.users["alice"].number == session
    await has_texts(page, ["at one", "at the other", "at the upgraded one"])


async def test_page_goes_on_by_webtransport_where_the_other_server_says_where_it_has_it(
    page: Page, cluster: Cluster, tmp_path: Path
) -> None:
    """By the certificate that it tells of; nothing is said to be lacking then."""
    servers = []
    for _ in range(2):
        port, quic_port = free_port(), free_port()
        quic = ListenOptions(port=quic_port, state_dir=str(tmp_path))
        listen = [Listen(options=web_options(port=port)), Listen("quic", options=quic)]
        advertise = (f"ws://127.0.0.1:{port}", f"quic://127.0.0.1:{quic_port}")
        servers.append(await cluster.server(listen=listen, advertise=advertise, limits=Limits(grace=60)))
    await joins(page, servers[0].urls[0].replace("ws", "http", 1), "alice")
    await expect(page.locator(".over")).to_have_text("WebTransport, encrypted")
    await servers[0].stop()
    await says(page, "moved")
    await sees(page, "moved")
    assert servers[1].chat.users["alice"].origin.transport == "quic"
    await expect(page.locator(".over")).to_have_text("WebTransport, encrypted")
    await page.locator(".over").click()
    await expect(page.get_by_role("dialog")).to_contain_text("You are connected by WebTransport (QUIC).")
    await expect(page.get_by_role("dialog")).not_to_contain_text("can read what is written")


async def test_page_may_connect_to_the_servers_of_its_chat_and_nowhere_else(page: Page, cluster: Cluster) -> None:
    """One that is gone and may come back is among them; a page that was loaded before is told with the next load."""
    gone = await cluster.server(advertise=("wss://gone.example.org/chat",))
    server = await with_page(cluster, free_port())
    await gone.stop()
    here = server.urls[0].removeprefix("ws://")
    answer = await page.goto(f"http://{here}")
    assert answer is not None
    policy = (await answer.all_headers())["content-security-policy"]
    allowed = next(each for each in policy.split("; ") if each.startswith("connect-src "))
    assert allowed.split() == [
        *("connect-src", "'self'", f"ws://{here}", f"wss://{here}"),
        *("wss://gone.example.org", "https://gone.example.org", f"http://{here}"),
    ]
    stranger = await cluster.server(advertise=("ws://127.0.0.1:1",))
    await page.reload()
    await expect(page.locator("#name")).to_be_visible()
    fetched = "url => fetch(url).then(() => 'fetched', error => error.message)"
    blocked: list[str] = []
    page.on("console", lambda line: blocked.append(line.text))
    await page.evaluate(fetched, f"{stranger.urls[0].replace('ws', 'http', 1)}/.well-known/chatcore")
    assert any("Content Security Policy" in line for line in blocked)
    blocked.clear()
    await page.evaluate(fetched, "http://127.0.0.1:1/")
    assert not any("Content Security Policy" in line for line in blocked), blocked


async def test_page_follows_to_a_server_that_came_after_it_was_loaded(page: Page, cluster: Cluster) -> None:
    """It hears of it with the next welcome, as programs do, and is not bound by the policy that it was loaded with.

    The link to the room leads to where it is, too.
    """
    here, there = free_port(), free_port()
    first = await with_page(cluster, free_port(), at=here)
    async with Proxy(first, port=here) as proxy:
        await joins(page, proxy.url, "alice")
        latest = await with_page(cluster, there)
        async with page.expect_response(lambda answer: answer.url.endswith("/door.html")):
            await proxy.cut_one()
        await says(page, "at the first")
        await sees(page, "at the first")
        await first.stop()
    await says(page, "at the latest")
    await sees(page, "at the latest")
    assert latest.chat.users["alice"].connection is not None
    await says(page, "/link")
    await expect(last_notice(page)).to_have_text(f"http://127.0.0.1:{there}/#room=lobby")
    await has_texts(page, ["at the first", "at the latest"])


async def test_page_says_which_servers_of_its_chat_are_to_be_accepted_in_the_browser(
    cluster: Cluster, tmp_path: Path
) -> None:
    """A browser that has accepted the certificate of one knows nothing of that of another."""
    ports = free_port(), free_port()
    one, other = [
        await with_page(cluster, port, scheme="wss", tls_own=True, state_dir=str(tmp_path / str(port)))
        for port in ports
    ]
    (told,) = one.about()
    accepted = base64.b64encode(bytes.fromhex(told["key_fingerprint"])).decode()
    async with started(f"--ignore-certificate-errors-spki-list={accepted}") as browser:
        page = await browser.new_page(locale="en-GB")
        await joins(page, f"https://127.0.0.1:{ports[0]}", "alice")
        await one.stop()
        hint = page.locator(".banner-hint")
        await expect(hint).to_contain_text("has to be accepted in this browser first")
        await expect(hint.get_by_role("link")).to_have_attribute("href", f"https://127.0.0.1:{ports[1]}/")
        assert other.chat.users["alice"].connection is None
