"""The journal port: what puts the records of all nodes into one order, and keeps them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from chatcore.records import Record


class BatchTooLarge(Exception):
    """A batch has more bytes than an entry may have: its records go in several ones."""


class Batch(NamedTuple):
    """What one node proposes at a time. It is ordered, kept and applied as a whole."""

    node: int
    """Incarnation of the node: the position of its `NodeUp`; 0 for the batch that holds that record."""
    number: int
    """1, 2, 3, ... over all batches of the incarnation; one that is not the next one counts for nothing."""
    records: tuple[Record, ...]
    """None at all: a sign of life, for what is due at a time."""


class Entry(NamedTuple):
    """A batch in its place."""

    position: int
    """1, 2, 3, ... over all entries of the journal."""
    time: float
    """When it was ordered, in seconds since 1970, for people: clocks are set, so it may go back."""
    clock: float
    """How long the journal has been alive, in seconds: never goes back, and stands still while nothing runs."""
    batch: Batch


class Journal(Protocol):
    """Orders batches. All its methods belong to one thread, that of the event loop, and it calls back there.

    The contract tests are in `tests/contracts/journal.py`; they run on every journal.
    """

    at_once: bool
    """True when `propose` delivers before it returns: then nothing is gained by gathering."""

    async def start(
        self,
        after: int,
        deliver: Callable[[Entry], None],
        refuse: Callable[[Batch, str], None],
        fail: Callable[[BaseException], None],
    ) -> None:
        """Deliver every entry behind the position `after`, and from then on each new one: in order, exactly once.

        Returns when all entries that were there are delivered.

        Args:
            after: 0 for all of them.
            deliver: takes an entry. Whatever it does, it returns.
            refuse: told of a batch that is not kept and never will be (there is no space left), and why, for people;
                all those proposed after it are refused as well, and the next one has its number.
            fail: told that the journal cannot go on at all; nothing is delivered afterwards.
        """
        ...

    def propose(self, batch: Batch) -> None:
        """Ask for a place for a batch. Never waits.

        One that was proposed and has not come back may be proposed again: it may have been lost. Raises
        `BatchTooLarge`, and has taken nothing then; one record is never too large. Whatever else it raises, because a
        record cannot be written, has taken nothing as well: who asked for that record is refused.
        """
        ...

    async def close(self) -> None:
        """Deliver or refuse what was proposed, and end. Idempotent."""
        ...
