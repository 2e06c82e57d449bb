"""A store of one's own: everything that happened in a chat, in a file of JSON lines that survives a restart.

    ChatServer(store=JsonLinesStore("chat.jsonl"))

Each line is an entry of the journal, a change of a log, or a snapshot; the file only grows. What is asked for is
answered from memory, so it is for chats that fit into it. It keeps the promises of `chatcore.ports.store`: an entry is
delivered once it is in the hands of the operating system, and with `sync=True` on the disk. When the disk takes no more
the server ends; what it had acknowledged is there at the next start. A file that does not begin as its own ones do is
somebody else's, and is left as it was. The contract tests run on it in tests/integration/test_examples.py.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, BinaryIO, Final

from chatcore.dialects.record_json import decode_batch, decode_posted, encode_batch, encode_posted
from chatcore.errors import ConfigurationError, FileError
from chatcore.events import Posted
from chatcore.ports.archive import Appended, Changed, Head, Opened, Reacted, Renewed, Retention, Row, Snapshot
from chatcore.ports.clock import Clock
from chatcore.ports.journal import Batch, Entry
from chatcore.ports.search import Page, Query
from chatcore.text.finding import search_all

HEAD: Final = b'["a chat of chatcore in JSON lines", 1]\n'
"""The first line of every file; a version that writes others would have another number."""


class JsonLinesStore:
    """Implements `chatcore.ports.store.Store`.

    Args:
        path: the file; it is made when it is not there, for its owner alone: it holds direct messages.
        sync: wait until each entry is on the disk: slow, and safe against a power failure too.
    """

    at_once = False
    lease = 0.0
    lost = False  # an older copy of the file looks like the file: nothing beside it says how far it had come

    def __init__(self, path: str | os.PathLike[str], *, sync: bool = False) -> None:
        self.place = str(path)
        self._sync = sync
        self._file: BinaryIO | None = None
        self._size = 0
        """Of what is in it as whole lines."""
        self._broken = False
        self._entries: list[Entry] = []
        self._snapshot: Snapshot | None = None
        self._logs: dict[str, tuple[str, list[Posted]]] = {}
        """By key: epoch, and entries from the first one on."""
        self._lived = 0.0
        self._since: float | None = None
        self._position = 0
        self._proposed: list[tuple[Batch, bytes]] = []
        self._deliver: Callable[[Entry], None] = lambda entry: None
        self._fail: Callable[[BaseException], None] = lambda error: None

    def size(self) -> int:
        """Return how long the file is."""
        return os.path.getsize(self.place)

    # The beginning and the end.

    async def open(self) -> None:
        """Read the file. Raises `ConfigurationError` when it cannot be used."""
        try:
            self._file = await asyncio.to_thread(open, self.place, "a+b", 0, opener=_private)
            self._file.seek(0)
            found = self._file.readall()
            self._load(found)
            if len(found) > self._size:  # the machine stopped in the middle of it: nobody was told that it is there
                self._file.truncate(self._size)
            if not self._size:
                self._add(HEAD)
        except OSError as error:
            await self.close()
            why = error.strerror or type(error).__name__
            raise ConfigurationError("the store {path} cannot be used: {why}", path=self.place, why=why) from error
        except ConfigurationError:
            await self.close()
            raise

    def _load(self, found: bytes) -> None:
        """Read what is in the file, up to its last whole line. Nothing is changed before all of it is known as ours."""
        if not found.startswith(HEAD):
            if HEAD.startswith(found):  # a new one, or nearly
                return
            raise ConfigurationError("{path} is no store of chatcore; give another file", path=self.place)
        *lines, torn = found.split(b"\n")
        for number, line in enumerate(lines[1:], 2):
            try:
                self._read(*json.loads(line))
            except (ValueError, TypeError, KeyError, IndexError) as error:
                raise ConfigurationError(
                    "the store {path} is damaged in line {number}; put a backup in its place",
                    path=self.place,
                    number=number,
                ) from error
        self._size = len(found) - len(torn)

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
            raise ValueError(f"nobody knows {what}")

    async def close(self) -> None:
        """Deliver what was proposed, and let the file go."""
        self._order()
        self._since = None
        if self._file is not None:
            self._file.close()

    def _write(self, *line: Any) -> None:
        """Add a line, whole or not at all. Raises `FileError` once the disk has not taken one: none is added then."""
        try:
            if self._broken:
                raise OSError("an earlier line is missing")
            self._add(json.dumps(line).encode() + b"\n")
        except OSError as error:
            self._broken = True
            why = error.strerror or str(error)
            raise FileError("the store {path} cannot be written: {why}", path=self.place, why=why) from error

    def _add(self, data: bytes) -> None:
        assert self._file is not None, "it was not opened"
        try:
            rest = data
            while rest:  # a disk that is almost full takes a part
                rest = rest[self._file.write(rest) :]
            if self._sync:
                os.fsync(self._file.fileno())
        except OSError:
            with suppress(OSError):  # or the next start does it
                self._file.truncate(self._size)
            raise
        self._size += len(data)

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
        self._deliver, self._fail = deliver, fail
        self._since = time.monotonic()

    def propose(self, batch: Batch) -> None:
        """Write a batch down in the next turn of the loop, with all that is proposed in this one."""
        if self._since is None:
            raise RuntimeError("the store is not running")
        data = encode_batch(batch)
        if not self._proposed:
            asyncio.get_running_loop().call_soon(self._order)
        self._proposed.append((batch, data))

    def _order(self) -> None:
        batches, self._proposed = self._proposed, []
        for batch, data in batches:
            assert self._since is not None
            clock = self._lived + time.monotonic() - self._since
            entry = Entry(self._position + 1, time.time(), clock, batch)
            try:
                self._write("entry", *entry[:3], json.loads(data))
            except FileError as error:
                self._end(error)
                return
            self._position += 1
            self._entries.append(entry)
            self._deliver(entry)

    def _end(self, error: FileError) -> None:
        fail, self._fail = self._fail, lambda error: None  # it is told once
        fail(error)

    # The archive.

    def keep(self, rows: Sequence[Row]) -> None:
        """Note what an entry has done to the logs. When entries are applied again, it ends as it did before.

        So nothing is lost when the disk takes no more of it: the next start keeps it again.
        """
        try:
            self._keep(rows)
        except FileError as error:
            asyncio.get_running_loop().call_soon(self._end, error)

    def _keep(self, rows: Sequence[Row]) -> None:
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


def store(place: str, clock: Clock, retention: Retention) -> JsonLinesStore:
    """Return the store in the file `place`: what a package offers as an entry point. Nothing in it is ever let go."""
    if not place:
        raise ConfigurationError("a store of JSON lines needs the path of its file, as in lines:/var/lib/chat.jsonl")
    return JsonLinesStore(place)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
