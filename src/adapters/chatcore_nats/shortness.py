"""Whether a stream has lost what it has delivered, or only does not know of it for a moment."""

from __future__ import annotations

from typing import Final

# Seconds. When no look has had an answer for so long, nobody knows how it was meanwhile: a new count begins.
_UNKNOWN: Final = 10.0


class Shortness:
    """For how long a stream ends before what it has delivered. `now` is the time in seconds of the loop's clock.

    Args:
        loss: after so many seconds in which each look says so, that is lost.
    """

    def __init__(self, loss: float) -> None:
        self._loss = loss
        self._since: float | None = None
        self._seen_at = 0.0

    def is_loss(self, now: float) -> bool:
        """Take note that it is short; tell whether it has been so for long enough."""
        if self._since is None or now > self._seen_at + _UNKNOWN:
            self._since = now
        self._seen_at = now
        return now > self._since + self._loss

    def end(self) -> None:
        """Take note that it goes far enough: the next time begins by itself."""
        self._since = None
