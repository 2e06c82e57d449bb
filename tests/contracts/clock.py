"""What every `chatcore.ports.clock.Clock` has to keep. Subclass it and say how one is made, and how time passes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from chatcore.ports.clock import Clock


@dataclass
class Running:
    """A clock, and the time that passes on it."""

    clock: Clock
    advance: Callable[[float], None]
    """Let so many seconds pass, with every turn and timer that is due in them."""


class ClockContract:
    """The promises of the port. A subclass gives the fixture `running`."""

    @pytest.fixture
    def running(self) -> Running:
        """Return a clock that was just made."""
        raise NotImplementedError

    def test_both_clocks_go_on_by_what_has_passed(self, running: Running) -> None:
        """The one for timers and the one for people."""
        clock = running.clock
        before, at = clock.monotonic(), clock.time()
        running.advance(2.5)
        assert clock.monotonic() - before == pytest.approx(2.5)
        assert clock.time() - at == pytest.approx(2.5)
        assert clock.time() > 1_500_000_000  # since 1970

    def test_calls_of_the_next_turn_come_in_their_order_and_not_at_once(self, running: Running) -> None:
        """Whoever asks for one goes on first."""
        heard: list[int] = []
        for number in range(3):
            running.clock.call_soon(lambda number=number: heard.append(number))  # type: ignore[misc]
        assert heard == []
        running.advance(0.0)
        assert heard == [0, 1, 2]

    def test_call_asked_for_during_a_turn_comes_in_a_later_one(self, running: Running) -> None:
        """A turn has an end."""
        heard: list[str] = []

        def first() -> None:
            running.clock.call_soon(lambda: heard.append("third"))
            heard.append("first")

        running.clock.call_soon(first)
        running.clock.call_soon(lambda: heard.append("second"))
        running.advance(0.0)
        running.advance(0.0)
        assert heard == ["first", "second", "third"]

    def test_timers_go_off_at_their_time_and_in_its_order(self, running: Running) -> None:
        """Never before it."""
        clock, heard = running.clock, list[tuple[str, float]]()
        began = clock.monotonic()
        for name, after in (("late", 3.0), ("soon", 1.0), ("between", 2.0)):
            clock.call_at(began + after, lambda name=name: heard.append((name, clock.monotonic() - began)))  # type: ignore[misc]
        running.advance(0.5)
        assert heard == []
        running.advance(5.0)
        assert [name for name, _ in heard] == ["soon", "between", "late"]
        assert [when for _, when in heard] == pytest.approx([1.0, 2.0, 3.0])

    def test_timer_whose_time_is_past_goes_off_in_a_turn_to_come(self, running: Running) -> None:
        """Not within the call that asks for it."""
        heard: list[str] = []
        running.clock.call_at(running.clock.monotonic() - 10.0, lambda: heard.append("due"))
        assert heard == []
        running.advance(0.1)
        assert heard == ["due"]

    def test_cancelled_timer_never_goes_off(self, running: Running) -> None:
        """Cancelling may be repeated, also after the time; the others go off."""
        heard: list[str] = []
        timer = running.clock.call_at(running.clock.monotonic() + 1.0, lambda: heard.append("cancelled"))
        running.clock.call_at(running.clock.monotonic() + 1.0, lambda: heard.append("kept"))
        timer.cancel()
        timer.cancel()
        running.advance(2.0)
        timer.cancel()
        assert heard == ["kept"]
