"""How a presenter tells its widgets that something changed, at most once per frame."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, Generic, ParamSpec

FRAME: Final = 0.03
"""Seconds between two changes of what is shown: about what the eye notices."""

_Values = ParamSpec("_Values")


def is_running() -> bool:
    """Tell whether asyncio runs: Qt hands out its last events, those of a window that closes, after it has stopped."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


class Signal(Generic[_Values]):
    """Calls everybody who wants to know, in the order in which they asked."""

    def __init__(self) -> None:
        self._listeners: list[Callable[_Values, object]] = []

    def connect(self, listener: Callable[_Values, object]) -> None:
        """Call `listener` from now on."""
        self._listeners.append(listener)

    def disconnect(self, listener: Callable[_Values, object]) -> None:
        """Call `listener` no more."""
        self._listeners.remove(listener)

    def emit(self, *values: _Values.args, **named: _Values.kwargs) -> None:
        """Call them all."""
        for listener in tuple(self._listeners):
            listener(*values, **named)


class PerFrame:
    """Gathers what happens: `flush` is called once per frame, however often `want` was.

    Args:
        flush: does what was gathered.
        interval: seconds from the first `want` to the call.
    """

    def __init__(self, flush: Callable[[], object], interval: float = FRAME) -> None:
        self._flush = flush
        self.interval = interval
        self._timer: asyncio.TimerHandle | None = None

    def want(self) -> None:
        """Ask for a call at the end of this frame."""
        if self._timer is None and is_running():
            self._timer = asyncio.get_running_loop().call_later(self.interval, self._due)

    def now(self) -> None:
        """Do at once what is waiting, if anything is."""
        if self._timer is not None:
            self._timer.cancel()
            self._due()

    def stop(self) -> None:
        """Forget what is waiting."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _due(self) -> None:
        self._timer = None
        self._flush()
