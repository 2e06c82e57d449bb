"""Bots: functions that are called for commands and events."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from chatcore.aio.client import Client, connect
from chatcore.aio.running import run
from chatcore.aio.tasks import spawn
from chatcore.errors import ChatcoreError, UntrustedCertificate
from chatcore.events import BroadcastPosted, ClientEvent, DirectPosted, MessagePosted, Posted
from chatcore.text.names import name_key
from chatcore.text.safe_text import safe_text

_WAITING: Final = 100  # events that wait per room while a handler is busy; then the bot stops reading

_HANDLERS_END: Final = 1.0  # how long handlers may take to end, in seconds, before the bot logs out without them

_log = logging.getLogger("chatcore.bot")


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody said to a bot, with the means to answer: what a command's handler is called with.

    Attributes:
        text: all of what was said, the command too.
        args: what stands behind the command, without spaces around it; empty when nothing does.
        sender: username of who said it.
        posted: the message as it stands in its log: a `MessagePosted`, `DirectPosted` or `BroadcastPosted`.
        chat: the bot's client, for everything else.
    """

    posted: Posted
    args: str
    chat: Client

    @property
    def text(self) -> str:
        """All of what was said."""
        return self.posted.text

    @property
    def sender(self) -> str:
        """Who said it."""
        return self.posted.sender

    async def reply(self, text: str) -> None:
        """Answer where it was said: in the room, or directly to the sender. Waits for the acknowledgement.

        A broadcast is answered directly. What was said in a room is answered in the room where the bot is now.

        Raises:
            RequestRefused: `too_large`; `bad_request` when the text is empty; `no_such_user` when the sender has gone.
            ConnectionClosed: the client has ended.
        """
        if isinstance(self.posted, MessagePosted):
            await self.chat.send(text)
        else:
            await self.chat.send_direct(self.sender, text)


CommandHandler = Callable[[Message], Awaitable[None]]
_Event = TypeVar("_Event", bound=ClientEvent)
_Command = TypeVar("_Command", bound=CommandHandler)


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


        bot.run()

    Handlers may await anything. What was said in one place (the room, direct messages, broadcasts) is handled in
    order, and so is everything else; a handler that raises, whatever it is, is logged to the logger `chatcore.bot`,
    and the bot goes on; but `sys.exit` logs out and ends it. What the bot itself says is not handled. When a hundred
    events wait for a handler, the bot stops reading; the server keeps the rest. A lost connection is made again, with
    nothing missed and nothing handled twice.

    Args:
        url: where the server listens, as for `connect`.
        username: the bot's name.
        prefix: what commands begin with.
        room: a room to be in, created when it is not there; the default room when left out.
        **options: passed on to `connect`.

    Test it with `chatcore.testing.verify_dialog`.
    """

    def __init__(self, url: str, *, username: str, prefix: str = "!", room: str | None = None, **options: Any) -> None:
        self._url = url
        self.username = username
        self._prefix = prefix
        self._room = room
        self._options = options
        self._commands: dict[str, CommandHandler] = {}
        self._listeners: list[tuple[type[Any], Callable[[Any, Client], Awaitable[None]]]] = []

    def command(self, name: str) -> Callable[[_Command], _Command]:
        """Call the decorated function for messages that begin with the prefix and `name`, whatever their case.

        It is called with a `Message`, for what is said in the room, directly and to everyone. `name` is one word; the
        last function of a name replaces earlier ones.
        """

        def decorate(handler: _Command) -> _Command:
            self._commands[name.lower()] = handler
            return handler

        return decorate

    def on(
        self, kind: type[_Event]
    ) -> Callable[[Callable[[_Event, Client], Awaitable[None]]], Callable[[_Event, Client], Awaitable[None]]]:
        """Call the decorated function, with the event and the client, for every event of this kind.

        `kind` is a class of `chatcore.events`, such as `MessagePosted`, or a base of several, such as `Posted`. All
        functions of a kind are called, in the order that they were given in, and before the command's.
        """

        def decorate(
            handler: Callable[[_Event, Client], Awaitable[None]],
        ) -> Callable[[_Event, Client], Awaitable[None]]:
            self._listeners.append((kind, handler))
            return handler

        return decorate

    def run(self) -> None:
        """Connect and work until a signal comes: `serve` as the whole program, which has no event loop yet.

        Raises:
            SystemExit: always. With 128 and the number of the signal after Ctrl-C, `kill` or the end of the terminal
                (`chatcore.run` says how); with what a handler gave to `sys.exit`; and instead of every `ChatcoreError`
                that `serve` raises: Python then prints its sentence, says for a server that nobody vouches for how to
                trust it, and ends the program with the exit code 1.
        """
        try:
            run(self.serve())
        except KeyboardInterrupt:
            raise SystemExit(130) from None
        except ChatcoreError as error:
            raise SystemExit(f"{self.username}: {safe_text(_what_to_do(error))}") from error

    async def serve(self, url: str | None = None, **options: Any) -> None:
        """Connect and work until cancelled. A lost connection is made again.

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
        queues: dict[str, asyncio.Queue[ClientEvent]] = {}
        workers: list[asyncio.Task[None]] = []
        ending = _Ending()
        async with connect(url or self._url, username=self.username, **self._options | options) as chat:
            try:
                if self._room is not None:
                    await chat.enter(self._room)
                async for event in chat:
                    place = event.log if isinstance(event, Posted) else ""
                    if place not in queues:
                        queues[place] = asyncio.Queue(_WAITING)
                        workers.append(spawn(self._work(queues[place], chat, ending), name=f"chatcore bot in {place}"))
                    await queues[place].put(event)
            except asyncio.CancelledError:
                ending.raise_if_wanted()
                raise
            finally:
                for worker in workers:
                    worker.cancel()
                if workers:
                    await asyncio.wait(workers, timeout=_HANDLERS_END)

    async def _work(self, queue: asyncio.Queue[ClientEvent], chat: Client, ending: _Ending) -> None:
        worker = asyncio.current_task()
        assert worker is not None
        while True:
            event = await queue.get()
            for handler, argument in self._handlers(event, chat):
                try:
                    await handler(*argument)
                except SystemExit as error:
                    ending.begin(error)
                    return
                except BaseException as error:
                    # Of a task that was cancelled elsewhere the handler gets the same error as of its own end.
                    if isinstance(error, asyncio.CancelledError) and worker.cancelling():
                        raise
                    _log.exception("a handler of the bot %s failed", self.username)

    def _handlers(
        self, event: ClientEvent, chat: Client
    ) -> list[tuple[Callable[..., Awaitable[None]], tuple[Any, ...]]]:
        # Only its own copies carry a cid: its name may have changed since.
        if isinstance(event, Posted) and (event.cid is not None or name_key(event.sender) == name_key(chat.username)):
            return []
        found: list[tuple[Callable[..., Awaitable[None]], tuple[Any, ...]]] = [
            (handler, (event, chat)) for kind, handler in self._listeners if isinstance(event, kind)
        ]
        if isinstance(event, MessagePosted | DirectPosted | BroadcastPosted) and event.text.startswith(self._prefix):
            name, _, args = event.text[len(self._prefix) :].partition(" ")
            command = self._commands.get(name.lower())
            if command is not None:
                found.append((command, (Message(event, args.strip(), chat),)))
        return found


class _Ending:
    """The end that a handler wants, by `sys.exit`, of the task that this is made in."""

    def __init__(self) -> None:
        self._task = asyncio.current_task()
        self._wanted: SystemExit | None = None

    def begin(self, wanted: SystemExit) -> None:
        """Let the task end."""
        self._wanted = self._wanted or wanted
        if self._task is not None:
            self._task.cancel()

    def raise_if_wanted(self) -> None:
        """Raise what the handler raised, if it was that which cancelled the task."""
        if self._wanted is not None and self._task is not None and self._task.uncancel() == 0:
            raise self._wanted


def _what_to_do(error: ChatcoreError) -> str:
    if not isinstance(error, UntrustedCertificate) or error.key_fingerprint is None:
        return str(error)
    return (
        f"{error}; if the server prints this fingerprint of its key, trust it with "
        f'options=ConnectOptions(fingerprints="{error.key_fingerprint}"), '
        "or let the bot remember servers with known_servers=KnownServersFile()"
    )
