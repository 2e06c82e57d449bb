"""Who is let into a room, and who is put out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from chatcore.chat import pictures
from chatcore.chat.effects import Deliver
from chatcore.chat.kept.model import Room, Session
from chatcore.chat.requests.logins import put_out
from chatcore.chat.requests.meant import room_of
from chatcore.chat.requests.moderation.acts import check_note, tell
from chatcore.chat.requests.permissions import check_outranks
from chatcore.chat.state import State
from chatcore.commands import InviteUser, KickUser
from chatcore.errors import ErrorCode, Refusal
from chatcore.events import Accepted, ServerEvent
from chatcore.records import KNOWS_PERSONS

_MOST_INVITED: Final = 10_000


def invite(state: State, session: Session, command: InviteUser) -> ServerEvent:
    room = room_of(state, session, command)
    target = state.find_user(command.username)
    if room.private and target.person not in room.invited:
        room.invited[target.person] = None
        _forget_oldest(room.invited, _MOST_INVITED)
    tell(state, room, session, "invite", target)
    return Accepted()


def kick(state: State, session: Session, command: KickUser) -> ServerEvent:
    room = room_of(state, session, command)
    check_note(command.reason)
    target = state.find_user(command.username)
    check_outranks(state, session, room, target)
    if not _is_in(state, target, room):
        raise Refusal(ErrorCode.NO_SUCH_USER, what="elsewhere", name=target.name, room=room.name)
    room.invited.pop(target.person, None)
    tell(state, room, session, "kick", target, reason=command.reason)
    put_out_of(state, target, room, ErrorCode.KICKED)
    if target.account is not None and state.moment.rules >= KNOWS_PERSONS:
        put_out_all(state, [each for each in target.account.sessions if each is not target], room, ErrorCode.KICKED)
    return Accepted()


def put_out_all(state: State, users: Iterable[Session], room: Room, code: ErrorCode) -> None:
    """Put users out of a room: some at once, the others, behind all who wait for that, with later entries."""
    state.due.to_put_out.extend((user, room, code) for user in users)
    put_out_some(state)


def put_out_some(state: State) -> None:
    """Put those out who are to be put out first, if they have not gone by themselves."""
    left, most, done = state.due.to_put_out, state.at_a_time, 0
    while left and done != most:
        user, room, code = left.popleft()
        if state.users.get(user.key) is user and _is_in(state, user, room):
            put_out_of(state, user, room, code)
            done += 1


def put_out_of(state: State, user: Session, room: Room, code: ErrorCode) -> None:
    """Put a user into the default room, or out of the server."""
    if room is state.default_room:
        put_out(state, user, code)
        return
    state.enter(user, state.default_room)
    if user.connection is not None:
        user.heads = state.heads(user)
        state.subscribe(user)
        state.emit(Deliver(user.connection, pictures.entered(state, user)))


def _is_in(state: State, user: Session, room: Room) -> bool:
    """Tell whether a user is in a room; in the default one is everybody who is on the server."""
    return room is user.room or room is state.default_room


def _forget_oldest(of: dict[str, None], most: int) -> None:
    """Forget the oldest of more than so many."""
    while len(of) > most:
        del of[next(iter(of))]
