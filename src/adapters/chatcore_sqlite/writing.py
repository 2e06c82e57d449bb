"""The one thread that writes to a store's file. Whatever waits for it goes into one commit; there is no timer for that.

Commit n holds batches, and what applying those of the commits before has done to the logs.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from time import monotonic
from typing import Any, Final, NamedTuple

from chatcore.errors import FileError, Sentence
from chatcore.ports.archive import Head, Row
from chatcore.ports.journal import Batch, Entry
from chatcore_sqlite.faults import NO_SPACE, PATIENCE, reason
from chatcore_sqlite.logs import PIECE, Logs
from chatcore_sqlite.reading import at_one_moment, end_of_journal, first_of_journal
from chatcore_sqlite.sums import sum_of

# After so many seconds of quiet what applying the last entries made is stored as well, and what has to go goes.
_QUIET: Final = 0.1
# How long to wait before that is tried again when it failed, and how often to look what has become too old.
_TRY_AGAIN: Final = 1.0
_LOOK_EVERY: Final = 60.0
# How often what is written ahead is emptied in vain, while there is no space, in seconds.
_EMPTY_AGAIN: Final = 10.0
# What was taken away is made to leave the files as well: so often at most, for so long at the end, so soon again when
# somebody reads meanwhile, and for one part of so many of a while and of all the time.
FORGET_EVERY: Final = 30.0
_FORGET_AT_THE_END: Final = 1.0
_FORGET_AGAIN: Final = 1.0
_PART_OF_A_WHILE: Final = 10.0
_PART_OF_ALL: Final = 100.0
# How often to look whether the file is still there, although nobody says anything.
_LOOK_FOR_IT_EVERY: Final = 1.0
# Of so many entries it is stored without waiting for a batch: when a server starts there are many of them, and none.
_MANY: Final = 200


@dataclass(frozen=True, slots=True)
class Proposal:
    """A batch that wants a place."""

    refusals: int
    """How many refusals its proposer knew of; one that knew less is refused already."""
    batch: Batch
    data: bytes
    time: float
    clock: float


@dataclass(frozen=True, slots=True)
class Kept:
    """What an entry has done to the logs."""

    rows: Sequence[Row]
    again: bool
    """True when the entry was applied before, by a server that was killed: it may be stored already."""


@dataclass(frozen=True, slots=True)
class Saving:
    """A snapshot, and who waits for it."""

    position: int
    clock: float
    values: Sequence[bytes]
    """JSON."""
    done: Callable[[FileError | None], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody wants to know how far the logs have come, with all that was kept."""

    done: Callable[[Mapping[str, Head]], None]


_NO_ENTRY: Final = Sentence("the server may not look into its folder at present")

_NOT_OURS: Final = Sentence("another program put something else into the store while it was in use")

_Item = Proposal | Kept | Saving | Asked | Callable[[], None] | None


class _Ended(Exception):
    """There is nobody any more whom anything could be told."""


class Journal(NamedTuple):
    """Which positions there are."""

    first: int
    """Of the oldest entry that is there, or would be."""
    last: int
    trimmed: int
    """Up to there entries may go, because a snapshot stands for them."""


class Told(NamedTuple):
    """Whom the writer tells what. All of it goes through `post`, in order."""

    post: Callable[..., object]
    """Calls a function in the thread of the event loop. Raises RuntimeError when there is no loop any more."""
    committed: Callable[[list[Entry], int], None]
    """Told of entries that are kept, and how many `Kept` are stored since it was told last."""
    refused: Callable[[Sentence], None]
    """Told why all batches that are under way are not kept."""
    failed: Callable[[BaseException], None]
    """Told that nothing can be written any more."""


class Writer(threading.Thread):
    """The thread.

    Args:
        db: the connection that writes; the thread closes it.
        logs: what stands in the logs.
        journal: what stands in the journal.
        told: whom it tells what.
        time: seconds since 1970, for what has to go because it is old.
        in_place: tells whether the file is still where it was opened; PermissionError: nobody can tell at present.
        size: returns how many bytes the file has.
        passing: returns why an error came, for people, when the same may be possible later; else None.
        note: takes the position of the last entry that is kept.
    """

    forget_every = FORGET_EVERY

    def __init__(
        self,
        db: sqlite3.Connection,
        logs: Logs,
        journal: Journal,
        told: Told,
        *,
        time: Callable[[], float],
        in_place: Callable[[], bool],
        size: Callable[[], int],
        passing: Callable[[sqlite3.Error], Sentence | None],
        note: Callable[[int], None],
    ) -> None:
        super().__init__(name="chatcore-sqlite", daemon=True)
        self._db = db
        self._logs = logs
        self._first, self._last, self._trimmed = journal
        self._time = time
        self._told = told
        self._in_place = in_place
        self._size_now = size
        self._size = size()
        self._looked_at = monotonic()
        self._passing = passing
        self._note = note
        self._queue: queue.SimpleQueue[_Item] = queue.SimpleQueue()
        self._kept: list[Kept] = []
        self._refusals = 0
        self._broken = False
        self._emptied_at = float("-inf")
        self._version = self._version_now()
        """What SQLite calls the state that other programs have left the file in."""
        self._late: Sentence | None = None
        self._quiet_at: float | None = monotonic() + _QUIET
        """When to look what is left to do, unless something comes before."""
        self._forgets_at: float | None = monotonic() + self.forget_every
        """When to make what was taken away leave the files; None when there is nothing, as far as is known."""
        self._forgot_at = monotonic()
        self._forgetting = 0.0
        """How long that has taken so far, in seconds."""

    def put(self, item: Proposal | Kept | Saving | Asked | Callable[[], None]) -> None:
        """Hand something over. A function is called in the loop's thread once all before it is done."""
        self._queue.put(item)

    def end(self) -> None:
        """Close the file, and be done."""
        self._queue.put(None)
        self.join()

    def run(self) -> None:
        """Write, until the end."""
        try:
            while True:
                self._do(self._next())
        except _Ended:
            pass
        finally:
            self._db.close()

    def _next(self) -> list[Any]:
        """Return all that waits, or nothing when it is quiet."""
        patience = _LOOK_FOR_IT_EVERY
        for due in (self._quiet_at, self._forgets_at):
            if due is not None:
                patience = min(patience, max(0.0, due - monotonic()))
        try:
            items = [self._queue.get(timeout=patience)]
        except queue.Empty:
            return []
        with suppress(queue.Empty):
            while True:
                items.append(self._queue.get_nowait())
        return items

    def _do(self, items: list[Any]) -> None:
        if not self._broken and any(isinstance(item, Proposal | Kept | Saving) for item in items):
            self._quiet_at = monotonic() + _QUIET
        proposals: list[Proposal] = []
        for item in items:
            if isinstance(item, Proposal):
                proposals.append(item)
            elif isinstance(item, Kept):
                self._kept.append(item)
            else:
                self._try(self._commit, proposals)
                proposals = []
                self._do_alone(item)
        quiet = self._quiet_at is not None and monotonic() >= self._quiet_at
        if not items or monotonic() >= self._looked_at + _LOOK_FOR_IT_EVERY:
            self._try(self._look)
        if proposals or quiet or len(self._kept) >= _MANY:
            self._try(self._commit, proposals)
        if quiet:
            self._try(self._tidy)
        if self._forgets_at is not None and monotonic() >= self._forgets_at:
            self._try(self._forget)

    def _do_alone(self, item: Saving | Asked | Callable[[], None] | None) -> None:
        if item is None:
            self._try(self._forget_at_once)
            raise _Ended
        if isinstance(item, Saving):
            self._try(self._save, item)
        elif isinstance(item, Asked):
            self._try(self._answer, item)
        else:
            self._tell(item)

    def _answer(self, asked: Asked) -> None:
        kept = chain.from_iterable(each.rows for each in self._kept)
        self._tell(asked.done, self._logs.heads(kept))

    def _try(self, step: Callable[..., object], *args: Any) -> None:
        """Take a step. After one that has failed nothing is written any more: what is on the disk then is not known."""
        if self._broken:
            return
        try:
            step(*args)
        except _Ended:
            raise
        except Exception as error:
            self._roll_back()
            self._broken, self._quiet_at, self._forgets_at = True, None, None
            self._tell(self._told.failed, error)

    def _tell(self, function: Callable[..., None], *args: Any) -> None:
        try:
            self._told.post(function, *args)
        except RuntimeError as error:  # the loop is closed
            raise _Ended from error

    # Commits.

    def _commit(self, proposals: list[Proposal]) -> None:
        """Keep batches, and what earlier ones have done to the logs."""
        proposals = [each for each in proposals if each.refusals == self._refusals]
        if not proposals and not self._kept:
            return
        if not self._look():  # SQLite may move some of it into the file, and there may be another one in its place
            self._put_off(_NO_ENTRY, refuse=bool(proposals))
            return
        first = self._last + 1
        entries = [Entry(first + n, each.time, each.clock, each.batch) for n, each in enumerate(proposals)]
        try:
            self._begin()
            for kept in self._kept:
                self._logs.store(kept.rows, again=kept.again)
            self._db.executemany(
                "INSERT INTO journal VALUES (?, ?, ?, ?, ?)",
                [(first + n, each.time, each.clock, each.data, sum_of(each.data)) for n, each in enumerate(proposals)],
            )
            self._tidy_on_the_way()
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._not_kept(error, refuse=bool(proposals))
            return
        self._last += len(entries)
        self._look()
        if entries:
            self._note(self._last)
        if self._logs.has_to_forget:
            self._forget_soon()
        stored, self._kept, self._late = len(self._kept), [], None
        self._tell(self._told.committed, entries, stored)

    def _look(self) -> bool:
        """See to it that the file is where the next server finds it; returns False when nobody can tell at present."""
        self._looked_at = monotonic()
        try:
            is_there = self._in_place()
        except PermissionError:
            return False
        if not is_there:
            raise FileError("the store was moved or deleted while it was in use")
        if self._is_cut_short():
            raise FileError("the store was cut short while it was in use; put a backup in its place")
        with suppress(sqlite3.Error):  # the next commit says why
            if self._version_now() != self._version:
                with at_one_moment(self._db):
                    self._check_ours()
        return True

    def _begin(self) -> None:
        """Begin to write: from here on nobody else does, and what is there is what was written here."""
        self._db.execute("BEGIN IMMEDIATE")
        self._check_ours()

    def _check_ours(self) -> None:
        """See to it that the file has what was written here, though another program may have written to it."""
        version = self._version_now()
        if version != self._version:
            if end_of_journal(self._db)[0] != self._last or not self._logs.are_there():
                raise FileError(_NOT_OURS)
            self._version = version

    def _version_now(self) -> int:
        return int(self._db.execute("PRAGMA data_version").fetchone()[0])

    def _is_cut_short(self) -> bool:
        """Tell whether the file has less than SQLite knows of: only by a VACUUM it gets shorter as well."""
        size, self._size = self._size, self._size_now()
        if self._size >= size:
            return False
        try:
            (pages,), (each,) = (self._db.execute(f"PRAGMA page_{what}").fetchone() for what in ("count", "size"))
        except sqlite3.Error:
            return True
        return self._size < int(pages) * int(each)

    def _not_kept(self, error: sqlite3.Error, *, refuse: bool) -> None:
        """Undo what was begun. When it may be possible later, refuse what is under way; else fail."""
        self._roll_back()
        why = self._passing(error)
        if why is None:
            raise error
        self._logs.load()
        self._check_ours()
        self._first = first_of_journal(self._db) or self._last + 1
        self._put_off(why, refuse=refuse)
        if why == NO_SPACE and monotonic() >= self._emptied_at + _EMPTY_AGAIN:
            self._make_room()

    def _make_room(self) -> None:
        """Empty what is written ahead, which may take all the room that there is, or be as long as a file may be."""
        self._emptied_at = monotonic()
        with suppress(sqlite3.Error):  # there is no room for that either
            if self._look():
                self._empty_log()

    @property
    def late(self) -> Sentence | None:
        """Why what was kept last is not stored yet; None when it is, or nobody has tried."""
        return self._late if self._kept else None

    def _put_off(self, why: Sentence, *, refuse: bool) -> None:
        """Keep nothing at present."""
        self._late = why
        self._quiet_at = monotonic() + _TRY_AGAIN
        if refuse:
            self._refusals += 1
            self._tell(self._told.refused, why)

    def _roll_back(self) -> None:
        with suppress(sqlite3.Error):
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    # Snapshots, and what goes.

    def _save(self, saving: Saving) -> None:
        if self._kept:
            why = self._late or Sentence("what is before it is not stored yet")
            self._tell(saving.done, FileError("the snapshot cannot be kept: {why}", why=why))
            return
        try:
            self._begin()
            self._db.execute("DELETE FROM snapshot")
            self._db.execute("DELETE FROM snapshot_row")
            self._db.execute("INSERT INTO snapshot VALUES (?, ?)", (saving.position, saving.clock))
            rows = ((number, value, sum_of(value)) for number, value in enumerate(saving.values))
            self._db.executemany("INSERT INTO snapshot_row VALUES (?, ?, ?)", rows)
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._tell(saving.done, FileError("the snapshot cannot be kept: {why}", why=reason(error)))
            self._not_kept(error, refuse=False)
            return
        self._trimmed = max(self._trimmed, saving.position)
        self._tell(saving.done, None)

    def _tidy(self) -> None:
        """Delete some of what has to go, in a quiet moment; the next one comes soon when there is more."""
        try:
            self._begin()
            trimmed = self._trim()
            more = self._logs.tidy(self._time())
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._not_kept(error, refuse=False)
            return
        if trimmed or more:
            self._forget_soon()
            self._quiet_at = monotonic()
        elif self._kept:  # there was no space for it
            self._quiet_at = monotonic() + _TRY_AGAIN
        else:
            self._quiet_at = monotonic() + _LOOK_EVERY if self._logs.ages else None

    def _tidy_on_the_way(self) -> None:
        """Let go at least as much as comes, where there never is a quiet moment."""
        now = self._time()
        for _ in range(1 + sum(len(kept.rows) for kept in self._kept) // PIECE):
            if self._logs.is_over(PIECE, now):
                self._logs.tidy(now)
                self._forget_soon()
        if self._trim():
            self._forget_soon()

    def _trim(self, most: int = PIECE) -> bool:
        """Delete some of the entries of the journal that a snapshot stands for; tell whether there were any."""
        if self._first > self._trimmed:
            return False
        first = min(self._trimmed + 1, self._first + most)
        self._db.execute("DELETE FROM journal WHERE position < ?", (first,))
        self._first = first
        return True

    # What was taken away, and is still in the files.

    def _forget_soon(self) -> None:
        """Something was taken away: its text is in the index of words, and in what is written ahead."""
        if self._forgets_at is None:
            self._forgets_at = max(
                monotonic(), self._forgot_at + max(self.forget_every, self._forgetting * _PART_OF_ALL)
            )
            self._forgetting = 0.0

    def _forget(self) -> None:
        """Let some of what was taken away leave the index of words, and at last the file that is written ahead."""
        began = monotonic()
        self._forgets_at = began + _FORGET_AGAIN
        if not self._look():  # SQLite moves it into the file
            return
        try:
            more = self._forget_words()
            left = more or self._empty_log()
        except sqlite3.Error as error:
            self._not_kept(error, refuse=False)
            return
        took = monotonic() - began
        self._forgetting += took
        if more:
            self._forgets_at = monotonic() + took * _PART_OF_A_WHILE
        elif not left:
            self._forgets_at, self._forgot_at = None, monotonic()
            if self._logs.has_to_forget:  # what was taken away meanwhile
                self._forget_soon()

    def _forget_words(self) -> bool:
        """Write some of the index of words anew, without what was taken away; tell whether there is more to do."""
        if not self._logs.has_to_forget:
            return False
        self._begin()
        more = self._logs.forget()
        self._db.execute("COMMIT")
        return more

    def _empty_log(self) -> bool:
        """Move what is written ahead into the file, and cut it off there; tell whether somebody still reads it."""
        self._db.execute("PRAGMA busy_timeout = 0")  # whoever reads is not waited for
        try:
            busy, _there, _moved = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            self._db.execute(f"PRAGMA busy_timeout = {PATIENCE * 1000:.0f}")
        return bool(busy)

    def _forget_at_once(self) -> None:
        """Leave as little as possible of what was taken away, now that this is the end."""
        try:
            if not self._in_place():
                return
        except PermissionError:
            return
        end = monotonic() + _FORGET_AT_THE_END
        try:
            self._begin()
            self._trim(self._trimmed)
            self._db.execute("COMMIT")
            while self._forget_words() and monotonic() < end:
                pass
        except sqlite3.Error:  # there is no space; the next one finds it
            self._roll_back()
