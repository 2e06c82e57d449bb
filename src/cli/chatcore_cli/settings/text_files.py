"""Files that people write, as they are read: settings, passwords, tokens."""

from __future__ import annotations

from typing import Final

from chatcore.errors import ConfigurationError
from chatcore.text.file_text import text_of_file

_LONGEST: Final = 2**20


def text_in(path: str) -> str:
    """Return the text of a file, whatever program it was written with.

    Raises:
        ConfigurationError: it is no text in UTF-8, or has no end, like a device.
        OSError: it cannot be read.
    """
    with open(path, "rb") as file:
        data = file.read(_LONGEST + 1)
    if len(data) > _LONGEST:
        raise ConfigurationError("{file} is larger than 1 MiB, which nobody writes", file=path)
    return text_of_file(data, path)
