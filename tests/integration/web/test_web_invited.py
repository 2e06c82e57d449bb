"""Links with an invitation, opened in a browser."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from chatcore import Listen, connect
from tests.integration.web.house import address, is_in, says, sees, web_options
from tests.stores import ChatServer

pytestmark = pytest.mark.asyncio(loop_scope="package")

TOKEN = "a token of operators"


async def follows(page: Page, link: str, name: str) -> None:
    """Open a link, and give one's name."""
    await page.goto(link)
    await page.get_by_role("textbox").first.fill(name)
    await page.keyboard.press("Enter")


async def test_an_invitation_lets_as_many_in_as_it_says_and_then_asks_for_the_password(
    page: Page, browser: Browser
) -> None:
    """Into its room; whoever it let in stays that person over a reload, and who comes too late is told what helps."""
    async with (
        ChatServer(listen=[Listen(options=web_options())], password="open sesame", operator_token=TOKEN) as server,
        connect(server.urls[0], username="host", operator_token=TOKEN) as host,
        await browser.new_context() as other,
    ):
        await host.become_operator(TOKEN)
        await host.create("class")
        made = await host.make_invitation(1, room="class")
        link = f"{address(server)}/#room=class&invite={made.token}"
        await follows(page, link, "alice")
        await is_in(page, "class")
        await says(page, "here I am")
        await page.reload()
        await sees(page, "here I am")
        assert (await host.list_invitations()) == ()

        late = await other.new_page()
        await follows(late, link, "bob")
        await expect(late.get_by_role("alert")).to_have_text(
            "This invitation is not good, or not any more; ask for another one."
        )
        assert made.token not in late.url
        await expect(late.get_by_label("Password of this server")).to_be_focused()
        await late.keyboard.type("open sesame")
        await late.keyboard.press("Enter")
        await sees(late, "here I am")
