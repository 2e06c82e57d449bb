"""What is in a store's file, and what its numbers are."""

from __future__ import annotations

from typing import Final

APPLICATION_ID: Final = 0x63686174
"""Says whose file it is, `chat` in ASCII (`PRAGMA application_id`)."""

VERSION: Final = 1
"""Of the tables (`PRAGMA user_version`)."""

# What an entry of a log holds is `chatcore.dialects.record_json.encode_posted`, a batch `encode_batch`.
# A log without a key was dropped: its entries go little by little, and its row at last.
TABLES: Final = """
    CREATE TABLE journal (position INTEGER PRIMARY KEY, time REAL NOT NULL, clock REAL NOT NULL, batch BLOB NOT NULL);
    CREATE TABLE head (
        id INTEGER PRIMARY KEY, key TEXT UNIQUE, epoch TEXT NOT NULL,
        seq INTEGER NOT NULL, floor INTEGER NOT NULL, bytes INTEGER NOT NULL
    );
    CREATE TABLE entry (
        log INTEGER NOT NULL, seq INTEGER NOT NULL, at REAL NOT NULL, posted BLOB NOT NULL, PRIMARY KEY (log, seq)
    ) WITHOUT ROWID;
    CREATE TABLE snapshot (position INTEGER NOT NULL, clock REAL NOT NULL);
    CREATE TABLE snapshot_row (number INTEGER PRIMARY KEY, value BLOB NOT NULL);
"""

NAMES: Final = frozenset({"journal", "head", "entry", "snapshot", "snapshot_row"})
