"""The store that the servers of the tests have: `TEST_STORE=sqlite pytest ...` runs any of them on files.

Each server has a fresh file, unless a test says what it keeps its chat in.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from itertools import count
from pathlib import Path
from typing import Any, Final

import chatcore
from chatcore.aio.server import MEMORY
from chatcore.ports.clock import Clock
from chatcore.ports.store import Store
from chatcore.testing.loop import VirtualLoop
from chatcore_sqlite import SqliteStore
from chatcore_sqlite.writing import Writer

STORE: Final = os.environ.get("TEST_STORE", MEMORY)

_numbers = count(1)
_folder: tempfile.TemporaryDirectory[str] | None = None


def fresh_store() -> str:
    """Return the name of a store with a place where nothing is yet, as `--store` takes it."""
    global _folder  # noqa: PLW0603 - one for each process, gone with it
    if STORE == MEMORY:
        return MEMORY
    if _folder is None:
        _folder = tempfile.TemporaryDirectory(prefix="chatcore-test-stores-")
    return f"{STORE}:{Path(_folder.name) / f'chat{next(_numbers)}.db'}"


class ChatServer(chatcore.ChatServer):
    """A server on the store that the tests are run with."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"store": fresh_store(), **options})

    def _open_store(self, clock: Clock) -> Store | None:
        store = super()._open_store(clock)
        if isinstance(store, SqliteStore) and isinstance(asyncio.get_running_loop(), VirtualLoop):
            store.make_writer = _WriterInTurn
        return store


class _WriterInTurn(Writer):
    """Writes in the next turn of the loop rather than in a thread: that would know no virtual time."""

    _alive = False
    _turns = False

    def start(self) -> None:
        self._alive = True

    def is_alive(self) -> bool:
        return self._alive

    def put(self, item: Any) -> None:
        super().put(item)
        if not self._turns:
            self._turns = True
            self._told.post(self._turn)

    def _turn(self) -> None:
        self._turns = False
        if self._alive:
            self._do(self._next())

    def end(self) -> None:
        self._alive = False
        self._db.close()
