"""What is typed for a room that the user is still on the way to."""

from __future__ import annotations

import pytest

from chatcore.text.slash import parse
from chatcore_cli.chatting.terminal.ahead import TypedAhead, Unfinished


def kept(ahead: TypedAhead, line: str) -> bool:
    return ahead.keeps(line, parse(line, room="old"))


@pytest.mark.parametrize(
    "line", ["hello", "/close", "/edit that", "/topic -", "/who", "/history", "/link", "/send * f"]
)
def test_what_is_about_a_room_waits_for_the_room_that_it_is_about(line: str) -> None:
    ahead = TypedAhead()
    assert not kept(ahead, line)
    ahead.set_out("new")
    assert kept(ahead, line)


@pytest.mark.parametrize(
    "line",
    ["", "/quit", "/help", "/nick al", "/msg bob hi", "/send bob f", "/register", "/identify pass", "/join other"],
)
def test_what_is_the_same_everywhere_waits_for_no_room(line: str) -> None:
    ahead = TypedAhead()
    ahead.set_out("new")
    assert not kept(ahead, line)


def test_user_is_where_the_last_command_leads_or_not_where_the_lines_are_for() -> None:
    """However the answers come, and whatever else has moved the user."""
    for done, room, there in ((True, "New", True), (True, "old", False), (False, "new", False)):
        ahead = TypedAhead()
        ahead.set_out("between")
        ahead.set_out("new")
        assert ahead.arrived(True, "between") is None
        assert ahead.arrived(done, room) is there


def test_way_that_leads_on_waits_behind_the_lines_for_the_room_between() -> None:
    ahead = TypedAhead()
    ahead.set_out("between")
    lines = ["for between", "/join new", "for new", "/private", "/who"]
    assert all(kept(ahead, line) for line in lines)
    assert (len(ahead), ahead.messages, ahead.commands) == (5, 2, 2)
    assert [line for line, _command in ahead.take()] == lines
    assert not ahead.take()


def test_line_is_asked_about_that_was_begun_for_a_room_where_the_user_is_not() -> None:
    """Or before anybody can have read that; not one that was begun later, nor the next one."""
    time = 0.0
    line = Unfinished(lambda: time)
    line.goes_on()
    line.changed("t")
    line.changed("th")
    assert (line.take(), line.take()) == ("", None)
    line.belongs_to("closed")
    assert line.take() == "closed"
    line.belongs_to("closed")
    line.changed("")
    line.belongs_to("closed")
    assert line.take() is None
    line.goes_on()
    line.changed("/help")
    assert line.take() == ""
    line.changed("")
    line.changed("hello")
    assert line.take() is None
    line.changed("")
    line.goes_on()
    time = 10.0
    line.changed("hello")
    assert line.take() is None
