"""How often something may be asked for: so many times a second over time, and some more at once."""

from __future__ import annotations

from chatcore.errors import ErrorCode, Refusal


class TokenBucket:
    """Holds a token for each request that may come now. Time comes in, in seconds of the monotonic clock.

    Args:
        rate: tokens that come back per second; over 0.
        burst: tokens that it holds at most, and at the beginning.
        now: when it begins.
    """

    __slots__ = ("_at", "_burst", "_left", "_rate")

    def __init__(self, rate: float, burst: int, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._left = float(burst)
        self._at = now

    def spend(self, now: float, otherwise: str) -> None:
        """Take a token. Raises `Refusal` (`rate_limited`, with the text `otherwise`) when there is none."""
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            wait = (1 - self._left) / self._rate
            # Rounded up: the promise is that it succeeds then.
            raise Refusal(ErrorCode.RATE_LIMITED, otherwise, retry_after=round(wait + 0.001, 3))
        self._left -= 1
