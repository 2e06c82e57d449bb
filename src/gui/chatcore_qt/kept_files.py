"""Where the app keeps what could not be sent, and drafts: a file for each server and name that nobody else may read."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from contextlib import suppress
from functools import partial
from pathlib import Path

from chatcore.text.names import name_key
from chatcore_qt.presenters.kept import Kept, read
from chatcore_tls import private_files


class KeptFiles:
    """Implements `chatcore_qt.presenters.kept.KeptStore`.

    Args:
        folder: where the files are; it is made when it is needed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load(self, place: str, username: str) -> Kept:
        """Return what is kept; a file that makes no sense is put aside."""
        path = self.path(place, username)
        saved: object = None
        with suppress(OSError):
            data = path.read_bytes()
            try:
                saved = json.loads(data)
            except (ValueError, RecursionError):
                os.replace(path, path.with_suffix(".damaged"))
        return read(saved, partial(secrets.token_urlsafe, 16))

    def save(self, place: str, username: str, kept: Kept) -> None:
        """Write a file, or take it away when there is nothing to keep. Raises OSError."""
        path, saved = self.path(place, username), kept.as_saved()
        if not saved:
            path.unlink(missing_ok=True)
            return
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        private_files.write(path, json.dumps(saved).encode(), 0o600, os)

    def path(self, place: str, username: str) -> Path:
        """Return the file of a server and a name."""
        name = hashlib.sha256(f"{place.lower()} {name_key(username)}".encode("utf-8", "surrogatepass")).hexdigest()
        return self.folder / f"{name[:32]}.json"
