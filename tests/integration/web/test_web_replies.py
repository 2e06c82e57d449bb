"""Replies, reactions and search in the page."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from chatcore import Limits, connect
from chatcore.commands import SendMessage
from tests.integration.web.house import (
    Proxy,
    address,
    has_texts,
    hurries,
    joins,
    last_notice,
    loses_its_network,
    says,
    sees,
    web_server,
)
from tests.ports import free_port

pytestmark = pytest.mark.asyncio(loop_scope="package")

FREE = Limits(messages_per_second=0, requests_per_second=0)


async def test_a_message_is_answered_and_quoted(page: Page) -> None:
    """By the mouse; what it answers stands above it as text, follows what becomes of that, and leads there."""
    async with web_server(limits=FREE) as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        asked = await bob.send("shall we <b>begin</b>?")
        await sees(page, "shall we")
        await page.locator("article", has_text="shall we").hover()
        await page.get_by_role("button", name="Answer this message").click()
        await expect(page.locator(".answering")).to_contain_text("You answer bob: shall we <b>begin</b>?")
        await page.keyboard.press("Escape")
        await expect(page.locator(".answering")).to_be_hidden()
        await page.get_by_role("button", name="Answer this message").click()
        await says(page, "yes")
        await expect(page.locator(".answering")).to_be_hidden()
        await says(page, "and this answers nothing")
        await sees(page, "answers nothing")
        await expect(page.locator(".quote")).to_have_text(["bob shall we <b>begin</b>?"])
        answers = [entry.reply_to for entry in await bob.history("lobby")]
        assert answers == [None, asked.seq, None]
        await page.reload()
        await expect(page.locator(".quote")).to_have_text(["bob shall we <b>begin</b>?"])
        await bob.edit_message(asked.seq, "shall we end?")
        await expect(page.locator(".quote")).to_have_text(["bob shall we end?"])
        await bob.delete_message(asked.seq)
        await expect(page.locator(".quote")).to_have_text(["bob (deleted)"])


async def test_what_is_answered_is_shown_as_it_is_by_now(page: Page) -> None:
    """Also on a page that was loaded anew. The text of what was deleted is gone, and one is told what that means."""
    gone = "The message of bob that you answer was deleted: what you write now answers nothing."
    async with web_server(limits=FREE) as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        asked = await bob.send("shall we begin?")
        await sees(page, "shall we")
        await page.locator("article", has_text="shall we").hover()
        await page.get_by_role("button", name="Answer this message").click()
        await bob.edit_message(asked.seq, "shall we end?")
        await expect(page.locator(".answered")).to_have_text("You answer bob: shall we end?")
        await bob.delete_message(asked.seq)
        await expect(page.locator(".answered")).to_have_text(gone)
        await page.reload()
        await expect(page.locator(".answered")).to_have_text(gone)
        await says(page, "yes")
        await sees(page, "yes")
        await expect(page.locator(".answering")).to_be_hidden()
        assert [entry.reply_to for entry in await bob.history("lobby")][-1] is None


async def test_a_quote_leads_to_what_was_said_long_ago(page: Page) -> None:
    """It is asked for when it is seen, and what lies between is loaded when it is chosen."""
    async with web_server(limits=FREE) as server, connect(server.urls[0], username="bob") as bob:
        first = await bob.send("the first of all")
        for number in range(500):
            bob.post(SendMessage(f"message {number}"))
        await bob.flush()
        await bob.send("I come back to that", reply_to=first.seq)
        await joins(page, address(server), "alice")
        await expect(page.locator(".quote")).to_have_text("bob the first of all")
        await page.locator(".quote").click()
        oldest = page.locator("article", has_text="the first of all").first  # until it is there, the quote has that too
        await expect(oldest).to_be_focused()
        await expect(oldest).to_be_in_viewport()
        await expect(page.locator("article", has_text="I come back")).to_have_count(0)


async def test_emojis_are_put_below_messages_and_taken_back(page: Page) -> None:
    """By mouse and by keyboard; one's own are marked, also after a reload, and what others do is seen at once."""
    async with web_server(limits=FREE) as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        said = await bob.send("done!")
        await sees(page, "done!")
        await page.locator("article", has_text="done!").hover()
        await page.get_by_role("button", name="React with \U0001f389").click()
        below = page.locator(".reaction")
        await expect(below).to_have_text(["\U0001f389 1"])
        await bob.react(said.seq, "\U0001f389")
        await bob.react(said.seq, "\U0001f468\u200d\U0001f469\u200d\U0001f467")
        await expect(below).to_have_text(["\U0001f389 2", "\U0001f468\u200d\U0001f469\u200d\U0001f467 1"])
        await page.reload()
        await expect(below.first).to_have_attribute("aria-pressed", "true")
        await expect(below.last).to_have_attribute("aria-pressed", "false")
        await below.first.click()
        await expect(below.first).to_have_text("\U0001f389 1")
        await expect(below.first).to_have_attribute("aria-pressed", "false")
        await page.get_by_role("log").focus()
        for key in ("ArrowUp", "ArrowLeft", "ArrowRight", "ArrowRight", "ArrowRight", "Enter"):
            await page.keyboard.press(key)  # to the message, along its reactions to the bar
        await expect(below).to_have_text(
            ["\U0001f389 1", "\U0001f468\u200d\U0001f469\u200d\U0001f467 1", "\U0001f44d 1"]
        )
        await bob.unreact(said.seq, "\U0001f389")
        await expect(below).to_have_count(2)
        await bob.delete_message(said.seq)
        await expect(below).to_have_count(0)


async def test_an_answer_is_given_by_keyboard_alone(page: Page) -> None:
    """The arrows go from message to message, and along what can be done with one."""
    async with web_server(limits=FREE) as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        asked = await bob.send("one")
        await bob.send("two")
        await sees(page, "two")
        await page.get_by_role("log").focus()
        await page.keyboard.press("ArrowUp")
        await expect(page.locator("article", has_text="two")).to_be_focused()
        await page.keyboard.press("ArrowUp")
        await expect(page.locator("article", has_text="one")).to_be_focused()
        for _ in range(7):
            await page.keyboard.press("ArrowRight")
        await expect(page.get_by_role("button", name="Answer this message")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("textbox", name="Message", exact=True)).to_be_focused()
        await page.keyboard.type("to one")
        await page.keyboard.press("Enter")
        await sees(page, "to one")
        assert (await bob.history("lobby"))[-1].reply_to == asked.seq


async def test_what_was_said_last_is_answered_and_reacted_to_by_a_command(page: Page) -> None:
    """As in the terminal; where there is nothing, it says so."""
    async with web_server(limits=FREE) as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        await says(page, "/reply bob yes")
        await expect(last_notice(page)).to_contain_text("no such message")
        asked = await bob.send("shall we?")
        await sees(page, "shall we?")
        await says(page, "/reply bob yes")
        await expect(page.locator(".quote")).to_have_text("bob shall we?")
        await says(page, "/react \u2764\ufe0f bob")
        await expect(page.locator(".reaction")).to_have_text(["\u2764\ufe0f 1"])
        await says(page, "/unreact \u2764\ufe0f")
        await expect(page.locator(".reaction")).to_have_count(0)
        assert (await bob.history("lobby"))[-1].reply_to == asked.seq


async def test_what_was_said_long_ago_is_found_and_gone_to(page: Page) -> None:
    """In all rooms; what is found is text, and choosing it leads into its room, however far back."""
    async with web_server(limits=FREE) as server, connect(server.urls[0], username="bob") as bob:
        await bob.create("kitchen")
        await bob.send("The <b>Caf\u00e9</b> opens at nine")
        for number in range(300):
            bob.post(SendMessage(f"message {number}"))
        await bob.flush()
        await joins(page, address(server), "alice")
        await page.get_by_role("button", name="Search").click()
        await page.get_by_label("What to look for").fill("nothing like that")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Nothing was found.")).to_be_visible()
        await page.get_by_label("What to look for").fill("cafe nine from:bob")
        await page.keyboard.press("Enter")
        await expect(page.locator(".found-text")).to_have_text("The <b>Caf\u00e9</b> opens at nine")
        await page.locator(".found-message").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("# kitchen")
        await expect(page.locator("article", has_text="opens at nine")).to_be_focused()
        await expect(page.locator("article", has_text="opens at nine")).to_be_in_viewport()
        await says(page, "/search message in:kitchen")
        await expect(page.locator(".found-message")).to_have_count(20)
        await page.get_by_role("button", name="Look further").click()
        await expect(page.locator(".found-message")).to_have_count(40)


async def test_the_keyboard_stays_at_what_can_be_done_with_a_message_while_the_mouse_is_over_another(
    page: Page,
) -> None:
    """There is one bar for that: it goes to the message that is pointed at once the keyboard is elsewhere."""
    async with web_server(limits=FREE) as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        for text in ("first", "second"):
            await bob.send(text)
            await sees(page, text)
        await page.locator(".scroller").press("ArrowUp")
        await page.keyboard.press("ArrowRight")
        emoji = page.locator("article", has_text="second").get_by_role("button").first
        await expect(emoji).to_be_focused()
        await page.locator("article", has_text="first").hover()
        await expect(emoji).to_be_focused()
        await page.locator("#message").focus()
        await page.locator("article", has_text="second").hover()
        await page.locator("article", has_text="first").hover()
        await expect(page.locator("article", has_text="first").get_by_role("button").first).to_be_visible()


async def test_without_a_connection_what_is_not_here_is_said_to_be_out_of_reach(page: Page) -> None:
    """What an answer quotes, and what was found: with one, they lead there."""
    async with (
        web_server(limits=FREE) as server,
        Proxy(server) as proxy,
        connect(server.urls[0], username="bob") as bob,
    ):
        asked = await bob.send("the first of all")
        for number in range(150):
            bob.post(SendMessage(f"message {number}"))
        await bob.flush()
        await bob.send("an answer", reply_to=asked.seq)
        await joins(page, proxy.url, "alice")
        await expect(page.locator(".quote")).to_have_text("bob the first of all")
        await loses_its_network(page, proxy)
        await page.locator(".quote").click()
        await expect(last_notice(page)).to_have_text("There is no connection.")
        proxy.come_back()
        proxy.cut()
        await hurries(page)
        await expect(page.locator(".banner")).to_be_hidden()
        await says(page, "/search first all")
        await expect(page.locator(".found-text")).to_have_text("the first of all")
        await loses_its_network(page, proxy)
        await page.locator(".found-message").click()
        await expect(page.locator(".notice", has_text="There is no connection.")).to_have_count(2)
        proxy.come_back()
        proxy.cut()
        await hurries(page)
        await expect(page.locator(".banner")).to_be_hidden()
        await page.locator(".quote").click()
        await expect(page.locator("article", has_text="the first of all").first).to_be_focused()


async def test_the_keyboard_stays_in_what_is_found_and_how_much_that_is_is_said(page: Page) -> None:
    """It is at the first that is new, page by page; a screen reader is told of each."""
    async with web_server(limits=FREE) as server, connect(server.urls[0], username="bob") as bob:
        for number in range(50):
            bob.post(SendMessage(f"message {number}"))
        await bob.flush()
        await joins(page, address(server), "alice")
        await says(page, "/search message")
        told = page.get_by_role("dialog").get_by_role("status")
        further = page.get_by_role("button", name="Look further")
        await expect(told).to_have_text("20 messages so far.")
        for first, text in ((20, "40 messages so far."), (40, "50 messages were found.")):
            await further.press("Enter")
            await expect(page.locator(".found-message").nth(first)).to_be_focused()
            await expect(told).to_have_text(text)
        await expect(further).to_be_hidden()


async def test_what_was_said_in_a_log_that_is_lost_is_not_taken_for_what_has_its_number_now(page: Page) -> None:
    """The server was started anew without its store: an old message stays as it was; nothing can be done with it."""
    port = free_port()
    async with web_server(port=port) as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        await bob.send("in the old log")
        await sees(page, "in the old log")
    async with web_server(port=port) as server, connect(server.urls[0], username="bob") as bob:
        said = await bob.send("in the new one")
        await hurries(page)
        await expect(page.locator(".gap")).to_have_count(1)
        old = page.locator("article", has_text="in the old log")
        await old.hover()
        await page.get_by_role("button", name="React with \U0001f44d").click()
        await expect(last_notice(page)).to_contain_text("no such message")
        await bob.edit_message(said.seq, "in the new one, edited")
        await bob.react(said.seq, "\U0001f389")
        assert [[one.emoji for one in entry.reactions] for entry in await bob.history("lobby")] == [["\U0001f389"]]
        await bob.send("the end")
        await sees(page, "the end")
        await has_texts(page, ["in the old log", "in the new one, edited", "the end"])
        await expect(old.locator(".reaction")).to_have_count(0)
        await expect(page.locator(".reaction")).to_have_text(["\U0001f389 1"])
        await expect(page.locator(".notice", has_text="message")).to_have_count(1)


async def test_a_touch_shows_what_can_be_done_and_does_nothing_else(browser: Browser) -> None:
    """Wherever in the message it is: the buttons come up where the finger was, and are for the next touch."""
    context = await browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    page = await context.new_page()
    async with web_server(limits=FREE) as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        for number in range(12):
            await bob.send(f"what was said as number {number}")
        await sees(page, "number 11")
        tools = page.locator(".tools")
        for number, across in enumerate((0.3, 0.5, 0.7, 0.8, 0.9, 0.97)):
            box = await page.locator("article", has_text=f"number {number * 2}").first.bounding_box()
            assert box is not None
            await page.touchscreen.tap(box["x"] + box["width"] * across, box["y"] + 12)
            await expect(page.locator("article", has_text=f"number {number * 2}").first.locator(tools)).to_be_visible()
        await expect(page.locator(".answering")).to_be_hidden()
        assert [reaction for entry in await bob.history("lobby") for reaction in entry.reactions] == []
        await page.get_by_role("button", name="React with \U0001f389").tap()
        await expect(page.locator(".reaction")).to_have_text(["\U0001f389 1"])
    await context.close()


@pytest.mark.parametrize("size", [(390, 844), (1440, 900)], ids=["narrow", "wide"])
async def test_the_buttons_of_a_message_cover_nothing_in_it_that_can_be_chosen(
    page: Page, size: tuple[int, int]
) -> None:
    """Neither a link at the end of its first line, nor the button that copies; also in the first one that is seen."""
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    async with web_server(limits=FREE) as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        await bob.send("they follow")
        link = f"https://example.org/{'long/' * 40}"
        for _ in range(15):
            await bob.send(link)
            await bob.send("```\nprint()\n```")
        await bob.send("that is all")
        await sees(page, "that is all")
        end = page.locator("article", has=page.locator(".copy")).last
        for article in (page.locator("article", has=page.locator("a")).last, end):
            await article.hover()
            await expect(article.locator(".tools")).to_be_visible()
        lines = page.locator("article a").last
        box = await lines.bounding_box()
        assert box is not None
        await lines.hover(position={"x": box["width"] - 4, "y": 12})  # which fails where something covers it
        await end.locator(".copy").click()
        await expect(end.locator(".copy")).to_have_text("Copied")
        first = page.locator("article", has=page.locator(".copy")).nth(-3)
        await first.evaluate("(row) => row.scrollIntoView()")
        await first.locator(".copy").click()
        await expect(first.locator(".copy")).to_have_text("Copied")
