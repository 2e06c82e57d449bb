"""Time and chance from an event loop: the clock port on it, and pauses of a random length."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from typing import Protocol, runtime_checkable


@runtime_checkable
class OwnWorld(Protocol):
    """What a loop in virtual time brings besides, so that a run can be repeated (`chatcore.testing.run`)."""

    random: random.Random
    """For everything that is to be random."""

    def time_of_day(self) -> float:
        """Return seconds since 1970."""
        ...


def chance_of(loop: asyncio.AbstractEventLoop) -> Callable[[float, float], float]:
    """Return what gives a random number between two."""
    return loop.random.uniform if isinstance(loop, OwnWorld) else random.uniform


class LoopClock:
    """Implements `chatcore.ports.clock.Clock` with a loop's clock and turns."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.monotonic = loop.time
        self.time: Callable[[], float] = loop.time_of_day if isinstance(loop, OwnWorld) else time.time

    def call_soon(self, callback: Callable[[], None]) -> None:
        """Call back in the next turn."""
        self._loop.call_soon(callback)

    def call_at(self, when: float, callback: Callable[[], None]) -> asyncio.TimerHandle:
        """Call back at `when` of the loop's clock."""
        return self._loop.call_at(when, callback)
