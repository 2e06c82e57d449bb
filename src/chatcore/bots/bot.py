"""Bots: functions that are called for commands, events, and when time has passed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextvars import Context, copy_context
from datetime import timedelta
from types import UnionType
from typing import TYPE_CHECKING, Any, Final, TypeVar, Unpack

from chatcore.aio.arguments import check_takes, checks_arguments
from chatcore.aio.client import Client, connect
from chatcore.aio.client.client import keep_events
from chatcore.aio.client.connecting import Connecting
from chatcore.aio.running import checked_main, run
from chatcore.bots.handlers import check_handler, check_kind
from chatcore.bots.message import Message
from chatcore.bots.options import BotOptions
from chatcore.bots.per_room import PerRoom, current_run
from chatcore.bots.typed import behind_prefix, command_key
from chatcore.bots.work import Call, Heeds, Work
from chatcore.errors import ChatcoreError, UntrustedCertificate
from chatcore.events import BroadcastPosted, ClientEvent, DirectPosted, MessagePosted, RoomsChanged
from chatcore.plain import check_plain_function
from chatcore.text.safe_text import safe_text

if TYPE_CHECKING:
    from chatcore.testing.dialog import Line
    from chatcore.testing.network import MemoryNetwork

CommandHandler = Callable[[Message], Awaitable[None]]
_Event = TypeVar("_Event", bound=ClientEvent)
_Command = TypeVar("_Command", bound=CommandHandler)
_Timer = TypeVar("_Timer", bound=Callable[[Client], Awaitable[None]])
_State = TypeVar("_State")
_FOR_HANDLERS: Final = (
    "the events of a bot go to its handlers, and no handler can iterate over them: what it waits for, a handler of its "
    "own is called for, as by @bot.on(MessagePosted)"
)


@checks_arguments
class Bot:
    """A user that a program plays.

    ::

        from chatcore import Bot, Client, Message, PresenceChanged

        bot = Bot("ws://127.0.0.1:8765", username="echo", room="python")


        @bot.command("echo")
        async def echo(message: Message) -> None:  # somebody said "!echo hello": args is "hello"
            await message.reply(message.args)


        @bot.on(PresenceChanged)
        async def greet(event: PresenceChanged, chat: Client) -> None:
            for name in event.joined:
                await chat.send(f"welcome, {name}")


        @bot.every(3600)
        async def strike(chat: Client) -> None:
            await chat.send("another hour has passed")


        bot.run()

    Handlers may await anything. What was said in one place (the room, direct messages, broadcasts) is handled in
    order, and so is everything else; a handler that raises, whatever it is, is logged to the logger `chatcore.bot`,
    and the bot goes on; but `sys.exit` logs out and ends it. When a hundred events wait for a handler, the bot stops
    reading; the server keeps the rest. A lost connection is made again, with nothing missed and nothing handled twice.

    Everybody can see that it is a bot. What the bot itself says or does is not handled, nor what other bots do, unless
    a handler asks for it: so bots do not answer each other without end.

    Args:
        url: where the server listens, as for `connect`.
        username: the bot's name.
        prefix: what commands begin with.
        room: a room to be in, created when it is not there; the default room when left out.
        **options: passed on to `connect`.

    `test` says whether it does what it should.
    """

    def __init__(
        self, url: str, *, username: str, prefix: str = "!", room: str | None = None, **options: Unpack[BotOptions]
    ) -> None:
        self._url = url
        self.username = username
        self._prefix = prefix
        self.room = room
        self._options = options
        self._commands: dict[str, tuple[Heeds, CommandHandler]] = {}
        self._listeners: list[tuple[type[Any] | UnionType, Heeds, Callable[[Any, Client], Awaitable[None]]]] = []
        self._timers: list[tuple[float, Callable[[Client], Awaitable[None]]]] = []
        self._at_work: list[tuple[Work, Client, Context]] = []
        self._states: list[PerRoom[Any]] = []

    def command(self, name: str, *, bots: bool = False) -> Callable[[_Command], _Command]:
        """Call the decorated function for messages that begin with the prefix and `name`, whatever their case.

        However they are typed, too: a full-width `！` is a `!`, and an é may be of two characters.

        It is called with a `Message`, for what is said in the room, directly and to everyone; with `bots`, also for
        what other bots say. `name` is one word; the last function of a name replaces earlier ones.

        Raises:
            TypeError: it is no text, as when the call is left out: `@bot.command`; or the decorated is no handler.
            ValueError: it is no word.
        """
        if name.split() != [name]:
            raise ValueError(f"the name of a command is one word, and not {name!r}")

        def decorate(handler: _Command) -> _Command:
            check_handler(handler, "a message")
            self._commands[command_key(name)] = (Heeds(bots=bots), handler)
            return handler

        return decorate

    def on(
        self, kind: type[_Event] | UnionType, *, own: bool = False, bots: bool = False
    ) -> Callable[[Callable[[_Event, Client], Awaitable[None]]], Callable[[_Event, Client], Awaitable[None]]]:
        """Call the decorated function, with the event and the client, for every event of this kind.

        `kind` is a class of `chatcore.events`, such as `MessagePosted`, or a base of several, such as `Posted`. All
        functions of a kind are called, in the order that they were given in, and before the command's. With `own`, also
        for what the bot itself says, offers, reacts to or does in a room; with `bots`, for what other bots do.

        Raises:
            TypeError: it is no class of an event, as when the call is left out: `@bot.on`; the decorated is no handler.
        """
        check_kind(kind)

        def decorate(
            handler: Callable[[_Event, Client], Awaitable[None]],
        ) -> Callable[[_Event, Client], Awaitable[None]]:
            check_handler(handler, "an event", "the client")
            self._listeners.append((kind, Heeds(own, bots), handler))
            return handler

        return decorate

    def every(self, seconds: float | timedelta) -> Callable[[_Timer], _Timer]:
        """Call the decorated function, with the client, again and again while the bot works.

        The first time is `seconds` after the bot is in its room, or after this, when it is there already. A call that
        takes longer is waited for, and the times that pass meanwhile are left out.

        Raises:
            ValueError: it is no time that passes.
            TypeError: the decorated is no handler.
            RuntimeError: the bot works on another event loop, or in another thread.
        """
        pause = seconds.total_seconds() if isinstance(seconds, timedelta) else float(seconds)
        if not 0 < pause < float("inf"):
            raise ValueError(f"a timer needs more than no time: {seconds!r}")

        def decorate(handler: _Timer) -> _Timer:
            check_handler(handler, "the client")
            for work, chat, context in self._at_work:
                context.run(work.every, pause, handler, chat)
            self._timers.append((pause, handler))
            return handler

        return decorate

    def per_room(self, make: Callable[[], _State]) -> PerRoom[_State]:
        """Return what remembers something of each room: what `make` returns, a class for example.

        ::

            games = bot.per_room(Game)


            @bot.command("guess")
            async def guess(message: Message) -> None:
                game = games[message.room]  # a Game, for type checkers too

        It is forgotten with the room, and when the bot begins to work anew: in each test, say.
        """
        check_plain_function("make", make)
        check_takes("make, which is called with nothing", make)
        state = PerRoom(make)
        self._states.append(state)
        return state

    def test(
        self, conversation: Sequence[Line], *, network: MemoryNetwork | None = None, patience: float = 10.0
    ) -> None:
        """Check what the bot answers, line by line, without a server, a network and waiting.

        ::

            def test_the_bot_repeats_what_it_is_asked_to() -> None:
                bot.test([("alice", "!echo hi", "hi"), ("bob", "hello", None)])

        `chatcore.testing.verify_dialog` says all about it.

        Raises:
            AssertionError: the bot answered something else, or nothing.
            ChatcoreError: the bot could not connect, or was not wanted; somebody's line was refused.
        """
        from chatcore.testing.dialog import verify_dialog  # noqa: PLC0415 - bots that work need no network in memory

        verify_dialog(self, conversation, network=network, patience=patience)

    def run(self) -> None:
        """Connect and work until a signal comes: `serve` as the whole program, which has no event loop yet.

        Raises:
            SystemExit: always, unless a handler closes the client: then it returns. With 128 and the number of the
                signal after Ctrl-C, `kill` or the end of the terminal (`chatcore.run` says how); with what a handler
                gave to `sys.exit`; and instead of every `ChatcoreError` that `serve` raises: Python then prints its
                sentence, says for a server that nobody vouches for how to trust it, and ends the program with the
                exit code 1.
        """
        try:
            run(checked_main(self.serve(), "Bot.run", "await bot.serve()"))
        except KeyboardInterrupt:
            raise SystemExit(130) from None
        except ChatcoreError as error:
            raise SystemExit(f"{self.username}: {safe_text(_what_to_do(error))}") from error

    async def serve(self, url: str | None = None, **options: Unpack[BotOptions]) -> None:
        """Connect and work until cancelled, or until a handler closes the client. A lost connection is made again.

        A bot may be served at several servers at a time; what it remembers of rooms (`per_room`) is of each its own.

        Args:
            url: used instead of the one that the bot was made with.
            **options: for `connect`; each replaces the one of its name that the bot was made with.

        Raises:
            ConnectionFailed: the server cannot be reached when the bot starts. `UntrustedCertificate` and
                `CertificateChanged` as from `connect`.
            LoginRefused: the server does not want this login, for example `name_taken`.
            ConnectionClosed: the server does not want the bot back.
            RequestRefused: the bot's room cannot be entered.
            ConfigurationError: as from `connect`.
        """
        work = Work(self.username, self._calls)
        for state in self._states:
            state.begin(work)
        given: BotOptions = {**self._options, **options}
        before = current_run.set(work)
        try:
            await self._work(work, connect(url or self._url, username=self.username, bot=True, **given))
        finally:
            current_run.reset(before)

    async def _work(self, work: Work, connecting: Connecting) -> None:
        async with connecting as chat:
            try:
                if self.room is not None:
                    await chat.enter(self.room)
                keep_events(chat, _FOR_HANDLERS)
                for seconds, handler in self._timers:
                    work.every(seconds, handler, chat)
                self._at_work.append((work, chat, copy_context()))
                async for event in chat:
                    await work.take(event, chat)
                await work.finish()
            except asyncio.CancelledError:
                work.raise_if_wanted()
                raise
            finally:
                self._at_work = [each for each in self._at_work if each[0] is not work]
                await work.end()

    def _calls(self, event: ClientEvent, chat: Client) -> Iterator[Call]:
        """Return what to call for an event."""
        if isinstance(event, RoomsChanged):
            for state in self._states:
                state.forget(event.removed)
        for kind, heeds, handler in self._listeners:
            if isinstance(event, kind) and heeds.takes(event, chat):
                yield handler, (event, chat)
        if isinstance(event, MessagePosted | DirectPosted | BroadcastPosted):
            typed = behind_prefix(event.text, self._prefix)
            if typed is None:
                return
            name = "" if typed[:1].isspace() else "".join(typed.split(maxsplit=1)[:1])
            known = self._commands.get(command_key(name))
            if known is not None and known[0].takes(event, chat):
                yield known[1], (Message(event, typed[len(name) :].strip(), chat),)


def _what_to_do(error: ChatcoreError) -> str:
    if not isinstance(error, UntrustedCertificate) or error.key_fingerprint is None:
        return str(error)
    return (
        f"{error}; if the server prints this fingerprint of its key, trust it with "
        f'options=ConnectOptions(fingerprints="{error.key_fingerprint}"), '
        "or let the bot remember servers with known_servers=KnownServersFile()"
    )
