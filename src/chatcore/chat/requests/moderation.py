"""Rooms that somebody looks after: topics, roles, and who is put out, banned or muted.

Whether somebody may do that is decided before (`chatcore.chat.requests.permissions`). What is done is told to the room,
and to whom it is done, and stands in the operator's log.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from chatcore.chat.effects import Deliver, LineKind, Publish
from chatcore.chat.kept.model import Room, Session
from chatcore.chat.kept.roles import GIVEN, Role, Sanction
from chatcore.chat.requests.logins import put_out
from chatcore.chat.requests.messages import check_text
from chatcore.chat.requests.permissions import check_outranks
from chatcore.chat.state import State
from chatcore.commands import (
    BanUser,
    BecomeOperator,
    CloseRoom,
    DeleteMessage,
    EditMessage,
    InviteUser,
    KickUser,
    ListActs,
    ListBans,
    MuteUser,
    SetPrivate,
    SetRole,
    SetSlow,
    SetTopic,
    UnbanUser,
    UnmuteUser,
)
from chatcore.errors import ErrorCode, Refusal
from chatcore.events import Accepted, ActsListed, ActSummary, BansListed, BanSummary, RoomModerated, ServerEvent
from chatcore.limits import NOTE_CHARS, SLOW_SECONDS_MAX, USERNAME_MAX, USERNAME_MIN
from chatcore.ports.network_address import parse_network
from chatcore.text.json_size import escaped_size, names_size
from chatcore.text.names import composed, is_username, name_key

MOST_SECONDS: Final = 10 * 366 * 24 * 3600
"""What is longer is for ever."""
_MOST_SANCTIONS: Final = 1000
_MOST_INVITED: Final = 10_000
# What a line of the list takes besides the reason and the names: times, keys.
_LINE_BYTES: Final = 210
_ACTS: Final = {Role.BANNED: "ban", Role.MUTED: "mute"}


class RoleFollower:
    """Takes roles back from sessions that are over. Implements `chatcore.chat.state.SessionFollower`."""

    def __init__(self, state: State) -> None:
        self._state = state

    def lost(self, session: Session) -> None:
        """Keep what a user is while the session waits."""

    def returned(self, session: Session) -> None:
        """Keep it."""

    def ended(self, session: Session) -> None:
        """Give a room whose owner is gone to who has been a moderator for the longest time; accounts keep roles."""
        if session.account is not None:
            return
        for room in sorted(self._state.ruled.get(session.person, ()), key=lambda each: each.key):
            owned = room.roles[session.person] is Role.OWNER
            self._state.give_role(room, session.person, Role.MEMBER)
            if owned:
                _inherit(self._state, room)


def _inherit(state: State, room: Room) -> None:
    heir = next(iter(room.roles), None)
    if heir is not None:
        state.give_role(room, heir, Role.OWNER)
        user = next((each for each in state.users.values() if each.person == heir), None)
        if user is not None:
            _tell(state, room, None, "set_role", user, value=Role.OWNER.word)


# What is done to a room.


def set_topic(state: State, session: Session, command: SetTopic) -> ServerEvent:
    room = _room(state, session, command)
    _check_note(command.topic)
    if command.topic != room.topic:
        room.topic = command.topic
        _tell(state, room, session, "set_topic", value=room.topic)
    return Accepted()


def set_role(state: State, session: Session, command: SetRole) -> ServerEvent:
    room = _room(state, session, command)
    role = GIVEN.get(command.role)
    if role is None:
        raise Refusal(ErrorCode.BAD_REQUEST, what="role")
    target = state.find_user(command.username)
    if target is not session:
        check_outranks(state, session, room, target)
    before = room.roles.get(target.person, Role.MEMBER)
    if role is before:
        return Accepted()
    owner = next((person for person, each in room.roles.items() if each is Role.OWNER), None)
    if role is Role.OWNER and owner is not None:
        state.give_role(room, owner, Role.MODERATOR)
    state.give_role(room, target.person, role)
    _tell(state, room, session, "set_role", target, value=role.word)
    if before is Role.OWNER:
        _inherit(state, room)
    return Accepted()


def set_private(state: State, session: Session, command: SetPrivate) -> ServerEvent:
    room = _room(state, session, command)
    if room is state.default_room and command.private:
        raise Refusal(ErrorCode.FORBIDDEN, what="declared", room=room.name)
    if command.private is not room.private:
        room.private = command.private
        room.invited = {member.person: None for member in room.members} if room.private else {}
        _tell(state, room, session, "set_private", value=room.private)
    return Accepted()


def set_slow(state: State, session: Session, command: SetSlow) -> ServerEvent:
    room = _room(state, session, command)
    seconds = max(0, min(command.seconds, SLOW_SECONDS_MAX))
    if seconds != room.slow:
        room.slow = seconds
        _tell(state, room, session, "set_slow", value=room.slow)
    return Accepted()


def close(state: State, session: Session, command: CloseRoom) -> ServerEvent:
    room = _room(state, session, command)
    _check_note(command.reason)
    if room.always:
        raise Refusal(ErrorCode.FORBIDDEN, what="declared", room=room.name)
    _tell(state, room, session, "close_room", reason=command.reason)
    for member in list(room.members):
        _put_out(state, member, room, ErrorCode.KICKED)
    if room.key in state.rooms:  # or it went with its last member
        state.remove_room(room, session)
    return Accepted()


# What is done to users.


def invite(state: State, session: Session, command: InviteUser) -> ServerEvent:
    room = _room(state, session, command)
    target = state.find_user(command.username)
    if room.private and target.person not in room.invited:
        room.invited[target.person] = None
        _forget_oldest(room.invited, _MOST_INVITED)
    _tell(state, room, session, "invite", target)
    return Accepted()


def kick(state: State, session: Session, command: KickUser) -> ServerEvent:
    room = _room(state, session, command)
    _check_note(command.reason)
    target = state.find_user(command.username)
    check_outranks(state, session, room, target)
    if not _is_in(state, target, room):
        raise Refusal(ErrorCode.NO_SUCH_USER, what="elsewhere", name=target.name, room=room.name)
    room.invited.pop(target.person, None)
    _tell(state, room, session, "kick", target, reason=command.reason)
    _put_out(state, target, room, ErrorCode.KICKED)
    return Accepted()


def ban(state: State, session: Session, command: BanUser) -> ServerEvent:
    room = _room(state, session, command)
    sanction, target = _sanction(state, session, room, Role.BANNED, command)
    if command.address and target is not None:
        sanction.place = target.origin.place
    _add(state, room, sanction)
    if target is not None:
        state.give_role(room, target.person, Role.MEMBER)
        room.invited.pop(target.person, None)
    _tell_of(state, room, session, sanction, target)
    there = list(state.users.values()) if room is state.default_room else list(room.members)
    for user in there:
        if room.role_of(user, state.moment.time) is Role.BANNED:
            _put_out(state, user, room, ErrorCode.BANNED)
    return Accepted()


def mute(state: State, session: Session, command: MuteUser) -> ServerEvent:
    room = _room(state, session, command)
    sanction, target = _sanction(state, session, room, Role.MUTED, command)
    _add(state, room, sanction)
    _tell_of(state, room, session, sanction, target)
    return Accepted()


def unban(state: State, session: Session, command: UnbanUser) -> ServerEvent:
    return _lift(state, session, _room(state, session, command), Role.BANNED, command.username)


def unmute(state: State, session: Session, command: UnmuteUser) -> ServerEvent:
    return _lift(state, session, _room(state, session, command), Role.MUTED, command.username)


def list_bans(state: State, session: Session, command: ListBans) -> ServerEvent:
    room, time = _room(state, session, command), state.moment.time
    lasting = [each for each in room.sanctions if each.number > command.after and each.lasts(time)]
    space, lines = state.limits.text_bytes, list[BanSummary]()
    for each in lasting:
        space -= escaped_size(each.reason) + names_size((each.target, each.by)) + _LINE_BYTES
        if space < 0:
            break
        lines.append(
            BanSummary(
                number=each.number,
                username=each.target,
                act=_ACTS[each.role],
                by=each.by,
                at=each.at,
                until=each.until,
                reason=each.reason,
            )
        )
    return BansListed(room.name, tuple(lines), more=len(lines) < len(lasting))


# What is done to messages.


def delete_message(state: State, session: Session, command: DeleteMessage) -> ServerEvent:
    room = _of_message(state, session, command)
    if not command.own and room.role_of(session, state.moment.time) < Role.MODERATOR:
        raise Refusal(ErrorCode.NOT_ALLOWED, what="moderator", rule="delete_message", room=room.name)
    state.log.change(room.key, command.seq, "", deleted=True)
    change = state.log.changes(room.key)
    _tell(state, room, session, "delete_message", name=command.sender, value=command.seq, change=change)
    return Accepted()


def edit_message(state: State, session: Session, command: EditMessage) -> ServerEvent:
    room = _of_message(state, session, command)
    if not command.own:
        raise Refusal(ErrorCode.NOT_ALLOWED, what="own")
    check_text(state, command.text)
    state.log.change(room.key, command.seq, command.text, deleted=False)
    change, text = state.log.changes(room.key), command.text
    _tell(state, room, session, "edit_message", name=command.sender, value=command.seq, text=text, change=change)
    return Accepted()


def _of_message(state: State, session: Session, command: DeleteMessage | EditMessage) -> Room:
    """Return the room of a message. Raises `Refusal`.

    Who has said it was looked up where it was asked: what of a log is in memory differs from node to node.
    """
    room = _room(state, session, command)
    position = state.log.position(room.key)
    if command.epoch != position.epoch or not 1 <= command.seq <= position.seq:
        raise Refusal(ErrorCode.NO_SUCH_MESSAGE)
    return room


# Operators.


def become_operator(state: State, session: Session, command: BecomeOperator) -> ServerEvent:
    """Let a user look after the whole server: the node that was asked has seen the token."""
    if not session.has_operator_token:
        session.has_operator_token = True
        state.note(LineKind.OPERATOR, session, user=session.name)
    return state.entered(session)


def list_acts(state: State, session: Session, command: ListActs) -> ServerEvent:
    space, lines = state.limits.text_bytes, list[ActSummary]()
    known = [each for each in state.acts if each.number > command.after]
    for each in known:
        done = each.event
        space -= escaped_size(done.reason) + escaped_size(str(done.value)) + _LINE_BYTES
        space -= names_size((done.room, done.by, done.target))
        if space < 0:
            break
        lines.append(each)
    return ActsListed(tuple(lines), more=len(lines) < len(known))


# Their parts.


def _room(state: State, session: Session, command: Any) -> Room:
    """Return the room that a command is about. Raises `Refusal`."""
    if command.room is not None:
        return state.find_room(command.room)
    assert session.room is not None  # a user is always in a room
    return session.room


def _is_in(state: State, user: Session, room: Room) -> bool:
    """Tell whether a user is in a room; in the default one is everybody who is on the server."""
    return room is user.room or room is state.default_room


def _forget_oldest(of: dict[str, None], most: int) -> None:
    """Forget the oldest of more than so many."""
    while len(of) > most:
        del of[next(iter(of))]


def _check_note(text: str) -> None:
    if len(text) > NOTE_CHARS:
        raise Refusal(ErrorCode.TOO_LARGE, what="note", characters=NOTE_CHARS)


def _sanction(
    state: State, session: Session, room: Room, role: Role, command: BanUser | MuteUser
) -> tuple[Sanction, Session | None]:
    """Return what a user asks for, and whom it is about, if that one is there. Raises `Refusal`."""
    _check_note(command.reason)
    key, time = name_key(command.username), state.moment.time
    target, network = state.users.get(key), parse_network(command.username)
    if target is not None:
        check_outranks(state, session, room, target)
    elif not (is_username(composed(command.username), USERNAME_MAX) or (network and session.is_operator)):
        raise Refusal(ErrorCode.BAD_NAME, shortest=USERNAME_MIN, longest=USERNAME_MAX)
    ever = command.seconds is None or command.seconds > MOST_SECONDS
    sanction = Sanction(
        number=state.moment.record,
        role=role,
        target=composed(command.username) if target is None else target.name,
        by=session.name,
        at=time,
        until=None if ever or command.seconds is None else time + max(1, command.seconds),
        reason=command.reason,
        names=[key],
    )
    owner = state.accounts.get(key)
    if target is not None:
        sanction.learn([], [target.person], target.clients)
    elif owner is not None:
        sanction.learn([], [owner.person], [])
    elif network:
        sanction.place = network
    return sanction, target


def _add(state: State, room: Room, sanction: Sanction) -> None:
    """Let a sanction count, instead of an earlier one of the same user. Raises `Refusal`."""
    kept = []
    for each in room.sanctions:
        if each.role is sanction.role and sanction.names[0] in each.names:
            sanction.learn(each.names, each.persons, each.clients)
        elif each.lasts(state.moment.time):
            kept.append(each)
    if len(kept) >= _MOST_SANCTIONS:
        raise Refusal(ErrorCode.TOO_LARGE, what="bans", room=room.name)
    state.sanctions.put(room, [*kept, sanction])


def _lift(state: State, session: Session, room: Room, role: Role, username: str) -> ServerEvent:
    key, time = name_key(username), state.moment.time
    found = [each for each in room.sanctions if each.role is role and each.lasts(time) and key in each.names]
    if not found:
        if role is Role.MUTED:
            raise Refusal(ErrorCode.NO_SUCH_BAN, what="mute", name=username[:USERNAME_MAX])
        raise Refusal(ErrorCode.NO_SUCH_BAN, name=username[:USERNAME_MAX])
    state.sanctions.put(room, [each for each in room.sanctions if each not in found and each.lasts(time)])
    target = state.users.get(key)
    value = None if role is Role.BANNED or target is None else room.role_of(target, time).word
    _tell(state, room, session, f"un{_ACTS[role]}", target, name=found[0].target, value=value)
    return Accepted()


def _put_out(state: State, user: Session, room: Room, code: ErrorCode) -> None:
    """Put a user into the default room, or out of the server."""
    if room is state.default_room:
        put_out(state, user, code)
        return
    state.enter(user, state.default_room)
    if user.connection is not None:
        user.heads = state.heads(user)
        state.subscribe(user)
        state.emit(Deliver(user.connection, state.entered(user)))


def _tell_of(state: State, room: Room, session: Session, sanction: Sanction, target: Session | None) -> None:
    _tell(
        state,
        room,
        session,
        _ACTS[sanction.role],
        target,
        name=sanction.target,
        value=sanction.role.word if sanction.role is Role.MUTED else None,
        until=sanction.until,
        reason=sanction.reason,
    )


def _tell(
    state: State,
    room: Room,
    by: Session | None,
    act: str,
    target: Session | None = None,
    *,
    name: str = "",
    value: str | int | bool | None = None,
    until: float | None = None,
    reason: str = "",
    text: str = "",
    change: int = 0,
) -> None:
    """Tell the room, whoever it is about, and the operator."""
    event = RoomModerated(
        room=room.name,
        act=act,
        by="" if by is None else by.name,
        target=name if target is None else target.name,
        value=value,
        until=until,
        reason=reason,
        text=text,
        change=change,
        bot=by is not None and by.is_bot,
    )
    connection = None if target is None else target.connection
    state.emit(Publish(room.key, event, skip=connection))
    if connection is not None:
        state.emit(Deliver(connection, event))
    address = "" if by is None else by.origin.address
    state.acts.append(
        ActSummary(
            number=state.moment.record, at=state.moment.time, address=address, event=replace(event, text="", change=0)
        )
    )
    told = {"act": act, "room": room.name, "target": event.target, "value": value, "until": until, "reason": reason}
    state.note(LineKind.MODERATED, by or "", user=event.by, **{k: v for k, v in told.items() if v not in (None, "")})
