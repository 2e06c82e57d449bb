"""Checksums of what is stored: SQLite has none, so a letter that the disk has changed would pass for what was said."""

from __future__ import annotations

import sqlite3
from zlib import crc32

from chatcore.dialects.record_json import RecordError
from chatcore.errors import Sentence

sum_of = crc32
"""Of bytes: a whole number that any change of a few letters changes."""


def is_as_written(data: object, kept: object) -> bool:
    """Tell whether bytes are those of which this checksum was kept; an earlier version has kept none."""
    return kept is None or (isinstance(data, bytes) and sum_of(data) == kept)


def as_written(data: bytes, kept: object) -> bytes:
    """Return bytes, if they are those of which this checksum was kept. Raises `RecordError`."""
    if not is_as_written(data, kept):
        raise RecordError(Sentence("it is not what was written"))
    return data


def column_of(db: sqlite3.Connection) -> str:
    """Return what gives the checksums of a store in SQL: that of an earlier version has none."""
    return "sum" if db.execute("PRAGMA user_version").fetchone() >= (3,) else "NULL"
