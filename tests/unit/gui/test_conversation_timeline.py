"""A timeline stays in order, without repetitions and bounded, and whoever follows it knows it exactly."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chatcore_qt.presenters.entries.timeline import (
    Change,
    Entry,
    GapEntry,
    Inserted,
    MessageEntry,
    NoticeEntry,
    Removed,
    Replaced,
    Timeline,
    UnreadMarked,
)

START = datetime(2026, 11, 21, 10, tzinfo=UTC)
LIMIT = 12


def message(key: str, *, seq: int | None = None, pending: bool = False) -> MessageEntry:
    """Return a message."""
    return MessageEntry(key, "alice", "hello", START, seq=seq, state="pending" if pending else "sent")


def keys(timeline: Timeline) -> list[str]:
    """Return the keys of all entries."""
    return [entry.key for entry in timeline.entries]


class Follower:
    """Rebuilds a timeline from what it is told."""

    def __init__(self, timeline: Timeline) -> None:
        self.entries: list[Entry] = []
        self.unread_after: str | None = None
        self.calls = 0
        self.most = 0
        self.end = timeline.observe(self.hear)

    def hear(self, changes: tuple[Change, ...]) -> None:
        """Carry out changes one after the other."""
        self.calls += 1
        for change in changes:
            match change:
                case Inserted(at, entries):
                    assert entries
                    assert 0 <= at <= len(self.entries)
                    self.entries[at:at] = entries
                case Removed(at, count):
                    assert count > 0
                    assert at + count <= len(self.entries)
                    del self.entries[at : at + count]
                case Replaced(at, entry):
                    self.entries[at] = entry
                case UnreadMarked(key):
                    self.unread_after = key
            self.most = max(self.most, len(self.entries))


some_keys = st.sampled_from([str(number) for number in range(20)])
some_entries = st.lists(
    st.builds(message, some_keys, seq=st.none() | st.integers(1, 30), pending=st.booleans())
    | st.builds(NoticeEntry, some_keys, st.just("bob came"), st.just(START))
    | st.builds(GapEntry, some_keys, st.integers(0, 5), st.just(START)),
    max_size=16,
)
operations = st.lists(
    st.tuples(st.just("append"), some_entries)
    | st.tuples(st.just("prepend"), some_entries)
    | st.tuples(st.just("replace"), st.tuples(some_keys, some_entries.filter(bool)))
    | st.tuples(st.just("mark"), st.none() | some_keys)
    | st.tuples(st.just("clear"), st.none()),
    max_size=20,
)


@given(operations)
def test_whatever_is_done_keys_are_unique_the_bound_is_kept_and_followers_know_the_list(steps: list) -> None:
    """Any operations, in any order."""
    timeline = Timeline(limit=LIMIT)
    follower = Follower(timeline)
    for name, argument in steps:
        before = follower.calls
        match name:
            case "append":
                timeline.append(argument)
            case "prepend":
                timeline.prepend(argument)
            case "replace":
                timeline.replace(argument[0], argument[1][0])
            case "mark":
                timeline.mark_unread_after(argument)
            case "clear":
                timeline.clear()
        assert follower.calls <= before + 1, "one notification per call"
        assert len(set(keys(timeline))) == len(timeline.entries) <= LIMIT
        assert follower.entries == list(timeline.entries)
        assert follower.unread_after == timeline.unread_after
    assert follower.most <= LIMIT


@given(st.lists(st.sampled_from(["own", "other", "notice"]), max_size=30), st.randoms(use_true_random=False))
def test_messages_end_in_the_order_of_the_server_however_acknowledgements_and_messages_mix(
    kinds: list[str], random: object
) -> None:
    """Own messages are shown at once, and find their place when the server has numbered them."""
    timeline = Timeline()
    waiting: list[str] = []
    seq = 0
    for number, kind in enumerate(kinds):
        if kind == "notice":
            timeline.append([NoticeEntry(f"n{number}", "bob came", START)])
        elif kind == "own":
            waiting.append(f"p{number}")
            timeline.append([message(waiting[-1], pending=True)])
        else:
            seq += 1
            timeline.append([message(f"s{seq}", seq=seq)])
        if waiting and random.random() < 0.4:  # type: ignore[attr-defined]
            seq += 1
            assert timeline.replace(waiting.pop(0), message(f"s{seq}", seq=seq))
    for key in waiting:
        seq += 1
        assert timeline.replace(key, message(f"s{seq}", seq=seq))
    numbers = [entry.seq for entry in timeline.entries if isinstance(entry, MessageEntry)]
    assert numbers == list(range(1, seq + 1))
    notices = [entry.key for entry in timeline.entries if isinstance(entry, NoticeEntry)]
    assert notices == [f"n{number}" for number, kind in enumerate(kinds) if kind == "notice"]


def test_a_message_that_became_sent_moves_behind_those_numbered_before_it() -> None:
    """It was shown at once; two others came first to the server."""
    timeline = Timeline()
    timeline.append([message("5", seq=5), message("mine", pending=True)])
    timeline.append([message("6", seq=6), message("7", seq=7)])
    timeline.replace("mine", message("8", seq=8))
    assert keys(timeline) == ["5", "6", "7", "8"]


def test_a_message_that_failed_stays_where_it_is() -> None:
    """Only the server gives it another place."""
    timeline = Timeline()
    timeline.append([message("mine", pending=True), message("6", seq=6)])
    timeline.replace("mine", replace(message("mine"), state="failed", note="Too long."))
    assert keys(timeline) == ["mine", "6"]


def test_numbers_of_direct_messages_do_not_move_messages_to_the_room() -> None:
    """Each log counts for itself."""
    timeline = Timeline()
    timeline.append([message("mine", pending=True), replace(message("d1", seq=1), kind="direct")])
    timeline.replace("mine", message("40", seq=40))
    assert keys(timeline) == ["40", "d1"]


def test_a_pending_message_goes_when_it_came_in_by_another_way() -> None:
    """After a reconnect the replay may bring it before the acknowledgement does."""
    timeline = Timeline()
    timeline.append([message("mine", pending=True), message("6", seq=6)])
    timeline.replace("mine", message("6", seq=6))
    assert keys(timeline) == ["6"]


def test_history_that_overlaps_is_not_shown_twice() -> None:
    """An entry whose key is there already is left out."""
    timeline = Timeline()
    timeline.append([message("3"), message("4")])
    timeline.prepend([message("1"), message("2"), message("3")])
    assert keys(timeline) == ["1", "2", "3", "4"]


def test_past_its_limit_the_oldest_go_and_older_ones_find_no_place() -> None:
    """The newest are the ones that count."""
    timeline = Timeline(limit=3)
    timeline.append([message("1"), message("2")])
    timeline.prepend([message("-1"), message("0")])
    assert keys(timeline) == ["0", "1", "2"]
    timeline.append([message(key) for key in "34567"])
    assert keys(timeline) == ["5", "6", "7"]
    timeline.append([message("4")])
    assert keys(timeline) == ["6", "7", "4"]


def test_the_unread_line_follows_a_message_that_gets_another_key() -> None:
    """It was the last one read when it was pending."""
    timeline = Timeline()
    timeline.append([message("mine", pending=True)])
    timeline.mark_unread_after("mine")
    timeline.replace("mine", message("8", seq=8))
    assert timeline.unread_after == "8"


def test_who_stops_following_hears_nothing_more() -> None:
    """Once is enough; twice does no harm."""
    timeline = Timeline()
    follower = Follower(timeline)
    follower.end()
    follower.end()
    timeline.append([NoticeEntry("1", "bob came", START + timedelta(seconds=1))])
    assert follower.calls == 0
