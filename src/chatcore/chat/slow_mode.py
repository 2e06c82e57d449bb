"""Slow rooms: who has to wait there for the next message, and who does so for what somebody else may have said."""

from __future__ import annotations

from chatcore.chat.kept.model import Room, Session
from chatcore.chat.kept.roles import Role
from chatcore.chat.state import State
from chatcore.errors import ErrorCode, Refusal
from chatcore.records import CLOSES_DETOURS, SLOWS_DOWN, STOPS_AT_WHAT_IS_GONE


class SlowFollower:
    """Takes note of who is away that has to wait. Implements `chatcore.chat.state.SessionFollower`."""

    def __init__(self, state: State) -> None:
        self._state = state

    def lost(self, session: Session) -> None:
        """Remember the place: who comes from there next may be the same one."""
        for room in self._state.slow_rooms:
            room.spoken.leave(session.person, session.origin.place, self._state.moment.clock)

    def returned(self, session: Session) -> None:
        """Let that one, and nobody else, wait."""
        for room in self._state.slow_rooms:
            room.spoken.come_back(session.person)

    def ended(self, session: Session) -> None:
        """Remember the place, unless that was done when the connection was lost."""
        if session.connection is not None:
            self.lost(session)


def has_to_wait(state: State, session: Session, room: Room) -> bool:
    """Tell whether a user has to wait between two messages in a slow room. Raises `Refusal` while that lasts."""
    moment, spoken, person = state.moment, room.spoken, session.person
    if (
        moment.rules < SLOWS_DOWN
        or not state.paces.of(session).slow_mode
        or room.role_of(session, moment.time) >= Role.MODERATOR
    ):
        return False
    if session.account is None and person not in spoken.at and moment.rules >= CLOSES_DETOURS:
        spoken.take_over(person, session.origin.place, room.slow, moment.clock, session.began)
    wait = spoken.wait(person, room.slow, moment.clock)
    if wait:
        raise Refusal(ErrorCode.SLOW_MODE, retry_after=wait, room=room.name, seconds=room.slow)
    return True


def take_turn(state: State, session: Session, *rooms: Room | None) -> None:
    """Take the turns of a user in slow rooms, where anything but a message is said. Raises `Refusal`; then in none."""
    if state.moment.rules < STOPS_AT_WHAT_IS_GONE:
        return
    slow = [room for room in dict.fromkeys(rooms) if room is not None and room.slow]
    for room in [room for room in slow if has_to_wait(state, session, room)]:
        room.spoken.note(session.person, room.slow, state.moment.clock)
