"""The web page of the examples, in a real Chromium, against a real server and a network that breaks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from chatcore import Client, Limits, Listen, MessagePosted, connect
from chatcore.ports.transport import ListenOptions
from tests.integration.chromium import served, started
from tests.patience import PATIENCE
from tests.stores import ChatServer

PAGE = Path(__file__).parents[2] / "examples" / "web_client.html"
HOSTILE = "<img src=x onerror='document.title=1'>\u202e<b>bold</b> \N{GRINNING FACE}"

SHOWN = HOSTILE.replace("\u202e", r"\u202e")

# One Chromium for all of them, so one event loop.
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    """Start Chromium."""
    async with started() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def origin() -> AsyncIterator[str]:
    """Serve the page over plain HTTP, as `python -m http.server` does."""
    async with served(PAGE.read_bytes()) as origin:
        yield origin


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, origin: str) -> AsyncIterator[Page]:
    """Open the page."""
    page = await browser.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    await page.goto(origin)
    yield page
    await page.close()


def serving(page: Page, **limits: float) -> ChatServer:
    """Return a server that the page may connect to."""
    place = ListenOptions(port=0, origins=(page.url.rstrip("/"),))
    return ChatServer(listen=[Listen(options=place)], limits=Limits.model_validate(limits))


async def joins(page: Page, url: str, name: str) -> None:
    """Fill in the form as a person does."""
    await page.fill("#url", url)
    await page.fill("#name", name)
    await page.click("#login button")
    await expect(page.locator("#people")).to_contain_text(name)


async def says(page: Page, text: str) -> None:
    """Type a line."""
    await page.fill("#text", text)
    await page.press("#text", "Enter")


async def said(page: Page) -> list[str]:
    """Return the messages that stand on the page."""
    return [text or "" for text in await page.locator("#log li:not(.note):not(.pending)").all_text_contents()]


async def hears(client: Client, sender: str) -> str:
    """Wait until a client gets a message of `sender`."""
    async for event in client:
        if isinstance(event, MessagePosted) and event.sender == sender:
            return event.text
    raise AssertionError("the client ended")


async def test_a_page_logs_in_joins_talks_and_resumes(page: Page) -> None:
    """What was said while it was away is there once and in order, and what it said meanwhile is said once."""
    async with asyncio.timeout(PATIENCE), serving(page) as server:
        url = server.urls[0]
        async with connect(url, username="wendy") as wendy:
            await wendy.create("Python")
            await joins(page, url, "brooke")
            await says(page, "/join python")
            await expect(page.locator("#room")).to_have_text("Python")
            await says(page, HOSTILE)
            assert await hears(wendy, "brooke") == HOSTILE
            await wendy.send(HOSTILE)
            await expect(page.locator("#log")).to_contain_text(f"wendy: {SHOWN}")
            assert await page.locator("#log li *").count() == 0
            assert await page.title() == "chatcore in a web page"

            # The line is cut without a goodbye; both talk on; the page comes back by itself.
            lost = server.chat.users["brooke"]
            await page.evaluate("chat.socket.close()")
            while lost.connection is not None:
                await asyncio.sleep(0.01)
            for number in range(3):
                await wendy.send(f"missed {number}")
            await says(page, "said while away")
            assert await hears(wendy, "brooke") == "said while away"
            await expect(page.locator("#log .pending")).to_have_count(0)
            assert await said(page) == [
                f"brooke: {SHOWN}",
                f"wendy: {SHOWN}",
                *(f"wendy: missed {number}" for number in range(3)),
                "brooke: said while away",
            ]
            assert server.chat.users["brooke"] is lost, "it is the same session"


async def test_a_page_that_is_refused_for_its_origin_says_what_to_allow(page: Page, origin: str) -> None:
    """A browser does not tell it; what the server says of itself does. It is said once."""
    async with asyncio.timeout(PATIENCE), ChatServer(listen=[Listen(options=ListenOptions(port=0))]) as server:
        await page.fill("#url", server.urls[0])
        await page.fill("#name", "brooke")
        await page.click("#login button")
        note = f"* this server does not let pages of {origin} connect; whoever runs it can: "
        note += f"chatcore serve --origin {origin}"
        await expect(page.get_by_text(note, exact=True)).to_have_count(1)
        await expect(page.get_by_text("no connection; trying again")).to_have_count(2)
        await expect(page.get_by_text(note, exact=True)).to_have_count(1)
        assert not server.chat.users


async def test_a_command_that_the_page_does_not_know_is_not_published(page: Page) -> None:
    """What was meant for one is not read by all; two slashes say one."""
    async with asyncio.timeout(PATIENCE), serving(page) as server:
        url = server.urls[0]
        async with connect(url, username="wendy") as wendy:
            await joins(page, url, "brooke")
            await says(page, "/msg wendy secret")
            await expect(page.locator("#log .note").last).to_contain_text("no such command")
            await says(page, "//slash")
            assert await hears(wendy, "brooke") == "/slash"


async def test_a_page_goes_back_to_its_room_when_the_server_has_forgotten_it(page: Page) -> None:
    """After the grace period the session is a new one; room, numbers and messages go on."""
    async with asyncio.timeout(PATIENCE), serving(page, grace=0) as server:
        url = server.urls[0]
        async with connect(url, username="wendy") as wendy:
            await wendy.create("python")
            await joins(page, url, "brooke")
            await says(page, "/join python")
            await expect(page.locator("#room")).to_have_text("python")
            while "brooke" not in wendy.members:
                await anext(wendy)
            await page.evaluate("chat.socket.close()")
            while "brooke" in wendy.members:
                await anext(wendy)
            await wendy.send("missed")
            await says(page, "here again")
            assert await hears(wendy, "brooke") == "here again"
            await expect(page.locator("#log .pending")).to_have_count(0)
            assert await said(page) == ["wendy: missed", "brooke: here again"]


async def test_a_page_shows_why_a_login_is_refused(page: Page) -> None:
    """And does not try again by itself."""
    async with asyncio.timeout(PATIENCE), serving(page) as server, connect(server.urls[0], username="brooke"):
        await page.fill("#url", server.urls[0])
        await page.fill("#name", "brooke")
        await page.click("#login button")
        await expect(page.locator("#log .note")).to_contain_text("name_taken")
        assert await page.evaluate("chat.over")
