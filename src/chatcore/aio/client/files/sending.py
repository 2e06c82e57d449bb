"""Drives a file that goes: reads what its machine wants to send, and sends it, to each user at the speed it grants."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from chatcore.aio.client.files.disk import some_bytes
from chatcore.aio.client.files.host import FileHost
from chatcore.aio.tasks import spawn
from chatcore.aio.threads import in_thread
from chatcore.client.files.sending import READ_AT_A_TIME, Delivery, OutgoingFile, SendingNews
from chatcore.client.files.sending_state import SendingState
from chatcore.commands import FailFile
from chatcore.errors import ChatcoreError, ErrorCode, FileError
from chatcore.events import CreditGranted, FileAccepted, FileProgressed, OfferMade
from chatcore.ports.file_store import FileSource

_UNDER_WAY: Final = (SendingState.RUNNING, SendingState.PAUSED)


class Sending:
    """A file that this client offers.

    Args:
        host: the client.
        made: the server's answer to the offer.
        source: the file; `close` closes it.
        name: what it is called.
        over: called when nobody waits for it any more.
    """

    def __init__(
        self, host: FileHost, made: OfferMade, source: FileSource, name: str, over: Callable[[Sending], None]
    ) -> None:
        self.file = made.file
        self._host = host
        self._outgoing = OutgoingFile(made, name, source.size)
        self._source = source
        self._over = over
        self._loop = asyncio.get_running_loop()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._wakes = {user: asyncio.Event() for user in made.to}
        self._reading = asyncio.Lock()
        self._ended = False

    def statuses(self) -> list[FileProgressed]:
        """Return how far it is, for each user."""
        return self._outgoing.statuses(self._loop.time())

    def take(self, event: SendingNews) -> None:
        """Take what the server says of it."""
        self._outgoing.take(event, self._loop.time())
        self._carry_out()
        if isinstance(event, FileAccepted):
            self._host.way.wanted(self._outgoing.size - event.offset)

    def grant(self, event: CreditGranted) -> bool:
        """Take credit; returns whether it was for one of these users."""
        to = self._outgoing.grant(event)
        if to is not None:
            self._wakes[to.user].set()
        return to is not None

    def go_on(self) -> None:
        """Go on, if there was no room."""
        for wake in self._wakes.values():
            wake.set()

    def lost(self) -> None:
        """Pause what runs: the connection is gone."""
        self._outgoing.lost(self._loop.time())
        self._carry_out()

    def give_up(self, code: str, message: str) -> None:
        """End it for everybody."""
        self._outgoing.give_up(code, message)
        self._carry_out()

    async def close(self) -> None:
        """Let go of the file when nobody waits for it any more, and tell the server if it cannot be read."""
        if self._tasks:
            await asyncio.wait(self._tasks.values())
        try:
            await in_thread(self._source.close)
        except Exception as error:
            self._host.report("sending a file failed", error)
        if self._outgoing.unreadable:
            with suppress(ChatcoreError):
                await self._host.ask(FailFile(self.file, ErrorCode.DISK), object)

    @property
    def under_way(self) -> bool:
        """True while somebody has accepted it and has not all of it."""
        return any(to.state in _UNDER_WAY for to in self._outgoing.deliveries.values())

    # The work.

    async def _send(self, to: Delivery) -> None:
        """Send to one user, as far as it grants, for as long as it waits for it."""
        wake = self._wakes[to.user]
        way = self._host.way
        try:
            while not to.over:
                chunk = self._outgoing.next_chunk(to, self._loop.time()) if way.takes_chunks else None
                if chunk is not None:
                    way.pass_on(chunk)
                    self._show()
                    await asyncio.sleep(0)  # a chunk a turn: the chat goes in between
                elif way.takes_chunks and (offset := to.to_read()) is not None:
                    to.has_read(offset, await self._read(offset))
                else:
                    wake.clear()
                    await wake.wait()
        except Exception as error:  # of a source with a mistake, too: nobody may wait for ever because of it
            self._host.report("sending a file failed", error)
            self._outgoing.failed(error)
            self._carry_out()

    async def _read(self, offset: int) -> bytes:
        async with self._reading:
            most = min(READ_AT_A_TIME, self._outgoing.size - offset)
            data = some_bytes(await in_thread(self._source.read, offset, most), most)
        if not data:
            raise FileError("the file became shorter while it was sent")
        return data

    def _carry_out(self) -> None:
        self._show()
        for user, to in self._outgoing.deliveries.items():
            if to.state is SendingState.RUNNING and user not in self._tasks:
                self._tasks[user] = spawn(self._send(to), name=f"chatcore sends file {self.file}")
        self.go_on()
        if self._outgoing.over and not self._ended:
            self._ended = True
            self._over(self)

    def _show(self) -> None:
        for news in self._outgoing.news():
            self._host.show(news)
