"""Records that strangers could cause in any number: one of a kind a second, and the rest counted."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

_KINDS: Final = 1000
"""Most kinds that are remembered: they may come from strangers too."""


class Seldom:
    """Says which records are written. Time comes in, in seconds of the monotonic clock.

    Args:
        interval: how many seconds lie between two of a kind, at least.
    """

    def __init__(self, interval: float = 1.0) -> None:
        self._interval = interval
        self._kinds: dict[Hashable, tuple[float, int]] = {}
        """By kind: when one was let through, and how many were held back since."""

    def held_back(self, kind: Hashable, now: float) -> int | None:
        """Return how many of a kind were held back since the last one, if this one is to be written; None otherwise."""
        at, count = self._kinds.get(kind, (-self._interval, 0))
        if now - at < self._interval:
            self._kinds[kind] = at, count + 1
            return None
        if len(self._kinds) >= _KINDS:
            self._kinds = {kind: kept for kind, kept in self._kinds.items() if now - kept[0] < self._interval}
        if len(self._kinds) >= _KINDS:
            return None
        self._kinds[kind] = now, 0
        return count
