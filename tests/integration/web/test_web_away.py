"""The page while it has no connection, or nobody looks at it."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress

import pytest
from playwright.async_api import BrowserContext, Page, expect

from chatcore import Listen, connect
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
    web_options,
    web_server,
)
from tests.patience import PATIENCE
from tests.stores import ChatServer

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_a_minute_without_a_network_loses_nothing(page: Page, context: BrowserContext) -> None:
    """Nobody says that it is gone: the page finds out, counts down to each try, and is back as the same person."""
    await page.clock.install()
    async with (
        web_server() as server,
        Proxy(server) as proxy,
        connect(server.urls[0], username="bob") as bob,
    ):
        await joins(page, proxy.url, "alice")
        session = server.chat.users["alice"]
        await says(page, "before")
        await sees(page, "before")
        proxy.go_silent()
        await context.set_offline(True)
        await says(page, "written meanwhile")
        await bob.send("missed")
        counted = set()
        for _ in range(60):
            await page.clock.run_for(1000)
            counted.add(await page.locator(".banner .clock").text_content())
        assert len(counted & {f"Next try in {seconds} seconds." for seconds in range(2, 20)}) > 3
        await expect(page.locator(".banner")).to_contain_text("The server cannot be reached.")
        await expect(page.locator(".message.pending .text")).to_have_text("written meanwhile")
        await expect(page.locator(".over.offline")).to_be_visible()
        proxy.come_back()
        await context.set_offline(False)
        await sees(page, "missed")
        await expect(page.locator(".message.pending")).to_have_count(0)
        await expect(page.locator(".banner")).to_be_hidden()
        await hears(bob, "written meanwhile")
        said = [entry.text for entry in await bob.history("lobby")]
        await has_texts(page, said)
        assert sorted(said) == ["before", "missed", "written meanwhile"]
        assert server.chat.users["alice"] is session


async def test_seconds_are_counted_while_the_server_asks_for_patience(page: Page) -> None:
    """In a slow room, say; what waits goes out by itself when the time is over."""
    await page.clock.install()
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await bob.create("slowly")
        await bob.set_slow(3600)
        await joins(page, f"{address(server)}/#room=slowly", "alice")
        await says(page, "one")
        await sees(page, "one")
        await expect(page.locator(".banner")).to_be_hidden()
        await says(page, "two")
        await expect(page.locator(".banner")).to_contain_text("The server asks for patience")
        clock = page.locator(".banner .clock")
        await expect(clock).to_contain_text("It goes on in 3,5")
        seen = await clock.text_content()
        assert seen is not None
        await expect(clock).not_to_have_text(seen)
        for line in ("/delete", "/edit too"):  # the last message is the one that waits, and no other
            await says(page, line)
            await expect(last_notice(page)).to_contain_text("has yet to arrive")
        await bob.set_slow(0)
        await page.clock.fast_forward("01:00:00")
        await expect(page.locator(".banner")).to_be_hidden()
        await expect(page.locator(".message.pending")).to_have_count(0)
        await hears(bob, "two")
        assert [entry.text for entry in await bob.history()] == ["one", "two"]
        await page.get_by_role("textbox").last.press("Enter")  # the line is still there
        await sees(page, "too")
        assert [entry.text for entry in await bob.history()] == ["one", "too"]


NOTED = """
    // Notes what the browser is asked to show; it shows that all the same.
    window.noted = [];
    window.Notification = class extends Notification {
        constructor(title, options) {
            super(title, options);
            window.latest = this;
            noted.push([title, options.body]);
        }
    };
"""


async def test_a_mention_and_a_direct_message_call_somebody_who_looks_elsewhere(
    page: Page, context: BrowserContext
) -> None:
    """By a notification, where one has asked for them, and by a number in the title; what is looked at is read."""
    await context.grant_permissions(["notifications"])
    await page.add_init_script(NOTED)
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        await bob.send("seen")
        await sees(page, "seen")
        await page.get_by_role("button", name="Settings").click()
        await page.get_by_label("Notify me of mentions and direct messages").check()
        await page.keyboard.press("Escape")
        devtools = await context.new_cdp_session(page)
        await devtools.send("Emulation.setFocusEmulationEnabled", {"enabled": False})
        other = await context.new_page()
        await other.bring_to_front()
        await bob.send("nobody is meant")
        await expect(page).to_have_title("• #lobby – chatcore")
        await bob.send("alice: \u202e<b>come</b>")
        await expect(page).to_have_title("(1) #lobby – chatcore")
        await bob.send_direct(["alice"], "psst")
        await expect(page).to_have_title("(2) #lobby – chatcore")
        assert await page.evaluate("noted") == [["bob in lobby", "alice: \\u202e<b>come</b>"], ["bob", "psst"]]
        await page.bring_to_front()
        await devtools.send("Emulation.setFocusEmulationEnabled", {"enabled": True})
        await expect(page).to_have_title("(1) #lobby – chatcore")
        await expect(page.locator(".row", has=page.locator(".unread-line"))).to_contain_text("nobody is meant")
        await page.locator(".place", has_text="bob").click()
        await expect(page).to_have_title("bob – chatcore")


async def test_notifications_that_the_browser_forbids_are_said_to_be_forbidden(page: Page) -> None:
    """Where one asks for them, and where the permission was taken back: the box shows what is so."""
    await page.add_init_script(
        """
        Object.defineProperty(Notification, "permission", { get: () => sessionStorage.permission ?? "default" });
        Notification.requestPermission = async () => (sessionStorage.permission = "denied");
        localStorage.setItem("chatcore / likes", JSON.stringify({ notify: true }));
        """
    )
    async with web_server() as server:
        await joins(page, address(server), "alice")
        await page.get_by_role("button", name="Settings").click()
        box = page.get_by_label("Notify me of mentions and direct messages")
        await expect(box).not_to_be_checked()
        await expect(page.get_by_role("status").filter(has_text="forbids")).to_have_count(0)
        await box.click()
        await expect(page.get_by_role("status").filter(has_text="Your browser forbids notifications")).to_be_visible()
        await expect(box).not_to_be_checked()


async def is_shown(page: Page, wanted: list[list[str]]) -> None:
    """Wait until the browser was asked to show these notifications, and no others."""
    noted = list[list[str]]()
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while noted != wanted:
                noted = await page.evaluate("noted")
    assert noted == wanted


async def test_a_mention_in_a_room_that_was_left_calls_somebody_too(page: Page, context: BrowserContext) -> None:
    """With who it was and what was said; the notification leads there. What mentions nobody calls nobody."""
    await context.grant_permissions(["notifications"])
    await page.add_init_script(NOTED)
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await bob.create("kitchen")
        await joins(page, address(server), "alice")
        await page.get_by_role("button", name="Settings").click()
        await page.get_by_label("Notify me of mentions and direct messages").check()
        await page.keyboard.press("Escape")
        await says(page, "/join kitchen")
        await is_in(page, "kitchen")
        await says(page, "/join lobby")
        await is_in(page, "lobby")
        calls = ["alice: dinner", "@alice it gets cold"]
        for text in ("is anybody hungry?", calls[0], "is ready"):
            await bob.send(text)
        await is_shown(page, [["bob in kitchen", calls[0]]])
        await bob.send(calls[1])
        await is_shown(page, [["bob in kitchen", call] for call in calls])
        await page.evaluate("latest.onclick()")
        await is_in(page, "kitchen")
        await sees(page, "@alice it gets cold")


TOKEN = "correct-horse-battery-staple-1234"


async def test_who_is_put_out_of_the_server_reads_why_and_may_come_back(page: Page) -> None:
    """The reason stands where one reads that it is over; whoever is banned may try it again later, and nothing else."""
    async with (
        ChatServer(listen=[Listen(options=web_options())], operator_token=TOKEN) as server,
        connect(server.urls[0], username="host", operator_token=TOKEN) as host,
    ):
        await host.become_operator(TOKEN)
        await joins(page, address(server), "alice")
        await host.kick("alice", reason="be <b>nice</b>")
        await expect(page.locator(".banner")).to_contain_text(
            "put you out. host put alice out of lobby: be <b>nice</b>."
        )
        await page.get_by_role("button", name="Try again").click()
        await says(page, "back")
        await hears(host, "back")
        await host.ban("alice", reason="not nice at all")
        await expect(page.locator(".banner")).to_contain_text("not nice at all")
        await expect(page.locator(".banner button")).to_have_text("Try again")


async def test_who_is_asked_for_a_password_by_a_new_server_logs_in_anew(page: Page) -> None:
    """It is another one at the same address, to which this session says nothing: the form asks."""
    async with web_server() as server:
        port = int(server.urls[0].rpartition(":")[2])
        await joins(page, address(server), "alice")
    async with ChatServer(listen=[Listen(options=web_options(port=port))], password="open sesame"):
        await hurries(page)
        await expect(page.locator(".banner")).to_contain_text("This server has a password")
        await page.get_by_role("button", name="Log in anew").click()
        await page.get_by_label("Password of this server").fill("open sesame")
        await page.keyboard.press("Enter")
        await expect(page.locator(".my-name")).to_have_text("alice")


async def test_the_next_try_is_counted_down_to_whatever_the_clock_of_the_computer_says(page: Page) -> None:
    """Set back by an hour while the page waits, say: it comes as soon as before."""
    async with web_server() as server:
        await joins(page, address(server), "alice")
    await expect(page.locator(".banner .clock")).to_have_text(re.compile(r"Next try in ([3-9]|1\d) seconds\."))
    said = await page.evaluate(
        """() => new Promise((done) => {
            const before = Date.now;
            Date.now = () => before() - 3600_000;
            const clock = document.querySelector(".banner .clock");
            new MutationObserver(() => done(clock.textContent)).observe(clock, { childList: true });
        })"""
    )
    assert re.fullmatch(r"Next try in \d\d? seconds?\.", said)


@pytest.mark.parametrize("presses", [True, False], ids=["pressed", "by itself"])
async def test_the_keyboard_is_in_the_line_once_the_button_for_the_next_try_is_gone(
    page: Page, context: BrowserContext, presses: bool
) -> None:
    """Whether it was pressed, or the time for that try had come."""
    async with web_server() as server, Proxy(server) as proxy:
        await joins(page, proxy.url, "alice")
        await context.set_offline(True)
        proxy.cut()
        has_the_button = """(presses) => {
            const button = document.querySelector(".banner button");
            button.focus();
            const isHeld = document.activeElement === button;
            if (isHeld && presses) button.click();
            return isHeld;
        }"""
        async with asyncio.timeout(PATIENCE):
            while not await page.evaluate(has_the_button, presses):
                pass
        await expect(page.locator("#message")).to_be_focused()
        await context.set_offline(False)
        await hurries(page)
        await expect(page.locator(".banner")).to_be_hidden()
        await expect(page.locator("#message")).to_be_focused()
