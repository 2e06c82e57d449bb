"""Who waits for what: brings the server's answers to those who asked, and leaves the rest to be shown as events."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from chatcore.aio.home import Home
from chatcore.client.heard import Heard
from chatcore.client.session import ClientSession
from chatcore.commands import Command, Send
from chatcore.errors import ChatcoreError, ConnectionClosed, ConnectionFailed, RequestRefused
from chatcore.events import ClientEvent, Posted, Refused, RoomEntered, SendAcknowledged, SendRefused

_Reply = TypeVar("_Reply")


class Answers:
    """Everybody who waits for an answer, over as many connections as it takes.

    Args:
        session: keeps what has no answer yet, and repeats it on the next connection.
        write_soon: called when there is more to send, and somebody waits for the answer.
    """

    def __init__(self, session: ClientSession, write_soon: Callable[[], None]) -> None:
        self._session = session
        self._write_soon = write_soon
        self._replies: dict[str, asyncio.Future[Any]] = {}
        self._sends: dict[int, asyncio.Future[Posted | None]] = {}
        self._settled = asyncio.Event()
        self._open = False
        self._closing = False
        self._home: Home | None = None
        self._failure: ChatcoreError | None = None

    def open(self, home: Home) -> None:
        """From now on there is somebody to ask, or will be: at home."""
        self._open = True
        self._home = home

    def close(self) -> None:
        """Nothing more is said from now on: what was posted is waited for, and that has to have an end."""
        self._closing = True

    def end(self, failure: ChatcoreError | None) -> None:
        """There will be no answers any more; `failure` says why, None that nobody wants any."""
        self._open = False
        self._failure = failure
        for future in [*self._replies.values(), *self._sends.values()]:
            if not future.done():
                future.set_exception(failure or ConnectionClosed("the client was closed"))
                future.exception()  # whoever waits gets it; nobody waiting is no reason for a warning
        self._settled.set()

    # What is asked.

    async def ask(self, command: Command, kind: type[_Reply]) -> _Reply:
        """Return the answer to a request. Raises `RequestRefused`, `ConnectionClosed`.

        Raises `ConnectionFailed` when the answer is not of this kind.
        """
        self.check_open()
        reply_to = self._session.request(command)
        future = self._replies[reply_to] = asyncio.get_running_loop().create_future()
        self._write_soon()
        try:
            reply = await future
        finally:
            self._replies.pop(reply_to, None)
            self._session.forget(reply_to)
        if not isinstance(reply, kind):
            raise ConnectionFailed(
                "the server answered {request} with {answer}",
                request=type(command).__name__,
                answer=type(reply).__name__,
            )
        return reply

    def post(self, send: Send) -> int:
        """Queue a send and return its number. Raises `RequestRefused`, `ConnectionClosed`."""
        self.check_open()
        if self._closing:
            raise ConnectionClosed("the client is closed")
        number = self._session.post(send)
        self._write_soon()
        return number

    async def acknowledgement(self, send: Send) -> Posted | None:
        """Queue a send and return its entry in the log. Raises `RequestRefused`, `ConnectionClosed`."""
        number = self.post(send)
        future: asyncio.Future[Posted | None] = asyncio.get_running_loop().create_future()
        self._sends[number] = future
        return await future

    def mark_read(self, seq: int, room: str | None, epoch: str = "") -> None:
        """Say how far the user has read."""
        self._check_home()
        self._session.mark_read(seq, room or self._session.room, asyncio.get_running_loop().time(), epoch)
        self._write_soon()

    async def flush(self) -> None:
        """Wait until no send waits for its acknowledgement. Raises `ConnectionClosed`."""
        while self._session.pending:
            self.check_open()
            self._settled.clear()
            await self._settled.wait()

    def _check_home(self) -> None:
        if self._home is not None:
            self._home.check("a client")

    def check_open(self) -> None:
        """Raise `ConnectionClosed` once the client has ended."""
        self._check_home()
        if not self._open:
            raise ConnectionClosed("the client is closed") from self._failure

    # What comes back.

    def take(self, told: Heard) -> ClientEvent | None:
        """Give an answer to whoever waits for it; returns what is an event for everybody."""
        event = told.event
        shown: ClientEvent | None = event
        if told.reply_to is not None:
            shown = self._answered(told.reply_to, event)
        elif isinstance(event, SendAcknowledged) and event.cid in self._sends:
            _resolve(self._sends.pop(event.cid), event.posted)
            shown = None
        elif isinstance(event, SendRefused) and event.cid in self._sends:
            _reject(self._sends.pop(event.cid), RequestRefused(event.code, event.message, event.values))
            shown = None
        if not self._session.pending:
            self._settled.set()
        return shown

    def _answered(self, reply_to: str, event: ClientEvent) -> ClientEvent | None:
        future = self._replies.pop(reply_to, None)
        if future is None:
            return None
        if isinstance(event, Refused):
            _reject(future, RequestRefused(event.code, event.message, event.values))
            return None
        _resolve(future, event)
        # Everybody who follows the events wants to know where the user is.
        return event if isinstance(event, RoomEntered) else None


def _resolve(future: asyncio.Future[Any], result: object) -> None:
    if not future.done():
        future.set_result(result)


def _reject(future: asyncio.Future[Any], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
