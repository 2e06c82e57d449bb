"""Events about what was said: how far it was read, and what has become of it."""

from __future__ import annotations

from dataclasses import dataclass


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
        mentions: how many of these have the user's name as a word of their own; counted to 99.
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
