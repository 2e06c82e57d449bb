"""Drives a file that comes: does what its machine says, on the disk and with the server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from chatcore.aio.client.files.disk import PartOnDisk
from chatcore.aio.client.files.host import FileHost
from chatcore.aio.tasks import spawn
from chatcore.aio.threads import in_thread
from chatcore.client.files.receiving import IncomingFile
from chatcore.client.files.receiving_jobs import AskForRest, Job, LetGo, OpenPart, PutInPlace, Tell, Write
from chatcore.client.files.receiving_state import ReceivingState
from chatcore.commands import AcceptFile, GrantCredit
from chatcore.errors import ChatcoreError
from chatcore.events import ChunkReceived, FileOffered, FileProgressed, TransferBegun
from chatcore.ports.file_store import FileStore


class Receiving:
    """A file that was offered to this client.

    Args:
        host: the client.
        offer: what was offered.
        over: called at the end, whatever it is.
    """

    def __init__(self, host: FileHost, offer: FileOffered, over: Callable[[Receiving], None]) -> None:
        self.task: asyncio.Task[None] | None = None
        """Works on it once it was accepted."""
        self._file = IncomingFile(offer)
        self._host = host
        self._ended = over
        self._loop = asyncio.get_running_loop()
        self._begun: asyncio.Future[None] = self._loop.create_future()
        self._asking: asyncio.Task[TransferBegun] | None = None
        self._wake = asyncio.Event()

    @property
    def offer(self) -> FileOffered:
        """What was offered."""
        return self._file.offer

    @property
    def number(self) -> int | None:
        """Of the present run; None while there is none."""
        return self._file.number

    @property
    def on_offer(self) -> bool:
        """True while it may be accepted."""
        return self._file.state is ReceivingState.OFFERED

    @property
    def under_way(self) -> bool:
        """True from when it was accepted to the end."""
        return self._file.at_work

    @property
    def over(self) -> bool:
        """True when it is not to go on."""
        return self._file.over

    @property
    def settling(self) -> bool:
        """True while what has arrived gets its place, and its sender is told."""
        return self._file.settling

    def status(self) -> FileProgressed:
        """Return how far it is."""
        return self._file.status(self._loop.time())

    # What its user wants, what the server says, and what becomes of the connection.

    def begin(self, store: FileStore, window: int | None) -> None:
        """Accept it; `window` is how many bytes the server lets be under way."""
        self._begun = self._loop.create_future()
        self._file.accept(window)
        disk = PartOnDisk(store, self.offer.sha256, self.offer.size)
        self.task = spawn(self._work(disk), name=f"chatcore receives file {self.offer.file}")

    async def started(self) -> None:
        """Wait until it is on its way. Raises what went wrong before that."""
        await asyncio.shield(self._begun)

    def take(self, event: ChunkReceived) -> None:
        """Take a chunk of the present run."""
        self._file.chunk(event, self._loop.time())
        self._carry_out()

    def sender_lost(self) -> None:
        """Halt until chunks come again: the sender's connection is gone."""
        self._file.sender_lost(self._loop.time())
        self._carry_out()

    def lost(self) -> None:
        """Wait for the next connection: this one is gone."""
        self._file.lost(self._loop.time())
        self._carry_out()

    def give_up(self, code: str, message: str) -> None:
        """End it, and keep what is there for another time."""
        self._file.give_up(code, message)
        self._carry_out()

    def cancel(self) -> None:
        """End it; nobody wants what is there."""
        self._file.cancel()
        self._carry_out()

    # The work.

    async def _work(self, disk: PartOnDisk) -> None:
        try:
            while self._file.at_work:
                if self._file.job is None:
                    self._wake.clear()
                    await self._wake.wait()
                    continue
                try:
                    await self._do(self._file.job, disk)
                except Exception as error:
                    self._file.failed(error)
                    self._host.report("receiving a file failed", error)
                self._carry_out()
        finally:
            if self._file.at_work:  # this task was cancelled
                await in_thread(partial(disk.let_go, keep=True))

    async def _do(self, job: Job, disk: PartOnDisk) -> None:
        file = self._file
        match job:
            case OpenPart():
                file.opened(await in_thread(disk.open))
            case AskForRest():
                await self._ask(job)
            case Write():
                await in_thread(disk.write, job.data)
                file.written(self._loop.time())
            case PutInPlace():
                place = await in_thread(disk.put_in_place, job.name)
                if place is None:
                    file.wrong()
                else:
                    file.placed(place)
            case LetGo():
                await in_thread(partial(disk.let_go, keep=job.keep))
                file.let_go()
            case Tell():
                with suppress(ChatcoreError):  # then it is the sender who does not know
                    await self._host.ask(job.command, object)
                file.told()

    async def _ask(self, job: AskForRest) -> None:
        """Ask the server. While there is no connection, that waits for the next one, or until it is given up."""
        command = AcceptFile(self.offer.file, job.offset)
        self._asking = asking = spawn(self._host.ask(command, TransferBegun), name="chatcore asks for a file")
        try:
            await asyncio.wait([asking])
        finally:
            self._asking = None
            asking.cancel()
        if asking.cancelled():
            return
        error = asking.exception()
        if self._file.job is not job:
            return  # it was given up in the same turn
        if error is not None:
            raise error
        self._file.begun(asking.result(), self._loop.time())
        self._host.way.wanted(self.offer.size - job.offset)

    def _carry_out(self) -> None:
        for news in self._file.news():
            if isinstance(news, GrantCredit):
                self._host.way.pass_on(news)
            else:
                self._host.show(news)
        if not self._begun.done():
            if self._file.started:
                self._begun.set_result(None)
            elif self._file.refusal is not None:
                self._begun.set_exception(self._file.refusal)
                self._begun.exception()  # whoever waits gets it
        if self._asking is not None and not isinstance(self._file.job, AskForRest):
            self._asking.cancel()
        self._wake.set()
        if self._file.state is ReceivingState.OVER:
            self._ended(self)
