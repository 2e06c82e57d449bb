"""How far the user has read, as a client knows it: by what it is told, and by what it tells."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chatcore.commands import MarkRead
from chatcore.errors import ErrorCode
from chatcore.events import Refused, RoomEntered, RoomsChanged, RoomSummary, RoomUnread, UnreadChanged
from tests.unit.client.test_session import NOW, Alice, entered, message


@pytest.fixture
def alice() -> Alice:
    """Return a session in the lobby, which is read up to the seventh message."""
    alice = Alice()
    alice.enter(seq=7, unread=(RoomUnread("lobby", 7, 0, 0), RoomUnread("Python", 3, 2, 1)))
    alice.says()
    return alice


def unread(alice: Alice) -> dict[str, tuple[int, int, int]]:
    return {key: (each.read, each.unread, each.mentions) for key, each in alice.session.unread.items()}


def test_server_says_at_the_login_what_is_unread(alice: Alice) -> None:
    assert unread(alice) == {"lobby": (7, 0, 0), "python": (3, 2, 1)}


def test_what_is_said_here_and_elsewhere_is_unread(alice: Alice) -> None:
    alice.hear(message(8))
    alice.hear(RoomsChanged((RoomSummary("python", 3, 9), RoomSummary("rust", 1, 4)), ()))
    assert unread(alice) == {"lobby": (7, 1, 0), "python": (3, 6, 1)}


def test_what_one_says_behind_what_was_read_is_read_and_behind_other_things_it_is_not(alice: Alice) -> None:
    """As the server counts it, which tells nobody."""
    alice.hear(replace(message(8), sender="Alice"))
    assert unread(alice)["lobby"] == (8, 0, 0)
    alice.hear(message(9))
    alice.hear(replace(message(10), sender="alice"))
    assert unread(alice)["lobby"] == (8, 2, 0)


def test_a_room_that_is_gone_is_read_no_longer_and_one_of_its_name_is_another_one(alice: Alice) -> None:
    alice.session.mark_read(4, "Python", NOW)
    alice.session.mark_read(5, "Python", NOW)
    alice.hear(RoomsChanged((), ("python",)))
    alice.hear(RoomsChanged((RoomSummary("python", 1, 9),), ()))
    assert "python" not in unread(alice)
    assert alice.session.get_timer() is None


def test_mentions_elsewhere_are_counted_by_the_server(alice: Alice) -> None:
    told = UnreadChanged((RoomUnread("Python", 3, 3, 2),))
    assert alice.hear(told) == [told]
    assert unread(alice)["python"] == (3, 3, 2)


def test_what_the_server_has_not_heard_of_yet_stays_read(alice: Alice) -> None:
    """It is told about once a second, and says meanwhile what it knows; a log that begins anew is another one."""
    for seq in (4, 5):
        alice.session.mark_read(seq, "Python", NOW)
    alice.hear(UnreadChanged((RoomUnread("Python", 4, 5, 2),)))
    assert unread(alice)["python"] == (5, 4, 2)
    alice.session.mark_read(8, "Python", NOW)
    alice.hear(UnreadChanged((RoomUnread("Python", 5, 4, 2),)))
    assert unread(alice)["python"] == (8, 1, 1)
    alice.hear(UnreadChanged((RoomUnread("Python", 1, 1, 0),)))
    assert unread(alice)["python"] == (1, 1, 0)


def test_entering_a_room_says_how_far_it_is_read(alice: Alice) -> None:
    picture: dict[str, Any] = {
        "room": "Python",
        "position": entered("Python", 9).position,
        "users": (),
        "users_count": 0,
    }
    alice.hear(RoomEntered(**picture, unread=RoomUnread("Python", 5, 4, 0)))
    assert unread(alice)["python"] == (5, 4, 0)


def test_server_is_told_at_once_and_then_once_a_second_of_the_furthest(alice: Alice) -> None:
    for seq in (8, 9, 10, 11):
        alice.hear(message(seq))
        alice.session.mark_read(seq, "lobby", NOW)
    assert alice.says() == [MarkRead(8, "lobby", "e")]
    assert alice.session.get_timer() == NOW + 1
    alice.session.handle_timer(NOW + 1)
    assert alice.says() == [MarkRead(11, "lobby", "e")]
    alice.session.handle_timer(NOW + 2)
    assert (alice.says(), alice.session.get_timer()) == ([], None)
    assert unread(alice)["lobby"] == (11, 0, 0)


def test_server_is_told_all_of_it_before_the_user_logs_out(alice: Alice) -> None:
    for seq in (8, 9, 10):
        alice.hear(message(seq))
        alice.session.mark_read(seq, "lobby", NOW)
    alice.says()
    alice.session.leave()
    assert alice.says() == [MarkRead(10, "lobby", "e")]
    assert alice.session.get_timer() is None


def test_reading_backwards_is_told_nobody(alice: Alice) -> None:
    alice.session.mark_read(6, "lobby", NOW)
    assert (alice.says(), unread(alice)["lobby"]) == ([], (7, 0, 0))


def test_a_room_that_was_not_followed_is_read_too(alice: Alice) -> None:
    alice.session.mark_read(4, "Rust", NOW)
    assert alice.says() == [MarkRead(4, "Rust")]
    assert unread(alice)["rust"] == (4, 0, 0)


def test_what_was_read_while_the_connection_was_lost_is_told_after_the_next_login(alice: Alice) -> None:
    alice.hear(message(8))
    alice.lose()
    alice.session.mark_read(8, "lobby", NOW)
    assert alice.session.get_timer() is None
    alice.enter(seq=8, resumed=True, unread=(RoomUnread("lobby", 7, 1, 0),))
    assert unread(alice)["lobby"] == (8, 0, 0)
    assert alice.says() == [MarkRead(8, "lobby", "e")]


def test_a_server_that_was_started_anew_is_told_nothing_of_rooms_that_it_does_not_have(alice: Alice) -> None:
    alice.session.mark_read(4, "Python", NOW)
    alice.session.mark_read(5, "Python", NOW)
    alice.says()
    alice.lose()
    alice.enter(seq=0, unread=(RoomUnread("lobby", 0, 0, 0),))
    alice.session.handle_timer(NOW + 1)
    assert not any(isinstance(command, MarkRead) for command in alice.says())


def test_a_server_that_does_not_take_it_is_not_asked_again(alice: Alice) -> None:
    alice.session.mark_read(4, "rust", NOW)
    alice.says()
    assert alice.answered(Refused(ErrorCode.NO_SUCH_ROOM, "there is no such room")) == []
    assert alice.says() == []


def test_a_mark_that_came_too_early_is_told_later(alice: Alice) -> None:
    alice.session.mark_read(4, "rust", NOW)
    alice.says()
    alice.answered(Refused(ErrorCode.RATE_LIMITED, "too fast", retry_after=2.0))
    alice.session.handle_timer(NOW + 2)
    assert alice.says() == [MarkRead(4, "rust")]


def test_marks_of_several_rooms_that_came_too_early_are_all_told_later(alice: Alice) -> None:
    """Once each, and as far as the user has read by then."""
    alice.session.mark_read(4, "rust", NOW)
    alice.session.mark_read(4, "python", NOW)
    alice.session.mark_read(2, "go", NOW)
    alice.session.handle_timer(NOW + 1)
    alice.says()
    refused = Refused(ErrorCode.RATE_LIMITED, "too fast", retry_after=2.0)
    for request in alice.written[-3:]:
        alice.hear(refused, request.reply_to, NOW + 1)
    alice.session.mark_read(5, "python", NOW + 2)
    assert alice.says() == []
    alice.session.handle_timer(NOW + 3)
    assert alice.says() == [MarkRead(4, "rust"), MarkRead(2, "go"), MarkRead(5, "python")]
    for request in (*alice.written[-3:], alice.written[-1]):
        alice.hear(refused, request.reply_to, NOW + 3)
    alice.session.handle_timer(NOW + 5)
    assert alice.says() == [MarkRead(4, "rust"), MarkRead(2, "go"), MarkRead(5, "python")]


def test_what_was_read_of_a_log_that_is_gone_is_told_as_that(alice: Alice) -> None:
    alice.hear(message(8))
    alice.lose()
    alice.session.mark_read(8, "lobby", NOW)
    alice.enter(epoch="new", seq=9, unread=(RoomUnread("lobby", 0, 9, 0),))
    assert alice.says() == [MarkRead(8, "lobby", "e")]
