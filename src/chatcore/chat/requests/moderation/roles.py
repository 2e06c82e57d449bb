"""Who has a say in a room, and who has it next."""

from __future__ import annotations

from itertools import islice

from chatcore.chat import pictures
from chatcore.chat.effects import LineKind
from chatcore.chat.kept.model import Room, Session
from chatcore.chat.kept.roles import GIVEN, Role
from chatcore.chat.requests.meant import room_of
from chatcore.chat.requests.moderation.acts import tell
from chatcore.chat.requests.permissions import check_outranks
from chatcore.chat.requests.written_down import write_down_operator
from chatcore.chat.state import State
from chatcore.commands import BecomeOperator, SetRole
from chatcore.errors import ErrorCode, Refusal
from chatcore.events import Accepted, ServerEvent
from chatcore.records import INHERITS_SOME_AT_A_TIME


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
        state = self._state
        if session.account is not None:
            return
        begins = not state.due.to_inherit
        for room in sorted(state.ruled.get(session.person, ()), key=lambda each: each.key):
            owned = room.roles[session.person] is Role.OWNER
            state.give_role(room, session.person, Role.MEMBER)
            if owned and state.moment.rules >= INHERITS_SOME_AT_A_TIME:
                state.due.to_inherit[room] = None
            elif owned:
                _inherit(state, room)
        if begins:
            inherit_some(state)


def set_role(state: State, session: Session, command: SetRole) -> ServerEvent:
    room = room_of(state, session, command)
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
    tell(state, room, session, "set_role", target, value=role.word)
    if before is Role.OWNER:
        _inherit(state, room)
    return Accepted()


def inherit_some(state: State) -> None:
    """Give the rooms whose owners have been gone the longest to the next ones: some, the others with later entries."""
    for room in list(islice(state.due.to_inherit, state.at_a_time)):
        del state.due.to_inherit[room]
        if not room.always and Role.OWNER not in room.roles.values():
            _inherit(state, room)


def _inherit(state: State, room: Room) -> None:
    heir = next(iter(room.roles), None)
    if heir is not None:
        state.give_role(room, heir, Role.OWNER)
        for user in state.sessions_of(heir)[:1]:
            tell(state, room, None, "set_role", user, value=Role.OWNER.word)


def become_operator(state: State, session: Session, command: BecomeOperator) -> ServerEvent:
    """Let a user look after the whole server: the node that was asked has seen the token."""
    if not session.has_operator_token:
        session.has_operator_token = True
        state.note(LineKind.OPERATOR, session, user=session.name)
        write_down_operator(state, session)
    return pictures.entered(state, session)
