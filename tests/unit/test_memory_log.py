"""The room log in memory keeps the contract, and its own bounds."""

from __future__ import annotations

import weakref
from itertools import count

import pytest

from chatcore.events import MessagePosted
from chatcore.limits import Limits
from chatcore.memory_log import MemoryLog
from tests.contracts.room_log import MakeLog, RoomLogContract


def make_memory_log(limits: Limits) -> MemoryLog:
    """Return an empty log whose epochs are numbers."""
    numbers = count(1)
    return MemoryLog(limits, lambda: f"e{next(numbers)}")


class TestMemoryLog(RoomLogContract):
    """The contract, on `MemoryLog`."""

    @pytest.fixture
    def make_log(self) -> MakeLog:
        """Return the class itself."""
        return make_memory_log


class Text(str):
    """A text that can be watched."""


def test_dropped_entries_are_let_go_at_once() -> None:
    """An entry that the bounds push out takes no memory any more."""
    log = make_memory_log(Limits(log_messages=4))
    log.open("lobby")
    watched = []
    for seq in range(1, 12):
        text = Text(f"text {seq}")
        watched.append(weakref.ref(text))
        log.append("lobby", MessagePosted(seq=seq, sender="al", text=text, at=0.0, room="lobby"))
        del text
        assert sum(ref() is not None for ref in watched) <= 4


def test_client_that_was_silent_longest_is_forgotten_first() -> None:
    """Remembering clients is bounded too."""
    log = make_memory_log(Limits())
    log.refuse("first", 1, "forbidden")
    log.refuse("second", 1, "forbidden")
    log.refuse("first", 2, "forbidden")
    forgotten = 0
    while log.last_cid("second"):
        forgotten += 1
        log.refuse(f"client{forgotten}", 1, "forbidden")
        assert forgotten <= 100_000, "clients are never forgotten"
    assert log.last_cid("first") == 2
