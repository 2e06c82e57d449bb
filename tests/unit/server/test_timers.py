"""Timers of the server: what is set for a time is called once it has come."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from chatcore.server.connections.timers import Alarm
from tests.unit.fakes import FakeClock


@given(began=st.floats(0.0, 1e6), passed=st.floats(0.0, 1e5), wait=st.floats(0.001, 1e5))
@example(began=90.3, passed=9.3, wait=20.1)
def test_an_alarm_that_rings_a_rounding_too_early_does_not_ring_for_ever(
    began: float, passed: float, wait: float
) -> None:
    """A journal's clock counts from its own beginning, so it rounds differently from the one that wakes."""
    clock = FakeClock(now=began)
    clock.advance(passed)
    due = clock.now - began + wait
    rung = 0

    def ring() -> None:
        nonlocal rung
        rung += 1
        assert rung < 4
        now = clock.now - began
        alarm.set(due if now < due else None, now)

    alarm = Alarm(clock, ring)
    alarm.set(due, clock.now - began)
    clock.advance(wait + 1)
    assert rung
    assert alarm.due is None
