"""The room list: what is unread and what mentions the user, as this program and the server know it."""

from __future__ import annotations

from chatcore.events import Position, RoomEntered, RoomsChanged, RoomSummary, RoomUnread, UnreadChanged
from chatcore_qt.presenters.rooms.room_list import RoomList


def rooms() -> RoomList:
    """Return a list with a room that the user was in, up to its third message, and has left."""
    made = RoomList()
    line = RoomUnread("python", 3, 0, 0)
    made.take(RoomEntered(room="python", position=Position("e", 3), users=("alice",), users_count=1, unread=line))
    made.read("python", 3)
    made.take(RoomEntered(room="lobby", position=Position("f", 0), users=("alice",), users_count=1))
    return made


def of_python(made: RoomList) -> tuple[int, int]:
    """Return what is unread there, and how much of that is a mention."""
    row = made.row("python")
    assert row is not None
    return row.unread, row.mentions


def test_server_tells_of_mentions_before_the_room_list_grows_and_after() -> None:
    made = rooms()
    made.take(UnreadChanged((RoomUnread("python", 3, 2, 1),)))
    assert of_python(made) == (2, 1)
    made.take(RoomsChanged((RoomSummary("python", 1, 6),), ()))
    assert of_python(made) == (3, 1)


def test_what_another_program_has_read_is_read_and_nothing_is_unread_again() -> None:
    made = rooms()
    made.take(UnreadChanged((RoomUnread("Python", 3, 5, 2),)))
    made.take(UnreadChanged((RoomUnread("python", 7, 1, 0),)))
    assert of_python(made) == (1, 0)
    made.take(UnreadChanged((RoomUnread("python", 3, 5, 2),)))  # older than what is known
    assert of_python(made)[0] == 1


def test_reading_to_the_end_reads_the_mentions_and_is_told_once() -> None:
    made = rooms()
    told: list[tuple[str, int]] = []
    made.moved.connect(lambda room, seq: told.append((room, seq)))
    made.take(UnreadChanged((RoomUnread("python", 3, 2, 2),)))
    made.read("python", 5)
    made.read("python", 5)
    assert of_python(made) == (0, 0)
    assert told == [("python", 5)]
