"""Every entry is one sentence for a screen reader, and one line for the clipboard."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from chatcore.events import MessagePosted, UserDescribed
from chatcore_qt.presenters.conversation import notices
from chatcore_qt.presenters.conversation.conversation import OwnName, entry_of
from chatcore_qt.presenters.entries.sentences import copied, labels, near_day, spoken
from chatcore_qt.presenters.entries.timeline import GapEntry, MessageEntry, NoticeEntry

AT = datetime(2026, 11, 21, 10, 4).astimezone()


def message(text: str = "hello", **more: Any) -> MessageEntry:
    """Return a message of alice."""
    return MessageEntry("1", "alice", text, AT, **more)


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        (message(), "alice at 10:04: hello"),
        (message(own=True), "You at 10:04: hello"),
        (message(mentions=True), "alice at 10:04, mentioning you: hello"),
        (message(kind="direct", to=("bob",)), "alice at 10:04, to you directly: hello"),
        (message(kind="direct", to=("bob", "carol"), own=True), "You at 10:04, to bob, carol only: hello"),
        (message(kind="broadcast"), "alice at 10:04, to everyone: hello"),
        (message(kind="broadcast", own=True), "You at 10:04, to everyone: hello"),
        (message(own=True, state="pending"), "You at 10:04: hello (It is being sent.)"),
        (message(own=True, state="failed", note="Too long."), "You at 10:04: hello (Too long.)"),
        (message(own=True, state="failed"), "You at 10:04: hello (It was not sent.)"),
        (message("{name} \x1b[2J\u202e"), r"alice at 10:04: {name} \x1b[2J\u202e"),
        (NoticeEntry("1", "bob came.", AT), "bob came."),
        (GapEntry("1", 12, AT), "12 messages are missing here."),
        (GapEntry("1", 0, AT), "Messages may be missing here."),
    ],
)
def test_an_entry_is_spoken_as_a_sentence(entry: MessageEntry, sentence: str) -> None:
    """Who, when, to whom, what, and whether it was sent."""
    assert spoken(entry) == sentence


def test_a_sentence_is_never_endless() -> None:
    """A screen reader cannot be kept busy by one message."""
    assert len(spoken(message("x" * 100_000, to=tuple("abc") * 1000, kind="direct"))) < 3000


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        (message("two\nlines"), "[10:04] alice: two\nlines"),
        (message("\x1b]0;x\x07"), r"[10:04] alice: \x1b]0;x\x07"),
        (NoticeEntry("1", "bob came.", AT), "[10:04] bob came."),
        (GapEntry("1", 2, AT), "[10:04] 2 messages are missing here."),
    ],
)
def test_an_entry_is_copied_with_time_and_name(entry: MessageEntry, line: str) -> None:
    """Harmless also where it is pasted."""
    assert copied(entry) == line


@pytest.mark.parametrize(
    "text", ["\u200fשלום!", "می\u200cخواهم", "\u200b", "e" + "\u0301" * 9, "two\nlines\tand a tab"]
)
def test_what_is_copied_is_the_text_as_it_was_sent(text: str) -> None:
    """Nothing is added for the eye; only what would steer a terminal that it is pasted into is an escape."""
    assert copied(message(text)).endswith(f": {text}")
    assert copied(message("rm\x1b[201~\u202e")).endswith(r": rm\x1b[201~\u202e")


def test_a_long_message_is_copied_as_a_whole() -> None:
    """Also what the window does not show."""
    assert copied(message("x" * 100_000)).endswith("x" * 100_000)


def test_labels_say_what_colours_say() -> None:
    """Nobody needs to see a colour."""
    assert labels(message()) == []
    assert labels(message(own=True)) == ["You"]
    assert labels(message(bot=True)) == ["Bot"]
    assert labels(message(mentions=True)) == ["Mentions you"]
    many = message(own=True, kind="direct", to=tuple("abcdefg"))
    assert labels(many) == ["You", "Direct to a, b, c, d, e and 2 more"]
    assert labels(message(kind="direct", to=("bob",))) == ["Direct to you"]
    assert labels(message(kind="broadcast")) == ["To everyone"]


def test_days_close_by_have_names() -> None:
    """Others have a date."""
    today = date(2026, 11, 21)
    assert near_day(today, today) == "Today"
    assert near_day(date(2026, 11, 20), today) == "Yesterday"
    assert near_day(date(2026, 11, 19), today) is None


def test_what_a_bot_said_is_spoken_of_as_a_bots() -> None:
    posted = MessagePosted(seq=1, sender="robo", text="tick", at=0.0, room="lobby", bot=True)
    entry = entry_of(posted, "lobby/e/1", OwnName())
    assert labels(entry) == ["Bot"]
    assert "robo (a bot)" in spoken(entry)


@pytest.mark.parametrize(
    ("more", "lines"),
    [
        ({}, ["bob is in lobby, since 10:04 (WebSocket).", "Active just now."]),
        ({"transport": "pigeon"}, ["bob is in lobby, since 10:04 (pigeon).", "Active just now."]),
        (
            {"transport": "tcp", "dialect": "simple-json", "idle": 130},
            ["bob is in lobby, since 10:04 (TCP, simple-json).", "Last active 2 minutes ago."],
        ),
        ({"connected": False}, ["bob lost the connection and may come back."]),
        (
            {"connected": False, "idle": 130},
            ["bob lost the connection and may come back.", "Last active 2 minutes ago."],
        ),
    ],
)
def test_user_is_described_in_words_that_people_know(more: dict[str, Any], lines: list[str]) -> None:
    """The dialect only where it is not the usual one; nobody without a connection is active now."""
    usual = {"transport": "ws", "dialect": "chat", "connected": True, "idle": 5, **more}
    event = UserDescribed(username="bob", room="lobby", since=AT.timestamp(), **usual)
    assert (notices.answer(event) or "").splitlines() == lines


def test_command_of_several_lines_that_waits_is_shown_in_its_lines() -> None:
    assert notices.waits("/edit one\ntwo \x1b[2J\n") == "Waits for the connection: /edit one\ntwo \\x1b[2J"
