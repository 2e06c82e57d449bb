"""What is said, and what becomes of it, as frames and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pydantic import BaseModel

from chatcore import commands as c
from chatcore import events as e
from chatcore.dialects.chat.codec.times import moment, moment_or_none, seconds, seconds_or_none
from chatcore.dialects.chat.frames import messages as f
from chatcore.dialects.chat.json_text import without_none

Frame = dict[str, Any]


def unread_line(line: e.RoomUnread) -> Frame:
    """Return how far a room is read, as a part of a frame."""
    return {"room": line.room, "read": line.read, "unread": line.unread, "mentions": line.mentions}


def room_unread(line: f.UnreadLine) -> e.RoomUnread:
    """Return what `unread_line` was given."""
    return e.RoomUnread(line.room, line.read, line.unread, line.mentions)


def reaction_lines(reactions: tuple[e.Reaction, ...]) -> list[Frame]:
    """Return the emojis below a message, as a part of a frame; who has put them there is told to nobody."""
    return [{"emoji": each.emoji, "count": each.count} for each in reactions]


def mine(reactions: tuple[e.Reaction, ...], numbers: str) -> list[str]:
    """Return which of them were put there by whoever numbers sends so."""
    return [each.emoji for each in reactions if numbers in each.by]


def reactions(lines: list[f.ReactionLine], mine: list[str]) -> tuple[e.Reaction, ...]:
    """Return the emojis below a message, as a client knows them."""
    return tuple(e.Reaction(line.emoji, line.count, line.emoji in mine) for line in lines)


def _reaction(event: e.ReactionChanged) -> Frame:
    frame: Frame = {"type": "reaction", "room": event.room, "seq": event.seq, "emoji": event.emoji}
    if event.by:
        frame["from"] = event.by
    frame["count"] = event.count
    if event.removed:
        frame["removed"] = True
    if event.change:
        frame["change"] = event.change
    if event.bot:
        frame["bot"] = True
    return frame


def _posted(kind: str, event: e.Posted, **where: Any) -> Frame:
    frame = {
        "type": kind,
        **where,
        "seq": event.seq,
        "from": event.sender,
        "text": event.text,
        "at": moment(event.at),
    }
    frame |= {mark: True for mark in ("replay", "deleted", "edited", "bot") if getattr(event, mark)}
    return frame


def _message(event: e.MessagePosted) -> Frame:
    frame = _posted("message", event, room=event.room)
    if event.reply_to is not None:
        frame["reply_to"] = event.reply_to
    if event.reactions:
        frame["reactions"] = reaction_lines(event.reactions)
    return frame


_ENTRIES_OUT: Final[dict[type, Callable[[Any], Frame]]] = {
    e.MessagePosted: _message,
    e.DirectPosted: lambda event: _posted("direct", event, to=list(event.to)),
    e.BroadcastPosted: lambda event: _posted("broadcast", event),
}


def _common(frame: f.PostedFrame) -> dict[str, Any]:
    return {
        "seq": frame.seq,
        "sender": frame.sender,
        "text": frame.text,
        "at": seconds(frame.at),
        "cid": frame.cid,
        "replay": frame.replay,
        "deleted": frame.deleted,
        "edited": frame.edited,
        "bot": frame.bot,
    }


def _message_posted(frame: f.Message) -> e.MessagePosted:
    return e.MessagePosted(
        room=frame.room,
        reply_to=frame.reply_to,
        reactions=reactions(frame.reactions, frame.mine),
        **_common(frame),
    )


_ENTRIES_IN: Final[dict[type[BaseModel], Callable[[Any], e.Posted]]] = {
    f.Message: _message_posted,
    f.Direct: lambda frame: e.DirectPosted(to=tuple(frame.to), **_common(frame)),
    f.Broadcast: lambda frame: e.BroadcastPosted(**_common(frame)),
}


def _about(
    kind: str, command: c.DeleteMessage | c.EditMessage | c.MarkRead | c.React | c.Unreact, **more: str
) -> Frame:
    return {"type": kind, "seq": command.seq, **more, "room": command.room, "epoch": command.epoch or None}


COMMANDS_OUT: Final[dict[type, Callable[[Any], Frame]]] = {
    c.SendMessage: lambda command: {
        "type": "send_message",
        "text": command.text,
        "cid": command.cid,
        "room": command.room,
        "reply_to": command.reply_to,
        "epoch": command.epoch or None,
    },
    c.SendDirect: lambda command: {
        "type": "send_direct",
        "to": list(command.to),
        "text": command.text,
        "cid": command.cid,
    },
    c.SendBroadcast: lambda command: {"type": "broadcast", "text": command.text, "cid": command.cid},
    c.ReadHistory: lambda command: {
        "type": "history",
        "room": command.room,
        "before": command.before,
        "after": command.after,
        "limit": command.limit,
    },
    c.DeleteMessage: lambda command: _about("delete_message", command),
    c.EditMessage: lambda command: _about("edit_message", command, text=command.text),
    c.MarkRead: lambda command: _about("read", command),
    c.React: lambda command: _about("react", command, emoji=command.emoji),
    c.Unreact: lambda command: _about("unreact", command, emoji=command.emoji),
    c.Search: lambda command: {
        "type": "search",
        "words": command.words,
        "from": command.sender,
        "room": command.room,
        "since": moment_or_none(command.since),
        "until": moment_or_none(command.until),
        "before": command.before,
        "limit": command.limit,
    },
}
COMMANDS_IN: Final[dict[type[BaseModel], Callable[[Any], c.Command]]] = {
    f.SendMessage: lambda frame: c.SendMessage(frame.text, frame.cid, frame.room, frame.reply_to, frame.epoch),
    f.SendDirect: lambda frame: c.SendDirect(
        (frame.to,) if isinstance(frame.to, str) else tuple(frame.to), frame.text, frame.cid
    ),
    f.SendBroadcast: lambda frame: c.SendBroadcast(frame.text, frame.cid),
    f.History: lambda frame: c.ReadHistory(frame.room, frame.before, frame.after, frame.limit),
    f.DeleteMessage: lambda frame: c.DeleteMessage(frame.seq, frame.room, frame.epoch),
    f.EditMessage: lambda frame: c.EditMessage(frame.seq, frame.text, frame.room, frame.epoch),
    f.Read: lambda frame: c.MarkRead(frame.seq, frame.room, frame.epoch),
    f.React: lambda frame: c.React(frame.seq, frame.emoji, frame.room, frame.epoch),
    f.Unreact: lambda frame: c.Unreact(frame.seq, frame.emoji, frame.room, frame.epoch),
    f.Search: lambda frame: c.Search(
        frame.words,
        frame.sender,
        frame.room,
        seconds_or_none(frame.since),
        seconds_or_none(frame.until),
        frame.before,
        frame.limit,
    ),
}
EVENTS_OUT: Final[dict[type, Callable[[Any], Frame]]] = {
    **_ENTRIES_OUT,
    e.HistoryRead: lambda event: {
        "type": "history",
        "room": event.room,
        "epoch": event.epoch,
        "messages": [_ENTRIES_OUT[type(entry)](entry) for entry in event.messages],
    },
    e.MessagesFound: lambda event: without_none(
        {"type": "found", "messages": list(map(_message, event.messages)), "before": event.before}
    ),
    e.GapFound: lambda event: {
        "type": "gap",
        "room": event.room,
        "epoch": event.epoch,
        "from": event.first,
        "to": event.last,
    },
    e.UnreadChanged: lambda event: {"type": "unread", "rooms": list(map(unread_line, event.rooms))},
    e.ReactionChanged: _reaction,
}
EVENTS_IN: Final[dict[type[BaseModel], Callable[[Any], e.ServerEvent]]] = {
    **_ENTRIES_IN,
    f.HistoryReply: lambda frame: e.HistoryRead(
        frame.room, frame.epoch, tuple(_ENTRIES_IN[type(entry)](entry) for entry in frame.messages)
    ),
    f.FoundFrame: lambda frame: e.MessagesFound(tuple(map(_message_posted, frame.messages)), frame.before),
    f.Gap: lambda frame: e.GapFound(frame.room, frame.epoch, frame.first, frame.last),
    f.Unread: lambda frame: e.UnreadChanged(tuple(map(room_unread, frame.rooms))),
    f.ReactionFrame: lambda frame: e.ReactionChanged(
        room=frame.room,
        seq=frame.seq,
        emoji=frame.emoji,
        by=frame.by,
        count=frame.count,
        removed=frame.removed,
        change=frame.change,
        bot=frame.bot,
    ),
}
