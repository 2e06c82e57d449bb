"""Events and commands as frames, on the way out. Plain dictionaries: this is on the hot path."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from chatcore import commands as c
from chatcore import events as e
from chatcore.dialects.chat.codec import accounts, files, messages, moderation, rooms, sessions
from chatcore.dialects.chat.json_text import without_none

Frame = dict[str, Any]

_EVENTS: Final[dict[type, Callable[[Any], Frame]]] = {
    **sessions.EVENTS_OUT,
    **rooms.EVENTS_OUT,
    **messages.EVENTS_OUT,
    **moderation.EVENTS_OUT,
    **accounts.EVENTS_OUT,
    **files.EVENTS_OUT,
}
_COMMANDS: Final[dict[type, Callable[[Any], Frame]]] = {
    **sessions.COMMANDS_OUT,
    **rooms.COMMANDS_OUT,
    **messages.COMMANDS_OUT,
    **moderation.COMMANDS_OUT,
    **accounts.COMMANDS_OUT,
    **files.COMMANDS_OUT,
}
_PICTURES: Final[dict[type, Callable[[Any], Frame]]] = {
    e.Welcomed: sessions.bare_welcome,
    e.RoomEntered: rooms.bare_room,
    e.RoomsListed: rooms.bare_rooms,
}


def event_frame(event: e.ServerEvent, *, numbers: str | None = None, reply_to: str | None = None) -> Frame:
    """Return the frame that tells `event`.

    With `numbers`, what the receiver's sends are numbered under, its own messages carry their `cid`.
    """
    frame = _EVENTS[type(event)](event)
    if numbers is not None and isinstance(event, e.Posted) and event.client == numbers and event.cid is not None:
        frame["cid"] = event.cid
    if numbers is not None:
        _mark_own(event, frame, numbers)
    if reply_to is not None:
        frame["id"] = reply_to
    return frame


def _mark_own(event: e.ServerEvent, frame: Frame, numbers: str) -> None:
    """Say which of the emojis below messages are the receiver's own."""
    if isinstance(event, e.HistoryRead | e.MessagesFound):
        for entry, told in zip(event.messages, frame["messages"], strict=True):
            _mark_own(entry, told, numbers)
    elif isinstance(event, e.MessagePosted) and event.reactions:
        own = messages.mine(event.reactions, numbers)
        if own:
            frame["mine"] = own


def bare_picture(event: e.Welcomed | e.RoomEntered | e.RoomsListed, reply_to: str | None = None) -> Frame:
    """Return the frame that tells `event`, without what is the same for many: its lists, and the server's limits."""
    frame = _PICTURES[type(event)](event)
    if reply_to is not None:
        frame["id"] = reply_to
    return frame


def command_frame(command: c.Command, reply_to: str | None = None) -> Frame:
    """Return the frame that asks for `command`; what was left open is left out."""
    frame = without_none(_COMMANDS[type(command)](command))
    if reply_to is not None:
        frame["id"] = reply_to
    return frame
