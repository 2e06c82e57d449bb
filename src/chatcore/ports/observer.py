"""The observer port: what whoever looks after a server may know of it, at any moment."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, Protocol

BOUNDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Up to how many seconds each class of `Durations` goes; there is one more for what takes longer."""


class Durations:
    """How long something took, counted in classes: a histogram."""

    __slots__ = ("_counts", "total")

    def __init__(self) -> None:
        self._counts = [0] * (len(BOUNDS) + 1)
        self.total = 0.0
        """Of all of them together, in seconds."""

    def add(self, seconds: float) -> None:
        """Count one more."""
        self._counts[bisect_left(BOUNDS, seconds)] += 1
        self.total += seconds

    def cumulated(self) -> list[tuple[float, int]]:
        """Return how many took so many seconds or less, for each of `BOUNDS`, and at last (infinite) all of them."""
        return list(zip((*BOUNDS, float("inf")), accumulate(self._counts), strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedFigures:
    """What a server is among others on one store."""

    nodes: int
    """How many are up, as the journal counts leases."""
    position: int
    """Of the last entry of the journal that was applied."""
    behind: int | None
    """How many entries the journal has behind it; None while nothing is heard of it."""
    lag: float
    """For how long its own first batch under way has not come back, in seconds; 0 when nothing is under way."""
    under_way: int
    """How many batches were proposed and have not come back."""
    snapshot_age: float | None
    """How old the last snapshot is, in seconds; None when there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a server does, in numbers. What is counted is counted since its start; bytes are those of payloads.

    Keys are stable words.
    """

    connections: Mapping[tuple[str, str], int]
    """How many there are, by transport (as links name it: `wss`) and dialect."""
    present: int
    """On how many of them somebody is logged in, or nobody can: who has only connected is left out."""
    sessions: int
    """How many users are logged in, those in their grace period too."""
    waiting: int
    """How many of those are in their grace period."""
    rooms: int
    messages: Mapping[str, int]
    """How many sends were acknowledged, by kind (`room`, `direct`, `broadcast`); repeated ones each time."""
    published: int
    """How often something that is published reached somebody, the sender of a message left out."""
    told: int
    """How often somebody was told something in words of its own: answers, direct messages."""
    refusals: Mapping[str, int]
    """How many requests were refused, by code."""
    turned_away: Mapping[str, int]
    """How many connections were refused before they were open, by what was wrong."""
    lines: Mapping[str, int]
    """How many lines of each kind the operator's log has, with those that were held back: logins, losses, mistakes."""
    bytes_in: int
    bytes_out: int
    file_bytes: int
    """How many of those that went out were chunks of files."""
    commits: Durations | None
    """How long what was proposed took until the store had kept it; None without a store."""
    store_bytes: int | None
    """How much the store takes; None without a store."""
    store_refuses: bool | None = None
    """Whether the store keeps nothing at present; None without a store."""
    shared: SharedFigures | None = None
    """None where no other server can be."""


class Observed(Protocol):
    """A server, as whoever looks after it sees it."""

    @property
    def unready(self) -> str | None:
        """Why it takes no new connections at present, for people; None when it does."""
        ...

    @property
    def refuses(self) -> str | None:
        """Why its store keeps nothing at present, so that nobody can log in, for people; None when all is well."""
        ...

    def figures(self) -> Figures:
        """Return what it does. Before the start there is nothing to tell: RuntimeError."""
        ...
