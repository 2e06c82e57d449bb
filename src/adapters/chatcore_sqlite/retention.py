"""What has to go from the logs, by number, age and size, and what time it is for that. Pure: it knows no SQLite."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from heapq import heapify, heappop, heapreplace
from typing import Final, NamedTuple

from chatcore.ports.archive import Retention

# How much further a clock may be than expected, and for how long it has to be so until it is believed, in seconds.
_LEAP: Final = 60.0
_DOUBT: Final = 3600.0


class PatientTime:
    """What time it is for what is deleted because it is old: that cannot be undone.

    A clock that somebody sets forward, or that is wrong for a while, is believed after an hour: until then time goes on
    from where it was, at the start from when something was said last. One that is set back is believed at once: what is
    too young then stays.

    Args:
        time: seconds since 1970, by a clock that is set now and then.
        monotonic: seconds, by one that is not.
        last: when something was said last, by the clock as it was then; None when nothing was.
    """

    def __init__(self, time: Callable[[], float], monotonic: Callable[[], float], last: float | None = None) -> None:
        self._time = time
        self._monotonic = monotonic
        now = time()
        self._ahead = (now if last is None else min(now, last)) - monotonic()
        """By how much the one clock is ahead of the other, as far as it is believed."""
        self._doubted: tuple[float, float] | None = None
        """By how much it says that it is since when, if that is doubted."""

    @property
    def doubt(self) -> float:
        """By how much the clock is ahead of what is believed, in seconds."""
        return max(0.0, self._time() - self._monotonic() - self._ahead)

    def __call__(self) -> float:
        """Return seconds since 1970."""
        now = self._monotonic()
        ahead = self._time() - now
        if self._doubted is not None and abs(ahead - self._doubted[0]) > _LEAP:
            self._doubted = None  # it was set again
        if ahead > self._ahead + _LEAP:
            ahead, since = self._doubted = self._doubted or (ahead, now)
            if now - since < _DOUBT:
                return self._ahead + now
        self._ahead, self._doubted = ahead, None
        return ahead + now


class Size(NamedTuple):
    """What a log holds; at least one entry."""

    key: str
    messages: int
    bytes: int
    """Of all its entries."""
    oldest: float
    """When its oldest entry was said, in seconds since 1970."""


class Line(NamedTuple):
    """An entry, as far as it matters here."""

    at: float
    """When it was said, in seconds since 1970."""
    size: int
    """In bytes."""


class Cut(NamedTuple):
    """What goes from a log: its oldest entries."""

    messages: int
    bytes: int
    oldest: float | None
    """When the oldest one that stays was said; None when nothing stays."""


@dataclass(slots=True)
class _Log:
    """A log while it is cut."""

    size: Size
    lines: Iterator[Line]
    """From the oldest entry on; not looked at before one has to go."""
    oldest: float | None
    messages: int = 0
    bytes: int = 0
    _next: Line | None = None

    @property
    def left(self) -> int:
        """How many entries have not gone."""
        return self.size.messages - self.messages

    @property
    def bytes_left(self) -> int:
        """How many bytes those have."""
        return self.size.bytes - self.bytes

    def drop_oldest(self) -> Line:
        line = self._next or next(self.lines)
        self._next = next(self.lines, None)
        self.oldest = None if self._next is None else self._next.at
        self.messages += 1
        self.bytes += line.size
        return line


def cuts(
    sizes: Iterable[Size], lines: Callable[[str], Iterator[Line]], retention: Retention, now: float, most: int
) -> dict[str, Cut]:
    """Return what has to go from the logs, by key: what they may not keep, then of all what is oldest; nothing else.

    Args:
        sizes: the logs that hold something.
        lines: gives the entries of a log, the oldest first.
        retention: how much may stay.
        now: seconds since 1970.
        most: how many entries may go at a time.
    """
    logs = [_Log(size, lines(size.key), size.oldest) for size in sizes]
    left = most
    for log in logs:
        own = retention.of(log.size.key)
        while left and (_is_old(log, own, now) or _is_much(own, log.left, log.bytes_left)):
            log.drop_oldest()
            left -= 1
    messages = sum(log.left for log in logs)
    size = sum(log.bytes_left for log in logs)
    waiting = [(log.oldest, number) for number, log in enumerate(logs) if log.oldest is not None]
    heapify(waiting)
    while left and waiting and _is_much(retention, messages, size):
        number = waiting[0][1]
        log = logs[number]
        size -= log.drop_oldest().size
        messages -= 1
        left -= 1
        if log.oldest is None:
            heappop(waiting)
        else:
            heapreplace(waiting, (log.oldest, number))
    return {log.size.key: Cut(log.messages, log.bytes, log.oldest) for log in logs if log.messages}


def _is_old(log: _Log, allowed: Retention, now: float) -> bool:
    """Tell whether the oldest entry of a log was said too long ago."""
    return allowed.seconds is not None and log.oldest is not None and log.oldest < now - allowed.seconds


def _is_much(allowed: Retention, messages: int, size: int) -> bool:
    """Tell whether so many entries, of so many bytes, are more than may stay."""
    return messages > 0 and (
        (allowed.messages is not None and messages > allowed.messages)
        or (allowed.bytes is not None and size > allowed.bytes)
    )
