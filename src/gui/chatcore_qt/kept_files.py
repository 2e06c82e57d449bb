"""Where the app keeps what could not be sent, and drafts: a file for each server and name that nobody else may read.

Two windows may be on one server under one name, where the name is an account: each then has a file of its own, so that
neither takes what the other keeps for its own, nor writes over it. What windows that are gone have kept is together
again in the file of the next one.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

from chatcore.text.names import name_key
from chatcore_disk import private_files
from chatcore_qt.presenters.kept import Kept, read
from chatcore_sessions.folder import lock_file

_WINDOWS: Final = 16
"""Under one name; what more of them keep is in the first one's file."""


class KeptFiles:
    """Implements `chatcore_qt.presenters.kept.KeptStore`.

    Args:
        folder: where the files are; it is made when it is needed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._paths: dict[tuple[str, str], Path] = {}
        self._locks: dict[tuple[str, str], int] = {}

    def load(self, place: str, username: str) -> Kept:
        """Return what is kept, and keep other windows from it; a file that makes no sense is put aside."""
        path = self._hold(place, username)
        kept = _content(path)
        for other in self._all_paths(place, username):
            if other != path and other.exists():
                kept = self._take_over(other, path, kept)
        return kept

    def save(self, place: str, username: str, kept: Kept) -> None:
        """Write a file, or take it away when there is nothing to keep. Raises OSError."""
        self._write(self._paths.get((place.lower(), name_key(username)), self.path(place, username)), kept)

    def _write(self, path: Path, kept: Kept) -> None:
        saved = kept.as_saved()
        if not saved:
            path.unlink(missing_ok=True)
            return
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        private_files.write(path, json.dumps(saved).encode(), 0o600, os)

    def release(self, but: tuple[str, str] | None = None) -> None:
        """Let other windows have what was loaded, but for this server and name."""
        kept = None if but is None else (but[0].lower(), name_key(but[1]))
        for key in [key for key in self._locks if key != kept]:
            with suppress(OSError):
                self._paths[key].with_suffix(".lock").unlink(missing_ok=True)
            os.close(self._locks.pop(key))

    def path(self, place: str, username: str, window: int = 0) -> Path:
        """Return the file of a server and a name, for so many other windows that have one already."""
        name = hashlib.sha256(f"{place.lower()} {name_key(username)}".encode("utf-8", "surrogatepass")).hexdigest()
        return self.folder / (f"{name[:32]}-{window}.json" if window else f"{name[:32]}.json")

    def _hold(self, place: str, username: str) -> Path:
        """Return the file of those that no other window has: first what may be on the server, then the newest."""
        key = place.lower(), name_key(username)
        if key in self._locks:
            return self._paths[key]
        paths = self._all_paths(place, username)
        self._paths[key] = paths[0]  # where nothing can be locked
        with suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for path in sorted(paths, key=_rank, reverse=True):
                descriptor = lock_file(path.with_suffix(".lock"))
                if descriptor is not None:
                    self._paths[key], self._locks[key] = path, descriptor
                    break
        return self._paths[key]

    def _all_paths(self, place: str, username: str) -> list[Path]:
        return [self.path(place, username, window) for window in range(_WINDOWS)]

    def _take_over(self, other: Path, path: Path, kept: Kept) -> Kept:
        """Move what another window has kept to one's own, unless it is there; returns all of it."""
        with suppress(OSError):
            lock = other.with_suffix(".lock")
            descriptor = lock_file(lock)
            if descriptor is not None:
                try:
                    theirs = _content(other)
                    together = kept.along_with(theirs)
                    self._write(path, together)
                    self._write(other, theirs.under_way())
                    return together
                finally:
                    lock.unlink(missing_ok=True)
                    os.close(descriptor)
        return kept


def _content(path: Path) -> Kept:
    saved: object = None
    with suppress(OSError):
        data = private_files.content_of(path)
        try:
            saved = json.loads(data)
        except (ValueError, RecursionError):
            os.replace(path, path.with_suffix(".damaged"))
    return read(saved, partial(secrets.token_urlsafe, 16))


def _rank(path: Path) -> tuple[bool, float]:
    try:
        written = path.stat().st_mtime
    except OSError:
        return False, 0.0
    return bool(_content(path).under_way().unsent), written
