"""A store of one's own: everything that happened in a chat, in a file of JSON lines that survives a restart.

    ChatServer(store=JsonLinesStore("chat.jsonl"))

Each line is an entry of the journal, a change of a log, or a snapshot; the file only grows. What is asked for is
answered from memory, so it is for chats that fit into it. It keeps the promises of `chatcore.ports.store`: an entry is
delivered once it is in the hands of the operating system, and with `sync=True` on the disk. The contract tests run on
it in tests/integration/test_examples.py.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, BinaryIO

from chatcore.dialects.record_json import decode_batch, decode_posted, encode_batch, encode_posted
from chatcore.errors import ConfigurationError
from chatcore.events import Posted
from chatcore.ports.archive import Appended, Changed, Head, Opened, Reacted, Renewed, Row, Snapshot
from chatcore.ports.journal import Batch, Entry
from chatcore.ports.search import Page, Query
from chatcore.text.finding import search_all


class JsonLinesStore:
    """Implements `chatcore.ports.store.Store`.

    Args:
        path: the file; it is made when it is not there.
        sync: wait until each entry is on the disk: slow, and safe against a power failure too.
    """

    at_once = False
    lease = 0.0
    lost = False  # an older copy of the file looks like the file: nothing beside it says how far it had come

    def __init__(self, path: str | os.PathLike[str], *, sync: bool = False) -> None:
        self.place = str(path)
        self._sync = sync
        self._file: BinaryIO | None = None
        self._entries: list[Entry] = []
        self._snapshot: Snapshot | None = None
        self._logs: dict[str, tuple[str, list[Posted]]] = {}
        """By key: epoch, and entries from the first one on."""
        self._lived = 0.0
        self._since: float | None = None
        self._position = 0
        self._proposed: list[Batch] = []
        self._deliver: Callable[[Entry], None] = lambda entry: None

    def size(self) -> int:
        """Return how long the file is."""
        return os.path.getsize(self.place)

    # The beginning and the end.

    async def open(self) -> None:
        """Read the file."""
        self._file = await asyncio.to_thread(open, self.place, "a+b", 0)
        self._file.seek(0)
        *lines, torn = self._file.readall().split(b"\n")
        for line in lines:
            self._read(*json.loads(line))
        if torn:  # the machine stopped in the middle of it, so nobody was told that it is there
            self._file.truncate(self._file.tell() - len(torn))

    def _read(self, what: str, *told: Any) -> None:
        if what == "entry":
            position, at, clock, batch = told
            self._entries.append(Entry(position, at, clock, decode_batch(json.dumps(batch).encode())))
            self._position, self._lived = position, clock
        elif what == "snapshot":
            self._snapshot = Snapshot(*told)
            self._position, self._lived = max(self._position, told[0]), max(self._lived, told[1])
        elif what == "opened":
            self._logs[told[0]] = told[1], []
        elif what == "appended":
            self._logs[told[0]][1].append(decode_posted(json.dumps(told[1]).encode()))
        elif what in ("changed", "reacted"):
            row = Changed(*told) if what == "changed" else Reacted(*told)
            entries = self._logs[row.key][1]
            entries[row.seq - 1] = row.of(entries[row.seq - 1])
        elif what == "renewed":
            self._logs[told[0]] = told[1], self._logs[told[0]][1]
        elif what == "dropped":
            del self._logs[told[0]]
        else:
            raise ConfigurationError(
                "{path} has a line of a kind that nobody knows: {what}", path=self.place, what=what
            )

    async def close(self) -> None:
        """Deliver what was proposed, and let the file go."""
        self._order()
        self._since = None
        if self._file is not None:
            self._file.close()

    def _write(self, *line: Any) -> None:
        assert self._file is not None, "it was not opened"
        self._file.write(json.dumps(line).encode() + b"\n")
        if self._sync:
            os.fsync(self._file.fileno())

    # The journal.

    async def start(
        self,
        after: int,
        deliver: Callable[[Entry], None],
        refuse: Callable[[Batch, str], None],
        fail: Callable[[BaseException], None],
    ) -> None:
        """Deliver what is there behind a position, and from then on what is proposed."""
        for entry in [entry for entry in self._entries if entry.position > after]:
            deliver(entry)
        self._deliver = deliver
        self._since = time.monotonic()

    def propose(self, batch: Batch) -> None:
        """Write a batch down in the next turn of the loop, with all that is proposed in this one."""
        if self._since is None:
            raise RuntimeError("the store is not running")
        if not self._proposed:
            asyncio.get_running_loop().call_soon(self._order)
        self._proposed.append(batch)

    def _order(self) -> None:
        batches, self._proposed = self._proposed, []
        for batch in batches:
            assert self._since is not None
            self._position += 1
            clock = self._lived + time.monotonic() - self._since
            entry = Entry(self._position, time.time(), clock, batch)
            self._write("entry", *entry[:3], json.loads(encode_batch(batch)))
            self._entries.append(entry)
            self._deliver(entry)

    # The archive.

    def keep(self, rows: Sequence[Row]) -> None:
        """Note what an entry has done to the logs. When entries are applied again, it ends as it did before."""
        for row in rows:
            epoch, entries = self._logs.get(row.key, ("", None))
            if isinstance(row, Appended):
                if entries is not None and row.entry.seq == len(entries) + 1:
                    self._write("appended", row.key, json.loads(encode_posted(row.entry)))
                    entries.append(row.entry)
            elif isinstance(row, Changed | Reacted):
                if entries is not None and row.seq <= len(entries):
                    entries[row.seq - 1] = row.of(entries[row.seq - 1])
                    self._write("changed" if isinstance(row, Changed) else "reacted", *row)
            elif isinstance(row, Opened):
                if row.epoch != epoch:
                    self._write("opened", row.key, row.epoch)
                    self._logs[row.key] = row.epoch, []
            elif isinstance(row, Renewed):
                if entries is not None:
                    self._write("renewed", row.key, row.epoch)
                    self._logs[row.key] = row.epoch, entries
            elif entries is not None:
                self._write("dropped", row.key)
                del self._logs[row.key]

    async def heads(self) -> Mapping[str, Head]:
        """Return how far the logs have come."""
        return {key: Head(epoch, len(entries), 1) for key, (epoch, entries) in self._logs.items()}

    async def read(self, key: str, after: int, limit: int) -> Sequence[Posted]:
        """Return up to `limit` entries behind a seq. Raises KeyError without the log."""
        _epoch, entries = self._logs[key]
        return entries[max(0, after) :][:limit]

    async def search(self, query: Query) -> Page:
        """Look for messages: in all of them, as they are in memory."""
        return search_all({key: entries for key, (_epoch, entries) in self._logs.items()}, query)

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        """Write a snapshot down."""
        self._write("snapshot", *snapshot)
        self._snapshot = snapshot

    async def load_snapshot(self) -> Snapshot | None:
        """Return the last snapshot."""
        return self._snapshot
