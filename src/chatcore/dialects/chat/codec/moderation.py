"""What is done in rooms that somebody looks after, as frames and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pydantic import BaseModel

from chatcore import commands as c
from chatcore import events as e
from chatcore.dialects.chat.codec.times import moment, moment_or_none, seconds, seconds_or_none
from chatcore.dialects.chat.frames import moderation as f
from chatcore.dialects.chat.json_text import without_none

Frame = dict[str, Any]


def _told(event: e.RoomModerated) -> Frame:
    return without_none(
        {
            "room": event.room,
            "act": event.act,
            "by": event.by,
            "target": event.target or None,
            "value": event.value,
            "until": moment_or_none(event.until),
            "reason": event.reason or None,
            "text": event.text or None,
            "change": event.change or None,
            "bot": event.bot or None,
        }
    )


def _moderated(told: f.Told) -> e.RoomModerated:
    return e.RoomModerated(
        room=told.room,
        act=told.act,
        by=told.by,
        target=told.target,
        value=told.value,
        until=seconds_or_none(told.until),
        reason=told.reason,
        text=told.text,
        change=told.change,
        bot=told.bot,
    )


def _act_line(act: e.ActSummary) -> Frame:
    return {"number": act.number, "at": moment(act.at), "address": act.address, **_told(act.event)}


def _act(line: f.ActLine) -> e.ActSummary:
    return e.ActSummary(number=line.number, at=seconds(line.at), address=line.address, event=_moderated(line))


def _ban_line(ban: e.BanSummary) -> Frame:
    return without_none(
        {
            "number": ban.number,
            "username": ban.username,
            "act": ban.act,
            "by": ban.by,
            "at": moment(ban.at),
            "until": moment_or_none(ban.until),
            "reason": ban.reason or None,
        }
    )


def _ban(line: f.BanLine) -> e.BanSummary:
    return e.BanSummary(
        number=line.number,
        username=line.username,
        act=line.act,
        by=line.by,
        at=seconds(line.at),
        until=seconds_or_none(line.until),
        reason=line.reason,
    )


COMMANDS_OUT: Final[dict[type, Callable[[Any], Frame]]] = {
    c.SetTopic: lambda command: {"type": "set_topic", "topic": command.topic, "room": command.room},
    c.SetRole: lambda command: {
        "type": "set_role",
        "username": command.username,
        "role": command.role,
        "room": command.room,
    },
    c.KickUser: lambda command: {
        "type": "kick",
        "username": command.username,
        "reason": command.reason or None,
        "room": command.room,
    },
    c.BanUser: lambda command: {
        "type": "ban",
        "username": command.username,
        "seconds": command.seconds,
        "reason": command.reason or None,
        "address": command.address or None,
        "room": command.room,
    },
    c.UnbanUser: lambda command: {"type": "unban", "username": command.username, "room": command.room},
    c.MuteUser: lambda command: {
        "type": "mute",
        "username": command.username,
        "seconds": command.seconds,
        "reason": command.reason or None,
        "room": command.room,
    },
    c.UnmuteUser: lambda command: {"type": "unmute", "username": command.username, "room": command.room},
    c.InviteUser: lambda command: {"type": "invite", "username": command.username, "room": command.room},
    c.SetPrivate: lambda command: {"type": "set_private", "private": command.private, "room": command.room},
    c.SetSlow: lambda command: {"type": "set_slow", "seconds": command.seconds, "room": command.room},
    c.CloseRoom: lambda command: {"type": "close_room", "reason": command.reason or None, "room": command.room},
    c.ListBans: lambda command: {"type": "list_bans", "room": command.room, "after": command.after or None},
    c.ListActs: lambda command: {"type": "list_acts", "after": command.after or None},
}
COMMANDS_IN: Final[dict[type[BaseModel], Callable[[Any], c.Command]]] = {
    f.SetTopic: lambda frame: c.SetTopic(frame.topic, frame.room),
    f.SetRole: lambda frame: c.SetRole(frame.username, frame.role, frame.room),
    f.Kick: lambda frame: c.KickUser(frame.username, frame.reason, frame.room),
    f.Ban: lambda frame: c.BanUser(frame.username, frame.seconds, frame.reason, frame.address, frame.room),
    f.Unban: lambda frame: c.UnbanUser(frame.username, frame.room),
    f.Mute: lambda frame: c.MuteUser(frame.username, frame.seconds, frame.reason, frame.room),
    f.Unmute: lambda frame: c.UnmuteUser(frame.username, frame.room),
    f.Invite: lambda frame: c.InviteUser(frame.username, frame.room),
    f.SetPrivate: lambda frame: c.SetPrivate(frame.private, frame.room),
    f.SetSlow: lambda frame: c.SetSlow(frame.seconds, frame.room),
    f.CloseRoom: lambda frame: c.CloseRoom(frame.reason, frame.room),
    f.ListBans: lambda frame: c.ListBans(frame.room, frame.after),
    f.ListActs: lambda frame: c.ListActs(frame.after),
}
EVENTS_OUT: Final[dict[type, Callable[[Any], Frame]]] = {
    e.RoomModerated: lambda event: {"type": "moderated", **_told(event)},
    e.ActsListed: lambda event: {"type": "acts", "acts": list(map(_act_line, event.acts)), "more": event.more},
    e.BansListed: lambda event: {
        "type": "bans",
        "room": event.room,
        "bans": list(map(_ban_line, event.bans)),
        "more": event.more,
    },
}
EVENTS_IN: Final[dict[type[BaseModel], Callable[[Any], e.ServerEvent]]] = {
    f.Moderated: _moderated,
    f.Acts: lambda frame: e.ActsListed(tuple(map(_act, frame.acts)), frame.more),
    f.Bans: lambda frame: e.BansListed(frame.room, tuple(map(_ban, frame.bans)), frame.more),
}
