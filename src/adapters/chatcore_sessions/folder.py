"""Kept sessions in a folder: a file for each, and one beside it that is locked while a program uses it."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import sys
import time
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from chatcore.errors import ConfigurationError
from chatcore.ports.session_store import KeptSend, KeptSession
from chatcore.text.names import name_key
from chatcore_disk.folders import make_folder
from chatcore_tls.state import state_dir

if sys.platform != "win32":
    import fcntl

logger: Final = logging.getLogger("chatcore.sessions")

FOLDER_NAME: Final = "sessions"
# A session that nobody went on with for so many seconds is over at any server.
_OLD: Final = 30 * 24 * 3600.0
# Longest file that is read, in bytes.
_MOST_BYTES: Final = 1024 * 1024
_NAME_CHARS: Final = 32
# What is saved, and what was being saved: in a folder that somebody names there may be anything else.
_OURS: Final = re.compile(rf"[0-9a-f]{{{_NAME_CHARS}}}\.(json|new)")


class SessionFolder:
    """Implements `chatcore.ports.session_store.SessionStore`. Programs of the same user may share it.

    The folder is for its owner alone, and so are its files. What is saved is there however this program ends; a power
    failure may take it back.

    Args:
        path: the folder; `sessions` in the user's state directory when left out. It is made when it is needed.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self._named = None if path is None else Path(path)  # raises TypeError here, and not when it is needed

    @cached_property
    def path(self) -> Path:
        """The folder. Raises `ConfigurationError` where nobody knows which one."""
        return self._named if self._named is not None else state_dir() / FOLDER_NAME

    def claim(self, place: str, username: str) -> FileClaim | None:
        """Return what is kept of a session; None when another program has it, or nothing can be kept."""
        if sys.platform == "win32":  # without a lock that ends with its program, nothing is kept
            return None
        whose = f"{place} {name_key(username)}".encode("utf-8", "surrogatepass")  # also of what is refused later
        name = hashlib.sha256(whose).hexdigest()[:_NAME_CHARS]
        try:
            self._make()
            lock = lock_file(self.path / f"{name}.lock")
        except (OSError, ConfigurationError) as error:
            level = logging.INFO if self._named is None else logging.WARNING  # who names one wants it to be used
            logger.log(level, "the session cannot be remembered: %s", _why(error))
            return None
        return None if lock is None else FileClaim(self.path / f"{name}.json", self.path / f"{name}.lock", lock)

    def _make(self) -> None:
        """Have a folder that is for its owner alone, with nothing old in it."""
        if sys.platform == "win32":
            return
        make_folder(self.path)
        found = os.stat(self.path)
        if found.st_uid != os.getuid():
            raise PermissionError(f"{self.path} belongs to somebody else")
        if found.st_mode & 0o077:
            os.chmod(self.path, 0o700)
        for file in self.path.iterdir():
            with suppress(OSError):  # another program tidies up too
                if _OURS.fullmatch(file.name) and _is_old(file):
                    _tidy_up(file)


class FileClaim:
    """Implements `chatcore.ports.session_store.Claim` with a file.

    Args:
        path: the file.
        lock_path: the one beside it.
        lock: descriptor of that, which is locked.
    """

    def __init__(self, path: Path, lock_path: Path, lock: int) -> None:
        self.kept = _read(path)
        self._path = path
        self._new = path.with_suffix(".new")
        self._lock_path = lock_path
        self._lock: int | None = lock

    def save(self, session: KeptSession) -> None:
        """Keep this instead: the whole file, or none."""
        if self._lock is None or sys.platform == "win32":
            return
        try:
            descriptor = os.open(self._new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NONBLOCK, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                os.fchmod(descriptor, 0o600)
                json.dump(session._asdict(), file)
            os.replace(self._new, self._path)
        except OSError as error:  # the chat goes on
            logger.info("the session cannot be remembered: %s", _why(error))
            self.forget()

    def forget(self) -> None:
        """Delete the file."""
        if self._lock is not None:
            for path in (self._path, self._new):
                _delete(path)

    def release(self) -> None:
        """Let another program have it."""
        if self._lock is not None:
            _unlock(self._lock_path, self._lock)
            self._lock = None


def _is_old(path: Path) -> bool:
    return time.time() - path.stat().st_mtime > _OLD


def _tidy_up(path: Path) -> None:
    """Delete an old file, unless a program uses it: that may have had nothing new to keep for long."""
    lock_path = path.with_suffix(".lock")
    lock = lock_file(lock_path)
    if lock is None:
        return
    try:
        if _is_old(path):  # and no program has used it meanwhile
            path.unlink()
    finally:
        _unlock(lock_path, lock)


def _unlock(path: Path, lock: int) -> None:
    """Let another program lock a file."""
    with suppress(OSError):
        path.unlink(missing_ok=True)
    os.close(lock)


def _delete(path: Path) -> None:
    """Delete a file if it is there; where that cannot be, what stands in it."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        with suppress(OSError):
            os.truncate(path, 0)


def _why(error: OSError | ConfigurationError) -> str:
    """Return what the system says, and of which file."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return str(error)


def lock_file(path: Path) -> int | None:
    """Return a descriptor of a file that is locked for this program; None when another one has locked it."""
    if sys.platform != "win32":
        while True:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.path.samestat(os.fstat(descriptor), os.stat(path)):
                    return descriptor
            except BlockingIOError:
                os.close(descriptor)
                return None
            except FileNotFoundError:
                pass
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)  # whoever had it has deleted it meanwhile
    return None


def _read(path: Path) -> KeptSession | None:
    """Return what stands in a file; None for nothing, or for what no program of ours has written."""
    try:
        # Nobody writes into a pipe that lies there: it is as good as empty.
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | getattr(os, "O_NONBLOCK", 0))) as file:
            said: Any = json.loads(file.read(_MOST_BYTES))
        sends = tuple(KeptSend(*send) for send in said["sends"])
        kept = KeptSession(said["client"], said["token"], sends)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    texts = [kept.client, *([] if kept.token is None else [kept.token]), *(send.digest for send in sends)]
    right = all(isinstance(text, str) for text in texts) and all(type(send.cid) is int for send in sends)
    return kept if right else None
