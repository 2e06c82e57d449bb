"""Two people ask for one name at two servers in the same moment, again and again: one of them gets it.

`make names ARGS="--times 10000"`: two servers of chatcore on one server of NATS, each a process. For each name two
connections are there; then both say their login, in one turn. Exit code 1 when a name has two owners, or none.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import websockets
from scripts.cluster import LocalCluster

_AT_A_TIME: Final = 10
_PATIENCE: Final = 120.0
_ALIKE: Final = 0.001
"""What counts as one moment, in seconds."""


class Races:
    """What came of all of them."""

    def __init__(self, urls: list[str]) -> None:
        self.wrong: list[str] = []
        """Names with two owners, or none, and what was said."""
        self.won: Counter[str] = Counter()
        """How many names each server gave away."""
        self.at_once = 0
        """How many pairs asked within a millisecond."""
        self._urls = urls

    async def run(self, times: int) -> None:
        """Let so many names be asked for."""
        for first in range(0, times, _AT_A_TIME):
            async with asyncio.TaskGroup() as group:
                for number in range(first, min(times, first + _AT_A_TIME)):
                    group.create_task(self._one(f"name{number}"))

    async def _one(self, name: str) -> None:
        async with asyncio.timeout(_PATIENCE), AsyncExitStack() as stack:
            sockets = [await stack.enter_async_context(websockets.connect(url)) for url in self._urls]
            login = json.dumps({"type": "login", "username": name})
            began = time.monotonic()
            await asyncio.gather(*(socket.send(login) for socket in sockets))
            self.at_once += time.monotonic() - began < _ALIKE
            told = [json.loads(await socket.recv()) for socket in sockets]
            what = [each.get("code", each["type"]) for each in told]
            if sorted(what) != ["name_taken", "welcome"]:
                self.wrong.append(f"{name}: {what}")
                return
            winner = what.index("welcome")
            self.won[self._urls[winner]] += 1
            await sockets[winner].send(json.dumps({"type": "logout"}))
            await sockets[winner].wait_closed()


async def run(times: int, folder: Path) -> int:
    """Let so many names be asked for at two servers; returns 0 when each has one owner."""
    cluster = LocalCluster(folder, 1, 2, options=("--no-limits", "--state-dir", str(folder / "state")))
    try:
        await cluster.start()
        races = Races(cluster.urls)
        await races.run(times)
    finally:
        codes = await asyncio.to_thread(cluster.end)
    print(
        f"{times} names, {races.at_once} of them asked for within a millisecond: {len(races.wrong)} problems; "
        f"won at each server: {sorted(races.won.values())}; {races.wrong[:5] or ''}"
    )
    return int(bool(races.wrong) or any(codes) or sum(races.won.values()) != times)


def main() -> int:
    """Carry out what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=10_000)
    with tempfile.TemporaryDirectory(prefix="chatcore-names-") as folder:
        return asyncio.run(run(parser.parse_args().times, Path(folder)))


if __name__ == "__main__":
    sys.exit(main())
