"""The clock port on an asyncio event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


class LoopClock:
    """Implements `chatcore.ports.clock.Clock` with a loop's clock and turns."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.monotonic = loop.time
        # A loop whose clock is virtual brings its own time of day.
        self.time: Callable[[], float] = getattr(loop, "time_of_day", time.time)

    def call_soon(self, callback: Callable[[], None]) -> None:
        """Call back in the next turn."""
        self._loop.call_soon(callback)

    def call_at(self, when: float, callback: Callable[[], None]) -> asyncio.TimerHandle:
        """Call back at `when` of the loop's clock."""
        return self._loop.call_at(when, callback)
