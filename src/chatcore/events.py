"""Events: facts, in the past tense. The chat makes them on the server; a client gets the same ones back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from chatcore.commands import Position
from chatcore.file_events import FileEvent, FileFailed, FileProgressed, FileReceived, FileSent

DIRECT_LOG: Final = "@"
"""Wire name of the log that holds a user's own direct messages."""
BROADCAST_LOG: Final = "*"
"""Wire name of the log that holds what was said to everyone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """An entry of a log: something a user said. It exists, is acknowledged and delivered once it is appended."""

    seq: int
    """Its number in its log: dense, from 1."""
    sender: str
    text: str
    at: float
    """When it was appended, in seconds since 1970 (UTC), by the server's clock."""
    client: str | None = None
    """The sender's client id; known to the server and to that client only."""
    cid: int | None = None
    """The sender's own number of it; only in the sender's copy, which is the acknowledgement."""
    replay: bool = False
    """True when it was sent while the receiver was away."""

    @property
    def log(self) -> str:
        """Wire name of the log it stands in."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePosted(Posted):
    """A message to a room."""

    room: str

    @property
    def log(self) -> str:
        """The room's name."""
        return self.room


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectPosted(Posted):
    """A direct message, as it stands in the log of one of its receivers or of its sender."""

    to: tuple[str, ...]

    @property
    def log(self) -> str:
        """Always `@`."""
        return DIRECT_LOG


@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastPosted(Posted):
    """A message to everyone connected."""

    @property
    def log(self) -> str:
        """Always `*`."""
        return BROADCAST_LOG


@dataclass(frozen=True, slots=True)
class RoomSummary:
    """One line of the room list."""

    name: str
    users: int
    seq: int
    """Head of the room's log: with one's own position it gives the number of unread messages."""


@dataclass(frozen=True, slots=True)
class UserSummary:
    """One line of the user list."""

    name: str
    room: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcomed:
    """The login succeeded."""

    username: str
    room: str
    token: str
    client: str
    cid: int
    """The highest `cid` of this client that the server knows; the next send is numbered one higher."""
    position: Position
    """The head of the log of the room that the user is in."""
    positions: Mapping[str, Position]
    """Of every log that the user receives (the room, `@` and `*`): what follows goes on after these."""
    rooms: tuple[RoomSummary, ...]
    """The first ones when there are more than fit."""
    rooms_count: int
    users: tuple[str, ...]
    """Who is in the room, the user too: the first ones when there are more than fit."""
    users_count: int
    resumed: bool = False
    server: Mapping[str, Any] = field(default_factory=dict)
    limits: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomEntered:
    """The user is in this room now. Also the fresh picture after a slow reader caught up."""

    room: str
    position: Position
    users: tuple[str, ...]
    users_count: int


@dataclass(frozen=True, slots=True)
class PresenceChanged:
    """Who came and went in a room, gathered over a short window."""

    room: str
    joined: tuple[str, ...]
    left: tuple[str, ...]
    users: int
    """How many are in the room afterwards."""


@dataclass(frozen=True, slots=True)
class RoomsChanged:
    """What changed in the room list, gathered over about a second."""

    rooms: tuple[RoomSummary, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UserRenamed:
    """A user of the room has another name now."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class GapFound:
    """Entries that cannot be replayed: `first` to `last` of `epoch` (none when `last < first`).

    An `epoch` other than the one known means that the log was lost and begins anew.
    """

    room: str
    epoch: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class RoomsListed:
    """Reply to `ListRooms`."""

    rooms: tuple[RoomSummary, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class UsersListed:
    """Reply to `ListUsers`."""

    users: tuple[UserSummary, ...]
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDescribed:
    """Reply to `WhoIs`."""

    username: str
    room: str
    since: float
    """When the session began, in seconds since 1970."""
    idle: float
    """Seconds since the user's last request."""
    transport: str
    dialect: str
    connected: bool
    """False during the grace period after a lost connection."""
    address: str | None = None
    """Only where the server allows it."""


@dataclass(frozen=True, slots=True)
class HistoryRead:
    """Reply to `ReadHistory`: entries in order."""

    room: str
    epoch: str
    messages: tuple[Posted, ...]


@dataclass(frozen=True, slots=True)
class Accepted:
    """A request was carried out and there is nothing else to say."""

    cid: int | None = None
    """Set when a send was a repetition whose entry has left the log."""


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


@dataclass(frozen=True, slots=True)
class Dismissed:
    """The server says goodbye before it closes the connection on purpose."""

    code: str
    message: str
    reconnect_in: float | None = None
    """Seconds after which to come back; None when coming back is pointless."""


ServerEvent = (
    Posted
    | Welcomed
    | RoomEntered
    | PresenceChanged
    | RoomsChanged
    | UserRenamed
    | GapFound
    | RoomsListed
    | UsersListed
    | UserDescribed
    | HistoryRead
    | Accepted
    | PingAnswered
    | Refused
    | Dismissed
    | FileEvent
)
"""What a server tells a client."""


@dataclass(frozen=True, slots=True)
class SendAcknowledged:
    """Client side: a send is in its log for good."""

    cid: int
    posted: Posted | None
    """The entry; None when it was acknowledged after it had left the log."""


@dataclass(frozen=True, slots=True)
class SendRefused:
    """Client side: a send was refused for good and will not be repeated."""

    cid: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class ConnectionLost:
    """Client side: the connection is gone; another one will be tried."""

    reason: str
    retry_in: float
    """Seconds until the next try."""
    attempt: int
    """1 for the first try after a good connection."""


@dataclass(frozen=True, slots=True)
class TransportChosen:
    """Client side: of the transports that a `chat://` address leaves open, this one was the first to connect."""

    transport: str
    """URL scheme: `quic`, `ws` (not encrypted) or `wss`."""
    why: str
    """`first`; `quic_silent`: QUIC gave no answer in time; `quic_failed`: `detail` says what went wrong with it."""
    detail: str


ClientEvent = (
    ServerEvent
    | SendAcknowledged
    | SendRefused
    | ConnectionLost
    | TransportChosen
    | FileProgressed
    | FileReceived
    | FileSent
    | FileFailed
)
"""What a client program sees."""
