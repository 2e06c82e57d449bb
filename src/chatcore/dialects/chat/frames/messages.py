"""The frames about what is said, as pydantic models: how it is said and read again, and what becomes of it."""

# Annotations are no texts here: pydantic would compile each of them at every start.

from typing import Annotated, Literal

from pydantic import Field

from chatcore.dialects.chat.frames.base import (
    ByBot,
    Cid,
    Epoch,
    LogName,
    Moment,
    Part,
    RequestFrame,
    Room,
    Seq,
    ServerFrame,
)
from chatcore.limits import HISTORY_MOST, MAX_INTEGER


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


class History(RequestFrame):
    """Ask for entries of a log: the newest, those before a seq, or those after one. Answered by `history`."""

    type: Literal["history"] = "history"
    room: LogName
    before: Seq | None = None
    after: Seq | None = None
    limit: int = Field(50, ge=1, le=HISTORY_MOST)


class DeleteMessage(RequestFrame):
    """Take away what a message says: one's own, or as a moderator anybody's. Answered by `ok`, told by `moderated`."""

    type: Literal["delete_message"] = "delete_message"
    seq: int = Field(ge=1, le=MAX_INTEGER)
    room: Room = None
    epoch: Epoch = ""


class EditMessage(RequestFrame):
    """Let one's own message say something else. Answered by `ok`, told by `moderated`."""

    type: Literal["edit_message"] = "edit_message"
    seq: int = Field(ge=1, le=MAX_INTEGER)
    text: str
    room: Room = None
    epoch: Epoch = ""


class Read(RequestFrame):
    """Say how far the user has read a room. Answered by `ok`."""

    type: Literal["read"] = "read"
    seq: int = Field(ge=0, le=MAX_INTEGER, description="Of the last entry that was read.")
    room: Room = None
    epoch: Epoch = ""


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


class ReactionLine(Part):
    """One emoji below a message."""

    emoji: str
    count: int = Field(ge=0, le=MAX_INTEGER, description="How many users have put it there.")


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


class Gap(ServerFrame):
    """Entries `from` to `to` cannot be replayed (none when `to < from`). Another `epoch`: the log begins anew."""

    type: Literal["gap"] = "gap"
    room: LogName
    epoch: str
    first: int = Field(alias="from")
    last: int = Field(alias="to")


class UnreadLine(Part):
    """How far the user has read a room."""

    room: str
    read: int = Field(ge=0, le=MAX_INTEGER, description="Seq of the last entry that was read.")
    unread: int = Field(ge=0, le=MAX_INTEGER, description="How many came after it.")
    mentions: int = Field(0, ge=0, description="How many of these mentioned the user when they were said, up to 99.")


class Unread(ServerFrame):
    """The user was mentioned in rooms elsewhere, or has read them in another program. About once a second."""

    type: Literal["unread"] = "unread"
    rooms: list[UnreadLine]


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


REQUESTS: tuple[type[RequestFrame], ...] = (
    SendMessage, SendDirect, SendBroadcast, History, DeleteMessage, EditMessage, Read, React, Unreact, Search,
)  # fmt: skip
SERVER_FRAMES: tuple[type[ServerFrame], ...] = (
    Message, Direct, Broadcast, HistoryReply, FoundFrame, Gap, Unread, ReactionFrame,
)  # fmt: skip
