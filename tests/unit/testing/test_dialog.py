"""`verify_dialog`: a test of a bot is a conversation."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

import pytest

from chatcore import Bot, Client, LoginRefused, Message, PresenceChanged, connect
from chatcore.events import MessagePosted, Welcomed
from chatcore.ports.transport import Transport
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


@pytest.mark.parametrize(
    ("answer", "fits"),
    [
        (re.compile(r"it is \d\d:\d\d"), True),
        (re.compile(r"it is"), False),  # a pattern has to match all of it
        (re.compile(r"it was .*"), False),
        (lambda said: said.startswith("it is"), True),
        (lambda said: said == "it is", False),
    ],
)
def test_an_answer_may_be_a_pattern_or_a_function(answer: re.Pattern[str] | Callable[[str], bool], fits: bool) -> None:
    """For what is not known beforehand."""
    conversation = [("alice", "!echo it is 12:34", answer)]
    if fits:
        verify_dialog(make_bot(), conversation)
        return
    with pytest.raises(AssertionError, match="the bot answered 'it is 12:34', not "):
        verify_dialog(make_bot(), conversation)


def test_silence_fits_no_pattern_and_no_function() -> None:
    """Neither is asked about it."""
    for answer in (re.compile(".*"), lambda said: True):
        with pytest.raises(AssertionError, match="answered None, not "):
            verify_dialog(make_bot(), [("alice", "hello", answer)])


def make_greeter(*, directly: bool = False) -> Bot:
    """Return a bot that greets everybody twice, after a while, and repeats."""
    bot = make_bot()

    @bot.on(PresenceChanged)
    async def greet(event: PresenceChanged, chat: Client) -> None:
        await asyncio.sleep(1)
        for name in event.joined:
            for text in (f"welcome, {name}", "say !echo"):
                await (chat.send_direct(name, text) if directly else chat.send(text))

    return bot


@pytest.mark.parametrize("directly", [False, True])
def test_a_greeting_is_no_answer_to_a_line(directly: bool) -> None:
    """Whether the first line is of one who joins with it, or of one who was greeted before."""
    verify_dialog(
        make_greeter(directly=directly),
        [
            ("alice", "!echo hi", "hi"),
            ("bob", None, "welcome, bob"),
            ("bob", None, "say !echo"),
            ("bob", "!echo ho", "ho"),
            ("carol", "hello", None),
            ("alice", "!echo bye", "bye"),
            ("alice", None, None),
        ],
    )


def test_dialog_fails_when_the_greeting_is_another_one() -> None:
    """Also when there is none, or is to be none."""
    for bot, answer, said in (
        (make_greeter(), "welcome, bob", "'welcome, alice', not 'welcome, bob'"),
        (make_greeter(), None, "'welcome, alice', not None"),
        (make_bot(), "welcome, alice", "None, not 'welcome, alice'"),
    ):
        with pytest.raises(AssertionError) as caught:
            verify_dialog(bot, [("alice", None, answer)])
        assert str(caught.value) == f"to alice saying nothing the bot answered {said}"


def test_dialog_fails_when_the_bot_takes_too_long() -> None:
    """In virtual seconds: nobody waits for them."""
    with pytest.raises(AssertionError, match="answered None, not 'at last'"):
        verify_dialog(make_bot(), [("alice", "!slow", "at last")])
    verify_dialog(make_bot(), [("alice", "!slow", "at last")], patience=31)


@pytest.mark.unmeasured
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


def test_dialog_fails_when_the_bot_does_not_stay_in_its_room_under_its_name() -> None:
    """Nobody waits for it for ever."""
    bot = Bot("ws://unused", username="echo", room="den")

    @bot.on(Welcomed)
    async def rename(_event: Welcomed, chat: Client) -> None:
        await chat.rename("echo-2")

    with pytest.raises(AssertionError, match="echo did not come into den, or did not stay there"):
        bot.test([("alice", "hi", None)])


def test_dialog_fails_when_the_bot_has_gone() -> None:
    """Whatever it answered before."""
    bot = make_bot()

    @bot.on(MessagePosted)
    async def leave(event: MessagePosted, chat: Client) -> None:
        if event.text == "bye":
            await chat.close()

    with pytest.raises(AssertionError, match="answered None, not 'hi'"):
        verify_dialog(bot, [("alice", "bye", None), ("alice", "!echo hi", "hi")])


class Parrot:
    """A bot that is none of `Bot`."""

    username = "parrot"
    room: str | None = None

    async def serve(self, url: str, *, transport: Transport) -> None:
        """Repeat all that others say."""
        async with connect(url, username=self.username, transport=transport, bot=True) as chat:
            async for event in chat:
                if isinstance(event, MessagePosted) and event.sender != self.username:
                    await chat.send(event.text)


def test_bot_of_a_class_of_ones_own_is_tested_likewise() -> None:
    verify_dialog(Parrot(), [("alice", "hi", "hi")])
