"""Who has a say in a room, and who has it next."""

from __future__ import annotations

from chatcore.chat import pictures
from chatcore.chat.effects import LineKind
from chatcore.chat.kept.model import Session
from chatcore.chat.kept.roles import GIVEN, Role
from chatcore.chat.requests.meant import room_of
from chatcore.chat.requests.moderation.acts import show_role, tell, tell_alone
from chatcore.chat.requests.moderation.heirs import heir, inherit, rooms_full, take_roles
from chatcore.chat.requests.moderation.sanctions import check_not_by_operator
from chatcore.chat.requests.permissions import check_outranks
from chatcore.chat.requests.written_down import write_down_operator
from chatcore.chat.state import State
from chatcore.commands import BecomeOperator, SetRole
from chatcore.errors import ErrorCode, Refusal
from chatcore.events import Accepted, ServerEvent
from chatcore.records import FINDS_HEIRS, RANKS_IN_ALL_SESSIONS


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
        if session.account is None:
            take_roles(self._state, session.person)


def set_role(state: State, session: Session, command: SetRole) -> ServerEvent:
    room = room_of(state, session, command)
    role = GIVEN.get(command.role)
    if role is None:
        raise Refusal(ErrorCode.BAD_REQUEST, what="role")
    target = state.find_user(command.username)
    rules = state.moment.rules
    is_own = target.person == session.person if rules >= RANKS_IN_ALL_SESSIONS else target is session
    if not is_own:
        check_outranks(state, session, room, target)
    before = room.roles.get(target.person, Role.MEMBER)
    if role is before:
        tell_alone(state, room, session, "set_role", target, value=role.word)
        return Accepted()
    if role > Role.MEMBER:
        check_not_by_operator(state, session, room, target)
    if role is Role.OWNER and state.moment.rules >= FINDS_HEIRS:
        _check_receiver(state, target)
    steps_down = before is Role.OWNER and role is Role.MODERATOR and is_own and not room.always
    if steps_down and state.moment.rules >= FINDS_HEIRS and heir(state, room, session.person) is None:
        raise Refusal(ErrorCode.FORBIDDEN, what="heir", room=room.name)  # or the room would come back at once
    owner = next((person for person, each in room.roles.items() if each is Role.OWNER), None)
    if role is Role.OWNER and owner is not None:
        state.give_role(room, owner, Role.MODERATOR)
    state.give_role(room, target.person, role)
    tell(state, room, session, "set_role", target, value=role.word)
    show_role(state, room, [target.person], told=target)
    if role is Role.OWNER and owner is not None:
        show_role(state, room, [owner], told=session)
    if before is Role.OWNER:
        inherit(state, room, target.person)
    return Accepted()


def _check_receiver(state: State, target: Session) -> None:
    """Raise `Refusal` (`room_limit`) when a room would be given to somebody who owns as many as may be."""
    most = rooms_full(state, target)
    if most:
        raise Refusal(ErrorCode.ROOM_LIMIT, what="other", name=target.name, rooms=most)


def become_operator(state: State, session: Session, command: BecomeOperator) -> ServerEvent:
    """Let a user look after the whole server: the node that was asked has seen the token."""
    session.operator_mark = command.hashed
    if not session.has_operator_token:
        session.has_operator_token = True
        state.note(LineKind.OPERATOR, session, user=session.name)
        write_down_operator(state, session)
    return pictures.entered(state, session)
