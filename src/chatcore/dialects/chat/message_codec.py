"""The frames about what was said, as commands and events, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pydantic import BaseModel

from chatcore import message_commands as c
from chatcore import message_events as e
from chatcore.dialects.chat import message_frames as f

Frame = dict[str, Any]


def unread_line(line: e.RoomUnread) -> Frame:
    """Return how far a room is read, as a part of a frame."""
    return {"room": line.room, "read": line.read, "unread": line.unread, "mentions": line.mentions}


def room_unread(line: f.UnreadLine) -> e.RoomUnread:
    """Return what `unread_line` was given."""
    return e.RoomUnread(line.room, line.read, line.unread, line.mentions)


EVENTS_OUT: Final[dict[type, Callable[[Any], Frame]]] = {
    e.UnreadChanged: lambda event: {"type": "unread", "rooms": list(map(unread_line, event.rooms))},
}
COMMANDS_OUT: Final[dict[type, Callable[[Any], Frame]]] = {
    c.MarkRead: lambda command: {"type": "read", "seq": command.seq, "room": command.room},
}
EVENTS_IN: Final[dict[type[BaseModel], Callable[[Any], Any]]] = {
    f.Unread: lambda frame: e.UnreadChanged(tuple(map(room_unread, frame.rooms))),
}
COMMANDS_IN: Final[dict[type[BaseModel], Callable[[Any], Any]]] = {
    f.Read: lambda frame: c.MarkRead(frame.seq, frame.room),
}
