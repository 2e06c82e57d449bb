"""The logs in a store's file, for the one thread that writes to it: what is appended, dropped, and has to go."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from chatcore.dialects.record_json import RecordError, decode_posted, encode_posted
from chatcore.events import MessagePosted
from chatcore.limits import MAX_INTEGER
from chatcore.ports.archive import Appended, Changed, Dropped, Head, Opened, Reacted, Renewed, Retention, Row
from chatcore_sqlite import words
from chatcore_sqlite.retention import Line, Size, cuts
from chatcore_sqlite.sums import as_written, sum_of

_Line = tuple[int, int, float, bytes, int | None, int]
"""A row of the table `entry`."""

# How many entries go at a time, so that nobody waits long for it.
PIECE: Final = 500
# How often to look what has become too old, in seconds.
_LOOK_EVERY: Final = 60.0


@dataclass(slots=True)
class _Log:
    """A row of the table `head`."""

    id: int
    key: str
    epoch: str
    seq: int
    floor: int
    bytes: int
    oldest: float | None = None
    """When the oldest entry was said; None when that was not looked up."""

    @property
    def messages(self) -> int:
        """How many entries are kept."""
        return self.seq - self.floor + 1


class Logs:
    """All logs of a store. Changes belong to the transaction that is open; `load` again when it was not committed.

    Args:
        db: the connection that writes.
        retention: how much is kept.
    """

    def __init__(self, db: sqlite3.Connection, retention: Retention) -> None:
        self._db = db
        self._retention = retention
        self._aged = retention.seconds is not None or any(each.seconds is not None for each in retention.rooms.values())
        self._looked_at = float("-inf")
        self.load()

    def load(self) -> None:
        """Read how far the logs have come."""
        rows = self._db.execute("SELECT id, key, epoch, seq, floor, bytes FROM head WHERE key IS NOT NULL")
        self._logs = {row[1]: _Log(*row) for row in rows}
        self._dropped = [id for (id,) in self._db.execute("SELECT id FROM head WHERE key IS NULL")]
        self._messages = sum(log.messages for log in self._logs.values())
        self._bytes = sum(log.bytes for log in self._logs.values())
        self._number = words.last_number(self._db)
        self._to_forget = True
        """Whether the index of words may have those of what was taken out: of what was before, nobody knows."""
        self._forgetting = False

    def are_there(self) -> bool:
        """Tell whether the file has the logs as they are known here."""
        known = {log.id: (log.key, log.epoch, log.seq, log.floor, log.bytes) for log in self._logs.values()}
        sql = "SELECT id, key, epoch, seq, floor, bytes FROM head WHERE key IS NOT NULL"
        return known == {id: tuple(row) for id, *row in self._db.execute(sql)}

    def heads(self, kept: Iterable[Row]) -> dict[str, Head]:
        """Return how far the logs have come, by key; with what was kept and is not stored yet."""
        heads = {key: Head(log.epoch, log.seq, log.floor) for key, log in self._logs.items()}
        for row in kept:
            head = heads.get(row.key)
            if isinstance(row, Appended):
                if head is not None and head.seq + 1 == row.entry.seq:
                    heads[row.key] = head._replace(seq=row.entry.seq)
            elif isinstance(row, Opened):
                if head is None or head.epoch != row.epoch:
                    heads[row.key] = Head(row.epoch, 0, 1)
            elif isinstance(row, Renewed):
                if head is not None:
                    heads[row.key] = head._replace(epoch=row.epoch)
            elif isinstance(row, Dropped):
                heads.pop(row.key, None)
        return heads

    @property
    def may_age(self) -> bool:
        """Whether anything may ever have to go because it is old."""
        return self._aged

    @property
    def ages(self) -> bool:
        """Whether something may have to go only because time passes."""
        return self._aged and self._messages > 0

    def said_last(self) -> float | None:
        """Return when the newest of all entries was said, in seconds since 1970; None when there is none."""
        sql = "SELECT max(at) FROM head JOIN entry ON entry.log = head.id AND entry.seq = head.seq"
        (found,) = self._db.execute(sql).fetchone()
        return None if found is None else float(found)

    def store(self, rows: Sequence[Row], *, again: bool) -> None:
        """Write what happened to the logs.

        Args:
            rows: what happened.
            again: True when it may be there already, or belong to a log that was dropped since: then it is passed over.
                Otherwise an entry that is not the next one raises ValueError: something before it was never kept.
        """
        entries: list[_Line] = []
        found: list[words.Row] = []
        touched: dict[int, _Log] = {}
        for row in rows:
            log = self._logs.get(row.key)
            if isinstance(row, Appended):
                entry = row.entry
                if log is None or entry.seq != log.seq + 1:
                    if again:
                        continue
                    there = "not there" if log is None else f"at {log.seq}"
                    raise ValueError(f"the log {row.key!r} is {there}, so its next entry is not {entry.seq}")
                posted = encode_posted(entry)
                number = None
                if isinstance(entry, MessagePosted) and not entry.deleted:
                    number = self._number = self._number + 1
                    found.append(words.row_of(number, log.id, entry))
                entries.append((log.id, entry.seq, entry.at, posted, number, sum_of(posted)))
                log.seq += 1
                log.bytes += len(posted)
                self._messages += 1
                self._bytes += len(posted)
                touched[log.id] = log
            elif isinstance(row, Changed | Reacted):
                if log is not None:
                    self._insert(entries, found)
                    self._change(log, row)
                    touched[log.id] = log
            elif isinstance(row, Renewed):
                if log is not None:
                    log.epoch = row.epoch
                    self._db.execute("UPDATE head SET epoch = ? WHERE id = ?", (row.epoch, log.id))
            elif isinstance(row, Opened):
                if log is None or log.epoch != row.epoch:
                    self._drop(log)
                    self._open(row)
            else:
                self._drop(log)
        self._insert(entries, found)
        self._db.executemany(
            "UPDATE head SET seq = ?, bytes = ? WHERE id = ?",
            [(log.seq, log.bytes, log.id) for log in touched.values()],
        )

    def _insert(self, entries: list[_Line], found: list[words.Row]) -> None:
        self._db.executemany("INSERT INTO entry (log, seq, at, posted, number, sum) VALUES (?, ?, ?, ?, ?, ?)", entries)
        words.insert(self._db, found)
        entries.clear()
        found.clear()

    def _change(self, log: _Log, row: Changed | Reacted) -> None:
        """Write what an entry is now over what it was, if it is still kept."""
        sql = "SELECT posted, number, sum FROM entry WHERE log = ? AND seq = ?"
        found = self._db.execute(sql, (log.id, row.seq)).fetchone()
        if found is not None:
            try:
                entry = row.of(decode_posted(as_written(found[0], found[2])))
            except RecordError:  # the disk has damaged it: nothing becomes of it any more
                return
            posted, number = encode_posted(entry), None if entry.deleted else found[1]
            if found[1] is not None and isinstance(row, Changed):
                words.change(self._db, found[1], entry)
                self._to_forget = True
            sql = "UPDATE entry SET posted = ?, number = ?, sum = ? WHERE log = ? AND seq = ?"
            self._db.execute(sql, (posted, number, sum_of(posted), log.id, row.seq))
            log.bytes += len(posted) - len(found[0])
            self._bytes += len(posted) - len(found[0])

    def _open(self, row: Opened) -> None:
        sql = "INSERT INTO head (key, epoch, seq, floor, bytes) VALUES (?, ?, 0, 1, 0)"
        id = self._db.execute(sql, row).lastrowid
        assert id is not None  # it was inserted
        self._logs[row.key] = _Log(id, row.key, row.epoch, 0, 1, 0)

    def _drop(self, log: _Log | None) -> None:
        if log is None:
            return
        del self._logs[log.key]
        self._db.execute("UPDATE head SET key = NULL WHERE id = ?", (log.id,))
        self._dropped.append(log.id)
        self._messages -= log.messages
        self._bytes -= log.bytes

    # What has to go.

    def is_over(self, slack: int, now: float) -> bool:
        """Tell whether more than about so many entries have to go, or nobody has looked for a while."""
        allowed, own = self._retention, self._retention.rooms
        return (
            bool(self._dropped)
            or (self._aged and now >= self._looked_at + _LOOK_EVERY)
            or _is_over(allowed, self._messages, self._bytes, slack)
            or any(
                _is_over(each, self._logs[key].messages, self._logs[key].bytes, slack)
                for key, each in own.items()
                if key in self._logs
            )
        )

    def tidy(self, now: float) -> bool:
        """Delete at most `PIECE` entries that have to go, and tell whether there were any. `now`: since 1970."""
        if self._dropped:
            self._clear(self._dropped[-1])
            return True
        if not self.is_over(0, now):
            return False
        gone = cuts(self._sizes(), self._lines, self._retention, now, PIECE)
        for key, cut in gone.items():
            log = self._logs[key]
            log.floor += cut.messages
            log.bytes -= cut.bytes
            log.oldest = cut.oldest
            self._messages -= cut.messages
            self._bytes -= cut.bytes
            words.forget(self._db, log.id, log.floor)
            self._to_forget = True
            self._db.execute("DELETE FROM entry WHERE log = ? AND seq < ?", (log.id, log.floor))
            self._db.execute("UPDATE head SET floor = ?, bytes = ? WHERE id = ?", (log.floor, log.bytes, log.id))
        if not gone:
            self._looked_at = now
        return bool(gone)

    @property
    def has_to_forget(self) -> bool:
        """Whether the index of words may have those of what was taken out."""
        return self._to_forget or self._forgetting

    def forget(self) -> bool:
        """Write some of the index of words anew, without what was taken out; tell whether there is more to do."""
        if not self._forgetting:
            self._to_forget = False  # what is taken out from now on is for the next time
        self._forgetting = words.forget_some(self._db, begin=not self._forgetting)
        return self._forgetting

    def _lines(self, key: str) -> Iterator[Line]:
        """Give the entries of a log as far as retention looks at them, the oldest first."""
        log = self._logs[key]
        sql = "SELECT at, length(posted) FROM entry WHERE log = ? AND seq >= ? ORDER BY seq LIMIT ?"
        for row in self._db.execute(sql, (log.id, log.floor, PIECE + 1)):
            yield Line(*row)

    def _clear(self, id: int) -> None:
        """Delete some of what stood in a log that was dropped, and at last its row."""
        sql = "SELECT seq FROM entry WHERE log = ? ORDER BY seq LIMIT 1 OFFSET ?"
        last = self._db.execute(sql, (id, PIECE)).fetchone()
        words.forget(self._db, id, MAX_INTEGER if last is None else last[0])
        self._to_forget = True
        if last is not None:
            self._db.execute("DELETE FROM entry WHERE log = ? AND seq < ?", (id, last[0]))
            return
        self._db.execute("DELETE FROM entry WHERE log = ?", (id,))
        self._db.execute("DELETE FROM head WHERE id = ?", (id,))
        self._dropped.remove(id)

    def _sizes(self) -> list[Size]:
        """Return what the logs hold; when the oldest entry was said is looked up once."""
        sizes = []
        for log in self._logs.values():
            if log.messages:
                if log.oldest is None:
                    sql = "SELECT at FROM entry WHERE log = ? AND seq = ?"
                    (log.oldest,) = self._db.execute(sql, (log.id, log.floor)).fetchone()
                sizes.append(Size(log.key, log.messages, log.bytes, log.oldest))
        return sizes


def _is_over(allowed: Retention, messages: int, size: int, slack: int) -> bool:
    if allowed.messages is not None and messages > allowed.messages + slack:
        return True
    return allowed.bytes is not None and size > allowed.bytes + slack * (size // max(1, messages))
