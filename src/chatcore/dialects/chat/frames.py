"""Every frame of the `chat` dialect, as pydantic models: they validate what comes in and describe the schema."""

# Annotations are no texts here: pydantic would compile each of them at every start.

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from chatcore.dialects.chat.account_frames import ACCOUNT_REQUESTS, ACCOUNT_SERVER_FRAMES, Account
from chatcore.dialects.chat.file_frames import FILE_REQUESTS, FILE_SERVER_FRAMES
from chatcore.dialects.chat.frame_base import (
    ByBot,
    Epoch,
    Moment,
    Part,
    Private,
    RequestFrame,
    Role,
    ServerFrame,
    Slow,
    Topic,
)
from chatcore.dialects.chat.message_frames import MESSAGE_REQUESTS, MESSAGE_SERVER_FRAMES, ReactionLine, UnreadLine
from chatcore.dialects.chat.room_frames import ROOM_REQUESTS, ROOM_SERVER_FRAMES
from chatcore.limits import MAX_INTEGER

Seq = Annotated[int, Field(ge=0, le=MAX_INTEGER, description="Number of an entry in its log: dense, from 1.")]
Cid = Annotated[
    int,
    Field(
        ge=1,
        le=MAX_INTEGER,
        description="The client's own number of this send: 1, 2, 3, ... over all its sends.",
    ),
]
LogName = Annotated[str, Field(description="A room's name, `@` for one's own direct messages or `*` for broadcasts.")]
Bot = Annotated[bool, Field(description="A program plays the user, and has said so when it logged in.")]


class Place(Part):
    """A place in a log."""

    epoch: str = Field(description="Changes whenever the log may have lost something.")
    seq: Seq
    changes: int | None = Field(
        None,
        ge=0,
        le=MAX_INTEGER,
        description="How often something has become of entries; 0 when a server leaves it out.",
    )


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


class Login(RequestFrame):
    """Take a username, or take a session back with its token."""

    type: Literal["login"] = "login"
    username: str
    client: str | None = Field(None, description="Persistent random id of the client program.")
    token: str | None = Field(None, description="From an earlier welcome; with it the session is resumed.")
    since: dict[LogName, Place] = Field({}, max_length=64, description="Last known position of each log.")
    password: str | None = Field(
        None,
        description="Of the account, where one is named; otherwise of the server, and where it has none, of the "
        "account that the username belongs to.",
    )
    account: str | None = Field(None, description="Name of the account whose owner logs in.")
    server_password: str | None = Field(None, description="Of the server, beside one of an account.")
    invitation: str | None = Field(None, description="What an invitation says, instead of the server's password.")
    operator_token: str | None = Field(None, description="Of the operators, who need neither password nor account.")
    bot: bool = Field(False, description="A program answers by itself. Everybody is told so.")


class Logout(RequestFrame):
    """End the session now; name and room are given up at once."""

    type: Literal["logout"] = "logout"


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


class SendMessage(RequestFrame):
    """Say something in the room the sender is in. Answered by the sender's own copy of the `message`."""

    type: Literal["send_message"] = "send_message"
    text: str
    cid: Cid | None = None
    room: str | None = Field(None, description="Where the sender believes to be; refused when that is not so.")
    reply_to: int | None = Field(None, ge=1, le=MAX_INTEGER, description="Seq of the message that it answers.")
    epoch: Epoch = ""


class SendDirect(RequestFrame):
    """Say something to one or several users. Answered by the sender's own copy of the `direct`."""

    type: Literal["send_direct"] = "send_direct"
    to: list[str] | str
    text: str
    cid: Cid | None = None


class SendBroadcast(RequestFrame):
    """Say something to everyone connected. Answered by the sender's own copy of the `broadcast`."""

    type: Literal["broadcast"] = "broadcast"
    text: str
    cid: Cid | None = None


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


class Rename(RequestFrame):
    """Change the username. Answered by `ok`; the room is told by `renamed`."""

    type: Literal["rename"] = "rename"
    username: str


class History(RequestFrame):
    """Ask for entries of a log: the newest, those before a seq, or those after one. Answered by `history`."""

    type: Literal["history"] = "history"
    room: LogName
    before: Seq | None = None
    after: Seq | None = None
    limit: int = Field(50, ge=1, le=500)


class Ping(RequestFrame):
    """Ask for a sign of life; either side may. Answered by `pong`."""

    sent_by: ClassVar[str] = "both"
    type: Literal["ping"] = "ping"


class Pong(RequestFrame):
    """Answer to a `ping`."""

    sent_by: ClassVar[str] = "both"
    type: Literal["pong"] = "pong"


class Welcome(ServerFrame):
    """The login succeeded."""

    type: Literal["welcome"] = "welcome"
    username: str
    room: str
    session: dict[str, Any] = Field(description="`token`: with it the session can be resumed. Keep it secret.")
    client: str
    cid: int = Field(0, ge=0, description="Highest cid of this client that the server knows.")
    position: Place
    positions: dict[LogName, Place] = Field({})
    rooms: list[RoomLine] = Field(description="The first ones when there are more than fit: see `rooms_count`.")
    rooms_count: int = 0
    users: list[str] = Field(description="The first ones when there are more than fit: see `users_count`.")
    users_count: int = 0
    resumed: bool = False
    server: dict[str, Any] = Field({})
    limits: dict[str, Any] = Field({})
    topic: Topic = ""
    role: Role = "member"
    private: Private = False
    slow: Slow = 0
    unread: list[UnreadLine] = Field([], description="Of each room that the user was in, the present one too.")
    account: Account = ""
    bots: list[str] = Field([], description="Who in the room is a bot; the first ones of very many.")


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


class PostedFrame(ServerFrame):
    """An entry of a log."""

    seq: Seq
    sender: str = Field(alias="from")
    text: str
    at: Moment
    cid: Cid | None = Field(None, description="Only in the sender's own copy, which is the acknowledgement.")
    replay: bool = Field(False, description="Sent while the receiver was away.")
    deleted: bool = Field(False, description="The text was taken away; this stands in its place.")
    edited: bool = Field(False, description="The text is another one than what was said.")
    bot: ByBot = False


class Message(PostedFrame):
    """A message to a room. Every member gets it, the sender too."""

    type: Literal["message"] = "message"
    room: str
    reply_to: int | None = Field(None, ge=1, le=MAX_INTEGER, description="Seq of the message that it answers.")
    reactions: list[ReactionLine] = Field([], description="The emojis below it.")
    mine: list[str] = Field([], description="Those of them that the user has put there.")


class Direct(PostedFrame):
    """A direct message. `seq` counts in the receiver's own log, `@`."""

    type: Literal["direct"] = "direct"
    to: list[str]


class Broadcast(PostedFrame):
    """A message to everyone connected. `seq` counts in the log `*`."""

    type: Literal["broadcast"] = "broadcast"


Entry = Annotated[Message | Direct | Broadcast, Field(discriminator="type")]


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


class HistoryReply(ServerFrame):
    """Entries of a log, in order."""

    type: Literal["history"] = "history"
    room: LogName
    epoch: str = ""
    messages: list[Entry]


class FoundFrame(ServerFrame):
    """Messages that were found, the newest first. With `before` there is more: ask again with it."""

    type: Literal["found"] = "found"
    messages: list[Message]
    before: str | None = Field(None, description="Left out when that was all. There may be more, and nothing here.")


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


class Gap(ServerFrame):
    """Entries `from` to `to` cannot be replayed (none when `to < from`). Another `epoch`: the log begins anew."""

    type: Literal["gap"] = "gap"
    room: LogName
    epoch: str
    first: int = Field(alias="from")
    last: int = Field(alias="to")


class Ok(ServerFrame):
    """A request was carried out."""

    type: Literal["ok"] = "ok"
    cid: Cid | None = Field(None, description="Set when a send was a repetition whose entry has left the log.")


def _object(found: object) -> object:
    return found if isinstance(found, dict) else {}  # what is optional ends no connection


class Error(ServerFrame):
    """A request was refused. `code` is stable, `message` is for people."""

    type: Literal["error"] = "error"
    code: str
    message: str = ""
    cid: Cid | None = None
    retry_after: float | None = Field(None, description="Seconds after which the same request may succeed.")
    values: Annotated[dict[str, Any], BeforeValidator(_object)] = Field(
        default_factory=dict,
        description="What `message` is about, for saying it in another language: texts and numbers by their names. "
        "There may be others, or none.",
    )


class Bye(ServerFrame):
    """The server is about to close the connection on purpose."""

    type: Literal["bye"] = "bye"
    code: str
    message: str = ""
    reconnect_in: float | None = Field(None, description="Seconds after which to come back, if at all.")


REQUESTS: tuple[type[RequestFrame], ...] = (
    Login, Logout, CreateRoom, JoinRoom, LeaveRoom, SendMessage, SendDirect, SendBroadcast,
    ListRooms, ListUsers, WhoIs, Rename, History, Ping, Pong,
    *ACCOUNT_REQUESTS, *ROOM_REQUESTS, *MESSAGE_REQUESTS, *FILE_REQUESTS,
)  # fmt: skip
SERVER_FRAMES: tuple[type[ServerFrame], ...] = (
    Welcome, RoomFrame, Message, Direct, Broadcast, Rooms, Users, User, HistoryReply, FoundFrame, Presence,
    RoomsChangedFrame, Renamed, Gap, Ok, Error, Bye, *ACCOUNT_SERVER_FRAMES, *ROOM_SERVER_FRAMES,
    *MESSAGE_SERVER_FRAMES, *FILE_SERVER_FRAMES,
)  # fmt: skip
