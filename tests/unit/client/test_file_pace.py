"""How far ahead a receiver pays, and what people are told of the speed."""

from __future__ import annotations

import pytest

from chatcore.client.files.pace import LEAST_WINDOW, Rate, Window


def transfer(window: Window, *, rate: float, way: float, seconds: float, start: float = 0.0) -> float:
    """Let a file go over a way with a bottleneck; returns the bytes per second."""
    now, arrived = start, 0.0
    while now < start + seconds:
        # Once around: the way there and back, or as long as the bottleneck needs for all that stands before it.
        upto = arrived + window.size
        window.granted(int(upto), now)
        now += max(way, window.size / rate)
        arrived = upto
        window.arrived(int(arrived), now)
    return arrived / (now - start)


@pytest.mark.parametrize(
    ("rate", "way"), [(100e6, 0.001), (10e6, 0.0005), (2e6, 0.002), (10e6, 0.1), (1e6, 0.2)], ids=str
)
def test_the_window_fills_the_way_and_hardly_more(rate: float, way: float) -> None:
    """A fast way is used, and on none stands more in queues than is worth some milliseconds."""
    window = Window(2**20)
    transfer(window, rate=rate, way=way, seconds=200 * way)
    reached = transfer(window, rate=rate, way=way, seconds=200 * way, start=200 * way)
    assert reached > 0.6 * min(rate, 2**20 / way)
    queued = window.size - rate * way
    assert queued <= LEAST_WINDOW + 0.004 * rate + 16 * 1024


def test_the_window_stays_within_its_bounds() -> None:
    """Whatever the clock says."""
    window = Window(100_000)
    transfer(window, rate=1e9, way=1.0, seconds=50)
    assert window.size == 100_000
    window = Window(5000)
    assert window.size == 5000
    transfer(window, rate=1e9, way=0.0, seconds=0.01)
    transfer(window, rate=1000, way=1.0, seconds=100)
    assert window.size == 5000


def test_a_way_that_became_longer_is_measured_anew() -> None:
    """The shortest time around is not believed for ever."""
    window = Window(2**20)
    transfer(window, rate=10e6, way=0.01, seconds=5)
    reached = transfer(window, rate=10e6, way=0.1, seconds=40, start=5)
    assert reached > 0.5 * 10e6


def test_rate_is_that_of_the_last_few_seconds() -> None:
    """And the time left is what it promises."""
    rate = Rate(1000, 0.0)
    assert (rate.rate(1.0), rate.left(5000, 1.0)) == (0, None)
    for step in range(1, 101):
        rate.moved(1000 + 100 * step, step / 10)
    assert rate.rate(10.0) == pytest.approx(1000, rel=0.1)
    assert rate.left(21_000, 10.0) == pytest.approx(10, rel=0.1)
    assert len(rate._steps) < 30
    assert rate.rate(20.0) < 400
