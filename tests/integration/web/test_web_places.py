"""The page at other places than at the root of a server on this computer: on a network, and behind a proxy."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from chatcore import connect
from chatcore.events import FileOffered, FileReceived
from chatcore_files import DownloadFolder
from tests.integration.web.house import Proxy, address, joins, last_notice, says, sees, web_server
from tests.patience import PATIENCE
from tests.ports import free_port

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_over_plain_http_on_a_network_people_talk_and_exchange_files(page: Page, tmp_path: Path) -> None:
    """To the browser that place is not secure: no cryptography of its own, no clipboard, no notifications."""
    port = free_port()
    url = f"http://school.test:{port}"
    source = tmp_path / "notes.txt"
    data = random.Random(14).randbytes(300_000)
    source.write_bytes(data)
    folder = DownloadFolder(tmp_path / "in")
    async with (
        web_server(port=port, origins=(url,)) as server,
        connect(server.urls[0], username="bob", files=folder) as bob,
    ):
        await joins(page, url, "alice")
        assert await page.evaluate("[isSecureContext, typeof crypto.subtle]") == [False, "undefined"]
        await bob.send("```\ncode\n```")
        await page.get_by_role("button", name="Copy").click()
        await expect(page.locator(".copy")).to_have_text("Copied")
        await expect(page.locator(".over")).to_have_text("WebSocket, not encrypted")
        await page.locator(".over").click()
        await expect(page.get_by_role("dialog")).to_contain_text("This page came over plain http.")
        await page.keyboard.press("Escape")

        async with page.expect_file_chooser() as chooser:
            await page.get_by_role("button", name="Offer a file").click()
        await (await chooser.value).set_files(source)
        async with asyncio.timeout(PATIENCE):
            async for event in bob:
                if isinstance(event, FileOffered):
                    await bob.accept_file(event.file)
                elif isinstance(event, FileReceived):
                    break
        assert read(event.place) == data
        await bob.offer_file(source, to=["alice"])
        await page.get_by_role("button", name="bob").first.click()
        await page.get_by_role("button", name="Receive").click()
        async with page.expect_download() as download:
            await page.get_by_role("link", name="Save").click()
        assert read(await (await download.value).path()) == data

        await page.reload()
        await expect(page.locator(".my-name")).to_have_text("alice")


def read(path: str | Path) -> bytes:
    """Return what is in a file."""
    return Path(path).read_bytes()


async def test_behind_a_proxy_the_page_may_stand_below_a_path(page: Page) -> None:
    """All that it asks for is below it; its link leads there; and it comes back as the same person."""
    async with web_server() as server, Proxy(server, prefix="/school/chat") as proxy:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("websocket", lambda socket: asked.append(socket.url.replace("ws", "http", 1)))
        await joins(page, f"{proxy.url}/", "alice")
        session = server.chat.users["alice"]
        await says(page, "below a path")
        await sees(page, "below a path")
        await says(page, "/link")
        await expect(last_notice(page)).to_have_text(f"{proxy.url}/#room=lobby")
        await page.reload()
        await sees(page, "below a path")
        assert server.chat.users["alice"] is session
        assert all(url.startswith(f"{proxy.url}/") for url in asked), asked
        assert len(asked) > 5


async def test_its_link_knows_the_server_by_the_key_that_the_first_one_named(page: Page) -> None:
    """So that programs which are given it recognise a server that has a certificate of its own; nothing else is one."""
    key = "44f3" * 16
    async with web_server() as server:
        for end, kept in ((key, f"&key={key}"), (f"{key}0", ""), ("%0Ax", "")):
            await joins(page, f"{address(server)}/#room=lobby&key={end}", "alice")
            await says(page, "/link")
            await expect(last_notice(page)).to_have_text(f"{address(server)}/#room=lobby{kept}")
            await says(page, "/quit")
            await expect(page.locator("#name")).to_be_visible()
            await page.goto("about:blank")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"max_connections": 0}, "The server is full."),
        (
            {"proxies": ("127.0.0.1",), "deny": ("127.0.0.0/8",)},
            "The server lets nobody in from your network address. Whoever runs it decides that.",
        ),
    ],
)
async def test_a_page_that_a_server_does_not_let_in_says_the_reason_that_it_gives(
    page: Page, options: dict[str, object], why: str
) -> None:
    """Nobody is told to set what would change nothing."""
    port = free_port()
    async with web_server(port=port) as server:
        await page.goto(address(server))
        await expect(page.locator("#name")).to_be_visible()
    async with web_server(port=port, **options):
        await page.locator("#name").fill("alice")
        await page.locator("#name").press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text(why)


@pytest.mark.parametrize(
    ("status", "why"),
    [
        ("503 Service Unavailable", "The server cannot be reached."),
        (
            "403 Forbidden",
            "The server, or a proxy in front of it, turns this page away, and does not say why (HTTP 403).",
        ),
        (
            "429 Too Many Requests",
            "The server, or a proxy in front of it, turns this page away, and does not say why (HTTP 429).",
        ),
    ],
)
async def test_a_page_gives_no_reason_for_what_a_proxy_answers(page: Page, status: str, why: str) -> None:
    """With the statuses by which a chat server says that it is full, or lets nobody in, one says that it is gone."""

    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
        writer.close()

    port = free_port()
    async with web_server(port=port) as server:
        await page.goto(address(server))
        await expect(page.locator("#name")).to_be_visible()
    async with await asyncio.start_server(answers, "127.0.0.1", port):
        await page.locator("#name").fill("alice")
        async with page.expect_response(lambda response: response.status == int(status[:3])):
            await page.locator("#name").press("Enter")
        async with page.expect_response(lambda response: response.status == int(status[:3])):
            pass  # at the next try it is shown what came of this one
        await expect(page.get_by_role("alert")).to_contain_text(why)


@pytest.mark.parametrize(
    ("language", "why"),
    [
        (
            "en-GB",
            "The server answers, but no WebSocket to it opens: a proxy in front of it, or in your network, may not",
        ),
        ("fr-FR", "Le serveur répond, mais aucune WebSocket vers lui ne s’ouvre : un proxy devant lui, ou sur votre"),
    ],
)
async def test_behind_a_proxy_that_passes_on_no_upgrade_the_page_says_so(
    browser: Browser, language: str, why: str
) -> None:
    """Nothing was lost: the server is there, and whoever runs the proxy has to know what it lacks."""
    async with web_server() as server, Proxy(server, upgrades=False) as proxy:
        context = await browser.new_context(locale=language)
        page = await context.new_page()
        await page.goto(proxy.url)
        await page.locator("#name").fill("alice")
        await page.locator("#name").press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text(why)
        await context.close()


async def test_what_a_server_said_before_it_went_is_no_reason_why_there_is_no_connection(page: Page) -> None:
    """The page asks before that is needed; by the time that it connects, nobody may be there."""
    async with web_server() as server, Proxy(server) as proxy:
        async with page.expect_response("**/.well-known/chatcore**"):
            await page.goto(proxy.url)
        await expect(page.locator("#name")).to_be_visible()
    await page.evaluate(
        """() => {
            window.said = [];
            const alert = document.querySelector("[role=alert]");
            new MutationObserver(() => said.push(alert.textContent)).observe(alert, { childList: true });
        }"""
    )
    await page.locator("#name").fill("alice")
    await page.locator("#name").press("Enter")
    await expect(page.get_by_role("alert")).to_have_text("The server cannot be reached.")
    assert (await page.evaluate("said"))[0] == "The server cannot be reached."
