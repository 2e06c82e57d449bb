"""What there is to see of rooms and users: as many of them as fit into a frame."""

from __future__ import annotations

from itertools import islice
from typing import Final

from chatcore.chat.kept.model import Room, Session
from chatcore.chat.kept.roles import Role
from chatcore.chat.state import State
from chatcore.events import RoomEntered, RoomSummary, RoomUnread

# What a list of usernames may take of a frame that holds another one, or the room list, beside it.
_NAMES_BYTES: Final = 20_000
_ROOMS_BYTES: Final = 40_000
# So many times fewer names of bots than of members.
_BOTS_SHARE: Final = 4
# Of a room's line, beside its name.
_ROOM_LINE_BYTES: Final = 48


def names_per_frame(state: State) -> int:
    """How many usernames a frame lists: as many as set, or as many of the longest ones as fit."""
    return min(state.limits.names_per_frame, _NAMES_BYTES // (state.longest_name + 3))


def rooms_per_frame(state: State) -> int:
    """How many rooms a frame lists, in the same way."""
    return min(state.limits.rooms_per_frame, _ROOMS_BYTES // (state.longest_room_name + _ROOM_LINE_BYTES))


def entered(state: State, session: Session) -> RoomEntered:
    """Return the picture of the room that a user is in."""
    room = session.room
    assert room is not None  # only for users
    return RoomEntered(
        room=room.name,
        position=state.log.position(room.key),
        users=members(state, room),
        users_count=len(room.members),
        topic=room.topic,
        role=room.role_of(session, state.moment.time).word,
        private=room.private,
        slow=room.slow,
        unread=unread_in(state, session, room),
        bots=bots(state, room),
    )


def unread(state: State, session: Session) -> tuple[RoomUnread, ...]:
    """Return how far a user has read each room that is followed."""
    rooms = state.reading.places.get(session.person, {})
    lines = (unread_in(state, session, room) for room in rooms)
    return tuple(line for line in lines if line is not None)


def unread_in(state: State, session: Session, room: Room) -> RoomUnread | None:
    """Return how far a user has read a room; None for one that is not followed, or closed to that one by now."""
    time = state.moment.time
    if not room.lets_in(session, time) or room.role_of(session, time) is Role.BANNED:
        return None
    return state.reading.line(session, room, state.log.head(room.key))


def members(state: State, room: Room) -> tuple[str, ...]:
    """Return who is in the room: the first ones when there are more than fit into a frame."""
    most = names_per_frame(state) - len(bots(state, room))
    first = room.first
    if len(first) < min(most, len(room.members)):
        first = room.first = first + tuple(each.name for each in islice(room.members, len(first), most))
    return first[:most]


def bots(state: State, room: Room) -> tuple[str, ...]:
    """Return which members are bots: the first ones when these names take more than their share of a frame."""
    return tuple(each.name for each in islice(room.bots, names_per_frame(state) // _BOTS_SHARE)) if room.bots else ()


def rooms(state: State, after: str | None) -> tuple[tuple[RoomSummary, ...], bool]:
    """Return room list lines in the order of their names, behind `after`, and whether there are more."""
    keys, more = state.room_names.page(after, rooms_per_frame(state))
    return tuple(line_of(state, key) for key in keys), more


def line_of(state: State, key: str) -> RoomSummary:
    """Return the line of a room, by its key."""
    room = state.rooms[key]
    users, seq, line = len(room.members), state.log.head(key), room.line
    if line is None or line.users != users or line.seq != seq:
        line = room.line = RoomSummary(room.name, users, seq)
    return line
