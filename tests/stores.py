"""The store that the servers of the tests have: `TEST_STORE=sqlite pytest ...` runs any of them on files.

Each server has a fresh file, unless a test says what it keeps its chat in. `TEST_STORE=nats` gives each a fresh chat on
a server of NATS that the tests of a process share, and `TEST_NODES=3` lets it be three servers: `urls` leads to one
after the other. `TEST_LATE=last` lets each of them hear what the stream says 0.2 s after the one before it, and
`TEST_LATE=first` the other way round. What runs in virtual time is in memory then.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import tempfile
from dataclasses import replace
from functools import cache
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
from tests.patience import PATIENCE

STORE: Final = os.environ.get("TEST_STORE", MEMORY)

_numbers = count(1)
_folder: tempfile.TemporaryDirectory[str] | None = None


NODES: Final = int(os.environ.get("TEST_NODES", "1"))
"""How many servers are one chat; more than one need `TEST_STORE=nats`."""

LATE: Final = os.environ.get("TEST_LATE", "")
"""Who hears of everything the latest: nobody, the `first` server, or the `last` one."""

_LAG: Final = 0.2
"""By how much between two servers, in seconds: none may be so late that it proposes again what has not come back."""


def fresh_store() -> str:
    """Return the name of a store with a place where nothing is yet, as `--store` takes it."""
    global _folder  # noqa: PLW0603 - one for each process, gone with it
    if STORE == MEMORY:
        return MEMORY
    if _folder is None:
        _folder = tempfile.TemporaryDirectory(prefix="chatcore-test-stores-")
    if STORE == "nats":
        return _nats(Path(_folder.name)).fresh_chat()
    return f"{STORE}:{Path(_folder.name) / f'chat{next(_numbers)}.db'}"


@cache
def _nats(folder: Path) -> Any:
    from tests.integration.nats_house import NatsServer

    server = NatsServer(folder / "nats", "-js")
    atexit.register(server.stop)
    return server


class ChatServer(chatcore.ChatServer):
    """A server on the store that the tests are run with."""

    count = NODES

    def __init__(self, **options: Any) -> None:
        options = {"store": fresh_store(), **options}
        super().__init__(**options)
        self._options = options
        self._others: list[chatcore.ChatServer] = []
        self._turns = count()
        self._has_store = False

    @property
    def urls(self) -> list[str]:
        """Where clients connect: at the next one of several servers, each time."""
        nodes = [super().urls, *(other.urls for other in self._others)]
        return nodes[next(self._turns) % len(nodes)]

    @property
    def own_url(self) -> str:
        """Where clients connect to the first one: to one and the same place each time."""
        return super().urls[0]

    @property
    def nodes(self) -> list[chatcore.ChatServer]:
        """The servers that are one chat: this one first."""
        return [self, *self._others]

    async def until_even(self) -> None:
        """Wait until each of several servers knows what any of them knows now."""
        last = max(node.chat.position for node in self.nodes)
        async with asyncio.timeout(PATIENCE):
            while any(node.chat.position < last for node in self.nodes):
                await asyncio.sleep(0.01)

    async def start(self) -> None:
        """Start it, and those that share its chat."""
        began, self._has_store = self._has_store, False
        try:
            await super().start()
        except RuntimeError:  # it is running
            self._has_store = began
            raise
        assert self._has_store, "it has begun without the store of the tests"
        if str(self._options["store"]).startswith("nats:") and not _is_virtual():
            for number in range(1, self.count):
                other = _OtherServer(**_elsewhere(self._options))
                other.lag = _lag(number, self.count)
                await other.start()
                self._others.append(other)

    async def stop(self, message: str = "the server is shutting down") -> None:
        """Stop it, behind those that share its chat."""
        others, self._others = self._others, []
        for other in others:
            await other.stop(message)
        await super().stop(message)

    def _open_store(self, clock: Clock) -> Store | None:
        self._has_store = True
        if str(self._options["store"]).startswith("nats:") and _is_virtual():
            return None
        store = _late(super()._open_store(clock), _lag(0, self.count))
        if isinstance(store, SqliteStore) and _is_virtual():
            store.make_writer = _WriterInTurn
        return store


class _OtherServer(chatcore.ChatServer):
    """One that shares the chat of another."""

    lag = 0.0

    def _open_store(self, clock: Clock) -> Store | None:
        return _late(super()._open_store(clock), self.lag)


class LoneServer(ChatServer):
    """The same for what one server does by itself: who is let in at its doors, and where those are."""

    count = 1


def _elsewhere(options: dict[str, Any]) -> dict[str, Any]:
    """Return options with free ports."""
    places = options.get("listen")
    if places is None:
        return options | {"port": 0}
    return options | {"listen": [replace(place, options=replace(place.options, port=0)) for place in places]}


def _lag(number: int, count: int) -> float:
    return _LAG * {"first": count - 1 - number, "last": number}.get(LATE, 0)


def _late(store: Store | None, seconds: float) -> Store | None:
    if seconds and STORE == "nats":
        from tests.late import hear_late  # other stores need no client of NATS

        hear_late(store, seconds)
    return store


def _is_virtual() -> bool:
    return isinstance(asyncio.get_running_loop(), VirtualLoop)


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
