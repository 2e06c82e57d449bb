"""What a log holds: its entries, and places in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple


class Position(NamedTuple):
    """A place in a log: everything up to and including `seq` of `epoch` is known."""

    epoch: str
    """Changes whenever the log may have lost something; positions of different epochs do not compare."""
    seq: int
    """Number of the last known entry, 0 before the first one."""
    changes: int | None = 0
    """How often something has become of entries, as far as that is known too; None when nobody has said."""


DIRECT_LOG: Final = "@"
"""Wire name of the log that holds a user's own direct messages."""


BROADCAST_LOG: Final = "*"
"""Wire name of the log that holds what was said to everyone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """An entry of a log: something a user said. It exists, is acknowledged and delivered once it is appended.

    Attributes:
        seq: its number in its log: dense, from 1.
        sender: username of who said it, as it was then.
        text: what was said: a stranger's text, with whatever is in it (`chatcore.text.safe_text` makes it harmless).
        at: when it was appended, in seconds since 1970 (UTC), by the server's clock.
        client: what the sender's sends are numbered under; only at the server.
        cid: the sender's own number of it; only in the sender's copy, which is the acknowledgement.
        replay: True when it was said while the receiver was away.
        deleted: True when the text was taken away, and this stands in its place.
        edited: True when the text is another one than what was said.
        bot: True when a bot said it: a program that has said so of itself when it logged in.
    """

    seq: int
    sender: str
    text: str
    at: float
    client: str | None = None
    cid: int | None = None
    replay: bool = False
    deleted: bool = False
    edited: bool = False
    bot: bool = False

    @property
    def log(self) -> str:
        """Wire name of the log it stands in: a room's name, `@` (the user's direct messages) or `*` (broadcasts)."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePosted(Posted):
    """A message to a room: what happens in the one that the user is in, one's own messages too; or its history.

    Attributes:
        room: the room's name.
        sender, text, seq, at, cid, replay, deleted, edited, bot: as in every `chatcore.events.Posted`: who, what, its
            number in the log (from 1), when (seconds since 1970), a number that only one's own copies have, True when
            it was missed, what has become of it, and whether a bot said it.
        reply_to: seq of the message of the room that this one answers; None when it answers none. It may be gone.
        reactions: the emojis below it, in the order in which they came.
    """

    room: str
    reply_to: int | None = None
    reactions: tuple[Reaction, ...] = ()

    @property
    def log(self) -> str:
        """The room's name."""
        return self.room


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectPosted(Posted):
    """A direct message, as it stands in the log of one of its receivers or of its sender.

    Attributes:
        to: usernames of all who got it.
        sender, text, seq, at, cid, replay, deleted, edited, bot: as in every `chatcore.events.Posted`; one's own copies
            have a `cid`.
    """

    to: tuple[str, ...]

    @property
    def log(self) -> str:
        """Always `@`."""
        return DIRECT_LOG


@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastPosted(Posted):
    """A message to everyone connected, in whatever room.

    Attributes:
        sender, text, seq, at, cid, replay, deleted, edited, bot: as in every `chatcore.events.Posted`; one's own copies
            have a `cid`.
    """

    @property
    def log(self) -> str:
        """Always `*`."""
        return BROADCAST_LOG


@dataclass(frozen=True, slots=True)
class Reaction:
    """One emoji below a message.

    Attributes:
        emoji: a stranger's text, though a short one.
        count: how many users have put it there.
        mine: True when the user has.
        by: what the sends of those users are numbered under; only at the server.
    """

    emoji: str
    count: int
    mine: bool = False
    by: tuple[str, ...] = ()
