"""The frames about what was said, as commands and events, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pydantic import BaseModel

from chatcore import events as e
from chatcore.commands import messages as c
from chatcore.dialects.chat.frames import messages as f

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


def _about(kind: str, command: c.MarkRead | c.React | c.Unreact, **more: str) -> Frame:
    return {"type": kind, "seq": command.seq, **more, "room": command.room, "epoch": command.epoch or None}


EVENTS_OUT: Final[dict[type, Callable[[Any], Frame]]] = {
    e.UnreadChanged: lambda event: {"type": "unread", "rooms": list(map(unread_line, event.rooms))},
    e.ReactionChanged: _reaction,
}
COMMANDS_OUT: Final[dict[type, Callable[[Any], Frame]]] = {
    c.MarkRead: lambda command: _about("read", command),
    c.React: lambda command: _about("react", command, emoji=command.emoji),
    c.Unreact: lambda command: _about("unreact", command, emoji=command.emoji),
}
EVENTS_IN: Final[dict[type[BaseModel], Callable[[Any], Any]]] = {
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
COMMANDS_IN: Final[dict[type[BaseModel], Callable[[Any], Any]]] = {
    f.Read: lambda frame: c.MarkRead(frame.seq, frame.room, frame.epoch),
    f.React: lambda frame: c.React(frame.seq, frame.emoji, frame.room, frame.epoch),
    f.Unreact: lambda frame: c.Unreact(frame.seq, frame.emoji, frame.room, frame.epoch),
}
