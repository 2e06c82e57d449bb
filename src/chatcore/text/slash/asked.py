"""What a typed line may ask for, beside what is asked of the server."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from chatcore.commands import (
    Command,
)

_SPACE: Final = re.compile(r"[ \n]")


@dataclass(frozen=True, slots=True)
class Help:
    """Asks for the list of commands."""


@dataclass(frozen=True, slots=True)
class ShowLink:
    """Asks for the link to the room that the user is in."""


@dataclass(frozen=True, slots=True)
class SendPath:
    """Asks to offer a file of this machine."""

    to: tuple[str, ...]
    """Usernames; nobody when it is offered to the room."""
    room: bool
    path: str


@dataclass(frozen=True, slots=True)
class AnswerFile:
    """Asks to accept or decline a file, or to end what is under way."""

    answer: Literal["accept", "decline", "cancel"]
    file: str | None
    """Its id; None when it is the only one."""


@dataclass(frozen=True, slots=True)
class ChangeLast:
    """Asks to delete or to edit the last message of somebody in the room."""

    room: str
    sender: str | None = None
    """None: the user's own."""
    text: str | None = None
    """What it is to say; None to delete it."""


@dataclass(frozen=True, slots=True)
class ReplyToLast(ChangeLast):
    """Asks to answer the last message of somebody in the room, with `text`."""


@dataclass(frozen=True, slots=True)
class ReactToLast(ChangeLast):
    """Asks to put an emoji below the last message of somebody, or, without a `sender`, of whoever spoke last."""

    emoji: str = ""
    back: bool = False
    """Whether to take it back instead, from the last message that the user has put it below."""


Parsed = Command | ChangeLast | Help | ShowLink | SendPath | AnswerFile
"""What a typed line may ask for."""


def first_word(text: str) -> tuple[str, str]:
    """Return the word that a text begins with, and what is behind it, be it on the next line."""
    word, rest = _SPACE.split(text, maxsplit=1) if _SPACE.search(text) else (text, "")
    return word.strip(), rest.strip()
