"""What somebody has hold of in the page, by keyboard or by a selection, while others go on."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from chatcore import Client, Limits, connect
from chatcore.commands import SendMessage
from chatcore.events import FileOffered, FileReceived
from chatcore_files import DownloadFolder
from tests.integration.web.house import Proxy, address, joins, loses_its_network, sees, web_server
from tests.patience import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="package")

FREE = Limits(messages_per_second=0, requests_per_second=0)
MANY = 100  # messages: more than stand in the document at once
PIXEL = 1  # a browser scrolls by whole ones


async def says_many(client: Client, text: str = "message", count: int = MANY) -> None:
    """Say so many things; they are numbered."""
    for number in range(count):
        client.post(SendMessage(f"{text} {number}"))
    await client.flush()


async def selected(page: Page) -> str:
    """Return the text that is selected."""
    return await page.evaluate("getSelection().toString()")


def said(page: Page, text: str) -> Locator:
    """Return the message with this text."""
    return page.locator("article", has=page.get_by_text(text, exact=True))


async def top_of(message: Locator) -> float:
    """Return how far down in the window a message begins, in pixels."""
    box = await message.bounding_box()
    assert box is not None
    return box["y"]


async def test_who_goes_through_messages_by_keyboard_is_left_there_while_others_write(page: Page) -> None:
    """However many they write, and though the newest ones are shown: what is done then is done with that message."""
    async with web_server(limits=FREE) as server, connect(server.urls[0], username="bob") as bob:
        await says_many(bob)
        await joins(page, address(server), "alice")
        await sees(page, f"message {MANY - 1}")
        await page.get_by_role("log").focus()
        for key in ("ArrowUp", "ArrowUp", "ArrowRight"):
            await page.keyboard.press(key)
        button = said(page, f"message {MANY - 2}").get_by_role("button", name="React with \U0001f44d")
        await expect(button).to_be_focused()
        for number in range(5):
            await bob.send(f"meanwhile {number}")
            await sees(page, f"meanwhile {number}")
            await expect(button).to_be_focused()
        await says_many(bob, "and on")
        await sees(page, f"and on {MANY - 1}")
        await expect(button).to_be_focused()
        await expect(said(page, f"and on {MANY - 1}")).to_be_in_viewport()
        await page.keyboard.press("Enter")
        await expect(said(page, f"message {MANY - 2}").locator(".reaction")).to_have_text("\U0001f44d 1")
        await expect(button).to_be_focused()


async def test_the_arrows_lead_down_to_the_last_message(page: Page) -> None:
    """Each press to the next one, though those that were passed leave the document."""
    async with web_server(limits=FREE) as server, connect(server.urls[0], username="bob") as bob:
        await says_many(bob)
        await joins(page, address(server), "alice")
        await sees(page, f"message {MANY - 1}")
        await page.get_by_role("log").evaluate("(log) => { log.scrollTop = 0; }")
        await said(page, f"message {MANY * 6 // 10}").focus()
        for number in range(MANY * 6 // 10 + 1, MANY):
            await page.keyboard.press("ArrowDown")
            await expect(said(page, f"message {number}")).to_be_focused()


async def test_what_one_reads_stays_where_it_is_while_the_message_with_the_keyboard_changes_above(page: Page) -> None:
    """Though that is out of sight: what is put below it, what it becomes, and what is taken away from it."""
    async with web_server(limits=FREE) as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        sent = await bob.send("held")
        await says_many(bob)
        await sees(page, f"message {MANY - 1}")
        log = page.get_by_role("log")
        await log.evaluate("(log) => { log.scrollTop = 0; }")
        held = page.locator("article").first
        await expect(held).to_contain_text("held")
        await held.focus()
        await log.evaluate("(log) => { log.scrollTop = log.scrollHeight / 2; }")
        await expect(held).not_to_be_in_viewport()
        read = said(page, f"message {MANY // 2 + 5}")
        await expect(read).to_be_in_viewport()
        place = await top_of(read)
        await bob.react(sent.seq, "\U0001f44d")
        await expect(held.locator(".reaction")).to_have_text("\U0001f44d 1")
        assert await top_of(read) == pytest.approx(place, abs=PIXEL)
        await bob.edit_message(sent.seq, "held\n" * 30 + "at length")
        await expect(held).to_contain_text("at length")
        assert await top_of(read) == pytest.approx(place, abs=PIXEL)
        await bob.delete_message(sent.seq)
        await expect(held).to_contain_text("(deleted)")
        assert await top_of(read) == pytest.approx(place, abs=PIXEL)
        await expect(held).to_be_focused()


async def test_what_is_selected_stays_selected_while_others_write(page: Page) -> None:
    """Exactly that, so that what is copied is what was meant."""
    async with web_server(limits=FREE) as server, connect(server.urls[0], username="bob") as bob:
        await says_many(bob)
        await joins(page, address(server), "alice")
        await sees(page, f"message {MANY - 1}")
        await page.locator(".text").last.evaluate("(text) => getSelection().selectAllChildren(text)")
        for number in range(5):
            await bob.send(f"meanwhile {number}")
            await sees(page, f"meanwhile {number}")
            assert await selected(page) == f"message {MANY - 1}"


async def test_a_new_message_is_all_that_comes_into_the_document_by_it(page: Page) -> None:
    """Else a screen reader would read out anew all that is seen."""
    async with web_server(limits=FREE) as server, connect(server.urls[0], username="bob") as bob:
        await says_many(bob)
        await joins(page, address(server), "alice")
        await sees(page, f"message {MANY - 1}")
        await bob.send("before")
        await sees(page, "before")
        await page.evaluate(
            """() => {
                window.came = [];
                new MutationObserver((changes) => {
                    for (const { addedNodes } of changes) {
                        for (const row of addedNodes) window.came.push(row.dataset.key);
                    }
                }).observe(document.querySelector(".rows"), { childList: true });
            }"""
        )
        await bob.send("one more")
        await sees(page, "one more")
        assert await page.evaluate("window.came") == await page.locator(".row").last.evaluate(
            "(row) => [row.dataset.key]"
        )


async def test_the_keyboard_stays_at_a_message_that_changes(page: Page) -> None:
    """At what was pressed, as long as that is there; then at the message, whatever its author does with it."""
    async with web_server(limits=FREE) as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        sent = await bob.send("teh")
        await sees(page, "teh")
        await page.get_by_role("log").focus()
        await page.keyboard.press("ArrowUp")
        await page.keyboard.press("ArrowRight")
        await page.keyboard.press("Enter")
        below = page.locator(".reaction")
        await expect(below).to_have_text("\U0001f44d 1")
        await expect(page.get_by_role("button", name="React with \U0001f44d")).to_be_focused()
        await page.keyboard.press("ArrowLeft")
        await expect(below).to_be_focused()
        await bob.react(sent.seq, "\U0001f44d")
        await expect(below).to_have_text("\U0001f44d 2")
        await page.keyboard.press("Enter")
        await expect(below).to_have_text("\U0001f44d 1")
        await expect(below).to_have_attribute("aria-pressed", "false")
        await expect(below).to_be_focused()
        await bob.unreact(sent.seq, "\U0001f44d")
        await expect(below).to_have_count(0)
        await expect(said(page, "teh")).to_be_focused()
        await bob.edit_message(sent.seq, "the")
        await expect(said(page, "the")).to_be_focused()
        await page.keyboard.press("ArrowRight")
        await bob.delete_message(sent.seq)
        await expect(page.locator("article", has_text="(deleted)")).to_be_focused()
        await expect(page.get_by_role("button", name="React with \U0001f44d")).to_have_count(0)


async def test_what_is_selected_or_unfolded_stays_so_when_somebody_reacts_to_it(page: Page) -> None:
    """A long message is not folded again while it is read."""
    async with web_server(limits=FREE) as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        sent = await bob.send("word " * 2000 + "end")
        await sees(page, "word")
        await page.get_by_role("button", name="Show all of it").click()
        await sees(page, "end")
        await page.locator(".text").last.evaluate("(text) => getSelection().selectAllChildren(text)")
        everything = await selected(page)
        await bob.react(sent.seq, "\U0001f44d")
        await expect(page.locator(".reaction")).to_have_text("\U0001f44d 1")
        assert everything.endswith("end")
        assert await selected(page) == everything


async def test_the_keyboard_stays_at_a_member_while_others_come_and_go(page: Page) -> None:
    """Whose name is gone leaves it to the next one."""
    async with (
        web_server(limits=FREE) as server,
        connect(server.urls[0], username="bob") as bob,
        connect(server.urls[0], username="carol"),
    ):
        await joins(page, address(server), "alice")
        member = page.locator("button.member")
        await member.filter(has_text="bob").focus()
        async with connect(server.urls[0], username="aaron"), connect(server.urls[0], username="dave"):
            await expect(member).to_have_count(4)
            await expect(member.filter(has_text="bob")).to_be_focused()
            await bob.create("kitchen")
            await expect(member).to_have_count(3)
            await expect(member.filter(has_text="carol")).to_be_focused()
        await expect(member).to_have_count(1)
        await expect(member.filter(has_text="carol")).to_be_focused()


async def test_the_keyboard_stays_in_the_list_of_conversations_while_others_write(page: Page) -> None:
    """At the button by which one is closed, too; then at that of the next one."""
    async with (
        web_server(limits=FREE) as server,
        connect(server.urls[0], username="bob") as bob,
        connect(server.urls[0], username="carol") as carol,
    ):
        await joins(page, address(server), "alice")
        for name in ("carol", "bob"):
            await page.locator("button.member", has_text=name).click()
            await expect(page.get_by_role("heading", level=1)).to_have_text(name)
        close = page.get_by_role("button", name="Close the conversation with carol")
        await close.focus()
        await bob.send("to all")
        await expect(page.locator(".place", has_text="lobby").locator(".badge")).to_have_text("1")
        await expect(close).to_be_focused()
        await carol.send_direct("alice", text="psst")
        await expect(page.locator(".place", has_text="carol").locator(".badge")).to_have_text("1")
        await expect(close).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(close).to_have_count(0)
        await expect(page.get_by_role("button", name="Close the conversation with bob")).to_be_focused()


async def test_the_keyboard_stays_at_the_settings_while_the_connection_is_lost(page: Page) -> None:
    """And when it is back."""
    async with web_server() as server, Proxy(server) as proxy:
        await joins(page, proxy.url, "alice")
        settings = page.get_by_role("button", name="Settings")
        await settings.focus()
        await loses_its_network(page, proxy)
        await expect(page.locator(".over")).to_have_text("not connected")
        await expect(settings).to_be_focused()
        proxy.come_back()
        await expect(page.locator(".over")).to_have_text("WebSocket, not encrypted")
        await expect(settings).to_be_focused()


async def test_the_keyboard_stays_at_a_file_while_it_is_sent(page: Page, tmp_path: Path) -> None:
    """At its button, whatever its receivers do; then at the file."""
    async with (
        web_server(limits=FREE) as server,
        connect(server.urls[0], username="bob", files=DownloadFolder(tmp_path / "bob")) as bob,
        connect(server.urls[0], username="carol", files=DownloadFolder(tmp_path / "carol")),
    ):
        await joins(page, address(server), "alice")
        file = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"what is in it"}
        await page.locator("input[type=file]").set_input_files(file)
        await expect(page.locator(".file-state")).to_contain_text("offered to bob, carol")
        cancel = page.get_by_role("button", name="Cancel")
        await cancel.focus()
        async with asyncio.timeout(PATIENCE):
            async for event in bob:
                if isinstance(event, FileOffered):
                    await bob.accept_file(event.file)
                elif isinstance(event, FileReceived):
                    break
        await expect(cancel).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(cancel).to_have_count(0)
        await expect(page.locator("article", has_text="notes.txt")).to_be_focused()
