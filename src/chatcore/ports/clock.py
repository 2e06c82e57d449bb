"""The clock port: what time it is, and being called back later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    """A call that is going to happen."""

    def cancel(self) -> None:
        """Let it not happen. Idempotent."""
        ...


class Clock(Protocol):
    """Time and the turns of the event loop. There are two clocks, because the one that people read may jump."""

    def monotonic(self) -> float:
        """Return seconds that never go back and never jump, for timers."""
        ...

    def time(self) -> float:
        """Return seconds since 1970 (UTC), for people."""
        ...

    def call_soon(self, callback: Callable[[], None]) -> None:
        """Call back in the next turn, in the order of the calls."""
        ...

    def call_at(self, when: float, callback: Callable[[], None]) -> Timer:
        """Call back at `when` of the monotonic clock."""
        ...
