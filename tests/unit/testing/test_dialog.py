"""`verify_dialog`: a test of a bot is a conversation."""

from __future__ import annotations

import asyncio

import pytest

from chatcore import Bot, Client, LoginRefused, Message
from chatcore.events import MessagePosted
from chatcore.testing import MemoryNetwork, verify_dialog


def make_bot(**options: str) -> Bot:
    """Return a bot that answers in several ways."""
    bot = Bot("ws://nowhere.invalid", **{"username": "Echo"} | options)

    @bot.command("echo")
    async def echo(message: Message) -> None:
        await message.reply(message.args)

    @bot.command("slow")
    async def slow(message: Message) -> None:
        await asyncio.sleep(30)
        await message.reply("at last")

    @bot.command("whisper")
    async def whisper(message: Message) -> None:
        await message.chat.send_direct(message.sender, "psst")

    return bot


def test_dialog_passes_when_the_bot_answers_as_expected() -> None:
    """Also when it is expected to say nothing."""
    verify_dialog(make_bot(), [("alice", "!echo hi", "hi"), ("bob", "hello", None), ("bob", "!whisper", "psst")])


def test_dialog_passes_when_several_people_ask_in_turn() -> None:
    """What the bot says to one of them is no answer to another, though everybody in the room hears it."""
    questions = [("alice", "one"), ("bob", "two"), ("alice", "three"), ("carol", "four"), ("bob", "five")]
    verify_dialog(make_bot(), [(name, f"!echo {text}", text) for name, text in questions])


@pytest.mark.parametrize(
    ("text", "expected", "said"),
    [("!echo hi", "ho", "'hi', not 'ho'"), ("!echo hi", None, "'hi', not None"), ("hello", "hi", "None, not 'hi'")],
)
def test_dialog_fails_when_the_bot_answers_otherwise(text: str, expected: str | None, said: str) -> None:
    """The sentence says who asked what, and what came."""
    with pytest.raises(AssertionError) as caught:
        verify_dialog(make_bot(), [("bob", "!echo fine", "fine"), ("alice", text, expected)])
    assert str(caught.value) == f"to alice saying {text!r} the bot answered {said}"


def test_dialog_fails_when_the_bot_takes_too_long() -> None:
    """In virtual seconds: nobody waits for them."""
    with pytest.raises(AssertionError, match="answered None, not 'at last'"):
        verify_dialog(make_bot(), [("alice", "!slow", "at last")])
    verify_dialog(make_bot(), [("alice", "!slow", "at last")], patience=31)


@pytest.mark.parametrize("seed", range(5))
def test_dialog_passes_on_a_network_that_loses_connections(seed: int) -> None:
    """A bot that works on a perfect network works on a bad one."""
    network = MemoryNetwork(latency=(0.0, 0.2), drop=0.03, boundaries=bool(seed % 2), seed=seed)
    conversation = [(f"user{number % 3}", f"!echo {number}", str(number)) for number in range(12)]
    verify_dialog(make_bot(), conversation, network=network, patience=300)


def test_dialog_raises_when_the_bot_cannot_log_in() -> None:
    """Instead of waiting for it for ever."""
    with pytest.raises(LoginRefused) as caught:
        verify_dialog(make_bot(username="x"), [("alice", "!echo hi", "hi")])
    assert caught.value.code == "bad_name"


def test_dialog_fails_when_the_bot_has_gone() -> None:
    """Whatever it answered before."""
    bot = make_bot()

    @bot.on(MessagePosted)
    async def leave(event: MessagePosted, chat: Client) -> None:
        if event.text == "bye":
            await chat.close()

    with pytest.raises(AssertionError, match="answered None, not 'hi'"):
        verify_dialog(bot, [("alice", "bye", None), ("alice", "!echo hi", "hi")])
