"""Bots: commands, events, order, and handlers that fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from chatcore import Bot, Client, ConnectionClosed, ConnectionFailed, LoginRefused, Message, UntrustedCertificate
from chatcore.commands import SendMessage
from chatcore.events import (
    BroadcastPosted,
    DirectPosted,
    MessagePosted,
    PresenceChanged,
    RoomEntered,
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

    async with House() as house, at_work(bot, house) as working:
        alice = await house.guest("alice")
        await alice.send("!go")
        await working
        assert house.server.chat.users.keys() == {"alice"}


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
