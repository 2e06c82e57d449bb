"""A file on this machine that is sent."""

from __future__ import annotations

import os
import stat
import threading

from chatcore.errors import FileError


class DiskSource:
    """Implements `chatcore.ports.file_store.FileSource`. Raises `FileError` when it cannot be opened."""

    def __init__(self, path: str) -> None:
        self.name = os.path.basename(path)
        self._descriptor = -1
        self._lock = threading.Lock()
        try:
            # Not to wait for somebody at the other end, should it be a pipe.
            self._descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
            found = os.fstat(self._descriptor)
        except (OSError, ValueError) as error:
            self.close()
            why = getattr(error, "strerror", None) or str(error)
            raise FileError("{path} cannot be read: {why}", path=path, why=why) from error
        if not stat.S_ISREG(found.st_mode):
            self.close()
            raise FileError("{path} is not a file", path=path)
        self.size = found.st_size

    def read(self, offset: int, size: int) -> bytes:
        """Return that many bytes from there on; fewer only at the end. Raises `FileError`."""
        parts = []
        try:
            with self._lock:
                os.lseek(self._descriptor, offset, os.SEEK_SET)
                while size and (data := os.read(self._descriptor, size)):
                    parts.append(data)
                    size -= len(data)
        except OSError as error:
            why = error.strerror or str(error)
            raise FileError("{path} cannot be read: {why}", path=self.name, why=why) from error
        return b"".join(parts)

    def close(self) -> None:
        """Let go of it."""
        with self._lock:
            descriptor, self._descriptor = self._descriptor, -1
            if descriptor >= 0:
                os.close(descriptor)
