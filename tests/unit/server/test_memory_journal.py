"""The journal in memory: what is proposed is delivered at once, in its order."""

from __future__ import annotations

from collections.abc import Coroutine

import pytest

from chatcore.ports.journal import Batch, Entry
from chatcore.server.journal.memory_journal import MemoryJournal
from tests.unit.fakes import FakeClock


def done(waits_for_nothing: Coroutine[object, object, None]) -> None:
    """Run what has nothing to wait for."""
    with pytest.raises(StopIteration):
        waits_for_nothing.send(None)


def test_batch_is_delivered_before_propose_returns_at_its_time_and_in_its_place() -> None:
    clock, delivered = FakeClock(now=50.0, at=1000.0), list[Entry]()
    journal = MemoryJournal(clock)
    done(journal.start(0, delivered.append, lambda batch, why: None, lambda error: None))
    first, second = Batch(0, 1, ()), Batch(1, 1, ())
    journal.propose(first)
    clock.advance(2.5)
    journal.propose(second)
    assert delivered == [Entry(1, 1000.0, 0.0, first), Entry(2, 1002.5, 2.5, second)]


def test_journal_that_was_not_started_or_is_closed_takes_nothing() -> None:
    journal = MemoryJournal(FakeClock())
    with pytest.raises(RuntimeError):
        journal.propose(Batch(0, 1, ()))
    done(journal.start(0, lambda entry: None, lambda batch, why: None, lambda error: None))
    done(journal.close())
    with pytest.raises(RuntimeError):
        journal.propose(Batch(0, 1, ()))
