"""Thousands of links share a few timers, and each is called when it wanted, or a tick later."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

from chatcore_net.wheel import TICKS_PER_SECOND, Wheel
from tests.unit.fakes import FakeClock


class Clocked:
    """A wheel on a virtual clock."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.mistakes: list[dict[str, Any]] = []
        self.called: list[tuple[str, float]] = []
        self.wheel = Wheel(self._call_at, self.mistakes.append)

    def _call_at(self, when: float, callback: Callable[..., None], *args: object) -> Any:
        return self.clock.call_at(when, partial(callback, *args))


class Timed:
    """Somebody who notes when it was called, and then does something."""

    def __init__(self, clocked: Clocked, name: str, then: Callable[[Timed], None] = lambda _timed: None) -> None:
        self.tick: int | None = None
        self.clocked = clocked
        self.name = name
        self.then = then

    def set(self, after: float) -> None:
        """Want to be called after some seconds."""
        self.clocked.wheel.set(self, self.clocked.clock.now + after)

    def time_is_up(self) -> None:
        """Note it."""
        self.clocked.called.append((self.name, self.clocked.clock.now))
        self.then(self)


def test_each_is_called_once_at_its_time_or_up_to_a_tick_later() -> None:
    """Never before it."""
    clocked = Clocked()
    began = clocked.clock.now
    for number in range(100):
        Timed(clocked, str(number)).set(number / 1000)
    assert clocked.clock.timers < 10, "they share"
    clocked.clock.advance(1.0)
    assert sorted(int(name) for name, _at in clocked.called) == list(range(100))
    for name, at in clocked.called:
        assert 0 <= at - began - int(name) / 1000 < 1 / TICKS_PER_SECOND + 1e-9
    assert clocked.clock.timers == 0


def test_time_that_never_comes_is_waited_for_like_any_other() -> None:
    """Nothing is called for, and nothing breaks."""
    clocked = Clocked()
    for after in (math.inf, 1e300):
        Timed(clocked, str(after)).set(after)
    clocked.clock.advance(3600.0)
    assert (clocked.called, clocked.mistakes) == ([], [])


def test_the_last_time_that_was_said_counts() -> None:
    """Sooner or later than the one before, or never."""
    clocked = Clocked()
    sooner, later, never = (Timed(clocked, name) for name in ("sooner", "later", "never"))
    for timed in (sooner, later, never):
        timed.set(1.0)
    sooner.set(0.5)
    later.set(2.0)
    clocked.wheel.cancel(never)
    clocked.wheel.cancel(never)
    clocked.clock.advance(10.0)
    assert [name for name, _at in clocked.called] == ["sooner", "later"]
    assert clocked.clock.timers == 0


def test_who_is_cancelled_by_another_one_of_its_tick_is_not_called() -> None:
    """Neither is it when it is set anew."""
    clocked = Clocked()
    victim, delayed = Timed(clocked, "victim"), Timed(clocked, "delayed")

    def interfere(_timed: Timed) -> None:
        clocked.wheel.cancel(victim)
        delayed.set(5.0)

    for timed in (Timed(clocked, "first", interfere), victim, delayed):
        timed.set(1.0)
    clocked.clock.advance(2.0)
    assert [name for name, _at in clocked.called] == ["first"]
    clocked.clock.advance(10.0)
    assert [name for name, _at in clocked.called] == ["first", "delayed"]


def test_who_wants_to_be_called_again_at_once_is_called_in_a_later_turn() -> None:
    """Others go on meanwhile."""
    clocked = Clocked()
    again = iter(range(3))
    Timed(clocked, "again", lambda timed: timed.set(0.0) if next(again, None) is not None else None).set(1.0)
    Timed(clocked, "other").set(1.0)
    clocked.clock.advance(2.0)
    assert [name for name, _at in clocked.called] == ["again", "other", "again", "again", "again"]


def test_mistake_of_one_costs_the_others_nothing() -> None:
    """It is reported."""
    clocked = Clocked()

    def fail(_timed: Timed) -> None:
        raise RuntimeError("oh")

    Timed(clocked, "bad", fail).set(1.0)
    Timed(clocked, "good").set(1.0)
    clocked.clock.advance(2.0)
    assert [name for name, _at in clocked.called] == ["bad", "good"]
    assert [str(each["exception"]) for each in clocked.mistakes] == ["oh"]
