"""What one's own session is told: the welcome, answers, refusals, the end, the connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chatcore.entries import Position
from chatcore.events.messages import RoomUnread
from chatcore.events.rooms import RoomSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcomed:
    """The login succeeded: the first one, and that of every connection after it.

    Attributes:
        username, room: the user's name, and where the user is.
        token: takes this session back on another connection. A secret.
        client: the client id: with the token, what the sends are numbered under. A secret too.
        cid: the highest `cid` of this client that the server knows; the next send is numbered one higher.
        position: the head of the room's log.
        positions: of every log that the user receives (the room, `@` and `*`): what follows goes on after these.
        rooms, rooms_count: the room list, of which the first ones fit into a frame, and how many there are.
        users, users_count: the same of those who are in the room, the user too.
        resumed: True when the session goes on; False when it is new: the first one, or the grace period was over, or
            the server was started anew (then a client goes back to its room by itself).
        server, limits: what the server says of itself (`name`, `version`), and its limits that concern a client, by
            name (`text_bytes`, `recipients`, `file_bytes`, ...).
        numbers: `Posted.client` of one's own entries; only at the server.
        topic, role, private, slow: as in `RoomEntered`.
        unread: how far each room is read that the user was in, the present one too.
        account: name of the account that the user has shown to own; empty for a guest.
        bots: as in `RoomEntered`.
    """

    username: str
    room: str
    token: str = field(repr=False)
    client: str = field(repr=False)
    cid: int
    position: Position
    positions: Mapping[str, Position]
    rooms: tuple[RoomSummary, ...]
    rooms_count: int
    users: tuple[str, ...]
    users_count: int
    resumed: bool = False
    server: Mapping[str, Any] = field(default_factory=dict)
    limits: Mapping[str, Any] = field(default_factory=dict)
    numbers: str = ""
    topic: str = ""
    role: str = "member"
    private: bool = False
    slow: int = 0
    unread: tuple[RoomUnread, ...] = ()
    account: str = ""
    bots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LimitsChanged:
    """Other limits hold from now on than the welcome has told."""

    limits: Mapping[str, Any]
    """All that concern the client, as in `Welcomed`."""


@dataclass(frozen=True, slots=True)
class LimitsListed:
    """Reply to `ListLimits`."""

    limits: Mapping[str, Any]
    """By the names of `chatcore.limits.Limits`, as JSON values."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A request was carried out and there is nothing else to say."""

    cid: int | None = None
    """Set when a send was a repetition whose entry has left the log."""
    next_start: tuple[str, ...] = ()
    """To `ReloadSettings`: names of settings that are others now, and count from the next start on."""


@dataclass(frozen=True, slots=True)
class PingAnswered:
    """A sign of life that was asked for."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A request was refused; the connection and the session stay as they were."""

    code: str
    message: str
    cid: int | None = None
    retry_after: float | None = None
    """Seconds after which the same request may succeed."""
    values: Mapping[str, str | int | float] = field(default_factory=dict)
    """Names and numbers that belong to `message`, as `chatcore.text.reasons` knows them."""


@dataclass(frozen=True, slots=True)
class Dismissed:
    """The server says goodbye before it closes the connection on purpose. A client comes back by itself where it may.

    Attributes:
        code, message: why: `shutting_down`, `logged_out`, `replaced` (another connection has taken the session over),
            or another `chatcore.errors.ErrorCode`; and a sentence for people.
        reconnect_in: seconds after which to come back; None when the server does not ask for it.
    """

    code: str
    message: str
    reconnect_in: float | None = None


@dataclass(frozen=True, slots=True)
class ConnectionLost:
    """Client side: the connection is gone, or a try to make another one has failed; the next one will be tried.

    Attributes:
        reason: why, for people; it may be the server's words.
        retry_in: seconds until the next try. `Client.reconnect_now` makes it now.
        attempt: number of the next try: 1 for the first one after a good connection. One that lasts for less than five
            seconds is none, and the pauses go on growing, unless it lasts longer than they do.
        stranger: True, once after a good connection, when what answers at the server's address shows another key or
            a certificate that nobody vouches for: a hotel's login page, or somebody in between. Nothing is sent to it.
    """

    reason: str
    retry_in: float
    attempt: int
    stranger: bool = False


@dataclass(frozen=True, slots=True)
class TransportChosen:
    """Client side: of the transports that a `chat://` address leaves open, this one was the first to connect.

    Attributes:
        transport: URL scheme: `quic`, `ws` (not encrypted) or `wss`.
        why: `first`; `quic_silent` when QUIC gave no answer in time; `quic_failed` when something went wrong with it.
        detail: what went wrong with QUIC, for people; empty otherwise.
    """

    transport: str
    why: str
    detail: str
