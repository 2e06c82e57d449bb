"""What people do in the page: with the mouse, by dropping and pasting, on a phone."""

from __future__ import annotations

import asyncio
import datetime
import re
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from chatcore import Client, Limits, Listen, connect
from chatcore.events import FileOffered, FileReceived
from chatcore_files import DownloadFolder
from tests.integration.web.house import (
    Proxy,
    address,
    hears,
    is_in,
    joins,
    last_notice,
    says,
    sees,
    web_options,
    web_server,
)
from tests.patience import PATIENCE
from tests.stores import ChatServer, fresh_store

pytestmark = pytest.mark.asyncio(loop_scope="package")

PNG = b"\x89PNG\r\n"


async def receives(client: Client) -> tuple[str, bytes]:
    """Take the next file that is offered; return its name and what is in it."""
    name = ""
    async with asyncio.timeout(PATIENCE):
        async for event in client:
            if isinstance(event, FileOffered):
                name = event.name
                await client.accept_file(event.file)
            elif isinstance(event, FileReceived):
                return name, read(event.place)
    raise AssertionError("the client ended")


def read(path: str | Path) -> bytes:
    """Return what is in a file."""
    return Path(path).read_bytes()


async def test_a_picture_that_is_pasted_is_offered(page: Page, context: BrowserContext, tmp_path: Path) -> None:
    """To the room, or to the one with whom one talks; text that is pasted is text."""
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    async with web_server() as server, connect(server.urls[0], username="bob", files=DownloadFolder(tmp_path)) as bob:
        await joins(page, address(server), "alice")
        await page.evaluate(
            """async () => {
                const canvas = new OffscreenCanvas(8, 8);
                canvas.getContext("2d").fillRect(0, 0, 8, 8);
                const picture = await canvas.convertToBlob({ type: "image/png" });
                await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
            }"""
        )
        await page.get_by_role("textbox").last.press("Control+v")
        name, data = await receives(bob)
        assert (name, data[: len(PNG)]) == ("image.png", PNG)
        await expect(page.locator(".file-state")).to_contain_text("received by bob")
        await page.evaluate("navigator.clipboard.writeText('only words')")
        await page.get_by_role("textbox").last.press("Control+v")
        await expect(page.get_by_role("textbox").last).to_have_value("only words")


async def test_files_that_are_dropped_are_offered(page: Page, tmp_path: Path) -> None:
    """Anywhere on the page; while they are dragged over it, it says so. What is no file is left alone."""
    async with web_server() as server, connect(server.urls[0], username="bob", files=DownloadFolder(tmp_path)) as bob:
        await joins(page, address(server), "alice")
        dragged = await page.evaluate_handle(
            """() => {
                const dragged = new DataTransfer();
                dragged.items.add(new File(["what is in it"], "notes.txt", { type: "text/plain" }));
                return dragged;
            }"""
        )
        await page.dispatch_event(
            "main", "dragenter", {"dataTransfer": await page.evaluate_handle("new DataTransfer()")}
        )
        await expect(page.get_by_text("Drop files to offer them here")).to_be_hidden()
        await page.dispatch_event("main", "dragenter", {"dataTransfer": dragged})
        await expect(page.get_by_text("Drop files to offer them here")).to_be_visible()
        await page.dispatch_event("main", "drop", {"dataTransfer": dragged})
        await expect(page.get_by_text("Drop files to offer them here")).to_be_hidden()
        assert await receives(bob) == ("notes.txt", b"what is in it")
        await page.dispatch_event(".sidebar", "drop", {"dataTransfer": dragged})
        assert await receives(bob) == ("notes.txt", b"what is in it")
        await page.get_by_role("button", name="bob").first.click()
        await page.dispatch_event("main", "drop", {"dataTransfer": dragged})
        await expect(page.locator(".file-state")).to_contain_text("offered to bob")


async def test_files_that_a_helper_chooses_without_asking_are_offered_where_one_is(page: Page, tmp_path: Path) -> None:
    """As programs do that fill in pages; also after `/send` to somebody, which was given up."""
    folder = DownloadFolder(tmp_path / "in")
    async with web_server() as server, connect(server.urls[0], username="bob", files=folder) as bob:
        await joins(page, address(server), "alice")
        picker = page.locator("input[type=file]")
        for name in ("notes.txt", "other.txt"):
            await picker.set_input_files({"name": name, "mimeType": "text/plain", "buffer": name.encode()})
            assert await receives(bob) == (name, name.encode())
            async with page.expect_file_chooser():
                await says(page, "/send carol")
            await picker.dispatch_event("cancel")


async def test_commands_that_are_pasted_one_a_line_are_carried_out_one_by_one(page: Page) -> None:
    """A message below them is in the line then, of the room where they lead: it is said when one says so."""
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        line = page.get_by_role("textbox").last
        notice = page.locator(".notice")
        await says(page, "/create club\n/topic news\n/msg bob psst")
        await expect(notice.filter(has_text="To bob only: psst")).to_be_visible()
        await expect(notice.filter(has_text="alice changed the topic of club: news.")).to_be_visible()
        await expect(line).to_have_value("")
        await bob.join("club")
        await says(page, "/slow 0\n/kick nobody\nhello")
        await expect(notice.filter(has_text="There is no user called nobody.")).to_be_visible()
        await expect(line).to_have_value("hello")
        await line.press("Enter")
        await hears(bob, "hello")
        await says(page, "/kick\n/topic other")
        await expect(notice.filter(has_text="This is how to write it: /kick NAME [REASON].")).to_be_visible()
        await expect(line).to_have_value("/kick\n/topic other")
        await says(page, "/msg bob look:\n/leave")
        await expect(notice.last).to_have_text("To bob only: look:\n/leave", use_inner_text=True)
        await says(page, "/create inner\nhello\nthere")
        await is_in(page, "inner")
        await expect(line).to_have_value("hello\nthere")


async def test_a_folder_that_is_dropped_is_said_to_be_one(page: Page, tmp_path: Path) -> None:
    """A browser takes it for a file that cannot be read, or has nothing in it; a real one is dragged here."""
    (tmp_path / "photos").mkdir()
    async with web_server() as server:
        await joins(page, address(server), "alice")
        await drags(page, tmp_path / "photos", ".scroller")
        told = page.locator(".notice", has_text="photos is a folder: offer the files in it.")
        await expect(told).to_be_visible()
        await expect(page.locator(".file-state")).to_have_count(0)


async def test_what_is_dropped_where_nothing_takes_it_is_not_shown_in_place_of_the_page(page: Page) -> None:
    """As browsers do with a file that nobody has taken: whoever is about to join would be gone from there."""
    async with web_server() as server:
        await page.goto(address(server))
        await expect(page.locator("h1")).to_be_visible()
        taken = await page.evaluate(
            """() => {
                const dragged = { dataTransfer: new DataTransfer(), bubbles: true, cancelable: true };
                dragged.dataTransfer.items.add(new File(["what is in it"], "notes.txt"));
                const heading = document.querySelector("h1");
                return ["dragover", "drop"].map((kind) => !heading.dispatchEvent(new DragEvent(kind, dragged)));
            }"""
        )
        assert taken == [True, True]


async def drags(page: Page, file: Path, to: str) -> None:
    """Drag a file of the computer to an element, and drop it there."""
    box = await page.locator(to).first.bounding_box()
    assert box is not None
    devtools = await page.context.new_cdp_session(page)
    carried = {"items": [], "files": [str(file)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        where = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
        await devtools.send("Input.dispatchDragEvent", {"type": kind, **where, "data": carried})


async def test_a_file_that_nobody_could_receive_is_offered_once_more_by_a_button(page: Page, tmp_path: Path) -> None:
    """Those who were away for a moment may be back; it is found and dropped only once, and offered nowhere else."""
    async with web_server() as server:
        await joins(page, address(server), "alice")
        file = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"what is in it"}
        await page.locator("input[type=file]").set_input_files(file)
        state = page.locator(".file-state")
        await expect(state).to_contain_text("Nobody else in this room can receive files now.")
        async with connect(server.urls[0], username="bob", files=DownloadFolder(tmp_path)) as bob:
            await page.get_by_role("button", name="Try again").click()
            assert await receives(bob) == ("notes.txt", b"what is in it")
            await expect(state).to_contain_text("received by bob")
            await expect(page.get_by_role("button", name="Try again")).to_have_count(0)


async def test_what_is_listed_in_french_has_the_space_before_a_colon(browser: Browser) -> None:
    """As all of its French has it: commands, rooms with how many are in them."""
    async with web_server() as server, await browser.new_context(locale="fr-FR") as context:
        page = await context.new_page()
        await joins(page, address(server), "alice")
        await says(page, "/rooms")
        await expect(last_notice(page)).to_contain_text("lobby\u00a0: 1 personne", use_inner_text=True)
        await says(page, "/help")
        await expect(last_notice(page)).to_contain_text("/link\u00a0: voir")
        assert not re.search(r"\w: ", await last_notice(page).inner_text())


async def test_of_very_many_rooms_those_are_listed_that_concern_one(page: Page) -> None:
    """The one where one is, and those where something is to be read, however far behind; the others are counted."""
    names = [f"room{number:03}" for number in range(330)]
    server = ChatServer(listen=[Listen(options=web_options())], store=fresh_store(), rooms=names)
    async with server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        places = page.locator(".places").first
        await expect(places.locator(".place")).to_have_count(300)
        await expect(places.locator(".nothing")).to_have_text("and 31 more: /join ROOM")
        for name in ("room328", "room329"):
            await says(page, f"/join {name}")
            await expect(page.locator("h1")).to_have_text(f"# {name}")
        await expect(places.locator(".place").last).to_have_attribute("aria-current", "page")
        await expect(places.locator(".place").last).to_be_in_viewport()
        await bob.join("room328")
        await bob.send("who reads that?")
        await expect(places.locator(".place", has_text="room328").locator(".badge")).to_have_text("1")
        await expect(places.locator(".nothing")).to_have_text("and 29 more: /join ROOM")


async def test_of_more_people_than_are_told_at_once_all_are_known(page: Page) -> None:
    """By the list, by what completes names, and by what one asks."""
    names = ["ann", "bea", "cid", "dan", "zoe"]
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(web_server(limits=Limits(names_per_frame=2)))
        for name in names:
            await stack.enter_async_context(connect(server.urls[0], username=name))
        await joins(page, address(server), "me")
        await expect(page.locator(".member-name")).to_have_text(["ann", "bea", "cid", "dan", "me", "zoe"])
        await expect(page.locator(".members .more")).to_be_empty()
        await page.get_by_role("textbox").last.press_sequentially("hello @z")
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("textbox").last).to_have_value("hello zoe ")
        await says(page, "/who")
        await expect(last_notice(page)).to_have_text(
            "\n".join(["6 people:", *(f"{name} in lobby" for name in sorted([*names, "me"]))])
        )


async def test_a_line_stands_before_each_day(page: Page) -> None:
    """Today and yesterday by those words, other days by their names; at the head of what is loaded later too."""
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await bob.send("first")
        await bob.send("second")
        said = datetime.datetime.fromtimestamp((await bob.history("lobby"))[-1].at).astimezone()
        for days, day in ((0, "Today"), (1, "Yesterday"), (3, f"{said:%A} {said.day} {said:%B}")):
            await page.clock.set_system_time(said + datetime.timedelta(days=days))
            await joins(page, address(server), f"alice{days}")
            await sees(page, "second")
            await expect(page.locator(".day").first).to_have_text(day)
            await says(page, "/who")
            await expect(last_notice(page)).to_contain_text("bob in lobby")
            await expect(page.locator(".day")).to_have_text([day, "Today"] if days else [day])
            await says(page, "/quit")
            await expect(page.locator("#name")).to_be_visible()


async def test_other_limits_hold_at_once(page: Page) -> None:
    """Which the server tells those who are there: what is too long now is not sent."""
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        await says(page, "twelve bytes")
        await sees(page, "twelve bytes")
        server.change_limits(server.limits.model_copy(update={"text_bytes": 5}))
        await bob.send("less")  # and so the page knows
        await sees(page, "less")
        await says(page, "so many more")
        await expect(last_notice(page)).to_contain_text("5 bytes")
        await says(page, "five!")
        await sees(page, "five!")


async def test_what_is_copied_in_a_table_is_pasted_as_text(page: Page, context: BrowserContext) -> None:
    """Office programs put a picture of it on the clipboard, too: nobody has asked to show that to others."""
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    async with web_server() as server:
        await joins(page, address(server), "alice")
        await page.evaluate(
            """async () => {
                const canvas = new OffscreenCanvas(8, 8);
                canvas.getContext("2d").fillRect(0, 0, 8, 8);
                const text = (words, type) => new Blob([words], { type });
                await navigator.clipboard.write([new ClipboardItem({
                    "text/plain": text("A1\\tB1", "text/plain"),
                    "text/html": text("<table><tr><td>A1</td><td>B1</td></tr></table>", "text/html"),
                    "image/png": await canvas.convertToBlob({ type: "image/png" }),
                })]);
            }"""
        )
        line = page.get_by_role("textbox").last
        await line.press("Control+v")
        await expect(line).to_have_value("A1\tB1")
        await expect(page.locator(".file-card")).to_have_count(0)


READ_OUT = """() => {
    window.readOut = [];
    const isRead = (element) => element.closest("[aria-live]").getAttribute("aria-live") === "polite";
    new MutationObserver((changes) => {
        for (const added of changes.flatMap((change) => [...change.addedNodes])) {
            if (!(added instanceof Element)) continue;
            const texts = added.matches(".text") ? [added] : [...added.querySelectorAll(".text")];
            readOut.push(...texts.filter(isRead).map((text) => text.textContent));
        }
    }).observe(document.querySelector(".scroller"), { childList: true, subtree: true });
}"""
"""Notes what a screen reader reads out of the messages that come."""


async def test_what_one_says_is_read_out_once(page: Page) -> None:
    """Also where it takes a while until it has counted."""
    async with web_server() as server, Proxy(server) as proxy:
        await joins(page, proxy.url, "alice")
        await says(page, "here")
        await sees(page, "here")
        await page.evaluate(READ_OUT)
        proxy.go_silent()
        await says(page, "my own words")
        await expect(page.locator(".message.pending")).to_have_count(1)
        proxy.come_back()
        await sees(page, "my own words")
        assert await page.evaluate("readOut") == ["my own words"]


async def test_the_keyboard_stays_where_all_of_a_long_message_is_shown(page: Page) -> None:
    """What was pressed for that is gone."""
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        await bob.send("a word " * 1000 + "the end")
        await page.get_by_role("button", name="Show all of it").focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("article", has_text="the end")).to_be_focused()


async def test_code_that_is_longer_than_its_block_is_scrolled_by_the_arrows(page: Page) -> None:
    """At its edge they lead on, to the button that copies it, and to the next message."""
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        await bob.send("```\n" + "\n".join(["x" * 300, *"abcdefgh" * 8]) + "\n```")
        await bob.send("behind")
        await sees(page, "behind")
        code = page.locator(".code pre")
        await code.focus()
        for key, side in (("ArrowRight", "scrollLeft"), ("ArrowDown", "scrollTop")):
            await page.keyboard.press(key)
            await expect(code).to_be_focused()
            await expect(code).not_to_have_js_property(side, 0)
        await code.evaluate("(code) => code.scrollTo(1e6, 1e6)")
        await page.keyboard.press("ArrowDown")
        await expect(page.locator("article", has_text="behind")).to_be_focused()
        await code.focus()
        await page.keyboard.press("ArrowRight")
        await expect(page.get_by_role("button", name="Copy")).to_be_focused()


async def test_what_fills_more_than_a_frame_is_refused_at_once_and_stays_in_the_line(page: Page) -> None:
    """Whatever it is that is typed: it would end each connection that it is sent over, and all behind it would wait."""
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        opened: list[str] = []
        page.on("websocket", lambda socket: opened.append(socket.url))
        await joins(page, address(server), "alice")
        await says(page, "one to edit")
        await sees(page, "one to edit")
        line = page.get_by_role("textbox").last
        quotes, letters = '"' * 32_000, "x" * 66_000
        too_long = "This is too long."
        for typed, told in (
            (quotes, "The text is longer than 60000 bytes."),
            (f"/edit {quotes}", "The text is longer than 60000 bytes."),
            (f"/topic {letters}", too_long),
            (f"/kick bob {letters}", too_long),
            (f"/join {letters}", too_long),
            (f"/react {letters}", too_long),
            (f"/msg {letters} hello", too_long),
        ):
            await says(page, "/help")
            await expect(last_notice(page)).not_to_have_text(told)
            await says(page, typed)
            await expect(last_notice(page)).to_have_text(told)
            await expect(line).to_have_value(typed)
            await is_in(page, "lobby")
        await says(page, "still there")
        await hears(bob, "still there")
        assert len(opened) == 1


async def test_a_link_whose_invitation_fills_more_than_a_frame_is_refused_at_once(page: Page) -> None:
    """Nobody logs in by it, again and again."""
    async with web_server() as server:
        await page.goto(f"{address(server)}#invite={'x' * 66_000}")
        await page.get_by_role("textbox").first.fill("alice")
        await page.get_by_role("button", name="Join", exact=True).click()
        await expect(page.get_by_role("alert")).to_have_text("This is too long.")


@pytest.mark.parametrize("clipboard", ["new", "old"])
async def test_code_is_copied_as_it_was_written(page: Page, context: BrowserContext, clipboard: str) -> None:
    """In a monospaced face; over plain http, where browsers have the old way only, too."""
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    if clipboard == "old":
        await page.add_init_script("Clipboard.prototype.writeText = () => Promise.reject()")
    code = "def f(x):\n\treturn  x < 1 & '\u00e9'"
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        await bob.send(f"Look:\n```python\n{code}\n```\nand `this` too")
        await expect(page.locator(".code pre")).to_have_text(code, use_inner_text=True)
        assert "monospace" in await page.locator(".code code").evaluate("(code) => getComputedStyle(code).fontFamily")
        await page.get_by_role("button", name="Copy").focus()
        await page.keyboard.press("Enter")
        await expect(page.locator(".copy")).to_have_text("Copied")
        await expect(page.locator(".copy")).to_be_focused()
        assert await page.evaluate("navigator.clipboard.readText()") == code
        await expect(page.locator(".code .language")).to_have_text("python")
        await expect(page.locator(".text code")).to_have_text("this")


async def test_code_is_copied_the_old_way_and_what_was_selected_stays_so(page: Page) -> None:
    """The old way selects what it copies: after that, the words that its user had selected are so again."""
    await page.add_init_script("Clipboard.prototype.writeText = () => Promise.reject()")
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        await bob.send("some words\n```\ncode\n```")
        await expect(page.locator(".code pre")).to_have_text("code", use_inner_text=True)
        await page.get_by_role("button", name="Copy").focus()
        await page.locator("p.text", has_text="some words").evaluate(
            "(words) => getSelection().selectAllChildren(words)"
        )
        await page.keyboard.press("Enter")
        await expect(page.locator(".copy")).to_have_text("Copied")
        assert await page.evaluate("String(getSelection())") == "some words"


async def test_everything_can_be_done_by_mouse(page: Page) -> None:
    """A room is made, others are chosen, left and written to; who one is, the colours and the language are set."""
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        await page.get_by_role("button", name="Create a room").click()
        await page.get_by_label("Name of the room").fill("#python")
        await page.get_by_role("button", name="Create and enter it").click()
        await is_in(page, "python")
        await bob.join("python")
        await page.locator(".members").get_by_role("button", name="bob").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("bob")
        await page.get_by_role("button", name="Close the conversation with bob").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("# python")
        await page.get_by_role("button", name="Write to somebody").click()
        await page.get_by_label("Name of the user").fill("bob")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", level=1)).to_have_text("bob")
        await says(page, "psst")
        await page.get_by_role("button", name="Send").click()  # nothing is written, and nothing sent
        await sees(page, "psst")
        await page.locator(".place", has_text="lobby").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("# lobby")
        await page.get_by_role("button", name="Settings").click()
        await page.get_by_label("Colours").select_option("dark")
        await page.get_by_label("Language").select_option("fr")
        await expect(page.locator("html")).to_have_attribute("lang", "fr")
        await page.reload()
        await expect(page.locator(".about").first).to_have_text("1 personne ici")
        await expect(page.locator("html")).to_have_attribute("data-theme", "dark")


async def test_a_phone_shows_one_thing_at_a_time(page: Page) -> None:
    """The conversation; rooms and members come over it and go when one was chosen. Nothing is wider than the screen."""
    await page.set_viewport_size({"width": 390, "height": 844})
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await bob.create("python")
        await bob.send("\u1100" * 300 + " `" + "\N{MAN}\u200d" * 300 + "`")  # each is one character, to a browser
        await bob.send("w" * 300 + " https://example.org/" + "x" * 300)
        await joins(page, address(server), "alice")
        await expect(page.locator(".sidebar")).to_be_hidden()
        await page.get_by_role("button", name="Rooms and messages").click()
        await page.locator(".place", has_text="python").click()
        await expect(page.locator(".sidebar")).to_be_hidden()
        await sees(page, "example.org")
        await page.get_by_role("button", name="Who is here").click()
        await page.locator(".members").get_by_role("button", name="bob").click()
        await expect(page.locator(".members")).to_be_hidden()
        await expect(page.get_by_role("heading", level=1)).to_have_text("bob")
        await bob.send("alice: look")
        await page.get_by_role("button", name="Rooms and messages, 1 unread message").click()
        await page.keyboard.press("Escape")
        await expect(page.locator(".sidebar")).to_be_hidden()
        for all_of_it in ("html", ".scroller"):
            assert await page.locator(all_of_it).evaluate("element => element.scrollWidth") == 390
        small = await page.evaluate(
            """() => [...document.querySelectorAll("button, textarea")].filter((each) => each.checkVisibility())
                .map((each) => [each.ariaLabel, Math.round(each.getBoundingClientRect().height)])
                .filter(([, height]) => height < 36)"""
        )
        assert small == []


async def stick_out(page: Page, what: str) -> list[str]:
    """Return what of an element is to the left or right of it."""
    return await page.locator(what).evaluate(
        """(all) => {
            const { left, right } = all.getBoundingClientRect();
            return [...all.querySelectorAll("*")].filter((each) => {
                const box = each.getBoundingClientRect();
                return box.width && (box.left < left || box.right > right);
            }).map((each) => each.outerHTML.slice(0, 100));
        }"""
    )


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("name", ["W" * 32, "Jean-Christophe_Beaumarchais-12"])
async def test_a_long_name_of_ones_own_leaves_the_settings_where_they_are(page: Page, width: int, name: str) -> None:
    """It is cut like all others of the list: language, colours and "Leave the chat" can be had by mouse and touch."""
    await page.set_viewport_size({"width": width, "height": 720})
    async with web_server() as server:
        await joins(page, address(server), name)
        if width < 1280:
            await page.get_by_role("button", name="Rooms and messages").click()
        await expect(page.locator(".sidebar")).to_be_visible()
        assert await stick_out(page, ".sidebar") == []
        await page.get_by_role("button", name="Settings").click()
        assert await stick_out(page, "dialog") == []
        await expect(page.get_by_role("button", name="Leave the chat")).to_be_in_viewport()


OVERFLOWS = """(all) => all.filter((one) => one.scrollHeight > one.clientHeight).map((one) => one.className)"""


@pytest.mark.parametrize("width", [1200, 400])
async def test_letters_of_twice_the_size_have_room_where_they_stand(page: Page, width: int) -> None:
    """As a browser shows them that is set to very large ones: in the heads, and in the first letters of names."""
    await page.set_viewport_size({"width": width, "height": 900})
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        await bob.send("hello")
        await bob.send_direct(["alice"], "hello you")
        await expect(page.locator(".sidebar .place .avatar")).to_be_attached()
        await page.evaluate("document.documentElement.style.fontSize = '32px'")
        places = page.locator(".avatar:visible, .conversation-head, .sidebar-head:visible, .members header:visible")
        assert await places.count() >= 2
        assert await places.evaluate_all(OVERFLOWS) == []


async def test_what_was_begun_from_the_list_on_a_phone_is_not_covered_by_it(page: Page) -> None:
    """A new room, why there is none, a conversation: also the one that is shown already."""
    await page.set_viewport_size({"width": 390, "height": 844})
    async with web_server() as server, connect(server.urls[0], username="bob"):
        await joins(page, address(server), "alice")
        begun = (
            ("Create a room", "den", "# den"),
            ("Create a room", "lobby", "# den"),
            ("Write to somebody", "bob", "bob"),
            ("Write to somebody", "bob", "bob"),
        )
        for what, name, shown in begun:
            await page.get_by_role("button", name="Rooms and messages").click()
            await page.get_by_role("button", name=what).click()
            await page.keyboard.type(name)
            await page.keyboard.press("Enter")
            await expect(page.get_by_role("heading", level=1)).to_have_text(shown)
            await expect(page.locator(".sidebar")).to_be_hidden()


async def test_a_file_that_is_offered_to_a_room_is_there_when_one_comes_back_to_it(page: Page, tmp_path: Path) -> None:
    """No log has it; it stands where it was offered."""
    source = tmp_path / "slides.pdf"
    source.write_bytes(b"x" * 1000)
    folder = DownloadFolder(tmp_path / "in")
    async with web_server() as server, connect(server.urls[0], username="bob", files=folder) as bob:
        await joins(page, address(server), "alice")
        await bob.send("before")
        await bob.offer_file(source, room=True)
        await expect(page.locator(".file-card")).to_be_visible()
        await bob.send("behind")
        await sees(page, "behind")
        await says(page, "/create elsewhere")
        await is_in(page, "elsewhere")
        await bob.send("meanwhile")
        await says(page, "/join lobby")
        await sees(page, "meanwhile")
        rows = await page.locator(".row article .body").all_inner_texts()
        assert ["before" in rows[0], "slides.pdf" in rows[1], "behind" in rows[2], "meanwhile" in rows[3]] == [True] * 4
        await page.get_by_role("button", name="Receive").click()
        await expect(page.get_by_role("link", name="Save")).to_be_visible()


async def test_two_offers_of_the_same_content_at_once_both_arrive(page: Page, tmp_path: Path) -> None:
    """In the page and from it: the content is no identity."""
    paths = [tmp_path / name for name in ("one.bin", "two.bin")]
    for path in paths:
        path.write_bytes(b"the same" * 10_000)
    folder = DownloadFolder(tmp_path / "in")
    async with web_server() as server, connect(server.urls[0], username="bob", files=folder) as bob:
        await joins(page, address(server), "alice")
        await asyncio.gather(*(bob.offer_file(path, room=True) for path in paths))
        receive = page.get_by_role("button", name="Receive")
        await expect(receive).to_have_count(2)
        for number in (1, 0):
            await receive.nth(number).click()
        await expect(page.get_by_role("link", name="Save")).to_have_count(2)
        await page.locator("input[type=file]").set_input_files(paths)
        places: list[Path] = []
        async with asyncio.timeout(PATIENCE):
            while len(places) < len(paths):
                event = await anext(bob)
                if isinstance(event, FileOffered):
                    await bob.accept_file(event.file)
                elif isinstance(event, FileReceived):
                    places.append(Path(event.place))
        assert sorted(place.name for place in places) == ["one.bin", "two.bin"]
        assert {read(place) for place in places} == {read(paths[0])}


@pytest.mark.parametrize(("opens", "drawer"), [("Rooms and messages", "nav"), ("Who is here", "aside")])
async def test_a_list_that_lies_over_the_conversation_has_the_keyboard_until_it_is_closed(
    page: Page, opens: str, drawer: str
) -> None:
    """What is behind it cannot be reached; Escape closes it wherever the focus is, and leads back to its button."""
    await page.set_viewport_size({"width": 640, "height": 400})
    async with web_server() as server:
        await joins(page, address(server), "alice")
        button = page.locator(".conversation-head").get_by_label(opens)
        await expect(button).to_have_attribute("aria-expanded", "false")
        for closes in ("Escape", "Close", "Elsewhere"):
            await button.focus()
            await page.keyboard.press("Enter")
            await expect(button).to_have_attribute("aria-expanded", "true")
            await expect(page.locator(drawer).get_by_label("Close").first).to_be_focused()
            for _ in range(12):
                await page.keyboard.press("Tab")
                assert not await page.evaluate("document.querySelector('main').contains(document.activeElement)")
            if closes == "Close":
                await page.locator(drawer).get_by_label("Close").first.click()
            else:
                if closes == "Elsewhere":
                    await page.evaluate("document.activeElement.blur()")
                await page.keyboard.press("Escape")
            await expect(button).to_be_focused()
            await expect(button).to_have_attribute("aria-expanded", "false")
            await expect(page.locator(drawer)).to_be_hidden()


async def test_who_chooses_a_conversation_in_such_a_list_types_on_there(page: Page) -> None:
    """The message line can be reached again by then; and so can all where the window gets room for the list."""
    await page.set_viewport_size({"width": 640, "height": 400})
    async with web_server() as server, connect(server.urls[0], username="bob"):
        await joins(page, address(server), "alice")
        await page.get_by_role("button", name="Who is here").click()
        await page.get_by_role("button", name="bob").click()
        await expect(page.locator("h1")).to_have_text("bob")
        await expect(page.locator("#message")).to_be_focused()
        await page.get_by_role("button", name="Rooms and messages").click()
        await expect(page.locator("main")).to_have_attribute("inert", "")
        await page.set_viewport_size({"width": 1280, "height": 800})
        await expect(page.locator("main")).not_to_have_attribute("inert", "")


async def test_the_button_of_the_members_says_whether_they_are_seen(page: Page) -> None:
    """To those who do not see it."""
    async with web_server() as server:
        await joins(page, address(server), "alice")
        button = page.get_by_role("button", name="Who is here")
        for seen in ("true", "false", "true"):
            await expect(button).to_have_attribute("aria-expanded", seen)
            await button.click()
        await page.set_viewport_size({"width": 640, "height": 400})
        await expect(button).to_have_attribute("aria-expanded", "false")


async def test_the_button_of_the_rooms_says_that_they_are_not_seen_where_the_window_has_no_room_any_more(
    page: Page,
) -> None:
    """Also where there was none for the people before."""
    await page.set_viewport_size({"width": 900, "height": 700})
    async with web_server() as server:
        await joins(page, address(server), "alice")
        await expect(page.locator("nav")).to_be_visible()
        await page.set_viewport_size({"width": 500, "height": 700})
        await expect(page.locator("nav")).to_be_hidden()
        button = page.get_by_role("button", name="Rooms and messages")
        await expect(button).to_have_attribute("aria-expanded", "false")


async def test_the_keyboard_stays_in_the_list_of_rooms_when_the_window_gets_room_for_it(page: Page) -> None:
    """At what has it, or at the first button, if that was the one which closes the list and is gone."""
    async with web_server() as server:
        await joins(page, address(server), "alice")
        rooms = page.locator("nav")
        for presses, has_it in ((0, "Create a room"), (2, "lobby")):
            await page.set_viewport_size({"width": 500, "height": 700})
            await page.get_by_role("button", name="Rooms and messages").click()
            await expect(rooms.get_by_label("Close").first).to_be_focused()
            for _ in range(presses):
                await page.keyboard.press("Tab")
            await page.set_viewport_size({"width": 900, "height": 700})
            await expect(rooms.get_by_label("Close").first).to_be_hidden()
            await expect(rooms.get_by_role("button", name=has_it)).to_be_focused()
            await expect(page.locator("main")).not_to_have_attribute("inert", "")


@pytest.mark.parametrize(("width", "height"), [(640, 170), (360, 300)])
async def test_in_a_low_window_a_long_draft_leaves_room_for_all_that_is_pressed(
    page: Page, width: int, height: int
) -> None:
    """As where one types on the screen: a click fails where something else lies over the button."""
    await page.set_viewport_size({"width": width, "height": height})
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        for number in range(20):
            await bob.send(f"message {number}")
        await sees(page, "message 19")
        await page.locator(".scroller").evaluate("(scroller) => { scroller.scrollTop = 0; }")
        await expect(page.locator(".to-end")).to_be_visible()
        line = page.locator("#message")
        await line.fill("\n".join(f"line {number}" for number in range(12)))
        await page.get_by_role("button", name="Search").click()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("button", name="Send")).to_be_in_viewport(ratio=1)
        await expect(line).to_be_in_viewport(ratio=1)
        await page.get_by_role("button", name="Send").click()
        await sees(page, "line 11")


async def test_the_language_is_chosen_by_keyboard_and_the_settings_go_on(page: Page) -> None:
    """In that language, at the same place: one goes on to the colours, and is at the button of the settings at last."""
    async with web_server() as server:
        await joins(page, address(server), "alice")
        await page.get_by_role("button", name="Settings").press("Enter")
        await page.locator("#language").press("ArrowDown")
        await expect(page.get_by_role("dialog", name="Réglages")).to_be_visible()
        await expect(page.locator("#language")).to_have_count(1)
        await expect(page.locator("#language")).to_be_focused()
        await expect(page.locator("#language")).to_have_value("fr")
        await page.keyboard.press("Tab")
        await expect(page.locator("#theme")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("button", name="Réglages")).to_be_focused()


async def test_whoever_types_on_as_soon_as_a_dialog_is_closed_is_not_called_back(page: Page) -> None:
    """Browsers tell a page a moment later that it is closed; one may be somewhere else by then."""
    async with web_server() as server:
        await joins(page, address(server), "alice")
        await page.get_by_role("button", name="Settings").press("Enter")
        await expect(page.get_by_role("dialog", name="Settings")).to_be_visible()
        await page.evaluate(
            """() => {
                document.querySelector("dialog").close();
                document.getElementById("message").focus();
            }"""
        )
        await expect(page.get_by_role("dialog", name="Settings")).to_have_count(0)
        await page.keyboard.type("hello")
        await page.keyboard.press("Enter")
        await sees(page, "hello")
