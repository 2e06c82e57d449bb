"""Rooms: who is where, and what there is to see of rooms and users."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from chatcore.chat import pictures
from chatcore.chat.effects import Deliver, LineKind, Publish, RenamedInRoom
from chatcore.chat.kept.model import Session
from chatcore.chat.kept.roles import Role
from chatcore.chat.requests import naming
from chatcore.chat.requests.accounts import check_owner
from chatcore.chat.requests.moderation.heirs import rooms_full
from chatcore.chat.requests.permissions import check_new_name
from chatcore.chat.state import State
from chatcore.commands import (
    CreateRoom,
    JoinRoom,
    LeaveRoom,
    ListRooms,
    ListUsers,
    MarkRead,
    Position,
    Rename,
    WhoIs,
)
from chatcore.errors import ErrorCode, Refusal
from chatcore.events import Accepted, RoomsListed, ServerEvent, UserDescribed, UserRenamed, UsersListed, UserSummary
from chatcore.text.names import composed, is_room_name

# What the lines of a user list may take, and one of them besides the names.
_LINES_BYTES: Final = 60_000
_LINE_OVERHEAD: Final = 33
# An address and its key; a scope's name may be in it.
_ADDRESS_BYTES: Final = 100


def create_room(state: State, session: Session, command: CreateRoom) -> ServerEvent:
    name = naming.room_name(state, command.room)
    most = rooms_full(state, session)
    if most:
        raise Refusal(ErrorCode.ROOM_LIMIT, rooms=most)
    room = state.open_room(name, session)
    state.give_role(room, session.person, Role.OWNER)
    state.note(LineKind.ROOM_CREATED, session, user=session.name, room=room.name)
    state.enter(session, room)
    state.subscribe(session)
    return pictures.entered(state, session)


def join_room(state: State, session: Session, command: JoinRoom) -> ServerEvent:
    # After a restart nobody is in the rooms of before, and where the store has kept their logs, they go on.
    name = composed(command.room)
    room = state.reopen_room(name) if is_room_name(name) else state.find_room(name)
    if room is not session.room:
        if room.closing:
            raise Refusal(ErrorCode.NO_SUCH_ROOM, name=room.name)
        state.enter(session, room)
        if command.since is not None:
            after = state.replay_from(session, room.key, command.since)
            changed = state.changed_since(room, command.since)
            state.subscribe(session, {room.key: after}, changed)
            picture = pictures.entered(state, session)
            # As in a welcome: the place after which the log goes on, be it with a replay or live.
            return replace(picture, position=_behind(picture.position, after, changed))
        state.subscribe(session)
    return pictures.entered(state, session)


def _behind(position: Position, seq: int, changed: int | None) -> Position:
    """Return from where on a user is told of a log whose present position is given."""
    return Position(position.epoch, seq, position.changes if changed is None else changed)


def leave_room(state: State, session: Session, command: LeaveRoom) -> ServerEvent:
    if session.room is not state.default_room:
        state.enter(session, state.default_room)
        state.subscribe(session)
    return pictures.entered(state, session)


def list_rooms(state: State, session: Session, command: ListRooms) -> ServerEvent:
    return RoomsListed(*pictures.rooms(state, command.after))


def list_users(state: State, session: Session, command: ListUsers) -> ServerEvent:
    names = state.user_names if command.room is None else state.find_room(command.room).names
    line = state.longest_name + state.longest_room_name + _LINE_OVERHEAD
    most = min(state.limits.names_per_frame, _LINES_BYTES // (line + _ADDRESS_BYTES * session.is_operator))
    keys, more = names.page(command.after, most)
    return UsersListed(
        tuple(
            UserSummary(each.name, each.room.name, each.origin.address if session.is_operator else None, each.is_bot)
            for each in map(state.users.__getitem__, keys)
            if each.room is not None
        ),
        more,
    )


def mark_read(state: State, session: Session, command: MarkRead) -> ServerEvent:
    """Let a user say how far a room was read: who asks takes note, and tells the journal later."""
    if command.room is not None:
        state.find_room(command.room)
    return Accepted()


def who_is(state: State, session: Session, command: WhoIs) -> ServerEvent:
    user = state.find_user(command.username)
    assert user.room is not None  # a user is always in a room
    return UserDescribed(
        username=user.name,
        room=user.room.name,
        since=user.since,
        idle=max(0.0, state.moment.time - user.active_at),
        transport=user.origin.transport,
        dialect=user.origin.dialect,
        connected=user.connection is not None,
        address=user.origin.address if state.show_addresses or session.is_operator else None,
        role=user.room.role_of(user, state.moment.time).word,
        account=None if user.account is None else user.account.name,
        bot=user.is_bot,
    )


def rename(state: State, session: Session, command: Rename) -> ServerEvent:
    old_key, old = session.key, session.name
    name = naming.username(state, session, command.username)
    if name == old:
        return Accepted()
    check_new_name(state, session, name)
    check_owner(state, session, name)
    naming.check_free(state, session, name)
    naming.free(state, session)
    naming.give(state, session, name)
    key = session.key
    state.sanctions.follow(session, state.moment.rules)
    state.reading.rename(session, old_key)
    room = session.room
    assert room is not None  # a user is always in a room
    room.names.remove(old_key)
    room.names.add(key)
    room.forget_name(old)
    state.emit(RenamedInRoom(room, old_key, key, session.name))
    renamed = UserRenamed(old, session.name)
    assert session.connection is not None  # it is the one that asks
    state.emit(Deliver(session.connection, renamed))
    state.emit(Publish(room.key, renamed, skip=session.connection))
    state.note(LineKind.RENAMED, session, user=old, to=session.name)
    return Accepted()
