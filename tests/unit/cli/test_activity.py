"""What the terminal tells of rooms that the user is not in, and which news of files programs get."""

from __future__ import annotations

from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.events import FileProgressed, FileState, RoomSummary, RoomUnread
from chatcore.text.names import composed, is_username
from chatcore.text.names.mentions import mentions
from chatcore_cli.chatting.showing.json_lines import Progress
from chatcore_cli.chatting.terminal.activity import Activity
from tests.strategies import names


def rooms(**heads: int) -> dict[str, RoomSummary]:
    """Return a room list, with the head of each log."""
    return {name: RoomSummary(name, 1, head) for name, head in heads.items()}


def test_what_was_said_before_is_no_news_and_what_is_said_here_neither() -> None:
    activity = Activity()
    activity.look(rooms(lobby=5, python=3), "lobby")
    now = rooms(lobby=9, python=5, qt=1)
    activity.look(now, "Lobby")
    assert activity.text(now, {}) == "python +2  qt +1"
    activity.look(now, "python")
    assert activity.text(now, {}) == "qt +1"


def test_what_the_server_tells_is_believed_and_what_speaks_of_the_user_comes_first() -> None:
    """It knows what was read in other programs; a room where the user is now is being read."""
    activity = Activity()
    activity.look(rooms(lobby=5, python=3, qt=9), "lobby")
    now = rooms(lobby=5, python=30, qt=10, rust=4)
    activity.look(now, "Lobby")
    told = {"lobby": RoomUnread("lobby", 1, 4, 2), "python": RoomUnread("python", 30, 0, 0)}
    assert activity.text(now, told) == "rust +4  qt +1"
    told["qt"] = RoomUnread("qt", 7, 3, 2)
    assert activity.text(now, told) == "qt +3 @ 2  rust +4"


def test_room_that_is_gone_is_forgotten_and_one_that_begins_anew_is_new() -> None:
    activity = Activity()
    activity.look(rooms(python=50), "lobby")
    activity.look(rooms(python=2), "lobby")
    assert activity.text(rooms(python=2), {}) == "python +2"
    activity.look(rooms(), "lobby")
    activity.look(rooms(python=1), "lobby")
    assert activity.text(rooms(python=1), {}) == "python +1"


def test_of_many_rooms_those_with_most_news_are_told() -> None:
    activity = Activity()
    activity.look(rooms(), "lobby")
    now = rooms(**{f"room{number}": number for number in range(1, 9)})
    activity.look(now, "lobby")
    assert activity.text(now, {}) == "room8 +8  room7 +7  room6 +6  room5 +5  …"


def test_mention_is_a_word_of_its_own() -> None:
    assert mentions("Alice, look", "alice")
    assert mentions("(alice)", "ALICE")
    assert not mentions("malice alice2 al-alice", "alice")
    assert not mentions("anything", "")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("salut ZOË !", "Zoë"), ("salut Zoe\u0308 !", "Zoë"), ("田中さん、こんにちは", "田中"),
        ("สวัสดีสมชายครับ", "สมชาย"),
        ("STRASSE?", "Straße"), ("привет, иван.", "Иван"), ("ΓΙΏΡΓΟΣ:", "γιώργος"),
    ],
)  # fmt: skip
def test_mention_is_in_every_script_and_case(text: str, name: str) -> None:
    """Where words stand without spaces, a name does too."""
    assert mentions(text, name)
    assert not mentions("Zoëlle иванов Zoe", name)


@given(names | st.text("αΐΰιυΪϋ", min_size=2, max_size=10).map(composed).filter(lambda name: is_username(name, 12)))
def test_every_name_is_mentioned_by_itself(name: str) -> None:
    """However it is composed."""
    assert mentions(f"hello {name}, how are you?", name)
    assert mentions(normalize("NFD", f"hello {name}, how are you?"), name)


@pytest.mark.parametrize("name", ["Μαΐρη", "ΰλη", "ΐΐ", "\u01f0an", "straße", "Σίσυφος"])
def test_name_with_letters_that_case_folding_takes_apart_is_mentioned(name: str) -> None:
    assert mentions(f"({name})", name)
    assert mentions(name.upper(), name)
    assert not mentions(f"{name}α", name)


def progressed(done: int, **more: Any) -> FileProgressed:
    """Return the news of a file of 1000 bytes."""
    fields: dict[str, Any] = {"state": FileState.RUNNING, "sending": True, "rate": 1.0, "left": 1.0}
    return FileProgressed(file="f", user="bob", name="n", size=1000, done=done, **(fields | more))


@given(st.lists(st.integers(0, 40), max_size=200))
def test_a_file_is_worth_a_dozen_lines_however_often_there_is_news(steps: list[int]) -> None:
    progress, done, told = Progress(), 0, 0
    for number, step in enumerate(steps):
        done = min(1000, done + step)
        told += progress.is_news(progressed(done), number * 0.02)
    assert told <= 12


def test_what_stands_still_or_changes_is_told() -> None:
    progress = Progress()
    assert progress.is_news(progressed(0), 0.0)
    assert not progress.is_news(progressed(1), 9.0)
    assert progress.is_news(progressed(2), 10.0)
    assert progress.is_news(progressed(2, state=FileState.PAUSED), 10.5)
