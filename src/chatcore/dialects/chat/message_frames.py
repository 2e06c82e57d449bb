"""The frames about what was said, as pydantic models: how far it was read, and what becomes of it."""

# Annotations are no texts here: pydantic would compile each of them at every start.

from typing import Annotated, Literal

from pydantic import Field

from chatcore.dialects.chat.frame_base import ByBot, Epoch, Moment, Part, RequestFrame, ServerFrame
from chatcore.limits import MAX_INTEGER

Room = Annotated[str | None, Field(description="The room where it counts; the present one when left out.")]


class Read(RequestFrame):
    """Say how far the user has read a room. Answered by `ok`."""

    type: Literal["read"] = "read"
    seq: int = Field(ge=0, le=MAX_INTEGER, description="Of the last entry that was read.")
    room: Room = None
    epoch: Epoch = ""


class UnreadLine(Part):
    """How far the user has read a room."""

    room: str
    read: int = Field(ge=0, le=MAX_INTEGER, description="Seq of the last entry that was read.")
    unread: int = Field(ge=0, le=MAX_INTEGER, description="How many came after it.")
    mentions: int = Field(0, ge=0, description="How many of these mention the user; counted to 99.")


class Unread(ServerFrame):
    """The user was mentioned in rooms elsewhere, or has read them in another program. About once a second."""

    type: Literal["unread"] = "unread"
    rooms: list[UnreadLine]


class React(RequestFrame):
    """Put an emoji below a message of a room; once each. Answered by `ok`, told by `reaction`."""

    type: Literal["react"] = "react"
    seq: int = Field(ge=1, le=MAX_INTEGER)
    emoji: str = Field(description="One emoji.")
    room: Room = None
    epoch: Epoch = ""


class Unreact(RequestFrame):
    """Take an emoji back. Answered by `ok`, told by `reaction`."""

    type: Literal["unreact"] = "unreact"
    seq: int = Field(ge=1, le=MAX_INTEGER)
    emoji: str
    room: Room = None
    epoch: Epoch = ""


class ReactionLine(Part):
    """One emoji below a message."""

    emoji: str
    count: int = Field(ge=0, le=MAX_INTEGER, description="How many users have put it there.")


class ReactionFrame(ServerFrame):
    """Somebody has put an emoji below a message, or has taken it back. Everybody in the room is told, and that user."""

    type: Literal["reaction"] = "reaction"
    room: str
    seq: int = Field(ge=1, le=MAX_INTEGER)
    emoji: str
    by: str = Field("", alias="from", description="Left out when it is told later, to who was away.")
    count: int = Field(ge=0, le=MAX_INTEGER, description="How many users have put it there now; with 0 it is gone.")
    removed: bool = False
    change: int = Field(0, ge=0, le=MAX_INTEGER, description="Which change of an entry of the room it is.")
    bot: ByBot = False


class Search(RequestFrame):
    """Look for messages in rooms that one may read. All that is given has to be so. Answered by `found`."""

    type: Literal["search"] = "search"
    words: str = Field("", max_length=1000, description="Each has to be in it, or begin a word of it.")
    sender: str | None = Field(None, alias="from", description="Username that its sender had then.")
    room: str | None = Field(None, description="Everywhere when left out.")
    since: Moment | None = Field(None, description="Not said before.")
    until: Moment | None = Field(None, description="Said before.")
    before: str | None = Field(None, max_length=200, description="Go on where a page ended: its `before`.")
    limit: int = Field(20, ge=1, le=100)


MESSAGE_REQUESTS: tuple[type[RequestFrame], ...] = (Read, React, Unreact, Search)
MESSAGE_SERVER_FRAMES: tuple[type[ServerFrame], ...] = (Unread, ReactionFrame)
