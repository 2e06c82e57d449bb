"""Lines of UTF-8 on a stream, and text that is harmless in them."""

from __future__ import annotations

import re
from typing import Final

from chatcore.safe_text import harmless

# Whatever some reader might take for the end of a line, and tabs.
_BREAKS: Final = re.compile("[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")


def one_line(text: str) -> str:
    """Return `text` as part of a line: nothing in it ends the line or steers the terminal that prints it."""
    return harmless(_BREAKS.sub(" ", text))


class LineSplitter:
    """Cuts a stream into lines. Only LF ends one; what C programs leave around it (CR, NUL) is no part of it.

    Args:
        longest: how many bytes a line may have.
    """

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._tail = bytearray()  # of the line that is not complete yet

    @property
    def tail(self) -> bytes:
        """What came of the line that is not complete yet."""
        return bytes(self._tail)

    def clear(self) -> None:
        """Forget what is not complete."""
        self._tail.clear()

    def feed(self, data: bytes) -> tuple[list[bytes], bool]:
        """Take the next bytes; returns the lines that they complete, and False when one is too long.

        Behind one that is too long there are none.
        """
        first, *rest = data.split(b"\n")
        self._tail += first
        lines: list[bytes] = []
        for piece in rest:
            if len(self._tail) > self._longest:
                break
            lines.append(bytes(self._tail).strip(b"\r\0"))
            self._tail[:] = piece
        good = len(self._tail) <= self._longest
        if not good:
            self._tail.clear()
        return lines, good
