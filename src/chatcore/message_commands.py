"""Commands about what was said: how far it was read, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MarkRead:
    """Say how far the user has read a room. What was said before, or is not there yet, moves nothing."""

    seq: int
    """Of the last entry that was read."""
    room: str | None = None
    """None: the present one."""
    epoch: str = ""
    """Of the log that the seq is of; in another one it moves nothing. Empty for the present one."""


@dataclass(frozen=True, slots=True)
class DeleteMessage:
    """Take away what a message says; one's own, or as a moderator anybody's. Its place stays."""

    seq: int
    room: str | None = None
    epoch: str = ""
    """Of the log that the seq is of, in another one there is no such message; empty for the present one.

    It and what follows is found out where it is asked, and stands in the record."""
    sender: str = ""
    own: bool = False


@dataclass(frozen=True, slots=True)
class EditMessage:
    """Let one's own message say something else."""

    seq: int
    text: str
    room: str | None = None
    epoch: str = ""
    """As in `DeleteMessage`, and so is what follows."""
    sender: str = ""
    own: bool = False


@dataclass(frozen=True, slots=True)
class React:
    """Put an emoji below a message of a room, for the user; once each."""

    seq: int
    emoji: str
    room: str | None = None
    epoch: str = ""
    """Of the log that the seq is of, in another one there is no such message; empty for the present one.

    It and what follows is found out where it is asked, and stands in the record."""
    count: int = 0
    """How many users have this emoji there, with this one."""


@dataclass(frozen=True, slots=True)
class Unreact:
    """Take an emoji back."""

    seq: int
    emoji: str
    room: str | None = None
    epoch: str = ""
    """As in `React`, and so is what follows."""
    count: int = 0


@dataclass(frozen=True, slots=True)
class Search:
    """Look for messages in rooms that the user may read. All that is given has to be so."""

    words: str = ""
    """Each of them has to be in it, or begin a word of it; case and accents do not matter."""
    sender: str | None = None
    """Username that its sender had then."""
    room: str | None = None
    """None: everywhere."""
    since: float | None = None
    """Not said before, in seconds since 1970."""
    until: float | None = None
    """Said before, in seconds since 1970."""
    before: str | None = None
    """Go on where a page ended (`MessagesFound.before`)."""
    limit: int = 20
