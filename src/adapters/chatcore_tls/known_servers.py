"""The servers that a user has met, in a file: `host:port fingerprint`, one a line, the last about a server counts."""

from __future__ import annotations

import errno
import os
import re
from functools import cached_property
from pathlib import Path
from typing import Final

from chatcore.errors import ConfigurationError
from chatcore.ports.known_servers import server_place
from chatcore.text.file_text import foreign_encoding, text_of_file
from chatcore_disk.folders import make_folder
from chatcore_disk.private_files import content_of, settle
from chatcore_tls.pins import read_pins
from chatcore_tls.state import state_dir

FILE_NAME: Final = "known_servers"
_PLACE: Final = re.compile(r"(?:\[([0-9A-Fa-f:.]+(?:%[^\]\s]+)?)\]|([^\s\[\]:]+)):([0-9]{1,5})")


class KnownServersFile:
    """Implements `chatcore.ports.known_servers.KnownServers`. Programs of the same user may share it.

    People may edit it: empty lines and what follows a `#` are theirs, letters may be of either case, and a fingerprint
    may have colons.

    Args:
        path: the file; the user's own when left out. It is made when it is needed.

    Both methods raise `ConfigurationError` when the file cannot be used.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self._named = None if path is None else Path(path)  # raises TypeError here, and not when it is needed

    @cached_property
    def path(self) -> Path:
        """The file; who connects without encryption needs none."""
        return self._named if self._named is not None else state_dir() / FILE_NAME

    def key_of(self, place: str) -> str | None:
        """Return the fingerprint of the key that the server had, None for one never met.

        Raises:
            ConfigurationError: also for a line that cannot be read, unless a later one tells the server's key: it may
                be what is left of one about this server, and then a changed key would pass.
        """
        place = _wanted(place)
        unreadable = 0
        lines = self._text().split("\n")
        for number, line in reversed(list(enumerate(lines, 1))):
            words = line.partition("#")[0].split()
            if not words:
                continue
            about, key = _spelling(words[0]), _key(words)
            if about == place and key is not None:
                return key
            if about is None or key is None:
                unreadable = number
                if about == place:
                    break
        if unreadable:
            raise ConfigurationError(
                "line {line} of the known servers in {path} cannot be read, and may be about {server}; correct it, or "
                "take it out once you are sure of that server's key",
                line=unreadable,
                path=str(self.path),
                server=place,
            )
        return None

    def remember(self, place: str, key_fingerprint: str) -> None:
        """Remember the key of a server from now on; what stands in the file stays."""
        (key,) = read_pins(key_fingerprint)
        line = f"{_wanted(place)} {key}\n".encode()
        self._text()  # says what is wrong with it
        try:
            make_folder(self.path.parent)
            self._append(line)
        except OSError as error:
            raise ConfigurationError(
                "the server's key cannot be remembered in {path}: {why}; choose another directory with --state-dir",
                path=str(self.path),
                why=error.strerror,
            ) from error

    def _text(self) -> str:
        try:
            data = content_of(self.path)
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise ConfigurationError(
                "the known servers in {path} cannot be read: {why}", path=str(self.path), why=error.strerror
            ) from error
        if foreign_encoding(data) is None:
            data = data.decode("utf-8", "replace").encode()  # a damaged byte spoils its line, and no other one
        return text_of_file(data, str(self.path))

    def _append(self, line: bytes) -> None:
        """Add a line, whole or not at all.

        One write to a file that is open for appending goes behind what any other program writes at the same time
        (POSIX, write), needs no lock, and leaves owner, mode and links of the file as they are. Two programs that find
        the last line unfinished may both end it; the empty line between them is nothing.
        """
        with self.path.open("a+b", buffering=0) as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(0, end - 1))
            if file.read(1) not in (b"", b"\n"):
                line = b"\n" + line
            if file.write(line) != len(line):
                file.truncate(end)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            settle(file)


def _spelling(place: str) -> str | None:
    """Return a place in its one spelling; None when it is none."""
    found = _PLACE.fullmatch(place)
    if found is None:
        return None
    address, name, port = found.groups()
    spelt = server_place(address or name, int(port))
    return spelt if spelt.isascii() and spelt.isprintable() else None


def _wanted(place: str) -> str:
    spelt = _spelling(place)
    if spelt is None:
        raise ValueError(f"{place!r} is no place, like example.org:8765")
    return spelt


def _key(words: list[str]) -> str | None:
    """Return the fingerprint in the words of a line; None when they are not a place and a fingerprint."""
    if len(words) != 2:
        return None
    try:
        (key,) = read_pins(words[1])
    except ConfigurationError:
        return None
    return key
