"""The file of a store: made whole or not at all, taken by one server alone, looked at before anything is changed.

Whatever cannot be used raises `ConfigurationError` with one sentence, and is left as it was. The file itself is opened
by SQLite and by nobody else: closing it once would give up the locks that SQLite has on it.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing, suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from chatcore.dialects.record_json import RecordError
from chatcore.errors import ConfigurationError, Sentence
from chatcore_disk.folders import sync_folder
from chatcore_sqlite.faults import DAMAGED, NO_SPACE, PATIENCE, READ_ONLY, base_of, code_of, passes, reason
from chatcore_sqlite.hold import LOG, NO_ROOM, Hold, is_held, lock_alone, no_file, unusable_file
from chatcore_sqlite.names import check_only_name
from chatcore_sqlite.schema import APPLICATION_ID, FROM_1, FROM_2, INDEX, NAMES, OLDEST, TABLES, VERSION
from chatcore_sqlite.words import index_all, why_useless

_JOURNAL: Final = "-journal"
_INDEX: Final = "-shm"
# More than a new store has.
_NEW_BYTES: Final = 128 * 1024
# Nobody else is waited for, nor kept away.
_ALONE: Final = f"?mode=ro&vfs={'win32' if sys.platform == 'win32' else 'unix'}-none"


def passing(error: sqlite3.Error, path: str) -> Sentence | None:
    """Return why something failed that may be possible later, with the files of the store as they are; or None.

    Of a quota that is used up, of a limit for the size of files, and of a disk that has become read-only, SQLite says
    only that it could not write.
    """
    if code_of(error) == sqlite3.SQLITE_IOERR_WRITE:
        return _why_not_longer(os.path.realpath(path))
    return reason(error) if passes(error) else None


def _why_not_longer(path: str) -> Sentence | None:
    """Return why the files of a store cannot grow, as far as that passes."""
    sizes = (os.path.getsize(each) for each in (path, path + LOG) if os.path.exists(each))
    longest = max(sizes, default=0) or _NEW_BYTES
    try:
        with tempfile.TemporaryFile(dir=os.path.dirname(path), buffering=0) as probe:
            probe.seek(longest)
            probe.write(bytes(4096))
            os.fsync(probe.fileno())
    except OSError as error:
        if error.errno in NO_ROOM:
            return NO_SPACE
        return READ_ONLY if error.errno == errno.EROFS else None
    return None


def take(path: str, lock: Callable[[int], None] = lock_alone) -> Hold:
    """Keep every other server away from a store, and make it when there is none. Raises `ConfigurationError`."""
    path = os.path.realpath(path)
    folder = os.path.dirname(path)
    if os.path.exists(folder) and not os.path.isdir(folder):
        raise ConfigurationError("{folder} is not a folder; give another place for the store", folder=folder)
    if not os.path.isdir(folder):
        raise ConfigurationError("there is no folder {folder} for the store; make it first", folder=folder)
    is_there = _is_there(path)
    check_only_name(path)
    if is_there:
        open_to_read(path).close()  # nothing is put beside a file of somebody else's
        if not _may(path, os.W_OK):
            # SQLite would find that out late: with a log ahead, it writes to another file.
            raise _not_writable(path)
    hold = Hold(path, lock)
    try:
        if _is_there(path):
            _examine(path)
            _make_private(path)
        else:
            _make(path)
            hold.position = 0
    except BaseException:
        hold.give_up()
        raise
    return hold


def _is_there(path: str) -> bool:
    """Tell whether there is something that could be a store; an empty file is as good as none."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise unusable_file(path, error) from error
    for each in (path, path + LOG, path + _INDEX):
        if os.path.exists(each) and not os.path.isfile(each):  # SQLite would wait for what is at its other end
            raise no_file(each)
    if not _may(path, os.R_OK):
        raise unusable_file(path, PermissionError(errno.EACCES, os.strerror(errno.EACCES)))
    return found.st_size > 0


def _not_writable(path: str) -> ConfigurationError:
    try:
        os.close(os.open(path, os.O_WRONLY))
    except PermissionError as error:
        if error.errno == errno.EACCES:
            return unusable_file(path, error)
    except OSError:
        pass
    return ConfigurationError("the store {path} cannot be used: {why}", path=path, why=READ_ONLY)


def _may(path: str, what: int) -> bool:
    return os.access(path, what, effective_ids=os.access in os.supports_effective_ids)


def _make_private(path: str) -> None:
    """Let the files of a store be its owner's alone: a copy that was put in its place is everybody's, as a rule.

    What SQLite puts beside the file later gets the same mode.
    """
    for each in (path, path + LOG, path + _INDEX):
        with suppress(OSError):  # it is not there, or somebody else's
            mode = stat.S_IMODE(os.stat(each).st_mode)
            if mode & ~stat.S_IRWXU:
                os.chmod(each, mode & stat.S_IRWXU)


def size_of(path: str, *rest: str) -> int:
    """Return how many bytes the files of a store have: that one, and what is written ahead; or those that are named."""
    size = 0
    for each in rest or ("", LOG):
        with suppress(OSError):  # it was moved
            size += os.stat(path + each).st_size
    return size


def _make(path: str) -> None:
    """Make an empty store: under another name, so that there is a whole one or none."""
    if os.path.exists(path + LOG):
        # SQLite would take it for that of the new file.
        raise ConfigurationError(
            "{path} is missing, and {rest} is what is left of it; put it back, or move that away to begin anew",
            path=path,
            rest=path + LOG,
        )
    folder, name = os.path.split(path)
    # Nobody else has such a name, and it is no longer than that of the store may be.
    new = os.path.join(folder, f"chatcore-{sha256(os.fsencode(name)).hexdigest()[:16]}.new")
    try:
        for rest in ("", _JOURNAL):
            with suppress(FileNotFoundError):
                os.unlink(new + rest)  # what a server that was killed had begun
        os.close(os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            with closing(sqlite3.connect(new, isolation_level=None)) as db:
                db.execute("PRAGMA synchronous = FULL")
                db.executescript(f"BEGIN; {TABLES} {INDEX} COMMIT")
                db.execute(f"PRAGMA application_id = {APPLICATION_ID:d}")
                db.execute(f"PRAGMA user_version = {VERSION:d}")
            os.replace(new, path)
            sync_folder(folder)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(new)
    except OSError as error:
        raise unusable_file(path, error) from error
    except sqlite3.Error as error:
        raise unusable(path, error) from error


def unusable(path: str, error: sqlite3.Error) -> ConfigurationError:
    """Return the sentence for a store that SQLite cannot use."""
    if passing(error, path) == NO_SPACE:
        return ConfigurationError("there is no space left on the disk for {path}; make room first", path=path)
    if base_of(error) in DAMAGED:
        return damaged(path, str(error))
    return ConfigurationError("the store {path} cannot be used: {why}", path=path, why=reason(error))


def damaged(path: str, why: str) -> ConfigurationError:
    """Return the sentence for a store with something in it that cannot be."""
    return ConfigurationError(
        "the store {path} is damaged ({why}); put a backup in its place, or move it away to begin anew",
        path=path,
        why=why,
    )


def _examine(path: str) -> None:
    """Make sure that a store is whole."""
    with closing(open_to_read(path)) as db:
        try:
            found = integrity(db, "quick_check")
        except sqlite3.Error as error:
            raise unusable(path, error) from error
    if found is not None:
        raise damaged(path, found)


def integrity(db: sqlite3.Connection, how: str) -> str | None:
    """Let SQLite look at a whole file, with `quick_check` or `integrity_check`; return what it finds first.

    A quick one looks at no index: that of the few heads is looked at all the same, because without it a log is gone.
    """
    for pragma in (f"{how}(1)", "integrity_check(head)"):
        found = db.execute(f"PRAGMA {pragma}").fetchone()[0]
        if found != "ok":
            return str(found.splitlines()[-1])
    return why_useless(db)


def _check_kind(db: sqlite3.Connection, path: str) -> None:
    """Make sure that a file is a store, and of a version that is known. Raises `ConfigurationError`."""
    (whose,) = db.execute("PRAGMA application_id").fetchone()
    (version,) = db.execute("PRAGMA user_version").fetchone()
    names = {name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    if whose != APPLICATION_ID:
        raise _foreign(path)
    if version > VERSION:
        raise ConfigurationError(
            "the store {path} was written by a newer chatcore (version {found}, this one knows {known}); "
            "upgrade chatcore, or give it another file",
            path=path,
            found=version,
            known=VERSION,
        )
    if version < OLDEST or not names >= NAMES or (version > OLDEST and "found" not in names):
        raise damaged(path, f"version {version}, tables {', '.join(sorted(names)) or 'none'}")


def upgrade(db: sqlite3.Connection, path: str) -> None:
    """Bring a store that was taken, and is open to write, to the present version: all of it or nothing.

    Raises `ConfigurationError`.
    """
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version == VERSION:
        return
    try:
        db.execute("BEGIN IMMEDIATE")
        for statement in filter(str.strip, ((FROM_1 if version == OLDEST else "") + FROM_2).split(";")):
            db.execute(statement)
        if version == OLDEST:
            index_all(db)
        db.execute(f"PRAGMA user_version = {VERSION:d}")
        db.execute("COMMIT")
    except sqlite3.Error as error:
        raise unusable(path, error) from error
    except RecordError as error:
        raise damaged(path, error.sentence) from error


def _foreign(path: str) -> ConfigurationError:
    return ConfigurationError("{path} is no store of chatcore; give another file", path=path)


def open_to_read(path: str) -> sqlite3.Connection:
    """Return a connection that changes nothing, beside a server or without one, and leaves nothing behind.

    It needs no space on the disk, nor a folder where it may write. Raises `ConfigurationError` for what is no store, or
    of a version that is not known.
    """
    if not _is_there(path):
        raise ConfigurationError("there is no store {path}", path=path)
    has_log = os.path.exists(os.path.realpath(path) + LOG)  # a server has it open, or was killed
    if not has_log and not _may(path, os.W_OK) and not is_held(path):
        return _open(path, "?mode=ro&immutable=1")  # SQLite would leave its files beside one that it may not write to
    try:
        # The last connection that might write takes away the files that SQLite needs meanwhile; one that may not, does
        # not.
        return open_beside(path) if has_log else _open(path, "?mode=rw")
    except _CannotShare:
        if is_held(path):
            raise
        return _open(path, _ALONE if has_log else "?mode=ro&immutable=1")


def open_beside(path: str) -> sqlite3.Connection:
    """Return a connection that reads what another one writes. Raises `ConfigurationError`."""
    return _open(path, "?mode=ro")


class _CannotShare(ConfigurationError):
    """SQLite cannot have the files that it needs beside the store."""


def _open(path: str, how: str) -> sqlite3.Connection:
    place = Path(os.path.realpath(path)).as_uri() + how
    db: sqlite3.Connection | None = None
    try:
        db = sqlite3.connect(place, uri=True, isolation_level=None, timeout=PATIENCE, check_same_thread=False)
        db.execute("PRAGMA query_only = ON")
        db.execute("PRAGMA temp_store = MEMORY")
        if how == _ALONE:
            db.execute("PRAGMA locking_mode = EXCLUSIVE")  # what is shared otherwise, in a file, is in memory then
        _check_kind(db, path)
    except BaseException as error:
        if db is not None:
            db.close()
        if not isinstance(error, sqlite3.Error):
            raise
        if base_of(error) == sqlite3.SQLITE_NOTADB:
            raise _foreign(path) from error
        if base_of(error) == sqlite3.SQLITE_ERROR:  # its head has numbers that no version of SQLite writes
            raise damaged(path, str(error)) from error
        if base_of(error) not in DAMAGED:
            told = unusable(path, error)
            raise _CannotShare(told.text, **told.values) from error
        raise unusable(path, error) from error
    return db


def open_to_write(hold: Hold) -> sqlite3.Connection:
    """Return the connection of the one who writes to a store that was taken. Raises `ConfigurationError`."""
    path = hold.path
    try:
        db = sqlite3.connect(path, isolation_level=None, timeout=PATIENCE, check_same_thread=False)
    except sqlite3.Error as error:
        raise unusable(path, error) from error
    try:
        (mode,) = db.execute("PRAGMA journal_mode = WAL").fetchone()
        if mode != "wal":
            raise ConfigurationError(
                "the file system of {path} cannot hold a store; put it on a local disk",
                path=path,
            )
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA wal_autocheckpoint = 1000")
        db.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten: not every SQLite does that
        db.execute("BEGIN IMMEDIATE")
        db.execute("ROLLBACK")
        hold.lock_log()
    except BaseException as error:
        db.close()
        raise (unusable(path, error) if isinstance(error, sqlite3.Error) else error) from error
    return db
