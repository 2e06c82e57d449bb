"""The frames about sessions, and what answers any request, as pydantic models."""

# Annotations are no texts here: pydantic would compile each of them at every start.

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from chatcore.dialects.chat.frames.accounts import Account
from chatcore.dialects.chat.frames.base import (
    Cid,
    LogName,
    Place,
    Private,
    RequestFrame,
    Role,
    ServerFrame,
    Slow,
    Topic,
)
from chatcore.dialects.chat.frames.messages import UnreadLine
from chatcore.dialects.chat.frames.rooms import RoomLine


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


class Rename(RequestFrame):
    """Change the username. Answered by `ok`; the room is told by `renamed`."""

    type: Literal["rename"] = "rename"
    username: str


class Operator(RequestFrame):
    """Look after the whole server, with the token that its host has given. Answered by `room`."""

    type: Literal["operator"] = "operator"
    token: str = Field(max_length=1000)


class ListLimits(RequestFrame):
    """Ask what the server allows: for operators. Answered by `all_limits`."""

    type: Literal["list_limits"] = "list_limits"


class Reload(RequestFrame):
    """Let the server read its settings and certificates again: for operators. Answered by `ok`."""

    type: Literal["reload"] = "reload"


class Drain(RequestFrame):
    """Let the server take nobody new, and end: for operators. Answered by `ok`."""

    type: Literal["drain"] = "drain"


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


class LimitsFrame(ServerFrame):
    """Other limits hold from now on than `welcome` has told: all of them, as there."""

    type: Literal["limits"] = "limits"
    limits: dict[str, Any]


class AllLimits(ServerFrame):
    """What the server allows, by the names of its settings."""

    type: Literal["all_limits"] = "all_limits"
    limits: dict[str, Any]


class Ok(ServerFrame):
    """A request was carried out."""

    type: Literal["ok"] = "ok"
    cid: Cid | None = Field(None, description="Set when a send was a repetition whose entry has left the log.")
    next_start: list[str] = Field(
        [], description="To `reload`: names of settings that are others now, and count from the next start on."
    )


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
    Login, Logout, Rename, Operator, ListLimits, Reload, Drain, Ping, Pong,
)  # fmt: skip
SERVER_FRAMES: tuple[type[ServerFrame], ...] = (Welcome, LimitsFrame, AllLimits, Ok, Error, Bye)
