"""How far users say that they have read: gathered for a while, so that reading costs the journal next to nothing."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Final

from chatcore.ports.clock import Clock, Timer
from chatcore.records import HaveRead, Record

# How long what somebody has read may wait, in seconds, and of how many a record tells.
_WINDOW: Final = 2.0
_MOST: Final = 500


class Marks:
    """What was read and is not told to the journal yet.

    Args:
        clock: what time it is.
        propose: takes a record.
    """

    def __init__(self, clock: Clock, propose: Callable[[Record], None]) -> None:
        self._clock = clock
        self._propose = propose
        self._seqs: dict[tuple[int, str], int] = {}
        """By connection and key of the room."""
        self._timer: Timer | None = None

    def note(self, connection: int, room: str, seq: int) -> None:
        """Take note of how far the user of a connection has read a room."""
        self._seqs[connection, room] = max(seq, self._seqs.get((connection, room), 0))
        if self._timer is None:
            self._timer = self._clock.call_at(self._clock.monotonic() + _WINDOW, self.tell)

    def tell(self) -> None:
        """Tell the journal now: somebody wants to know, or will not be there any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._seqs:
            few = list(islice(self._seqs.items(), _MOST))
            for key, _seq in few:
                del self._seqs[key]
            self._propose(HaveRead(tuple((*key, seq) for key, seq in few)))
