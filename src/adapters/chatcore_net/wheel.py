"""Timers for thousands of links: nearly all of them wait for ten quiet seconds to pass, so they share a few timers.

Time is cut into ticks (Varghese and Lauck, 1987); what is due in one tick is called at its end. A timer of the event
loop for each link would take half a KiB of memory, and a system's timer be set for each.
"""

from __future__ import annotations

import asyncio
from asyncio import TimerHandle
from collections.abc import Callable
from math import ceil
from typing import Any, Final, Protocol
from weakref import WeakKeyDictionary

TICKS_PER_SECOND: Final = 64
# A century; later than that, infinity too, is never.
_NEVER: Final = 100 * 365 * 86400.0


class Timed(Protocol):
    """Who has a timer."""

    tick: int | None
    """When it is called; None while it is not to be."""

    def time_is_up(self) -> None:
        """Do what is due."""
        ...


class Wheel:
    """All timers of an event loop's links.

    Args:
        call_at: calls back at a time of the loop's clock, with an argument.
        report: is told of a mistake.
    """

    def __init__(self, call_at: Callable[..., TimerHandle], report: Callable[[dict[str, Any]], None]) -> None:
        self._call_at = call_at
        self._report = report
        self._spokes: dict[int, tuple[TimerHandle, dict[Timed, None]]] = {}
        """Who is due, by the tick."""

    def set(self, timed: Timed, when: float) -> None:
        """Call at `when` of the loop's clock, or up to a tick later, and not when it was said before."""
        self.cancel(timed)
        tick = timed.tick = ceil(min(when, _NEVER) * TICKS_PER_SECOND)
        if tick not in self._spokes:
            self._spokes[tick] = (self._call_at(tick / TICKS_PER_SECOND, self._turn, tick), {})
        self._spokes[tick][1][timed] = None

    def cancel(self, timed: Timed) -> None:
        """Do not call. Idempotent."""
        tick, timed.tick = timed.tick, None
        found = None if tick is None else self._spokes.get(tick)
        if tick is None or found is None:  # or it is among those who are called just now
            return
        timer, due = found
        due.pop(timed, None)
        if not due:
            del self._spokes[tick]
            timer.cancel()

    def _turn(self, tick: int) -> None:
        _timer, due = self._spokes.pop(tick)
        for timed in due:
            if timed.tick != tick:
                continue
            timed.tick = None
            try:
                timed.time_is_up()
            except Exception as mistake:
                self._report({"message": "a mistake in what is done after some time", "exception": mistake})


_wheels: WeakKeyDictionary[asyncio.AbstractEventLoop, Wheel] = WeakKeyDictionary()


def wheel_of(loop: asyncio.AbstractEventLoop) -> Wheel:
    """Return the wheel of an event loop: all of its links share it."""
    found = _wheels.get(loop)
    if found is None:
        found = _wheels[loop] = Wheel(loop.call_at, loop.call_exception_handler)
    return found
