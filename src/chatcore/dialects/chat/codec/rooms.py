"""Rooms and who is in them, as frames and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pydantic import BaseModel

from chatcore import commands as c
from chatcore import events as e
from chatcore.dialects.chat.codec import places
from chatcore.dialects.chat.codec.messages import room_unread, unread_line
from chatcore.dialects.chat.codec.times import moment, seconds
from chatcore.dialects.chat.frames import rooms as f
from chatcore.dialects.chat.json_text import without_none

Frame = dict[str, Any]


def room_lines(rooms: tuple[e.RoomSummary, ...]) -> list[Frame]:
    """Return lines of the room list, as a part of a frame."""
    return [{"name": room.name, "users": room.users, "seq": room.seq} for room in rooms]


def summaries(lines: list[f.RoomLine]) -> tuple[e.RoomSummary, ...]:
    """Return what `room_lines` was given."""
    return tuple(e.RoomSummary(line.name, line.users, line.seq) for line in lines)


def whereabouts(event: e.Welcomed | e.RoomEntered) -> Frame:
    """Return what a room is, and who somebody is in it."""
    modes: Frame = {"private": True} if event.private else {}
    if event.slow:
        modes["slow"] = event.slow
    return {"topic": event.topic, "role": event.role, **modes}


def bots(event: e.Welcomed | e.RoomEntered | e.PresenceChanged) -> Frame:
    """Return who in a room is a bot, if anybody is."""
    return {"bots": list(event.bots)} if event.bots else {}


def bare_room(event: e.RoomEntered) -> Frame:
    """Return the frame without the list of the members."""
    return {
        "type": "room",
        "room": event.room,
        "position": places.told(event.position),
        "users_count": event.users_count,
        **whereabouts(event),
        **({} if event.unread is None else {"unread": unread_line(event.unread)}),
        **bots(event),
    }


def _entered(frame: f.RoomFrame) -> e.RoomEntered:
    return e.RoomEntered(
        room=frame.room,
        position=places.read_told(frame.position),
        users=tuple(frame.users),
        users_count=frame.users_count,
        topic=frame.topic,
        role=frame.role,
        private=frame.private,
        slow=frame.slow,
        unread=None if frame.unread is None else room_unread(frame.unread),
        bots=tuple(frame.bots),
    )


def bare_rooms(event: e.RoomsListed) -> Frame:
    """Return the frame without its list."""
    return {"type": "rooms", "more": event.more}


def _line(name: str, room: str, address: str | None, bot: bool) -> Frame:
    line: Frame = {"name": name, "room": room}
    if address is not None:
        line["address"] = address
    if bot:
        line["bot"] = True
    return line


def _user(event: e.UserDescribed) -> Frame:
    return without_none(
        {
            "type": "user",
            "username": event.username,
            "room": event.room,
            "since": moment(event.since),
            "idle": round(event.idle, 1),
            "transport": event.transport,
            "dialect": event.dialect,
            "connected": event.connected,
            "address": event.address,
            "role": event.role,
            "account": event.account,
            "bot": event.bot or None,
        }
    )


def _described(frame: f.User) -> e.UserDescribed:
    return e.UserDescribed(
        username=frame.username,
        room=frame.room,
        since=seconds(frame.since),
        idle=frame.idle,
        transport=frame.transport,
        dialect=frame.dialect,
        connected=frame.connected,
        address=frame.address,
        role=frame.role,
        account=frame.account,
        bot=frame.bot,
    )


COMMANDS_OUT: Final[dict[type, Callable[[Any], Frame]]] = {
    c.CreateRoom: lambda command: {"type": "create_room", "room": command.room},
    c.JoinRoom: lambda command: {
        "type": "join_room",
        "room": command.room,
        "since": None if command.since is None else places.known(command.since),
    },
    c.LeaveRoom: lambda command: {"type": "leave_room"},
    c.ListRooms: lambda command: {"type": "list_rooms", "after": command.after},
    c.ListUsers: lambda command: {"type": "list_users", "room": command.room, "after": command.after},
    c.WhoIs: lambda command: {"type": "whois", "username": command.username},
}
COMMANDS_IN: Final[dict[type[BaseModel], Callable[[Any], c.Command]]] = {
    f.CreateRoom: lambda frame: c.CreateRoom(frame.room),
    f.JoinRoom: lambda frame: c.JoinRoom(frame.room, None if frame.since is None else places.read_known(frame.since)),
    f.LeaveRoom: lambda frame: c.LeaveRoom(),
    f.ListRooms: lambda frame: c.ListRooms(frame.after),
    f.ListUsers: lambda frame: c.ListUsers(frame.room, frame.after),
    f.WhoIs: lambda frame: c.WhoIs(frame.username),
}
EVENTS_OUT: Final[dict[type, Callable[[Any], Frame]]] = {
    e.RoomEntered: lambda event: bare_room(event) | {"users": list(event.users)},
    e.PresenceChanged: lambda event: {
        "type": "presence",
        "room": event.room,
        "joined": list(event.joined),
        "left": list(event.left),
        "users": event.users,
        **bots(event),
    },
    e.RoomsChanged: lambda event: {
        "type": "rooms_changed",
        "rooms": room_lines(event.rooms),
        "removed": list(event.removed),
    },
    e.UserRenamed: lambda event: {"type": "renamed", "from": event.old, "to": event.new},
    e.RoomsListed: lambda event: bare_rooms(event) | {"rooms": room_lines(event.rooms)},
    e.UsersListed: lambda event: {
        "type": "users",
        "users": [_line(*user) for user in event.users],
        "more": event.more,
    },
    e.UserDescribed: _user,
}
EVENTS_IN: Final[dict[type[BaseModel], Callable[[Any], e.ServerEvent]]] = {
    f.RoomFrame: _entered,
    f.Presence: lambda frame: e.PresenceChanged(
        frame.room, tuple(frame.joined), tuple(frame.left), frame.users, tuple(frame.bots)
    ),
    f.RoomsChangedFrame: lambda frame: e.RoomsChanged(summaries(frame.rooms), tuple(frame.removed)),
    f.Renamed: lambda frame: e.UserRenamed(frame.old, frame.new),
    f.Rooms: lambda frame: e.RoomsListed(summaries(frame.rooms), frame.more),
    f.Users: lambda frame: e.UsersListed(
        tuple(e.UserSummary(line.name, line.room, line.address, line.bot) for line in frame.users), frame.more
    ),
    f.User: _described,
}
