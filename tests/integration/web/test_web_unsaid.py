"""What somebody has written on the page and nobody has read: it outlives the page, and is not thrown away unasked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from chatcore import connect
from tests.integration.web.house import (
    Proxy,
    address,
    hears,
    hurries,
    joins,
    last_notice,
    loses_its_network,
    says,
    sees,
    web_server,
)

pytestmark = pytest.mark.asyncio(loop_scope="package")

WOULD_ASK = """() => {
    const event = new Event("beforeunload", { cancelable: true });
    dispatchEvent(event);
    return event.defaultPrevented;
}"""
"""Whether the browser would ask before it closes the page."""
IS_KEPT = "(line) => Object.values(localStorage).some((kept) => kept.includes(line))"
NOT_THERE = "You are in lobby now; you are no longer in club."


async def test_a_line_that_was_begun_is_there_when_the_page_is_loaded_anew(page: Page) -> None:
    """In each conversation its own, with the message that it answers; none in which a password may stand."""
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        await bob.send("who comes?")
        await sees(page, "who comes?")
        await bob.send_direct(["alice"], "a word")
        line = page.get_by_role("textbox").last
        await page.locator(".place", has_text="bob").click()
        await expect(page.locator("h1")).to_have_text("bob")
        await line.fill("for bob alone")
        await page.locator(".place", has_text="lobby").click()
        await page.locator(".message").hover()
        await page.get_by_role("button", name="Answer this message").click()
        await line.fill("I do, with")
        await page.reload()
        await expect(line).to_have_value("I do, with")
        await expect(page.locator(".answered")).to_have_text("You answer bob: who comes?")
        await line.press("Enter")
        await hears(bob, "I do, with")
        assert [entry.reply_to for entry in await bob.history()] == [None, 1]
        await page.locator(".place", has_text="bob").click()
        await expect(line).to_have_value("for bob alone")
        for secret in ("/identify open sesame", "/registr sesame", " /reg sesame", "\uff0fregister sesame"):
            await line.fill(secret)
            await page.reload()
            await expect(page.locator(".my-name")).to_have_text("alice")
            assert "sesame" not in await page.evaluate("JSON.stringify({ ...localStorage })")
        await line.fill("/topic news\n/register sesame")
        await page.reload()
        await expect(line).to_have_value("/topic news")
        assert "sesame" not in await page.evaluate("JSON.stringify({ ...localStorage, ...sessionStorage })")


async def test_what_may_be_the_password_for_the_command_above_is_not_kept(page: Page) -> None:
    """Once that is carried out as well, and asks for the password; the other lines are, and what is typed later."""
    async with web_server() as server:
        await joins(page, address(server), "alice")
        line = page.get_by_role("textbox").last
        await line.fill("/identify\nsesame\nhello all")
        await line.press("Enter")
        await page.get_by_role("dialog").get_by_role("button", name="Close").click()
        await expect(line).to_have_value("sesame\nhello all")
        await line.press("End")
        await line.press_sequentially(" of you")
        await page.reload()
        await expect(line).to_have_value("hello all of you")
        await line.fill("/identify\nsesame")
        await line.press("Enter")
        await page.get_by_role("dialog").get_by_role("button", name="Close").click()
        await expect(line).to_have_value("sesame")
        await line.fill("")
        await line.fill("sesame grows here")
        await page.reload()
        await expect(line).to_have_value("sesame grows here")


@pytest.mark.parametrize(
    "kept", ["positions: null", "positions: {}, outbox: {}", "positions: {}, outbox: null, unsaid: {}"]
)
async def test_what_is_kept_in_another_form_keeps_nobody_out(page: Page, kept: str) -> None:
    """Another program on that address may have written it: one logs in as if nothing was kept."""
    async with web_server() as server:
        await page.goto(address(server))
        saved = f"{{ client: 'x', username: 'u', token: null, room: '', {kept} }}"
        session = f"JSON.stringify({{ saved: {saved}, holder: '', at: Date.now(), grace: 1000 }})"
        await page.evaluate(f"localStorage.setItem('chatcore / session/abc', {session})")
        await joins(page, address(server), "alice")


async def test_a_line_that_was_begun_goes_with_the_session(page: Page) -> None:
    """Whoever logs in on this browser next does not have it."""
    async with web_server() as server:
        await joins(page, f"{address(server)}/#room=class", "alice")
        await page.get_by_role("textbox").last.fill("a half written letter")
        await page.reload()
        await expect(page.get_by_role("textbox").last).to_have_value("a half written letter")
        await page.get_by_role("button", name="Settings").click()
        await page.get_by_role("button", name="Leave the chat").click()
        await page.get_by_role("dialog").get_by_role("button", name="Leave the chat").click()
        await expect(page.locator("#name")).to_have_value("alice")
        assert "letter" not in await page.evaluate("JSON.stringify({ ...localStorage })")


@pytest.mark.parametrize("where", ["below the command", "elsewhere"])
async def test_a_line_that_was_begun_is_not_thrown_away_unasked_by_the_command_that_leaves(
    page: Page, where: str
) -> None:
    """Whoever stays has it in the message line; without one, nothing is asked."""
    async with web_server() as server, connect(server.urls[0], username="bob"):
        await joins(page, address(server), "alice")
        line = page.locator("#message")
        if where == "elsewhere":
            await page.locator(".members button.member", has_text="bob").click()
            await expect(page.locator("h1")).to_have_text("bob")
            await line.fill("hi all")
            await page.locator(".place", has_text="lobby").click()
            await says(page, "/quit")
        else:
            await says(page, "/quit\nhi all")
        question = page.get_by_role("dialog", name="Leave the chat")
        await expect(question).to_contain_text("What you have begun to write is not sent.")
        await question.get_by_role("button", name="Stay").click()
        if where == "elsewhere":
            await page.locator(".place", has_text="bob").click()
        await expect(line).to_have_value("hi all")
        await line.fill("")
        await says(page, "/quit")
        await expect(page.locator("#name")).to_have_value("alice")


async def test_what_was_refused_is_there_when_the_page_is_loaded_anew(page: Page) -> None:
    """With the reason, where it stood; it is sent again, or given up, as before."""
    async with web_server() as server:
        await joins(page, address(server), "alice")
        await says(page, "/msg bob,carol are you there?")
        await expect(page.locator(".place", has_text="bob")).to_be_visible()
        await page.reload()
        for name in ("carol", "bob"):
            await page.locator(".place", has_text=name).click()
            await expect(page.locator(".message.failed .text")).to_have_text("are you there?")
        await expect(page.locator(".failed-line")).to_contain_text("Not sent. There is no user called")
        async with connect(server.urls[0], username="bob"), connect(server.urls[0], username="carol"):
            await page.get_by_role("button", name="Try again").click()
            await sees(page, "are you there?")
            await expect(page.locator(".failed-line")).to_have_count(0)
        await says(page, "/msg erin nor you?")
        await page.locator(".place", has_text="erin").click()
        await page.get_by_role("button", name="Discard").click()
        await page.reload()
        await expect(page.locator(".my-name")).to_have_text("alice")
        assert "nor you" not in await page.evaluate("JSON.stringify({ ...localStorage })")


async def test_what_is_too_long_by_now_is_not_lost_by_trying_it_again(page: Page) -> None:
    """The server may take less than when it was said."""
    async with web_server() as server:
        await joins(page, address(server), "alice")
        await says(page, "/msg bob are you there?")
        await page.locator(".place", has_text="bob").click()
        await expect(page.locator(".failed-line")).to_contain_text("There is no user called bob")
        await page.locator(".place", has_text="lobby").click()
        async with connect(server.urls[0], username="bob") as bob:
            server.change_limits(server.limits.model_copy(update={"text_bytes": 5}))
            await bob.send("less")  # and so the page knows
            await sees(page, "less")
            await page.locator(".place", has_text="bob").click()
            await page.get_by_role("button", name="Try again").click()
            await expect(last_notice(page)).to_contain_text("bob may be somebody else now")
            await page.get_by_role("button", name="Try again").click()
            await expect(last_notice(page)).to_contain_text("5 bytes")
            await expect(page.locator(".message.failed .text")).to_have_text("are you there?")


async def test_what_waits_is_not_thrown_away_unasked_by_leaving(page: Page) -> None:
    """Neither by a command nor by the button; whoever stays has it sent."""
    async with (
        web_server() as server,
        Proxy(server) as proxy,
        connect(server.urls[0], username="bob") as bob,
    ):
        await joins(page, f"{proxy.url}/#room=class", "alice")
        await bob.join("class")
        assert not await page.evaluate(WOULD_ASK)
        await loses_its_network(page, proxy)
        assert not await page.evaluate(WOULD_ASK)
        await says(page, "unsent one")
        await says(page, "/topic unsent two")
        assert await page.evaluate(WOULD_ASK)
        await says(page, "/quit")
        question = page.get_by_role("dialog", name="Leave the chat")
        await expect(question).to_contain_text("1 message is not sent yet. If you leave now, it is lost.")
        await expect(question).to_contain_text("1 command waits for the connection.")
        await page.keyboard.press("Enter")
        await expect(question).to_be_hidden()
        proxy.come_back()
        await hurries(page)
        await hears(bob, "unsent one")
        await expect(page.locator(".titles .about")).to_contain_text("unsent two")
        assert not await page.evaluate(WOULD_ASK)
        await loses_its_network(page, proxy)
        await says(page, "never sent")
        await page.get_by_role("button", name="Settings").click()
        await page.get_by_role("button", name="Leave the chat").click()
        await expect(question).to_be_visible()
        await question.get_by_role("button", name="Leave the chat").click()
        await expect(page.locator("#name")).to_have_value("alice")


async def test_what_waits_for_the_pace_of_a_room_is_not_thrown_away_unasked(page: Page) -> None:
    """The pace may be longer than the server keeps a session."""
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await bob.create("slowly")
        await bob.set_slow(3600)
        await joins(page, f"{address(server)}/#room=slowly", "alice")
        await says(page, "one")
        await sees(page, "one")
        assert not await page.evaluate(WOULD_ASK)
        await says(page, "two")
        await expect(page.locator(".banner")).to_contain_text("The server asks for patience")
        assert await page.evaluate(WOULD_ASK)
        await bob.set_slow(0)
        await sees(page, "two")
        assert not await page.evaluate(WOULD_ASK)


async def test_a_command_that_waits_for_the_connection_is_in_sight_and_outlives_the_page(page: Page) -> None:
    """It is said to wait, and carried out once there is a connection; of one with a password its name is said."""
    async with (
        web_server() as server,
        Proxy(server) as proxy,
        connect(server.urls[0], username="mallory") as mallory,
    ):
        await joins(page, f"{proxy.url}/#room=class", "alice")
        await mallory.join("class")
        await mallory.send("spam")
        await sees(page, "spam")
        await loses_its_network(page, proxy)
        for command in ("/topic chapter 7", "/delete mallory", "/ban mallory 2h spam"):
            await says(page, command)
            await expect(last_notice(page)).to_have_text(f"Waits for the connection: {command}")
        await says(page, "/register sesame")
        await expect(last_notice(page)).to_have_text("Waits for the connection: /register")
        await says(page, "/history")
        await expect(last_notice(page)).to_have_text("There is no connection.")
        assert await page.evaluate(WOULD_ASK)
        await page.evaluate("dispatchEvent(new Event('pagehide'))")
        kept = await page.evaluate("JSON.stringify({ ...localStorage })")
        assert "sesame" not in kept
        proxy.come_back()
        await page.reload()
        await expect(page.locator(".titles .about")).to_contain_text("chapter 7")
        await expect(page.locator(".notice", has_text="alice banned mallory")).to_be_visible()
        await expect(page.locator(".fate")).to_have_text("(deleted)")


async def test_an_emoji_that_waits_for_the_connection_is_taken_back_by_choosing_it_again(page: Page) -> None:
    """What was chosen last counts; each time it is said that it waits."""
    async with (
        web_server() as server,
        Proxy(server) as proxy,
        connect(server.urls[0], username="bob") as bob,
    ):
        await joins(page, proxy.url, "alice")
        await bob.send("well?")
        await sees(page, "well?")
        await loses_its_network(page, proxy)
        await page.locator(".message").hover()
        thumb, party = (page.get_by_role("button", name=f"React with {emoji}") for emoji in "\U0001f44d\U0001f389")
        await thumb.click()
        await expect(last_notice(page)).to_have_text("Waits for the connection: /react \U0001f44d")
        await thumb.click()
        await expect(last_notice(page)).to_have_text("Waits for the connection: /unreact \U0001f44d")
        await party.click()
        proxy.come_back()
        await hurries(page)
        await expect(page.locator(".reaction")).to_have_text(["\U0001f389 1"])


async def test_nothing_is_looked_for_without_a_connection(page: Page) -> None:
    """The dialog says why, as it covers what else says so; once there is a connection, that is looked for."""
    async with web_server() as server, Proxy(server) as proxy:
        await joins(page, proxy.url, "alice")
        await says(page, "the needle")
        await sees(page, "the needle")
        await loses_its_network(page, proxy)
        await says(page, "/search needle")
        status = page.get_by_role("dialog").get_by_role("status")
        await expect(status).to_have_text("There is no connection.")
        proxy.come_back()
        await hurries(page)
        await expect(page.locator(".found-text")).to_have_text("the needle")
        await expect(status).to_have_text("1 message was found.")


async def test_a_room_that_is_gone_is_listed_as_long_as_something_of_ones_own_stands_there(page: Page) -> None:
    """What was not sent there can be read, sent again, or given up; one is told where one is, once."""
    async with (
        web_server() as server,
        Proxy(server) as proxy,
        connect(server.urls[0], username="bob") as bob,
    ):
        await bob.create("club")
        await joins(page, f"{proxy.url}/#room=club", "alice")
        await loses_its_network(page, proxy)
        await says(page, "is anybody here?")
        await bob.close_room()
        proxy.come_back()
        await hurries(page)
        await expect(page.locator("h1")).to_have_text("# lobby")
        await expect(page.locator(".notice", has_text="You are in lobby now")).to_have_text(NOT_THERE)
        await expect(page.locator(".notice", has_text="club: Not sent. You are in lobby")).to_be_visible()
        places = page.get_by_role("list", name="Rooms").locator(".place-name")
        await expect(places).to_have_text(["club", "lobby"])
        await page.reload()
        await expect(places).to_have_text(["club", "lobby"])
        await places.first.click()
        await expect(page.locator(".message.failed .text")).to_have_text("is anybody here?")
        await page.get_by_role("button", name="Try again").click()
        await expect(page.locator(".failed-line")).to_contain_text("There is no room called club")
        await page.get_by_role("button", name="Discard").click()
        await places.last.click()
        await expect(places).to_have_text(["lobby"])


async def test_who_tries_again_what_was_not_sent_in_a_room_goes_there(page: Page) -> None:
    """All of it is said there, in order; or it is said why one is not let in."""
    async with (
        web_server() as server,
        Proxy(server) as proxy,
        connect(server.urls[0], username="bob") as bob,
    ):
        await bob.create("club")
        await joins(page, f"{proxy.url}/#room=club", "alice")
        await loses_its_network(page, proxy)
        for text in ("one", "two"):
            await says(page, text)
        await page.get_by_role("textbox").last.fill("begun here")
        await bob.ban("alice")
        proxy.come_back()
        await hurries(page)
        await expect(page.locator(".notice", has_text="You are in lobby now")).to_have_text(NOT_THERE)
        again = page.get_by_role("button", name="Try again")
        await expect(again).to_have_count(2)
        await again.first.click()
        await expect(page.locator(".failed-line").first).to_contain_text("You are banned from club")
        await bob.unban("alice")
        await again.evaluate_all("(all) => all.forEach((one) => one.click())")  # one after the other, at once
        await hears(bob, "two")
        assert [entry.text for entry in await bob.history()] == ["one", "two"]


async def test_the_browser_asks_before_a_file_is_lost(page: Page, browser: Browser, tmp_path: Path) -> None:
    """While it is on its way, or waits for the connection to go on, and until it is saved."""
    content = os.urandom(12_000_000)
    (tmp_path / "big.bin").write_bytes(content)
    async with web_server() as server, Proxy(server) as proxy:
        await joins(page, proxy.url, "alice")
        other = await browser.new_page()
        await joins(other, address(server), "bob")
        await other.locator("input[type=file]").set_input_files(tmp_path / "big.bin")
        receive = page.get_by_role("button", name="Receive")
        await expect(receive).to_be_visible()
        proxy.go_silent()
        await receive.click()
        await loses_its_network(page, proxy)
        await expect(page.locator(".file-state")).to_contain_text("waiting for the connection")
        assert await page.evaluate(WOULD_ASK)
        proxy.come_back()
        await hurries(page)
        await expect(page.locator(".file-state")).to_contain_text("checked and complete")
        assert await page.evaluate(WOULD_ASK)
        await says(page, "/quit")
        await expect(page.get_by_role("dialog")).to_contain_text("A file is on its way, or not saved yet.")
        await page.keyboard.press("Escape")
        async with page.expect_download() as saved:
            await page.get_by_role("link", name="Save").click()
        assert (await (await saved.value).path()).read_bytes() == content
        assert not await page.evaluate(WOULD_ASK)
        await other.close()


async def test_a_line_is_not_lost_where_the_chat_went_on_in_another_tab(page: Page, context: BrowserContext) -> None:
    """It goes along with the chat when that is taken back, behind what was begun there; else its tab asks first."""
    async with web_server() as server:
        await page.add_init_script("sessionStorage.length || delete window.BroadcastChannel")
        await joins(page, address(server), "alice")
        await page.locator("#message").fill("the first")
        await page.wait_for_function(IS_KEPT, arg="the first")
        other = await context.new_page()
        await other.goto(address(server))
        copied = await page.evaluate("Object.entries(sessionStorage)")
        await other.evaluate("all => all.forEach(([key, value]) => sessionStorage.setItem(key, value))", copied)
        await other.reload()
        await expect(other.locator("#message")).to_have_value("the first")
        await expect(page.locator(".banner")).to_contain_text("This chat goes on in another tab or on another device.")
        await says(other, "the first")
        await sees(other, "the first")
        await other.locator("#message").fill("typed there")
        await other.wait_for_function(IS_KEPT, arg="typed there")
        assert not await page.evaluate(WOULD_ASK)
        await page.locator("#message").fill("here")
        assert await page.evaluate(WOULD_ASK)
        await page.get_by_role("button", name="Use it here").click()
        await expect(page.locator("#message")).to_have_value("typed there\nhere")
        await expect(other.locator(".banner")).to_contain_text("This chat goes on in another tab or on another device.")
        assert not await page.evaluate(WOULD_ASK)
        assert not await other.evaluate(WOULD_ASK)
