"""How fast a file goes: the credit that its receiver grants, and what is told of it to people. Time comes in."""

from __future__ import annotations

from collections import deque
from typing import Final

# How much more than the way itself can hold may be under way. With less, a file cannot find out that it may go faster;
# what is more only stands in queues, and other people's messages behind it (as in TCP Vegas, Brakmo and Peterson 1995).
# It is a time, so that a slow way has a short queue, and within bounds, because a clock is not that exact.
_QUEUE_SECONDS: Final = 0.002
_SHORTEST_QUEUE: Final = 8 * 1024
_LONGEST_QUEUE: Final = 128 * 1024
LEAST_WINDOW: Final = 32 * 1024
_STEP: Final = 8 * 1024
# After so long a file goes slowly for a moment: the shortest way around is seen only where nothing stands in queues.
_MEASURE_SECONDS: Final = 10.0
PROGRESS_SECONDS: Final = 0.5
"""How often people are told how far a file is, while nothing else happens to it."""
_RATE_SECONDS: Final = 4.0
_RATE_STEP: Final = 0.2


class Window:
    """How far ahead of what it has taken a receiver lets the sender go, so that little waits on the way.

    Offsets are bytes from the beginning of the file; `now` is the time in seconds of the monotonic clock.

    Args:
        most: the largest window that the server allows, in bytes.
    """

    def __init__(self, most: int) -> None:
        self._least = min(LEAST_WINDOW, most)
        self._most = most
        self.size = self._least
        """In bytes; `arrived` changes it."""
        self._starting = True
        self._mark = 0
        self._marked_at: float | None = None
        self._shortest = float("inf")
        self._measured_at: float | None = None

    def granted(self, upto: int, now: float) -> None:
        """Begin to measure how long it takes until what the sender may send up to there has come."""
        if self._marked_at is None:
            self._mark, self._marked_at = upto, now

    def arrived(self, end: int, now: float) -> None:
        """Count everything before `end` as here: once around, the window is set anew."""
        if self._marked_at is None or end < self._mark:
            return
        around, self._marked_at = max(now - self._marked_at, 1e-6), None
        if self._measured_at is None:
            self._measured_at = now
        elif now - self._measured_at > _MEASURE_SECONDS:
            self._measured_at, self._shortest = now, float("inf")
            self._starting, self.size = True, self._least
            return
        self._shortest = min(self._shortest, around)
        longest = min(max(self.size / around * _QUEUE_SECONDS, _SHORTEST_QUEUE), _LONGEST_QUEUE)
        queued = self.size * (1 - self._shortest / around)
        if queued > longest:
            self._starting = False
            self.size -= _STEP
        elif queued < longest / 2:
            self.size += self.size if self._starting else _STEP
        self.size = max(min(self.size, self._most), self._least)


class Rate:
    """Bytes a second, over the last few seconds. `now` is the time in seconds of the monotonic clock.

    Args:
        done: how many bytes are done at the beginning.
        now: when that is.
    """

    def __init__(self, done: int, now: float) -> None:
        self._steps = deque([(now, done)])

    def moved(self, done: int, now: float) -> None:
        """Set how many bytes are done by now."""
        steps = self._steps
        if len(steps) > 1 and now - steps[-2][0] < _RATE_STEP:
            steps[-1] = (now, done)
        else:
            steps.append((now, done))
        while len(steps) > 2 and now - steps[0][0] > _RATE_SECONDS:
            steps.popleft()

    def rate(self, now: float) -> float:
        """Return the bytes per second."""
        began, first = self._steps[0]
        return (self._steps[-1][1] - first) / max(now - began, _RATE_STEP)

    def left(self, size: int, now: float) -> float | None:
        """Return how many seconds `size` bytes in all still take; None when nothing moves."""
        rate = self.rate(now)
        return (size - self._steps[-1][1]) / rate if rate > 0 else None
