"""What somebody types to look for messages."""

from __future__ import annotations

from datetime import datetime

import pytest

from chatcore.commands import Search
from chatcore.text.finding.line import parse_search


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


@pytest.mark.parametrize(
    ("line", "search"),
    [
        ("key office", Search("key office")),
        ("from:bob key in:python office", Search("key office", "bob", "python")),
        ("FROM:bob", Search("", "bob")),
        ("since:2026-11-27", Search(since=at("2026-11-27"))),
        ("x until:2026-11-27", Search("x", until=at("2026-11-28"))),
        ("x until:2026-11-27T14:30", Search("x", until=at("2026-11-27T14:30"))),
        ("see http://x.test from: time:12", Search("see http://x.test from: time:12")),
        ("", Search()),
    ],
)
def test_words_names_rooms_and_dates_stand_in_any_order(line: str, search: Search) -> None:
    assert parse_search(line) == search


@pytest.mark.parametrize(
    "line", ["since:yesterday", "x until:2026-13-01", "in:python", "since:9999-12-31 until:9999-12-31"]
)
def test_what_cannot_be_looked_for_is_none(line: str) -> None:
    assert parse_search(line) is None
