"""Private conversations in the page: what is said there is for one person, whatever names are taken meanwhile."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest
from playwright.async_api import Locator, Page, expect

from chatcore import Client, Listen, connect
from chatcore.events import DirectPosted
from chatcore_passwords import Argon2
from tests.integration.web.house import (
    address,
    has_texts,
    is_in,
    joins,
    last_notice,
    says,
    sees,
    web_options,
    web_server,
)
from tests.patience import PATIENCE
from tests.stores import ChatServer

pytestmark = pytest.mark.asyncio(loop_scope="package")

PASSWORD = "correct-horse"


async def writes_to(page: Page, name: str) -> None:
    """Choose somebody at the right."""
    await page.locator(".member", has_text=name).click()
    await expect(page.locator("h1")).to_have_text(name)


async def gets(client: Client) -> str:
    """Return the next private message that somebody gets."""
    async with asyncio.timeout(PATIENCE):
        async for event in client:
            if isinstance(event, DirectPosted) and event.cid is None:
                return event.text
    raise AssertionError("the client ended")


def people(page: Page) -> Locator:
    """Return with whom there are private conversations."""
    return page.get_by_label("Direct messages").locator(".place-name")


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
        await is_in(page, "lobby")
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
        await is_in(page, "lobby")
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


async def test_a_private_conversation_goes_with_whoever_takes_another_name(page: Page) -> None:
    """And not to whoever takes the old one; also once the page was loaded anew."""
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        await writes_to(page, "bob")
        await says(page, "my pin is 1234")
        assert await gets(bob) == "my pin is 1234"
        await bob.send_direct(["alice"], "I forget it at once")
        await sees(page, "I forget it at once")
        await bob.rename("robert")
        await expect(last_notice(page)).to_have_text("bob is now called robert.")
        await expect(page.locator("h1")).to_have_text("robert")
        async with connect(server.urls[0], username="bob") as stranger:
            await says(page, "and that is still between us")
            assert await gets(bob) == "and that is still between us"
            await expect(people(page)).to_have_text(["robert"])
            await page.reload()
            await expect(people(page)).to_have_text(["robert"])
            await page.locator(".place", has_text="robert").click()
            await expect(page.locator("h1")).to_have_text("robert")
            await has_texts(page, ["my pin is 1234", "I forget it at once", "and that is still between us"])
            await expect(page.locator(".tag", has_text="also to")).to_have_count(0)
            await stranger.send_direct(["alice"], "who is that?")
            await expect(people(page)).to_have_text(["bob", "robert"])


async def test_whoever_takes_the_name_of_somebody_else_is_not_written_to_by_mistake(page: Page) -> None:
    """The page says that it may be another one, and sends when the line is entered once more."""
    async with web_server() as server, connect(server.urls[0], username="carol") as carol:
        await joins(page, address(server), "alice")
        async with connect(server.urls[0], username="bob") as bob:
            await writes_to(page, "bob")
            await says(page, "my pin is 1234")
            assert await gets(bob) == "my pin is 1234"
        await carol.rename("bob")
        await expect(last_notice(page)).to_have_text("carol is now called bob.")
        for again in (False, True):
            if again:
                await page.reload()
                await page.locator(".place", has_text="bob").click()
                await expect(page.locator("h1")).to_have_text("bob")
                await sees(page, "my pin is 1234")
            await says(page, "and now 4321")
            await expect(last_notice(page)).to_contain_text("bob may be somebody else now")
            await expect(page.get_by_role("textbox").last).to_have_value("and now 4321")
        await page.get_by_role("textbox").last.fill("are you bob?")
        await page.get_by_role("textbox").last.press("Enter")
        assert await gets(carol) == "are you bob?"
        await says(page, "so you are not")
        assert await gets(carol) == "so you are not"


async def test_what_was_said_to_two_and_begun_to_each_stands_there_once_when_one_has_the_name_of_the_other(
    page: Page,
) -> None:
    """Both drafts in one line; and what was refused is discarded at once."""
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        async with connect(server.urls[0], username="carol") as carol:
            await writes_to(page, "carol")
            await says(page, "/msg bob,carol hello both")
            assert (await gets(bob), await gets(carol)) == ("hello both", "hello both")
        await expect(page.get_by_role("heading", name="Here (2)")).to_be_visible()
        await says(page, "/msg bob,carol are you there?")
        await expect(page.locator(".failed-line")).to_be_visible()
        line = page.get_by_role("textbox").last
        await line.fill("a long letter")
        await writes_to(page, "bob")
        await line.fill("for bob")
        await bob.rename("carol")
        await expect(people(page)).to_have_text(["carol"])
        await expect(line).to_have_value("a long letter\nfor bob")
        await has_texts(page, ["hello both", "are you there?"])
        await page.get_by_role("button", name="Discard").click()
        await has_texts(page, ["hello both"])


async def test_whoever_comes_under_a_name_that_nobody_had_any_more_is_not_written_to_by_mistake(page: Page) -> None:
    """As when the page was elsewhere when its person took another name: it heard only that nobody is called so."""
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        await writes_to(page, "bob")
        await says(page, "my pin is 1234")
        assert await gets(bob) == "my pin is 1234"
        await bob.create("elsewhere")
        await bob.rename("robert")
        await says(page, "and now 4321")
        await expect(page.locator(".failed-line")).to_contain_text("There is no user called bob.")
        async with connect(server.urls[0], username="bob") as stranger:
            again = page.get_by_role("button", name="Try again")
            await again.click()
            await expect(last_notice(page)).to_contain_text("bob may be somebody else now")
            await again.click()
            assert await gets(stranger) == "and now 4321"


@pytest.mark.parametrize("came", ["before", "after"])
async def test_whoever_has_taken_a_name_unheard_is_not_written_to_by_mistake(page: Page, came: str) -> None:
    """In a room where the page was not: it asks who has the name now, and gives back what was meant for another one."""
    async with web_server() as server, connect(server.urls[0], username="bob") as bob, AsyncExitStack() as later:
        await joins(page, address(server), "alice")
        await writes_to(page, "bob")
        await says(page, "my pin is 1234")
        assert await gets(bob) == "my pin is 1234"
        if came == "before":
            stranger = await later.enter_async_context(connect(server.urls[0], username="carol"))
        await bob.create("elsewhere")
        await expect(page.locator(".member-name", has_text="bob")).to_have_count(0)
        await says(page, "where are you?")
        assert await gets(bob) == "where are you?"
        await bob.rename("robert")
        if came == "before":
            await stranger.join("elsewhere")
            await stranger.rename("bob")
        else:
            stranger = await later.enter_async_context(connect(server.urls[0], username="bob"))
            await page.reload()
            await page.locator(".place", has_text="bob").click()
            await expect(page.locator("h1")).to_have_text("bob")
            await sees(page, "where are you?")
        await says(page, "and now 4321")
        await expect(last_notice(page)).to_contain_text("bob may be somebody else now")
        await expect(page.get_by_role("textbox").last).to_have_value("and now 4321")
        await expect(page.locator(".message.pending")).to_have_count(0)
        await says(page, "are you bob?")
        assert await gets(stranger) == "are you bob?"
        await says(page, "so you are not")
        assert await gets(stranger) == "so you are not"


async def test_a_file_is_not_offered_to_whoever_has_taken_a_name_unheard(page: Page) -> None:
    """The page says that it may be somebody else; dropped once more, it is for that one."""
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        await writes_to(page, "bob")
        await says(page, "I have something for you")
        assert await gets(bob) == "I have something for you"
        await bob.create("elsewhere")
        await expect(page.locator(".member")).to_have_count(1)
        await bob.rename("robert")
        async with connect(server.urls[0], username="bob"):
            picker = page.locator("input[type=file]")
            file = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"x"}
            await picker.set_input_files(file)
            await expect(last_notice(page)).to_contain_text("bob may be somebody else now")
            await expect(page.locator(".file-card")).to_have_count(0)
            await picker.set_input_files({**file, "name": "more.txt"})
            await expect(page.locator(".file-card")).to_contain_text("more.txt")


async def test_whoever_has_a_name_of_their_own_is_the_same_however_often_they_come(page: Page) -> None:
    """What is written goes to them without a question; a guest who comes again may be another one."""
    server = ChatServer(listen=[Listen(options=web_options())], passwords=Argon2())
    async with server:
        for password in (None, PASSWORD):
            async with connect(server.urls[0], username="bob", account_password=password) as bob:
                if password is None:
                    await bob.register(PASSWORD)
                    await server.until_even()
                    await joins(page, address(server), "alice")
                    await writes_to(page, "bob")
                for line in ("one", "two"):
                    await says(page, line)
                    assert await gets(bob) == line
        await expect(page.locator(".notice", has_text="somebody else")).to_have_count(0)


async def test_what_one_said_under_another_name_stays_ones_own(page: Page) -> None:
    """In the room and in private; also once the page was loaded anew, and somebody else has the old name."""
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        await says(page, "said to all")
        await sees(page, "said to all")
        await says(page, "/msg bob my pin is 1234")
        assert await gets(bob) == "my pin is 1234"
        await bob.send_direct(["alice"], "alice: I forget it at once")
        await says(page, "/nick alison")
        await expect(page.locator(".my-name")).to_have_text("alison")
        async with connect(server.urls[0], username="alice") as stranger:
            await stranger.send("said by another one")
            await sees(page, "said by another one")
            await page.reload()
            await sees(page, "said by another one")
            await expect(page.locator(".message.own .text")).to_have_text(["said to all"])
            await says(page, "/edit said to everybody")
            await has_texts(page, ["said to everybody", "said by another one"])
            await expect(people(page)).to_have_text(["bob"])
            await page.locator(".place", has_text="bob").click()
            await has_texts(page, ["my pin is 1234", "alice: I forget it at once"])
            await expect(page.locator(".message.own .text")).to_have_text(["my pin is 1234"])
            await expect(page.locator(".tag", has_text="also to")).to_have_count(0)
            await stranger.send_direct(["alison"], "I am somebody else")
            await expect(people(page)).to_have_text(["alice", "bob"])
