"""SQLite keeps the promises of a journal and of an archive."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.contracts.archive import ArchiveContract
from tests.contracts.journal import KeptJournalContract
from tests.integration.sqlite_house import OpenStore, SmallDisk, Stores, disk

__all__ = ["disk"]


class TestSqliteJournal(KeptJournalContract):
    @pytest.fixture
    def open_journal(self, disk: SmallDisk) -> OpenStore:
        return disk.stores

    @pytest.fixture
    def fill(self, disk: SmallDisk) -> Callable[[], None]:
        return disk.fill

    @pytest.fixture
    def free(self, disk: SmallDisk) -> Callable[[], None]:
        return disk.free


class TestSqliteArchive(ArchiveContract):
    @pytest.fixture
    async def open_store(self, tmp_path: Path) -> AsyncIterator[OpenStore]:
        stores = Stores(tmp_path / "chat.db")
        yield stores
        await stores.close()
