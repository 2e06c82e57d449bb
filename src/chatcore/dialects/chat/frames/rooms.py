"""The frames about rooms and who is in them, as pydantic models."""

# Annotations are no texts here: pydantic would compile each of them at every start.

from typing import Literal

from pydantic import Field

from chatcore.dialects.chat.frames.accounts import Account
from chatcore.dialects.chat.frames.base import (
    Bot,
    Moment,
    Part,
    Place,
    Private,
    RequestFrame,
    Role,
    Seq,
    ServerFrame,
    Slow,
    Topic,
)
from chatcore.dialects.chat.frames.messages import UnreadLine


class CreateRoom(RequestFrame):
    """Create a room and enter it. Answered by `room`."""

    type: Literal["create_room"] = "create_room"
    room: str


class JoinRoom(RequestFrame):
    """Enter a room and leave the present one. Answered by `room`."""

    type: Literal["join_room"] = "join_room"
    room: str
    since: Place | None = Field(None, description="Last known position of its log; what came after it is replayed.")


class LeaveRoom(RequestFrame):
    """Go back to the default room. Answered by `room`."""

    type: Literal["leave_room"] = "leave_room"


class ListRooms(RequestFrame):
    """Ask which rooms there are. Answered by `rooms`."""

    type: Literal["list_rooms"] = "list_rooms"
    after: str | None = Field(None, description="Continue behind this name.")


class ListUsers(RequestFrame):
    """Ask who is there. Answered by `users`."""

    type: Literal["list_users"] = "list_users"
    room: str | None = None
    after: str | None = Field(None, description="Continue behind this name.")


class WhoIs(RequestFrame):
    """Ask about one user. Answered by `user`."""

    type: Literal["whois"] = "whois"
    username: str


class RoomLine(Part):
    """One line of the room list."""

    name: str
    users: int = Field(ge=0)
    seq: Seq


class UserLine(Part):
    """One line of the user list."""

    name: str
    room: str
    address: str | None = Field(None, description="The network address; only told to operators.")
    bot: Bot = False


class RoomFrame(ServerFrame):
    """The user is in this room now. Also the fresh picture after a slow reader caught up."""

    type: Literal["room"] = "room"
    room: str
    position: Place
    users: list[str]
    users_count: int = 0
    topic: Topic = ""
    role: Role = "member"
    private: Private = False
    slow: Slow = 0
    unread: UnreadLine | None = None
    bots: list[str] = Field([], description="Who in the room is a bot; the first ones of very many.")


class Rooms(ServerFrame):
    """The rooms, by name. `more`: ask again with `after`."""

    type: Literal["rooms"] = "rooms"
    rooms: list[RoomLine]
    more: bool = False


class Users(ServerFrame):
    """The users, by name. `more`: ask again with `after`."""

    type: Literal["users"] = "users"
    users: list[UserLine]
    more: bool = False


class User(ServerFrame):
    """About one user."""

    type: Literal["user"] = "user"
    username: str
    room: str
    since: Moment
    idle: float = Field(ge=0, description="Seconds since the last request.")
    transport: str
    dialect: str
    connected: bool = True
    address: str | None = None
    role: Role = "member"
    account: Account | None = None
    bot: Bot = False


class Presence(ServerFrame):
    """Who came and went in a room."""

    type: Literal["presence"] = "presence"
    room: str
    joined: list[str]
    left: list[str]
    users: int = Field(description="How many are in the room afterwards.")
    bots: list[str] = Field([], description="Who of those who came is a bot.")


class RoomsChangedFrame(ServerFrame):
    """What changed in the room list, gathered over about a second."""

    type: Literal["rooms_changed"] = "rooms_changed"
    rooms: list[RoomLine]
    removed: list[str]


class Renamed(ServerFrame):
    """A user of the room has another name now."""

    type: Literal["renamed"] = "renamed"
    old: str = Field(alias="from")
    new: str = Field(alias="to")


REQUESTS: tuple[type[RequestFrame], ...] = (CreateRoom, JoinRoom, LeaveRoom, ListRooms, ListUsers, WhoIs)
SERVER_FRAMES: tuple[type[ServerFrame], ...] = (RoomFrame, Rooms, Users, User, Presence, RoomsChangedFrame, Renamed)
