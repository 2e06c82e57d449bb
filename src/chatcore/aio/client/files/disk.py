"""What a disk is asked for a file that comes, and the SHA-256 of one. All of it waits, and belongs into a thread."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from chatcore.errors import FileError
from chatcore.ports.file_store import FilePart, FileStore

_HASHED_AT_A_TIME: Final = 1024 * 1024


def some_bytes(data: Any, most: int) -> bytes:
    """Return what was read from a file. Raises TypeError where that is no bytes, ValueError where it is too much."""
    if not isinstance(data, bytes | bytearray | memoryview):
        raise TypeError(f"read() of a file returned {type(data).__name__}, and not bytes")
    if len(data) > most:
        raise ValueError(f"read() of a file returned {len(data)} bytes, where {most} were asked for")
    return bytes(data)


def add_to_hash(digest: Any, read: Callable[[int, int], bytes], size: int) -> None:
    """Add a whole file to a hash of `hashlib`. Raises `FileError` when it is shorter than it was."""
    offset = 0
    while offset < size:
        most = min(_HASHED_AT_A_TIME, size - offset)
        data = some_bytes(read(offset, most), most)
        if not data:
            raise FileError("the file became shorter while it was read")
        digest.update(data)
        offset += len(data)


class PartOnDisk:
    """A file that is not complete, and its hash. Every method but `let_go` raises `FileError`.

    Args:
        store: where it goes.
        sha256: what the complete file is to have, in hex.
        size: of the complete file, in bytes.
    """

    def __init__(self, store: FileStore, sha256: str, size: int) -> None:
        self._store = store
        self._sha256 = sha256
        self._size = size
        self._part: FilePart | None = None
        self._digest = hashlib.sha256()

    def open(self) -> int:
        """Return how many bytes of it there are."""
        self._part = self._store.open_part(self._sha256, self._size)
        add_to_hash(self._digest, self._part.read, self._part.size)
        return self._part.size

    def write(self, data: bytes) -> None:
        """Add bytes at its end."""
        assert self._part is not None
        self._part.append(data)
        self._digest.update(data)

    def put_in_place(self, name: str) -> str | None:
        """Return where it is; None, and nothing is done, when it is not what it was to be."""
        assert self._part is not None
        if self._digest.hexdigest() != self._sha256:
            return None
        place: object = self._part.finish(name)
        if not isinstance(place, str):
            raise TypeError(f"finish() of a file returned {type(place).__name__}, and not where it is")
        return place

    def let_go(self, *, keep: bool) -> None:
        """Let go of it, and remove it unless it is to be kept. Idempotent."""
        part, self._part = self._part, None
        if part is not None:
            with suppress(FileError):
                if keep:
                    part.keep()
                else:
                    part.discard()
