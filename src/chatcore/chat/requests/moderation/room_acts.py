"""What is done to a room as a whole."""

from __future__ import annotations

from chatcore.chat.kept.model import Session
from chatcore.chat.requests.meant import room_of
from chatcore.chat.requests.moderation.acts import check_note, tell, tell_alone
from chatcore.chat.requests.moderation.members import put_out_all
from chatcore.chat.state import State
from chatcore.commands import CloseRoom, SetPrivate, SetSlow, SetTopic
from chatcore.errors import ErrorCode, Refusal
from chatcore.events import Accepted, ServerEvent
from chatcore.limits import SLOW_SECONDS_MAX


def set_topic(state: State, session: Session, command: SetTopic) -> ServerEvent:
    room = room_of(state, session, command)
    check_note(command.topic)
    if command.topic != room.topic:
        room.topic = command.topic
        tell(state, room, session, "set_topic", value=room.topic)
    else:
        tell_alone(state, room, session, "set_topic", value=room.topic)
    return Accepted()


def set_private(state: State, session: Session, command: SetPrivate) -> ServerEvent:
    room = room_of(state, session, command)
    if room is state.default_room and command.private:
        raise Refusal(ErrorCode.FORBIDDEN, what="lobby", room=room.name)
    if command.private is not room.private:
        room.private = command.private
        room.invited = {member.person: None for member in room.members} if room.private else {}
        tell(state, room, session, "set_private", value=room.private)
    else:
        tell_alone(state, room, session, "set_private", value=room.private)
    return Accepted()


def set_slow(state: State, session: Session, command: SetSlow) -> ServerEvent:
    room = room_of(state, session, command)
    seconds = max(0, min(command.seconds, SLOW_SECONDS_MAX))
    if seconds != room.slow:
        state.slow_down(room, seconds)
        tell(state, room, session, "set_slow", value=room.slow)
    else:
        tell_alone(state, room, session, "set_slow", value=room.slow)
    return Accepted()


def close(state: State, session: Session, command: CloseRoom) -> ServerEvent:
    room = room_of(state, session, command)
    check_note(command.reason)
    if room.always:
        raise Refusal(ErrorCode.FORBIDDEN, what="declared", room=room.name)
    if room.closing:
        return Accepted()
    tell(state, room, session, "close_room", reason=command.reason)
    room.closing = state.at_a_time is not None
    put_out_all(state, room.members, room, ErrorCode.KICKED)
    if room.key in state.rooms and not room.members:  # or it goes with its last member
        state.remove_room(room, session)
    return Accepted()
