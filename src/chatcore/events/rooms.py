"""What is told about rooms, and who is in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from chatcore.entries import Position
from chatcore.events.messages import RoomUnread


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


class UserSummary(NamedTuple):
    """One line of the user list: a username, and the room that the user is in.

    `address` is the network address, which is told to operators; `bot` as in `UserDescribed`.
    """

    # A tuple, because a list has up to a thousand of them.

    name: str
    room: str
    address: str | None = None
    bot: bool = False


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
        elsewhere: who of `left` is in another room now. A client is not told.
    """

    room: str
    joined: tuple[str, ...]
    left: tuple[str, ...]
    users: int
    bots: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()


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
