"""Events about what was said: how far it was read, and what has become of it."""

from __future__ import annotations

from dataclasses import dataclass


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
