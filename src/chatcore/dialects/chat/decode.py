"""Frames as commands and events, on the way in, validated by the models of `frames`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import islice
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from chatcore import commands as c
from chatcore import events as e
from chatcore import events as r
from chatcore.commands import Position
from chatcore.dialects.chat import file_codec as files
from chatcore.dialects.chat import message_codec as messages
from chatcore.dialects.chat.frames import accounts as af
from chatcore.dialects.chat.frames import messages as mf
from chatcore.dialects.chat.frames import moderation as of
from chatcore.dialects.chat.frames import rooms as rf
from chatcore.dialects.chat.frames import sessions as sf
from chatcore.dialects.chat.frames.base import Place
from chatcore.errors import ErrorCode
from chatcore.limits import MOMENTS, REQUEST_ID_CHARS

_SHOWN_CHARS: Final = 40
_MOST_VALUES: Final = 16
_VALUE_CHARS: Final = 255


class BadFrameError(Exception):
    """A JSON object that is not a frame; `code` and `message` are what to tell its sender, under the id `reply_to`."""

    def __init__(self, code: ErrorCode, message: str, reply_to: str | None = None) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.reply_to = reply_to


def decode_request(frame: dict[str, Any]) -> tuple[c.Command, str | None]:
    """Return the command in a client's frame and its id. Raises `BadFrameError`."""
    found = _validate(frame, _REQUEST_MODELS)
    try:
        return COMMANDS[type(found)](found), found.id
    except (ValueError, OverflowError):
        raise BadFrameError(ErrorCode.BAD_REQUEST, "a time is not RFC 3339", found.id) from None


def decode_event(frame: dict[str, Any]) -> tuple[e.ServerEvent, str | None]:
    """Return the event in a server's frame and the id that it answers. Raises `BadFrameError`."""
    found = _validate(frame, _SERVER_MODELS)
    try:
        return _EVENTS[type(found)](found), found.id
    except (ValueError, OverflowError):
        raise BadFrameError(ErrorCode.BAD_REQUEST, "a time is not RFC 3339", found.id) from None


def _validate(frame: dict[str, Any], models: dict[str, type[Any]]) -> Any:
    kind, reply_to = frame.get("type"), frame.get("id")
    if not isinstance(reply_to, str) or len(reply_to) > REQUEST_ID_CHARS:
        reply_to = None
    if not isinstance(kind, str):
        raise BadFrameError(ErrorCode.BAD_REQUEST, "'type' is missing", reply_to)
    model = models.get(kind)
    if model is None:
        raise BadFrameError(ErrorCode.UNKNOWN_TYPE, f"there is no type {kind[:_SHOWN_CHARS]!r}", reply_to)
    try:
        return model.model_validate(frame)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])[:_SHOWN_CHARS]
        raise BadFrameError(ErrorCode.BAD_REQUEST, f"{where!r}: {first['msg']}", reply_to) from None


def _position(place: Place) -> Position:
    return Position(place.epoch, place.seq, place.changes or 0)


def _known(place: Place) -> Position:
    """Return a place as a client has said it, perhaps an earlier one, which says nothing of changes."""
    return Position(place.epoch, place.seq, place.changes)


def _seconds(moment: str) -> float:
    """Return seconds since 1970. Raises `ValueError`, without a zone too: it would be a time of this computer's."""
    time = datetime.fromisoformat(moment)
    seconds = time.timestamp()
    if time.tzinfo is None or not MOMENTS[0] <= seconds <= MOMENTS[1]:
        raise ValueError(moment)
    return seconds


COMMANDS: Final[dict[type[BaseModel], Callable[[Any], c.Command]]] = {
    sf.Login: lambda frame: c.LogIn(
        frame.username,
        frame.client,
        frame.token,
        {name: _known(place) for name, place in frame.since.items()},
        frame.password,
        frame.account,
        frame.server_password,
        frame.invitation,
        frame.operator_token,
        frame.bot,
    ),
    sf.Logout: lambda frame: c.LogOut(),
    rf.CreateRoom: lambda frame: c.CreateRoom(frame.room),
    rf.JoinRoom: lambda frame: c.JoinRoom(frame.room, None if frame.since is None else _known(frame.since)),
    rf.LeaveRoom: lambda frame: c.LeaveRoom(),
    mf.SendMessage: lambda frame: c.SendMessage(frame.text, frame.cid, frame.room, frame.reply_to, frame.epoch),
    mf.SendDirect: lambda frame: c.SendDirect(
        (frame.to,) if isinstance(frame.to, str) else tuple(frame.to), frame.text, frame.cid
    ),
    mf.SendBroadcast: lambda frame: c.SendBroadcast(frame.text, frame.cid),
    rf.ListRooms: lambda frame: c.ListRooms(frame.after),
    rf.ListUsers: lambda frame: c.ListUsers(frame.room, frame.after),
    rf.WhoIs: lambda frame: c.WhoIs(frame.username),
    sf.Rename: lambda frame: c.Rename(frame.username),
    mf.History: lambda frame: c.ReadHistory(frame.room, frame.before, frame.after, frame.limit),
    of.SetTopic: lambda frame: c.SetTopic(frame.topic, frame.room),
    of.SetRole: lambda frame: c.SetRole(frame.username, frame.role, frame.room),
    of.Kick: lambda frame: c.KickUser(frame.username, frame.reason, frame.room),
    of.Ban: lambda frame: c.BanUser(frame.username, frame.seconds, frame.reason, frame.address, frame.room),
    of.Unban: lambda frame: c.UnbanUser(frame.username, frame.room),
    of.Mute: lambda frame: c.MuteUser(frame.username, frame.seconds, frame.reason, frame.room),
    of.Unmute: lambda frame: c.UnmuteUser(frame.username, frame.room),
    of.Invite: lambda frame: c.InviteUser(frame.username, frame.room),
    of.SetPrivate: lambda frame: c.SetPrivate(frame.private, frame.room),
    of.SetSlow: lambda frame: c.SetSlow(frame.seconds, frame.room),
    of.CloseRoom: lambda frame: c.CloseRoom(frame.reason, frame.room),
    af.Register: lambda frame: c.RegisterAccount(frame.password),
    af.IdentifyFrame: lambda frame: c.Identify(frame.password, frame.account),
    af.ResetAccountFrame: lambda frame: c.ResetAccount(frame.username, frame.password),
    af.MakeInvitationFrame: lambda frame: c.MakeInvitation(frame.uses, frame.seconds, frame.room),
    af.RevokeInvitationFrame: lambda frame: c.RevokeInvitation(frame.number),
    af.ListInvitationsFrame: lambda frame: c.ListInvitations(frame.after),
    af.DropAccountFrame: lambda frame: c.DropAccount(frame.username),
    sf.Operator: lambda frame: c.BecomeOperator(frame.token),
    of.ListActs: lambda frame: c.ListActs(frame.after),
    mf.DeleteMessage: lambda frame: c.DeleteMessage(frame.seq, frame.room, frame.epoch),
    mf.EditMessage: lambda frame: c.EditMessage(frame.seq, frame.text, frame.room, frame.epoch),
    of.ListBans: lambda frame: c.ListBans(frame.room, frame.after),
    mf.Search: lambda frame: c.Search(
        frame.words,
        frame.sender,
        frame.room,
        _until(frame.since),
        _until(frame.until),
        frame.before,
        frame.limit,
    ),
    **messages.COMMANDS_IN,
    **files.COMMANDS_IN,
}
"""What makes a command of a client's frame that was validated."""
_REQUEST_MODELS: Final[dict[str, type[BaseModel]]] = {model.model_fields["type"].default: model for model in COMMANDS}


def _summaries(lines: list[rf.RoomLine]) -> tuple[e.RoomSummary, ...]:
    return tuple(e.RoomSummary(line.name, line.users, line.seq) for line in lines)


def _common(frame: mf.PostedFrame) -> dict[str, Any]:
    return {
        "seq": frame.seq,
        "sender": frame.sender,
        "text": frame.text,
        "at": _seconds(frame.at),
        "cid": frame.cid,
        "replay": frame.replay,
        "deleted": frame.deleted,
        "edited": frame.edited,
        "bot": frame.bot,
    }


def _message(frame: mf.Message) -> e.MessagePosted:
    return e.MessagePosted(
        room=frame.room,
        reply_to=frame.reply_to,
        reactions=messages.reactions(frame.reactions, frame.mine),
        **_common(frame),
    )


_ENTRIES: Final[dict[type[BaseModel], Callable[[Any], e.Posted]]] = {
    mf.Message: _message,
    mf.Direct: lambda frame: e.DirectPosted(to=tuple(frame.to), **_common(frame)),
    mf.Broadcast: lambda frame: e.BroadcastPosted(**_common(frame)),
}


def _values(found: dict[str, Any]) -> dict[str, str | int | float]:
    """Return what a program may want to know: a server's words, so not too many and not too long."""
    few = islice(found.items(), _MOST_VALUES)
    known = {name: value for name, value in few if isinstance(value, str | int | float)}
    return {name: value for name, value in known.items() if not isinstance(value, str) or len(value) <= _VALUE_CHARS}


def _welcomed(frame: sf.Welcome) -> e.Welcomed:
    return e.Welcomed(
        username=frame.username,
        room=frame.room,
        token=str(frame.session.get("token", "")),
        client=frame.client,
        cid=frame.cid,
        position=_position(frame.position),
        positions={name: _position(place) for name, place in frame.positions.items()},
        rooms=_summaries(frame.rooms),
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
        unread=tuple(map(messages.room_unread, frame.unread)),
        account=frame.account,
        bots=tuple(frame.bots),
    )


def _until(moment: str | None) -> float | None:
    return None if moment is None else _seconds(moment)


def _moderated(told: of.Told) -> r.RoomModerated:
    return r.RoomModerated(
        room=told.room,
        act=told.act,
        by=told.by,
        target=told.target,
        value=told.value,
        until=_until(told.until),
        reason=told.reason,
        text=told.text,
        change=told.change,
        bot=told.bot,
    )


def _invitation(line: af.InvitationLine) -> r.InvitationSummary:
    return r.InvitationSummary(
        number=line.number,
        by=line.by,
        at=_seconds(line.at),
        uses=line.uses,
        left=line.left,
        until=_until(line.until),
        room=line.room,
    )


def _act(line: of.ActLine) -> r.ActSummary:
    return r.ActSummary(number=line.number, at=_seconds(line.at), address=line.address, event=_moderated(line))


def _ban(line: of.BanLine) -> r.BanSummary:
    return r.BanSummary(
        number=line.number,
        username=line.username,
        act=line.act,
        by=line.by,
        at=_seconds(line.at),
        until=_until(line.until),
        reason=line.reason,
    )


_EVENTS: Final[dict[type[BaseModel], Callable[[Any], e.ServerEvent]]] = {
    **_ENTRIES,
    sf.Welcome: _welcomed,
    rf.RoomFrame: lambda frame: e.RoomEntered(
        room=frame.room,
        position=_position(frame.position),
        users=tuple(frame.users),
        users_count=frame.users_count,
        topic=frame.topic,
        role=frame.role,
        private=frame.private,
        slow=frame.slow,
        unread=None if frame.unread is None else messages.room_unread(frame.unread),
        bots=tuple(frame.bots),
    ),
    rf.Presence: lambda frame: e.PresenceChanged(
        frame.room, tuple(frame.joined), tuple(frame.left), frame.users, tuple(frame.bots)
    ),
    rf.RoomsChangedFrame: lambda frame: e.RoomsChanged(_summaries(frame.rooms), tuple(frame.removed)),
    rf.Renamed: lambda frame: e.UserRenamed(frame.old, frame.new),
    mf.Gap: lambda frame: e.GapFound(frame.room, frame.epoch, frame.first, frame.last),
    rf.Rooms: lambda frame: e.RoomsListed(_summaries(frame.rooms), frame.more),
    rf.Users: lambda frame: e.UsersListed(
        tuple(e.UserSummary(line.name, line.room, line.address, line.bot) for line in frame.users), frame.more
    ),
    rf.User: lambda frame: e.UserDescribed(
        username=frame.username,
        room=frame.room,
        since=_seconds(frame.since),
        idle=frame.idle,
        transport=frame.transport,
        dialect=frame.dialect,
        connected=frame.connected,
        address=frame.address,
        role=frame.role,
        account=frame.account,
        bot=frame.bot,
    ),
    mf.HistoryReply: lambda frame: e.HistoryRead(
        frame.room, frame.epoch, tuple(_ENTRIES[type(entry)](entry) for entry in frame.messages)
    ),
    mf.FoundFrame: lambda frame: e.MessagesFound(tuple(map(_message, frame.messages)), frame.before),
    sf.Ok: lambda frame: e.Accepted(frame.cid),
    sf.Error: lambda frame: e.Refused(frame.code, frame.message, frame.cid, frame.retry_after, _values(frame.values)),
    sf.Bye: lambda frame: e.Dismissed(frame.code, frame.message, frame.reconnect_in),
    af.InvitationFrame: lambda frame: r.InvitationMade(frame.token, _invitation(frame.invitation)),
    af.InvitationsFrame: lambda frame: r.InvitationsListed(tuple(map(_invitation, frame.invitations)), frame.more),
    of.Moderated: _moderated,
    of.Acts: lambda frame: r.ActsListed(tuple(map(_act, frame.acts)), frame.more),
    of.Bans: lambda frame: r.BansListed(frame.room, tuple(map(_ban, frame.bans)), frame.more),
    **messages.EVENTS_IN,
    **files.EVENTS_IN,
}
_SERVER_MODELS: Final[dict[str, type[BaseModel]]] = {model.model_fields["type"].default: model for model in _EVENTS}
