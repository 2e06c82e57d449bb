"""The oracle of delivery: finds every kind of broken promise, and nothing where all were kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.testing.checker import Checker

Step = tuple[Any, ...]
LOG, EPOCH = "lobby", "e"


def judge(history: list[Step], *, complete: bool = True) -> list[str]:
    """Return what the checker says to a history: names of its methods, with their arguments."""
    checker = Checker()
    for name, *arguments in history:
        getattr(checker, name)(*arguments)
    return checker.problems(complete=complete)


def talk(count: int = 3, *observers: str) -> list[Step]:
    """Return a clean history: alice says so many things, and everybody is shown them."""
    history: list[Step] = [("listens", observer, LOG, EPOCH, 0) for observer in observers]
    for seq in range(1, count + 1):
        history += [
            ("sent", "alice", seq, f"text {seq}"),
            ("was_acknowledged", "alice", seq, LOG, EPOCH, seq),
            *[("was_shown", observer, LOG, seq, f"text {seq}") for observer in observers],
        ]
    return history


def test_checker_counts_what_it_was_told() -> None:
    """Acknowledgements and views, so that a test can see that anything happened at all."""
    checker = Checker()
    assert (checker.acknowledged, checker.shown) == (0, 0)
    for name, *arguments in talk(3, "bob", "carol"):
        getattr(checker, name)(*arguments)
    assert (checker.acknowledged, checker.shown) == (3, 6)
    assert checker.problems() == []


# What is fine.


def test_nothing_is_wrong_when_what_was_never_acknowledged_is_not_shown() -> None:
    """A send that waits is not lost yet."""
    assert judge([*talk(2, "bob"), ("sent", "alice", 3, "lost?")]) == []


def test_nothing_is_wrong_when_it_is_not_over_yet() -> None:
    """In the middle of a history, what is acknowledged may still be on its way."""
    history = [step for step in talk(3, "bob") if step[:1] + step[3:4] != ("was_shown", 3)]
    assert judge(history, complete=False) == []
    assert judge(history) != []


def test_observer_that_came_late_or_left_early_has_to_see_its_time_only() -> None:
    """What is said before and after is none of its business."""
    history = talk(4, "bob")
    history[3:3] = [("listens", "dave", LOG, EPOCH, 1)]  # after text 1
    history.append(("was_shown", "dave", LOG, 2, "text 2"))
    assert judge(history) == [
        f"dave was never shown LogPlace(log='lobby', epoch='e', seq={seq}), acknowledged to alice as {seq}"
        for seq in (3, 4)
    ]
    assert judge([*history, ("stops_listening", "dave", LOG)]) == []


def test_observer_may_come_back_to_a_log() -> None:
    """There is nothing to be shown for the time in between."""
    history = [("listens", "bob", LOG, EPOCH, 0), ("stops_listening", "bob", LOG), *talk(2)]
    history += [("stops_listening", "bob", LOG), ("listens", "bob", LOG, EPOCH, 1)]
    history += [("was_shown", "bob", LOG, 2, "text 2")]
    assert judge(history) == []


def test_observer_that_never_listened_owes_nothing() -> None:
    """To stop without having begun does no harm either."""
    assert judge([*talk(2), ("stops_listening", "bob", LOG)]) == []


def test_gap_excuses_what_it_names() -> None:
    """What is announced as lost need not be shown; what stands behind it has to be."""
    history = [("listens", "bob", LOG, EPOCH, 0), *talk(4), ("gap_announced", "bob", LOG, EPOCH, 3)]
    assert judge(history) == ["bob was never shown LogPlace(log='lobby', epoch='e', seq=4), acknowledged to alice as 4"]
    assert judge([*history, ("was_shown", "bob", LOG, 4, "text 4")]) == []


def test_gap_that_is_over_takes_nothing_back() -> None:
    """A gap over what was shown already changes nothing."""
    assert judge([*talk(3, "bob"), ("gap_announced", "bob", LOG, EPOCH, 1)]) == []


def test_gap_of_another_epoch_begins_a_new_log() -> None:
    """The old one is over with what was shown of it; the new one counts from where the gap ends."""
    history = [
        *talk(3, "bob"),
        ("gap_announced", "bob", LOG, "f", 1),
        ("sent", "alice", 9, "anew"),
        ("was_acknowledged", "alice", 9, LOG, "f", 2),
    ]
    assert judge(history) == ["bob was never shown LogPlace(log='lobby', epoch='f', seq=2), acknowledged to alice as 9"]
    assert judge([*history, ("was_shown", "bob", LOG, 2, "anew")]) == []


# What is not.


def test_checker_finds_what_was_lost() -> None:
    """An acknowledged message that an observer never saw, at the end of what it saw."""
    assert judge(talk(3, "bob")[:-1]) == [
        "bob was never shown LogPlace(log='lobby', epoch='e', seq=3), acknowledged to alice as 3"
    ]


def test_checker_finds_what_was_shown_twice() -> None:
    """The same message again."""
    assert judge([*talk(2, "bob"), ("was_shown", "bob", LOG, 2, "text 2")]) == ["bob was shown lobby 2 twice"]


def test_checker_finds_what_was_shown_out_of_order() -> None:
    """A later one first."""
    history = [*talk(2), ("listens", "bob", LOG, EPOCH, 0)]
    history += [("was_shown", "bob", LOG, seq, f"text {seq}") for seq in (2, 1)]
    assert judge(history) == ["bob was shown lobby 2 right after 0", "bob was shown lobby 1 after 2"]


def test_checker_finds_a_hole() -> None:
    """One that was left out without a word, even when nobody knows of its acknowledgement."""
    history: list[Step] = [("listens", "bob", LOG, EPOCH, 0)]
    history += [("was_shown", "bob", LOG, seq, f"text {seq}") for seq in (1, 3)]
    assert judge(history) == ["bob was shown lobby 3 right after 1"]


@pytest.mark.parametrize("who", ["bob", "alice"])
def test_checker_finds_different_texts_in_one_place(who: str) -> None:
    """Everybody has to see the same, and what was sent."""
    history = talk(1, "bob", "alice")
    place = next(index for index, step in enumerate(history) if step[:2] == ("was_shown", who))
    history[place] = (*history[place][:4], "something else")
    assert judge(history) == [
        f"{who} saw 'something else' at LogPlace(log='lobby', epoch='e', seq=1), others saw 'text 1'"
    ]


def test_checker_finds_two_sends_acknowledged_as_one() -> None:
    """One of them is not in the log."""
    history = [
        *talk(1, "bob"),
        ("sent", "carol", 7, "text 1"),
        ("was_acknowledged", "carol", 7, LOG, EPOCH, 1),
    ]
    assert judge(history) == [
        "('carol', 7) and ('alice', 1) were both acknowledged as LogPlace(log='lobby', epoch='e', seq=1)"
    ]


def test_checker_finds_an_acknowledgement_of_what_was_never_sent() -> None:
    """Numbers belong to their senders."""
    found = judge([*talk(1, "bob"), ("was_acknowledged", "bob", 1, LOG, EPOCH, 2)], complete=False)
    assert found == ["bob got an acknowledgement for 1, which was never sent"]


def test_checker_finds_a_second_acknowledgement() -> None:
    """Once is enough."""
    history = [*talk(1, "bob"), ("was_acknowledged", "alice", 1, LOG, EPOCH, 1)]
    assert judge(history) == ["alice got two acknowledgements for 1"]


# Any history.


@st.composite
def histories(draw: st.DrawFn) -> list[Step]:
    """Make a clean history: people who come, leave, miss what is announced, and lose whole logs."""
    observers = ["alice", "bob", "carol"]
    history: list[Step] = []
    epoch, head, number = "0", 0, 0
    last: dict[str, int] = {}
    texts: list[str] = []
    for _ in range(draw(st.integers(3, 25))):
        step = draw(st.sampled_from(["say", "say", "say", "see", "see", "come", "leave", "miss", "lose"]))
        observer = draw(st.sampled_from(observers))
        if step == "say":
            number, head = number + 1, head + 1
            texts.append(f"text {number}")
            history += [
                ("sent", observer, number, texts[-1]),
                ("was_acknowledged", observer, number, LOG, epoch, head),
            ]
        elif step == "come" and observer not in last:
            last[observer] = head
            history.append(("listens", observer, LOG, epoch, head))
        elif step == "leave" and observer in last:
            history.append(("stops_listening", observer, LOG))
            del last[observer]
        elif step == "see" and observer in last:
            _see(history, observer, last, texts, min(head, last[observer] + 2))
        elif step == "miss" and observer in last and last[observer] < head:
            last[observer] += 1
            history.append(("gap_announced", observer, LOG, epoch, last[observer]))
        elif step == "lose":
            for each in last:
                _see(history, each, last, texts, head)
            epoch, head, texts = str(int(epoch) + 1), 0, []
            for each in last:
                last[each] = 0
                history.append(("gap_announced", each, LOG, epoch, 0))
    for each in last:
        _see(history, each, last, texts, head)
    return history


def _see(history: list[Step], observer: str, last: dict[str, int], texts: list[str], upto: int) -> None:
    history += [("was_shown", observer, LOG, seq, texts[seq - 1]) for seq in range(last[observer] + 1, upto + 1)]
    last[observer] = max(last[observer], upto)


def _double(history: list[Step], place: int) -> list[Step]:
    return [*history[: place + 1], history[place], *history[place + 1 :]]


def _alter(history: list[Step], place: int) -> list[Step]:
    return [*history[:place], (*history[place][:-1], "something else"), *history[place + 1 :]]


def _number(history: list[Step], place: int) -> list[Step]:
    name, who, log, seq, text = history[place]
    return [*history[:place], (name, who, log, seq + 1, text), *history[place + 1 :]]


MUTATIONS: dict[str, tuple[str, Callable[[list[Step], int], list[Step]]]] = {
    "a message is not shown": ("was_shown", lambda history, place: history[:place] + history[place + 1 :]),
    "a message is shown twice": ("was_shown", _double),
    "a message is shown with another text": ("was_shown", _alter),
    "a message is shown in another place": ("was_shown", _number),
    "a send is acknowledged twice": ("was_acknowledged", _double),
    "a send is not sent": ("sent", lambda history, place: history[:place] + history[place + 1 :]),
}


@pytest.mark.unmeasured
@given(histories())
def test_checker_finds_nothing_in_a_clean_history(history: list[Step]) -> None:
    """Whoever comes, leaves, and misses what is announced."""
    assert judge(history) == []
    for length in range(len(history)):
        assert judge(history[:length], complete=False) == []


@pytest.mark.unmeasured
@pytest.mark.parametrize("mutation", MUTATIONS)
@given(history=histories(), data=st.data())
def test_checker_finds_what_is_changed_in_one_place(mutation: str, history: list[Step], data: st.DataObject) -> None:
    """One step of a clean history is left out, doubled or altered: that is found, wherever it is."""
    kind, change = MUTATIONS[mutation]
    places = [index for index, step in enumerate(history) if step[0] == kind]
    if kind == "was_shown":
        # Whoever leaves afterwards may have left before it: then nothing is owed.
        places = [place for place in places if not _leaves_after(history, place)]
    if places:
        assert judge(change(history, data.draw(st.sampled_from(places), "place"))) != []


def _leaves_after(history: list[Step], place: int) -> bool:
    who = history[place][1]
    for step in history[place + 1 :]:
        if step[1] == who and step[0] == "was_shown":
            return False
        if step[1] == who and step[0] in ("stops_listening", "gap_announced"):
            return True
    return False
