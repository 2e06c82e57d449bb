"""Whoever goes to another room sees it at once; a line is said where it was begun, as a whole, or nowhere."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from chatcore import Client, connect
from tests.integration.web.house import (
    Proxy,
    address,
    has_texts,
    hears,
    hurries,
    is_in,
    joins,
    last_notice,
    says,
    sees,
    web_server,
)

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def texts(client: Client, room: str) -> list[str]:
    """Return what was said in a room."""
    return [entry.text for entry in await client.history(room)]


async def shows(page: Page, room: str, about: str) -> None:
    """Wait until a room is shown: in the head, in the list, and where one writes."""
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"# {room}")
    await expect(page.locator(".about").first).to_have_text(about)
    await expect(page.locator(".place[aria-current]")).to_contain_text(room)
    await expect(page.locator("#message")).to_have_attribute("placeholder", f"Message in # {room}")


@pytest.mark.parametrize("way", ["mouse", "keyboard", "command", "link", "search"])
async def test_a_line_begun_on_the_way_into_a_room_is_said_there_as_a_whole(page: Page, way: str) -> None:
    """However long the network takes; what was begun before stays in its own room."""
    async with (
        web_server() as server,
        Proxy(server) as proxy,
        connect(server.urls[0], username="bob") as bob,
    ):
        await bob.create("zroom")
        await bob.send("needle")
        await joins(page, proxy.url, "alice")
        if way == "search":
            await says(page, "/search needle")
            await expect(page.locator(".found-message")).to_be_visible()
        proxy.go_silent()
        if way == "command":
            await says(page, "/join zroom")
        elif way == "search":
            await page.locator(".found-message").click()
        else:
            await page.keyboard.type("not for them")
        if way == "mouse":
            await page.locator(".place", has_text="zroom").click()
        elif way == "keyboard":
            await page.keyboard.press("Alt+ArrowDown")
        elif way == "link":
            await page.evaluate("location.hash = '#room=zroom'")
        await shows(page, "zroom", "Joining …")
        await page.keyboard.type("please do not ")
        proxy.come_back()
        await shows(page, "zroom", "2 people here")
        await sees(page, "needle")
        await page.keyboard.type("delete everything")
        await page.keyboard.press("Enter")
        await hears(bob, "please do not delete everything")
        await page.locator(".place", has_text="lobby").click()
        await expect(page.locator("#message")).to_have_value("" if way in ("command", "search") else "not for them")
        assert await texts(bob, "lobby") == []


async def test_a_room_that_is_chosen_without_a_connection_is_shown_and_written_to(page: Page) -> None:
    """What is written meanwhile goes out there when the connection is back, once; so does another change of mind."""
    async with (
        web_server() as server,
        Proxy(server) as proxy,
        connect(server.urls[0], username="bob") as bob,
    ):
        await bob.create("zroom")
        await joins(page, proxy.url, "alice")
        proxy.go_silent()
        proxy.cut()
        await expect(page.locator(".over.offline")).to_be_visible()
        await page.locator(".place", has_text="zroom").click()
        await shows(page, "zroom", "Joining …")
        await says(page, "to zroom")
        await page.locator(".place", has_text="lobby").click()
        await says(page, "to the lobby")
        proxy.come_back()
        await shows(page, "lobby", "1 person here")
        await sees(page, "to the lobby")
        assert await texts(bob, "lobby") == ["to the lobby"]
        assert await texts(bob, "zroom") == ["to zroom"]


async def test_who_has_gone_elsewhere_meanwhile_is_not_taken_into_the_room(page: Page) -> None:
    """The answer comes late, and one writes to somebody by then: what is typed goes to that one alone."""
    async with (
        web_server() as server,
        Proxy(server) as proxy,
        connect(server.urls[0], username="bob") as bob,
        connect(server.urls[0], username="carol") as carol,
    ):
        await bob.create("zroom")
        await joins(page, proxy.url, "alice")
        proxy.go_silent()
        await page.locator(".place", has_text="zroom").click()
        await page.locator(".members").get_by_role("button", name="carol").click()
        await page.keyboard.type("between ")
        proxy.come_back()
        await expect(page.locator(".members .member-name")).to_have_text(["alice", "bob"])
        await page.keyboard.type("us")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", level=1)).to_have_text("carol")
        await sees(page, "between us")
        assert (await texts(bob, "zroom"), await texts(carol, "lobby")) == ([], [])
        await page.get_by_role("button", name="Close the conversation with carol").click()
        await shows(page, "zroom", "2 people here")


async def test_a_room_that_lets_nobody_in_keeps_what_was_begun_for_it(page: Page) -> None:
    """It is said nowhere else, and neither is a command for that room carried out in another. With nothing begun, the
    page is back where one is."""
    async with (
        web_server() as server,
        Proxy(server) as proxy,
        connect(server.urls[0], username="bob") as bob,
    ):
        await bob.create("closed")
        await bob.set_private()
        await joins(page, proxy.url, "alice")
        await says(page, "/create mine")
        await shows(page, "mine", "1 person here")
        await says(page, "/join closed")
        await expect(last_notice(page)).to_contain_text("closed")
        await shows(page, "mine", "1 person here")
        proxy.go_silent()
        await says(page, "/join closed")
        await says(page, "/topic ours alone")
        await page.locator("input[type=file]").set_input_files(
            {"name": "a.txt", "mimeType": "text/plain", "buffer": b"a"}
        )
        await expect(last_notice(page)).to_have_text("You are not in this room.")
        await page.keyboard.type("only for ")
        proxy.come_back()
        await expect(page.locator(".about").first).to_have_text("You are not in this room.")
        await page.keyboard.type("those inside")
        await page.keyboard.press("Enter")
        await expect(page.locator(".message.failed .text")).to_have_text("only for those inside")
        await expect(page.locator(".file-card")).to_have_count(0)
        await page.locator(".place", has_text="mine").click()
        await shows(page, "mine", "1 person here")
        await has_texts(page, [])


async def test_who_leaves_a_room_and_types_on_is_not_taken_away_from_the_line(page: Page) -> None:
    """Where that leads the server says: it is told, and the line is said nowhere else."""
    async with (
        web_server() as server,
        Proxy(server) as proxy,
        connect(server.urls[0], username="bob") as bob,
    ):
        await bob.create("zroom")
        await joins(page, f"{proxy.url}/#room=zroom", "alice")
        await shows(page, "zroom", "2 people here")
        proxy.go_silent()
        await says(page, "/leave")
        await page.keyboard.type("good ")
        proxy.come_back()
        await expect(last_notice(page)).to_have_text("You are in lobby now.")
        await page.keyboard.type("bye")
        await page.keyboard.press("Enter")
        await expect(page.locator(".message.failed .text")).to_have_text("good bye")
        assert (await texts(bob, "zroom"), await texts(bob, "lobby")) == ([], [])
        await says(page, "/join zroom")
        await says(page, "/leave")
        await shows(page, "lobby", "1 person here")


@pytest.mark.parametrize("command", ["/leave", "/close it is over"])
@pytest.mark.parametrize("where", ["room", "private conversation"])
async def test_what_stands_below_a_command_that_leaves_a_room_is_the_line_of_the_room_where_that_leads(
    page: Page, command: str, where: str
) -> None:
    """It is said there when the user says so, and nothing of it stays behind."""
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        await says(page, "/create mine")
        await shows(page, "mine", "1 person here")
        if where == "private conversation":
            await bob.send_direct(["alice"], "hello alice")
            await page.locator(".place", has_text="bob").click()
            await expect(page.locator("h1")).to_have_text("bob")
        await says(page, f"{command}\nbye all")
        await shows(page, "lobby", "2 people here")
        await expect(page.locator("#message")).to_have_value("bye all")
        await expect(page.locator(".place", has_text="mine")).to_have_count(0)
        await page.keyboard.press("Enter")
        await hears(bob, "bye all")
        assert await texts(bob, "lobby") == ["bye all"]


async def test_what_stands_below_a_command_that_is_refused_stays_where_it_was_typed(page: Page) -> None:
    """Also when the user goes elsewhere afterwards."""
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await bob.create("class")
        await joins(page, f"{address(server)}/#room=class", "alice")
        await shows(page, "class", "2 people here")
        await says(page, "/close it is over\nbye all")
        await expect(last_notice(page)).to_contain_text("owner")
        await page.locator(".place", has_text="lobby").click()
        await shows(page, "lobby", "1 person here")
        await expect(page.locator("#message")).to_have_value("")
        await page.locator(".place", has_text="class").click()
        await expect(page.locator("#message")).to_have_value("bye all")


async def test_a_program_that_writes_at_once_where_it_has_chosen_is_taken_at_its_word(page: Page) -> None:
    """Quicker than the page draws, as programs are that fill in fields: nothing of it becomes a draft elsewhere."""
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        await page.evaluate(
            """() => {
                document.querySelector(".members button.member").click();
                const line = document.querySelector("#message");
                line.value = "my pin is 1234";
                line.dispatchEvent(new InputEvent("input"));
            }"""
        )
        await expect(page.get_by_role("heading", level=1)).to_have_text("bob")
        await expect(page.locator("#message")).to_have_value("my pin is 1234")
        await page.locator(".place", has_text="lobby").click()
        await expect(page.locator("#message")).to_have_value("")
        assert await texts(bob, "lobby") == []


async def test_nothing_moves_behind_a_dialog_and_a_list_in_it_opens_by_keyboard(page: Page) -> None:
    """Alt with Up and Down is how a list is opened; the room behind would be left, and gone if nobody else is in it."""
    async with web_server() as server:
        await joins(page, address(server), "alice")
        await says(page, "/create mine")
        await shows(page, "mine", "1 person here")
        for button in ("Settings", "Search", "Create a room"):
            await page.get_by_role("button", name=button).click()
            for key in ("Alt+ArrowUp", "Alt+ArrowDown"):
                taken = (
                    "addEventListener('keydown', (event) => { window.taken = event.defaultPrevented; }, { once: true })"
                )
                await page.evaluate(taken)
                await page.keyboard.press(key)
                assert await page.evaluate("window.taken") is False
            await page.get_by_role("button", name="Close").first.click()
        await shows(page, "mine", "1 person here")
        await page.keyboard.press("Alt+ArrowUp")
        await shows(page, "lobby", "1 person here")


async def test_a_message_that_was_begun_is_there_in_another_language(page: Page) -> None:
    """So is the one that it answers."""
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        await bob.send("what for?")
        await page.locator(".message").hover()
        await page.get_by_role("button", name="Answer this message").click()
        await expect(page.locator("#message")).to_be_focused()
        await page.keyboard.type("half a mess")
        await page.get_by_role("button", name="Settings").click()
        await page.get_by_label("Language").select_option("fr")
        await page.keyboard.press("Escape")
        await expect(page.locator("dialog")).to_have_count(0)
        await expect(page.locator(".answered")).to_have_text("Vous répondez à bob : what for?")
        await expect(page.locator("#message")).to_have_value("half a mess")
        await page.locator("#message").press("End")
        await page.keyboard.type("age")
        await page.keyboard.press("Enter")
        await hears(bob, "half a message")


async def test_a_room_that_does_not_take_one_back_is_said_not_to_and_the_others_can_be_chosen(page: Page) -> None:
    """The server was started anew, and the room is somebody else's now. What was begun for it is said nowhere."""
    async with web_server() as server:
        port = int(server.urls[0].rpartition(":")[2])
        await joins(page, address(server), "alice")
        await says(page, "/create class")
        await shows(page, "class", "1 person here")
        await page.keyboard.type("only ")
    async with web_server(port=port) as server, connect(server.urls[0], username="bob") as bob:
        await bob.create("class")
        await bob.set_private()
        await hurries(page)
        await expect(page.locator(".about").first).to_have_text("You are not in this room.")
        await expect(page.locator(".notice", has_text="You are in lobby now.")).to_be_visible()
        await expect(last_notice(page)).to_contain_text("private")
        await page.keyboard.type("for us")
        await page.keyboard.press("Enter")
        await expect(page.locator(".message.failed .text")).to_have_text("only for us")
        await page.locator(".place", has_text="lobby").click()
        await shows(page, "lobby", "1 person here")
        await says(page, "here I am")
        await sees(page, "here I am")
        assert await texts(bob, "lobby") == ["here I am"]


async def test_the_room_that_was_chosen_last_is_the_one_that_stays_shown(page: Page) -> None:
    """However quickly one goes to and fro, whatever was begun on the way: the answers come late, and move nothing."""
    async with (
        web_server() as server,
        Proxy(server) as proxy,
        connect(server.urls[0], username="bob") as bob,
    ):
        await bob.create("zroom")
        await joins(page, f"{proxy.url}/#room=zroom", "alice")
        await shows(page, "zroom", "2 people here")
        proxy.go_silent()
        await page.locator(".place", has_text="lobby").click()
        await page.keyboard.type("begun in the lobby")
        await page.locator(".place", has_text="zroom").click()
        await page.evaluate(
            """() => {
                window.shown = [];
                const line = document.querySelector("#message");
                const note = () => window.shown.push(line.placeholder);
                new MutationObserver(note).observe(line, { attributeFilter: ["placeholder"] });
            }"""
        )
        proxy.come_back()
        await shows(page, "zroom", "2 people here")
        await says(page, "said where it was begun")
        await hears(bob, "said where it was begun")
        assert set(await page.evaluate("window.shown")) <= {"Message in # zroom"}
        await expect(page.locator(".notice", has_text="You are in")).to_have_count(0)
        await page.locator(".place", has_text="lobby").click()
        await expect(page.locator("#message")).to_have_value("begun in the lobby")


async def test_a_room_that_was_chosen_and_what_was_written_for_it_outlive_a_reload(page: Page) -> None:
    """The page asks anew to get there, between what was said before and behind; where it is not let in, it says so."""
    async with (
        web_server() as server,
        Proxy(server) as proxy,
        connect(server.urls[0], username="bob") as bob,
        connect(server.urls[0], username="carol") as carol,
    ):
        await bob.create("zroom")
        await carol.create("closed")
        await carol.set_private()
        await joins(page, proxy.url, "alice")
        await shows(page, "lobby", "1 person here")
        proxy.go_silent()
        await says(page, "to the lobby")
        await page.locator(".place", has_text="zroom").click()
        await says(page, "to zroom")
        await expect(page.locator(".message.pending .text")).to_have_text("to zroom")
        proxy.cut()
        proxy.come_back()
        await page.reload()
        await shows(page, "zroom", "2 people here")
        await hears(bob, "to zroom")
        assert (await texts(bob, "lobby"), await texts(bob, "zroom")) == (["to the lobby"], ["to zroom"])
        proxy.go_silent()
        await says(page, "/join closed")
        proxy.cut()
        proxy.come_back()
        await page.reload()
        await expect(page.locator(".notice", has_text="private")).to_be_visible()
        await shows(page, "zroom", "2 people here")


async def test_a_room_where_one_is_not_cannot_be_left(page: Page) -> None:
    """What is typed below it is about it: the room where one is stays."""
    async with (
        web_server() as server,
        Proxy(server) as proxy,
        connect(server.urls[0], username="bob") as bob,
    ):
        await bob.create("closed")
        await bob.set_private()
        await joins(page, proxy.url, "alice")
        await says(page, "/create mine")
        await shows(page, "mine", "1 person here")
        proxy.go_silent()
        await says(page, "/join closed")
        await page.keyboard.type("only for those inside")
        proxy.come_back()
        await expect(page.locator(".about").first).to_have_text("You are not in this room.")
        await says(page, "/leave")
        await expect(last_notice(page)).to_have_text("You are in mine, not in closed.")
        await page.locator(".place", has_text="mine").click()
        await shows(page, "mine", "1 person here")


async def test_a_link_that_was_followed_before_leads_there_again(page: Page) -> None:
    """The address names the room where one is, so that a browser takes the link for another one."""
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await bob.create("class")
        await joins(page, f"{address(server)}/#room=lobby", "alice")
        for _ in range(2):
            await page.evaluate("location.hash = '#room=class'")
            await is_in(page, "class")
            await says(page, "/join lobby")
            await is_in(page, "lobby")
            await expect(page).to_have_url(f"{address(server)}/#room=lobby")
