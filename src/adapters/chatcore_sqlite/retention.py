"""What has to go from the logs, by number, age and size. Pure: nothing here knows of SQLite."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from heapq import heapify, heappop, heapreplace
from typing import NamedTuple

from chatcore.ports.archive import Retention


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
    """Return what has to go from the logs, by key: of all logs what is oldest, and nothing that may stay.

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
        own = retention.rooms.get(log.size.key, retention)
        if own is not retention:
            while left and _goes(log, own, log.size.messages - log.messages, log.size.bytes - log.bytes, now):
                log.drop_oldest()
                left -= 1
    messages = sum(log.size.messages - log.messages for log in logs)
    size = sum(log.size.bytes - log.bytes for log in logs)
    waiting = [(log.oldest, number) for number, log in enumerate(logs) if log.oldest is not None]
    heapify(waiting)
    while left and waiting:
        number = waiting[0][1]
        log = logs[number]
        if not _goes(log, retention, messages, size, now):
            break
        size -= log.drop_oldest().size
        messages -= 1
        left -= 1
        if log.oldest is None:
            heappop(waiting)
        else:
            heapreplace(waiting, (log.oldest, number))
    return {log.size.key: Cut(log.messages, log.bytes, log.oldest) for log in logs if log.messages}


def _goes(log: _Log, allowed: Retention, messages: int, size: int, now: float) -> bool:
    """Tell whether the oldest entry of a log has to go when there are so many entries and bytes."""
    if log.oldest is None:
        return False
    return (
        (allowed.messages is not None and messages > allowed.messages)
        or (allowed.bytes is not None and size > allowed.bytes)
        or (allowed.seconds is not None and log.oldest < now - allowed.seconds)
    )
