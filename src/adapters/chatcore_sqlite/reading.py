"""What is read from a store's file, off the event loop; in a thread and over a connection of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from pydantic_core import from_json

from chatcore.dialects.record_json import RecordError, decode_batch, decode_posted
from chatcore.events import Posted
from chatcore.ports.archive import Snapshot, Unreadable
from chatcore.ports.journal import Entry
from chatcore_sqlite.faults import is_damage
from chatcore_sqlite.sums import as_written, is_as_written


def end_of_journal(db: sqlite3.Connection) -> tuple[int, float]:
    """Return position and clock of the last entry, whether it is still there or a snapshot stands for it."""
    rows = db.execute(
        "SELECT position, clock FROM (SELECT position, clock FROM journal ORDER BY position DESC LIMIT 1)"
        " UNION ALL SELECT position, clock FROM snapshot"
    ).fetchall()
    return max((position for position, _clock in rows), default=0), max((clock for _position, clock in rows), default=0)


def first_of_journal(db: sqlite3.Connection) -> int | None:
    """Return the position of the oldest entry of the journal, None when there is none."""
    (found,) = db.execute("SELECT min(position) FROM journal").fetchone()
    return None if found is None else int(found)


def journal_entries(db: sqlite3.Connection, after: int, size: int) -> list[Entry]:
    """Return entries of the journal behind a position, until they have so many bytes. Raises `RecordError`."""
    entries = []
    for position, time, clock, batch, kept in db.execute(
        "SELECT position, time, clock, batch, sum FROM journal WHERE position > ? ORDER BY position", (after,)
    ):
        entries.append(Entry(position, time, clock, decode_batch(as_written(batch, kept))))
        size -= len(batch)
        if size <= 0:
            break
    return entries


def entries(db: sqlite3.Connection, key: str, after: int, limit: int) -> list[Posted | Unreadable] | None:
    """Return up to `limit` entries of a log behind a seq; None without the log."""
    with at_one_moment(db):
        head = db.execute("SELECT id, floor, seq FROM head WHERE key = ?", (key,)).fetchone()
        if head is None:
            return None
        log, floor, last = head
        seqs = range(max(after + 1, floor), last + 1)[:limit]
        try:
            sql = "SELECT seq, posted, sum FROM entry WHERE log = ? AND seq > ? ORDER BY seq LIMIT ?"
            rows = db.execute(sql, (log, after, limit))
            found = {seq: posted for seq, posted, kept in rows if is_as_written(posted, kept)}
        except sqlite3.Error as error:
            if not is_damage(error):
                raise
            found = {seq: posted_of(db, log, seq) for seq in seqs}
    return [entry_of(seq, found.get(seq)) for seq in seqs]


def posted_of(db: sqlite3.Connection, log: int, seq: int) -> bytes | None:
    """Return what is kept of one entry; None when that is damaged."""
    try:
        row = db.execute("SELECT posted, sum FROM entry WHERE log = ? AND seq = ?", (log, seq)).fetchone()
    except sqlite3.Error as error:
        if not is_damage(error):
            raise
        return None
    return row[0] if row is not None and is_as_written(*row) else None


def entry_of(seq: int, posted: bytes | None) -> Posted | Unreadable:
    """Return the entry that this is, if it is the one with that seq."""
    try:
        entry = decode_posted(posted or b"")
    except RecordError:
        return Unreadable(seq)
    return entry if entry.seq == seq else Unreadable(seq)


@contextmanager
def at_one_moment(db: sqlite3.Connection) -> Iterator[None]:
    """Let all that is read be of the same moment."""
    db.execute("BEGIN")
    try:
        yield
    finally:
        if db.in_transaction:  # damage may have ended it
            db.execute("ROLLBACK")


def snapshot(db: sqlite3.Connection) -> Snapshot | None:
    """Return the last snapshot."""
    with at_one_moment(db):
        return snapshot_of_moment(db)


def snapshot_of_moment(db: sqlite3.Connection) -> Snapshot | None:
    """Return the snapshot of the moment that is being read already."""
    head = db.execute("SELECT position, clock FROM snapshot").fetchone()
    return None if head is None else Snapshot(head[0], head[1], list(_values(db)))


def copy(db: sqlite3.Connection, path: Path) -> None:
    """Write a store, as it is at one moment, into a new file."""
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as target:
        db.backup(target)


def _values(db: sqlite3.Connection) -> Iterator[object]:
    for row in db.execute("SELECT value, sum FROM snapshot_row ORDER BY number"):
        yield from_json(as_written(*row))
