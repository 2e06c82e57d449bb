"""What a line that is being typed could become."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chatcore.text.names import name_key
from chatcore.text.slash.table import SLASHES


@dataclass(frozen=True, slots=True)
class Completions:
    """What the word under the cursor may become."""

    word: str
    """What is there of it so far."""
    candidates: tuple[str, ...]


def complete(text: str, *, users: Iterable[str], rooms: Iterable[str]) -> Completions:
    """Return the completions of `text`, what stands before the cursor.

    Args:
        text: the line up to the cursor.
        users: names of users to offer.
        rooms: names of rooms to offer.
    """
    head, _space, word = text.rpartition(" ")
    if not head and word.startswith("/"):
        return _matching(word, (f"/{name} " for name in SLASHES))
    if not text.startswith("/") or text.startswith("//"):
        # In a message a name is completed once it was begun; at its beginning it is spoken to.
        end = " " if head else ": "
        return _matching(word, (f"{name}{end}" for name in users)) if word else Completions(word, ())
    command, _space, _rest = text[1:].partition(" ")
    slash = SLASHES.get(command.lower())
    if slash is None or slash.completes == "nothing" or head != f"/{command}":
        return Completions(word, ())
    if slash.completes == "rooms":
        return _matching(word, rooms)
    if slash.name in ("msg", "send"):
        word = word.rpartition(",")[2]
    return _matching(word, users)


def _matching(word: str, candidates: Iterable[str]) -> Completions:
    begun = name_key(word)
    return Completions(word, tuple(sorted(one for one in candidates if name_key(one).startswith(begun))))
