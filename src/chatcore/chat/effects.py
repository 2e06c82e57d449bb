"""Effects: what follows from a record. Each node carries out those of its own connections, in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, NamedTuple

from chatcore.chat.kept.model import Room
from chatcore.chat.kept.offers import Transfer
from chatcore.events import ServerEvent
from chatcore.ports.transport import CloseReason

ConnectionId = int

NODE_BITS: Final = 32
"""The number of a connection is (incarnation of its node << NODE_BITS) + a number of its own."""


class LineKind(StrEnum):
    """What a line of the operator's log tells: stable words, which docs/host/operate.md explains."""

    LISTENING = "listening"
    STOPPED = "stopped"
    CONNECT = "connect"
    DISCONNECTED = "disconnected"
    TURNED_AWAY = "turned_away"
    TIMED_OUT = "timed_out"
    TOO_SLOW = "too_slow"
    WRONG_PASSWORD = "wrong_password"
    LOGIN = "login"
    RESUMED = "resumed"
    LOGOUT = "logout"
    EXPIRED = "expired"
    JOINED = "joined"
    LEFT = "left"
    RENAMED = "renamed"
    ROOM_CREATED = "room_created"
    ROOM_REMOVED = "room_removed"
    MODERATED = "moderated"
    OPERATOR = "operator"
    NO_OPERATOR = "no_operator"
    NAMED_BEFORE = "named_before"
    TAKEN_OVER = "taken_over"
    LOBBY_MOVED = "lobby_moved"
    ASKED_OF_HOST = "asked_of_host"
    LIMITS_SET = "limits_set"
    INVITED = "invited"
    REGISTERED = "registered"
    IDENTIFIED = "identified"
    ACCOUNT_RESET = "account_reset"
    ACCOUNT_DROPPED = "account_dropped"
    FILE_OFFERED = "file_offered"
    FILE_ACCEPTED = "file_accepted"
    FILE_DELIVERED = "file_delivered"
    FILE_FAILED = "file_failed"
    REFUSED = "refused"
    NOT_KEPT = "not_kept"
    KEPT_AGAIN = "kept_again"
    CUT_OFF = "cut_off"
    NOT_ARCHIVED = "not_archived"
    SNAPSHOT_NOT_KEPT = "snapshot_not_kept"
    STORE_FAILED = "store_failed"
    STORE_OLDER = "store_older"
    CLOCK_DOUBTED = "clock_doubted"
    ACCOUNTS_LOCKED = "accounts_locked"
    UNREADABLE = "unreadable"
    INTERNAL_ERROR = "internal_error"


@dataclass(frozen=True, slots=True)
class Deliver:
    """Send an event to one connection."""

    connection: ConnectionId
    event: ServerEvent


class Publish(NamedTuple):
    """Send an event to every connection in a room, or to everyone."""

    room: str | None
    """Key of the room; None for everyone."""
    event: ServerEvent
    skip: ConnectionId | None = None
    """A connection that does not get it, because it gets its own copy."""


@dataclass(frozen=True, slots=True)
class Subscribe:
    """From now on, this connection gets what is published in `room` (and no longer what is in another)."""

    connection: ConnectionId
    room: str
    """Its key."""
    heads: Mapping[str, int]
    """Per log key: the newest entry by then. What comes behind it is told, whatever is missed."""
    missed: Mapping[str, int]
    """Per log key: everything after this seq is replayed first. Of other logs, nothing is."""
    changes: int
    """How many changes of entries of the room are known."""
    is_behind: bool
    """True when something is to be told first, be it only what has become of entries."""


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """This connection gets nothing more that is published."""

    connection: ConnectionId


@dataclass(frozen=True, slots=True)
class Close:
    """Close this connection once everything before is on its way."""

    connection: ConnectionId
    reason: CloseReason


@dataclass(frozen=True, slots=True)
class Joined:
    """A user is in a room now."""

    room: Room
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Left:
    """A user is not in a room any more."""

    room: Room
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class RenamedInRoom:
    """A member of a room has another name now."""

    room: Room
    old_key: str
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class RoomChanged:
    """The line of a room in the room list is another one."""

    room: Room


@dataclass(frozen=True, slots=True)
class RoomRemoved:
    """A room is gone."""

    room: Room


@dataclass(frozen=True, slots=True)
class UnreadMoved:
    """The user of a connection was mentioned in a room elsewhere, or has read one in another program."""

    connection: ConnectionId
    room: Room


@dataclass(frozen=True, slots=True)
class FlowBegun:
    """A file begins to move, or goes on: the node of its sender and that of its receiver pass it on."""

    transfer: Transfer


@dataclass(frozen=True, slots=True)
class FlowResumed:
    """The sender of a file that moves is back, on another connection."""

    transfer: Transfer


@dataclass(frozen=True, slots=True)
class LimitsMoved:
    """Other limits hold from now on: users are told those that concern them."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """Write one line to the log of the operator."""

    what: LineKind
    fields: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""
    """Network address of who caused it."""


Effect = (
    Deliver
    | Publish
    | Subscribe
    | Unsubscribe
    | Close
    | Joined
    | Left
    | RenamedInRoom
    | RoomChanged
    | RoomRemoved
    | UnreadMoved
    | FlowBegun
    | FlowResumed
    | LimitsMoved
    | LogLine
)
