"""A store in memory that outlives its servers, and does what a test wants."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, cast

from chatcore.errors import FileError, Sentence
from chatcore.events import MessagePosted, Posted
from chatcore.ports.archive import Appended, Changed, Head, Opened, Reacted, Renewed, Row, Snapshot, Unreadable
from chatcore.ports.journal import Batch, Entry
from chatcore.ports.search import Page, Query
from chatcore.text.finding import search_all


class MemoryStore:
    """Implements `chatcore.ports.store.Store`: everything as it would be on a disk, and nothing on one."""

    at_once = False
    lease = 0.0
    place = "memory of the test"
    doubted = 0.0

    def __init__(self) -> None:
        self.full = ""
        """Why it keeps nothing at present; empty when it does."""
        self.broken = False
        """True when what is not in memory cannot be read."""
        self.lost = False
        self.damaged: set[int] = set()
        """Which entries of all logs it does not give any more, by seq."""
        self.odd: dict[int, Posted] = {}
        """What it gives instead of entries of all logs, by seq."""
        self.mistake: Exception | None = None
        """What is raised when something is read, or a snapshot kept, because somebody has made a mistake."""
        self.floors: dict[str, int] = {}
        """By key: below which seq nothing is kept any more."""
        self.entries: list[Entry] = []
        self.snapshot: Snapshot | None = None
        self.logs: dict[str, tuple[str, list[Posted]]] = {}
        self.slow, self.saving, self.closed = 0.0, False, False
        """How long it takes to keep a snapshot, in seconds; whether it does so; and whether it was closed."""
        self.reads = 0
        """How often entries were asked for."""
        self._refuse: Callable[[Batch, str], None] = lambda batch, why: None
        self._deliver: Callable[[Entry], None] = lambda entry: None
        self._fail: Callable[[BaseException], None] = lambda error: None

    async def open(self) -> None:
        """Be there."""
        self.closed = False

    def size(self) -> int:
        """Return how many entries of the journal there are: as good as bytes."""
        return len(self.entries)

    async def start(
        self,
        after: int,
        deliver: Callable[[Entry], None],
        refuse: Callable[[Batch, str], None],
        fail: Callable[[BaseException], None],
    ) -> None:
        """Deliver what is behind a position, and from then on what is proposed."""
        for entry in self.entries[after:]:
            deliver(entry)
        self._deliver, self._refuse, self._fail = deliver, refuse, fail

    def propose(self, batch: Batch) -> None:
        """Deliver or refuse a batch in the next turn."""
        asyncio.get_running_loop().call_soon(self._order, batch)

    def _order(self, batch: Batch) -> None:
        if self.full:
            self._refuse(batch, self.full)
            return
        time = asyncio.get_running_loop().time()
        entry = Entry(len(self.entries) + 1, 1.8e9 + time, time, batch)
        self.entries.append(entry)
        self._deliver(entry)

    def fail(self) -> None:
        """Fail for good."""
        self._fail(OSError("the disk is gone"))

    async def close(self) -> None:
        """Deliver nothing any more."""
        self.closed = True
        self._deliver = lambda entry: None

    def keep(self, rows: Sequence[Row]) -> None:
        """Note what happened to the logs."""
        for row in rows:
            epoch, found = self.logs.get(row.key, ("", []))
            if isinstance(row, Appended):
                if row.entry.seq == len(found) + 1:
                    found.append(row.entry)
            elif isinstance(row, Changed | Reacted):
                if row.seq <= len(found):
                    found[row.seq - 1] = row.of(found[row.seq - 1])
            elif isinstance(row, Renewed):
                self.logs[row.key] = row.epoch, found
            elif isinstance(row, Opened):
                if row.epoch != epoch:
                    self.logs[row.key] = row.epoch, []
            else:
                self.logs.pop(row.key, None)

    async def heads(self) -> Mapping[str, Head]:
        """Return how far the logs have come."""
        return {key: Head(epoch, len(found), self.floors.get(key, 1)) for key, (epoch, found) in self.logs.items()}

    async def read(self, key: str, after: int, limit: int) -> Sequence[Posted | Unreadable]:
        """Return up to `limit` entries behind a seq."""
        self.reads += 1
        self._check()
        after = max(after, self.floors.get(key, 1) - 1)
        found = self.logs[key][1][after:][:limit]
        given = [self.odd.get(entry.seq, entry) for entry in found]
        return [Unreadable(each.seq) if each.seq in self.damaged else each for each in given]

    def _check(self) -> None:
        if self.broken:
            raise FileError("the disk reports an error")
        if self.mistake is not None:
            raise self.mistake

    async def search(self, query: Query) -> Page:
        """Look for messages, all at once."""
        self._check()
        page = search_all({key: found for key, (_epoch, found) in self.logs.items()}, query)
        return page._replace(found=[each._replace(entry=self._given(each.entry)) for each in page.found])

    def _given(self, entry: MessagePosted) -> MessagePosted:
        return cast("MessagePosted", self.odd.get(entry.seq, entry))

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a snapshot: one at a time, and as long as it is open."""
        assert not self.saving, "another one is being kept"
        self.saving = True
        try:
            await asyncio.sleep(self.slow)
        finally:
            self.saving = False
        assert not self.closed
        if self.full:
            raise FileError("there is no space left")
        if self.mistake is not None:
            raise self.mistake
        self.snapshot = snapshot

    async def load_snapshot(self) -> Snapshot | None:
        """Return the last one."""
        return self.snapshot


class SharedMemoryStore(MemoryStore):
    """Implements `chatcore.ports.store.SharedStore`: several servers may have it, and operators ask them."""

    lease = 4.0

    def __init__(self) -> None:
        super().__init__()
        self.late = 0
        """How many entries were not delivered yet."""
        self.unarchived: Sentence | None = None
        """Why what was said is not in its archive."""
        self.unsafe: Sentence | None = None
        """Why what was said may be lost."""
        self.kept_at: float | None = None
        """When the last snapshot was kept."""
        self.deaf = False
        """True while nothing that is proposed comes back."""
        self.takes: dict[int, Callable[[bytes], None]] = {}
        """Where bytes for a node go."""
        self.ask: Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any] | None]]

    def behind(self) -> int:
        """Return how many entries were not delivered yet."""
        return self.late

    @property
    def is_behind(self) -> bool:
        """True while many of them were not."""
        return self.late > 1_000

    async def answer(self, answer: Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any] | None]]) -> None:
        """Let a test ask what an operator asks."""
        self.ask = answer

    def snapshot_at(self) -> float | None:
        """Return when the last snapshot was kept."""
        return self.kept_at

    def receive(self, node: int, take: Callable[[bytes], None]) -> None:
        """Take what is carried to this node."""
        self.takes[node] = take

    def carry(self, node: int, data: bytes) -> None:
        """Carry bytes to a node, at once."""
        self.takes[node](data)

    def propose(self, batch: Batch) -> None:
        """Deliver a batch, unless nothing comes back."""
        if not self.deaf:
            super().propose(batch)
