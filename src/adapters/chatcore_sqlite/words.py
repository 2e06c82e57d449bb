"""The index of words in a store's file (SQLite's FTS5): what is looked for, and kept in step with the entries."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple, TypeGuard

from chatcore.dialects.record_json import decode_posted
from chatcore.events import BROADCAST_LOG, DIRECT_LOG, MessagePosted, Posted
from chatcore.ports.search import Found, Page, Query
from chatcore.text.finding.words import words_of
from chatcore.text.names import name_key
from chatcore_sqlite.reading import at_one_moment, entry_of, posted_of

# So many rows are looked at for one page: others wait for the same reader.
_MOST: Final = 2000
_MOST_DIGITS: Final = 18


# So many pages of the index are written anew at a time: some milliseconds.
_PAGES: Final = 100


class Row(NamedTuple):
    """A row of the index."""

    number: int
    words: str
    tags: str
    log: int
    seq: int
    at: float


def row_of(number: int, log: int, entry: Posted) -> Row:
    """Return what the index has of an entry, by the number of its log."""
    return Row(
        number, words_of(entry.text), f"{_log_tag(log)} {_sender_tag(name_key(entry.sender))}", log, entry.seq, entry.at
    )


def _log_tag(log: int) -> str:
    return f"l{log}"


def _sender_tag(key: str) -> str:
    return "s" + key.encode().hex()


def last_number(db: sqlite3.Connection) -> int:
    """Return the highest number of the index; 0 for none."""
    (found,) = db.execute("SELECT max(id) FROM found_content").fetchone()
    return found or 0


def insert(db: sqlite3.Connection, rows: Iterable[Row]) -> None:
    """Put rows into the index."""
    db.executemany("INSERT INTO found (rowid, words, tags, log, seq, at) VALUES (?, ?, ?, ?, ?, ?)", rows)


def change(db: sqlite3.Connection, number: int, entry: Posted) -> None:
    """Let the index have what an entry says now; nothing of a deleted one."""
    if entry.deleted:
        db.execute("DELETE FROM found WHERE rowid = ?", (number,))
    else:
        db.execute("UPDATE found SET words = ? WHERE rowid = ?", (words_of(entry.text), number))


def forget(db: sqlite3.Connection, log: int, below: int) -> None:
    """Take out of the index what goes of a log: its entries below a seq."""
    sql = "DELETE FROM found WHERE rowid IN (SELECT number FROM entry WHERE log = ? AND seq < ?)"
    db.execute(sql, (log, below))


def forget_some(db: sqlite3.Connection, *, begin: bool) -> bool:
    """Write a piece of the index anew, without the words of what was taken out; tell whether there is more to do.

    SQLite notes what was taken out beside what is there, and leaves both until it puts such parts together.

    Args:
        db: in a transaction.
        begin: True for the first piece.
    """
    if begin:  # where two parts are left, they are put together
        db.execute("INSERT INTO found (found, rank) VALUES ('usermerge', 2)")
    before = db.total_changes
    db.execute("INSERT INTO found (found, rank) VALUES ('merge', ?)", (-_PAGES if begin else _PAGES,))
    return db.total_changes - before > 1  # as its documentation says


def forget_all(db: sqlite3.Connection) -> None:
    """Write the whole index anew."""
    db.execute("INSERT INTO found (found) VALUES ('optimize')")


def index_all(db: sqlite3.Connection) -> None:
    """Put all there is into an index that is empty, in the order in which it was said."""
    found = db.execute(
        "SELECT entry.log, entry.seq, entry.posted FROM entry JOIN head ON head.id = entry.log"
        " WHERE substr(head.key, 1, 1) NOT IN (?, ?) ORDER BY entry.at, entry.log, entry.seq",
        (DIRECT_LOG, BROADCAST_LOG),
    ).fetchall()
    rows = list(_rows(found))
    insert(db, rows)
    db.executemany(
        "UPDATE entry SET number = ? WHERE log = ? AND seq = ?", [(each.number, each.log, each.seq) for each in rows]
    )


def _rows(found: Iterable[tuple[int, int, bytes]]) -> Iterator[Row]:
    for number, (log, _seq, posted) in enumerate(found, 1):
        entry = decode_posted(posted)
        if not entry.deleted:
            yield row_of(number, log, entry)


def why_useless(db: sqlite3.Connection) -> str | None:
    """Return why the index cannot be used, as every write would find out; None when it can, or when there is none."""
    if db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'found'").fetchone():
        try:
            db.execute("SELECT rowid FROM found WHERE found MATCH 'a' LIMIT 1").fetchone()
        except sqlite3.Error as error:
            return str(error)
    return None


def is_in_step(db: sqlite3.Connection) -> bool:
    """Tell whether the index has a row for each entry that has a number, and no others."""
    (lost,) = db.execute(
        "SELECT count(*) FROM found_content LEFT JOIN entry ON entry.log = c2 AND entry.seq = c3"
        " WHERE entry.number IS NOT found_content.id"
    ).fetchone()
    (numbered,) = db.execute("SELECT count(*) FROM entry WHERE number IS NOT NULL").fetchone()
    (indexed,) = db.execute("SELECT count(*) FROM found_content").fetchone()
    (tagged,) = db.execute("SELECT count(*) FROM found WHERE found MATCH 'tags : l*'").fetchone()
    return not lost and numbered == indexed == tagged


def search(db: sqlite3.Connection, query: Query) -> Page:
    """Look for messages, the newest first."""
    with at_one_moment(db):
        return _search(db, query)


def _is_number(before: str | None) -> TypeGuard[str]:
    """Tell whether a page may have said it: a peer says it again, or anything else, also what SQLite cannot hold."""
    return before is not None and before.isascii() and before.isdigit() and len(before) <= _MOST_DIGITS


def _search(db: sqlite3.Connection, query: Query) -> Page:
    keys = dict(db.execute("SELECT id, key FROM head WHERE key IS NOT NULL"))
    end = int(query.before) if _is_number(query.before) else last_number(db) + 1
    if query.until is not None:
        end = min(end, _first_at(db, query.until, end))
    wanted = [f'words : "{each.strip()}"*' for each in query.words]
    if query.sender is not None:
        wanted.append(f'tags : "{_sender_tag(query.sender)}"')
    if query.key is not None:
        wanted.append(f'tags : "{_log_tag(next((id for id, key in keys.items() if key == query.key), 0))}"')
    match = "found MATCH ? AND" if wanted else "? = '' AND"
    rows = db.execute(
        f"SELECT rowid, log, seq, at FROM found WHERE {match} rowid < ? ORDER BY rowid DESC LIMIT ?",  # noqa: S608
        (" AND ".join(wanted), end, _MOST),
    ).fetchall()
    found = list[Found]()
    for number, log, seq, at in rows:
        if query.since is not None and at < query.since:
            return Page(found, None)
        key = keys.get(log)
        if key is None or key in query.hidden or (query.until is not None and at >= query.until):
            continue
        entry = entry_of(seq, posted_of(db, log, seq))
        if not isinstance(entry, MessagePosted):  # damage of the disk: `chatcore store check` tells of it
            continue
        found.append(Found(key, entry, str(number)))
        if len(found) == query.limit:
            return Page(found, str(number))
    return Page(found, str(rows[-1][0]) if len(rows) == _MOST else None)


def _first_at(db: sqlite3.Connection, time: float, end: int) -> int:
    """Return the first number, below `end`, of what was said at a time or later; times are in order, as a rule."""
    low, high = 1, end
    while low < high:
        middle = (low + high) // 2
        row = db.execute("SELECT c4 FROM found_content WHERE id >= ? ORDER BY id LIMIT 1", (middle,)).fetchone()
        if row is None or row[0] >= time:
            high = middle
        else:
            low = middle + 1
    return low
