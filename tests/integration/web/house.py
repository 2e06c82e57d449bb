"""A server with its page, and people who use it in a browser, for the tests of the page."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Self

import pytest
from playwright.async_api import Locator, Page, expect

import chatcore
from chatcore import Client, Limits, Listen, MessagePosted
from chatcore.ports.transport import ListenOptions
from chatcore_cli.saying.texts import languages
from chatcore_web import web_files
from tests.patience import PATIENCE
from tests.stores import ChatServer, fresh_store

PAGE = Path(__file__).parents[3] / "src" / "gui" / "chatcore_web" / "page"


def node() -> str:
    """Return the path of node. Where CI runs these tests there has to be one."""
    found = shutil.which("node")
    if found is None:
        advice = "no node: install one (Debian: sudo apt-get install nodejs)"
        if os.environ.get("CI"):
            pytest.fail(advice)
        pytest.skip(advice)
    return found


def web_options(**options: object) -> ListenOptions:
    """Return the options of a place that has the page."""
    return ListenOptions(**{"port": 0, "web": web_files(languages()), **options})  # type: ignore[arg-type]


def web_server(*, store: str | None = None, limits: Limits | None = None, **options: object) -> ChatServer:
    """Return a server with its page, over WebSocket."""
    return ChatServer(listen=[Listen(options=web_options(**options))], store=store or fresh_store(), limits=limits)


def address(server: chatcore.ChatServer) -> str:
    """Return where a browser finds the page: a page elsewhere would know nothing of it."""
    url = server.own_url if isinstance(server, ChatServer) else server.urls[0]
    return url.replace("ws", "http", 1)


class Proxy:
    """A network between browser and server: it can be cut, and it can call the server by another name.

    Args:
        server: where it leads.
        host: what it calls the server; what the browser calls it, if it is empty.
        prefix: path below which a browser finds the server; it takes that away, as a reverse proxy does.
        port: where it listens; 0 picks a free one.
        upgrades: whether it passes on what makes a WebSocket of a request; nginx as it comes does not.

    Attributes:
        url: where a browser connects.
    """

    def __init__(
        self, server: chatcore.ChatServer, *, host: str = "", prefix: str = "", port: int = 0, upgrades: bool = True
    ) -> None:
        self._listens = port
        self._port = int(server.urls[0].rpartition(":")[2])
        self._host = host
        self._prefix = prefix
        self._upgrades = upgrades
        self._tasks: set[asyncio.Task[None]] = set()
        self._passes = asyncio.Event()
        self._passes.set()
        self.url = ""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self._listens)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}{self._prefix}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        ending = list(self._tasks)
        self.cut()
        await asyncio.gather(*ending, return_exceptions=True)
        await self._server.wait_closed()

    def go_silent(self) -> None:
        """Pass nothing on any more, and end nothing: a network that is gone says nothing."""
        self._passes.clear()

    def come_back(self) -> None:
        """Pass everything on, with what had to wait."""
        self._passes.set()

    def cut(self) -> int:
        """End every connection without a word; returns how many there were."""
        for task in list(self._tasks):
            task.cancel()
        return len(self._tasks)

    async def cut_one(self) -> int:
        """Wait until there is a connection, and end those that there are; returns how many."""
        while not self._tasks:
            await asyncio.sleep(0.005)
        return self.cut()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        out: asyncio.StreamWriter | None = None
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError, ExceptionGroup):
            back, out = await asyncio.open_connection("127.0.0.1", self._port)
            head = await reader.readuntil(b"\r\n\r\n")
            if self._host:
                head = re.sub(rb"\r\nHost: [^\r]*", f"\r\nHost: {self._host}".encode(), head)
            if not self._upgrades:
                head = re.sub(rb"\r\n(Upgrade|Connection): [^\r]*", b"", head).replace(
                    b"\r\n", b"\r\nConnection: close\r\n", 1
                )
            if self._prefix:
                method, path, rest = head.split(b" ", 2)
                assert path.startswith(self._prefix.encode()), path
                path = path.removeprefix(self._prefix.encode())
                if b"\r\nUpgrade:" not in rest:
                    rest = rest.replace(b"Connection: keep-alive", b"Connection: close")
                head = b" ".join((method, path, rest))
            out.write(head)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pass_on(reader, out))
                group.create_task(self._pass_on(back, writer))
        ending = [each for each in (writer, out) if each is not None]
        for each in ending:  # before anything is waited for: it may be cut while it ends
            each.transport.abort()
        for each in ending:
            with suppress(OSError):
                await each.wait_closed()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            await self._passes.wait()
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()


async def joins(page: Page, url: str, name: str) -> None:
    """Open the page and log in as a person does: the name is the first field, and Enter joins."""
    page.set_default_timeout(PATIENCE * 1000)
    await page.goto(url)
    field = page.get_by_role("textbox").first
    await field.fill(name)
    await field.press("Enter")
    await expect(page.locator(".my-name")).to_have_text(name, timeout=PATIENCE * 1000)


async def is_in(page: Page, room: str) -> None:
    """Wait until a page is in a room for the server too: it shows one already while it is on the way there."""
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"# {room}")
    await expect(page.locator(".about").first).to_have_text(re.compile(r"^\d+ "))


async def says(page: Page, text: str) -> None:
    """Type a line: the message line is the last field, and Enter sends."""
    line = page.get_by_role("textbox").last
    await line.fill(text)
    await line.press("Enter")


async def sees(page: Page, text: str) -> None:
    """Wait until a message stands in the conversation; one of the page's own, until the server has it."""
    said = page.locator(".message:not(.pending, .failed) .text", has_text=text)
    await expect(said.last).to_be_visible(timeout=PATIENCE * 1000)


def last_notice(page: Page) -> Locator:
    """Return what the page said last. Who came and went is gathered for a moment, and may stand behind it."""
    return page.locator(".notice").filter(has_not_text=re.compile(r" (joined|left)\.$")).last


async def hears(client: Client, text: str) -> str:
    """Wait until a client gets a message with this text; returns who has said it."""
    async with asyncio.timeout(PATIENCE):
        async for event in client:
            if isinstance(event, MessagePosted) and event.text == text:
                return event.sender
    raise AssertionError("the client ended")


async def hurries(page: Page) -> None:
    """Ask the page to connect now, as the button of the banner does; it may be about to by itself, and hide it, or be
    refused already, and offer something else by it.
    """
    await page.evaluate("document.querySelector('.banner:not(.over) button')?.click()")


async def loses_its_network(page: Page, proxy: Proxy) -> None:
    """Wait until the page knows that it has no connection; the next tries come to nothing."""
    proxy.go_silent()
    proxy.cut()
    await expect(page.locator(".banner")).to_be_visible()


async def has_texts(page: Page, wanted: list[str]) -> None:
    """Wait until these messages stand in the document, in this order, and no others."""
    found = list[str]()
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while found != wanted:  # the page draws when the browser says so
                found = await page.locator(".message .text").all_text_contents()
    assert found == wanted


async def everything(page: Page) -> list[str]:
    """Scroll from the beginning to the end, and return the messages as they stand there."""
    return await page.evaluate(
        """async () => {
            const scroller = document.querySelector(".scroller");
            const found = new Map();
            const frames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
            for (let top = 0; ; top += scroller.clientHeight) {
                scroller.scrollTop = top;
                await frames();
                for (const row of document.querySelectorAll(".row:has(.text)")) {
                    found.set(row.dataset.key, row.querySelector(".text").textContent);
                }
                if (scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 1) return [...found.values()];
            }
        }"""
    )
