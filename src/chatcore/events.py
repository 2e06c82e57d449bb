"""Events: facts, in the past tense. The chat makes them on the server; a client gets the same ones back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from chatcore.commands import Position
from chatcore.file_events import FileEvent, FileFailed, FileProgressed, FileReceived, FileSent, WayChosen
from chatcore.file_events import FileOffered as FileOffered  # noqa: PLC0414
from chatcore.message_events import Reaction, RoomUnread, UnreadChanged
from chatcore.message_events import ReactionChanged as ReactionChanged  # noqa: PLC0414
from chatcore.room_events import ActsListed as ActsListed  # noqa: PLC0414
from chatcore.room_events import BansListed as BansListed  # noqa: PLC0414
from chatcore.room_events import InvitationMade as InvitationMade  # noqa: PLC0414
from chatcore.room_events import InvitationsListed as InvitationsListed  # noqa: PLC0414
from chatcore.room_events import RoomEvent
from chatcore.room_events import RoomModerated as RoomModerated  # noqa: PLC0414

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
class RoomSummary:
    """One line of the room list.

    Attributes:
        name, users: the room's name, as it was typed when it was created, and how many are in it.
        seq: head of the room's log: with one's own position it gives the number of unread messages.
    """

    name: str
    users: int
    seq: int


@dataclass(frozen=True, slots=True)
class UserSummary:
    """One line of the user list: a username, and the room that the user is in.

    `address` is the network address, which is told to operators; `bot` as in `UserDescribed`.
    """

    name: str
    room: str
    address: str | None = None
    bot: bool = False


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
    token: str
    client: str
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


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomEntered:
    """The user is in this room now, or was put into it. Also the fresh picture after a slow reader caught up.

    Attributes:
        room, position: the room's name, and the head of its log; what is said from now on has the next `seq`.
        users, users_count: who is in it, the user too, of which the first ones fit into a frame; and how many.
        topic: what it is about, in somebody's words; empty when nobody has said.
        role: what the user is there: `operator`, `owner`, `moderator`, `member` or `muted`.
        private: True when only who is invited may come in.
        slow: for how many seconds a member has to wait between two messages; 0 for none.
        unread: how far the user has read it; None where the server does not say.
        bots: who of `users`, or of all when there are more, is a bot; the first ones of very many.
    """

    room: str
    position: Position
    users: tuple[str, ...]
    users_count: int
    topic: str = ""
    role: str = "member"
    private: bool = False
    slow: int = 0
    unread: RoomUnread | None = None
    bots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PresenceChanged:
    """Who came and went in a room, gathered over a window (`Limits.presence_window`; longer in a large room).

    Attributes:
        room: the room's name; to a client always the one that it is in.
        joined: usernames of those who came.
        left: usernames of those who went. A user whose connection is lost stays for the grace period.
        users: how many are in the room afterwards.
        bots: who of `joined` is a bot.
    """

    room: str
    joined: tuple[str, ...]
    left: tuple[str, ...]
    users: int
    bots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RoomsChanged:
    """What changed in the room list, gathered over about a second (`Limits.rooms_window`). `Client.rooms` has it all.

    Attributes:
        rooms: lines that are new, or have another number of users or another `seq`.
        removed: names of rooms that are gone.
    """

    rooms: tuple[RoomSummary, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UserRenamed:
    """A user of the room, perhaps the receiver of this, has another name now: `new` instead of `old`."""

    old: str
    new: str


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
class RoomsListed:
    """Reply to `ListRooms`, in the order of the names (`more`: ask again), or the list for a reader that caught up."""

    rooms: tuple[RoomSummary, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class UsersListed:
    """Reply to `ListUsers`, in the order of the names; `more`: ask again, behind the last one."""

    users: tuple[UserSummary, ...]
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDescribed:
    """Reply to `WhoIs`.

    Attributes:
        username, room: the user's name, as it was typed, and where the user is.
        since: when the session began, in seconds since 1970.
        idle: seconds since the user's last request.
        transport, dialect: what the user is connected by: `ws`, `wss`, `quic`, ..., and `chat`, ...
        connected: False during the grace period after a lost connection.
        address: the network address; None where the server does not tell it (`ChatServer(show_addresses=...)`).
        role: what the user is in that room, as in `RoomEntered`.
        account: name of the account that the user has shown to own; None for a guest.
        bot: True when a program plays the user, and has said so when it logged in.
    """

    username: str
    room: str
    since: float
    idle: float
    transport: str
    dialect: str
    connected: bool
    address: str | None = None
    role: str = "member"
    account: str | None = None
    bot: bool = False


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


ServerEvent = (
    Posted
    | Welcomed
    | RoomEntered
    | PresenceChanged
    | RoomsChanged
    | UserRenamed
    | UnreadChanged
    | ReactionChanged
    | GapFound
    | RoomsListed
    | UsersListed
    | UserDescribed
    | HistoryRead
    | MessagesFound
    | Accepted
    | PingAnswered
    | Refused
    | Dismissed
    | RoomEvent
    | FileEvent
)
"""What a server tells a client."""


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
            says `connection_lost`: the connection ended each time that it was sent, six times, and the rest goes out.
        values: as those of `Refused`.
    """

    cid: int
    code: str
    message: str
    values: Mapping[str, str | int | float] = field(default_factory=dict)


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
    | WayChosen
)
"""What a client program sees."""
