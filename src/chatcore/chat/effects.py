"""Effects: what the chat asks of the outside. The switchboard carries them out, in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chatcore.events import ServerEvent
from chatcore.file_events import ChunkReceived
from chatcore.ports.transport import CloseReason

ConnectionId = int


@dataclass(frozen=True, slots=True)
class Deliver:
    """Send an event to one connection."""

    connection: ConnectionId
    event: ServerEvent
    reply_to: str | None = None
    """The `id` of the request that this answers."""


@dataclass(frozen=True, slots=True)
class Relay:
    """Send a chunk of a file to one connection, behind what the chat has to say to it."""

    connection: ConnectionId
    event: ChunkReceived


@dataclass(frozen=True, slots=True)
class Publish:
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
    inbox: str
    """Key of the log of the user's direct messages."""
    after: Mapping[str, int] | None = None
    """Per log key: everything after this seq is replayed first. None: nothing is."""


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
class Hold:
    """The request was not looked at: hand it over again at `until`, and nothing of this connection before."""

    connection: ConnectionId
    until: float
    """In seconds of the monotonic clock."""


@dataclass(frozen=True, slots=True)
class WakeAt:
    """Call `Chat.handle_timer` at this time of the monotonic clock, in seconds."""

    when: float


@dataclass(frozen=True, slots=True)
class Record:
    """Write one line to the log of the operator."""

    what: str
    """connect, login, room_created, joined, left, refused, disconnected, ..."""
    fields: Mapping[str, Any] = field(default_factory=dict)
    source: int | str = ""
    """Who caused it: a connection for a refusal, a network address for everything else."""


Effect = Deliver | Relay | Publish | Subscribe | Unsubscribe | Close | Hold | WakeAt | Record
