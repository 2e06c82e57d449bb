"""Names that belong to somebody, in the page."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from chatcore import Listen, connect
from chatcore_passwords import Argon2
from tests.integration.web.house import (
    Proxy,
    address,
    hears,
    hurries,
    is_in,
    joins,
    last_notice,
    loses_its_network,
    says,
    sees,
    web_options,
)
from tests.stores import ChatServer

pytestmark = pytest.mark.asyncio(loop_scope="package")

PASSWORD = "correct-horse"
TOKEN = "a-token-that-nobody-guesses"


def owning(**options: str) -> ChatServer:
    """Return a server on which names may belong to somebody."""
    return ChatServer(listen=[Listen(options=web_options())], passwords=Argon2(), **options)


async def test_a_name_is_made_ones_own_and_asks_for_its_password(page: Page, browser: Browser) -> None:
    """Which is typed where nobody reads it, and stands nowhere afterwards; whoever leaves needs it again."""
    async with owning() as server, await browser.new_context() as other:
        await joins(page, address(server), "alice")
        await says(page, "/register")
        await expect(page.get_by_label("New password")).to_be_focused()
        await page.keyboard.type(PASSWORD)
        await page.get_by_label("The same once more").fill("mistyped")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_have_text("These are two different ones. Type the same twice.")
        await page.get_by_label("The same once more").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(last_notice(page)).to_contain_text("Your name is yours now")
        await says(page, "hello")
        await sees(page, "hello")
        assert PASSWORD not in await page.content()

        stranger = await other.new_page()
        await stranger.goto(address(server))
        await stranger.get_by_role("textbox").first.fill("Alice")
        await stranger.keyboard.press("Enter")
        await expect(stranger.get_by_role("alert")).to_contain_text("belongs to somebody")
        await expect(stranger.get_by_label("Password of this name")).to_be_focused()
        await stranger.keyboard.type("battery staple")
        await stranger.keyboard.press("Enter")
        await expect(stranger.get_by_role("alert")).to_contain_text("it has another password")
        await joins(stranger, address(server), "bob")

        await page.reload()
        await sees(page, "hello")
        await says(page, "/quit")
        await expect(page.locator("#name")).to_be_visible()
        assert PASSWORD not in await page.evaluate("JSON.stringify([{ ...sessionStorage }, { ...localStorage }])")
        await page.get_by_role("textbox").first.press("Enter")
        await expect(page.get_by_label("Password of this name")).to_be_focused()


async def test_what_keeps_passwords_is_told_whose_a_password_is_and_whether_it_is_new(page: Page) -> None:
    """Where somebody logs in, makes a name their own, shows that it is, and is invited to make an account."""
    kinds = "(form) => [...form.querySelectorAll('input:not(#room)')].map((each) => each.autocomplete)"
    async with (
        owning(accounts="required", operator_token=TOKEN) as server,
        connect(server.urls[0], username="host", operator_token=TOKEN) as host,
    ):
        await host.become_operator(TOKEN)
        made = await host.make_invitation(2)
        await page.goto(f"{address(server)}/#invite={made.token}")
        form = page.locator("form")
        assert (await form.evaluate(kinds))[:2] == ["username", "current-password"]
        await page.get_by_label("Your name").fill("alice")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text("choose a password for alice")
        assert (await form.evaluate(kinds))[:3] == ["username", "new-password", "new-password"]
    async with owning() as server:
        await joins(page, address(server), "alice")
        for command, wanted in (
            ("/register", ["username", "new-password", "new-password"]),
            ("/identify", ["username", "current-password"]),
        ):
            await says(page, command)
            asked = page.get_by_role("dialog").locator("form")
            assert await asked.evaluate(kinds) == wanted
            assert await asked.locator("[autocomplete=username]").input_value() == "alice"
            await page.keyboard.press("Escape")


async def test_a_server_may_have_a_password_beside_that_of_a_name(page: Page) -> None:
    """Each is asked for when it is needed."""
    async with owning(password="open sesame") as server:
        for again in (False, True):
            await page.goto(address(server))
            await page.get_by_role("textbox").first.fill("alice")
            await page.keyboard.press("Enter")
            await page.get_by_label("Password of this server").fill("open sesame")
            await page.keyboard.press("Enter")
            if again:
                await page.get_by_label("Password of this name").fill(PASSWORD)
                await page.keyboard.press("Enter")
            await expect(page.locator(".my-name")).to_have_text("alice")
            await says(page, f"/identify {PASSWORD}" if again else f"/register {PASSWORD}")
            await expect(last_notice(page)).to_contain_text("yours")
            await says(page, "/quit")
            await expect(page.locator("#name")).to_be_visible()


async def test_whoever_makes_the_account_by_an_invitation_types_its_password_twice(page: Page) -> None:
    """Once, where the name has one already."""
    async with (
        owning(accounts="required", operator_token=TOKEN) as server,
        connect(server.urls[0], username="host", operator_token=TOKEN) as host,
    ):
        await host.become_operator(TOKEN)
        made = await host.make_invitation(2)
        await host.reset_account("bob", PASSWORD, new=True)
        await page.goto(f"{address(server)}/#invite={made.token}")
        again = page.get_by_label("The same once more")
        await expect(again).to_be_hidden()
        await page.get_by_label("Your name").fill("alice")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text("choose a password for alice")
        await page.get_by_label("Password of this name").fill(PASSWORD)
        await again.fill("mistyped")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_have_text("These are two different ones. Type the same twice.")
        await page.get_by_label("Your name").fill("bob")
        await again.fill(PASSWORD)
        await page.get_by_label("Password of this name").fill("no password of bob")
        await again.fill("no password of bob")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text("it has another password")
        await expect(again).to_be_hidden()
        await page.get_by_label("Your name").fill("alice")
        await page.get_by_label("Password of this name").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await is_in(page, "lobby")
        await says(page, "hello")
        await sees(page, "hello")


async def test_what_waits_goes_with_the_one_who_wrote_it(page: Page) -> None:
    """Whose login is refused goes on under the same name; under another one nothing is said or done that was left."""
    async with (
        owning(operator_token=TOKEN) as server,
        Proxy(server) as proxy,
        connect(server.urls[0], username="host", operator_token=TOKEN) as host,
    ):
        await host.become_operator(TOKEN)
        await host.create("class")
        await host.send("well?")
        await joins(page, f"{proxy.url}/#room=class", "alice")
        await sees(page, "well?")
        await says(page, f"/register {PASSWORD}")
        await expect(last_notice(page)).to_contain_text("yours")
        line, name = page.get_by_role("textbox").last, page.locator("#name")
        for number, (other, password) in enumerate((("alice", "battery staple"), ("mallory", "paper clip"))):
            await loses_its_network(page, proxy)
            await says(page, f"of alice {number}")
            await says(page, "/react \U0001f44d")
            await line.fill("begun by alice")
            await host.reset_account("alice", password)
            proxy.come_back()
            await hurries(page)
            await page.get_by_role("button", name="Log in anew").click()
            await expect(name).to_have_value("alice")
            await name.fill(other)
            await page.get_by_label("Password of this name").fill(password if other == "alice" else "")
            await page.keyboard.press("Enter")
            if other == "alice":
                await hears(host, "of alice 0")
                await expect(line).to_have_value("begun by alice")
        question = page.get_by_role("dialog", name="Leave the chat")
        await expect(question).to_contain_text("1 message is not sent yet. If you leave now, it is lost.")
        await expect(question).to_contain_text("1 command waits for the connection.")
        await question.get_by_role("button", name="Leave the chat").click()
        await expect(page.locator(".my-name")).to_have_text("mallory")
        await expect(line).to_have_value("")
        await says(page, "of mallory")
        await sees(page, "of mallory")
        said = [(entry.sender, entry.text, len(entry.reactions)) for entry in await host.history("class")]
        assert said == [("host", "well?", 1), ("alice", "of alice 0", 0), ("mallory", "of mallory", 0)]
        assert "by alice" not in await page.evaluate("JSON.stringify({ ...localStorage })")


async def test_whose_account_was_removed_is_asked_anew_who_they_are(page: Page) -> None:
    """To try again with what the page knows would come to nothing; the name is there for anybody."""
    async with (
        owning(operator_token=TOKEN) as server,
        connect(server.urls[0], username="host", operator_token=TOKEN) as host,
    ):
        await host.become_operator(TOKEN)
        await joins(page, address(server), "alice")
        await says(page, f"/register {PASSWORD}")
        await expect(last_notice(page)).to_contain_text("yours")
        await host.drop_account("alice")
        await expect(page.locator(".banner")).to_contain_text("Your account was removed")
        await page.get_by_role("button", name="Log in anew").click()
        await expect(page.locator("#name")).to_have_value("alice")
        await page.keyboard.press("Enter")
        await expect(page.locator(".my-name")).to_have_text("alice")
