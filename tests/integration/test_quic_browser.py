"""A real Chromium opens a WebTransport session and chats with users of other transports in the same room."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

import chatcore_ws
from chatcore.aio.client import Client, connect
from chatcore.aio.server import Listen
from chatcore.events import MessagePosted, PresenceChanged
from chatcore.limits import Limits
from chatcore.ports.transport import Accept, ConnectOptions, ListenOptions
from chatcore_net.origins import Origins
from chatcore_quic import QuicTransport
from chatcore_quic.server import QuicListener
from tests.integration.chromium import served, started
from tests.patience import PATIENCE
from tests.stores import ChatServer

PAGE = Path(__file__).with_name("quic_page.html")
pytestmark = pytest.mark.asyncio(loop_scope="module")


class Listening(QuicTransport):
    """Keeps the listener, so that the test can ask for its fingerprint."""

    listener: QuicListener

    async def listen(self, options: ListenOptions, accept: Accept) -> QuicListener:
        """Listen."""
        self.listener = await super().listen(options, accept)
        return self.listener


class House:
    """A chat server with two transports, and the origin of the page that may connect."""

    def __init__(self, server: ChatServer, listener: QuicListener) -> None:
        self.server = server
        self.listener = listener
        self.ws_url, self.quic_url = server.urls


@pytest_asyncio.fixture(loop_scope="module")
async def origin() -> AsyncIterator[str]:
    """Serve the page over plain HTTP, as a local web server would."""
    async with served(PAGE.read_bytes()) as origin:
        yield origin


@pytest_asyncio.fixture(loop_scope="module")
async def house(origin: str) -> AsyncIterator[House]:
    """Run the chat."""
    quic = Listening()
    places = [
        Listen(chatcore_ws.transport, "chat", ListenOptions(port=0)),
        Listen(quic, "chat", ListenOptions(port=0, origins=(origin,), handshake_timeout=PATIENCE)),
    ]
    async with ChatServer(listen=places, limits=Limits(grace=0, login_timeout=PATIENCE)) as server:
        yield House(server, quic.listener)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """Start Chromium, once for all these tests."""
    async with started() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, origin: str) -> AsyncIterator[Page]:
    """Open the page."""
    page = await browser.new_page()
    await page.goto(origin)
    yield page
    await page.close()


async def hears(client: Client, wanted: Callable[[Any], bool]) -> Any:
    """Wait until a client gets the event."""
    async with asyncio.timeout(PATIENCE):
        async for event in client:
            if wanted(event):
                return event
    raise AssertionError("the client ended")


async def test_browser_chats_with_websocket_and_quic_users(house: House, page: Page) -> None:
    """All three are in one room, hear each other, and the browser's leaving is seen at once."""
    pins = ConnectOptions(fingerprints=(house.listener.key_fingerprint,))
    async with (
        connect(house.ws_url, username="wendy", transport=chatcore_ws.transport) as wendy,
        connect(house.quic_url, username="quincy", transport=QuicTransport(), options=pins) as quincy,
        asyncio.timeout(PATIENCE),
    ):
        endpoint, fingerprint = house.listener.endpoint, house.listener.fingerprint
        await page.evaluate("([url, hash, name]) => join(url, hash, name)", [endpoint, fingerprint, "brooke"])
        await page.evaluate("until({type: 'welcome'})")
        for client in (wendy, quincy):
            await hears(client, lambda event: isinstance(event, PresenceChanged) and "brooke" in event.joined)

        await page.evaluate("say({type: 'send_message', text: 'hello from a page 😀'})")
        for client in (wendy, quincy):
            said = await hears(client, lambda event: isinstance(event, MessagePosted) and event.sender == "brooke")
            assert said.text == "hello from a page 😀"
        for client, text in ((wendy, "over TCP"), (quincy, "over UDP")):
            await client.send(text)
            heard = await page.evaluate("(text) => until({type: 'message', text})", text)
            assert heard["from"] == client.username

        await page.evaluate("transport.close()")
        await hears(wendy, lambda event: isinstance(event, PresenceChanged) and "brooke" in event.left)


async def test_browser_hears_everything_before_the_server_closes(house: House, page: Page) -> None:
    """The goodbye arrives, then the stream and the session end properly."""
    endpoint, fingerprint = house.listener.endpoint, house.listener.fingerprint
    async with asyncio.timeout(PATIENCE):
        await page.evaluate("([url, hash, name]) => join(url, hash, name)", [endpoint, fingerprint, "brooke"])
        await page.evaluate("until({type: 'welcome'})")
        stopping = asyncio.ensure_future(house.server.stop("that was it"))
        assert (await page.evaluate("until({type: 'bye'})"))["message"] == "that was it"
        await page.evaluate("until({type: 'end'})")
        ended = await page.evaluate("closed()")
        assert ended.get("closeCode") in (1000, 1001), ended
        await stopping


async def test_browser_is_refused_when_its_origin_is_not_allowed(house: House, page: Page) -> None:
    """A page from elsewhere gets no session."""
    house.listener.origins = Origins()
    endpoint, fingerprint = house.listener.endpoint, house.listener.fingerprint
    async with asyncio.timeout(PATIENCE):
        joining = "([url, hash]) => join(url, hash, 'brooke').then(() => 'in', (error) => String(error))"
        assert "WebTransportError" in await page.evaluate(joining, [endpoint, fingerprint])
    assert not house.server.chat.users
