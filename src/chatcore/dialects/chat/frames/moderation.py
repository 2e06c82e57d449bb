"""The frames of rooms that somebody looks after, as pydantic models."""

# Annotations are no texts here: pydantic would compile each of them at every start.

from typing import Annotated, Literal

from pydantic import Field

from chatcore.dialects.chat.frames.base import ByBot, Moment, Part, RequestFrame, Room, ServerFrame
from chatcore.limits import MAX_INTEGER, NOTE_CHARS, SLOW_SECONDS_MAX

_ONE_LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
"""Without control characters and what else ends a line."""
Reason = Annotated[str, Field(max_length=NOTE_CHARS, pattern=_ONE_LINE, description="Why, for people, on one line.")]
Seconds = Annotated[int | None, Field(ge=1, le=MAX_INTEGER, description="For how long; for ever when left out.")]
Username = Annotated[str, Field(description="Whom it is done to.")]


class SetTopic(RequestFrame):
    """Say what a room is about. Answered by `ok`; like all that is done to rooms, told by `moderated`."""

    type: Literal["set_topic"] = "set_topic"
    topic: str = Field(max_length=NOTE_CHARS, pattern=_ONE_LINE, description="One line; empty for none.")
    room: Room = None


class SetRole(RequestFrame):
    """Let a user be `owner` (instead of the present one), `moderator` or `member` of a room. Answered by `ok`."""

    type: Literal["set_role"] = "set_role"
    username: Username
    role: str
    room: Room = None


class Kick(RequestFrame):
    """Put a user out of a room; out of the default room, that is out of the server. Answered by `ok`."""

    type: Literal["kick"] = "kick"
    username: Username
    reason: Reason = ""
    room: Room = None


class Ban(RequestFrame):
    """Put a user out of a room and do not let that user in again. Answered by `ok`."""

    type: Literal["ban"] = "ban"
    username: Username
    seconds: Seconds = None
    reason: Reason = ""
    address: bool = Field(False, description="True to keep out whoever comes from the same network address, too.")
    room: Room = None


class Unban(RequestFrame):
    """Let a user in again. Answered by `ok`."""

    type: Literal["unban"] = "unban"
    username: Username
    room: Room = None


class Mute(RequestFrame):
    """Let a user listen only. Answered by `ok`."""

    type: Literal["mute"] = "mute"
    username: Username
    seconds: Seconds = None
    reason: Reason = ""
    room: Room = None


class Unmute(RequestFrame):
    """Let a user speak again. Answered by `ok`."""

    type: Literal["unmute"] = "unmute"
    username: Username
    room: Room = None


class Invite(RequestFrame):
    """Let a user into a private room. Answered by `ok`."""

    type: Literal["invite"] = "invite"
    username: Username
    room: Room = None


class SetPrivate(RequestFrame):
    """Let nobody in but who is invited, or everybody again. Answered by `ok`."""

    type: Literal["set_private"] = "set_private"
    private: bool
    room: Room = None


class SetSlow(RequestFrame):
    """Let each member say something every so many seconds only; 0 for as they like. Answered by `ok`."""

    type: Literal["set_slow"] = "set_slow"
    seconds: int = Field(ge=0, le=SLOW_SECONDS_MAX)
    room: Room = None


class CloseRoom(RequestFrame):
    """Put everybody into the default room; the room is gone, and what was said in it. Answered by `ok`."""

    type: Literal["close_room"] = "close_room"
    reason: Reason = ""
    room: Room = None


class ListActs(RequestFrame):
    """Ask what was done in rooms and to the server, and by whom: for operators. Answered by `acts`."""

    type: Literal["list_acts"] = "list_acts"
    after: int = Field(0, ge=0, le=MAX_INTEGER, description="Continue behind the one with this number.")


class ListBans(RequestFrame):
    """Ask who is banned from a room or muted there. Answered by `bans`."""

    type: Literal["list_bans"] = "list_bans"
    room: Room = None
    after: int = Field(0, ge=0, le=MAX_INTEGER, description="Continue behind the one with this number.")


class Told(Part):
    """What was done in a room."""

    room: str
    act: str = Field(description="The type of the request.")
    by: str = Field(description="Who did it; empty when it follows from something else: an owner has left.")
    target: str = Field("", description="Whom it was done to; left out when that is the room.")
    value: str | int | bool | None = Field(None, description="The topic, the role that the user has now, ...")
    until: Moment | None = Field(None, description="Until when it holds; for ever when left out.")
    reason: str = ""
    text: str = Field("", description="What the message says now.")
    change: int = Field(0, ge=0, le=MAX_INTEGER, description="Which change of an entry of the room it is.")
    bot: ByBot = False


class Moderated(ServerFrame, Told):
    """Something was done in a room by somebody who may. Everybody in it is told, and whoever it was done to."""

    type: Literal["moderated"] = "moderated"


class ActLine(Told):
    """One line of what was done in rooms, or to the server: `room` is empty then, unless it leads to one."""

    number: int = Field(ge=0, le=MAX_INTEGER, description="Later ones have higher numbers.")
    at: Moment
    address: str = Field("", description="Network address of who did it.")


class Acts(ServerFrame):
    """What was done, the oldest first. `more`: ask again with `after`."""

    type: Literal["acts"] = "acts"
    acts: list[ActLine]
    more: bool = False


class BanLine(Part):
    """One line of the list of those who are banned or muted."""

    number: int = Field(ge=0, le=MAX_INTEGER, description="Later ones have higher numbers.")
    username: str
    act: str = Field(description="`ban` or `mute`.")
    by: str
    at: Moment
    until: Moment | None = None
    reason: str = ""


class Bans(ServerFrame):
    """Who is banned from a room or muted there, the oldest first. `more`: ask again with `after`."""

    type: Literal["bans"] = "bans"
    room: str
    bans: list[BanLine]
    more: bool = False


REQUESTS: tuple[type[RequestFrame], ...] = (
    SetTopic, SetRole, Kick, Ban, Unban, Mute, Unmute, Invite, SetPrivate, SetSlow, CloseRoom, ListBans, ListActs,
)  # fmt: skip
SERVER_FRAMES: tuple[type[ServerFrame], ...] = (Moderated, Bans, Acts)
