"""Private conversations in the page: what is said there is for one person, whatever names are taken meanwhile."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from chatcore import connect
from tests.integration.web.house import address, has_texts, joins, last_notice, says, sees, web_server

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def writes_to(page: Page, name: str) -> None:
    """Choose somebody at the right."""
    await page.locator(".member", has_text=name).click()
    await expect(page.locator("h1")).to_have_text(name)


async def test_what_is_typed_in_a_private_conversation_changes_nothing_in_the_room(page: Page) -> None:
    """Commands about messages are refused there: they would publish what is private. The line stays, to be repaired."""
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        await bob.send("good morning")
        await sees(page, "good morning")
        await says(page, "said to all")
        await sees(page, "said to all")
        await writes_to(page, "bob")
        await says(page, "my pin is 1234")
        await sees(page, "my pin is 1234")
        for line in ("/edit my pin is 4321", "/delete", "/reply bob not for all", "/react \u2764\ufe0f bob"):
            await says(page, line)
            await expect(last_notice(page)).to_contain_text("choose the room first")
            await expect(page.get_by_role("textbox").last).to_have_value(line)
        await says(page, "/msg bob and that is all")
        await sees(page, "and that is all")
        said = await bob.history("lobby")
        assert [(one.text, one.edited, one.deleted) for one in said] == [
            ("good morning", False, False),
            ("said to all", False, False),
        ]
        await page.locator(".place", has_text="lobby").click()
        await expect(page.locator("h1")).to_have_text("# lobby")
        await says(page, "/edit said to everybody")
        await has_texts(page, ["good morning", "said to everybody"])


async def test_whoever_was_put_out_of_a_room_that_is_still_shown_changes_nothing_elsewhere(page: Page) -> None:
    """What is typed below a room is about that room: the last message of the lobby is not meant."""
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await bob.create("club")
        await joins(page, address(server), "alice")
        await says(page, "said in the lobby")
        await sees(page, "said in the lobby")
        await says(page, "/join club")
        await says(page, "said in the club")
        await sees(page, "said in the club")
        await bob.kick("alice")
        await expect(last_notice(page)).to_contain_text("bob put alice out of club")
        await says(page, "/edit said in neither")
        await expect(last_notice(page)).to_have_text("You are in lobby, not in club.")
        assert [one.text for one in await bob.history("club")] == ["said in the club"]
        assert [one.text for one in await bob.history("lobby")] == ["said in the lobby"]


async def test_what_nobody_has_read_is_unread_still_when_the_page_is_loaded_anew(page: Page) -> None:
    """With its number, and the line before it; what was read, and what one writes oneself, is not."""
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        await bob.send_direct(["alice"], "did you sleep well?")
        await writes_to(page, "bob")
        await sees(page, "did you sleep well?")
        await says(page, "yes, and you?")
        await sees(page, "yes, and you?")
        await page.locator(".place", has_text="lobby").click()
        await expect(page.locator("h1")).to_have_text("# lobby")
        for text in ("call me", "it is urgent"):
            await bob.send_direct(["alice"], text)
        badge = page.locator(".place", has_text="bob").locator(".badge")
        for _time in range(2):
            await expect(badge).to_have_text("2")
            await expect(page).to_have_title("(2) #lobby – chatcore")
            await page.reload()
        await page.locator(".place", has_text="bob").click()
        await expect(page.locator(".row", has=page.locator(".unread-line"))).to_contain_text("call me")
        await expect(badge).to_have_count(0)
        await page.reload()
        await expect(page.locator(".place", has_text="bob")).to_be_visible()
        await expect(page).to_have_title("#lobby – chatcore")
        await expect(badge).to_have_count(0)
