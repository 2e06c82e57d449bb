"""One Chromium for the tests of this folder, so one event loop for them too; and a person's browser, with a tab."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.integration.chromium import started
from tests.patience import PATIENCE

expect.set_options(timeout=PATIENCE * 1000)  # its own five seconds are too few on a machine with much to do

WHERE_THE_KEYBOARD_IS = "document.hasFocus() + ' ' + document.activeElement?.outerHTML.slice(0, 200)"
_HAS_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell the fixtures of a test that it has failed."""
    report = yield
    if call.when == "call":
        item.stash[_HAS_FAILED] = report.failed
    return report


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
async def page(request: pytest.FixtureRequest, context: BrowserContext) -> AsyncIterator[Page]:
    """Open a tab; no script in it fails. What it shows when a test fails is told: nobody else has seen it in CI."""
    page = await context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    if request.node.stash.get(_HAS_FAILED, False) and not page.is_closed():
        print(f"The keyboard: {await page.evaluate(WHERE_THE_KEYBOARD_IS)}")
        print(f"The tab: {await page.locator('body').aria_snapshot()}")
    assert not problems
