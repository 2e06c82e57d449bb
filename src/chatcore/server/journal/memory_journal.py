"""The journal in memory: the default. What is proposed is delivered at once, and kept nowhere."""

from __future__ import annotations

from collections.abc import Callable

from chatcore.ports.clock import Clock
from chatcore.ports.journal import Batch, Entry


class MemoryJournal:
    """Implements `chatcore.ports.journal.Journal` for one node, without keeping anything.

    Args:
        clock: what time it is.
    """

    at_once = True

    def __init__(self, clock: Clock) -> None:
        self._time = clock.time
        self._clock = clock.monotonic
        self._began = clock.monotonic()
        self._position = 0
        self._deliver: Callable[[Entry], None] | None = None

    async def start(
        self,
        after: int,
        deliver: Callable[[Entry], None],
        refuse: Callable[[Batch, str], None],
        fail: Callable[[BaseException], None],
    ) -> None:
        """Deliver from now on what is proposed."""
        self._position = after
        self._deliver = deliver

    def propose(self, batch: Batch) -> None:
        """Deliver a batch. Raises RuntimeError unless the journal was started."""
        if self._deliver is None:
            raise RuntimeError("the journal was not started")
        self._position += 1
        self._deliver(Entry(self._position, self._time(), self._clock() - self._began, batch))

    async def close(self) -> None:
        """Deliver nothing any more."""
        self._deliver = None
