"""No text silences a client: what cannot be sent raises at the call, and what is sent after it goes through."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chatcore import Bot, Client, ConfigurationError, LoginRefused, Message, RequestRefused, connect
from chatcore.aio.routes import DirectRoute
from chatcore.client.session import ClientSession
from chatcore.commands import Command, SendBroadcast, SendDirect, SendMessage
from chatcore.dialects.base import Dialect
from chatcore.dialects.chat import dialect as chat_dialect
from chatcore.dialects.chat.client import ChatClientMachine
from chatcore.events import MessagePosted, SendRefused
from chatcore.ports.transport import ConnectOptions
from chatcore.testing import MemoryNetwork, run, verify_dialog
from tests.unit.aio.house import House, in_virtual_time, next_of, texts

HALF = "\ud83d"  # of an emoji

_ASKED: dict[str, Callable[[Client, str], Awaitable[object]]] = {
    "send": lambda chat, text: chat.send(text),
    "send_direct": lambda chat, text: chat.send_direct("alice", text),
    "send_direct to": lambda chat, text: chat.send_direct(["alice", text], "hi"),
    "broadcast": lambda chat, text: chat.broadcast(text),
    "join": lambda chat, text: chat.join(text),
    "create": lambda chat, text: chat.create(text),
    "enter": lambda chat, text: chat.enter(text),
    "rename": lambda chat, text: chat.rename(text),
    "whois": lambda chat, text: chat.whois(text),
    "list_users": lambda chat, text: chat.list_users(text),
    "history": lambda chat, text: chat.history(text),
    "edit_message": lambda chat, text: chat.edit_message(1, text),
    "edit_message room": lambda chat, text: chat.edit_message(1, "hi", room=text),
    "react": lambda chat, text: chat.react(1, text),
    "set_topic": lambda chat, text: chat.set_topic(text),
    "ban": lambda chat, text: chat.ban("bob", 1, text, room="lobby"),
    "search": lambda chat, text: chat.search(text),
    "offer_file to": lambda chat, text: chat.offer_file(Leaf(), to=text),
    "accept_file": lambda chat, text: chat.accept_file(text),
    "decline_file": lambda chat, text: chat.decline_file(text),
    "cancel_file": lambda chat, text: chat.cancel_file(text),
}


class Leaf:
    """A file of one byte."""

    name = "leaf"
    size = 1

    def read(self, offset: int, size: int) -> bytes:
        """Read it."""
        return b"x"

    def close(self) -> None:
        """Close it."""


@pytest.mark.parametrize("asked", _ASKED)
@in_virtual_time
async def test_request_that_cannot_be_sent_raises_at_the_call(asked: str) -> None:
    """Nothing of it waits, and the next message has the next number."""
    async with House() as house:
        alice = await house.guest("alice")
        with pytest.raises((RequestRefused, ConfigurationError)):
            await _ASKED[asked](alice, HALF)
        assert alice.pending == 0
        said = await alice.send("still here")
        assert said is not None
        assert said.cid == 1


@pytest.mark.unmeasured
@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(_ASKED)), st.text(st.characters(), max_size=40))
@example("send", "x" * 60_001)
@example("send_direct to", "x" * 70_000)
@example("whois", "x" * 70_000)
@example("edit_message", '"' * 60_000)
@example("send", "\0")
def test_any_text_is_delivered_as_it_is_or_refused_and_nothing_stops_the_next_one(asked: str, text: str) -> None:
    """Any text to any method."""

    async def main() -> None:
        async with House() as house:
            alice, bob = await house.guests("alice", "bob")
            try:
                said = await _ASKED[asked](alice, text)
            except (RequestRefused, ConfigurationError):
                pass
            else:
                if asked in ("send", "send_direct", "broadcast"):
                    assert getattr(said, "text", None) == text
            await alice.leave()
            await alice.send("the next one")
            heard = [posted.text for posted in await next_of(bob, MessagePosted, 1)]
            if heard != ["the next one"]:
                assert heard == [text]
                assert await texts(bob, 1) == ["the next one"]

    run(main())


@in_virtual_time
async def test_post_raises_and_gives_no_number() -> None:
    """Of whatever kind the send is."""
    async with House() as house:
        alice = await house.guest("alice")
        for send in (SendMessage(HALF), SendDirect(("alice",), HALF), SendDirect((HALF,), "hi"), SendBroadcast(HALF)):
            with pytest.raises(RequestRefused) as caught:
                alice.post(send)
            assert caught.value.code == "bad_request"
        with pytest.raises(TypeError):
            alice.post(SendMessage(b"hi"))  # type: ignore[arg-type]
        assert alice.post(SendMessage("hi")) == 1
        await alice.flush()


@in_virtual_time
async def test_text_beyond_the_limit_of_this_server_is_refused_at_the_call() -> None:
    """The welcome told it; a text that was queued before is refused by the server, and has used up its number."""
    async with House(text_bytes=10) as house:
        alice = await house.guest("alice")
        for say in (alice.send("12345678901"), alice.edit_message(1, "12345678901")):
            with pytest.raises(RequestRefused) as caught:
                await say
            assert caught.value.code == "too_large"
        said = await alice.send("1234567890")
        assert said is not None
        assert said.cid == 1


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"username": "al\udce9"}, "bad_name"),
        *(({"username": "alice", "client_id": given}, "bad_request") for given in (HALF * 20, "", "x" * 15, "x" * 65)),
    ],
)
def test_login_that_cannot_be_sent_raises_when_connect_is_called(options: dict[str, str], code: str) -> None:
    """Before anything is connected."""
    with pytest.raises(LoginRefused) as caught:
        connect("memory://127.0.0.1:9", transport=MemoryNetwork(), **options)
    assert caught.value.code == code


def test_bot_whose_answer_cannot_be_sent_answers_the_next_one() -> None:
    """The handler gets the error, and the log tells it."""
    bot = Bot("memory://", username="half")

    @bot.command("cut")
    async def cut(message: Message) -> None:
        await message.reply(HALF if message.args == "half" else message.args)

    verify_dialog(bot, [("alice", "!cut half", None), ("alice", "!cut whole", "whole")])


class _NoNul(ChatClientMachine):
    """A machine that stumbles."""

    def send_command(self, command: Command, reply_to: str | None = None) -> None:
        """Stumble over NUL."""
        if "\0" in getattr(command, "text", "") + getattr(command, "username", ""):
            raise ValueError("there is a NUL in it")
        super().send_command(command, reply_to)


def _dialect_without_nul() -> Dialect:
    class _Dialect:
        name = "chat"
        server = chat_dialect.server
        encode = chat_dialect.encode

        def client(self, limits: Any, **options: Any) -> ChatClientMachine:
            return _NoNul(limits, **options)

    return _Dialect()


@in_virtual_time
async def test_what_a_dialect_has_no_form_for_is_refused_and_the_rest_goes_out() -> None:
    """A mistake in somebody's dialect: the program hears of it, and the queue behind it moves on."""
    async with House() as house:
        route = DirectRoute(house.network, house.url, ConnectOptions())
        alice = Client(house.url, ClientSession("alice", "client"), route, _dialect_without_nul(), reconnect=True)
        await alice.start()
        for text in ("one", "t\0wo", "three"):
            alice.post(SendMessage(text))
        with pytest.raises(RequestRefused, match="there is a NUL in it"):
            await alice.whois("al\0ice")
        await alice.flush()
        (refused,) = await next_of(alice, SendRefused)
        assert (refused.cid, refused.code) == (2, "bad_request")
        assert [posted.text for posted in await alice.history()] == ["one", "three"]
        await alice.close()
