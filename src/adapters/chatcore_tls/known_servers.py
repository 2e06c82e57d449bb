"""The servers that a user has met, in a file: `host:port fingerprint`, one a line, the last one counts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from chatcore.errors import ConfigurationError
from chatcore_tls.state import state_dir

FILE_NAME: Final = "known_servers"


class KnownServersFile:
    """Implements `chatcore.ports.known_servers.KnownServers`. Programs of the same user may share it.

    Args:
        path: the file; the user's own when left out. It is made when it is needed.

    Both methods raise `ConfigurationError` when the file cannot be used.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self.path = Path(path) if path is not None else state_dir() / FILE_NAME

    def key_of(self, place: str) -> str | None:
        """Return the fingerprint of the key that the server had, None for one never met."""
        try:
            lines = self.path.read_text("utf-8", "replace").split("\n")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ConfigurationError(
                "the known servers in {path} cannot be read: {why}", path=str(self.path), why=error.strerror
            ) from error
        for line in reversed(lines):
            words = line.split()
            if len(words) == 2 and words[0] == place:
                return words[1].lower()
        return None

    def remember(self, place: str, key_fingerprint: str) -> None:
        """Remember the key of a server from now on."""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Appended with one write, so that two programs at the same time lose nothing.
            with self.path.open("ab", buffering=0) as file:
                file.write(f"{place} {key_fingerprint}\n".encode())
        except OSError as error:
            raise ConfigurationError(
                "the server's key cannot be remembered in {path}: {why}", path=str(self.path), why=error.strerror
            ) from error
