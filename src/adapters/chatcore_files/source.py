"""A file on this machine that is sent."""

from __future__ import annotations

import os
import stat
import threading
from typing import Final

from chatcore.errors import FileError

# Files up to this size are read at once: what is sent is one state of them, whatever becomes of the file meanwhile.
_READ_AT_ONCE: Final = 1024 * 1024
# What the system makes up while it is read (/proc) says that it is empty; so much of it is believed to have an end.
_MADE_UP_AT_MOST: Final = 16 * 1024 * 1024


class DiskSource:
    """Implements `chatcore.ports.file_store.FileSource`. Raises `FileError` when it cannot be opened."""

    def __init__(self, path: str) -> None:
        self.name = os.path.basename(path)
        self._descriptor = -1
        self._lock = threading.Lock()
        self._content: bytes | None = None
        try:
            _check_regular(os.stat(path), path)  # to open a pipe or a device may have effects already
            # Not to wait for somebody at the other end, should it be a pipe by now.
            self._descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
            found = os.fstat(self._descriptor)
            _check_regular(found, path)
            self.size = found.st_size
            if self.size <= _READ_AT_ONCE:
                self._content = self._read(0, _MADE_UP_AT_MOST + 1)
                self.size = len(self._content)
        except FileError:
            self.close()
            raise
        except (OSError, ValueError) as error:
            self.close()
            why = getattr(error, "strerror", None) or str(error)
            raise FileError("{path} cannot be read: {why}", path=path, why=why) from error
        if self.size > _MADE_UP_AT_MOST and self._content is not None:
            self.close()
            raise FileError("{path} does not tell its size, and has no end in sight", path=path)

    def read(self, offset: int, size: int) -> bytes:
        """Return that many bytes from there on; fewer only at the end. Raises `FileError`."""
        if self._content is not None:
            return self._content[offset : offset + size]
        try:
            with self._lock:
                return self._read(offset, size)
        except OSError as error:
            why = error.strerror or str(error)
            raise FileError("{path} cannot be read: {why}", path=self.name, why=why) from error

    def _read(self, offset: int, size: int) -> bytes:
        parts = []
        os.lseek(self._descriptor, offset, os.SEEK_SET)
        while size and (data := os.read(self._descriptor, min(size, _READ_AT_ONCE))):
            parts.append(data)
            size -= len(data)
        return b"".join(parts)

    def close(self) -> None:
        """Let go of it."""
        with self._lock:
            descriptor, self._descriptor = self._descriptor, -1
            self._content = None
            if descriptor >= 0:
                os.close(descriptor)


def _check_regular(found: os.stat_result, path: str) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise FileError("{path} is not a file", path=path)
