"""What has happened and was not looked at yet: a program takes it one by one, and is not overrun."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

from chatcore.aio.client.connection import EVENTS_HELD, CurrentConnection
from chatcore.client.session import ClientSession
from chatcore.errors import ChatcoreError
from chatcore.events import ClientEvent

_ONE_READER: Final = (
    "another task waits for the next event of this client, and each event is returned once: let one task iterate, and "
    "pass on what others want"
)


class EventQueue:
    """The events of one client. While they wait, nothing more is read, unless somebody waits for an answer.

    Args:
        session: knows whether somebody waits for an answer.
        connection: the connection that there is at present.
    """

    def __init__(self, session: ClientSession, connection: CurrentConnection) -> None:
        self.held: deque[ClientEvent] = deque()
        """What was not taken yet."""
        self._session = session
        self._connection = connection
        self._followed = False
        self._reader: asyncio.Task[object] | None = None
        """Who waits for the next one; who alone may, once that is said."""
        self._kept = ""
        """What others are told then."""
        self._changed = asyncio.Event()
        self._ended = False
        self._failure: ChatcoreError | None = None

    def show(self, event: ClientEvent) -> None:
        """Let the program have an event; one that has never asked for any is kept the newest ones only."""
        self.held.append(event)
        self._changed.set()
        if not self._followed and len(self.held) > EVENTS_HELD:
            self.held.popleft()  # a program that only sends does not have to look at events
        else:
            self._pace()

    def end(self, failure: ChatcoreError | None) -> None:
        """Let those that are held be the last ones; `failure` is raised behind them, if there is one."""
        self._ended = True
        self._failure = failure
        self._changed.set()

    def keep(self, others: str) -> None:
        """Let nobody but the present task take events: `others` is said to whoever else asks for one."""
        self._reader, self._kept = asyncio.current_task(), others

    async def next(self) -> ClientEvent:
        """Return the next event. Raises what ended the client, StopAsyncIteration when that was its program.

        RuntimeError for a second reader: each of them would miss what the other one gets.
        """
        here = asyncio.current_task()
        if self._reader is not None and (self._reader is not here or not self._kept):
            raise RuntimeError(self._kept or _ONE_READER)
        self._followed = True
        self._reader = here
        try:
            while not self.held:
                if self._ended:
                    if self._failure is not None:
                        raise self._failure
                    raise StopAsyncIteration
                self._changed.clear()
                await self._changed.wait()
        finally:
            if not self._kept:
                self._reader = None
        event = self.held.popleft()
        self._pace()
        return event

    def _pace(self) -> None:
        self._connection.pace(len(self.held), waiting=self._session.unanswered > 0)
