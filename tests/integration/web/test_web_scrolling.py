"""Scrolling a conversation in the page: by keys, by the wheel, by a finger; away from its end, and there again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Page, expect

from chatcore import Client, Limits, connect
from chatcore.commands import SendMessage
from tests.integration.web.house import address, joins, sees, web_server
from tests.patience import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="package")

FREE = Limits(messages_per_second=0, requests_per_second=0)
REST = """() => {
    const { scrollTop, scrollHeight, clientHeight } = document.querySelector(".scroller");
    return scrollHeight - clientHeight - scrollTop;
}"""
"""Tells how many pixels a conversation is from its end."""


async def is_away(page: Page, least: float) -> None:
    """Wait until a conversation is so many pixels from its end: a browser scrolls as it likes."""
    async with asyncio.timeout(PATIENCE):
        while await page.evaluate(REST) < least:
            pass
    await expect(page.locator(".to-end")).to_be_visible()


async def is_at_end(page: Page) -> None:
    """Wait until a conversation is at its end."""
    async with asyncio.timeout(PATIENCE):
        while await page.evaluate(REST) > 1:
            pass
    await expect(page.locator(".to-end")).to_be_hidden()


@asynccontextmanager
async def at_the_end_of_many(page: Page) -> AsyncIterator[Client]:
    """Have somebody look at the end of a long conversation; gives the one who has said all of it."""
    async with web_server(limits=FREE) as server, connect(server.urls[0], username="bob") as bob:
        for number in range(150):
            bob.post(SendMessage(f"message {number}"))
        await bob.flush()
        await joins(page, address(server), "alice")
        await sees(page, "message 149")
        await is_at_end(page)
        yield bob


@pytest.mark.parametrize("key", ["PageUp", "Home"])
async def test_the_keys_lead_away_from_the_end_and_there_again(page: Page, key: str) -> None:
    """However slowly a browser begins to scroll for them; what is said in that moment calls back, but once."""
    async with at_the_end_of_many(page):
        scroller = page.locator(".scroller")
        async with asyncio.timeout(PATIENCE):
            while await page.evaluate(REST) < 400:
                await scroller.press(key)
        await is_away(page, 400)
        await page.locator(".to-end").press("Enter")
        await is_at_end(page)


async def test_a_wheel_that_turns_slowly_leads_away_from_the_end_and_there_again(page: Page) -> None:
    """By less at a time than is near the end; where it comes down again, new messages are followed."""
    async with at_the_end_of_many(page) as bob:
        await page.locator(".scroller").hover()
        for turn in range(1, 6):
            await page.mouse.wheel(0, -10)
            await is_away(page, 10 * turn - 1)
        await bob.send("meanwhile")
        await expect(page.locator(".to-end")).to_have_text("1 new message")
        async with asyncio.timeout(PATIENCE):
            while await page.locator(".to-end").is_visible():
                await page.mouse.wheel(0, 10)
        await bob.send("later")
        await sees(page, "later")
        await is_at_end(page)


async def test_a_finger_that_draws_slowly_leads_away_from_the_end(browser: Browser) -> None:
    """As everybody does on a phone, first of all."""
    phone = {"width": 400, "height": 700}
    async with await browser.new_context(locale="en-GB", viewport=phone, has_touch=True, is_mobile=True) as context:
        page = await context.new_page()
        async with at_the_end_of_many(page):
            devtools = await context.new_cdp_session(page)

            async def finger(kind: str, *heights: int) -> None:
                points = [{"x": 200, "y": height} for height in heights]
                await devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

            await finger("touchStart", 200)
            for height in range(204, 441, 4):
                await finger("touchMove", height)
                await page.evaluate("new Promise(requestAnimationFrame)")
            await is_away(page, 200)
            await finger("touchEnd")
            await is_away(page, 200)


async def test_a_line_that_grows_and_a_window_that_changes_leave_the_conversation_at_its_end(page: Page) -> None:
    """Nobody has scrolled."""
    async with at_the_end_of_many(page) as bob:
        line = page.locator("#message")
        for text in ("one\ntwo\nthree\nfour", "one\ntwo\nthree\nfour, and more", "one\ntwo", ""):
            await line.fill(text)
            await is_at_end(page)
        for width, height in ((1280, 500), (700, 500), (1280, 720)):
            await page.set_viewport_size({"width": width, "height": height})
            await is_at_end(page)
        await bob.send("later")
        await sees(page, "later")
        await is_at_end(page)
