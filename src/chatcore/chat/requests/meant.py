"""What a request means: which room, which message, until when."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from chatcore.chat.kept.model import Room, Session
from chatcore.chat.state import State
from chatcore.errors import ErrorCode, Refusal
from chatcore.records import STOPS_AT_WHAT_IS_GONE

# What is longer is for ever.
_MOST_SECONDS: Final = 10 * 366 * 24 * 3600


def room_of(state: State, session: Session, command: Any) -> Room:
    """Return the room that a command is about. Raises `Refusal`."""
    if command.room is not None:
        return state.find_room(command.room)
    assert session.room is not None  # a user is always in a room
    return session.room


def room_of_message(state: State, session: Session, command: Any) -> Room:
    """Return the room of the message that a command is about. Raises `Refusal`.

    Who has said it was looked up where it was asked: what of a log is in memory differs from node to node.
    """
    room = room_of(state, session, command)
    position = state.log.position(room.key)
    if command.epoch != position.epoch or not 1 <= command.seq <= position.seq:
        raise Refusal(ErrorCode.NO_SUCH_MESSAGE)
    # It was there when it was looked for; it may have been deleted just before this.
    if state.moment.rules >= STOPS_AT_WHAT_IS_GONE and state.log.was_deleted(room.key, command.seq):
        raise Refusal(ErrorCode.NO_SUCH_MESSAGE)
    return room


def ends_at(seconds: int | None, time: float) -> float | None:
    """Return when so many seconds from that time are over, at least one of them; None for never."""
    return None if seconds is None or seconds > _MOST_SECONDS else time + max(1, seconds)


def moment_text(at: float) -> str:
    """Return a time, in seconds since 1970, as ISO 8601 has it, in UTC."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
