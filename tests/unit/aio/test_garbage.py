"""Passes over everything stop a server and everybody, or a window, so they are few."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from typing import Any

import pytest

from chatcore.aio.garbage import PASS_INTERVAL, collect_seldom
from tests.unit.fakes import FakeClock


class Circle:
    """Holds itself: only the garbage collector finds it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def passes() -> Iterator[list[int]]:
    """Take down the garbage collector's passes over everything; leaves it as it was."""
    thresholds, seen = gc.get_threshold(), []

    def note(phase: str, about: dict[str, Any]) -> None:
        if phase == "start" and about["generation"] == 2:
            seen.append(2)

    gc.callbacks.append(note)
    yield seen
    gc.callbacks.remove(note)
    gc.set_threshold(*thresholds)
    gc.unfreeze()


def test_much_that_stays_makes_no_pass_over_everything(passes: list[int]) -> None:
    """By itself, the collector looks again whenever there is a quarter more."""
    collect_seldom(FakeClock())
    passes.clear()
    kept = [[number] for number in range(500_000)]
    assert len(kept) == 500_000
    assert passes == []


def test_no_pass_looks_at_much(passes: list[int]) -> None:
    """A crowd that comes makes objects that stay: who looks at ten thousand of them stops everybody for 10 ms."""
    looked_at: list[int] = []

    def note(phase: str, about: dict[str, Any]) -> None:
        if phase == "start" and about["generation"] == 1:
            looked_at.append(len(gc.get_objects(0)) + len(gc.get_objects(1)))

    collect_seldom(FakeClock())
    gc.callbacks.append(note)
    try:
        kept = [[number] for number in range(20_000)]
    finally:
        gc.callbacks.remove(note)
    assert len(kept) == 20_000
    assert looked_at
    assert max(looked_at) < 4_000


def test_a_circle_goes_within_ten_minutes(passes: list[int]) -> None:
    """And the next one within another ten."""
    clock = FakeClock()
    collect_seldom(clock)
    passes.clear()
    for _ in range(2):
        circle = Circle()
        gone = weakref.ref(circle)
        gc.collect(1)  # it is old: no quick pass finds it
        del circle
        clock.advance(PASS_INTERVAL)
        assert gone() is None
    assert passes == [2, 2]


def test_what_is_there_at_the_start_is_not_looked_at_again(passes: list[int]) -> None:
    """The code of a server, most of all."""
    assert passes == []
    collect_seldom(FakeClock())
    assert gc.get_freeze_count() > 10_000
