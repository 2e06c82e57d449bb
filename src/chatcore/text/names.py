"""What a username and a room name may look like, and how two of them are compared."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right, insort

from chatcore.errors import Sentence
from chatcore.limits import ROOM_NAME_MAX, ROOM_NAME_MIN, USERNAME_MIN

# ASCII only: a name that looks like another one (Cyrillic a, zero-width space, right-to-left override)
# cannot be written at all, which no list of confusable characters can promise.
_ALLOWED = re.compile(r"[A-Za-z0-9_-]+\Z")
_NOT_ALLOWED = re.compile(r"[^A-Za-z0-9_-]")


def is_username(name: str, longest: int) -> bool:
    """Tell whether `name` may be a username of at most `longest` characters."""
    return USERNAME_MIN <= len(name) <= longest and _ALLOWED.match(name) is not None


def is_room_name(name: str) -> bool:
    """Tell whether `name` may be the name of a room."""
    return ROOM_NAME_MIN <= len(name) <= ROOM_NAME_MAX and _ALLOWED.match(name) is not None


def name_problem(name: str, shortest: int, longest: int) -> Sentence | None:
    """Return what is wrong with a name of a user or room that has so many characters; None when nothing is."""
    strange = _NOT_ALLOWED.search(name)
    if strange is not None and strange[0].isspace():
        return Sentence("there is a space in '{name}'", name=name)
    if strange is not None:
        return Sentence("there is '{character}' in '{name}'", character=strange[0], name=name)
    if len(name) < shortest:
        return Sentence("'{name}' is too short", name=name)
    if len(name) > longest:
        return Sentence("'{name}' is too long, with {count} characters", name=name, count=len(name))
    return None


def name_key(name: str) -> str:
    """Return the form under which a name is unique: names are shown as typed and compared without case."""
    key = name.lower()
    return name if name == key else key  # as a rule it is, and is kept in many places


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
