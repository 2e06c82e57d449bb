"""Sessions, and what answers any request, as frames and back."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any, Final

from pydantic import BaseModel

from chatcore import commands as c
from chatcore import events as e
from chatcore.dialects.chat.codec import places
from chatcore.dialects.chat.codec.messages import room_unread, unread_line
from chatcore.dialects.chat.codec.rooms import bots, room_lines, summaries, whereabouts
from chatcore.dialects.chat.frames import sessions as f
from chatcore.dialects.chat.json_text import without_none

Frame = dict[str, Any]

_MOST_VALUES: Final = 16
_VALUE_CHARS: Final = 255


def bare_welcome(event: e.Welcomed) -> Frame:
    """Return the frame without its lists and the server's limits."""
    return {
        "type": "welcome",
        "username": event.username,
        "room": event.room,
        "session": {"token": event.token},
        "client": event.client,
        "cid": event.cid,
        "position": places.told(event.position),
        "positions": {name: places.told(position) for name, position in event.positions.items()},
        "rooms_count": event.rooms_count,
        "users_count": event.users_count,
        "resumed": event.resumed,
        "server": dict(event.server),
        **whereabouts(event),
        "unread": list(map(unread_line, event.unread)),
        **({"account": event.account} if event.account else {}),
        **bots(event),
    }


def _welcome(event: e.Welcomed) -> Frame:
    lists = {"rooms": room_lines(event.rooms), "users": list(event.users)}
    return bare_welcome(event) | lists | {"limits": dict(event.limits)}


def _welcomed(frame: f.Welcome) -> e.Welcomed:
    return e.Welcomed(
        username=frame.username,
        room=frame.room,
        token=str(frame.session.get("token", "")),
        client=frame.client,
        cid=frame.cid,
        position=places.read_told(frame.position),
        positions={name: places.read_told(place) for name, place in frame.positions.items()},
        rooms=summaries(frame.rooms),
        rooms_count=frame.rooms_count,
        users=tuple(frame.users),
        users_count=frame.users_count,
        resumed=frame.resumed,
        server=frame.server,
        limits=frame.limits,
        topic=frame.topic,
        role=frame.role,
        private=frame.private,
        slow=frame.slow,
        unread=tuple(map(room_unread, frame.unread)),
        account=frame.account,
        bots=tuple(frame.bots),
    )


def _values(found: dict[str, Any]) -> dict[str, str | int | float]:
    """Return what a program may want to know: a server's words, so not too many and not too long."""
    few = islice(found.items(), _MOST_VALUES)
    known = {name: value for name, value in few if isinstance(value, str | int | float)}
    return {name: value for name, value in known.items() if not isinstance(value, str) or len(value) <= _VALUE_CHARS}


COMMANDS_OUT: Final[dict[type, Callable[[Any], Frame]]] = {
    c.LogIn: lambda command: {
        "type": "login",
        "username": command.username,
        "client": command.client,
        "token": command.token,
        "since": {name: places.known(position) for name, position in command.since.items()} or None,
        "password": command.password,
        "account": command.account,
        "server_password": command.server_password,
        "invitation": command.invitation,
        "operator_token": command.operator_token,
        "bot": command.bot or None,
    },
    c.LogOut: lambda command: {"type": "logout"},
    c.Rename: lambda command: {"type": "rename", "username": command.username},
    c.BecomeOperator: lambda command: {"type": "operator", "token": command.token},
    c.ListLimits: lambda command: {"type": "list_limits"},
    c.ReloadSettings: lambda command: {"type": "reload"},
    c.DrainServer: lambda command: {"type": "drain"},
}
COMMANDS_IN: Final[dict[type[BaseModel], Callable[[Any], c.Command]]] = {
    f.Login: lambda frame: c.LogIn(
        frame.username,
        frame.client,
        frame.token,
        {name: places.read_known(place) for name, place in frame.since.items()},
        frame.password,
        frame.account,
        frame.server_password,
        frame.invitation,
        frame.operator_token,
        frame.bot,
    ),
    f.Logout: lambda frame: c.LogOut(),
    f.Rename: lambda frame: c.Rename(frame.username),
    f.Operator: lambda frame: c.BecomeOperator(frame.token),
    f.ListLimits: lambda frame: c.ListLimits(),
    f.Reload: lambda frame: c.ReloadSettings(),
    f.Drain: lambda frame: c.DrainServer(),
}
EVENTS_OUT: Final[dict[type, Callable[[Any], Frame]]] = {
    e.Welcomed: _welcome,
    e.LimitsChanged: lambda event: {"type": "limits", "limits": dict(event.limits)},
    e.LimitsListed: lambda event: {"type": "all_limits", "limits": dict(event.limits)},
    e.Accepted: lambda event: without_none(
        {"type": "ok", "cid": event.cid, "next_start": list(event.next_start) or None}
    ),
    e.PingAnswered: lambda event: {"type": "pong"},
    e.Refused: lambda event: without_none(
        {
            "type": "error",
            "code": event.code,
            "message": event.message,
            "cid": event.cid,
            "retry_after": event.retry_after,
            "values": dict(event.values) or None,
        }
    ),
    e.Dismissed: lambda event: without_none(
        {"type": "bye", "code": event.code, "message": event.message, "reconnect_in": event.reconnect_in}
    ),
}
EVENTS_IN: Final[dict[type[BaseModel], Callable[[Any], e.ServerEvent]]] = {
    f.Welcome: _welcomed,
    f.LimitsFrame: lambda frame: e.LimitsChanged(frame.limits),
    f.AllLimits: lambda frame: e.LimitsListed(frame.limits),
    f.Ok: lambda frame: e.Accepted(frame.cid, tuple(frame.next_start)),
    f.Error: lambda frame: e.Refused(frame.code, frame.message, frame.cid, frame.retry_after, _values(frame.values)),
    f.Bye: lambda frame: e.Dismissed(frame.code, frame.message, frame.reconnect_in),
}
