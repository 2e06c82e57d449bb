"""Trials of passwords: each is work, so they go one by one, and no place keeps the others waiting."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final

# So many may wait: of one place, and in all.
_MOST_OF_PLACE: Final = 128
_MOST: Final = 1024

Trial = Callable[[Callable[[], None]], None]
"""Begins, and calls what it is given when it is over: in a later turn, or at once."""


class Trials:
    """A queue for each place; the places take turns."""

    def __init__(self) -> None:
        self._places: OrderedDict[str, deque[Trial]] = OrderedDict()
        self._count = 0
        self._busy = False
        self._going_on = False

    def add(self, place: str, trial: Trial) -> bool:
        """Let a trial wait for its turn; returns False when too many do."""
        queue = self._places.get(place)
        if self._count >= _MOST or (queue is not None and len(queue) >= _MOST_OF_PLACE):
            return False
        if queue is None:
            queue = self._places[place] = deque()
        queue.append(trial)
        self._count += 1
        self._go_on()
        return True

    def _over(self) -> None:
        self._busy = False
        self._go_on()

    def _go_on(self) -> None:
        if self._going_on:  # what is over at once calls back from within
            return
        self._going_on = True
        while self._places and not self._busy:
            place, queue = self._places.popitem(last=False)
            trial = queue.popleft()
            self._count -= 1
            if queue:
                self._places[place] = queue  # behind the others
            self._busy = True
            trial(self._over)
        self._going_on = False
