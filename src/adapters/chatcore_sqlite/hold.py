"""Who has a store: one server alone, for as long as it lives; and how far the last one had come.

Two files are locked. The one beside the store, which stays, keeps everybody away from the first moment on. It could be
deleted, so SQLite's write-ahead log is locked as well: SQLite itself locks other files, and without that one nothing
more is written (`files_of`).
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from chatcore.errors import ConfigurationError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOG: Final = "-wal"
LOCK: Final = ".lock"
_NO_LOCKS: Final = frozenset({errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL})
# EDQUOT: a user's quota is used up; Windows knows none.
NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})
# So many digits a position has, so that the file never has to grow.
_DIGITS: Final = 20
# Nobody waits for the other end of a pipe that has the name of such a file.
_FLAGS: Final = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)


def lock_alone(descriptor: int) -> None:
    """Lock a file, or raise OSError. Not by fcntl's own locks: those let a second server in the same process pass."""
    if sys.platform == "win32":
        lock_first_byte(descriptor, msvcrt.locking, msvcrt.LK_NBLCK)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def lock_first_byte(descriptor: int, locking: Callable[[int, int, int], None], mode: int) -> None:
    """Lock a file as Windows does: a part of it, which need not be there, and which nobody else may lock then.

    Args:
        descriptor: of the file, at its beginning.
        locking: `msvcrt.locking`.
        mode: `msvcrt.LK_NBLCK`.

    Raises:
        BlockingIOError: somebody else has it.
    """
    try:
        locking(descriptor, mode, 1)
    except PermissionError as error:
        raise BlockingIOError(error.errno, error.strerror) from error


class Hold:
    """Nobody else has the store meanwhile. It is given up with the process, whatever happens.

    Args:
        path: of the store, a real one.
        lock: locks a file for us alone, or raises OSError.

    Raises `ConfigurationError` when somebody has it, or it cannot be locked.
    """

    def __init__(self, path: str, lock: Callable[[int], None] = lock_alone) -> None:
        self.path = path
        self._lock = lock
        self._files = [self._locked(LOCK, os.O_CREAT)]
        self.position: int | None = None
        """Up to where the journal had come at least when somebody had the store last; None when that is not known."""
        try:
            self.position = self._read()
        except BaseException:
            self.give_up()
            raise
        self._had_log = os.path.exists(path + LOG) and os.path.getsize(path + LOG) > 0

    def lock_log(self) -> None:
        """Lock the write-ahead log too, now that it is there. Raises `ConfigurationError` when a server has it."""
        if sys.platform != "win32":  # there a file that is open cannot be deleted, and SQLite could not read this one
            self._files.append(self._locked(LOG, 0))

    def has_lost(self, last: int, *, whole: bool) -> bool:
        """Tell whether the journal has less than it had: the store is an older copy, or its write-ahead log is gone.

        Args:
            last: position of its last entry.
            whole: True when a server that ended in order has left it. Otherwise its write-ahead log is there, unless
                it is a copy of a store that was in use.
        """
        return last < self.position if self.position is not None else not (whole or self._had_log)

    def note(self, position: int) -> None:
        """Note up to where the journal has come. What is on the disk of it is never ahead of the journal."""
        with suppress(OSError):  # then less is known
            os.lseek(self._files[0], 0, os.SEEK_SET)
            os.write(self._files[0], b"%0*d\n" % (_DIGITS, position))

    def give_up(self) -> None:
        """Let others have it."""
        while self._files:
            os.close(self._files.pop())

    def _read(self) -> int | None:
        """Return what stands in the file that is locked. Raises `ConfigurationError` when that is somebody else's."""
        said = b""
        with suppress(OSError):
            said = os.read(self._files[0], _DIGITS + 2)
        # Of ours, a power failure may have kept the length alone.
        if said and (said[:1] not in b"0\0" or len(said) > _DIGITS + 1 or said.strip(b"0123456789\n\0")):
            raise ConfigurationError(
                "{rest} is no file of chatcore, and the store {path} needs that name; give another file",
                rest=self.path + LOCK,
                path=self.path,
            )
        with suppress(ValueError):
            return int(said)
        return None

    def _locked(self, what: str, flags: int) -> int:
        path = self.path
        try:
            descriptor = os.open(path + what, os.O_RDWR | flags | _FLAGS, 0o600)
        except OSError as error:
            raise unusable_file(path, error) from error
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise no_file(path + what)
        try:
            self._lock(descriptor)
        except OSError as error:
            os.close(descriptor)
            if isinstance(error, BlockingIOError):
                raise ConfigurationError(
                    "a server uses the store {path} at present; stop it first, or choose another file", path=path
                ) from error
            if error.errno in _NO_LOCKS:
                raise ConfigurationError(
                    "the file system of {path} has no locks, so nothing would keep two servers apart; "
                    "put the store on a local disk",
                    path=path,
                ) from error
            raise unusable_file(path, error) from error
        return descriptor


def is_held(path: str) -> bool:
    """Tell whether a server has a store, by a look at its files; nothing is made or kept."""
    for what in (LOCK, LOG):
        try:
            descriptor = os.open(os.path.realpath(path) + what, os.O_RDONLY | _FLAGS)
        except (FileNotFoundError, PermissionError):  # whoever may read a store may look at one of them
            continue
        try:
            lock_alone(descriptor)
        except OSError:
            return True
        finally:
            os.close(descriptor)
    return False


def files_of(path: str) -> Callable[[], bool]:
    """Return what tells whether the files of an open store are still in their places.

    SQLite goes on writing into a file that was moved or deleted; whoever opens the store next does not find that.
    It raises PermissionError while nobody lets us look.
    """
    names = (path, path + LOG)

    def found() -> list[tuple[int, int]]:
        try:
            return [(each.st_dev, each.st_ino) for each in map(os.stat, names)]
        except PermissionError:
            raise
        except OSError:
            return []

    there = found()
    return lambda: found() == there


def no_file(path: str) -> ConfigurationError:
    """Return the sentence for what has the name of a store's file, and is none."""
    return ConfigurationError("{path} is not a file; the store needs one of its own", path=path)


def unusable_file(path: str, error: OSError) -> ConfigurationError:
    """Return the sentence for a store that the system does not give."""
    if error.errno in NO_ROOM:
        return ConfigurationError("there is no space left on the disk for {path}; make room first", path=path)
    why = error.strerror or str(error)
    return ConfigurationError("the store {path} cannot be used: {why}", path=path, why=why)
