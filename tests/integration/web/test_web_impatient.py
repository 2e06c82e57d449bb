"""Whoever goes on typing, quicker than the network or the program, says what was meant, where it was meant."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from chatcore import Listen, connect
from tests.integration.chromium import started
from tests.integration.web.house import (
    Proxy,
    address,
    has_texts,
    joins,
    last_notice,
    says,
    sees,
    web_options,
    web_server,
)
from tests.stores import ChatServer

pytestmark = pytest.mark.asyncio(loop_scope="package")

SLOW = """const Quick = WebSocket;
window.WebSocket = class extends Quick { send(data) { setTimeout(() => super.send(data), 400); } };"""
"""A network that takes its time."""


async def begins(page: Page, url: str, name: str) -> None:
    """Give the name, and wait for nothing."""
    await page.goto(url)
    await page.get_by_role("textbox").first.fill(name)
    await page.get_by_role("textbox").first.press("Enter")


async def test_what_is_typed_right_after_the_name_is_said_in_the_room_of_the_link(page: Page) -> None:
    """While one is on the way in, also from one room to the next, there is no other field that would take it."""
    await page.add_init_script(SLOW)
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await bob.create("python")
        await begins(page, f"{address(server)}/#room=python", "alice")
        await says(page, "my first words")
        await sees(page, "my first words")
        assert [entry.text for entry in await bob.history("python")] == ["my first words"]


async def test_who_types_on_without_looking_loses_no_key(page: Page) -> None:
    """After the name, and after a reload: lines are said, and what was begun stands in the message line. A password
    that was asked for by then is no line."""
    await page.add_init_script(SLOW)
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await begins(page, address(server), "bob")
        await page.keyboard.type("secret")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_have_text("The name bob is taken.")
        await page.keyboard.type("alice")
        await page.keyboard.press("Enter")
        await page.keyboard.type("fx")
        await page.keyboard.press("Backspace")
        await page.keyboard.type("irst")
        await page.keyboard.press("Enter")
        await page.keyboard.type("/who")
        await page.keyboard.press("Enter")
        await page.keyboard.type("begun")
        await expect(page.locator("#message")).to_have_value("begun")
        await sees(page, "first")
        await expect(last_notice(page)).to_contain_text("alice in lobby")
        await page.reload()
        await page.keyboard.type("second")
        await page.keyboard.press("Enter")
        await sees(page, "second")
        assert [entry.text for entry in await bob.history("lobby")] == ["first", "second"]


async def test_a_link_that_is_followed_on_the_way_in_leads_to_its_room_with_what_was_typed(page: Page) -> None:
    """Before the server has answered, and after; by a link, or by the button that goes back."""
    async with web_server() as server, Proxy(server) as proxy, connect(server.urls[0], username="bob") as bob:
        await bob.create("zroom")
        await page.goto(proxy.url)
        await page.get_by_role("textbox").first.fill("alice")
        proxy.go_silent()
        await page.keyboard.press("Enter")
        await page.keyboard.type("typed ")
        await page.evaluate("location.hash = '#room=zroom'")
        await page.keyboard.type("ahead")
        proxy.come_back()
        await expect(page.locator(".about").first).to_have_text("2 people here")
        await expect(page.get_by_role("heading", level=1)).to_have_text("# zroom")
        await expect(page.locator("#message")).to_have_value("typed ahead")


async def test_who_reads_the_form_in_another_language_or_follows_a_link_keeps_what_was_typed(page: Page) -> None:
    """The name and the room, and passwords, which are asked for when it takes one; what is typed on the way in, too."""
    await page.add_init_script(SLOW)
    async with ChatServer(listen=[Listen(options=web_options())], password="open sesame") as server:
        await begins(page, f"{address(server)}/#room=other", "alice")
        await expect(page.get_by_role("alert")).to_contain_text("password")
        await page.get_by_label("Room (optional)").fill("atelier")
        await page.get_by_label("Password of this server").fill("open sesame")
        await page.get_by_role("button", name="Français").click()
        await expect(page.get_by_label("Votre nom")).to_have_value("alice")
        await expect(page.get_by_label("Salon (facultatif)")).to_have_value("atelier")
        await expect(page.get_by_label("Mot de passe de ce serveur")).to_have_value("open sesame")
        await page.evaluate("location.hash = '#room=class'")
        await expect(page.get_by_label("Salon (facultatif)")).to_have_value("class")
        await expect(page.get_by_label("Mot de passe de ce serveur")).to_have_value("open sesame")
        await page.get_by_label("Mot de passe de ce serveur").press("Enter")
        await page.keyboard.type("typed ahead")
        await page.get_by_role("button", name="English").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("# class")
        await expect(page.locator("#message")).to_have_value("typed ahead")


async def test_what_is_typed_right_after_the_page_is_loaded_anew_is_said(page: Page) -> None:
    """By the same person, in the same room."""
    await page.add_init_script(SLOW)
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        for number in range(3):
            await says(page, f"before {number}")
            await page.reload()
            await says(page, f"after {number}")
        await sees(page, "after 2")
        said = [entry.text for entry in await bob.history("lobby")]
        assert said == [f"{when} {number}" for number in range(3) for when in ("before", "after")]


async def test_a_refused_name_is_asked_for_again_and_what_is_typed_next_takes_its_place(page: Page) -> None:
    """So does a password; a name that is too long is refused, and not made another one."""
    async with web_server() as server, connect(server.urls[0], username="bob"):
        await begins(page, address(server), "bob")
        await expect(page.get_by_role("alert")).to_have_text("The name bob is taken.")
        await page.keyboard.type("x" * 40)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text("A name has 2 to 32 letters")
        await expect(page.locator("#name")).to_have_value("x" * 40)
        await page.keyboard.type("alice")
        await page.keyboard.press("Enter")
        await expect(page.locator(".my-name")).to_have_text("alice")


async def test_enter_that_ends_a_composition_sends_nothing(page: Page) -> None:
    """As people write Japanese: it takes what is proposed. Safari says so by the number of the key only."""
    async with web_server() as server:
        await joins(page, address(server), "alice")
        line = page.get_by_role("textbox").last
        await line.fill("にほん")
        for composing in ({"isComposing": True}, {"keyCode": 229}):
            await line.dispatch_event("keydown", {"key": "Enter", **composing})
        await expect(line).to_have_value("にほん")
        await line.press("Enter")
        await sees(page, "にほん")
        await has_texts(page, ["にほん"])


async def test_what_is_said_to_one_person_from_a_room_is_shown_there_to_its_sender(page: Page) -> None:
    """Who is told that it was said, or why not: the conversation with that person is not looked at. A space in front
    makes it no message to all."""
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        await says(page, "/msg bob psst")
        await expect(last_notice(page)).to_have_text("To bob only: psst")
        await says(page, "  /msg bob  between us")
        await expect(last_notice(page)).to_have_text("To bob only: between us")
        await says(page, "/msg nobody hello")
        await expect(last_notice(page)).to_have_text("There is no user called nobody.")
        await says(page, "to all")
        await sees(page, "to all")
        assert [entry.text for entry in await bob.history("lobby")] == ["to all"]


async def test_a_name_from_right_to_left_stands_beside_its_letter(page: Page) -> None:
    """Like all others of the list: at the left, where its first letter is."""
    async with web_server() as server, connect(server.urls[0], username="מירה"):
        await joins(page, address(server), "alice")
        letters = page.locator(".members .avatar")
        await expect(letters).to_have_count(2)
        assert [(await letters.nth(at).inner_text()).strip("\u2068\u2069") for at in range(2)] == ["A", "מ"]
        for name in await page.locator(".member-name").all():
            assert await name.evaluate("(name) => getComputedStyle(name).textAlign") == "left"


async def test_a_room_that_one_was_put_out_of_is_said_to_be_one(page: Page) -> None:
    """It stays in sight, with what was said there; below its name stood that it were direct messages."""
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await bob.create("class")
        await joins(page, f"{address(server)}/#room=class", "alice")
        await expect(page.locator(".about").first).to_have_text("2 people here")
        await bob.kick("alice")
        await expect(page.locator(".about").first).to_have_text("You are not in this room.")
        await expect(page.get_by_role("heading", level=1)).to_have_text("# class")


NO_MOUSE = "--blink-settings=primaryPointerType=1,availablePointerTypes=1,primaryHoverType=1,availableHoverTypes=1"


@pytest.mark.parametrize("reads_first", [False, True])
async def test_a_computer_without_a_mouse_is_no_phone(reads_first: bool) -> None:
    """One writes in the message line there from the beginning: only a keyboard on the screen has to be asked for."""
    async with started(NO_MOUSE) as browser, web_server() as server:
        page = await browser.new_page()
        await page.goto(address(server))
        assert await page.evaluate("matchMedia('(hover: none) and (pointer: none)').matches")
        await page.keyboard.type("alice")
        await page.keyboard.press("Enter")
        if reads_first:
            await expect(page.locator("#message")).to_be_focused()
        await page.keyboard.type("my first words")
        await page.keyboard.press("Enter")
        await sees(page, "my first words")
