"""Bare JSON objects on a stream: where one ends and the next one begins, without a delimiter."""

from __future__ import annotations

import re
from typing import Any, Final

from chatcore.dialects.chat.json_text import BadJsonError, decode_object
from chatcore.limits import JSON_DEPTH

# White space of JSON, and what programs leave around their objects: the NUL of a C string, or a whole buffer of them,
# and the byte-order mark of an encoding.
_BOM: Final = "\ufeff".encode()
_SPACE: Final = re.compile(rb"(?:[ \t\r\n\0]+|" + _BOM + rb")*")
_TURN_OUTSIDE: Final = re.compile(rb'["{}\[\]]')
_TURN_INSIDE: Final = re.compile(rb'["\\]')


class BadStreamError(Exception):
    """The stream cannot be read any further; the text says why, `too_large` whether it is for its size."""

    def __init__(self, message: str, *, too_large: bool = False) -> None:
        super().__init__(message)
        self.too_large = too_large


class ObjectScanner:
    """Cuts a stream into JSON objects. Looks at every byte once, however it arrives.

    Args:
        longest: how many bytes an object may have.
    """

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._buffer = bytearray()  # of the object that is not complete yet, and what came behind it
        self._at = 0  # what was looked at
        self._depth = 0
        self._in_string = False

    @property
    def pending(self) -> bool:
        """True in the middle of an object."""
        return bool(self._buffer)

    def clear(self) -> None:
        """Forget what is not complete."""
        self._buffer.clear()
        self._at = self._depth = 0
        self._in_string = False

    def feed(self, data: bytes) -> tuple[list[dict[str, Any]], BadStreamError | None]:
        """Take the next bytes; returns the objects that they complete, and why nothing can follow, if so."""
        self._buffer += data
        found: list[dict[str, Any]] = []
        start = 0  # of the object under way
        error: BadStreamError | None = None
        try:
            while True:
                if not self._depth:
                    start = self._begin(start)
                    if not self._depth:
                        break
                if not self._look_for_the_end(min(len(self._buffer), start + self._longest)):
                    if len(self._buffer) - start >= self._longest:
                        raise BadStreamError(f"an object has at most {self._longest} bytes", too_large=True)
                    break
                found.append(decode_object(bytes(self._buffer[start : self._at])))
                start = self._at
        except BadStreamError as bad:
            error = bad
        except BadJsonError as bad:
            error = BadStreamError(str(bad))
        if error is not None:
            self.clear()
        else:
            del self._buffer[:start]
            self._at -= start
        return found, error

    def _begin(self, start: int) -> int:
        """Skip what stands between objects; returns where the next one begins. Raises `BadStreamError`."""
        match = _SPACE.match(self._buffer, start)
        assert match is not None  # it matches nothing too
        start = self._at = match.end()
        rest = self._buffer[start : start + len(_BOM)]
        if rest and not (len(rest) < len(_BOM) and _BOM.startswith(rest)):  # the mark may be cut
            if rest[0] != 0x7B:  # {
                raise BadStreamError("this is not a JSON object")
            self._at += 1
            self._depth = 1
        return start

    def _look_for_the_end(self, last: int) -> bool:
        """Go on to the end of the object, or to `last`. Raises `BadStreamError`."""
        while True:
            match = (_TURN_INSIDE if self._in_string else _TURN_OUTSIDE).search(self._buffer, self._at, last)
            if match is None:
                self._at = last
                return False
            turn = match.group()
            if turn == b"\\":
                if match.end() == last:
                    self._at = match.start()  # what is escaped did not come yet
                    return False
                self._at = match.end() + 1
                continue
            self._at = match.end()
            if turn == b'"':
                self._in_string = not self._in_string
            elif turn in b"{[":
                self._depth += 1
                if self._depth > JSON_DEPTH:
                    raise BadStreamError("this is nested too deeply")
            else:
                self._depth -= 1
                if not self._depth:
                    return True
