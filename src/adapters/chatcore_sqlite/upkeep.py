"""What an operator does with a store: look whether it is whole, get out what was said, give space back.

Everything here waits for the disk, and raises `ConfigurationError`, with one sentence, for a store that cannot be used.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from itertools import groupby
from typing import Any, NamedTuple, TypeVar

from pydantic_core import from_json

from chatcore.chat.chat import Chat
from chatcore.chat.kept.room_log import MemoryLog
from chatcore.chat.snapshot import load
from chatcore.dialects.record_json import RecordError, decode_batch, decode_posted
from chatcore.errors import ConfigurationError, Sentence
from chatcore.events import BROADCAST_LOG, DIRECT_LOG, DirectPosted, Posted
from chatcore.limits import Limits
from chatcore.ports.archive import Retention
from chatcore_sqlite.logs import Logs
from chatcore_sqlite.names import check_only_name
from chatcore_sqlite.place import damaged, integrity, open_to_read, open_to_write, take, unusable
from chatcore_sqlite.reading import snapshot_of_moment
from chatcore_sqlite.sums import as_written, column_of
from chatcore_sqlite.words import forget_all, is_in_step

_T = TypeVar("_T")


class Contents(NamedTuple):
    """What a store holds."""

    logs: int
    messages: int
    """Entries of all logs; of a direct message one for each of its users."""
    journal: int
    """Entries that a server would apply when it starts."""


def check(path: str) -> Contents:
    """Look at every byte of a store, beside a server or without one; nothing is changed.

    Raises `ConfigurationError` for a damaged one: the sentence says what was found first.
    """
    with _reading(path) as db:
        why = integrity(db, "integrity_check")
        if why is not None:
            raise damaged(path, why)
        found = Contents(*_check_logs(db, path), _check_journal(db, path))
        _check_snapshot(db, path)
        return found


@contextmanager
def _reading(path: str) -> Iterator[sqlite3.Connection]:
    """Give a connection to a store as it is at one moment."""
    with closing(open_to_read(path)) as db:
        try:
            db.execute("BEGIN")
            yield db
        except sqlite3.Error as error:
            raise unusable(path, error) from error
        except RecordError as error:
            raise damaged(path, error.sentence) from error


def _check_snapshot(db: sqlite3.Connection, path: str) -> None:
    """Make sure that a server could begin with the snapshot."""
    found, limits = snapshot_of_moment(db), Limits()
    try:
        if found is not None:
            load(Chat(limits, MemoryLog(limits)), found.rows)
    except ConfigurationError:  # of a later version, say
        raise
    except Exception as error:
        raise ConfigurationError(
            "the snapshot in the store {path} cannot be read; keep the store and report what the log says of it, "
            "or put a backup in its place",
            path=path,
        ) from error


def _check_logs(db: sqlite3.Connection, path: str) -> tuple[int, int]:
    logs, messages, kept = 0, 0, column_of(db)
    entries = f"SELECT seq, posted, {kept} FROM entry WHERE log = ? ORDER BY seq"  # noqa: S608  # a word of ours
    for id, key, seq, floor, size in db.execute("SELECT id, key, seq, floor, bytes FROM head WHERE key IS NOT NULL"):
        following, there = floor, 0
        for found, posted, its in db.execute(entries, (id,)):
            where = Sentence("entry {seq} of the log {log}", seq=following, log=key)
            if found != following or _read(path, where, decode_posted, posted, its).seq != found:
                raise damaged(path, Sentence("{what} is missing", what=where))
            there += len(posted)
            following += 1
        if following != seq + 1 or there != size:
            where = Sentence("entry {seq} of the log {log}", seq=seq, log=key)
            raise damaged(path, Sentence("{what} is missing", what=where))
        logs += 1
        messages += seq - floor + 1
    if db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'found'").fetchone() and not is_in_step(db):
        raise damaged(path, Sentence("its index of words has other messages than its logs"))
    return logs, messages


def _check_journal(db: sqlite3.Connection, path: str) -> int:
    saved = db.execute("SELECT position FROM snapshot").fetchone()
    (behind,) = saved or (0,)
    kept = column_of(db)
    rows = f"SELECT number, value, {kept} FROM snapshot_row"  # noqa: S608  # a word of ours
    for number, value, its in db.execute(rows):
        _read(path, Sentence("row {number} of its snapshot", number=number), from_json, value, its)
    entries = f"SELECT position, batch, {kept} FROM journal ORDER BY position"  # noqa: S608  # a word of ours
    count, following = 0, None
    for position, batch, its in db.execute(entries):
        if position != (following or min(position, behind + 1)):
            what = Sentence("entry {position} of its journal", position=following or behind + 1)
            raise damaged(path, Sentence("{what} is missing", what=what))
        _read(path, Sentence("entry {position} of its journal", position=position), decode_batch, batch, its)
        following = position + 1
        count += position > behind
    return count


def _read(path: str, what: Sentence, decode: Callable[[bytes], _T], data: bytes, kept: object) -> _T:
    try:
        return decode(as_written(data, kept))
    except (RecordError, ValueError) as error:
        why = error.sentence if isinstance(error, RecordError) else str(error)
        raise damaged(path, Sentence("{what}: {why}", what=what, why=why)) from error


def export(path: str) -> Iterator[tuple[str, Posted]]:
    """Give every message of a store once, each with the epoch of its log; beside a server or without one.

    Room by room, each in its order; then broadcasts; then direct messages, as their sender has them if they are there.
    A server that goes on meanwhile changes nothing of it.
    """
    with _reading(path) as db:
        entry = partial(_entry, path)
        what = f"epoch, key, entry.seq, posted, {column_of(db)}"
        rooms = db.execute(
            "SELECT id FROM head WHERE substr(key, 1, 1) != ? AND key IS NOT NULL ORDER BY key = ?, key",
            (DIRECT_LOG, BROADCAST_LOG),
        )
        of_log = f"SELECT {what} FROM entry JOIN head ON head.id = log WHERE log = ?"  # noqa: S608  # words of ours
        for (id,) in rooms:
            yield from map(entry, db.execute(f"{of_log} ORDER BY entry.seq", (id,)))
        directs = db.execute(  # they are sorted in memory: without what they say
            "SELECT entry.at, head.id, entry.seq FROM head JOIN entry ON entry.log = head.id"
            " WHERE substr(head.key, 1, 1) = ? ORDER BY entry.at, head.id, entry.seq",
            (DIRECT_LOG,),
        )
        for _at, rows in groupby(directs, key=lambda row: row[0]):
            copies = (db.execute(f"{of_log} AND entry.seq = ?", place).fetchone() for _at, *place in rows)
            yield from _once(map(entry, copies))


def _entry(path: str, row: tuple[Any, ...]) -> tuple[str, Posted]:
    epoch, key, seq, posted, kept = row
    return epoch, _read(path, Sentence("entry {seq} of the log {log}", seq=seq, log=key), decode_posted, posted, kept)


def _once(copies: Iterable[tuple[str, Posted]]) -> Iterator[tuple[str, Posted]]:
    """Give each direct message once; it stands in the logs of all its users, said at the same time."""
    found: dict[object, dict[str, list[Posted]]] = {}
    for epoch, entry in copies:
        assert isinstance(entry, DirectPosted)
        found.setdefault((entry.sender, entry.to, entry.text), {}).setdefault(epoch, []).append(entry)
    for logs in found.values():
        # The same may have been said twice; and what its sender has tells the most.
        epoch = max(logs, key=lambda epoch: (len(logs[epoch]), logs[epoch][0].client is not None))
        yield from ((epoch, entry) for entry in logs[epoch])


def _forget(db: sqlite3.Connection) -> None:
    """Delete what was taken away and still stands somewhere, as no server was there for long enough to do it."""
    db.execute("DELETE FROM journal WHERE position <= (SELECT position FROM snapshot)")
    if not db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'found'").fetchone():
        return  # of an earlier version
    logs = Logs(db, Retention())
    while logs.tidy(0.0):  # those that were dropped
        pass
    forget_all(db)


def vacuum(path: str) -> tuple[int, int]:
    """Give back the space that deleted entries took; returns the bytes of the file before and after.

    Raises `ConfigurationError` as well when a server uses it: nobody else may, for so long. What `check` calls damaged
    is left as it is.
    """
    check_only_name(os.path.realpath(path))
    open_to_read(path).close()
    hold = take(path)
    try:
        check(path)  # to write it anew would make the damage last, and let it look whole
        with closing(open_to_write(hold)) as db:
            before = os.path.getsize(path)
            try:
                db.execute("BEGIN IMMEDIATE")
                _forget(db)
                db.execute("COMMIT")
                db.execute("VACUUM")
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            except sqlite3.Error as error:
                raise unusable(path, error) from error
        return before, os.path.getsize(path)
    finally:
        hold.give_up()
