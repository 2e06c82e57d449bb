"""Giving up on a server that does not come back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Absence:
    """How long a server is away.

    Args:
        seconds: how long it may be; None: for ever.
        is_back: tells whether it is there again.
        give_up: is called when it has been away for longer.
    """

    def __init__(self, seconds: float | None, is_back: Callable[[], bool], give_up: Callable[[], None]) -> None:
        self._seconds = seconds
        self._is_back = is_back
        self._give_up = give_up
        self._timer: asyncio.TimerHandle | None = None

    def lost(self, attempt: int) -> None:
        """Take it that the connection is lost, and which attempt to come back is next: each loss begins with 1."""
        if attempt == 1:
            self.forget()
        if self._timer is None and self._seconds is not None:
            self._timer = asyncio.get_running_loop().call_later(self._seconds, self._is_over)

    def forget(self) -> None:
        """Give nothing up any more, until the connection is lost anew."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _is_over(self) -> None:
        self._timer = None
        if not self._is_back():  # be it not for long: the next loss counts anew
            self._give_up()
