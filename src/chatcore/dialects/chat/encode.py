"""Events and commands as frames, on the way out. Plain dictionaries: this is on the hot path."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from chatcore import commands as c
from chatcore import events as e
from chatcore import events as r
from chatcore.commands import Position
from chatcore.dialects.chat import file_codec as files
from chatcore.dialects.chat import message_codec as messages
from chatcore.dialects.chat.json_text import without_none

Frame = dict[str, Any]


@lru_cache(maxsize=64)
def moment(at: float) -> str:
    """Return a time as RFC 3339 in UTC with milliseconds."""
    second, micros = divmod(round(at * 1e6), 1_000_000)
    return f"{_second(second)}.{micros // 1000:03d}Z"


@lru_cache(maxsize=8)
def _second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat().removesuffix("+00:00")


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


def command_frame(command: c.Command, reply_to: str | None = None) -> Frame:
    """Return the frame that asks for `command`; what was left open is left out."""
    frame = without_none(_COMMANDS[type(command)](command))
    if reply_to is not None:
        frame["id"] = reply_to
    return frame


def _place(position: Position) -> Frame:
    place = {"epoch": position.epoch, "seq": position.seq}
    return place | {"changes": position.changes} if position.changes else place


def _known_place(position: Position) -> Frame:
    """Return a place as a client says it: with the changes that it knows, be it none of them."""
    place = {"epoch": position.epoch, "seq": position.seq}
    return place if position.changes is None else place | {"changes": position.changes}


def _room_lines(rooms: tuple[e.RoomSummary, ...]) -> list[Frame]:
    return [{"name": room.name, "users": room.users, "seq": room.seq} for room in rooms]


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
        frame["reactions"] = messages.reaction_lines(event.reactions)
    return frame


def _direct(event: e.DirectPosted) -> Frame:
    return _posted("direct", event, to=list(event.to))


def _broadcast(event: e.BroadcastPosted) -> Frame:
    return _posted("broadcast", event)


def bare_picture(event: e.Welcomed | e.RoomEntered | e.RoomsListed, reply_to: str | None = None) -> Frame:
    """Return the frame that tells `event`, without what is the same for many: its lists, and the server's limits."""
    frame = _PICTURES[type(event)](event)
    if reply_to is not None:
        frame["id"] = reply_to
    return frame


def _welcome(event: e.Welcomed) -> Frame:
    lists = {"rooms": _room_lines(event.rooms), "users": list(event.users)}
    return _bare_welcome(event) | lists | {"limits": dict(event.limits)}


def _bare_welcome(event: e.Welcomed) -> Frame:
    return {
        "type": "welcome",
        "username": event.username,
        "room": event.room,
        "session": {"token": event.token},
        "client": event.client,
        "cid": event.cid,
        "position": _place(event.position),
        "positions": {name: _place(position) for name, position in event.positions.items()},
        "rooms_count": event.rooms_count,
        "users_count": event.users_count,
        "resumed": event.resumed,
        "server": dict(event.server),
        **_whereabouts(event),
        "unread": list(map(messages.unread_line, event.unread)),
        **({"account": event.account} if event.account else {}),
        **_bots(event),
    }


def _room(event: e.RoomEntered) -> Frame:
    return _bare_room(event) | {"users": list(event.users)}


def _bare_room(event: e.RoomEntered) -> Frame:
    return {
        "type": "room",
        "room": event.room,
        "position": _place(event.position),
        "users_count": event.users_count,
        **_whereabouts(event),
        **({} if event.unread is None else {"unread": messages.unread_line(event.unread)}),
        **_bots(event),
    }


def _bare_rooms(event: e.RoomsListed) -> Frame:
    return {"type": "rooms", "more": event.more}


_PICTURES: Final[dict[type, Callable[[Any], Frame]]] = {
    e.Welcomed: _bare_welcome,
    e.RoomEntered: _bare_room,
    e.RoomsListed: _bare_rooms,
}


def _whereabouts(event: e.Welcomed | e.RoomEntered) -> Frame:
    """Return what a room is, and who somebody is in it."""
    modes: Frame = {"private": True} if event.private else {}
    if event.slow:
        modes["slow"] = event.slow
    return {"topic": event.topic, "role": event.role, **modes}


def _bots(event: e.Welcomed | e.RoomEntered | e.PresenceChanged) -> Frame:
    return {"bots": list(event.bots)} if event.bots else {}


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


def _refused(event: e.Refused) -> Frame:
    return without_none(
        {
            "type": "error",
            "code": event.code,
            "message": event.message,
            "cid": event.cid,
            "retry_after": event.retry_after,
            "values": dict(event.values) or None,
        }
    )


def _bye(event: e.Dismissed) -> Frame:
    return without_none(
        {"type": "bye", "code": event.code, "message": event.message, "reconnect_in": event.reconnect_in}
    )


def _moderated(event: r.RoomModerated) -> Frame:
    return without_none(
        {
            "type": "moderated",
            "room": event.room,
            "act": event.act,
            "by": event.by,
            "target": event.target or None,
            "value": event.value,
            "until": None if event.until is None else moment(event.until),
            "reason": event.reason or None,
            "text": event.text or None,
            "change": event.change or None,
            "bot": event.bot or None,
        }
    )


def _act(act: r.ActSummary) -> Frame:
    told = {key: value for key, value in _moderated(act.event).items() if key != "type"}
    return {"number": act.number, "at": moment(act.at), "address": act.address, **told}


def _invitation(line: r.InvitationSummary) -> Frame:
    return without_none(
        {
            "number": line.number,
            "by": line.by,
            "at": moment(line.at),
            "uses": line.uses,
            "left": line.left,
            "until": None if line.until is None else moment(line.until),
            "room": line.room or None,
        }
    )


def _ban(ban: r.BanSummary) -> Frame:
    return without_none(
        {
            "number": ban.number,
            "username": ban.username,
            "act": ban.act,
            "by": ban.by,
            "at": moment(ban.at),
            "until": None if ban.until is None else moment(ban.until),
            "reason": ban.reason or None,
        }
    )


_EVENTS: Final[dict[type, Callable[[Any], Frame]]] = {
    e.MessagePosted: _message,
    e.DirectPosted: _direct,
    e.BroadcastPosted: _broadcast,
    e.Welcomed: _welcome,
    e.RoomEntered: _room,
    e.PresenceChanged: lambda event: {
        "type": "presence",
        "room": event.room,
        "joined": list(event.joined),
        "left": list(event.left),
        "users": event.users,
        **_bots(event),
    },
    e.RoomsChanged: lambda event: {
        "type": "rooms_changed",
        "rooms": _room_lines(event.rooms),
        "removed": list(event.removed),
    },
    e.UserRenamed: lambda event: {"type": "renamed", "from": event.old, "to": event.new},
    e.GapFound: lambda event: {
        "type": "gap",
        "room": event.room,
        "epoch": event.epoch,
        "from": event.first,
        "to": event.last,
    },
    e.RoomsListed: lambda event: _bare_rooms(event) | {"rooms": _room_lines(event.rooms)},
    e.UsersListed: lambda event: {
        "type": "users",
        "users": [
            without_none({"name": user.name, "room": user.room, "address": user.address, "bot": user.bot or None})
            for user in event.users
        ],
        "more": event.more,
    },
    e.UserDescribed: _user,
    e.HistoryRead: lambda event: {
        "type": "history",
        "room": event.room,
        "epoch": event.epoch,
        "messages": [event_frame(entry) for entry in event.messages],
    },
    e.MessagesFound: lambda event: without_none(
        {"type": "found", "messages": [_message(entry) for entry in event.messages], "before": event.before}
    ),
    e.Accepted: lambda event: without_none({"type": "ok", "cid": event.cid}),
    e.PingAnswered: lambda event: {"type": "pong"},
    e.Refused: _refused,
    e.Dismissed: _bye,
    r.RoomModerated: _moderated,
    r.InvitationMade: lambda event: {
        "type": "invitation",
        "token": event.token,
        "invitation": _invitation(event.invitation),
    },
    r.InvitationsListed: lambda event: {
        "type": "invitations",
        "invitations": [_invitation(each) for each in event.invitations],
        "more": event.more,
    },
    r.ActsListed: lambda event: {"type": "acts", "acts": [_act(act) for act in event.acts], "more": event.more},
    r.BansListed: lambda event: {
        "type": "bans",
        "room": event.room,
        "bans": [_ban(ban) for ban in event.bans],
        "more": event.more,
    },
    **messages.EVENTS_OUT,
    **files.EVENTS_OUT,
}

_COMMANDS: Final[dict[type, Callable[[Any], Frame]]] = {
    c.LogIn: lambda command: {
        "type": "login",
        "username": command.username,
        "client": command.client,
        "token": command.token,
        "since": {name: _known_place(position) for name, position in command.since.items()} or None,
        "password": command.password,
        "account": command.account,
        "server_password": command.server_password,
        "invitation": command.invitation,
        "operator_token": command.operator_token,
        "bot": command.bot or None,
    },
    c.LogOut: lambda command: {"type": "logout"},
    c.CreateRoom: lambda command: {"type": "create_room", "room": command.room},
    c.JoinRoom: lambda command: {
        "type": "join_room",
        "room": command.room,
        "since": None if command.since is None else _known_place(command.since),
    },
    c.LeaveRoom: lambda command: {"type": "leave_room"},
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
    c.Rename: lambda command: {"type": "rename", "username": command.username},
    c.ListRooms: lambda command: {"type": "list_rooms", "after": command.after},
    c.ListUsers: lambda command: {"type": "list_users", "room": command.room, "after": command.after},
    c.WhoIs: lambda command: {"type": "whois", "username": command.username},
    c.ReadHistory: lambda command: {
        "type": "history",
        "room": command.room,
        "before": command.before,
        "after": command.after,
        "limit": command.limit,
    },
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
    c.RegisterAccount: lambda command: {"type": "register", "password": command.password},
    c.Identify: lambda command: {"type": "identify", "password": command.password, "account": command.account},
    c.ResetAccount: lambda command: {
        "type": "reset_account",
        "username": command.username,
        "password": command.password,
    },
    c.MakeInvitation: lambda command: {
        "type": "make_invitation",
        "uses": command.uses,
        "seconds": command.seconds,
        "room": command.room,
    },
    c.RevokeInvitation: lambda command: {"type": "revoke_invitation", "number": command.number},
    c.ListInvitations: lambda command: {"type": "list_invitations", "after": command.after or None},
    c.DropAccount: lambda command: {"type": "drop_account", "username": command.username},
    c.BecomeOperator: lambda command: {"type": "operator", "token": command.token},
    c.ListActs: lambda command: {"type": "list_acts", "after": command.after or None},
    c.DeleteMessage: lambda command: {
        "type": "delete_message",
        "seq": command.seq,
        "room": command.room,
        "epoch": command.epoch or None,
    },
    c.EditMessage: lambda command: {
        "type": "edit_message",
        "seq": command.seq,
        "text": command.text,
        "room": command.room,
        "epoch": command.epoch or None,
    },
    c.ListBans: lambda command: {"type": "list_bans", "room": command.room, "after": command.after or None},
    c.Search: lambda command: {
        "type": "search",
        "words": command.words,
        "from": command.sender,
        "room": command.room,
        "since": None if command.since is None else moment(command.since),
        "until": None if command.until is None else moment(command.until),
        "before": command.before,
        "limit": command.limit,
    },
    **messages.COMMANDS_OUT,
    **files.COMMANDS_OUT,
}
