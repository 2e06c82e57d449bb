"""How far somebody has read, in the page: it is theirs, on every program; and what has become of messages meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

import pytest
from playwright.async_api import Browser, Page, expect

from chatcore import Client, Limits, Listen, connect
from chatcore.commands import SendMessage
from chatcore.events import RoomUnread
from chatcore_passwords import Argon2
from tests.integration.web.house import (
    Proxy,
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

FREE = Limits(messages_per_second=0, requests_per_second=0)
PASSWORD = "correct-horse"


async def told(client: Client, is_so: Callable[[dict[str, RoomUnread]], bool]) -> None:
    """Wait until a client knows something of how far its user has read."""
    async with asyncio.timeout(PATIENCE):
        while not is_so(dict(client.unread)):
            await client.list_rooms()  # so that time passes, and answers come


async def test_what_is_read_in_the_page_is_read_in_every_program_and_the_other_way_round(page: Page) -> None:
    """Of somebody whose name is their own: the server keeps it, not the browser."""
    async with (
        ChatServer(listen=[Listen(options=web_options())], passwords=Argon2(), limits=FREE) as server,
        connect(server.urls[0], username="bob") as bob,
        connect(server.urls[0], username="carol") as carol,
    ):
        await bob.create("kitchen")
        await joins(page, address(server), "alice")
        await says(page, f"/register {PASSWORD}")
        await expect(last_notice(page)).to_contain_text("Your name is yours now")
        await server.until_even()
        await says(page, "/join kitchen")
        await is_in(page, "kitchen")
        await says(page, "/join lobby")
        await carol.send("one")
        await sees(page, "one")
        async with connect(server.urls[0], username="alice2", account="alice", account_password=PASSWORD) as terminal:
            await told(terminal, lambda rooms: rooms["lobby"].read == 1)
            assert terminal.unread["lobby"].unread == 0
            await bob.send("alice: dinner")
            await bob.send("is ready")
            await expect(page.locator(".place", has_text="kitchen").locator(".badge")).to_have_text(["1", "@ 1"])
            await expect(page).to_have_title("(1) #lobby – chatcore")
            await terminal.join("kitchen")
            terminal.mark_read(2)
            await expect(page.locator(".place", has_text="kitchen").locator(".badge")).to_have_count(0)
            await expect(page).to_have_title("#lobby – chatcore")


async def test_a_room_opens_at_the_first_message_that_was_not_read(page: Page) -> None:
    """Also after the page was loaded anew; what is read is what was scrolled to the end."""
    async with web_server(limits=FREE) as server, connect(server.urls[0], username="bob") as bob:
        await bob.create("kitchen")
        await bob.send("before")
        await joins(page, address(server), "alice")
        await says(page, "/join kitchen")
        await sees(page, "before")
        await says(page, "/join lobby")
        await is_in(page, "lobby")
        for number in range(150):
            bob.post(SendMessage(f"unread {number}"))
        await bob.flush()
        await expect(page.locator(".place", has_text="kitchen").locator(".badge")).to_have_text("150")
        await page.reload()
        await expect(page.locator(".place", has_text="kitchen").locator(".badge")).to_have_text("150")
        await page.locator(".place", has_text="kitchen").click()
        await expect(page.locator(".row", has=page.locator(".unread-line"))).to_contain_text("unread 0")
        await expect(page.locator(".row", has=page.locator(".unread-line"))).to_be_in_viewport()
        await expect(page.locator(".to-end")).to_have_text("150 new messages")
        await page.reload()
        await expect(page.locator(".row", has=page.locator(".unread-line"))).to_be_in_viewport()
        await page.locator(".to-end").click()
        await sees(page, "unread 149")
        await expect(page.locator(".badge")).to_have_count(0)
        await page.reload()
        await sees(page, "unread 149")
        await expect(page.locator(".unread-line")).to_have_count(0)


async def test_the_line_before_new_messages_stands_before_the_first_of_them_alone(page: Page) -> None:
    """Where others have been read since, and where one has said something oneself, before that has arrived, too."""
    async with (
        web_server(limits=FREE) as server,
        Proxy(server) as proxy,
        connect(server.urls[0], username="bob") as bob,
    ):
        await joins(page, proxy.url, "alice")
        for number in range(60):
            bob.post(SendMessage(f"message {number}"))
        await bob.flush()
        await sees(page, "message 59")
        line = page.locator(".row", has=page.locator(".unread-line"))
        for text in ("the first", "the second"):
            await page.locator(".scroller").evaluate("(scroller) => { scroller.scrollTop -= 100; }")
            await expect(page.locator(".to-end")).to_be_visible()
            await bob.send(text)
            await expect(page.locator(".to-end")).to_have_text("1 new message")
            await sees(page, text)
            await expect(line).to_have_count(1)
            await expect(line).to_contain_text(text)
            await page.locator(".to-end").press("Enter")
            await expect(page.locator(".to-end")).to_be_hidden()
            await expect(page.locator(".scroller")).to_be_focused()
        proxy.go_silent()
        await says(page, "so it is")
        await expect(page.locator(".message.pending")).to_contain_text("so it is")
        await expect(line).to_have_count(0)


async def test_what_became_of_messages_while_somebody_was_in_another_room_is_seen_on_coming_back(page: Page) -> None:
    """However far up they stand: what was deleted is not shown any more."""
    async with web_server(limits=FREE) as server, connect(server.urls[0], username="bob") as bob:
        said = [await bob.send(text) for text in ("a slip", "teh")]
        await joins(page, address(server), "alice")
        await sees(page, "teh")
        await says(page, "/create elsewhere")
        await is_in(page, "elsewhere")
        await bob.delete_message(said[0].seq)
        await bob.edit_message(said[1].seq, "the")
        await says(page, "/join lobby")
        await expect(page.locator(".fate")).to_have_text(["(deleted)", "(edited)"])
        await has_texts(page, ["the"])


async def test_what_became_of_messages_while_the_page_was_away_is_told_it(page: Page) -> None:
    """They are deleted, edited, reacted to: it shows them as they are now, and each emoji once."""
    async with (
        web_server(limits=FREE) as server,
        Proxy(server) as proxy,
        connect(server.urls[0], username="bob") as bob,
    ):
        await joins(page, proxy.url, "alice")
        said = [await bob.send(text) for text in ("a slip", "teh", "shall we?")]
        await sees(page, "shall we?")
        await bob.react(said[2].seq, "\U0001f44d")
        await expect(page.locator(".reaction")).to_have_text("\U0001f44d 1")
        await proxy.cut_one()
        proxy.go_silent()
        await bob.delete_message(said[0].seq)
        await bob.edit_message(said[1].seq, "the")
        await bob.react(said[2].seq, "\u2764\ufe0f")
        await bob.unreact(said[2].seq, "\U0001f44d")
        await bob.send("meanwhile")
        proxy.come_back()
        await sees(page, "meanwhile")
        await expect(page.locator(".fate")).to_have_text(["(deleted)", "(edited)"])
        await has_texts(page, ["the", "shall we?", "meanwhile"])
        await expect(page.locator(".reaction")).to_have_text("\u2764\ufe0f 1")
        await page.locator(".reaction").click()
        await expect(page.locator(".reaction")).to_have_text("\u2764\ufe0f 2")
        await expect(page.locator(".reaction")).to_have_attribute("aria-pressed", "true")
        await expect(page.locator(".notice")).to_have_count(0)


async def test_what_one_says_or_asks_is_seen_however_far_up_one_reads(page: Page) -> None:
    """A message, what came of a command, a file: each shows the newest; to load older messages does not."""
    async with web_server(limits=FREE) as server, connect(server.urls[0], username="bob") as bob:
        for number in range(150):
            bob.post(SendMessage(f"message {number}"))
        await bob.flush()
        await joins(page, address(server), "alice")
        await sees(page, "message 149")
        scroller = page.locator(".scroller")
        for line, answer in (
            ("to all", "to all"),
            ("/who", "bob in lobby"),
            ("/nothing", "There is no command /nothing"),
        ):
            await scroller.evaluate("(scroller) => { scroller.scrollTop = 400; }")
            await expect(page.locator(".to-end")).to_be_visible()
            await says(page, line)
            await expect(page.locator(".row", has_text=answer)).to_be_in_viewport()
        await scroller.evaluate("(scroller) => { scroller.scrollTop = 400; }")
        await page.locator("input[type=file]").set_input_files({"name": "x.txt", "mimeType": "", "buffer": b"x"})
        await expect(page.locator(".file-card")).to_be_in_viewport()
        await scroller.evaluate("(scroller) => { scroller.scrollTop = 400; }")
        await says(page, "/history 10")
        await bob.send("the last")
        await expect(page.locator(".to-end")).to_have_text("1 new message")


async def test_what_was_not_seen_is_not_read_when_the_window_is_looked_at_again(page: Page) -> None:
    """Also after another language was chosen, and after leaving and coming back: no view but the present one looks."""
    async with web_server(limits=FREE) as server, connect(server.urls[0], username="bob") as bob:
        for number in range(60):
            bob.post(SendMessage(f"message {number}"))
        await bob.flush()
        await joins(page, address(server), "alice")
        await sees(page, "message 59")
        await says(page, "/quit")
        await page.get_by_role("textbox").first.press("Enter")
        await sees(page, "message 59")
        await page.get_by_role("button", name="Settings").click()
        await page.locator("#language").select_option("fr")
        await page.keyboard.press("Escape")
        await sees(page, "message 59")
        await page.locator(".scroller").evaluate("(scroller) => { scroller.scrollTop -= 400; }")
        await expect(page.locator(".to-end")).to_be_visible()
        for text, told in (
            ("one", "1 nouveau message"),
            ("two", "2 nouveaux messages"),
            ("three", "3 nouveaux messages"),
        ):
            await bob.send(text)
            await expect(page.locator(".to-end")).to_have_text(told)
            await page.evaluate("['blur', 'focus'].forEach((kind) => dispatchEvent(new Event(kind)))")
            await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        await expect(page).to_have_title("• #lobby – chatcore")


async def test_what_was_said_today_was_said_yesterday_after_midnight(page: Page) -> None:
    """Nothing else has to happen on a page that stays open."""
    await page.clock.install(time=datetime.now().astimezone().replace(hour=23, minute=59, second=0))
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        await bob.send("good night")
        await sees(page, "good night")
        await expect(page.locator(".day")).to_have_text("Today")
        await page.clock.fast_forward(90_000)
        await expect(page.locator(".day")).to_have_text("Yesterday")


@pytest.mark.parametrize(
    ("before", "after"),
    [("2027-03-28T12:00+02:00", "2027-03-29T00:30+02:00"), ("2027-10-30T12:00+02:00", "2027-10-31T23:30+01:00")],
    ids=["a day of 23 hours", "a day of 25 hours"],
)
async def test_yesterday_is_the_day_before_where_clocks_are_changed(browser: Browser, before: str, after: str) -> None:
    """By the calendar: 24 hours ago may have been another day."""
    context = await browser.new_context(locale="en-GB", timezone_id="Europe/Paris")
    page = await context.new_page()
    await page.clock.install(time=datetime.fromisoformat(before))
    async with web_server() as server:
        await joins(page, address(server), "alice")
        await says(page, "/nothing")
        await expect(page.locator(".day").last).to_have_text("Today")
        await page.clock.set_system_time(datetime.fromisoformat(after))
        await says(page, "/nothing more")
        await expect(page.locator(".day").last).to_have_text("Today")
        await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        await expect(page.locator(".day").nth(-2)).to_have_text("Yesterday")
    await context.close()
