"""How often something may be asked for: so much a second over time, and some more at once."""

from __future__ import annotations


class TokenBucket:
    """Holds what may be spent now. Time comes in, in seconds of the monotonic clock.

    Args:
        rate: tokens that come back per second; over 0.
        burst: tokens that it holds at most, and at the beginning.
        now: when it begins.
    """

    __slots__ = ("_at", "_burst", "_left", "_rate")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._at = now

    def fresh(self, now: float) -> TokenBucket:
        """Return a full one with the same rate and burst."""
        return TokenBucket(self._rate, self._burst, now)

    def change(self, rate: float, burst: float, now: float) -> None:
        """Go on with another rate and burst; what is left, and what is owed, stays."""
        self.wait(now)
        self._rate, self._burst = rate, burst

    def wait(self, now: float, keep: float = 0.0) -> float:
        """Return after how many seconds there is a token to spend, besides this share of its burst; 0 for now.

        A full one always has a token to spend, however few it holds.
        """
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        kept = min(keep * self._burst, self._burst - 1) if keep else 0.0
        missing = 1 + kept - self._left
        # Rounded up: the promise is that there is one then.
        return round(missing / self._rate + 0.001, 3) if missing > 0 else 0.0

    def spend(self, tokens: float = 1.0) -> None:
        """Take tokens; more than there are is a debt, which has to come back first. Call `wait` before."""
        self._left -= tokens
