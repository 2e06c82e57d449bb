"""A server whose store has a fault, for the oracle to find: `python -m tests.kill.run --fault early`.

It takes the arguments of `chatcore serve` that `run` gives.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sqlite3
import sys
from collections.abc import Sequence

from chatcore import ChatServer, Limits
from chatcore.aio.clock import LoopClock
from chatcore.ports.journal import Batch, Entry
from chatcore.ports.transport import ListenOptions
from chatcore_cli.hosting.places import place_at
from chatcore_sqlite import SqliteStore


class Early(SqliteStore):
    """Acknowledges before the commit."""

    def propose(self, batch: Batch) -> None:
        """Deliver it, and write it later."""
        loop = asyncio.get_running_loop()
        self._last += 1
        clock = self._lived + self._clock.monotonic() - (self._began or 0.0)
        loop.call_soon(self._deliver, Entry(self._last, self._clock.time(), clock, batch))
        loop.call_later(0.3, super().propose, batch)

    def _committed(self, entries: list[Entry], kept: int) -> None:
        for _ in range(kept):
            self._unstored.popleft()
        for _ in entries:
            self._under_way.popleft()


class Forgetful(SqliteStore):
    """Begins without what was kept last."""

    async def open(self) -> None:
        """Drop it, and open the rest."""
        with contextlib.closing(sqlite3.connect(self.place)) as db, contextlib.suppress(sqlite3.OperationalError), db:
            db.execute("DELETE FROM journal WHERE position > (SELECT max(position) - 5 FROM journal)")
        await super().open()


FAULTS = {"early": Early, "forgetful": Forgetful}


async def serve(fault: str, arguments: Sequence[str]) -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--listen", action="append")
    parser.add_argument("--store")
    parser.add_argument("--state-dir")
    given, _others = parser.parse_known_args(arguments)
    options = ListenOptions(state_dir=given.state_dir)
    path = given.store.partition(":")[2]
    store = FAULTS[fault](path, LoopClock(asyncio.get_running_loop()))
    listen = [place_at(url, options) for url in given.listen]
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    async with ChatServer(listen=listen, store=store, limits=Limits.unlimited(grace=600.0)) as server:
        for url in server.urls:
            print("listens on", url, flush=True)
        await stopped.wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], sys.argv[3:]))
