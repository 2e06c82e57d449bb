"""Stores in SQLite files for tests, and disks that are full when a test wants them to be."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from chatcore.aio.clock import LoopClock
from chatcore.ports.archive import Retention
from chatcore_sqlite import SqliteStore

_DISK_KIB = 4096  # far more than what a test says before it fills the rest
_PAGES = 1_000_000_000


class Stores:
    """Opens stores in one file, one after the other, and closes the last one."""

    def __init__(self, path: Path, retention: Retention | None = None) -> None:
        self.path = path
        self.retention = retention
        self.last: SqliteStore | None = None

    async def __call__(self) -> SqliteStore:
        """Open a store where the one before was."""
        await self.close()
        store = self.last = SqliteStore(str(self.path), LoopClock(asyncio.get_running_loop()), self.retention)
        await store.open()
        return store

    async def close(self) -> None:
        """Close the last one."""
        if self.last is not None:
            await self.last.close()
            self.last = None


OpenStore = Callable[[], Awaitable[SqliteStore]]


class SmallDisk:
    """A folder on a disk of four mebibytes; a limit of the file's own where nothing may be mounted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "disk"
        self.folder.mkdir()
        self.stores = Stores(self.folder / "chat.db")
        command = ["mount", "-t", "tmpfs", "-o", f"size={_DISK_KIB}k", "none", str(self.folder)]
        self.is_real = subprocess.run(command, check=False, capture_output=True).returncode == 0
        self._ballast = self.folder / "ballast"

    def fill(self) -> None:
        """Leave no space."""
        if not self.is_real:
            self._limit(30)
            return
        with self._ballast.open("wb", buffering=0) as ballast:
            try:
                while True:
                    ballast.write(bytes(4096))
            except OSError:
                pass

    def free(self) -> None:
        """Make space again; all there could ever be."""
        if not self.is_real:
            self._limit(_PAGES)
            return
        self._ballast.unlink()
        subprocess.run(["mount", "-o", "remount,size=64m", str(self.folder)], check=True)

    def _limit(self, pages: int) -> None:
        store = self.stores.last
        assert store is not None
        assert store._writer is not None
        store._writer._db.execute(f"PRAGMA max_page_count = {pages:d}")

    def forbid(self) -> None:
        """Let nobody write to it any more."""
        if self.is_real:
            subprocess.run(["mount", "-o", "remount,ro", str(self.folder)], check=True)
        else:
            self.folder.chmod(0o500)

    def remove(self) -> None:
        """Take the disk away."""
        if self.is_real:
            subprocess.run(["umount", str(self.folder)], check=True)
        else:
            self.folder.chmod(0o700)


@pytest.fixture
async def disk(tmp_path: Path) -> AsyncIterator[SmallDisk]:
    """Return a small disk."""
    made = SmallDisk(tmp_path)
    yield made
    await made.stores.close()
    made.remove()
