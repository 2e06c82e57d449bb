"""One file that goes, to one user or to many, to each at the speed that it grants."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from chatcore.aio.files.receiving import PROGRESS_SECONDS
from chatcore.aio.files.threads import in_thread
from chatcore.aio.tasks import spawn
from chatcore.client.file_pace import Rate
from chatcore.commands import FailFile, SendChunk
from chatcore.errors import ChatcoreError, ErrorCode, FileError
from chatcore.file_events import (
    CreditGranted,
    FileAccepted,
    FileBroken,
    FileCancelled,
    FileDeclined,
    FileDelivered,
    FileFailed,
    FileNews,
    FilePaused,
    FileProgressed,
    FileSent,
    OfferMade,
)
from chatcore.limits import CHUNK_BYTES
from chatcore.ports.file_store import FileSource

if TYPE_CHECKING:
    from chatcore.aio.files.transfers import Host

_READ_AT_A_TIME: Final = 8 * CHUNK_BYTES


class _Run:
    """The way to one user."""

    def __init__(self, user: str) -> None:
        self.user = user
        self.number = 0
        """Of the present run; 0 while there is none."""
        self.offset = 0
        self.upto = 0
        self.state = "offered"
        self.rate: Rate | None = None
        self.told_at = 0.0
        self.wake = asyncio.Event()
        self.task: asyncio.Task[None] | None = None


class Sending:
    """A file that this client offers.

    Args:
        host: the client.
        made: the server's answer to the offer.
        source: the file; it is closed at the end.
        name: what it is called.
        over: called when nobody waits for it any more.
    """

    def __init__(
        self, host: Host, made: OfferMade, source: FileSource, name: str, over: Callable[[Sending], None]
    ) -> None:
        self.made = made
        self._host = host
        self._source = source
        self._size = source.size
        self._name = name
        self._over = over
        self._loop = asyncio.get_running_loop()
        self._runs = {user: _Run(user) for user in made.to}
        self._reading = asyncio.Lock()

    def statuses(self) -> list[FileProgressed]:
        """Return how far it is, for each user."""
        return [self._status(run) for run in self._runs.values()]

    def tasks(self) -> list[asyncio.Task[None]]:
        """Return who works on it."""
        return [run.task for run in self._runs.values() if run.task is not None]

    def take(self, event: FileNews) -> None:
        """Take what the server says of it."""
        run = self._runs.get(getattr(event, "user", ""))
        if run is None:
            return
        match event:
            case FileAccepted():
                self._begin(run, event)
            case FilePaused():
                self._pause(run)
            case FileDelivered():
                self._end(run)
                self._host.show(FileSent(file=event.file, user=run.user, name=self._name, size=self._size))
            case FileDeclined():
                self._fail(run, "declined", "")
            case FileCancelled():
                self._fail(run, "cancelled", "")
            case FileBroken():
                self._fail(run, event.code, event.message)

    def credit(self, event: CreditGranted) -> bool:
        """Take credit; returns whether it was for one of these."""
        for run in self._runs.values():
            if run.number == event.transfer:
                run.upto = max(run.upto, min(event.upto, self._size))
                run.wake.set()
                return True
        return False

    def stir(self) -> None:
        """Go on, if there was no room."""
        for run in self._runs.values():
            run.wake.set()

    def disconnected(self) -> None:
        """Take note that the connection is gone."""
        for run in self._runs.values():
            if run.number:
                self._pause(run)

    def fail_all(self, code: str, message: str) -> None:
        """End it for everybody."""
        for run in list(self._runs.values()):
            self._fail(run, code, message)

    def _begin(self, run: _Run, event: FileAccepted) -> None:
        run.number = event.transfer
        run.offset = run.upto = event.offset
        run.state = "running"
        run.rate = Rate(event.offset, self._loop.time())
        run.wake.set()
        if run.task is None:
            run.task = spawn(self._send(run), name=f"chatcore sends file {self.made.file}")
        self._show_progress(run, at_once=True)

    def _pause(self, run: _Run) -> None:
        run.number = 0
        run.state = "paused"
        self._show_progress(run, at_once=True)

    async def _send(self, run: _Run) -> None:
        """Send to one user, as far as it grants, for as long as anybody waits for it."""
        data, data_at = b"", 0
        try:
            while True:
                size = min(run.upto - run.offset, CHUNK_BYTES)
                if not run.number or size <= 0 or not self._host.takes_chunks:
                    run.wake.clear()
                    await run.wake.wait()
                    continue
                if not data_at <= run.offset < data_at + len(data):
                    number, data_at = run.number, run.offset
                    data = await self._read(data_at)
                    if run.number != number:
                        continue
                start = run.offset - data_at
                chunk = data[start : start + size]
                self._host.pass_on(SendChunk(run.number, run.offset, chunk))
                run.offset += len(chunk)
                if run.rate is not None:
                    run.rate.moved(run.offset, self._loop.time())
                self._show_progress(run)
                await asyncio.sleep(0)  # a chunk a turn: the chat goes in between
        except FileError as error:
            run.task = None
            self.fail_all(ErrorCode.DISK, error.sentence)
            with suppress(ChatcoreError):
                await self._host.ask(FailFile(self.made.file, ErrorCode.DISK), object)

    async def _read(self, offset: int) -> bytes:
        async with self._reading:
            data = await in_thread(self._source.read, offset, min(_READ_AT_A_TIME, self._size - offset))
        if not data:
            raise FileError("the file became shorter while it was sent")
        return data

    def _fail(self, run: _Run, code: str, message: str) -> None:
        self._end(run)
        self._host.show(
            FileFailed(
                file=self.made.file, user=run.user, name=self._name, sending=True, code=str(code), message=message
            )
        )

    def _end(self, run: _Run) -> None:
        del self._runs[run.user]
        run.number = 0
        if run.task is not None:
            run.task.cancel()
        if not self._runs:
            self._over(self)
            if run.task is None:
                self._source.close()
            else:
                run.task.add_done_callback(lambda _task: self._source.close())

    def _status(self, run: _Run) -> FileProgressed:
        now = self._loop.time()
        running = run.state == "running" and run.rate is not None
        return FileProgressed(
            file=self.made.file,
            user=run.user,
            name=self._name,
            size=self._size,
            done=run.offset,
            sending=True,
            rate=run.rate.rate(now) if running and run.rate is not None else 0.0,
            left=run.rate.left(self._size, now) if running and run.rate is not None else None,
            state=run.state,
        )

    def _show_progress(self, run: _Run, *, at_once: bool = False) -> None:
        now = self._loop.time()
        if at_once or now - run.told_at >= PROGRESS_SECONDS:
            run.told_at = now
            self._host.show(self._status(run))
