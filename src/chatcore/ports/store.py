"""The store port: a journal and the archive beside it, in one place, found by name (entry points `chatcore.stores`)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, runtime_checkable

from chatcore.errors import Sentence
from chatcore.ports.archive import Archive, Retention
from chatcore.ports.clock import Clock
from chatcore.ports.courier import Courier
from chatcore.ports.journal import Journal


class Store(Journal, Archive, Protocol):
    """Keeps a chat over restarts.

    To begin: `open`, `load_snapshot`, `heads`, then `start` behind the position of the snapshot; what it delivers
    before it returns is applied and given to `keep` again. To end: `save_snapshot`, then `close`.
    """

    lease: float
    """For how long a server that shares the place with others is taken to be there when nothing is heard of it, in
    seconds; 0: the place is for one server alone."""

    lost: bool
    """True from `open` on when less is there than was acknowledged, because an older copy was put in its place, say.
    What counts is what it says when `start` has returned."""

    @property
    def place(self) -> str:
        """Where it is, for people."""
        ...

    def size(self) -> int:
        """Return how many bytes it takes there at present; a look, no search."""
        ...

    async def open(self) -> None:
        """Take the place, for this server alone or with its part in it.

        Raises `ConfigurationError`, with one sentence that says what to do: it is in use, cannot be reached, is
        damaged, not to be written, of a newer version, or nothing of ours. Then nothing was changed.
        """
        ...


@runtime_checkable
class ClockDoubter(Protocol):
    """A store that compares the clock with what was said last. Optional: any other one takes the clock at its word."""

    doubted: float
    """From `open` on, by how many seconds the clock is ahead of what was said last, when nothing is deleted for that
    yet; 0 when all is well. Operators are told."""


@runtime_checkable
class SharedStore(Store, Courier, Protocol):
    """A store that several servers may have at a time: one with a lease."""

    @property
    def unarchived(self) -> Sentence | None:
        """Why what was said last is not in the archive, and stays in memory, for people; None when all is well."""
        ...

    @property
    def unsafe(self) -> Sentence | None:
        """Why what was said may be lost where it is shared, for people; None when all is well, as far as is known."""
        ...

    def behind(self) -> int | None:
        """Return how many entries the journal has that were not delivered yet; None while that is not known."""
        ...

    @property
    def is_behind(self) -> bool:
        """True while many of them were not, until nearly all are: nobody should be sent here."""
        ...

    async def answer(self, answer: Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any] | None]]) -> None:
        """Let operators ask this server: `answer` is given a question, and returns None for one that is for others."""
        ...

    def snapshot_at(self) -> float | None:
        """Return when the last snapshot was kept, by whichever server, in seconds since 1970; None without one."""
        ...


class OpenStore(Protocol):
    """What an entry point of the group `chatcore.stores` is."""

    def __call__(self, place: str, clock: Clock, retention: Retention) -> Store:
        """Return the store at a place, for one server; nothing is touched before it is opened.

        Args:
            place: whatever says where it is to such a store: a path, or a URL. Empty when nobody has named one: then
                it has one of its own that no other kind of store has, or it raises `ConfigurationError` and asks.
            clock: what time it is.
            retention: how much of what was said is kept.
        """
        ...
