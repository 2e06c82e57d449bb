"""What is told about what was said, besides the entries themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chatcore.entries import MessagePosted, Posted


@dataclass(frozen=True, slots=True)
class GapFound:
    """Entries of a log that cannot be replayed: what was missed is said, never silence.

    Attributes:
        room: wire name of the log: a room's name, `@` (direct messages) or `*` (broadcasts).
        epoch: the log's present epoch. Another one than before means that the log was lost and begins anew.
        first: seq of the first entry that is missing.
        last: seq of the last one; under `first` when none is.
    """

    room: str
    epoch: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class HistoryRead:
    """Reply to `ReadHistory`: entries in order, oldest first. `room` is the wire name of the log."""

    room: str
    epoch: str
    messages: tuple[Posted, ...]


@dataclass(frozen=True, slots=True)
class MessagesFound:
    """Reply to `Search`: messages that were found, the newest first.

    Attributes:
        messages: what was found: perhaps nothing, although there is more to look at.
        before: what to ask with for what comes behind them (`Search.before`); None when that was all.
    """

    messages: tuple[MessagePosted, ...]
    before: str | None = None


@dataclass(frozen=True, slots=True)
class SendAcknowledged:
    """Client side: what was given to `Client.post` is in its log for good.

    Attributes:
        cid: the number that `Client.post` returned.
        posted: the entry; None when it was acknowledged after it had left the log.
    """

    cid: int
    posted: Posted | None


@dataclass(frozen=True, slots=True)
class SendRefused:
    """Client side: what was given to `Client.post` was refused for good and will not be repeated.

    Attributes:
        cid: the number that `Client.post` returned.
        code, message: why: `no_such_user`, or another `chatcore.errors.ErrorCode`, and a sentence for people. No server
            says `connection_lost`: the connection ended each time that it was sent, six times, and the rest goes out;
            or once, at a server that would pass it on a second time. It may have arrived.
        values: as those of `Refused`.
    """

    cid: int
    code: str
    message: str
    values: Mapping[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionChanged:
    """Somebody has put an emoji below a message, or has taken it back. Everybody in the room is told, and that user.

    Attributes:
        room: the room's name.
        seq: of the message.
        emoji: a stranger's text, though a short one.
        by: username of who did it; empty when it is told later to who was away.
        count: how many users have put it there now; with 0 it is gone.
        removed: True when it was taken back.
        change: which change of an entry of the room it is: 1, 2, 3, ...
        bot: True when a bot did it.
    """

    room: str
    seq: int
    emoji: str
    by: str
    count: int
    removed: bool = False
    change: int = 0
    bot: bool = False


@dataclass(frozen=True, slots=True)
class RoomUnread:
    """How far the user has read a room: it is the same on every program that the user has.

    Attributes:
        room: the room's name.
        read: seq of the last entry that was read.
        unread: how many came after it.
        mentions: how many of these had the user's name as a word of their own when they were said; counted to 99.
    """

    room: str
    read: int
    unread: int
    mentions: int


@dataclass(frozen=True, slots=True)
class UnreadChanged:
    """The user was mentioned in rooms elsewhere, or has read them in another program. Gathered over about a second.

    Attributes:
        rooms: how far each of these is read now.
    """

    rooms: tuple[RoomUnread, ...]
