"""What SQLite's errors mean."""

from __future__ import annotations

import sqlite3
from typing import Final

from chatcore.errors import Sentence

PATIENCE: Final = 2.0
"""How long to wait for another program that writes to the file, in seconds."""

_BASE: Final = 0xFF  # the rest of an SQLite error code says more of it
DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT})
NO_SPACE: Final = Sentence("there is no space left on the disk")
READ_ONLY: Final = Sentence("it, or its folder, is read-only")


def is_full(error: sqlite3.Error) -> bool:
    """Tell whether it failed because the disk has no space left."""
    # Without space for its index SQLite speaks of an I/O error; nothing was written then.
    return base_of(error) == sqlite3.SQLITE_FULL or code_of(error) == sqlite3.SQLITE_IOERR_SHMSIZE


def passes(error: sqlite3.Error) -> bool:
    """Tell whether nothing was written, and the same may be possible later, with the files as they are."""
    return is_full(error) or base_of(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_READONLY}


def is_damage(error: sqlite3.Error) -> bool:
    """Tell whether it failed because there is something in the file that cannot be."""
    return base_of(error) in DAMAGED or not code_of(error)  # the module itself finds texts that are none


def reason(error: sqlite3.Error) -> Sentence:
    """Return why SQLite could not do something, for people."""
    if is_full(error):
        return NO_SPACE
    base = base_of(error)
    if base == sqlite3.SQLITE_CANTOPEN:
        return Sentence("a file beside it cannot be opened")
    if base in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return Sentence("another program is writing to it")
    if base == sqlite3.SQLITE_READONLY:
        return READ_ONLY
    if base in DAMAGED:
        return Sentence("it is damaged")
    return Sentence("the disk reports an error ({code})", code=getattr(error, "sqlite_errorname", "") or str(error))


def code_of(error: sqlite3.Error) -> int:
    """Return what SQLite calls an error; 0 for one that the module sqlite3 has found by itself."""
    return getattr(error, "sqlite_errorcode", 0)


def base_of(error: sqlite3.Error) -> int:
    return code_of(error) & _BASE
