"""Who is a bot, in the page."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from chatcore import connect
from tests.integration.web.house import address, joins, sees, web_server

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_a_bot_is_marked_beside_its_name(page: Page) -> None:
    """In what it says, and among those who are here, also under another name; nobody else is."""
    async with (
        web_server() as server,
        connect(server.urls[0], username="ben") as ben,
        connect(server.urls[0], username="robo", bot=True) as robo,
    ):
        await joins(page, address(server), "alice")
        here = page.locator(".member-list .member-name")
        await expect(here.filter(has_text="robo")).to_have_text("robo bot")
        await robo.send("it is noon")
        await ben.send("thank you")
        await sees(page, "thank you")
        await expect(page.locator("article", has_text="it is noon").locator("header .tag")).to_have_text("bot")
        await expect(page.locator("article", has_text="thank you").locator("header .tag")).to_have_count(0)
        await robo.rename("roby")
        await expect(here.filter(has_text="roby")).to_have_text("roby bot")
        await expect(here.filter(has_text="ben")).to_have_text("ben")
