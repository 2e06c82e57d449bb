"""A program that proposes batches to a store and says on its output what was delivered, to be killed.

    python -m tests.integration.sqlite_writer PATH [ENTRIES]

One line for each entry: position and number of the batch. Behind so many ENTRIES, writing to its log is an I/O error;
then it says `failed` and why, and ends.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from chatcore.aio.clock import LoopClock
from chatcore.commands import SendMessage
from chatcore.events import MessagePosted
from chatcore.ports.archive import Appended, Opened, Snapshot
from chatcore.ports.journal import Batch, Entry
from chatcore.records import Act
from chatcore_sqlite import SqliteStore

SNAPSHOT_EVERY = 150


def batch(number: int) -> Batch:
    """Return the batch of that number; it has one message, and more in between."""
    messages = [SendMessage(f"message {number} {index} " + "x" * 100, index) for index in range(1 + number % 7)]
    return Batch(1, number, tuple(Act(7, message) for message in messages))


class Program:
    """Proposes, four batches at a time, keeps what follows, and saves a snapshot now and then."""

    def __init__(self, store: SqliteStore, most: int | None) -> None:
        self._store = store
        self._most = most
        self._proposed = 0
        self._seq = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._failed = asyncio.Event()
        self._started = False

    async def run(self) -> None:
        """Go on until the store fails."""
        store = self._store
        await store.open()
        snapshot = await store.load_snapshot()
        if snapshot is not None:
            self._proposed, self._seq = snapshot.rows
        await store.start(snapshot.position if snapshot else 0, self._deliver, lambda batch, why: None, self._fail)
        self._started = True
        for _ in range(4):
            self._propose()
        await self._failed.wait()

    def _propose(self) -> None:
        self._proposed += 1
        self._store.propose(batch(self._proposed))

    def _deliver(self, entry: Entry) -> None:
        if entry.batch.number == 1:
            self._store.keep([Opened("lobby", "e")])
        rows = []
        for record in entry.batch.records:
            assert isinstance(record, Act)
            assert isinstance(record.command, SendMessage)
            self._seq += 1
            text = record.command.text
            posted = MessagePosted(seq=self._seq, sender="al", text=text, at=entry.time, room="lobby")
            rows.append(Appended("lobby", posted))
        self._store.keep(rows)
        if not self._started:
            self._proposed = entry.batch.number
            return
        print(entry.position, entry.batch.number, flush=True)
        if entry.position == self._most:
            _break(self._store.place + "-wal")
        if entry.position % SNAPSHOT_EVERY == 0:
            rows_of_it = [entry.batch.number, self._seq]
            saving = self._store.save_snapshot(Snapshot(entry.position, entry.clock, rows_of_it))
            task = asyncio.get_running_loop().create_task(saving)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._propose()

    def _fail(self, error: BaseException) -> None:
        print("failed", error, flush=True)
        self._failed.set()


def _break(path: str) -> None:
    """Let writing to an open file fail from now on, as on a disk that is broken."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number in map(int, os.listdir("/proc/self/fd")):
        if Path(f"/proc/self/fd/{number}").exists() and os.readlink(f"/proc/self/fd/{number}") == path:
            os.dup2(nothing, number)


async def main(path: str, most: int | None) -> None:
    """Run it on a store."""
    store = SqliteStore(path, LoopClock(asyncio.get_running_loop()))
    try:
        await Program(store, most).run()
    finally:
        await store.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else None))
