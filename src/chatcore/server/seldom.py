"""Records that strangers could cause in any number: of a kind so many a second, and the rest counted."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final, Generic, TypeVar

from chatcore.server.admission.token_bucket import TokenBucket

MOST_KINDS: Final = 10_000
"""Most kinds that are remembered: they may come from strangers too."""


_Kind = TypeVar("_Kind", bound=Hashable)


class Seldom(Generic[_Kind]):
    """Says which records are written. Time comes in, in seconds of the monotonic clock.

    Args:
        interval: how many seconds lie between two of a kind, over time.
        burst: how many of a kind may come at once.
    """

    def __init__(self, interval: float = 1.0, burst: int = 1) -> None:
        self._interval = interval
        self._burst = burst
        self._kinds: dict[_Kind, TokenBucket] = {}
        self._counts: dict[_Kind, int] = {}
        """How many of a kind were held back since the last one."""
        self._full_until = 0.0  # to look for quiet ones is work too

    def held_back(self, kind: _Kind, now: float, also: int = 0) -> int | None:
        """Return how many of a kind were held back since the last one, if this one is to be written; None otherwise.

        `also` is how many others of the kind it stands for.
        """
        bucket = self._kinds.get(kind)
        if bucket is None:
            if len(self._kinds) >= MOST_KINDS and now >= self._full_until:
                self._forget_quiet(now)
            if len(self._kinds) >= MOST_KINDS:
                return None
            bucket = self._kinds[kind] = TokenBucket(1 / self._interval, self._burst, now)
        if bucket.wait(now):
            self._counts[kind] = self._counts.get(kind, 0) + 1 + also
            return None
        bucket.spend()
        return self._counts.pop(kind, 0) + also

    def forget(self, kind: _Kind) -> int:
        """Return how many of a kind were held back since the last one, because there will be no other one."""
        self._kinds.pop(kind, None)
        return self._counts.pop(kind, 0)

    def forget_all(self) -> dict[_Kind, int]:
        """Return how many of each kind were held back since the last one, where there were any."""
        counts, self._counts = self._counts, {}
        self._kinds.clear()
        return counts

    def _forget_quiet(self, now: float) -> None:
        """Forget those that may be as new ones again, and owe no count."""
        self._full_until = now + self._interval
        self._kinds = {
            kind: bucket for kind, bucket in self._kinds.items() if kind in self._counts or bucket.wait(now, keep=1.0)
        }
