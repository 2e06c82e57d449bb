"""The journal in memory keeps the promises of a journal."""

from __future__ import annotations

import pytest

from chatcore.server.journal.memory_journal import MemoryJournal
from tests.contracts.journal import JournalContract, OpenJournal
from tests.unit.fakes import FakeClock


class TestMemoryJournal(JournalContract):
    @pytest.fixture
    def open_journal(self) -> OpenJournal:
        async def open_it() -> MemoryJournal:
            return MemoryJournal(FakeClock())

        return open_it
