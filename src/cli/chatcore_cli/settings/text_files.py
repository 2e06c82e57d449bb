"""Files that people write, as they are read: settings, passwords, tokens."""

from __future__ import annotations

import os
import stat
from typing import Final, NamedTuple

from chatcore.errors import ConfigurationError
from chatcore.text.file_text import text_of_file

_LONGEST: Final = 2**20


class Text(NamedTuple):
    """What a file says."""

    text: str
    mode: int
    """What kind of file it is, and who may do what with it."""

    @property
    def is_open(self) -> bool:
        """Tell whether everybody on this computer may read it."""
        return os.name == "posix" and bool(self.mode & stat.S_IROTH)


class TextFiles:
    """What files say, for a program that reads them more than once.

    A file on a disk says what stands there by then. Anything else, a pipe or a terminal, can be read once only, and
    says the same for as long as the program runs: to read it again would find nothing in it, or wait for ever.
    """

    def __init__(self) -> None:
        self._once: dict[tuple[str, str], Text] = {}
        self._running = False

    def wait_no_more(self) -> None:
        """Refuse from now on what nobody may have written yet: the program runs, and others wait for it."""
        self._running = True

    def read(self, path: str, what: str) -> Text:
        """Return what a file says, whatever program it was written with.

        Args:
            path: of the file.
            what: is read from it. What one pipe says of two things, it says of the first.

        Raises:
            ConfigurationError: it is no text in UTF-8, or has no end, like a device; or the program runs, and it is
                no file on a disk.
            OSError: it cannot be read.
        """
        if (path, what) in self._once:
            return self._once[path, what]
        with open(path, "rb", opener=self._opened) as file:
            mode = os.fstat(file.fileno()).st_mode
            if stat.S_ISREG(mode):
                file.seek(0)  # systems that know no other /dev/stdin go on where they were
            elif self._running:
                raise ConfigurationError(
                    "{file} is not a file on a disk, so it can be read at the start only; start the server anew",
                    file=path,
                )
            data = file.read(_LONGEST + 1)
        if len(data) > _LONGEST:
            raise ConfigurationError("{file} is larger than 1 MiB, which nobody writes", file=path)
        found = Text(text_of_file(data, path), mode)
        if not stat.S_ISREG(mode):
            self._once[path, what] = found
        return found

    def _opened(self, path: str, flags: int) -> int:
        return os.open(path, flags | (getattr(os, "O_NONBLOCK", 0) if self._running else 0))
