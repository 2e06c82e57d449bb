"""The ports in memory, which tests are written with, keep what the real ones keep."""

from __future__ import annotations

import pytest

from chatcore.ports.known_servers import KnownServers
from tests.contracts.clock import ClockContract, Running
from tests.contracts.file_store import FileStoreContract, Stored
from tests.contracts.known_servers import KnownServersContract
from tests.unit.fakes import FakeClock, MemoryFiles, MemoryKnownServers


class TestFakeClock(ClockContract):
    """A clock that is driven by hand."""

    @pytest.fixture
    def running(self) -> Running:
        """Return one that stands."""
        clock = FakeClock()
        return Running(clock, clock.advance)


class TestMemoryKnownServers(KnownServersContract):
    """Servers in a dict."""

    @pytest.fixture
    def known(self) -> KnownServers:
        """Return an empty one."""
        return MemoryKnownServers()


class TestMemoryFiles(FileStoreContract):
    """Files in a dict."""

    @pytest.fixture
    def stored(self) -> Stored:
        """Return an empty one."""
        files = MemoryFiles()

        def put(name: str, data: bytes) -> str:
            files.complete[name] = data
            return name

        return Stored(files, put, lambda place: files.complete[place])
