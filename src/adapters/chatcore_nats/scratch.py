"""Where a server has what was said while it runs: a folder of its own, of which nothing is left behind it.

A server that is killed cannot take it away, so the next one does. Whose server still runs is known by a lock.
"""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from chatcore.errors import ChatcoreError, ConfigurationError
from chatcore_sqlite.hold import is_held, lock_alone

_PREFIX: Final = "chatcore-nats-"
_LOCK: Final = "lock"
_UNLOCKED: Final = "unlocked"
# Between making a folder and locking it hardly any time passes: who has not in so many seconds was killed there.
_LONG: Final = 3600.0
# What an earlier version has locked instead.
_STORE: Final = "chat.db"
_FLAGS: Final = os.O_RDWR | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)


class Scratch:
    """A folder in the directory for temporary files, for its owner alone, until it is given up.

    It takes away what servers of this user have left that were killed. Raises `ConfigurationError` when there is no
    such directory, or none that can be written to.
    """

    def __init__(self) -> None:
        try:
            _sweep(Path(tempfile.gettempdir()))
            self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        except OSError as error:
            raise unusable(error) from error
        try:
            # It has its name once it is locked: until then it looks like nothing that somebody has left. Windows gives
            # no other name to what is open.
            lock = self.path / (_LOCK if sys.platform == "win32" else _UNLOCKED)
            self._lock = os.open(lock, _FLAGS | os.O_CREAT, 0o600)
            lock_alone(self._lock)
            lock.rename(self.path / _LOCK)
        except OSError as error:
            shutil.rmtree(self.path, ignore_errors=True)
            raise unusable(error) from error

    def give_up(self) -> None:
        """Take it away, with all that is in it. Idempotent."""
        if self._lock >= 0:
            os.close(self._lock)  # Windows takes away nothing that is open
            self._lock = -1
            shutil.rmtree(self.path, ignore_errors=True)


def unusable(why: BaseException | str) -> ConfigurationError:
    """Return the sentence for a directory for temporary files that does not do."""
    if isinstance(why, BaseException):
        why = why.sentence if isinstance(why, ChatcoreError) else getattr(why, "strerror", None) or str(why)
    try:
        folder = tempfile.gettempdir()
    except OSError:
        return ConfigurationError(
            "a server among several needs a directory for temporary files, and there is none where it may write; "
            "set TMPDIR to one"
        )
    return ConfigurationError(
        "the directory for temporary files, {folder}, cannot be used ({why}); put that right, or set TMPDIR to another",
        folder=folder,
        why=why,
    )


def _sweep(directory: Path) -> None:
    """Take away what killed servers of this user have left."""
    for left in directory.glob(f"{_PREFIX}*"):
        with suppress(OSError):  # somebody else has been quicker
            if _is_ours(left) and _is_over(left):
                shutil.rmtree(left, ignore_errors=True)


def _is_ours(folder: Path) -> bool:
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and (not hasattr(os, "getuid") or found.st_uid == os.getuid())


def _is_over(folder: Path) -> bool:
    """Tell whether no server has it any more."""
    try:
        descriptor = os.open(folder / _LOCK, _FLAGS)
    except FileNotFoundError:
        store = folder / _STORE
        if store.with_name(f"{store.name}.lock").exists():
            return not is_held(str(store))
        begun = {each.name for each in folder.iterdir()} <= {_UNLOCKED}
        return begun and time.time() > folder.lstat().st_mtime + _LONG
    try:
        lock_alone(descriptor)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True
