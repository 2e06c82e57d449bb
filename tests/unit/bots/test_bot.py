"""Bots: commands, events, order, and handlers that fail."""

from __future__ import annotations

import asyncio
import inspect
import re
import types
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from datetime import timedelta
from functools import partial, wraps
from typing import Any, cast, get_args

import pytest

import chatcore
from chatcore import (
    Bot,
    Client,
    ConnectionClosed,
    ConnectionFailed,
    LoginRefused,
    Message,
    RequestRefused,
    UntrustedCertificate,
    connect,
    events,
)
from chatcore.bots.options import BotOptions
from chatcore.commands import SendMessage
from chatcore.errors import ErrorCode
from chatcore.events import (
    BroadcastPosted,
    ClientEvent,
    DirectPosted,
    MessagePosted,
    PresenceChanged,
    ReactionChanged,
    RoomEntered,
    RoomModerated,
    SendAcknowledged,
    Welcomed,
)
from chatcore.ports.transport import Accept, ConnectOptions, Link
from chatcore.testing import MemoryNetwork, run
from tests.unit.aio.house import House, in_virtual_time, next_of, texts


@asynccontextmanager
async def at_work(bot: Bot, house: House) -> AsyncIterator[asyncio.Task[None]]:
    """Let a bot work in a house."""
    working = asyncio.ensure_future(bot.serve(house.url, transport=house.network))
    await asyncio.sleep(1)
    try:
        yield working
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


def make_echo(**options: Any) -> Bot:
    """Return a bot that says what it is told to say."""
    bot = Bot("memory://127.0.0.1:1", username="echo", **options)

    @bot.command("Say")
    async def say(message: Message) -> None:
        await message.reply(f"{message.sender}: {message.args}")

    return bot


@in_virtual_time
async def test_bot_answers_commands_where_they_were_given() -> None:
    """In the room; directly when it was asked directly, or by a broadcast."""
    async with House() as house, at_work(make_echo(), house):
        alice, bob = await house.guests("alice", "bob")
        await alice.send("!say hello ")
        await alice.send("!SAY  hello")
        answers = [event for event in await next_of(bob, MessagePosted, 4) if event.sender == "echo"]
        assert [answer.text for answer in answers] == ["alice: hello"] * 2
        for asking in (alice.send_direct("echo", "!say psst"), alice.broadcast("!say all")):
            await asking
            answer = (await next_of(alice, DirectPosted))[-1]
            while answer.sender != "echo":
                (answer,) = await next_of(alice, DirectPosted)
            assert answer.to == ("alice",)
            assert answer.text in ("alice: psst", "alice: all")
        await asyncio.sleep(5)
        assert not any(isinstance(event, DirectPosted) for event in bob._life.events.held)


@pytest.mark.parametrize(
    "typed", ["!m\u00e9t\u00e9o", "!me\u0301te\u0301o", "!M\u00c9TE\u0301O", "\uff01m\u00e9t\u00e9o"]
)
@pytest.mark.parametrize("name", ["m\u00e9t\u00e9o", "Me\u0301te\u0301o"])
def test_command_is_the_same_however_it_is_typed(name: str, typed: str) -> None:
    """Keyboards write é as one character or as two, and ! as wide as other letters."""
    bot = Bot("memory://127.0.0.1:1", username="sky")

    @bot.command(name)
    async def tell(message: Message) -> None:
        await message.reply(f"rain in {message.args}")

    bot.test([("alice", f"{typed} Nantes", "rain in Nantes"), ("alice", "?m\u00e9t\u00e9o Nantes", None)])


def test_what_a_command_is_given_may_begin_on_a_line_of_its_own() -> None:
    make_echo().test(
        [
            ("alice", "!say\nprint(1)\nprint(2)", "alice: print(1)\nprint(2)"),
            ("alice", "!say\thi", "alice: hi"),
            ("alice", "!say\n", "alice: "),
            ("alice", "!\nsay hi", None),
            ("alice", "!", None),
        ]
    )


@in_virtual_time
async def test_bot_leaves_alone_what_is_no_command() -> None:
    """Other words, unknown commands, another prefix."""
    async with House() as house, at_work(make_echo(prefix="?"), house):
        alice = await house.guest("alice")
        for text in ("say hello", "!say hello", "?sing", "? say", "hello ?say"):
            await alice.send(text)
        await alice.send("?say hello")
        await asyncio.sleep(5)
        assert [event.text for event in alice._life.events.held if isinstance(event, MessagePosted)][
            -1
        ] == "alice: hello"
        assert house.server.chat.log.head("lobby") == 7


@in_virtual_time
async def test_bot_does_not_handle_its_own_messages() -> None:
    """A parrot must not answer itself for ever; also after it has renamed itself."""
    bot = Bot("memory://127.0.0.1:1", username="parrot")

    @bot.on(MessagePosted)
    async def repeat(event: MessagePosted, chat: Client) -> None:
        if event.text == "rename":
            await chat.rename("Polly")
        await chat.send(event.text)

    async with House() as house, at_work(bot, house):
        alice = await house.guest("alice")
        await alice.send("hello")
        await alice.send("rename")
        await asyncio.sleep(5)
        await alice.send("hello")
        await asyncio.sleep(5)
        said = [(entry.sender, entry.text) for entry in await alice.history()]
        assert said == [
            ("alice", "hello"),
            ("alice", "rename"),
            ("parrot", "hello"),
            ("Polly", "rename"),
            ("alice", "hello"),
            ("Polly", "hello"),
        ]


@in_virtual_time
async def test_bot_calls_listeners_for_every_event_of_their_kind() -> None:
    """Besides the command, if it is one; several may listen."""
    bot = make_echo()
    heard: list[tuple[str, str]] = []

    @bot.on(BroadcastPosted)
    async def broadcast(event: BroadcastPosted, chat: Client) -> None:
        heard.append(("broadcast", event.text))

    @bot.on(MessagePosted)
    async def message(event: MessagePosted, chat: Client) -> None:
        heard.append(("message", event.text))

    @bot.on(PresenceChanged)
    async def presence(event: PresenceChanged, chat: Client) -> None:
        heard.append(("joined", " ".join(event.joined)))
        heard.append(("left", " ".join(event.left)))

    @bot.on(Welcomed)
    async def welcomed(event: Welcomed, chat: Client) -> None:
        heard.append(("welcomed", chat.username))

    async with House() as house, at_work(bot, house):
        alice = await house.guest("alice")
        await alice.send("!say hello")
        await alice.broadcast("lunch")
        await alice.close()
        await asyncio.sleep(1)
    assert sorted(heard) == sorted(
        [
            ("welcomed", "echo"),
            ("joined", "alice"),
            ("left", ""),
            ("message", "!say hello"),
            ("broadcast", "lunch"),
            ("joined", ""),
            ("left", "alice"),
        ]
    )


@in_virtual_time
async def test_bot_handles_what_was_said_in_one_place_in_order() -> None:
    """However long a handler takes; another place does not wait for it."""
    bot = Bot("memory://127.0.0.1:1", username="slow")
    done: list[str] = []

    @bot.command("wait")
    async def wait(message: Message) -> None:
        await asyncio.sleep(float(message.args))
        done.append(f"{type(message.posted).__name__} {message.text}")

    async with House() as house, at_work(bot, house):
        alice = await house.guest("alice")
        for seconds in (9, 3, 1):
            await alice.send(f"!wait {seconds}")
        await alice.send_direct("slow", "!wait 2")
        await alice.send_direct("slow", "!wait 1")
        await asyncio.sleep(60)
    assert done == [
        "DirectPosted !wait 2",
        "DirectPosted !wait 1",
        "MessagePosted !wait 9",
        "MessagePosted !wait 3",
        "MessagePosted !wait 1",
    ]


@pytest.mark.unmeasured
@in_virtual_time
async def test_bot_loses_nothing_when_it_is_slower_than_the_talk() -> None:
    """What waits is bounded; the rest waits in the server's logs."""
    bot = Bot("memory://127.0.0.1:1", username="slow")
    done: list[str] = []

    @bot.on(MessagePosted)
    async def wait(event: MessagePosted, chat: Client) -> None:
        await asyncio.sleep(1)
        done.append(event.text)

    async with House() as house, at_work(bot, house):
        alice = await house.guest("alice")
        for number in range(500):
            await alice.send(str(number))
        await asyncio.sleep(600)
    assert done == [str(number) for number in range(500)]


@in_virtual_time
async def test_bot_goes_on_when_a_handler_fails(caplog: pytest.LogCaptureFixture) -> None:
    """The mistake is logged with its traceback; other handlers of the same event are called all the same."""
    bot = make_echo()

    @bot.on(MessagePosted)
    async def fail(event: MessagePosted, chat: Client) -> None:
        raise ValueError(event.text)

    async with House() as house, at_work(bot, house):
        alice = await house.guest("alice")
        await alice.send("!say one")
        await alice.send("!say two")
        assert await texts(alice, 4) == ["!say one", "!say two", "alice: one", "alice: two"]
    failures = [record for record in caplog.records if record.name == "chatcore.bot"]
    assert [record.getMessage() for record in failures] == ["a handler of the bot echo failed"] * 2
    assert [str(record.exc_info[1]) for record in failures if record.exc_info] == ["!say one", "!say two"]


@pytest.mark.parametrize("error", [asyncio.CancelledError, GeneratorExit, KeyboardInterrupt, BaseException])
@in_virtual_time
async def test_no_error_of_a_handler_makes_the_bot_deaf(
    error: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    """Errors that are no `Exception` would end the task that handles what comes."""
    bot = make_echo()

    @bot.command("stumble")
    async def stumble(message: Message) -> None:
        raise error

    async with House() as house, at_work(bot, house):
        alice = await house.guest("alice")
        await alice.send("!stumble")
        await alice.send("!say still here")
        assert await texts(alice, 3) == ["!stumble", "!say still here", "alice: still here"]
    assert [record.message for record in caplog.records] == ["a handler of the bot echo failed"]


@in_virtual_time
async def test_bot_goes_on_when_a_handler_awaits_a_task_that_was_cancelled(caplog: pytest.LogCaptureFixture) -> None:
    """It gets the same error as if the handler itself were to end."""
    bot = make_echo()

    @bot.command("wait")
    async def wait(message: Message) -> None:
        task = asyncio.ensure_future(asyncio.sleep(10))
        asyncio.get_running_loop().call_soon(task.cancel)
        await task

    async with House() as house, at_work(bot, house):
        alice = await house.guest("alice")
        await alice.send("!wait")
        await alice.send("!say still here")
        assert "alice: still here" in await texts(alice, 3)
    assert len(caplog.records) == 1


def cancel_now(me: asyncio.Task[Any]) -> None:
    me.cancel()


def cancel_soon(me: asyncio.Task[Any]) -> None:
    asyncio.get_running_loop().call_later(1, me.cancel)


@pytest.mark.parametrize("cancel", [cancel_now, cancel_soon])
@pytest.mark.parametrize("then", [0, 0.5, 2])
@in_virtual_time
async def test_bot_goes_on_when_a_handler_is_cancelled(
    cancel: Callable[[asyncio.Task[Any]], None], then: float, caplog: pytest.LogCaptureFixture
) -> None:
    """As by a deadline of its own, which may also come when the handler is done and another one works."""
    bot = make_echo()

    @bot.command("hurry")
    async def hurry(message: Message) -> None:
        me = asyncio.current_task()
        assert me is not None
        cancel(me)
        if then:
            await asyncio.sleep(then)

    @bot.command("ponder")
    async def ponder(message: Message) -> None:
        await asyncio.sleep(2)
        await message.reply("well")

    async with House() as house, at_work(bot, house):
        alice = await house.guest("alice")
        said = ["!hurry", "!ponder", "!hurry", "!say still here"]
        for text in said:
            await alice.send(text)
        assert [text for text in await texts(alice, 6) if text not in said] == ["well", "alice: still here"]
        await asyncio.sleep(3)
        await alice.send("!say and here")
        assert await texts(alice, 2) == ["!say and here", "alice: and here"]
    in_time = then == 0 or (cancel is cancel_soon and then < 1)
    assert [record.message for record in caplog.records] == (
        [] if in_time else ["a handler of the bot echo failed"] * 2
    )


@in_virtual_time
async def test_what_a_handler_sets_in_its_context_is_there_at_the_next_call() -> None:
    """Of the same room, or of the same timer."""
    bot, calls, ticks = make_echo(), ContextVar("calls", default=0), ContextVar("ticks", default=0)
    ticked = []

    @bot.command("count")
    async def count(message: Message) -> None:
        calls.set(calls.get() + 1)
        await message.reply(f"{calls.get()}")

    @bot.every(10)
    async def tick(chat: Client) -> None:
        ticks.set(ticks.get() + 1)
        ticked.append(ticks.get())

    async with House() as house, at_work(bot, house):
        alice = await house.guest("alice")
        await alice.send("!count")
        await alice.send("!count")
        assert [text for text in await texts(alice, 4) if text != "!count"] == ["1", "2"]
        await asyncio.sleep(25)
    assert ticked == [1, 2]


@in_virtual_time
async def test_exit_in_a_handler_logs_out_and_leaves_serve() -> None:
    """With the code that it was given; every other handler is ended."""
    bot = make_echo()

    @bot.command("exit")
    async def leave(message: Message) -> None:
        raise SystemExit(3)

    async with House() as house:
        alice = await house.guest("alice")
        asyncio.get_running_loop().call_later(1, alice.post, SendMessage("!exit"))
        with pytest.raises(SystemExit) as caught:
            await bot.serve(house.url, transport=house.network)
        assert caught.value.code == 3
        assert set(house.server.chat.users) == {"alice"}


@in_virtual_time
async def test_handler_that_will_not_end_does_not_keep_the_bot_from_logging_out() -> None:
    """It is waited for, for a second."""
    bot = make_echo()
    over = asyncio.Event()

    @bot.command("stay")
    async def stay(message: Message) -> None:
        while not over.is_set():
            with suppress(asyncio.CancelledError):
                await over.wait()

    async with House() as house:
        async with at_work(bot, house) as working:
            alice = await house.guest("alice")
            await alice.send("!stay")
            await asyncio.sleep(1)
            working.cancel()
            await asyncio.wait([working], timeout=5)
            assert working.done()
            assert set(house.server.chat.users) == {"alice"}
        over.set()
        await asyncio.sleep(1)


@in_virtual_time
async def test_bot_is_in_its_room() -> None:
    """Created when it is not there, joined when it is; and again after the connection was lost."""
    async with House() as house:
        alice = await house.guest("alice")
        async with at_work(make_echo(room="python"), house):
            assert (await alice.whois("echo")).room == "python"
            await alice.join("PYTHON")
            async with at_work(Bot(house.url, username="other", room="Python"), house):
                assert set(alice.members) == {"echo", "alice", "other"}
                house.cut()
                await asyncio.sleep(5)
                assert (await alice.whois("other")).room == "python"
            await alice.send("!say hello")
            assert await texts(alice, 2) == ["!say hello", "alice: hello"]


@in_virtual_time
async def test_bot_hears_the_room_that_it_enters() -> None:
    """Being somewhere is an event like any other."""
    bot = Bot("memory://127.0.0.1:1", username="guide", room="python")
    rooms: list[str] = []

    @bot.on(RoomEntered)
    async def entered(event: RoomEntered, chat: Client) -> None:
        rooms.append(event.room)

    async with House() as house, at_work(bot, house):
        assert rooms == ["python"]


@in_virtual_time
async def test_serve_raises_why_the_bot_cannot_go_on() -> None:
    """Nothing listens, the name is taken, or its connection has ended for good."""
    with pytest.raises(ConnectionFailed, match="nothing listens"):
        await make_echo(transport=MemoryNetwork()).serve()
    async with House() as house:
        async with at_work(make_echo(), house):
            with pytest.raises(LoginRefused) as caught:
                await make_echo(transport=house.network).serve(house.url)
            assert caught.value.code == "name_taken"
        async with at_work(make_echo(reconnect=False), house) as working:
            house.cut()
            await asyncio.sleep(1)
            with pytest.raises(ConnectionClosed, match="the peer vanished"):
                await working


@in_virtual_time
async def test_serve_ends_when_a_handler_closes_the_client() -> None:
    """A bot may have done its work."""
    bot = Bot("memory://127.0.0.1:1", username="shy")

    @bot.command("go")
    async def go(message: Message) -> None:
        await message.chat.close()
        await asyncio.sleep(0.5)
        done.append(message.sender)

    done: list[str] = []
    async with House() as house, at_work(bot, house) as working:
        alice = await house.guest("alice")
        await alice.send("!go")
        await working
        assert house.server.chat.users.keys() == {"alice"}
    assert done == ["alice"]  # what stands behind it is done too


@in_virtual_time
async def test_handler_that_waits_for_events_itself_is_told_where_they_go(caplog: pytest.LogCaptureFixture) -> None:
    """It would take them away from the other handlers."""
    bot = make_echo()

    @bot.command("name")
    async def name(message: Message) -> None:
        await message.reply("what is your name?")
        async for event in message.chat:
            if isinstance(event, MessagePosted):
                await message.reply(f"hello {event.text}")

    async with House() as house, at_work(bot, house):
        alice = await house.guest("alice")
        for text in ("!name", "Al", "!say one", "!say two"):
            await alice.send(text)
        assert (await texts(alice, 7))[-2:] == ["alice: one", "alice: two"]
    (record,) = caplog.records
    assert record.exc_info is not None
    assert "the events of a bot go to its handlers" in str(record.exc_info[1])


@in_virtual_time
async def test_reply_waits_for_the_acknowledgement() -> None:
    """What a bot has said is said."""
    bot = Bot("memory://127.0.0.1:1", username="counter")
    heads: list[int] = []

    async with House(MemoryNetwork(latency=(0.5, 0.5))) as house:

        @bot.command("count")
        async def count(message: Message) -> None:
            await message.reply("one")
            heads.append(house.server.chat.log.head("lobby"))

        async with at_work(bot, house):
            await asyncio.sleep(5)
            alice = await house.guest("alice")
            await alice.send("!count")
            await asyncio.sleep(5)
            assert heads == [2]
            assert not any(isinstance(event, SendAcknowledged) for event in alice._life.events.held)


def make_slow() -> tuple[Bot, asyncio.Event, list[ErrorCode | str]]:
    """Return a bot that answers once it may, and what it was refused then."""
    bot, ready, refused = Bot("memory://127.0.0.1:1", username="slow"), asyncio.Event(), list[ErrorCode | str]()

    @bot.command("secret")
    async def secret(message: Message) -> None:
        await ready.wait()
        try:
            await message.reply(f"of {message.sender}")
        except RequestRefused as error:
            refused.append(error.code)

    @bot.command("go")
    async def go(message: Message) -> None:
        await message.chat.enter(message.args)

    return bot, ready, refused


@in_virtual_time
async def test_what_was_asked_in_a_room_is_answered_in_no_other_one() -> None:
    """Whoever makes the bot go meanwhile reads nothing of it."""
    bot, ready, refused = make_slow()
    async with House() as house, at_work(bot, house):
        alice, mallory = await house.guests("alice", "mallory")
        await mallory.create("elsewhere")
        await alice.send("!secret")
        await mallory.send_direct("slow", "!go elsewhere")
        await asyncio.sleep(1)
        ready.set()
        await asyncio.sleep(1)
        assert refused == ["not_in_room"]
        assert await mallory.history("elsewhere") == ()
        await mallory.send_direct("slow", "!go lobby")
        await asyncio.sleep(1)
        await alice.send("!secret")
        await asyncio.sleep(1)
        assert [posted.text for posted in await alice.history("lobby")] == ["!secret", "!secret", "of alice"]


@pytest.mark.parametrize("to_all", [False, True])
@in_virtual_time
async def test_who_asked_directly_is_answered_under_another_name_and_not_who_has_taken_that(to_all: bool) -> None:
    """As the bot has seen them rename themselves, in its room."""
    bot, ready, refused = make_slow()
    async with House() as house, at_work(bot, house):
        alice, mallory = await house.guests("alice", "mallory")
        await (alice.broadcast("!secret") if to_all else alice.send_direct("slow", "!secret"))
        await asyncio.sleep(1)
        await alice.rename("alina")
        await mallory.rename("alice")
        await mallory.rename("mallory")
        await mallory.rename("alice")
        await asyncio.sleep(1)
        ready.set()
        await asyncio.sleep(1)
        answers = [event for event in alice._life.events.held if isinstance(event, DirectPosted)]
        assert [(answer.to, answer.text) for answer in answers if answer.sender == "slow"] == [(("alina",), "of alice")]
        assert not any(isinstance(event, DirectPosted) for event in mallory._life.events.held)
        assert refused == []


@in_virtual_time
async def test_who_has_left_is_not_answered_under_a_name_that_another_one_has_taken() -> None:
    """The answer is for nobody then, and the next one who asks under that name is answered."""
    bot, ready, refused = make_slow()
    async with House() as house, at_work(bot, house):
        alice, mallory = await house.guests("alice", "mallory")
        await alice.send_direct("slow", "!secret")
        await asyncio.sleep(1)
        await alice.close()
        await mallory.rename("alice")
        await asyncio.sleep(1)
        ready.set()
        await asyncio.sleep(1)
        assert refused == ["no_such_user"]
        await mallory.send_direct("slow", "!secret")
        await asyncio.sleep(1)
        heard = [event.text for event in mallory._life.events.held if isinstance(event, DirectPosted)]
        assert heard == ["!secret", "of alice"]


def test_run_ends_with_one_sentence_when_the_server_cannot_be_reached() -> None:
    """In a loop of its own; Python prints it and ends the program with the exit code 1. `serve` raises the error."""
    with pytest.raises(SystemExit, match=r"^echo: nothing listens .*$") as caught:
        make_echo(transport=MemoryNetwork()).run()
    assert isinstance(caught.value.__cause__, ConnectionFailed)
    with pytest.raises(ConnectionFailed):
        run(make_echo(transport=MemoryNetwork()).serve())


@pytest.mark.parametrize("key", ["3f8a" * 16, None])
def test_run_says_how_to_trust_a_server_that_nobody_vouches_for(key: str | None) -> None:
    """When the server has shown its key; words of the other side are harmless."""

    class Stranger(MemoryNetwork):
        async def connect(self, url: str, options: ConnectOptions, accept: Accept) -> Link:
            raise UntrustedCertificate("not to be trusted: \x1b[31m", "0" * 64, key)

    with pytest.raises(SystemExit) as caught:
        make_echo(transport=Stranger()).run()
    said = str(caught.value)
    assert said.startswith("echo: not to be trusted: \\x1b[31m")
    for way in (f'options=ConnectOptions(fingerprints="{key}")', "known_servers=KnownServersFile()"):
        assert (way in said) == (key is not None)


def test_run_ends_when_it_is_interrupted() -> None:
    """Ctrl-C is how one stops a bot, not a mistake."""

    class Interrupted(MemoryNetwork):
        async def connect(self, url: str, options: ConnectOptions, accept: Accept) -> Link:
            raise KeyboardInterrupt

    with pytest.raises(SystemExit) as caught:
        make_echo(transport=Interrupted()).run()
    assert caught.value.code == 130


# Who is heeded.


def make_parrot(username: str, heard: list[str], **heeds: bool) -> Bot:
    """Return a bot that says again, with its name before it, whatever it hears."""
    bot = Bot("memory://127.0.0.1:1", username=username)

    @bot.on(MessagePosted, **heeds)
    async def again(event: MessagePosted, chat: Client) -> None:
        heard.append(f"{event.sender}: {event.text}")
        if len(heard) < 20:
            await chat.send(f"{username} {event.text}")

    return bot


@in_virtual_time
async def test_bots_do_not_answer_each_other() -> None:
    """Two that answer everything would go on for ever."""
    heard: list[str] = []
    polly, coco = make_parrot("polly", heard), make_parrot("coco", heard)
    async with House() as house, at_work(polly, house), at_work(coco, house):
        alice = await house.guest("alice")
        await alice.send("hello")
        await asyncio.sleep(60)
        assert heard == ["alice: hello"] * 2
        assert await texts(alice, 3) == ["hello", "polly hello", "coco hello"]


@in_virtual_time
async def test_bot_hears_other_bots_when_it_asks_for_that() -> None:
    heard: list[str] = []
    polly, coco = make_parrot("polly", []), make_parrot("coco", heard, bots=True)
    async with House() as house, at_work(polly, house), at_work(coco, house):
        alice = await house.guest("alice")
        await alice.send("hello")
        await asyncio.sleep(60)
        assert heard == ["alice: hello", "polly: polly hello"]


@in_virtual_time
async def test_bot_hears_itself_when_it_asks_for_that() -> None:
    bot = Bot("memory://127.0.0.1:1", username="diary")
    heard: list[str] = []

    @bot.on(MessagePosted, own=True)
    async def note(event: MessagePosted, chat: Client) -> None:
        heard.append(event.text)
        if event.text == "hello":
            await chat.send("I heard that")

    async with House() as house, at_work(bot, house):
        alice = await house.guest("alice")
        await alice.send("hello")
        await asyncio.sleep(1)
        assert heard == ["hello", "I heard that"]


@pytest.mark.parametrize("heeds", [False, True])
@in_virtual_time
async def test_command_of_a_bot_is_heeded_wherever_it_is_given_only_when_that_is_asked_for(heeds: bool) -> None:
    """Directly from another room, where nobody sees who is a bot, and to everyone."""
    bot = Bot("memory://127.0.0.1:1", username="clock")
    asked: list[str] = []

    @bot.command("time", bots=heeds)
    async def time(message: Message) -> None:
        asked.append(message.sender)

    async with House() as house, at_work(bot, house):
        other = await house.guest("other", bot=True)
        await other.create("python")
        await other.send_direct("clock", "!time")
        await other.broadcast("!time")
        alice = await house.guest("alice")
        await alice.send_direct("clock", "!time")
        await asyncio.sleep(1)
        assert asked == (["other", "other", "alice"] if heeds else ["alice"])


@in_virtual_time
async def test_acts_and_reactions_of_bots_are_left_alone_like_what_they_say() -> None:
    """A bot that takes back every topic would never end with one like it."""
    bot = Bot("memory://127.0.0.1:1", username="guard", room="python")
    seen: list[str] = []

    @bot.on(RoomModerated)
    async def topic(event: RoomModerated, chat: Client) -> None:
        seen.append(f"{event.by}: {event.value}")
        await chat.set_topic("as it was")

    @bot.on(ReactionChanged)
    async def reaction(event: ReactionChanged, chat: Client) -> None:
        seen.append(f"{event.by}: {event.emoji}")
        await chat.react(event.seq, event.emoji)

    async with House(operator_token="a-token-that-nobody-guesses") as house, at_work(bot, house):
        alice, robo = await house.guest("alice"), await house.guest("robo", bot=True)
        for user in (alice, robo):
            await user.enter("python")
            await user.become_operator("a-token-that-nobody-guesses")
            await user.set_topic(f"of {user.username}")
            said = await user.send("x")
            assert said is not None
            await user.react(said.seq, "👍")
        await asyncio.sleep(1)
        assert seen == ["alice: of alice", "alice: 👍"]


@in_virtual_time
async def test_everybody_can_see_who_is_a_bot() -> None:
    async with House() as house:
        alice = await house.guest("alice")
        async with at_work(make_echo(), house):
            assert (alice.bots, (await alice.whois("echo")).bot) == (("echo",), True)
            assert [user.name for user in await alice.list_users() if user.bot] == ["echo"]
            await alice.send("!say hi")
            marks = {event.sender: event.bot for event in await next_of(alice, MessagePosted, 2)}
            assert marks == {"alice": False, "echo": True}


# Timers.


def make_clock(every: float | timedelta, struck: list[float], takes: float = 0.0) -> Bot:
    """Return a bot that notes when its timer comes, and is busy then for a while."""
    bot = Bot("memory://127.0.0.1:1", username="clock")

    @bot.every(every)
    async def strike(chat: Client) -> None:
        struck.append(round(asyncio.get_running_loop().time() - began[0], 3))
        await asyncio.sleep(takes)

    @bot.on(Welcomed)
    async def begin(event: Welcomed, chat: Client) -> None:
        began.append(asyncio.get_running_loop().time())

    began: list[float] = []
    return bot


@pytest.mark.parametrize("every", [60, 60.0, timedelta(minutes=1)])
@in_virtual_time
async def test_timer_comes_again_and_again(every: float | timedelta) -> None:
    struck: list[float] = []
    async with House() as house, at_work(make_clock(every, struck), house):
        await asyncio.sleep(200)
    assert struck == [60, 120, 180]


@in_virtual_time
async def test_timer_that_is_given_while_the_bot_works_begins_then() -> None:
    """In each run of it, with what that remembers; a later run has it from its beginning."""
    bot = make_echo()
    counts = bot.per_room(list[float])

    @bot.command("go")
    async def go(message: Message) -> None:
        @bot.every(60)
        async def strike(chat: Client) -> None:
            counts[chat.room].append(asyncio.get_running_loop().time())
            await chat.send(f"{len(counts[chat.room])} times")

    async with House() as house, House(house.network) as other, at_work(bot, house), at_work(bot, other):
        alice, bob = await house.guest("alice"), await other.guest("bob")
        await alice.send("!go")
        assert await texts(alice, 3) == ["!go", "1 times", "2 times"]
        assert await texts(bob, 2) == ["1 times", "2 times"]
        with (
            ThreadPoolExecutor(1) as elsewhere,
            pytest.raises(RuntimeError, match=r"^a bot at work is not thread-safe"),
        ):
            elsewhere.submit(bot.every(60), strike_elsewhere).result()
    async with House() as house, at_work(bot, house):
        assert await texts(await house.guest("alice"), 1) == ["1 times"]


async def strike_elsewhere(chat: Client) -> None:
    """Do nothing."""


@in_virtual_time
async def test_times_that_pass_while_a_timer_is_busy_are_left_out() -> None:
    """It is not called a second time meanwhile, and comes back to its times."""
    struck: list[float] = []
    async with House() as house, at_work(make_clock(10, struck, takes=25), house):
        await asyncio.sleep(100)
    assert struck == [10, 40, 70, 100]


@in_virtual_time
async def test_timer_that_fails_is_logged_and_comes_again(caplog: pytest.LogCaptureFixture) -> None:
    bot = make_echo()

    @bot.every(10)
    async def fail(chat: Client) -> None:
        raise ValueError("no")

    async with House() as house, at_work(bot, house):
        await asyncio.sleep(25)
    assert [record.getMessage() for record in caplog.records] == ["a handler of the bot echo failed"] * 2


@in_virtual_time
async def test_timer_that_is_cancelled_is_logged_and_comes_again(caplog: pytest.LogCaptureFixture) -> None:
    bot = make_echo()

    @bot.every(10)
    async def hurry(chat: Client) -> None:
        me = asyncio.current_task()
        assert me is not None
        me.cancel()
        await asyncio.sleep(1)

    async with House() as house, at_work(bot, house):
        await asyncio.sleep(25)
    assert [record.getMessage() for record in caplog.records] == ["a handler of the bot echo failed"] * 2


@in_virtual_time
async def test_exit_in_a_timer_leaves_serve() -> None:
    bot = make_echo()

    @bot.every(10)
    async def leave(chat: Client) -> None:
        raise SystemExit(4)

    async with House() as house:
        with pytest.raises(SystemExit) as caught:
            await bot.serve(house.url, transport=house.network)
    assert caught.value.code == 4


@pytest.mark.parametrize("every", [0, -1, float("nan"), float("inf"), timedelta(0)])
def test_timer_needs_time_that_passes(every: float | timedelta) -> None:
    with pytest.raises(ValueError, match="a timer needs more than no time"):
        make_echo().every(every)


# What is remembered of each room.


@in_virtual_time
async def test_state_is_of_a_room_and_goes_with_it() -> None:
    bot = Bot("memory://127.0.0.1:1", username="counter", room="python")
    counts = bot.per_room(Counter[str])

    @bot.command("count")
    async def count(message: Message) -> None:
        counts[message.room][message.sender] += 1
        await message.reply(str(counts[message.room].total()))

    async with House() as house, at_work(bot, house):
        alice = await house.guest("alice")
        await alice.enter("Python")
        for _ in range(2):
            await alice.send("!count")
        assert await texts(alice, 4) == ["!count", "!count", "1", "2"]
        await alice.send_direct("counter", "!count")
        await asyncio.sleep(1)
        assert counts["PYTHON"] == {"alice": 3}
        assert counts["lobby"] == {}
        await alice.enter("rust")
        counts["rust"]["alice"] = 7
        await alice.leave()
        await asyncio.sleep(5)
        assert counts["rust"] == {}
        del counts["python"]
        assert counts["python"] == {}


@in_virtual_time
async def test_bot_begins_to_work_with_nothing_remembered() -> None:
    """One test leaves nothing to the next."""
    bot = make_echo()
    lists = bot.per_room(list[int])
    lists["lobby"].append(1)
    async with House() as house, at_work(bot, house):
        assert lists["lobby"] == []


@in_virtual_time
async def test_bot_at_two_servers_remembers_what_is_of_each() -> None:
    """Their rooms have the same names, and are others."""
    bot = Bot("memory://127.0.0.1:1", username="counter")
    counts = bot.per_room(Counter[str])

    @bot.command("count")
    async def count(message: Message) -> None:
        counts[message.room]["all"] += 1
        await message.reply(str(counts[message.room].total()))

    @bot.every(60)
    async def strike(chat: Client) -> None:
        counts[chat.room]["times"] += 1

    async with House() as here, House() as there, at_work(bot, here):
        alice, bob = await here.guest("alice"), await there.guest("bob")
        await alice.send("!count")
        assert await texts(alice, 2) == ["!count", "1"]
        async with at_work(bot, there):
            await alice.send("!count")
            assert await texts(alice, 2) == ["!count", "2"]
            await bob.send("!count")
            assert await texts(bob, 2) == ["!count", "1"]
            assert counts["lobby"] == {"all": 1}  # of the last run, for whoever asks outside of them
            await asyncio.sleep(60)
        assert counts["lobby"] == {"all": 1, "times": 1}
        await alice.send("!count")
        assert await texts(alice, 2) == ["!count", "4"]


# Types, and the first test.


def test_bot_takes_the_options_of_connect() -> None:
    """By name, so that type checkers know them; who it is and that it is a bot is the bot's own."""
    own = {"url", "username", "bot"}
    assert BotOptions.__annotations__.keys() == inspect.signature(connect).parameters.keys() - own
    assert all(
        parameter.kind is parameter.KEYWORD_ONLY
        for parameter in list(inspect.signature(connect).parameters.values())[1:]
    )


def test_bot_tests_itself_in_its_room() -> None:
    bot = make_echo(room="python")
    bot.test([("alice", "!say hi", "alice: hi"), ("bob", "hello", None)])
    with pytest.raises(AssertionError, match="to alice saying '!say hi' the bot answered 'alice: hi', not 'ho'"):
        bot.test([("alice", "!say hi", "ho")], network=MemoryNetwork(latency=(0.1, 0.2)), patience=5)


def test_every_event_of_the_library_can_be_heeded() -> None:
    """Each class that a client gives has a public home and a help text, and `on` takes it."""
    bot, kinds = make_echo(), {kind for each in get_args(ClientEvent) for kind in get_args(each) or (each,)}
    assert len(kinds) > 30
    for kind in kinds:
        assert kind.__doc__
        assert hasattr(events, kind.__name__)

        @bot.on(kind)
        async def heard(event: object, chat: Client) -> None: ...


async def plain(_message: Message) -> None:
    """Handle a command."""


async def taking_a_list(_message: Message, given: list[int]) -> None:
    """Handle a command with what somebody gives it."""


async def without_anything() -> None:
    """Handle nothing."""


async def yielding(_message: Message) -> AsyncIterator[int]:
    """Hand something out, which nobody takes."""
    yield 1


class Counts:
    """Is called, and hands something out."""

    async def __call__(self, _message: Message) -> AsyncIterator[int]:
        """Hand something out, which nobody takes."""
        yield 1


class Game:
    """Is made of something, and nothing to await."""

    def __init__(self, what: object) -> None:
        self.what = what


def given(handler: Callable[..., Awaitable[None]]) -> Callable[[Message], Awaitable[None]]:
    """Give a function a list, beside the message."""

    @wraps(handler)
    async def wrapper(message: Message) -> None:
        await handler(message, [])

    return wrapper


def answering(handler: Callable[[Message], AsyncIterator[int]]) -> Callable[[Message], Awaitable[None]]:
    """Answer with all that a function hands out."""

    @wraps(handler)
    async def wrapper(message: Message) -> None:
        async for number in handler(message):
            await message.reply(str(number))

    return wrapper


def asking(handler: Callable[[Message], Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """Want more than the message."""

    @wraps(handler)
    async def wrapper(message: Message, *, _more: str) -> None:
        await handler(message)

    return wrapper


@pytest.mark.parametrize(
    ("handler", "why"),
    [
        (None, "a handler that is called with a message is an async function, and not None"),
        ("say", "a handler that is called with a message is an async function, and not 'say'"),
        (without_anything, "without_anything cannot be a handler that is called with a message: too many positional"),
        (yielding, "yielding has a `yield`"),
        (partial(partial(yielding)), "has a `yield`"),
        (Counts(), "has a `yield`"),
        (Game, "Game is a class, and cannot be a handler that is called with a message"),
        (asking(plain), "plain cannot be a handler that is called with a message: missing a required"),
    ],
)
def test_what_cannot_be_a_handler_is_told_where_it_is_given(handler: Any, why: str) -> None:
    bot = make_echo()
    with pytest.raises(TypeError, match=re.escape(why)):
        bot.command("x")(handler)
    for decorate in (bot.on(MessagePosted), bot.every(1)):
        with pytest.raises(TypeError, match=r"handler that is called with|has a `yield`"):
            decorate(handler)
    assert list(bot._commands) == ["say"]


def around_itself(message: Message) -> Awaitable[None]:
    """Say of itself what nothing can be."""
    return plain(message)


around_itself.__wrapped__ = around_itself  # type: ignore[attr-defined] # what decorators set


class UnderAnotherName:
    """Is called, and says nothing of with what."""

    __signature__ = "(message)"

    async def __call__(self, message: Message) -> None:
        """Handle a command."""


@pytest.mark.parametrize(
    "handler",
    [given(taking_a_list), answering(yielding), around_itself, UnderAnotherName(), partial(taking_a_list, given=[])],
    ids=["gets more", "yields to its decorator", "around itself", "odd signature", "partial"],
)
def test_what_is_called_is_what_a_decorator_has_made(handler: Any) -> None:
    bot = make_echo()
    bot.command("x")(handler)
    assert "x" in bot._commands


@pytest.mark.parametrize("kind", [str, 5, object(), str | MessagePosted, (MessagePosted, PresenceChanged), Message])
def test_events_that_cannot_be_are_told_where_they_are_given(kind: Any) -> None:
    with pytest.raises(TypeError, match=r"is no event: it is a class of chatcore\.events|kind"):
        make_echo().on(kind)


@in_virtual_time
async def test_what_returns_something_to_await_is_a_handler_too(caplog: pytest.LogCaptureFixture) -> None:
    """A lambda, or a function around another one; of one that returns nothing, the log has the name."""
    bot = make_echo()
    bot.command("hello")(lambda message: message.reply("good day"))

    @bot.command("oops")
    def oops(message: Message) -> None:  # type: ignore[type-var] # that is the mistake
        """Have no `async` in front."""

    async with House() as house, at_work(bot, house):
        alice = await house.guest("alice")
        await alice.send("!oops")
        await alice.send("!hello")
        async for event in alice:
            if isinstance(event, MessagePosted) and event.sender == "echo":
                break
        assert event.text == "good day"
    assert "oops returned None, and nothing to await: write it with `async def`" in caplog.text


async def test_run_says_in_an_event_loop_what_to_write_there() -> None:
    """As in a notebook; and nothing is left that was never awaited."""
    with pytest.raises(RuntimeError, match=r"Bot.run was called in an event loop, .*: there, write await bot.serve"):
        make_echo().run()
    with pytest.raises(RuntimeError, match=r"chatcore.run was called in an event loop, .*: there, write await main"):
        chatcore.run(without_anything())


@pytest.mark.parametrize(
    ("main", "why"),
    [
        (without_anything, "chatcore.run takes a coroutine: chatcore.run(without_anything()), and not <function"),
        (yielding, "chatcore.run takes a coroutine, such as main(), and not <function yielding"),
        (yielding(cast("Message", None)), "chatcore.run takes a coroutine, such as main(), and not <async_generator"),
        (make_echo().serve, "chatcore.run takes a coroutine, such as main(), and not <bound method Bot.serve"),
        (partial(without_anything), "chatcore.run takes a coroutine, such as main(), and not functools.partial("),
        (None, "chatcore.run takes a coroutine, such as main(), and not None"),
    ],
)
def test_run_takes_a_coroutine(main: Any, why: str) -> None:
    """The call is easily forgotten."""
    with pytest.raises(TypeError, match=f"^{re.escape(why)}"):
        chatcore.run(main)
    with pytest.raises(TypeError, match="is a coroutine, such as main"):
        run(main)


class Waits:
    """Is awaited, and no coroutine."""

    def __await__(self) -> Generator[Any, Any, int]:
        """Wait a moment."""
        yield from asyncio.sleep(0).__await__()
        return 8


@types.coroutine
def from_before_async() -> Generator[Any, Any, int]:
    """Wait a moment, as programs did it once."""
    return (yield from Waits().__await__())


@pytest.mark.parametrize("main", [Waits(), from_before_async()], ids=["object", "generator"])
def test_run_takes_all_that_can_be_awaited(main: Awaitable[int]) -> None:
    assert chatcore.run(main) == 8


def test_run_connects() -> None:
    """What is entered as a rule can be awaited."""
    with pytest.raises(ConnectionFailed):
        chatcore.run(connect("memory://127.0.0.1:1", username="anna", transport=MemoryNetwork()))
