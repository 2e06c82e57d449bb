"""The port for files on this machine: those that are sent, and a folder for those that come.

Every method may wait for the disk, so `chatcore.aio` calls them in a thread, for one file one at a time. All of them
raise `FileError`, with one sentence for people, for whatever the disk says.
"""

from __future__ import annotations

from typing import Protocol


class FileSource(Protocol):
    """A file to send. Every method raises `FileError`, and may wait."""

    name: str
    """What it is called, without directories."""
    size: int
    """In bytes."""

    def read(self, offset: int, size: int) -> bytes:
        """Return that many bytes from there on; fewer only at the end."""
        ...

    def close(self) -> None:
        """Let go of it. Idempotent."""
        ...


class FilePart(Protocol):
    """A file that is not complete. Nobody but its store sees it under a name that looks complete.

    Every method raises `FileError`, and may wait.
    """

    size: int
    """How many bytes of it are there."""

    def read(self, offset: int, size: int) -> bytes:
        """Return that many of the bytes that are there, from `offset` on; fewer only at the end."""
        ...

    def append(self, data: bytes) -> None:
        """Add bytes at its end."""
        ...

    def finish(self, name: str) -> str:
        """Give it its place under `name`, or one like it, when everything is safely on the disk; return where it is.

        The name is a stranger's: nothing outside of the folder is touched, and nothing in it is overwritten.
        """
        ...

    def keep(self) -> None:
        """Let go of it, and keep what is there for another time. Idempotent."""
        ...

    def discard(self) -> None:
        """Let go of it, and remove it. Idempotent."""
        ...


class FileStore(Protocol):
    """Where files come from and go to: what `connect(files=...)` takes.

    Every method raises `FileError`, and may wait.
    """

    def open_source(self, path: str) -> FileSource:
        """Open a file to send; `path` is what `Client.offer_file` was given."""
        ...

    def open_part(self, sha256: str, size: int) -> FilePart:
        """Open what there is of a file that is to have this SHA-256 (hex) and size; empty when there is nothing yet.

        Raises `FileError` when it cannot be written, or is open already.
        """
        ...
