"""What is in a store's file, and what its numbers are."""

from __future__ import annotations

from typing import Final

APPLICATION_ID: Final = 0x63686174
"""Says whose file it is, `chat` in ASCII (`PRAGMA application_id`)."""

VERSION: Final = 3
"""Of the tables (`PRAGMA user_version`)."""

OLDEST: Final = 1
"""Of the tables that a server brings to this version when it begins: 1 has no index of words, 1 and 2 no checksums."""

# What an entry of a log holds is `chatcore.dialects.record_json.encode_posted`, a batch `encode_batch`.
# A log without a key was dropped: its entries go little by little, and its row at last.
# `sum` is a checksum (`sums`) of the bytes in its row; NULL where an earlier version has written them.
TABLES: Final = """
    CREATE TABLE journal (position INTEGER PRIMARY KEY, time REAL NOT NULL, clock REAL NOT NULL, batch BLOB NOT NULL,
        sum INTEGER);
    CREATE TABLE head (
        id INTEGER PRIMARY KEY, key TEXT UNIQUE, epoch TEXT NOT NULL,
        seq INTEGER NOT NULL, floor INTEGER NOT NULL, bytes INTEGER NOT NULL
    );
    CREATE TABLE entry (
        log INTEGER NOT NULL, seq INTEGER NOT NULL, at REAL NOT NULL, posted BLOB NOT NULL, number INTEGER, sum INTEGER,
        PRIMARY KEY (log, seq)
    ) WITHOUT ROWID;
    CREATE TABLE snapshot (position INTEGER NOT NULL, clock REAL NOT NULL);
    CREATE TABLE snapshot_row (number INTEGER PRIMARY KEY, value BLOB NOT NULL, sum INTEGER);
"""

# What people look for. A row for each message of a room that is kept and not deleted; its number stands in the entry
# too, and is the higher the later it was said. `tags` are its log and who has said it, as words of their own.
INDEX: Final = """
    CREATE VIRTUAL TABLE found USING fts5(
        words, tags, log UNINDEXED, seq UNINDEXED, at UNINDEXED, tokenize = 'unicode61 remove_diacritics 0'
    );
"""
FROM_1: Final = "ALTER TABLE entry ADD COLUMN number INTEGER;" + INDEX
FROM_2: Final = "".join(
    f"ALTER TABLE {table} ADD COLUMN sum INTEGER;" for table in ("journal", "entry", "snapshot_row")
)

NAMES: Final = frozenset({"journal", "head", "entry", "snapshot", "snapshot_row"})
