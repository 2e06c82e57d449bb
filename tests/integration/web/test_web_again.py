"""A page that the browser has put away and shows again, or that it loads before anybody wants to see it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, expect

from tests.integration.chromium import started
from tests.integration.web.house import address, joins, web_server

pytestmark = pytest.mark.asyncio(loop_scope="package")

SESSIONS = "Object.entries(localStorage).filter(([key]) => key.includes('session/')).map(([, kept]) => kept)"

LOADED_AHEAD = """
Object.defineProperty(document, "prerendering", { value: true, configurable: true });
delete window.BroadcastChannel; // it is silent until the page is opened
"""


@pytest_asyncio.fixture(loop_scope="package", scope="module")
async def keeping() -> AsyncIterator[BrowserContext]:
    """Start a browser that puts pages away and shows them again by Back, as those of people do."""
    async with started(without=["--disable-back-forward-cache"]) as browser:
        yield await browser.new_context(locale="en-GB")


async def begins(page: Page, line: str) -> None:
    """Begin a line, which the page keeps."""
    await page.get_by_role("textbox").last.fill(line)
    await page.wait_for_function(f"(line) => ({SESSIONS}).some((kept) => kept.includes(line))", arg=line)


async def leaves(page: Page) -> None:
    """Leave the chat, and lose what was begun."""
    await page.get_by_role("button", name="Settings").first.click()
    await page.get_by_role("dialog").get_by_role("button", name="Leave the chat").click()
    dialog = page.get_by_role("dialog", name="Leave the chat")
    await dialog.get_by_role("button", name="Leave the chat").click()
    await expect(page.locator("#name")).to_be_visible()


async def goes_on(page: Page, line: str) -> None:
    """Wait until the page, which was loaded anew, is that of alice, with a line that was begun."""
    await expect(page.locator(".my-name")).to_have_text("alice")
    await expect(page.get_by_role("textbox").last).to_have_value(line)


async def is_put_away(page: Page, url: str = "about:blank") -> None:
    """Go to another page; this one notes it when it is shown again."""
    note = "({ persisted }) => persisted && (sessionStorage.again = performance.timeOrigin)"
    await page.evaluate(f"addEventListener('pageshow', {note})")
    await page.goto(url)


async def comes_back(page: Page, steps: int) -> None:
    """Go back to a page that was put away; wait until it has loaded itself anew."""
    await page.evaluate(f"setTimeout(() => history.go(-{steps}))")
    await page.wait_for_function("sessionStorage.again && Number(sessionStorage.again) !== performance.timeOrigin")


async def test_a_page_that_was_put_away_writes_nothing_over_what_came_later(keeping: BrowserContext) -> None:
    """It is shown again by Back, and is the page that was there last."""
    page = await keeping.new_page()
    async with web_server() as server:
        await joins(page, address(server), "alice")
        await begins(page, "the first letter")
        await is_put_away(page)
        await page.goto(address(server))
        await goes_on(page, "the first letter")
        await begins(page, "a second, long letter")
        await comes_back(page, 2)
        await goes_on(page, "a second, long letter")
    await page.close()


async def test_who_has_left_the_chat_is_not_there_again_by_the_button_back(keeping: BrowserContext) -> None:
    """Neither in that tab, nor in one that was away meanwhile; whoever sits there by then reads nothing of theirs."""
    page = await keeping.new_page()
    async with web_server() as server:
        await joins(page, address(server), "alice")
        await begins(page, "dear diary")
        await is_put_away(page)
        await page.goto(address(server))
        await goes_on(page, "dear diary")
        await leaves(page)
        await comes_back(page, 2)
        await expect(page.locator("#name")).to_be_visible()
        await joins(page, address(server), "alice")
        await begins(page, "dear diary")
        await is_put_away(page)
        other = await keeping.new_page()
        await other.goto(address(server))
        await goes_on(other, "dear diary")
        await leaves(other)
        await comes_back(page, 1)
        await expect(page.locator("#name")).to_be_visible()
        assert await page.evaluate(f"({SESSIONS}).length") == 0
    await page.close()
    await other.close()


async def test_a_page_that_is_loaded_ahead_takes_nothing_from_the_one_that_is_open(
    page: Page, context: BrowserContext
) -> None:
    """Browsers load it for an address that is being typed; once it is opened, it is one like others."""
    ahead = await context.new_page()
    await ahead.add_init_script(LOADED_AHEAD)
    async with web_server() as server:
        await joins(page, address(server), "alice")
        await begins(page, "a long")
        holders = f"({SESSIONS}).map((kept) => JSON.parse(kept).holder)"
        before = await page.evaluate(holders)
        await ahead.goto(address(server))
        assert await page.evaluate(holders) == before
        await begins(page, "a long letter")
        await page.close()
        await ahead.evaluate("delete document.prerendering")
        await ahead.evaluate("document.dispatchEvent(new Event('prerenderingchange'))")
        await goes_on(ahead, "a long letter")
