"""Measures a store on SQLite, beside plain commits of the module sqlite3 into the same kind of file in the same run.

A proposer says something, waits until it is delivered (then it is acknowledged), and says the next thing. As at a
server, what comes during a turn of the event loop is one batch, and at most four batches are under way. Then the store
is filled and opened again: how long a restart takes, and a page of history from anywhere. Last, a full room is talked
to, 32 messages in flight, as `make bench` does it: in turn on a server in memory and on one with a store.

    .venv/bin/python benchmarks/store.py
    .venv/bin/python benchmarks/store.py --seconds 2 --messages 100000 --rounds 0 --json store.json
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import sqlite3
import statistics
import tempfile
import time
from collections import deque
from pathlib import Path
from typing import Any

from compare_transports import machine
from fanout import CHATCORE, build, free_port, load, running

from chatcore.aio.clock import LoopClock
from chatcore.commands import SendMessage
from chatcore.dialects.record_json import encode_batch
from chatcore.events import MessagePosted
from chatcore.ports.archive import Appended, Opened
from chatcore.ports.journal import Batch, Entry
from chatcore.records import Act
from chatcore_sqlite import SqliteStore

TEXT = "hello there, how are you today?"
UNDER_WAY = 4
LOGS = 100
PAGE = 50


def quantiles(times: list[float]) -> dict[str, float]:
    """Return the median and the 99th percentile of times in seconds, in milliseconds."""
    found = sorted(times)
    return {f"p{share}_ms": 1000 * found[min(len(found) - 1, len(found) * share // 100)] for share in (50, 99)}


def plain(folder: Path, seconds: float, rows: int) -> dict[str, Any]:
    """Commit so many rows at a time, as fast as that goes."""
    times = []
    with contextlib.closing(sqlite3.connect(folder / f"plain{rows}.db", isolation_level=None)) as db:
        db.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (n INTEGER, batch BLOB)")
        data = encode_batch(Batch(1, 1, (Act(30064771073, SendMessage(TEXT, 1, "lobby")),)))
        cpu, end = time.process_time(), time.perf_counter() + seconds
        while (began := time.perf_counter()) < end:
            db.execute("BEGIN")
            db.executemany("INSERT INTO t VALUES (?, ?)", [(n, data) for n in range(rows)])
            db.execute("COMMIT")
            times.append(time.perf_counter() - began)
        cpu = time.process_time() - cpu
    count = len(times) * rows
    return {"per_second": count / seconds, **quantiles(times), "cpu_us": 1e6 * cpu / count}


class Node:
    """Proposes what its proposers say, and keeps what follows."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self._said: list[float] = []
        self._under_way: deque[list[float]] = deque()
        self._number = self._seq = 0
        self._turn_ends = False
        self.times: list[float] = []
        self.going = True

    async def run(self, proposers: int, seconds: float) -> dict[str, Any]:
        """Let so many propose for so long."""
        await self._store.start(0, self._deliver, self._refuse, self._fail)
        self._store.keep([Opened("lobby", "epoch")])
        cpu, began = time.process_time(), time.perf_counter()
        for _ in range(proposers):
            self._say()
        await asyncio.sleep(seconds)
        count, elapsed, cpu = len(self.times), time.perf_counter() - began, time.process_time() - cpu
        self.going = False
        return {"per_second": count / elapsed, **quantiles(self.times), "cpu_us": 1e6 * cpu / count}

    def _say(self) -> None:
        self._said.append(time.perf_counter())
        if not self._turn_ends:
            self._turn_ends = True
            asyncio.get_running_loop().call_soon(self._end_turn)

    def _end_turn(self) -> None:
        self._turn_ends = False
        if self._said and len(self._under_way) < UNDER_WAY:
            self._number += 1
            self._under_way.append(self._said)
            records = tuple(Act(30064771073, SendMessage(TEXT, cid, "lobby")) for cid in range(len(self._said)))
            self._said = []
            self._store.propose(Batch(1, self._number, records))

    def _deliver(self, entry: Entry) -> None:
        now = time.perf_counter()
        rows = []
        for said in self._under_way.popleft():
            self._seq += 1
            rows.append(Appended("lobby", posted(self._seq, entry.time)))
            self.times.append(now - said)
            if self.going:
                self._say()
        self._store.keep(rows)
        self._end_turn()

    def _refuse(self, batch: Batch, why: str) -> None:
        raise SystemExit(f"the store refuses: {why}")

    def _fail(self, error: BaseException) -> None:
        raise SystemExit(f"the store fails: {error}")


def posted(seq: int, at: float) -> MessagePosted:
    """Return a message as it stands in a log."""
    return MessagePosted(seq=seq, sender="alice", text=TEXT, at=at, client="c" * 32, cid=seq, room="lobby")


async def opened(path: Path) -> SqliteStore:
    """Return the store in a file."""
    store = SqliteStore(str(path), LoopClock(asyncio.get_running_loop()))
    await store.open()
    return store


async def proposing(folder: Path, proposers: int, seconds: float) -> dict[str, Any]:
    """Measure so many proposers."""
    store = await opened(folder / f"proposers{proposers}.db")
    try:
        return await Node(store).run(proposers, seconds)
    finally:
        await store.close()


async def restart(folder: Path, messages: int) -> dict[str, Any]:
    """Fill a store, open it again, and read in it."""
    path = folder / "full.db"
    store = await opened(path)
    store.keep([Opened(f"room{number}", "epoch") for number in range(LOGS)])
    each = messages // LOGS
    for first in range(1, each + 1, 10):
        for number in range(LOGS):
            seqs = range(first, min(first + 10, each + 1))
            store.keep([Appended(f"room{number}", posted(seq, float(seq))) for seq in seqs])
        await store.read("room0", first, 1)  # not faster than it can be written
    await store.close()
    found: dict[str, Any] = {"messages": each * LOGS, "file_mib": path.stat().st_size / 2**20}
    began = time.perf_counter()
    store = await opened(path)
    found["open_s"] = time.perf_counter() - began
    began = time.perf_counter()
    heads = await store.heads()
    found["heads_ms"] = 1000 * (time.perf_counter() - began)
    began = time.perf_counter()
    for key, head in heads.items():
        await store.read(key, head.seq - 200, 200)
    found["newest_200_of_100_logs_s"] = time.perf_counter() - began
    chance, times = random.Random(1), []
    for _ in range(300):
        key = f"room{chance.randrange(LOGS)}"
        began = time.perf_counter()
        await store.read(key, chance.randrange(max(1, each - PAGE)), PAGE)
        times.append(time.perf_counter() - began)
    found |= {f"page_{name}": value for name, value in quantiles(times).items()}
    await store.close()
    found["restart_s"] = found["open_s"] + found["heads_ms"] / 1000 + found["newest_200_of_100_logs_s"]
    return found


def full_room(folder: Path, rounds: int, members: int) -> list[dict[str, Any]]:
    """Measure what a delivery costs in a full room, in memory and with a store, in turn."""
    fanload, _floor = build(folder)
    rows = []
    for turn in range(rounds):
        for store in ("memory", f"sqlite:{folder / f'room{turn}.db'}"):
            port = free_port()
            limits = ["--no-limits", "--log-level", "warning", "--store", store]
            with running([str(CHATCORE), "serve", "--port", str(port), *limits], port) as pid:
                found = load(fanload, port, members=members, window=32, messages=2000, pid=pid, at_once=100)
            rows.append({"store": store.partition(":")[0], "round": turn, "members": members, **found})
    return rows


def cost(rows: list[dict[str, Any]], store: str) -> float:
    """Return the median of what a delivery costs with a store, in microseconds of CPU."""
    return statistics.median(row["cpu_us_per_delivery"] for row in rows if row["store"] == store)


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement")
    parser.add_argument("--messages", type=int, default=1_000_000, help="in the store that is opened again; 0 for none")
    parser.add_argument("--rounds", type=int, default=3, help="of the full room, with each store; 0 for none")
    parser.add_argument("--members", type=int, default=1000, help="of the full room")
    parser.add_argument("--folder", type=Path, help="on the disk that is measured; a temporary one when left out")
    parser.add_argument("--json", type=Path, help="a file for the figures")
    args = parser.parse_args()
    figures: dict[str, Any] = {"machine": machine()}
    with tempfile.TemporaryDirectory(dir=args.folder) as name:
        folder = Path(name)
        for rows in (1, 16, 64):
            figures[f"plain commits of {rows}"] = plain(folder, args.seconds, rows)
        for proposers in (1, 64):
            figures[f"store, {proposers} proposing"] = asyncio.run(proposing(folder, proposers, args.seconds))
        print(f"{'':24} {'messages/s':>10} {'p50 ms':>8} {'p99 ms':>8} {'CPU us/message':>15}")
        for what, found in list(figures.items())[1:]:
            columns = f"{found['per_second']:10,.0f} {found['p50_ms']:8.2f} {found['p99_ms']:8.2f}"
            print(f"{what:24} {columns} {found['cpu_us']:15.1f}")
        if args.messages:
            figures["restart"] = asyncio.run(restart(folder, args.messages))
            for what, number in figures["restart"].items():
                print(f"{what.replace('_', ' '):24} {number:10,.2f}")
        if args.rounds:
            rows = figures["full room"] = full_room(folder, args.rounds, args.members)
            memory, sqlite = (cost(rows, store) for store in ("memory", "sqlite"))
            print(
                f"{args.members:,} members, 32 in flight: {sqlite:.3f} us CPU per delivery with the store, "
                f"{memory:.3f} in memory; x {sqlite / memory:.2f}"
            )
    if args.json:
        args.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
