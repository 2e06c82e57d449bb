"""What is done in rooms, in sentences."""

from __future__ import annotations

import pytest

from chatcore.events import BanSummary, RoomModerated
from chatcore.text.telling import whole
from chatcore.text.telling.room_sentences import ban_line, happened, own_role, puts_out, role_of


def when(at: float) -> str:
    return f"day {at:g}"


@pytest.mark.parametrize(
    ("act", "more", "said"),
    [
        ("kick", {}, "al put bob out of python"),
        ("kick", {"reason": "be nice"}, "al put bob out of python: be nice"),
        ("ban", {"until": 3.0}, "al banned bob from python, until day 3"),
        ("ban", {"until": 3.0, "reason": "spam"}, "al banned bob from python, until day 3: spam"),
        (
            "ban",
            {"value": "absent", "until": 3.0, "reason": "spam"},
            "al banned bob from python (nobody is called that now; it is for whoever will be), until day 3: spam",
        ),
        ("mute", {"value": "absent"}, "al muted bob in python (nobody is called that now; it is for whoever will be)"),
        ("unban", {}, "al lets bob into python again"),
        ("mute", {"value": "muted"}, "al muted bob in python"),
        ("unmute", {"value": "member"}, "al lets bob speak in python again"),
        ("set_topic", {"target": "", "value": "x"}, "al changed the topic of python: x"),
        ("set_topic", {"target": "", "value": ""}, "al took the topic of python away"),
        ("set_role", {"value": "owner"}, "bob owns python now"),
        ("set_role", {"value": "moderator"}, "bob is a moderator of python now"),
        ("set_role", {"value": "member"}, "bob is an ordinary member of python now"),
        ("set_role", {"value": "king"}, None),
        ("invite", {}, "al invites bob to python"),
        ("set_private", {"value": True}, "al made python private: only who is invited gets in"),
        ("set_private", {"value": False}, "al opened python to everybody"),
        ("set_slow", {"value": 9}, "al lets everybody in python wait for 9 s between two messages"),
        ("set_slow", {"value": 0}, "al lets everybody in python write as they like"),
        ("close_room", {"reason": "late"}, "al closed python: late"),
        ("delete_message", {}, "al deleted a message of bob"),
        ("delete_message", {"target": "Al"}, "al deleted a message"),
        ("delete_message", {"by": ""}, "a message of bob was deleted"),
        ("operator", {"room": "", "by": "", "value": False}, "bob is no operator any more, by the settings"),
        ("make_invitation", {"value": 7, "text": "1"}, "al made invitation 7 to python, for one login"),
        ("make_invitation", {"value": 7, "text": "30"}, "al made invitation 7 to python, for 30 logins"),
        ("make_invitation", {"room": "", "value": 7, "text": "1"}, "al made invitation 7, for one login"),
        ("paint", {}, None),
    ],
)
def test_what_is_done_has_a_sentence_and_what_is_not_known_has_none(
    act: str, more: dict[str, object], said: str | None
) -> None:
    event = RoomModerated(**{"room": "python", "act": act, "by": "al", "target": "bob", **more})  # type: ignore[arg-type]
    assert happened(event, when) == said


def test_words_of_strangers_are_harmless() -> None:
    event = RoomModerated(room="a", act="kick", by="b", target="\u202ec{by}", reason="\x1b[2J{target}")
    said = happened(event, when)
    assert said is not None
    assert "\x1b" not in said
    assert "\u202e" not in said
    assert said.endswith("{target}")


def test_ban_is_told_with_who_and_why() -> None:
    line = BanSummary(number=1, username="bob", act="mute", by="al", at=0.0, until=2.0, reason="loud")
    assert ban_line(line, when) == "bob is muted, by al, until day 2: loud"
    assert ban_line(BanSummary(number=1, username="bob", act="new", by="al", at=0.0), when) == "bob is banned, by al"


def test_only_a_role_that_is_none_of_everybody_is_worth_a_word() -> None:
    assert own_role("member") is role_of("bob", "member") is None
    assert own_role("muted") == "you may only listen here"
    assert role_of("bob", "operator") == "bob is an operator of this server"


@pytest.mark.parametrize(
    ("act", "by", "target", "out"),
    [
        ("kick", "al", "Bob", True),
        ("kick", "al", "carl", False),
        ("ban", "al", "bob", True),
        ("mute", "al", "bob", False),
        ("close_room", "al", "", True),
        ("close_room", "bob", "", False),
    ],
)
def test_some_acts_make_somebody_leave_the_room(act: str, by: str, target: str, out: bool) -> None:
    assert puts_out(RoomModerated(room="python", act=act, by=by, target=target), "bob") == out


def test_words_of_several_lines_are_told_in_them_only_where_that_is_asked_for() -> None:
    said = happened(RoomModerated(room="a", act="ban", by="b", target="c", until=3.0, reason="one\ntwo\n"), when)
    assert said is not None
    assert whole(said, str) == "b banned c from a, until day 3: one\\x0atwo."
    assert whole(said, str, keep_layout=True) == "b banned c from a, until day 3: one\ntwo."
