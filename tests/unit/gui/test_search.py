"""What is found in a conversation, in what comes, and emoji by name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore_qt.presenters.entries import emoji
from chatcore_qt.presenters.entries.search import Search
from chatcore_qt.presenters.entries.timeline import MessageEntry, NoticeEntry, Timeline
from chatcore_qt.presenters.entries.visible import code_in
from tests.written import CODE

START = datetime(2026, 11, 21, tzinfo=UTC)


def message(number: int, text: str) -> MessageEntry:
    """Return a message."""
    return MessageEntry(str(number), "bob", text, START + timedelta(seconds=number), seq=number)


def test_newest_comes_first_and_it_goes_round() -> None:
    timeline, search = Timeline(), Search()
    timeline.append([message(1, "One Fish"), message(2, "two"), message(3, "red fish")])
    timeline.append([NoticeEntry("n", "fish joined.", START)])
    search.begin(timeline)
    search.look_for("fish")
    assert (search.found, search.key) == (["1", "3"], "3")
    search.step(-1)
    assert search.key == "1"
    search.step(-1)
    assert search.key == "3"
    search.look_for("fish ")
    search.look_for("nothing of that kind")
    assert search.key is None
    search.step(1)


_steps = st.lists(
    st.tuples(
        st.sampled_from(("append", "prepend", "look", "change", "remove", "sent")),
        st.lists(st.sampled_from(("a", "ab", "b")), max_size=3),
    ),
    max_size=12,
)


@given(_steps)
def test_it_finds_in_what_comes_what_it_would_find_looking_anew(steps: list[tuple[str, list[str]]]) -> None:
    timeline, search = Timeline(limit=8), Search()
    search.begin(timeline)
    search.look_for("a")
    newest, oldest = 0, 0
    for what, texts in steps:
        if what == "append":
            timeline.append([message(newest + at, text) for at, text in enumerate(texts, 1)])
            newest += len(texts)
        elif what == "prepend":
            timeline.prepend([message(oldest - len(texts) + at, text) for at, text in enumerate(texts, 1)])
            oldest -= len(texts)
        elif what == "look" and texts:
            search.look_for(texts[0])
        elif timeline.entries:
            some = timeline.entries[len(texts) % len(timeline.entries)]
            assert isinstance(some, MessageEntry)
            if what == "change":
                timeline.change(some.key, "".join(texts), "edited")
            elif what == "remove":
                timeline.remove(some.key)
            elif what == "sent":
                newest += 1
                timeline.replace(some.key, message(newest, some.text))
        found = [one.key for one in timeline.entries if isinstance(one, MessageEntry) and search.words in one.text]
        assert search.found == found
        assert (search.key is None) == (not found)


@pytest.mark.parametrize(("text", "code"), CODE)
def test_code_stands_between_its_marks(text: str, code: list[str]) -> None:
    assert [inner for _start, _end, inner in code_in(text)] == code
    assert all(text[start] == text[end - 1] == "`" for start, end, _inner in code_in(text))


@given(st.text("`a\n ", max_size=40))
def test_code_never_overlaps(text: str) -> None:
    ends = [0]
    for start, end, _inner in code_in(text):
        assert ends[-1] <= start < end <= len(text)
        ends.append(end)


@pytest.mark.parametrize(
    ("typed", "first"), [("well :tada", "🎉"), (":thumbsup:", "👍"), (":rocke", "🚀"), ("see :pizza", "🍕")]
)
def test_emoji_are_found_by_name(typed: str, first: str) -> None:
    found = emoji.complete(typed)
    assert found is not None
    assert found.candidates[0] == first
    assert typed.endswith(found.word)


@pytest.mark.parametrize("typed", ["http://x:80", "12:30", "a:b", ":", ":a", "", "/msg bob"])
def test_what_is_no_name_of_an_emoji_is_left_alone(typed: str) -> None:
    assert emoji.complete(typed) is None
