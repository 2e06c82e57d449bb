"""The files of an open store without their names: nobody finds them, and they go with the process, whatever ends it."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Final

from chatcore_sqlite.hold import LOCK, LOG

_INDEX: Final = "-shm"
_FLAGS: Final = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0)


class Nameless:
    """Takes away the names of the files of a store; Windows lets what is open have its name.

    Args:
        path: of a store that all connections have open which ever will: SQLite finds none of it by its name any more.
    """

    def __init__(self, path: str) -> None:
        # By these it is known how long they are. SQLite has none of its locks on them, and they are closed after it.
        self._files = [os.open(each, _FLAGS) for each in (path, path + LOG)]
        for each in ("", LOG, _INDEX, LOCK):
            with suppress(OSError):
                os.unlink(path + each)

    def size(self) -> int:
        """Return how many bytes the file has, without what is written ahead."""
        return os.fstat(self._files[0]).st_size

    def size_of_all(self) -> int:
        """Return how many bytes the files have."""
        size = 0
        with suppress(OSError):  # they are let go at present, by another thread
            for each in self._files:
                size += os.fstat(each).st_size
        return size

    def give_up(self) -> None:
        """Let them go."""
        while self._files:
            os.close(self._files.pop())
