"""One Chromium for the tests of this folder, so one event loop for them too; and a person's browser, with a tab."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.integration.chromium import started
from tests.patience import PATIENCE

expect.set_options(timeout=PATIENCE * 1000)  # its own five seconds are too few on a machine with much to do


@pytest_asyncio.fixture(loop_scope="package", scope="package")
async def browser() -> AsyncIterator[Browser]:
    """Start Chromium."""
    async with started() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="package")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """Return what one person's browser keeps: storage, and nothing of anybody else's."""
    context = await browser.new_context(locale="en-GB")
    yield context
    await context.close()


@pytest_asyncio.fixture(loop_scope="package")
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    """Open a tab; no script in it fails."""
    page = await context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    assert not problems
