"""The store as the server sees it: a journal and an archive in one SQLite file. All of it runs on the event loop."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial, reduce
from itertools import chain
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from pydantic_core import to_json

from chatcore.dialects.record_json import RecordError, encode_batch
from chatcore.errors import ConfigurationError, FileError, Sentence
from chatcore.events import Posted
from chatcore.ports.archive import (
    Appended,
    Changed,
    Head,
    Opened,
    Reacted,
    Renewed,
    Retention,
    Row,
    Snapshot,
    Unreadable,
)
from chatcore.ports.clock import Clock
from chatcore.ports.journal import Batch, Entry
from chatcore.ports.search import Page, Query
from chatcore_sqlite import reading, words
from chatcore_sqlite.faults import reason
from chatcore_sqlite.hold import Hold, files_of, no_file
from chatcore_sqlite.logs import Logs
from chatcore_sqlite.nameless import Nameless
from chatcore_sqlite.place import (
    damaged,
    open_beside,
    open_to_write,
    passing,
    size_of,
    take,
    upgrade,
)
from chatcore_sqlite.retention import PatientTime
from chatcore_sqlite.writing import Asked, Journal, Kept, Proposal, Saving, Told, Writer
from chatcore_tls.state import state_dir

FILE_NAME: Final = "chat.db"
"""Of the store in the user's own directory."""

# How many bytes of the journal are read at a time when a server starts.
_PAGE: Final = 256 * 1024

# What SQLite calls a database that is kept nowhere.
_IN_MEMORY: Final = ":memory:"
# When nobody has said anything for so many seconds, either it was quiet or the clock is wrong.
_STRANGE: Final = 86_400.0

_P = ParamSpec("_P")
_T = TypeVar("_T")


class SqliteStore:
    """Implements `chatcore.ports.store.Store` in one file: write-ahead log, every commit synchronised with the disk.

    Args:
        path: of the file; it is made, for its owner alone, when there is none.
        clock: what time it is.
        retention: how much of what was said is kept.
        nameless: whether the file has its name only until it is open, and is gone with the server.
    """

    at_once = False
    lease = 0.0
    lost = False
    make_writer = Writer

    def __init__(self, path: str, clock: Clock, retention: Retention | None = None, *, nameless: bool = False) -> None:
        self.doubted = 0.0
        """By how many seconds the clock is ahead of what was said last, when nothing is deleted for that yet; or 0."""
        self._path = path
        self._clock = clock
        self._retention = retention or Retention()
        self._reader = ThreadPoolExecutor(1, "chatcore-sqlite-reader")
        self._read_db: sqlite3.Connection | None = None
        self._hold: Hold | None = None
        self._is_nameless = nameless
        self._nameless: Nameless | None = None
        self._writer: Writer | None = None
        self._last = 0
        self._lived = 0.0
        self._began: float | None = None
        self._refusals = 0
        self._failure: BaseException | None = None
        self._under_way: deque[Batch] = deque()
        self._unstored: deque[Sequence[Row]] = deque()
        self._read_beside: list[deque[Sequence[Row]]] = []
        """For each read under way, what the file may not have had when it was read, in order."""
        self._waiting: set[asyncio.Future[Any]] = set()
        self._deliver: Callable[[Entry], None] = lambda entry: None
        self._refuse: Callable[[Batch, str], None] = lambda batch, why: None
        self._fail: Callable[[BaseException], None] = lambda error: None
        self._closing: asyncio.Task[None] | None = None

    @property
    def place(self) -> str:
        """The path of the file."""
        return self._path

    def size(self) -> int:
        """Return how many bytes the file has, with the one that SQLite writes ahead."""
        nameless = self._nameless
        return size_of(self._path) if nameless is None else nameless.size_of_all()

    @property
    def unarchived(self) -> Sentence | None:
        """Why what was kept last is not stored yet, though it was tried; None when all is well."""
        return None if self._writer is None else self._writer.late

    # The beginning.

    async def open(self) -> None:
        """Take the file for this server alone; it is made when there is none.

        Raises `ConfigurationError`, with one sentence, when it cannot be used; what is there is left as it was.
        """
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._reader, self._open, loop)
        except BaseException:
            await self.close()
            raise

    def _open(self, loop: asyncio.AbstractEventLoop) -> None:
        if "\0" in self._path:  # for the system, that is no path at all
            raise no_file(self._path)
        if self._path == _IN_MEMORY:
            raise ConfigurationError(
                "{path} is no file; without a store, a chat is in memory, and a store needs a file of its own",
                path=self._path,
            )
        with suppress(OSError):  # taking the file says what is wrong
            Path(self._path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._hold = take(self._path)
        path, db = self._hold.path, open_to_write(self._hold)
        try:
            upgrade(db, path)
            self._read_db = open_beside(path)
            self._last, self._lived = reading.end_of_journal(db)
            saved = db.execute("SELECT position FROM snapshot").fetchone()
            self.lost = self._hold.has_lost(self._last, whole=self._last == (0 if saved is None else saved[0]))
            self._hold.note(self._last)
            journal = Journal(
                reading.first_of_journal(db) or self._last + 1, self._last, 0 if saved is None else saved[0]
            )
            told = Told(loop.call_soon_threadsafe, self._committed, self._refused, self._failed)
            logs = Logs(db, self._retention)
            time = PatientTime(self._clock.time, self._clock.monotonic, logs.said_last())
            self.doubted = time.doubt if logs.may_age and time.doubt > _STRANGE else 0.0
            why = partial(passing, path=path)
            if self._is_nameless:
                self._nameless = Nameless(path)
            self._writer = self.make_writer(
                db,
                logs,
                journal,
                told,
                time=time,
                in_place=files_of(path),
                size=partial(size_of, path, "") if self._nameless is None else self._nameless.size,
                passing=why,
                note=self._hold.note,
            )
            self._writer.start()
        except BaseException as error:
            db.close()
            raise (damaged(path, str(error)) if isinstance(error, sqlite3.Error) else error) from error

    async def start(
        self,
        after: int,
        deliver: Callable[[Entry], None],
        refuse: Callable[[Batch, str], None],
        fail: Callable[[BaseException], None],
    ) -> None:
        """Deliver what is there behind a position, and from then on what is proposed.

        Raises `ConfigurationError` when the journal cannot be read from there on, because it is damaged.
        """
        self._deliver, self._refuse, self._fail = deliver, refuse, fail
        if self._failure is not None:
            raise ConfigurationError("the store {path} has failed", path=self._path) from self._failure
        if after > self._last:
            raise damaged(self._path, Sentence("its journal ends before its snapshot"))
        while after < self._last:
            for entry in await self._page(after):
                if entry.position != after + 1:
                    raise damaged(self._path, _missing(after + 1))
                deliver(entry)
                after = entry.position
        self._began = self._clock.monotonic()

    async def _page(self, after: int) -> list[Entry]:
        try:
            found = await self._ask(reading.journal_entries, after, _PAGE)
        except FileError as error:
            raise ConfigurationError(error.text, **error.values) from error
        if not found:
            raise damaged(self._path, _missing(after + 1))
        return found

    # The journal.

    def propose(self, batch: Batch) -> None:
        """Ask for a place for a batch. Never waits.

        Raises RuntimeError unless the store was started, ValueError as `encode_batch` does.
        """
        if self._began is None or self._writer is None or self._closing is not None:
            raise RuntimeError("the store is not running")
        clock = self._lived + self._clock.monotonic() - self._began
        self._writer.put(Proposal(self._refusals, batch, encode_batch(batch), self._clock.time(), clock))
        self._under_way.append(batch)

    def _committed(self, entries: list[Entry], kept: int) -> None:
        for _ in range(kept):
            self._unstored.popleft()
        for entry in entries:
            self._under_way.popleft()
            self._deliver(entry)

    def _refused(self, why: Sentence) -> None:
        """Refuse all that is under way: the writer keeps none of it."""
        self._refusals += 1
        batches, self._under_way = self._under_way, deque()
        for batch in batches:
            self._refuse(batch, why)

    def _failed(self, error: BaseException) -> None:
        if isinstance(error, sqlite3.Error):
            told = FileError("the store {path} cannot be written any more: {why}", path=self._path, why=reason(error))
            told.__cause__ = error
            error = told
        self._failure = error
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_exception(self._ended())
        self._fail(error)

    # The archive.

    def keep(self, rows: Sequence[Row]) -> None:
        """Store what an entry has done to the logs, with the next commit.

        Until `start` has returned, what is there already is passed over.
        """
        if rows and self._writer is not None:
            for unstored in (self._unstored, *self._read_beside):
                unstored.append(rows)
            self._writer.put(Kept(rows, again=self._began is None))

    async def heads(self) -> Mapping[str, Head]:
        """Return how far the logs have come. Raises `FileError`."""
        return await self._hear(Asked)

    async def read(self, key: str, after: int, limit: int) -> Sequence[Posted | Unreadable]:
        """Return up to `limit` entries behind a seq. Raises KeyError, `FileError`."""
        # What is kept meanwhile counts as well: whoever asks may have been told already that something is deleted.
        unstored = deque(self._unstored)
        self._read_beside.append(unstored)
        try:
            stored = await self._ask(reading.entries, key, after, limit)
        finally:
            self._read_beside = [each for each in self._read_beside if each is not unstored]
        fresh, kept, changes = _not_stored_yet(key, unstored)
        found: list[Posted | Unreadable] = [*kept]
        if not fresh:
            if stored is None and not found:
                raise KeyError(key)
            last = stored[-1].seq if stored else after
            found = [*(stored or ()), *(entry for entry in found if entry.seq > last)]
        found = [entry for entry in found if entry.seq > after][:limit]
        return [_changed(entry, changes.get(entry.seq, ())) for entry in found]

    async def search(self, query: Query) -> Page:
        """Look for messages in rooms, the newest first. Raises `FileError`."""
        await self.heads()  # by now all that was kept is stored, if there is space for it
        return await self._ask(words.search, query)

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keep this snapshot instead of the one before. Raises `FileError`."""
        values = await asyncio.get_running_loop().run_in_executor(self._reader, _encoded, snapshot.rows)
        await self._hear(partial(Saving, snapshot.position, snapshot.clock, values))

    async def _hear(self, item: Callable[[Callable[[_T | FileError], None]], Saving | Asked]) -> _T:
        """Hand something over to the writer, and wait for what it says. Raises `FileError`."""
        if self._failure is not None or self._writer is None or self._closing is not None:
            raise self._ended()
        answer: asyncio.Future[_T] = asyncio.get_running_loop().create_future()

        def done(said: _T | FileError) -> None:
            if not answer.done():
                if isinstance(said, FileError):
                    answer.set_exception(said)
                else:
                    answer.set_result(said)

        self._waiting.add(answer)
        try:
            self._writer.put(item(done))
            return await answer
        finally:
            self._waiting.discard(answer)

    def _ended(self) -> FileError:
        return FileError("the store {path} has failed, or is closed", path=self._path)

    async def load_snapshot(self) -> Snapshot | None:
        """Return the last snapshot. Raises `FileError`."""
        return await self._ask(reading.snapshot)

    async def copy(self, path: Path) -> None:
        """Write all of it, with the last snapshot, into a new file, as it is at one moment. Raises `FileError`."""
        await self._ask(reading.copy, path)

    async def _ask(
        self, question: Callable[Concatenate[sqlite3.Connection, _P], _T], *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        """Read something in the reader's thread. Raises `FileError`."""
        loop = asyncio.get_running_loop()
        try:
            assert self._read_db is not None  # it was opened
            return await loop.run_in_executor(self._reader, partial(question, self._read_db, *args, **kwargs))
        except sqlite3.Error as error:
            raise FileError("{path} cannot be read: {why}", path=self._path, why=reason(error)) from error
        except (RecordError, ValueError) as error:
            why = error.sentence if isinstance(error, RecordError) else str(error)
            raise FileError("{path} cannot be read: {why}", path=self._path, why=why) from error

    # The end.

    async def close(self) -> None:
        """Deliver or refuse what was proposed, store what was kept, and give up the file. Idempotent."""
        if self._closing is None or self._closing.cancelled():  # with all tasks there are, as programs do that end
            self._closing = asyncio.create_task(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        loop = asyncio.get_running_loop()
        if self._writer is not None and self._writer.is_alive():
            drained = loop.create_future()
            self._writer.put(partial(drained.set_result, None))
            await drained
        await loop.run_in_executor(self._reader, self._give_up)
        self._reader.shutdown(wait=False)

    def _give_up(self) -> None:
        if self._read_db is not None:
            self._read_db.close()
        if self._writer is not None and self._writer.is_alive():
            self._writer.end()  # the last connection leaves one file behind
        if self._hold is not None:
            self._hold.give_up()
        nameless, self._nameless = self._nameless, None
        if nameless is not None:
            nameless.give_up()


def _not_stored_yet(
    key: str, unstored: Iterable[Sequence[Row]]
) -> tuple[bool, list[Posted], dict[int, list[Changed | Reacted]]]:
    """Return whether a log is another one than in the file, and what was kept of it and may not be there.

    That is entries, and what has become of entries, by seq.
    """
    fresh, there, found = False, True, list[Posted]()
    changes: dict[int, list[Changed | Reacted]] = {}
    for row in chain.from_iterable(unstored):
        if row.key == key:
            if isinstance(row, Appended):
                found.append(row.entry)
            elif isinstance(row, Changed | Reacted):
                changes.setdefault(row.seq, []).append(row)
            elif not isinstance(row, Renewed):
                fresh, there, found, changes = True, isinstance(row, Opened), [], {}
    if not there:
        raise KeyError(key)
    return fresh, found, changes


def _changed(entry: Posted | Unreadable, changes: Iterable[Changed | Reacted]) -> Posted | Unreadable:
    if isinstance(entry, Unreadable):
        return entry
    return reduce(lambda now, change: change.of(now), changes, entry)


def _missing(position: int) -> Sentence:
    return Sentence("entry {position} of its journal is missing", position=position)


def _encoded(rows: Sequence[Any]) -> list[bytes]:
    return [to_json(row) for row in rows]


def store(place: str, clock: Clock, retention: Retention) -> SqliteStore:
    """Return a store in the file `place`, by default in the user's own directory: the entry point `sqlite`.

    Raises `ConfigurationError` when nobody knows where that is.
    """
    return SqliteStore(place or str(state_dir() / FILE_NAME), clock, retention)
