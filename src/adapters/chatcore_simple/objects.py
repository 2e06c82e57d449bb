"""Bare JSON objects on a stream: where one ends and the next one begins, without a delimiter."""

from __future__ import annotations

import enum
import itertools
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from chatcore.dialects.chat.json_text import STRING
from chatcore.errors import Sentence

DEPTH: Final = 100
"""How many levels an object may have: more than any program means, and few enough for every reader."""

OBJECTS: Final = 64
"""How many objects a whole message may have."""

# What an escape takes, `\u00e9`, and for how much it counts: what most of what is escaped takes as it is. Who escapes
# all that is not ASCII, as Python's `json.dumps` does, can say as much as others; to read escapes costs nearly nothing.
_ESCAPE: Final = rb"\u"
_ESCAPE_BYTES: Final = 6
_COUNTED_BYTES: Final = 2

# White space of JSON, and what programs leave around their objects: the NUL of a C string, or a whole buffer of them,
# and the byte-order mark of an encoding.
_BOM: Final = "\ufeff".encode()
_SPACE: Final = re.compile(rb"(?:[ \t\r\n\0]+|" + _BOM + rb")*")
_SPACE_CHARACTERS: Final = re.compile("[ \t\r\n\0\ufeff]*")
_LEVELS: Final = bytes.maketrans(b"{[]}", b"\x01\x01\xff\xff")  # as signed bytes: one more, one less
_NO_BRACKETS: Final = bytes(byte for byte in range(256) if byte not in b"{}[]")
_TURN_OUTSIDE: Final = re.compile(rb'["{}\[\]]')
_TURN_INSIDE: Final = re.compile(rb'["\\]')

# A number is one, however large: `int` would refuse a long row of digits. As with most readers, the last of two values
# under one key counts. Strings may have line ends and tabs as they are: C programs do not escape them.
_decoder: Final = json.JSONDecoder(parse_int=float, strict=False)


class Unreadable(enum.Enum):
    """What stands in the place of an object that cannot be read; the value says why."""

    NOT_JSON = Sentence("this is not JSON")
    TOO_DEEP = Sentence("this is nested too deeply")
    TOO_LARGE = Sentence("this is too large")
    NO_OBJECT = Sentence("this is not a JSON object")
    ENDLESS = Sentence("this is too large, and has no end")

    @property
    def is_last(self) -> bool:
        """True when nobody knows where the next object begins."""
        return self in (Unreadable.NO_OBJECT, Unreadable.ENDLESS)

    @property
    def is_too_large(self) -> bool:
        """True when it is for its size."""
        return self in (Unreadable.TOO_LARGE, Unreadable.ENDLESS)


class ObjectScanner:
    """Cuts a stream into JSON objects. Looks at every byte once, however it arrives.

    Args:
        longest: how many bytes an object may have. An escape of six counts as two.
        decode: makes characters of bytes, and raises for none; those of ASCII stay as they are.
    """

    def __init__(self, longest: int, decode: Callable[[bytes], str]) -> None:
        self._longest = longest
        self._longest_escaped = longest * (_ESCAPE_BYTES // _COUNTED_BYTES)
        self._text_of = decode
        self._buffer = bytearray()  # of the object that is not complete yet, and what came behind it
        self._at = 0  # what was looked at
        self._depth = 0
        self._in_string = False
        self._skipping = False  # the object under way was too deep

    def clear(self) -> None:
        """Forget what is not complete."""
        self._buffer.clear()
        self._at = self._depth = 0
        self._in_string = self._skipping = False

    def feed(self, data: bytes) -> Iterator[dict[str, Any] | Unreadable]:
        """Take the next bytes; yields the objects that they complete. Behind an `Unreadable` that `is_last` is nothing.

        Strings in them may have lone surrogates: halves of pairs that were escaped, or what `decode` makes of bytes.
        """
        self._buffer += data
        start = 0  # of the object under way
        try:
            while True:
                if not self._depth:
                    start = self._begin(start)
                    if not self._depth:
                        if self._is_no_object(start):
                            self.clear()
                            start = 0
                            yield Unreadable.NO_OBJECT
                        break
                if self._look_for_the_end(min(len(self._buffer), start + self._longest_escaped)):
                    begin, start = start, self._at
                    if not self._skipping:
                        yield self._read(bytes(self._buffer[begin:start]))
                    self._skipping = False
                elif self._depth > DEPTH and not self._skipping:
                    self._skipping = True
                    yield Unreadable.TOO_DEEP
                elif len(self._buffer) - start >= self._longest_escaped:
                    self.clear()
                    start = 0
                    yield Unreadable.ENDLESS
                    break
                else:
                    break
        finally:
            del self._buffer[:start]
            self._at -= start

    def whole(self, data: bytes) -> Iterator[dict[str, Any] | Unreadable]:
        """Take a message in which nothing is cut; yields the objects in it. Nothing is behind an `Unreadable`.

        All of a message is taken in one turn: to look at each bracket would take ten times as long as to read it, and
        to answer thousands of objects a hundred times as long.
        """
        if _is_too_deep(data):
            yield Unreadable.TOO_DEEP
            return
        text, at = self._text_of(data), 0
        for count in itertools.count():
            space = _SPACE_CHARACTERS.match(text, at)
            assert space is not None  # it matches nothing too
            at = space.end()
            if at == len(text):
                return
            if count == OBJECTS:
                yield Unreadable.TOO_LARGE
                return
            if text[at] != "{":
                yield Unreadable.NO_OBJECT
                return
            try:
                found, at = _decoder.raw_decode(text, at)
            except ValueError:
                yield Unreadable.NOT_JSON
                return
            yield found

    def _begin(self, start: int) -> int:
        """Skip what stands between objects; returns where the next one begins, or what else stands there."""
        match = _SPACE.match(self._buffer, start)
        assert match is not None  # it matches nothing too
        start = self._at = match.end()
        if self._buffer.startswith(b"{", start):
            self._at += 1
            self._depth = 1
        return start

    def _is_no_object(self, start: int) -> bool:
        rest = bytes(self._buffer[start : start + len(_BOM)])
        return not _BOM.startswith(rest)  # the mark may be cut

    def _look_for_the_end(self, last: int) -> bool:
        """Go on to the end of the object; returns False at `last`, and where it gets too deep."""
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
                if self._depth > DEPTH and not self._skipping:
                    return False
            else:
                self._depth -= 1
                if not self._depth:
                    return True

    def _read(self, data: bytes) -> dict[str, Any] | Unreadable:
        escapes = data.count(_ESCAPE) if len(data) > self._longest else 0
        if len(data) - escapes * (_ESCAPE_BYTES - _COUNTED_BYTES) > self._longest:
            return Unreadable.TOO_LARGE
        try:
            found = _decoder.decode(self._text_of(data))
        except ValueError:
            return Unreadable.NOT_JSON
        assert isinstance(found, dict)  # it begins like one
        return found


def _is_too_deep(data: bytes) -> bool:
    """Tell whether a parser would get too deep before it is at the end, or at what is no JSON."""
    if data.count(b"{") + data.count(b"[") <= DEPTH:
        return False
    levels = memoryview(STRING.sub(b"", data).translate(_LEVELS, _NO_BRACKETS)).cast("b")
    return max(itertools.accumulate(levels), default=0) > DEPTH
