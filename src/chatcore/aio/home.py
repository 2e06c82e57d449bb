"""Where something lives: asyncio wakes nobody who waits on another event loop, so what is used there waits for ever."""

from __future__ import annotations

import asyncio
import threading


class Home:
    """The event loop that runs now, and its thread."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()

    def check(self, what: str) -> None:
        """Raise RuntimeError in another thread, or on another loop. Between two runs of its loop all is well."""
        try:
            here = asyncio.get_running_loop()
        except RuntimeError:
            if threading.get_ident() == self._thread:
                return
        else:
            if here is self._loop:
                return
        raise RuntimeError(
            f"{what} is not thread-safe: use it on the event loop that it was started on; from elsewhere, "
            "loop.call_soon_threadsafe and asyncio.run_coroutine_threadsafe carry a call there"
        )
