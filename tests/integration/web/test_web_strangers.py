"""What is written in private goes to the one whom it was written for: the name may be somebody else's by then."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import FilePayload, Page, expect

from chatcore import Client, Listen, connect
from chatcore.events import DirectPosted
from chatcore_passwords import Argon2
from tests.integration.web.house import (
    Proxy,
    address,
    has_texts,
    hurries,
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

PASSWORD = "correct-horse"


async def gets(client: Client) -> str:
    """Return the next private message that somebody gets."""
    async with asyncio.timeout(PATIENCE):
        async for event in client:
            if isinstance(event, DirectPosted) and event.cid is None:
                return event.text
    raise AssertionError("the client ended")


async def writes_to(page: Page, name: str) -> None:
    """Choose somebody with whom there is a conversation."""
    await page.get_by_label("Direct messages").locator(".place", has_text=name).click()
    await expect(page.locator("h1")).to_have_text(name)


async def knows(page: Page, client: Client) -> None:
    """Have somebody write to the page, and an answer written."""
    await client.send_direct(["alice"], "it is me")
    await writes_to(page, client.username)
    await sees(page, "it is me")
    await says(page, "good morning")
    assert await gets(client) == "good morning"


async def test_the_first_line_to_somebody_is_not_said_to_a_stranger_after_a_loss(page: Page) -> None:
    """Nothing was said between the two, to know them by: the page asks its user."""
    async with web_server() as server, Proxy(server) as proxy:
        async with connect(server.urls[0], username="bob"):
            await joins(page, proxy.url, "alice")
            await page.locator(".member", has_text="bob").click()
            await expect(page.locator("h1")).to_have_text("bob")
            proxy.go_silent()
            await says(page, "my pin is 1234")
            proxy.cut()
            await expect(page.locator(".over.offline")).to_be_visible()
        async with connect(server.urls[0], username="bob") as stranger:
            proxy.come_back()
            await hurries(page)
            await expect(last_notice(page)).to_contain_text("Not sent yet: bob may be somebody else now")
            await says(page, "who are you?")
            assert await gets(stranger) == "who are you?"


@pytest.mark.parametrize("typed", ["before", "after"])
async def test_a_line_that_the_connection_held_up_is_not_said_to_a_stranger(page: Page, typed: str) -> None:
    """Whether it was typed before the connection broke or after: the question goes ahead of it when it is back."""
    async with web_server() as server, Proxy(server) as proxy:
        await joins(page, proxy.url, "alice")
        async with connect(server.urls[0], username="bob") as bob:
            await bob.create("elsewhere")
            await knows(page, bob)
            proxy.go_silent()
            if typed == "before":
                await says(page, "my pin is 1234")
            proxy.cut()
            await expect(page.locator(".over.offline")).to_be_visible()
            if typed == "after":
                await says(page, "my pin is 1234")
            await expect(page.locator(".message.pending .text")).to_have_text("my pin is 1234")
        async with connect(server.urls[0], username="bob") as stranger:
            proxy.come_back()
            await hurries(page)
            await expect(last_notice(page)).to_contain_text("Not sent yet: bob may be somebody else now")
            await expect(page.locator("#message")).to_have_value("my pin is 1234")
            await has_texts(page, ["it is me", "good morning"])
            await says(page, "are you bob?")
            assert await gets(stranger) == "are you bob?"


async def test_a_line_on_its_way_when_the_connection_was_lost_is_not_said_to_a_stranger(page: Page) -> None:
    """The other one was in sight, so nobody asked who that is. It is asked now; the line stays, to be sent again."""
    async with web_server() as server, Proxy(server) as proxy:
        async with connect(server.urls[0], username="bob") as bob:
            await joins(page, proxy.url, "alice")
            await knows(page, bob)
            proxy.go_silent()
            await says(page, "my pin is 1234")
            proxy.cut()
            await expect(page.locator(".over.offline")).to_be_visible()
        async with connect(server.urls[0], username="bob") as stranger:
            proxy.come_back()
            await hurries(page)
            await expect(last_notice(page)).to_contain_text("Not sent yet: bob may be somebody else now")
            await expect(page.locator(".message.failed .text")).to_have_text("my pin is 1234")
            await says(page, "are you bob?")
            assert await gets(stranger) == "are you bob?"


async def test_a_line_on_its_way_when_the_connection_was_lost_is_said_once_to_the_same_person(page: Page) -> None:
    """Whether the server had it or not; also when the page was loaded anew meanwhile."""
    async with web_server() as server, Proxy(server) as proxy, connect(server.urls[0], username="bob") as bob:
        await joins(page, proxy.url, "alice")
        await knows(page, bob)
        for line in ("one", "two"):
            proxy.go_silent()
            await says(page, line)
            proxy.cut()
            await expect(page.locator(".over.offline")).to_be_visible()
            proxy.come_back()
            if line == "two":
                await page.reload()
            else:
                await hurries(page)
            assert await gets(bob) == line
        await writes_to(page, "bob")
        await says(page, "three")
        assert await gets(bob) == "three"
        await has_texts(page, ["it is me", "good morning", "one", "two", "three"])


async def test_what_is_written_without_a_connection_goes_out_in_order_without_a_question(page: Page) -> None:
    """To whoever is the same; also when the page was loaded anew meanwhile, which knows all of it still."""
    async with web_server() as server, Proxy(server) as proxy, connect(server.urls[0], username="bob") as bob:
        await bob.create("elsewhere")
        await joins(page, proxy.url, "alice")
        await knows(page, bob)
        for line in ("one", "two", "three"):
            proxy.go_silent()
            proxy.cut()
            await expect(page.locator(".over.offline")).to_be_visible()
            await says(page, line)
            await says(page, f"{line} again")
            proxy.come_back()
            if line == "three":
                await page.reload()
            else:
                await hurries(page)
            assert (await gets(bob), await gets(bob)) == (line, f"{line} again")
        await expect(page.locator(".notice", has_text="somebody else")).to_have_count(0)


async def test_a_private_line_is_said_before_one_leaves(page: Page) -> None:
    """However slow the network is: what was entered is said, in order, and then the chat is left."""
    async with web_server() as server, Proxy(server) as proxy, connect(server.urls[0], username="bob") as bob:
        await bob.create("elsewhere")
        await joins(page, proxy.url, "alice")
        await knows(page, bob)
        proxy.go_silent()
        await says(page, "good night")
        await says(page, "/quit")
        proxy.come_back()
        assert await gets(bob) == "good night"
        await expect(page.locator("#message")).to_have_count(0)


@pytest.mark.parametrize("first", ["theirs", "own"])
async def test_whoever_has_been_there_for_longer_under_another_name_is_not_written_to_by_mistake(
    page: Page, first: str
) -> None:
    """They wait in another room, and take a name that becomes free: nobody hears it, and a session tells nothing."""
    async with web_server() as server, connect(server.urls[0], username="carol") as carol:
        await carol.create("elsewhere")
        await joins(page, address(server), "alice")
        async with connect(server.urls[0], username="bob") as bob:
            if first == "theirs":
                await bob.send_direct(["alice"], "hello alice, it is bob")
            else:
                await says(page, "/msg bob hello bob")
                assert await gets(bob) == "hello bob"
            await writes_to(page, "bob")
            await page.locator(".place", has_text="lobby").click()
            await says(page, "heard by all")
            await sees(page, "heard by all")
        await carol.rename("bob")
        await writes_to(page, "bob")
        await says(page, "my pin is 1234")
        await expect(last_notice(page)).to_contain_text("Not sent yet: bob may be somebody else now")
        await says(page, "are you bob?")
        assert await gets(carol) == "are you bob?"


@pytest.mark.parametrize("first", ["theirs", "own"])
async def test_the_owner_of_a_name_is_written_to_without_a_question(page: Page, first: str) -> None:
    """Who reads later what was written for the account, or has written and comes again: nobody else has the name."""
    server = ChatServer(listen=[Listen(options=web_options())], passwords=Argon2())
    async with server:
        await joins(page, address(server), "alice")
        async with connect(server.urls[0], username="bob") as bob:
            await bob.register(PASSWORD)
            await server.until_even()
            await bob.create("elsewhere")
            if first == "theirs":
                await bob.send_direct(["alice"], "good evening")
                await writes_to(page, "bob")
                await sees(page, "good evening")
        if first == "own":
            await says(page, "/msg bob for when you come")
            await writes_to(page, "bob")
            await sees(page, "for when you come")
        async with connect(server.urls[0], username="bob", account_password=PASSWORD) as bob:
            await bob.create("elsewhere")
            await says(page, "are you there?")
            said = [await gets(bob)]
            if said != ["are you there?"]:
                assert [*said, await gets(bob)] == ["for when you come", "are you there?"]
        await expect(page.locator(".notice", has_text="somebody else")).to_have_count(0)


@pytest.mark.parametrize("meanwhile", ["chosen", "closed"])
async def test_who_looks_elsewhere_is_told_that_a_line_was_not_sent(page: Page, meanwhile: str) -> None:
    """It stands in the conversation still, also if that was closed meanwhile."""
    async with web_server() as server, Proxy(server) as proxy:
        await joins(page, proxy.url, "alice")
        async with connect(server.urls[0], username="bob") as bob:
            await bob.create("elsewhere")
            await knows(page, bob)
        async with connect(server.urls[0], username="bob"):
            proxy.go_silent()
            await says(page, "my pin is 1234")
            if meanwhile == "closed":
                await page.get_by_role("button", name="Close the conversation with bob").click()
            else:
                await page.locator(".place", has_text="lobby").click()
            await expect(page.locator("h1")).to_have_text("# lobby")
            proxy.come_back()
            await expect(last_notice(page)).to_contain_text("Not sent yet: bob may be somebody else now")
            await expect(page.locator("h1")).to_have_text("# lobby")
            await writes_to(page, "bob")
            await expect(last_notice(page)).to_contain_text("Not sent yet: bob may be somebody else now")
            await expect(page.locator("#message")).to_have_value("my pin is 1234")


async def test_a_command_that_writes_to_somebody_is_asked_about_as_well(page: Page) -> None:
    """Who came anew under the name gets nothing of it, until it is entered once more."""
    async with web_server() as server:
        await joins(page, address(server), "alice")
        async with connect(server.urls[0], username="bob") as bob:
            await knows(page, bob)
        await expect(page.get_by_role("heading", name="Here (1)")).to_be_visible()
        async with connect(server.urls[0], username="bob") as stranger:
            await says(page, "/msg bob my pin is 1234")
            await expect(last_notice(page)).to_contain_text("Not sent yet: bob may be somebody else now")
            await expect(page.locator("#message")).to_have_value("my pin is 1234")
            await says(page, "/msg bob are you bob?")
            assert await gets(stranger) == "are you bob?"


@pytest.mark.parametrize("to", ["bob", "carol,bob"])
async def test_a_command_that_the_connection_held_up_is_not_carried_out_for_a_stranger(page: Page, to: str) -> None:
    """What was said to one goes back to the message line, what was said to several can be tried again."""
    async with web_server() as server, Proxy(server) as proxy, connect(server.urls[0], username="carol"):
        await joins(page, proxy.url, "alice")
        async with connect(server.urls[0], username="bob") as bob:
            await bob.create("elsewhere")
            await knows(page, bob)
            proxy.go_silent()
            proxy.cut()
            await expect(page.locator(".over.offline")).to_be_visible()
            await says(page, f"/msg {to} my pin is 1234")
            await expect(page.locator(".message.pending .text")).to_have_text("my pin is 1234")
        async with connect(server.urls[0], username="bob") as stranger:
            proxy.come_back()
            await hurries(page)
            await expect(last_notice(page)).to_contain_text("Not sent yet: bob may be somebody else now")
            if to == "bob":
                await expect(page.locator("#message")).to_have_value("my pin is 1234")
            else:
                await expect(page.locator(".failed-line")).to_contain_text("Somebody else may have the name by now.")
            await says(page, "are you bob?")
            assert await gets(stranger) == "are you bob?"


async def test_what_is_said_to_several_is_said_before_what_is_said_to_one_of_them_later(page: Page) -> None:
    """Also where it is not known yet who either of them is."""
    async with web_server() as server, Proxy(server) as proxy:
        await joins(page, proxy.url, "alice")
        async with (
            connect(server.urls[0], username="bob") as bob,
            connect(server.urls[0], username="carol") as carol,
        ):
            await bob.create("elsewhere")
            await carol.join("elsewhere")
            await knows(page, bob)
            proxy.go_silent()
            await says(page, "/msg bob,carol first")
            await says(page, "second")
            proxy.come_back()
            assert (await gets(bob), await gets(bob), await gets(carol)) == ("first", "second", "first")


async def test_what_was_refused_is_asked_about_for_all_whom_it_goes_to(page: Page) -> None:
    """It is tried again where it went to another one, who is still the same."""
    async with web_server() as server, connect(server.urls[0], username="carol") as carol:
        await joins(page, address(server), "alice")
        async with connect(server.urls[0], username="bob") as bob:
            await knows(page, bob)
        await expect(page.get_by_role("heading", name="Here (2)")).to_be_visible()
        await says(page, "/msg carol,bob my pin is 1234")
        await expect(page.locator(".failed-line")).to_be_visible()
        async with connect(server.urls[0], username="bob") as stranger:
            await stranger.send("here I am")
            await writes_to(page, "carol")
            await page.get_by_role("button", name="Try again").click()
            await expect(last_notice(page)).to_contain_text("Not sent yet: bob may be somebody else now")
            await page.get_by_role("button", name="Try again").click()
            assert (await gets(stranger), await gets(carol)) == ("my pin is 1234",) * 2


async def test_a_file_is_not_offered_to_a_stranger_by_a_command(page: Page) -> None:
    """Who is meant is asked when it is chosen."""
    async with web_server() as server:
        await joins(page, address(server), "alice")
        async with connect(server.urls[0], username="bob") as bob:
            await knows(page, bob)
        await expect(page.get_by_role("heading", name="Here (1)")).to_be_visible()
        async with connect(server.urls[0], username="bob"):
            async with page.expect_file_chooser() as chooser:
                await says(page, "/send bob")
            file: FilePayload = {"name": "pin.txt", "mimeType": "text/plain", "buffer": b"1234"}
            await (await chooser.value).set_files(file)
            await expect(last_notice(page)).to_contain_text("Not sent yet: bob may be somebody else now")
            await expect(page.locator(".file-lines")).to_have_count(0)
