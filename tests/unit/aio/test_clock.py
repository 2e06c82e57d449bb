"""The clock port on an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from chatcore.aio.clock import LoopClock
from chatcore.testing.loop import VirtualLoop
from tests.contracts.clock import ClockContract, Running


class TestLoopClock(ClockContract):
    """A loop's clock and turns; the loop is one whose time is virtual."""

    @pytest.fixture
    def running(self) -> Iterator[Running]:
        """Return the clock of a loop that nobody else uses."""
        loop = VirtualLoop()
        yield Running(LoopClock(loop), lambda seconds: loop.run_until_complete(asyncio.sleep(seconds)))
        loop.close()
