"""A row of the conversation: what belongs together, what is cut, what it costs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from PyQt6.QtGui import QColor, QTextCharFormat

from chatcore_qt.presenters.entries.timeline import Entry, GapEntry, MessageEntry, NoticeEntry
from chatcore_qt.theme import DARK, LIGHT, Palette
from chatcore_qt.widgets.conversation.row import Fonts, Row, lay_out

START = datetime(2026, 11, 21, 10, tzinfo=UTC)
HOSTILE = {
    "markup": "<img src=http://evil.example/x.png><table><td>" * 1400,
    "marks": "Z" + "\u0301\u0315\u0323" * 21_845,
    "letters with marks": "e\u0301" * 32_768,
    "a long word": "x" * 1_000_000,
    "lines": "a\n" * 32_768,
    "empty lines": "\n" * 65_536,
    "overrides": "\u202e\u2066" * 32_768,
    "hidden": "\u200b\u200d" * 32_768,
    "controls": "\x1b[2J\x00" * 13_000,
    "tabs": "\t" * 65_536,
    "emoji": "\U0001f469\u200d" * 21_000,
    "scripts": "\u0f40\u0fb7\u0f71\u0645\u0939\u094d\u4f60" * 9_000,
    "links": "https://example.org/ " * 3_000,
    "beginnings of links": "https://" * 8_000,
    "words": "to be or not to be " * 3_400,
}


@pytest.fixture
def fonts(qapp: Any) -> Fonts:
    """Return the fonts of the app."""
    return Fonts(qapp.font())


def message(text: str = "hello", minutes: float = 0, **more: Any) -> MessageEntry:
    """Return a message, of alice unless it says otherwise."""
    more.setdefault("sender", "alice")
    return MessageEntry(f"{minutes}{text[:9]}", text=text, at=START + timedelta(minutes=minutes), **more)


def row(
    fonts: Fonts, entry: Entry, before: Entry | None = None, *, expanded: bool = False, unread: bool = False
) -> Row:
    """Return a row as wide as a window usually is."""
    look = QTextCharFormat()
    return lay_out(entry, before, unread=unread, expanded=expanded, width=800, fonts=fonts, link=look)


def test_name_and_time_stand_once_over_what_one_says_within_five_minutes(fonts: Fonts) -> None:
    """Another author, a pause, or another kind of message begins anew."""
    first = message()
    assert row(fonts, message(minutes=4), first).name is None
    for other in (
        message(minutes=6),
        message(minutes=-1),
        message(minutes=1, sender="bob"),
        message(minutes=1, kind="direct"),
        message(minutes=1, mentions=True),
    ):
        assert row(fonts, other, first).name is not None
    assert row(fonts, message(minutes=1), NoticeEntry("n", "bob came.", START)).name is not None
    assert row(fonts, message(minutes=1), first, unread=True).name is not None


def test_a_day_begins_with_a_line(fonts: Fonts) -> None:
    """So does a conversation."""
    noon = message().at.astimezone().replace(hour=12)
    day = [MessageEntry(str(hours), "alice", "x", noon + timedelta(hours=hours)) for hours in (0, 1, 24)]
    assert row(fonts, day[0]).day
    assert not row(fonts, day[1], day[0]).day
    assert row(fonts, day[2], day[1]).day


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_text_makes_a_row_high(fonts: Fonts, text: str) -> None:
    """It is cut, and a button shows more of it, again no more than can be laid out at once."""
    shown = row(fonts, message(text))
    assert shown.height < 500
    if text.strip():
        assert shown.actions == ["expand"]
    whole = row(fonts, message(text), expanded=True)
    assert shown.height <= whole.height < 40_000


@pytest.mark.parametrize("width", [1, 60, 300, 5000])
def test_everything_has_its_place_in_any_width(fonts: Fonts, width: int) -> None:
    """A small window cuts names and labels, not the layout."""
    long = message(sender="n" * 5000, kind="direct", own=True, to=("m" * 5000,) * 70, state="failed", note="x" * 5000)
    made = lay_out(long, None, unread=True, expanded=False, width=width, fonts=fonts, link=QTextCharFormat())
    assert made.name is not None
    assert made.time is not None
    assert made.time.rect.right() <= 32 + 760 + 24
    assert made.actions == ["retry", "discard"]
    assert made.height < 400


@pytest.mark.parametrize("width", [120, 200, 300, 800])
def test_buttons_are_as_wide_as_the_row_at_most(fonts: Fonts, width: int) -> None:
    failed = message("word " * 5000, own=True, state="failed", note="no")
    made = lay_out(failed, None, unread=False, expanded=True, width=width, fonts=fonts, link=QTextCharFormat())
    assert made.actions == ["expand", "retry", "discard"]
    assert all(button.rect.right() <= max(width, 32 + 80) for button in made.buttons)
    assert all(button.rect.bottom() <= made.height for button in made.buttons)
    for one, other in pairwise(made.buttons):
        assert not one.rect.intersects(other.rect)


def test_a_link_is_found_where_it_is_drawn_also_behind_wide_characters(fonts: Fonts) -> None:
    """Qt counts in UTF-16, Python in characters."""
    shown = row(fonts, message("\U0001f600\U0001f600 https://example.org/x"))
    assert shown.body is not None
    y = shown.body_top + shown.body.first_line / 2
    found = [shown.action_at(x, y) for x in range(0, 800, 4)]
    assert ("link", "https://example.org/x") in found
    assert found[0] is None
    assert found[-1] is None
    assert shown.addresses == ["https://example.org/x"]


def test_a_notice_and_a_gap_offer_nothing_to_press(fonts: Fonts) -> None:
    """Their addresses are text."""
    notice = row(fonts, NoticeEntry("n", "see https://example.org", START))
    gap = row(fonts, GapEntry("g", 3, START))
    assert notice.addresses == gap.addresses == []
    assert notice.actions == gap.actions == []
    assert all(notice.action_at(x, notice.body_top + 5) is None for x in range(0, 400, 4))


def luminance(colour: str) -> float:
    """Return the relative luminance (WCAG 2.2)."""
    channels = QColor(colour).getRgbF()[:3]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_of_a_row_is_readable(palette: Palette) -> None:
    """At least 4.5 to 1 (WCAG 2.2, 1.4.3) on every ground it may stand on."""
    grounds = (palette.background, palette.own_background, palette.mention_background, palette.selected)
    for ground in grounds:
        for colour in (*palette.names, palette.text, palette.muted, palette.own, palette.accent, palette.error):
            assert contrast(colour, ground) >= 4.5, (colour, ground)
    for colour in (palette.mention, palette.warning, palette.unread):
        assert contrast(colour, palette.background) >= 4.5
