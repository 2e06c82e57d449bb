"""Which letters stand together in a name, and which names look alike: UTS #39, over `tables`.

A name is made of letters, marks and digits of today's languages (section 3.1), of one script or of those that one
language is written in (section 5.2, "highly restrictive"). Two names look alike when they have the same
skeleton (section 4). What cannot be seen, and what steers, is no letter.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from enum import StrEnum
from functools import cache
from typing import Final, NamedTuple

from chatcore.text.names.tables import LETTERS, LOOKS

_PLAIN: Final = re.compile(r"[A-Za-z0-9_-]*\Z")
_LATIN: Final = "Latn"
# Latin letters stand beside those of the languages that are written with Han.
_WITH_LATIN: Final = ("Jpan", "Hanb", "Kore")
_MOST_MARKS: Final = 4  # section 5.4
# The dot of these letters stays where a dot is put above them, so that nobody sees it (section 5.4); marks may be
# between that are below the letter, or in it. Turkish has such a dot in names, so they are not refused for it.
_DOT_ON_DOT: Final = re.compile("([ij][\u0316-\u0338]*)\u0307")


class Fault(StrEnum):
    """Why a character cannot stand where it does in a name."""

    CHARACTER = "character"
    """Names have no such character."""
    SCRIPT = "script"
    """It is from another script than what stands before it."""
    DIGIT = "digit"
    """It is a digit of another script than those before it."""
    MARK = "mark"
    """It is a mark that stands on no letter, or one too many."""


class FaultAt(NamedTuple):
    """What is wrong with a name first."""

    fault: Fault
    character: str


def is_plain(name: str) -> bool:
    """Tell whether a name has nothing but the letters a to z, digits, `_` and `-`."""
    return _PLAIN.match(name) is not None


def first_fault(name: str) -> FaultAt | None:
    """Return what is wrong with the characters of a name, which is in NFC; None when nothing is."""
    if is_plain(name):
        return None
    scripts, marks, zero = _Scripts(), "", None
    before = ""
    for character in name:
        of = _scripts_of(character)
        if of is None:
            return FaultAt(Fault.CHARACTER, character)
        if not scripts.take(of):
            return FaultAt(Fault.SCRIPT, character)
        kind = unicodedata.category(character)
        if kind == "Nd":
            zero_here = ord(character) - unicodedata.decimal(character)
            if zero not in (None, zero_here):
                return FaultAt(Fault.DIGIT, character)
            zero = zero_here
        if kind[0] == "M" and before[:1] not in ("L", "M"):
            return FaultAt(Fault.MARK, character)
        marks = marks + character if kind == "Mn" else ""
        if marks[-2:] == 2 * character or len(marks) > _MOST_MARKS:
            return FaultAt(Fault.MARK, character)
        before = kind
    return None


def skeleton(text: str) -> str:
    """Return what a text is looked at as: equal for those that look alike, and of no other meaning (section 4)."""
    if text.isascii():
        return text.translate(_looks())
    looks = unicodedata.normalize("NFD", unicodedata.normalize("NFD", text).translate(_looks()))
    return _DOT_ON_DOT.sub(r"\1", looks)


class _Scripts:
    """The scripts of a name, as far as it was read."""

    def __init__(self) -> None:
        self._common: frozenset[str] | None = None
        """Writing systems that each letter belongs to; None for all of them."""
        self._with_latin: tuple[str, ...] = _WITH_LATIN
        """Those to which each letter belongs that is not Latin."""

    def take(self, of: frozenset[str]) -> bool:
        """Take note of a letter of these writing systems, none meaning all; tell whether it may stand there."""
        if of:
            self._common = of if self._common is None else self._common & of
            if _LATIN not in of:
                self._with_latin = tuple(each for each in self._with_latin if each in of)
        return self._common is None or bool(self._common or self._with_latin)


def _scripts_of(character: str) -> frozenset[str] | None:
    """Return the writing systems that use a letter, none meaning all; None for what is no letter."""
    firsts, ranges = _letters()
    last, systems = ranges[bisect_right(firsts, ord(character)) - 1]
    return systems if ord(character) <= last else None


@cache
def _letters() -> tuple[list[int], list[tuple[int, frozenset[str]]]]:
    firsts, ranges = [0], [(-1, frozenset[str]())]
    for part in LETTERS.split():
        points, _, systems = part.partition(":")
        first, _, last = points.partition("-")
        firsts.append(int(first, 16))
        ranges.append((int(last or first, 16), frozenset(filter(None, systems.split("+")))))
    return firsts, ranges


@cache
def _looks() -> dict[int, str]:
    pairs = (part.split(":") for part in LOOKS.split())
    return {int(point, 16): "".join(chr(int(each, 16)) for each in looks.split("+")) for point, looks in pairs}
