"""What is said, and asked about what was said."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SendMessage:
    """Say something in the room the sender is in."""

    text: str
    cid: int | None = None
    """The client's own number of this send: 1, 2, 3, ... over all its sends, of whatever kind."""
    room: str | None = None
    """Where the sender believes to be; the message is refused when that is not so."""
    reply_to: int | None = None
    """Seq of the message of the room that it answers."""
    epoch: str = ""
    """Of the log that this is of, in another one there is no such message; empty for the present one. In a record: of
    that in which it was found, or empty when it was not."""


@dataclass(frozen=True, slots=True)
class SendDirect:
    """Say something to one or several users, wherever they are."""

    to: tuple[str, ...]
    text: str
    cid: int | None = None


@dataclass(frozen=True, slots=True)
class SendBroadcast:
    """Say something to everyone connected."""

    text: str
    cid: int | None = None


@dataclass(frozen=True, slots=True)
class ReadHistory:
    """Ask for the newest entries of a log, for older ones (`before`) or for missed ones (`after`)."""

    room: str
    """A log: a room's name, `@` (direct messages) or `*` (broadcasts)."""
    before: int | None = None
    """Only entries with a lower seq; not looked at when there is an `after`."""
    after: int | None = None
    """Only entries with a higher seq, from the oldest of them on."""
    limit: int = 50
    """Most entries in the answer; it may have fewer than there are, by their number or length."""


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
    again: bool = False
    """True when it was edited before."""


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
    seen: int = 0
    """How many changes of the log were known by then."""
    left: int | None = None
    """How many more there may be below the message, of all users; None when that was not looked at."""
    kinds: tuple[str, ...] = ()
    """Those that are there, when this is another one; else none."""


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
