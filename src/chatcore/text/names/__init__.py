"""What a username and a room name may look like, and how two of them are compared."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right, insort
from collections.abc import Container, Iterable
from functools import lru_cache
from typing import Final

from chatcore.errors import Sentence
from chatcore.limits import ROOM_NAME_MAX, ROOM_NAME_MIN, USERNAME_MIN
from chatcore.text.names.letters import Fault, first_fault, is_plain, skeleton

ASCII_FORM: Final = "xn--"
"""Begins how a name is written where only a to z can be (`ascii_form`); no name begins so."""

# Normalizing takes the square of a row of marks, so what is longer than any name in whatever form stays as it is.
_FORM_CHARS: Final = 256

_FAULTS: Final = {
    Fault.CHARACTER: Sentence("there is '{character}' in '{name}'"),
    Fault.SCRIPT: Sentence("'{character}' in '{name}' is from another script than what stands before it"),
    Fault.DIGIT: Sentence("'{character}' in '{name}' is a digit of another script than those before it"),
    Fault.MARK: Sentence("in '{name}' there is a mark that stands on no letter, or one too many"),
}


def is_username(name: str, longest: int) -> bool:
    """Tell whether `name` may be a username of at most `longest` characters; only in its composed form."""
    return USERNAME_MIN <= len(name) <= longest and _has_no_fault(name)


def is_room_name(name: str) -> bool:
    """Tell whether `name` may be the name of a room; only in its composed form."""
    return ROOM_NAME_MIN <= len(name) <= ROOM_NAME_MAX and _has_no_fault(name)


def name_problem(name: str, shortest: int, longest: int) -> Sentence | None:
    """Return what is wrong with a name of a user or room that has so many characters; None when nothing is."""
    name = composed(name)
    found = first_fault(name)
    if found is not None and found.character.isspace():
        return Sentence("there is a space in '{name}'", name=name)
    if found is not None:
        return Sentence(_FAULTS[found.fault].text, name=name, character=found.character)
    if len(name) < shortest:
        return Sentence("'{name}' is too short", name=name)
    if len(name) > longest:
        return Sentence("'{name}' is too long, with {count} characters", name=name, count=len(name))
    if _is_ascii_form(name):
        return Sentence("'{name}' begins with xn--, as other names do where they are written with a to z", name=name)
    return None


def composed(name: str) -> str:
    """Return a name in the form in which it is kept and shown (NFC); whatever is too long for one as it is."""
    return name if name.isascii() or len(name) > _FORM_CHARS else unicodedata.normalize("NFC", name)


def name_key(name: str) -> str:
    """Return the form under which a name is unique: names are shown as typed and compared without case.

    It is the same wherever and whenever it is made: of the characters that names have, Unicode promises that neither
    their normal forms nor their case folding change.
    """
    if not name.isascii():
        return _folded(name)
    key = name.lower()
    return name if name == key else key  # as a rule it is, and is kept in many places


def written_twice(names: Iterable[str]) -> tuple[str, str] | None:
    """Return two spellings of one name, if there are such: `("bob", "BOB")`."""
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(name_key(name), name)
        if other != name:
            return other, name
    return None


@lru_cache(maxsize=1024)
def _folded(name: str) -> str:
    if len(name) > _FORM_CHARS:
        return name
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


@lru_cache(maxsize=1024)  # a name that is taken is asked for several times, and those of a room with each ban
def looks_of(name: str) -> frozenset[str]:
    """Return what a name looks like, as it is typed and in lower case; two that share one of these look alike.

    Cases make no difference here either: `BOB` in Latin looks like the same letters in Greek. A key looks like what its
    name looks like in lower case.
    """
    key, look = name_key(name), _look(name)
    return frozenset((look,) if key == name else (look, _look(key)))


def _look(name: str) -> str:
    look = skeleton(name)
    while (again := skeleton(name_key(look))) != look:  # three times at most: some capitals look like other letters
        look = again
    return look


def ascii_form(name: str) -> str:
    """Return how a name is written where only the letters a to z can be: as it is, or else as `xn--` and Punycode.

    No two names have the same one, and `from_ascii_form` finds the name again. Source: RFC 3492.
    """
    return name if name.isascii() else ASCII_FORM + name.encode("punycode").decode("ascii")


def from_ascii_form(text: str) -> str:
    """Return the name that is written so; what is not the form of a name is returned as it is."""
    if not (_is_ascii_form(text) and text.isascii()) or len(text) > _FORM_CHARS:
        return text
    try:
        name = text[len(ASCII_FORM) :].encode("ascii").decode("punycode")
    except UnicodeError:
        return text
    return text if name.isascii() else composed(name)


def _is_ascii_form(name: str) -> bool:
    return name[: len(ASCII_FORM)].lower() == ASCII_FORM


def _has_no_fault(name: str) -> bool:
    if is_plain(name):
        return not _is_ascii_form(name)
    return name == composed(name) and first_fault(name) is None


class LookAlikes:
    """What the names that are in use look like.

    Args:
        in_use: them, by their keys; kept by others, and looked at here.
    """

    __slots__ = ("_found", "_in_use", "_more")

    def __init__(self, in_use: Container[str]) -> None:
        self._in_use = in_use
        self._found: dict[str, str] = {}
        """Keys of names, by what they look like; without those that look like their own key."""
        self._more: dict[str, list[str]] = {}
        """Those of further names that look so, where such are allowed."""

    def add(self, name: str) -> None:
        """Add a name that is in use."""
        key = name_key(name)
        for look in looks_of(name):
            if look != key and self._found.setdefault(look, key) != key:
                self._more.setdefault(look, []).append(key)

    def remove(self, name: str) -> None:
        """Remove a name that was in use."""
        key = name_key(name)
        for look in looks_of(name):
            more = self._more.get(look, [])
            if self._found.get(look) != key:
                if key in more:
                    more.remove(key)
            elif more:
                self._found[look] = more.pop(0)
            else:
                del self._found[look]
            if not more:
                self._more.pop(look, None)

    def find(self, name: str, but: str = "") -> str | None:
        """Return the key of another name than `but` (a key) that looks like this one, None when there is none."""
        for look in looks_of(name):
            found = look if look in self._in_use and look != but else self._found.get(look)
            if found not in (None, but):
                return found
        return None

    def all(self, names: Iterable[str]) -> set[str]:
        """Return the keys of all names that look like one of these, or are one."""
        looks = {look for name in names for look in looks_of(name)}
        known = {self._found[look] for look in looks if look in self._found}
        return known.union(*(self._more.get(look, ()) for look in looks), filter(self._in_use.__contains__, looks))


class NameOrder:
    """Keys of names, kept in their order: a page of them costs what it shows, however many there are."""

    __slots__ = ("_keys",)

    def __init__(self) -> None:
        self._keys: list[str] = []

    def add(self, key: str) -> None:
        """Add a key that is not there."""
        insort(self._keys, key)

    def remove(self, key: str) -> None:
        """Remove a key that is there."""
        del self._keys[bisect_left(self._keys, key)]

    def page(self, after: str | None, most: int) -> tuple[list[str], bool]:
        """Return up to `most` keys, those behind the name `after`, and whether there are more."""
        start = 0 if after is None else bisect_right(self._keys, name_key(after))
        return self._keys[start : start + most], len(self._keys) > start + most
