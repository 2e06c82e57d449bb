"""A real browser, and a web server with one page, for the tests of pages."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, async_playwright

from tests.patience import PATIENCE

# Chromium heeds the last list alone: those that Playwright turns off come again, as far as Linux has them.
_WITHOUT = (
    "AimEnabled,AvoidCorsURLLoaderRestartOnRedirect,AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,"
    "HttpsFirstBalancedModeAutoEnable,HttpsUpgrades,LensOverlay,MediaRouter,NetworkTimeServiceQuerying,"
    "OptimizationHints,PaintHolding,PreconnectToSearch,ThirdPartyStoragePartitioning,"
    # Each tab would start three more processes: two pages of what drops down from an address bar that nobody sees, and
    # one for the site that may be next. They take more time than the page.
    "WebUIOmniboxAimPopup,WebUIOmniboxPopup,SpareRendererForSitePerProcess"
)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-background-networking",
    f"--disable-features={_WITHOUT}",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP *.test 127.0.0.1",  # a host that is not this computer, to a browser
]


def chromium() -> str:
    """Return the path of a Chromium. Where CI runs these tests there has to be one."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if found is None:
        advice = "no Chromium: install one (Debian: sudo apt-get install chromium), or set CHROMIUM=/path/to/one"
        if os.environ.get("CI"):
            pytest.fail(advice)
        pytest.skip(advice)
    return found


@asynccontextmanager
async def started(*flags: str, without: Sequence[str] = ()) -> AsyncIterator[Browser]:
    """Start Chromium: it takes a second or two. `flags` are some more of its own; `without` some of Playwright's."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium(),
            args=[*FLAGS, *flags],
            ignore_default_args=list(without) or None,
            timeout=PATIENCE * 1000,
        )
        yield browser
        await browser.close()


@asynccontextmanager
async def served(page: bytes) -> AsyncIterator[str]:
    """Serve a page over plain HTTP, as `python -m http.server` does; gives its origin."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(page)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + page)
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
