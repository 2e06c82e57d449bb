"""Lines of UTF-8 on a stream, and text that is harmless in them."""

from __future__ import annotations

import re
from typing import Final

from chatcore.text.safe_text import harmless

# Whatever some reader might take for the end of a line, and tabs.
_BREAKS: Final = re.compile("[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")

# Longest first: CR LF, CR NUL (RFC 854) and a string's NUL behind its line are one end each.
_LINE_END: Final = re.compile(rb"\n|[\r\0]+\n?")
_END_GOES_ON: Final = re.compile(rb"[\r\0]*\n?")
# Commands of Telnet (RFC 854, RFC 855): about an option, about several, alone. No character of UTF-8 begins like them.
_COMMAND: Final = re.compile(
    rb"\xff(?:(?P<whole>[\xfb-\xfe].|\xfa[^\xff]{0,256}\xff\xf0|[\xf0-\xf9\xff])|(?:[\xfb-\xfe]?|\xfa[^\xff]{0,256}\xff?)\Z)",
    re.DOTALL,
)
LINES: Final = 64
"""How many lines a message of a transport that keeps boundaries may have."""

_BOM: Final = "\ufeff".encode()


def one_line(text: str) -> str:
    """Return `text` as part of a line: nothing in it ends the line or steers the terminal that prints it."""
    return harmless(_BREAKS.sub(" ", text))


def whole_lines(message: bytes) -> bytes:
    """Return a message of a transport that keeps boundaries as lines of a stream."""
    return message.rstrip(b"\r\n\0") + b"\n"


def has_too_many(lines: bytes) -> bool:
    """Tell whether `whole_lines` of a message are more than `LINES`.

    All of them are taken in one turn, and each of many short ones takes as long as a long one.
    """
    parts = _LINE_END.split(lines, maxsplit=LINES)
    return len(parts) > LINES and bool(parts[-1])


class LineSplitter:
    """Cuts a stream into lines, as kindly as can be.

    LF ends a line, and so do CR and the NUL that C programs send with their strings, alone or with more of them. NULs
    in front of a line are padding, a byte-order mark there is no part of it, and what Telnet negotiates is left out.

    Args:
        longest: how many bytes a line may have.
    """

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._tail = bytearray()  # of the line that is not complete yet
        self._ended = False  # the last line's end may go on
        self._command = b""  # of Telnet, that is not complete yet

    @property
    def tail(self) -> bytes:
        """What came of the line that is not complete yet."""
        return bytes(self._tail)

    def clear(self) -> None:
        """Forget what is not complete."""
        self._tail.clear()
        self._ended = False
        self._command = b""

    def feed(self, data: bytes) -> tuple[list[bytes], bool]:
        """Take the next bytes; returns the lines that they complete, and False when one is too long.

        Behind one that is too long there are none.
        """
        if self._command or b"\xff" in data:
            data = self._without_commands(data)
        lines: list[bytes] = []
        start = 0
        if self._ended and (rest := _END_GOES_ON.match(data)):
            start = rest.end()
            self._ended = start == len(data) and not data.endswith(b"\n")
        for end in _LINE_END.finditer(data, start):
            self._tail += data[start : end.start()]
            if len(self._tail) > self._longest:
                break
            start = end.end()
            self._ended = start == len(data) and not data.endswith(b"\n")
            if self._tail or end.group()[0]:
                lines.append(bytes(self._tail).removeprefix(_BOM))
                self._tail.clear()
        else:
            self._tail += data[start:]
        good = len(self._tail) <= self._longest
        if not good:
            self.clear()
        return lines, good

    def _without_commands(self, data: bytes) -> bytes:
        data, self._command = self._command + data, b""

        def leave_out(command: re.Match[bytes]) -> bytes:
            if command["whole"] is None:
                self._command = command.group()  # the rest is still to come
            return b""

        return _COMMAND.sub(leave_out, data)


def decode_kindly(line: bytes) -> str:
    """Return a line of a server: of old ones, that know no UTF-8, in the encoding of Western Windows."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")
