"""Who may have bytes taken, when many connections bring more than the server can take in one turn of the event loop.

Small reads are taken as they come. Larger ones, and handshakes, share a millisecond per turn; what does not fit
waits, and whoever waits has a slice taken in each turn that has time for it, one connection after the other. So a crowd
that sends as fast as it can, or comes all at once, makes a turn no longer than one connection does.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Final
from weakref import WeakKeyDictionary

_TURN_SECONDS: Final = 0.001


class Slices:
    """What a turn has time for, and those who wait.

    Args:
        call_soon: calls back in the next turn.
        clock: seconds, also within a turn: the clock of uvloop stands still there.
    """

    def __init__(
        self, call_soon: Callable[[Callable[[], None]], object], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._call_soon = call_soon
        self._clock = clock
        self._waiting: deque[Callable[[], None]] = deque()
        self.turn = 0
        """Which turn this is, of those in which somebody needed to know."""
        self._until: float | None = None
        """When the present turn has no more time; None while nobody needed to know."""

    def may_take(self) -> bool:
        """Tell whether a slice may be taken at once: the turn has time for it, and nobody waits."""
        if self._until is None:
            self._begin()
            return True
        return not self._waiting and self._clock() < self._until

    def is_over(self) -> bool:
        """Tell whether the present turn has no more time: who has had a part of a slice taken waits with the rest."""
        return self._until is not None and self._clock() >= self._until

    def wait(self, take: Callable[[], None]) -> None:
        """Call `take` in a turn that has time for it."""
        self._waiting.append(take)
        if self._until is None:
            self._begin()

    def _begin(self) -> None:
        self._until = self._clock() + _TURN_SECONDS
        self.turn += 1
        self._call_soon(self._next_turn)

    def _next_turn(self) -> None:
        if not self._waiting:
            self._until = None
            return
        self._begin()
        for _ in range(len(self._waiting)):  # who waits again has had its slice
            self._waiting.popleft()()
            if self.is_over():
                return


_slices: WeakKeyDictionary[asyncio.AbstractEventLoop, Slices] = WeakKeyDictionary()


def slices_of(loop: asyncio.AbstractEventLoop) -> Slices:
    """Return the slices of an event loop: all of its connections share them."""
    found = _slices.get(loop)
    if found is None:
        found = _slices[loop] = Slices(loop.call_soon)
    return found
