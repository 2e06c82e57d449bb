"""The page in a real Chromium: people talk, come back, and lose nothing."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from chatcore import Client, Limits, Listen, connect
from chatcore.commands import SendMessage
from chatcore.events import DirectPosted, FileOffered, FileReceived
from chatcore_files import DownloadFolder
from tests.integration.web.house import (
    Proxy,
    address,
    everything,
    has_texts,
    hears,
    hurries,
    is_in,
    joins,
    last_notice,
    says,
    sees,
    web_options,
    web_server,
)
from tests.patience import PATIENCE
from tests.ports import free_port
from tests.stores import ChatServer

FREE = Limits(messages_per_second=0, requests_per_second=0, log_messages=50_000)

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_two_browsers_and_a_terminal_meet_in_one_room(page: Page, browser: Browser) -> None:
    """Each reads what the others write, once, in one order; a name that is taken is told."""
    async with (
        web_server() as server,
        await browser.new_context() as other,
        connect(server.urls[0], username="carol") as carol,
    ):
        second = await other.new_page()
        await joins(page, address(server), "alice")
        await second.goto(address(server))
        await second.get_by_role("textbox").first.fill("alice")
        await second.keyboard.press("Enter")
        await expect(second.get_by_role("alert")).to_have_text("The name alice is taken.")
        await joins(second, address(server), "bob")
        await says(page, "hello from alice")
        await sees(second, "hello from alice")
        await says(second, "hello from bob")
        await sees(page, "hello from bob")
        await carol.send("hello from carol")
        assert await hears(carol, "hello from carol") == "carol"
        for each in (page, second):
            await sees(each, "hello from carol")
            await has_texts(each, ["hello from alice", "hello from bob", "hello from carol"])


TAKEN = """performance.getEntriesByType("resource").filter((one) => one.transferSize > 0)
    .map((one) => new URL(one.name).pathname).sort()"""


async def test_a_first_visit_takes_each_file_once_and_a_later_one_nothing_but_the_page(page: Page) -> None:
    """Each is a connection. What the server says of itself is asked for each time."""
    async with web_server() as server:
        await joins(page, address(server), "alice")
        await says(page, "hello")
        await sees(page, "hello")
        assert await page.evaluate(TAKEN) == ["/.well-known/chatcore", "/app.css", "/app.js", "/icon.svg"]
        at = await page.locator(".message time").get_attribute("datetime")
        clock = await page.evaluate("at => new Date(at).toTimeString().slice(0, 5)", at)
        await expect(page.locator(".message time")).to_have_text(clock)
        await page.goto("about:blank")
        await page.goto(address(server))
        await sees(page, "hello")
        assert await page.evaluate(TAKEN) == ["/.well-known/chatcore"]


async def test_a_page_that_is_loaded_anew_is_the_same_person(page: Page) -> None:
    """In the room where it was, with what was said there, and what was said meanwhile."""
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await bob.create("python")
        await joins(page, address(server), "alice")
        await says(page, "/join python")
        await is_in(page, "python")
        await says(page, "before")
        await sees(page, "before")
        session = server.chat.users["alice"]
        await page.goto("about:blank")
        await bob.send("meanwhile")
        await page.goto(address(server))
        await sees(page, "meanwhile")
        await has_texts(page, ["before", "meanwhile"])
        assert server.chat.users["alice"] is session


async def test_what_is_under_way_when_the_page_is_loaded_anew_is_sent_exactly_once(page: Page) -> None:
    """Its numbers outlive the page."""
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        for number in range(5):
            await says(page, f"one of many {number}")
            await page.reload(wait_until="commit")
            await expect(page.locator(".my-name")).to_have_text("alice")
        await says(page, "the last")
        await hears(bob, "the last")
        await expect(page.locator(".message.pending")).to_have_count(0)
        history = await bob.history("lobby")
        said = [entry.text for entry in history]
        assert said == [*(f"one of many {number}" for number in range(5)), "the last"]


async def test_somebody_whose_tab_crashes_is_the_same_person_in_the_next_one(context: BrowserContext) -> None:
    """Also with what was not sent yet; nothing that the crashed one had could be said any more."""
    async with web_server() as server, Proxy(server) as proxy:
        crashing = await context.new_page()
        await joins(crashing, proxy.url, "alice")
        session = server.chat.users["alice"]
        await says(crashing, "said")
        await sees(crashing, "said")
        proxy.go_silent()
        await says(crashing, "on its way")
        await expect(crashing.locator(".message.pending .text")).to_have_text("on its way")
        devtools = await context.new_cdp_session(crashing)
        async with crashing.expect_event("crash"):
            crash = asyncio.ensure_future(devtools.send("Page.crash"))
        crash.cancel()
        await asyncio.gather(crash, return_exceptions=True)
        proxy.cut()
        proxy.come_back()
        page = await context.new_page()
        await page.goto(proxy.url)
        await sees(page, "on its way")
        await has_texts(page, ["said", "on its way"])
        await expect(page.locator(".my-name")).to_have_text("alice")
        assert server.chat.users["alice"] is session


async def test_a_chat_goes_on_in_one_tab_at_a_time_and_can_be_taken_back(page: Page, context: BrowserContext) -> None:
    """The other one says so and stays as it is, however often; nothing is said twice."""
    async with web_server() as server:
        # Until it is loaded anew it answers nobody, like a tab that is frozen.
        await page.add_init_script("sessionStorage.length || delete window.BroadcastChannel")
        await joins(page, address(server), "alice")
        await says(page, "first")
        await sees(page, "first")
        session = server.chat.users["alice"]
        other = await context.new_page()
        await other.goto(address(server))
        copied = await page.evaluate("Object.entries(sessionStorage)")
        await other.evaluate("all => all.forEach(([key, value]) => sessionStorage.setItem(key, value))", copied)
        await other.reload()
        await sees(other, "first")
        await expect(page.locator(".banner")).to_contain_text("This chat goes on in another tab or on another device.")
        await says(other, "second")
        await sees(other, "second")
        await page.get_by_role("button", name="Use it here").click()
        await sees(page, "second")
        await expect(other.locator(".banner")).to_contain_text("This chat goes on in another tab or on another device.")
        await says(page, "third")
        await sees(page, "third")
        await has_texts(page, ["first", "second", "third"])
        assert server.chat.users["alice"] is session


async def test_a_copied_tab_is_not_the_same_person(page: Page, context: BrowserContext) -> None:
    """Browsers copy what a tab keeps; the first one keeps the session, and goes on, also when it is slow to answer."""
    async with web_server() as server:
        await page.add_init_script(
            """window.BroadcastChannel = class extends BroadcastChannel {
                postMessage(message) { setTimeout(() => super.postMessage(message), 250); }
            };"""
        )
        await joins(page, address(server), "alice")
        kept = await page.evaluate("Object.entries(sessionStorage)")
        other = await context.new_page()
        await other.add_init_script(f"for (const [key, value] of {kept!r}) sessionStorage.setItem(key, value)")
        await other.goto(address(server))
        await expect(other.locator("#name")).to_be_visible()
        await joins(other, address(server), "alicia")
        await says(page, "still me")
        await sees(other, "still me")
        assert {"alice", "alicia"} <= set(server.chat.users)


async def test_a_server_with_a_store_is_started_anew_and_nothing_is_lost(page: Page, tmp_path: Path) -> None:
    """What was written while it was away is said when it is back, once; the page hurries when asked."""
    store, port = f"sqlite:{tmp_path / 'chat.db'}", free_port()
    async with web_server(store=store, port=port) as server:
        await joins(page, address(server), "alice")
        await says(page, "before")
        await sees(page, "before")
    await expect(page.locator(".banner")).to_contain_text("Next try in")
    await says(page, "while it is away")
    await expect(page.locator(".message.pending .text")).to_have_text("while it is away")
    async with web_server(store=store, port=port) as server:
        await hurries(page)
        await expect(page.locator(".message.pending")).to_have_count(0)
        async with connect(server.urls[0], username="bob") as bob:
            history = await bob.history("lobby")
        assert [entry.text for entry in history] == ["before", "while it is away"]
        await has_texts(page, ["before", "while it is away"])


async def test_commands_work_and_unknown_ones_are_never_published(page: Page) -> None:
    """The table is that of the other clients."""
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        await says(page, "/creat x")
        await expect(last_notice(page)).to_have_text(
            "There is no command /creat; did you mean /create? /help lists them all."
        )
        await expect(page.get_by_role("textbox").last).to_have_value("/creat x")
        await says(page, "/msg bob secret")
        await expect(page.locator(".place-name", has_text="bob")).to_be_visible()
        await says(page, "//slash")
        assert await hears(bob, "/slash") == "alice"
        history = await bob.history("lobby")
        assert [entry.text for entry in history] == ["/slash"]


@pytest.mark.parametrize("host", ["127.0.0.1", "chat.example"])
async def test_a_page_says_what_the_host_has_to_set_when_its_origin_is_refused(
    page: Page, caplog: pytest.LogCaptureFixture, host: str
) -> None:
    """A proxy calls the server otherwise than the browser does: by its address, or by a name that it does not know."""
    async with web_server() as server, Proxy(server, host=host) as proxy:
        await page.goto(proxy.url)
        await page.get_by_role("textbox").first.fill("alice")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text(f"can allow it: chatcore serve --origin {proxy.url}")
        assert not server.chat.users
        assert "turned_away" in {record.message for record in caplog.records}


async def test_a_message_that_is_edited_or_deleted_mentions_whom_it_names_by_then(page: Page) -> None:
    """As it does for whoever comes later; nobody mentions themselves."""
    texts = ("hey alice", "a slip, alice", "hey all")
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        said = [await bob.send(text) for text in texts]
        await sees(page, "hey all")
        await expect(page.locator(".message.mention")).to_have_count(2)
        await says(page, "mine")
        await sees(page, "mine")
        await says(page, "/edit I, alice")
        await bob.edit_message(said[0].seq, "hey bob")
        await bob.delete_message(said[1].seq)
        await bob.edit_message(said[2].seq, "hey Alice")
        await expect(page.locator(".message.mention .text")).to_have_text(["hey Alice"])
        await expect(page.locator(".fate")).to_have_count(4)
        await page.reload()
        await expect(page.locator(".fate")).to_have_count(4)
        await expect(page.locator(".message.mention .text")).to_have_text(["hey Alice"])


async def test_somebody_looks_after_a_room(page: Page) -> None:
    """Who creates one owns it: topic, roles, bans; what is done is told, and who is put out is elsewhere."""
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        await says(page, "/create class")
        await expect(page.locator(".notice").first).to_contain_text("This room is yours")
        await says(page, "/topic Asyncio")
        await expect(page.locator(".about").first).to_have_text("1 person here · Asyncio")
        await bob.join("class")
        said = [await bob.send(text) for text in ("a slip", "teh")]
        await sees(page, "teh")
        await bob.delete_message(said[0].seq)
        await bob.edit_message(said[1].seq, "the")
        await expect(page.locator(".fate")).to_have_text(["(deleted)", "(edited)"])
        await has_texts(page, ["the"])
        await says(page, "mine")
        await sees(page, "mine")
        for line in ("/edit mine now", "/delete bob"):
            await says(page, line)
        await expect(page.locator(".fate")).to_have_text(["(deleted)", "(deleted)", "(edited)"])
        await has_texts(page, ["mine now"])
        await says(page, "/delete bob")
        await expect(last_notice(page)).to_contain_text("no such message")
        await says(page, "/ban bob 1h spam")
        await expect(page.locator(".notice", has_text="alice banned bob from class, until")).to_contain_text(": spam.")
        await says(page, "/bans")
        await expect(last_notice(page)).to_contain_text("bob is banned, by alice")
        assert bob.room == "lobby"


async def test_what_is_done_to_somebody_elsewhere_is_told_where_they_look(page: Page) -> None:
    """An invitation, above all: to a room where they have been, or not."""
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        await bob.create("class")
        await bob.set_private(True)
        await bob.invite("alice")
        await expect(last_notice(page)).to_have_text("bob invites alice to class.")
        await says(page, "/join class")
        await is_in(page, "class")
        await says(page, "/leave")
        await is_in(page, "lobby")
        await bob.mute("alice")
        await expect(last_notice(page)).to_have_text("bob muted alice in class.")


async def test_who_is_put_out_of_a_room_while_they_write_says_nothing_elsewhere(page: Page) -> None:
    """What was written for the room is said there or not at all, and what is written to one person goes to them."""
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        await bob.create("class")
        await says(page, "/join class")
        await is_in(page, "class")
        await page.locator("textarea").press_sequentially("I was about ")
        await bob.kick("alice")
        await expect(last_notice(page)).to_have_text("bob put alice out of class.")
        await page.locator("textarea").press_sequentially("to say")
        await page.keyboard.press("Enter")
        await expect(page.locator(".message.failed .text")).to_have_text("I was about to say")
        await says(page, "/join class")
        await bob.send_direct("alice", "a word")
        await page.locator(".sidebar", has_text="bob").get_by_text("bob").click()
        await expect(page.locator("h1")).to_have_text("bob")
        await bob.kick("alice")
        await expect(last_notice(page)).to_have_text("bob put alice out of class.")
        await says(page, "why?")
        await sees(page, "why?")
        assert await bob.history("lobby") == ()


async def test_a_server_with_a_password_is_told_it(page: Page) -> None:
    """The page asks when it is needed, and says it again by itself when it is loaded anew."""
    async with ChatServer(listen=[Listen(options=web_options())], password="open sesame") as server:
        await page.goto(address(server))
        await page.get_by_role("textbox").first.fill("alice")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text("This server has a password")
        await expect(page.get_by_label("Password of this server")).to_be_focused()
        await page.keyboard.type("open sesame")
        await page.keyboard.press("Enter")
        await expect(page.locator(".my-name")).to_have_text("alice")
        await says(page, "in")
        await page.reload()
        await sees(page, "in")


async def test_what_was_refused_says_why_and_is_sent_again_when_asked(page: Page) -> None:
    """Nothing that was written is lost; it can be given up as well. Whoever leaves is gone at once."""
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await bob.create("class")
        await joins(page, address(server), "alice")
        await says(page, "/join class")
        await is_in(page, "class")
        await bob.mute("alice")
        for text in ("one", "two"):
            await says(page, text)
        await expect(page.locator(".failed-line")).to_have_count(2)
        await expect(page.locator(".failed-line").first).to_contain_text("Not sent. You may not speak in class.")
        await bob.unmute("alice")
        await page.get_by_role("button", name="Discard").last.click()
        await page.get_by_role("button", name="Try again").click()
        assert await hears(bob, "one") == "alice"
        await expect(page.locator(".failed-line")).to_have_count(0)
        await has_texts(page, ["one"])
        await page.get_by_role("button", name="Settings").click()
        await page.get_by_role("button", name="Leave the chat").click()
        await expect(page.locator("#name")).to_have_value("alice")
        assert "alice" not in server.chat.users


async def test_what_is_unread_is_counted_and_marked(page: Page) -> None:
    """In rooms where one is not, in direct messages, in the title; a line stands where one had stopped reading."""
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        await bob.create("python")
        await bob.send("before")
        await says(page, "/join python")
        await sees(page, "before")
        await page.locator(".place", has_text="lobby").click()
        await is_in(page, "lobby")
        for number in range(3):
            await bob.send(f"alice: unread {number}")
        await expect(page.locator(".place", has_text="python").locator(".badge")).to_have_text(["@ 3"])
        await bob.send_direct(["alice"], "psst")
        await expect(page.locator(".place", has_text="bob").locator(".badge")).to_have_text("1")
        await expect(page).to_have_title("(4) #lobby – chatcore")
        await page.locator(".place", has_text="python").click()
        await expect(page.locator(".row", has=page.locator(".unread-line"))).to_contain_text("unread 0")
        await page.locator(".place", has_text="bob").click()
        await sees(page, "psst")
        await expect(page.locator(".badge")).to_have_count(0)
        await says(page, "an answer")
        async with asyncio.timeout(PATIENCE):
            async for event in bob:
                if isinstance(event, DirectPosted) and event.sender == "alice":
                    break
        assert event.text == "an answer"


async def test_patience_that_the_server_asks_for_is_had_by_itself(page: Page) -> None:
    """Messages that come too fast arrive all the same, in order."""
    async with web_server(limits=Limits(messages_per_second=20, message_burst=2)) as server:
        await joins(page, address(server), "alice")
        wanted = [f"fast {number}" for number in range(8)]
        for text in wanted:
            await says(page, text)
        await expect(page.locator(".message.pending")).to_have_count(0)
        await has_texts(page, wanted)


async def cut_again_and_again(page: Page, times: int) -> None:
    """Let two people talk while the network breaks; each sees everything once and in order, and is told of no gap."""
    async with (
        web_server(limits=FREE) as server,
        Proxy(server) as proxy,
        connect(server.urls[0], username="bob") as bob,
    ):
        await joins(page, proxy.url, "alice")
        await page.evaluate("setInterval(() => dispatchEvent(new Event('online')), 30)")  # nobody waits for a try here
        cuts = number = 0
        while cuts < times:
            await says(page, f"alice {number}")
            await bob.send(f"bob {number}")
            cuts += await proxy.cut_one()
            number += 1
        await expect(page.locator(".message.pending")).to_have_count(0, timeout=PATIENCE * 1000)
        await sees(page, f"bob {number - 1}")
        said: list[str] = []
        while entries := await bob.history("lobby", after=len(said), limit=100):
            said += [entry.text for entry in entries]
        for who in ("alice", "bob"):
            assert [text for text in said if text.startswith(who)] == [f"{who} {each}" for each in range(number)]
        assert await everything(page) == said
        assert await page.locator(".gap").count() == 0


async def test_cuts_lose_nothing_and_double_nothing(page: Page) -> None:
    """Whatever is under way."""
    await cut_again_and_again(page, 30)


@pytest.mark.slow
async def test_two_hundred_cuts_lose_nothing_and_double_nothing(page: Page) -> None:
    """The same for longer."""
    await cut_again_and_again(page, 200)


async def scrolled_through(page: Page, count: int) -> None:
    """Read `count` messages of the lobby backwards, and see that only what is seen is in the document."""
    await sees(page, f"message {count - 1}")
    most = await page.evaluate(
        """async () => {
            const scroller = document.querySelector(".scroller");
            let most = 0;
            while (![...document.querySelectorAll(".text")].some((each) => each.textContent === "message 0")) {
                scroller.scrollTop = 0;
                await new Promise((done) => setTimeout(done, 20));
                most = Math.max(most, document.querySelectorAll("*").length);
            }
            return most;
        }"""
    )
    assert most < 1500
    await page.get_by_role("button", name="To the newest messages").click()
    await sees(page, f"message {count - 1}")


async def with_messages(client: Client, count: int) -> None:
    """Say so many things."""
    for number in range(count):
        client.post(SendMessage(f"message {number}"))
        if number % 100 == 0:
            await client.flush()
    await client.flush()


async def test_older_messages_load_by_scrolling_and_the_document_stays_small(page: Page) -> None:
    """What one reads holds still while others write."""
    async with web_server(limits=FREE) as server, connect(server.urls[0], username="bob") as bob:
        await with_messages(bob, 500)
        await joins(page, address(server), "alice")
        await scrolled_through(page, 500)
        await page.locator(".scroller").evaluate("(scroller) => { scroller.scrollTop = 5000; }")
        where = """() => {
            const top = document.querySelector(".scroller").getBoundingClientRect().top;
            const rows = [...document.querySelectorAll(".row")];
            const row = rows.find((each) => each.getBoundingClientRect().bottom > top);
            return [row.dataset.key, Math.round(row.getBoundingClientRect().top)];
        }"""
        await expect(page.locator(".to-end")).to_be_visible()
        before = await page.evaluate(where)
        for number in range(20):
            await bob.send(f"late {number}")
        await expect(page.locator(".to-end")).to_contain_text("20 new messages")
        assert await page.evaluate(where) == before


@pytest.mark.slow
async def test_twenty_thousand_messages_are_scrolled_through(page: Page) -> None:
    """The document stays as small as with twenty."""
    async with web_server(limits=FREE) as server, connect(server.urls[0], username="bob") as bob:
        await with_messages(bob, 20_000)
        await joins(page, address(server), "alice")
        await scrolled_through(page, 20_000)


@pytest.mark.parametrize("megabytes", [4, pytest.param(20, marks=pytest.mark.slow)])
async def test_files_go_both_ways_and_are_checked(page: Page, tmp_path: Path, megabytes: int) -> None:
    """From the page to a program, and from a program to the page, which keeps it under its name."""
    data = random.Random(20).randbytes(megabytes * 1_000_000)
    source = tmp_path / "a b.bin"
    source.write_bytes(data)
    async with (
        web_server() as server,
        connect(server.urls[0], username="bob", files=DownloadFolder(tmp_path / "in")) as bob,
    ):
        await joins(page, address(server), "alice")
        async with page.expect_file_chooser() as chooser:
            await page.get_by_role("button", name="Offer a file").click()
        await (await chooser.value).set_files(source)
        async with asyncio.timeout(PATIENCE):
            async for event in bob:
                if isinstance(event, FileOffered):
                    await bob.accept_file(event.file)
                elif isinstance(event, FileReceived):
                    break
        assert read(event.place) == data
        await expect(page.locator(".file-state")).to_have_text(f"{megabytes} MB, received by bob")

        await bob.offer_file(source, to=["alice"])
        await page.get_by_role("button", name="bob").first.click()
        await page.get_by_role("button", name="Receive").click()
        async with page.expect_download() as download:
            await page.get_by_role("link", name="Save").click(timeout=PATIENCE * 1000)
        kept = await download.value
        assert kept.suggested_filename == "a b.bin"
        assert read(await kept.path()) == data


def read(path: str | Path) -> bytes:
    """Return what is in a file."""
    return Path(path).read_bytes()
