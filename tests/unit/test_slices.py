"""A crowd that sends as fast as it can makes a turn of the event loop no longer than one connection does."""

from __future__ import annotations

from chatcore_net.slices import Slices
from tests.unit.fakes import FakeClock


class Busy:
    """A loop on which taking a slice takes three milliseconds."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.slices = Slices(self.clock.call_soon, self.clock.monotonic)
        self.taken: list[str] = []

    def take(self, name: str, times: int = 1) -> None:
        self.taken.append(name)
        self.clock.now += 0.003
        if times > 1:
            self.slices.wait(lambda: self.take(name, times - 1))


def test_one_slice_a_turn_is_taken_when_each_takes_all_of_its_time() -> None:
    """And the connections take turns, also those that have much to bring."""
    busy = Busy()
    for name in "abc":
        busy.slices.wait(lambda name=name: busy.take(name, 3))  # type: ignore[misc]
    turns = 0
    while len(busy.taken) < 9:
        before = len(busy.taken)
        busy.clock.turn()
        turns += 1
        assert len(busy.taken) - before <= 1
    assert "".join(busy.taken) == "abcabcabc"
    assert turns == 9


def test_many_are_taken_in_one_turn_when_they_take_no_time() -> None:
    """Who brings little is not slowed down."""
    busy = Busy()
    for number in range(100):
        busy.slices.wait(lambda number=number: busy.taken.append(str(number)))  # type: ignore[misc]
    busy.clock.turn()
    assert busy.taken == [str(number) for number in range(100)]


def test_nobody_goes_before_those_who_wait() -> None:
    """What comes in a turn that has time left is taken at once, until somebody waits."""
    busy = Busy()
    assert busy.slices.may_take()
    assert busy.slices.may_take()
    busy.clock.now += 0.003
    assert not busy.slices.may_take()
    busy.slices.wait(lambda: busy.take("first"))
    busy.slices.wait(lambda: busy.take("second"))
    busy.clock.turn()
    assert busy.taken == ["first"]
    assert not busy.slices.may_take()
    busy.clock.turn()
    busy.clock.turn()
    assert busy.taken == ["first", "second"]
    assert busy.slices.may_take()
