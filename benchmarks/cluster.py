"""Measures what one, two and three servers that are one chat do, beside one that keeps it in memory or in SQLite.

All of it in one run, on one machine, in turn, driven by one load generator (load/fanload.c). The servers of a chat are
on three servers of NATS, with three replicas. What counts is the processor time of each process: three servers on two
cores bring no more to their members than one does, and on three machines they would.

- room: members spread over the servers, one of them at each server says something, 32 messages in flight;
- calm: 30 members spread over the servers, 100 messages a second: how soon the last of them has each;
- pair: two members of one server, 32 messages in flight. The other servers have nobody who hears of it: what a message
  costs them is what it takes to apply a command;
- singly: the same with one message in flight, so that each command is an entry of its own in the journal;
- idle: nobody is there.

    make bench-cluster
    make bench-cluster ARGS="--quick"
    make bench-cluster ARGS="--json benchmarks/results/cluster.json"
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from compare_transports import machine
from fanout import CHATCORE, HERE, build, drive, free_port, running

sys.path.insert(0, str(Path(__file__).parents[1]))

from scripts.cluster import LocalCluster

from chatcore_nats.connection.connecting import close, connect
from chatcore_nats.place import parse_place

NATS: Final = 3
# Nobody's name is free again before the end: that would be a record in the middle of a measurement.
OPTIONS: Final = ("--no-limits", "--log-level", "warning", "--grace", "3600")
SETUPS: Final = {"memory": 1, "sqlite": 1, "nats 1": 1, "nats 2": 2, "nats 3": 3}
"""How many servers each of them has."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Load:
    """What the load generator does."""

    members: int
    messages: int
    in_flight: int
    per_second: int = 0
    """How many messages a second, however many are in flight; 0: as fast as they come back."""
    spread: bool = True
    """False when all members are at the first server."""


LOADS: Final = {
    "room": Load(300, 1500, 32),
    "calm": Load(30, 400, 1_000_000, per_second=100),
    "pair": Load(2, 6000, 32, spread=False),
    "singly": Load(2, 1500, 1, spread=False),
}
QUICK: Final = {
    "room": Load(60, 300, 32),
    "calm": Load(12, 50, 1_000_000, per_second=100),
    "pair": Load(2, 600, 32, spread=False),
    "singly": Load(2, 100, 1, spread=False),
}


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat that runs."""

    ports: list[int]
    """Of its servers."""
    nodes: list[int]
    """Their process ids."""
    nats: list[int]
    """Process ids of the servers of NATS."""
    store: str = ""
    """The address on NATS, if it is there."""

    def entries(self) -> int:
        """Return how many entries its journal on NATS has."""
        return asyncio.run(_last(self.store)) if self.store else 0

    def cpu(self) -> list[float]:
        """Return the processor time that each of the processes has taken, in seconds."""
        return [_cpu(pid) for pid in (*self.nodes, *self.nats)]


async def _last(store: str) -> int:
    place = parse_place(store)
    client = await connect(place, "benchmark")
    try:
        return int((await client.jetstream().stream_info(place.stream)).state.last_seq)
    finally:
        await close(client)


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def chat(setup: str, folder: Path) -> Iterator[Chat]:
    """Run a chat until the end of the block."""
    kind, nodes = setup.partition(" ")[0], SETUPS[setup]
    if kind != "nats":
        port = free_port()
        store = "memory" if kind == "memory" else f"sqlite:{folder / 'chat.db'}"
        command = [str(CHATCORE), "serve", "--port", str(port), *OPTIONS, "--store", store]
        with running(command, port) as pid:
            yield Chat([port], [pid], [])
        return
    cluster = LocalCluster(folder, NATS, nodes, options=(*OPTIONS, "--state-dir", str(folder / "state")))
    try:
        asyncio.run(cluster.start())
        pids = [[each.process.pid for each in part if each.process] for part in (cluster.nodes, cluster.nats)]
        yield Chat([int(url.rpartition(":")[2]) for url in cluster.urls], *pids, cluster.store)
    finally:
        cluster.end()


def measure(running_chat: Chat, folder: Path, fanload: Path, name: str, load: Load) -> Row:
    """Put a load on a chat, and return what came of it."""
    login = folder / f"{name}.txt"
    login.write_bytes((HERE / "login.txt").read_bytes().replace(b"user{i}", f"{name}{{i}}".encode()))
    ports = running_chat.ports if load.spread else running_chat.ports[:1]
    pids = [*running_chat.nodes, *running_chat.nats]
    before = running_chat.entries()
    found = drive(
        [
            *(fanload, "127.0.0.1", ",".join(map(str, ports)), str(load.members)),
            *(login, '"welcome"', HERE / "message.txt"),
            *(str(load.messages), str(load.in_flight), *map(str, pids)),
        ],
        {
            "WS": "1",
            "CW": "100",
            "SETTLE": "0.5",
            "SENDERS": str(len(ports)),
            **({"RATE": str(load.per_second)} if load.per_second else {}),
        },
    )
    each = found["each_cpu_s"]
    return {
        "members": load.members,
        "messages": load.messages,
        "seconds": found["seconds"],
        "deliveries_per_s": found["deliveries_per_s"],
        "p50_ms": found["last_receiver_ms_p50"],
        "p99_ms": found["p99"],
        "nodes_cpu_s": each[: len(running_chat.nodes)],
        "nats_cpu_s": each[len(running_chat.nodes) :],
        "nodes_writes": found["each_writes"][: len(running_chat.nodes)],
        # Those of the members who came are among them, and hardly count.
        "entries": running_chat.entries() - before,
    }


def idle(running_chat: Chat, seconds: float) -> Row:
    """Return what a chat costs in which nobody is."""
    before, entries, began = running_chat.cpu(), running_chat.entries(), time.monotonic()
    time.sleep(seconds)  # how long nobody is there is what is measured
    took = [round(now - then, 2) for now, then in zip(running_chat.cpu(), before, strict=True)]
    nodes = len(running_chat.nodes)
    return {
        "seconds": time.monotonic() - began,
        "nodes_cpu_s": took[:nodes],
        "nats_cpu_s": took[nodes:],
        "entries": running_chat.entries() - entries,
    }


def report(rows: list[Row]) -> None:
    """Print the medians."""
    print(f"\n{'':14} {'deliveries/s':>12} {'p50 ms':>8} {'p99 ms':>8}   CPU us a message: each server, NATS in all")
    for load in LOADS:
        for setup in SETUPS:
            found = [row for row in rows if (row["load"], row["setup"]) == (load, setup)]
            if found:
                middle = {
                    name: statistics.median(row[name] for row in found)
                    for name in ("deliveries_per_s", "p50_ms", "p99_ms")
                }
                nodes = [
                    statistics.median(1e6 * row["nodes_cpu_s"][node] / row["messages"] for row in found)
                    for node in range(SETUPS[setup])
                ]
                nats = statistics.median(1e6 * sum(row["nats_cpu_s"]) / row["messages"] for row in found)
                print(
                    f"{load:6} {setup:7} {middle['deliveries_per_s']:12,.0f} {middle['p50_ms']:8.2f} "
                    f"{middle['p99_ms']:8.2f}   {' '.join(f'{each:.0f}' for each in nodes)}, {nats:.0f}"
                )


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="one round of short loads, to see that it works")
    parser.add_argument("--json", type=Path, help="a file for the figures")
    args = parser.parse_args()
    rounds, loads = (1, QUICK) if args.quick else (args.rounds, LOADS)
    about = machine()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="chatcore-bench-cluster-") as name:
        fanload, _floor = build(Path(name))
        for turn in range(rounds):
            for setup in SETUPS:
                folder = Path(name, f"{turn}-{setup.replace(' ', '-')}")
                folder.mkdir()
                with chat(setup, folder) as running_chat:
                    found = {load: measure(running_chat, folder, fanload, load, each) for load, each in loads.items()}
                    found["idle"] = idle(running_chat, 1.0 if args.quick else 4.0)
                for load, row in found.items():
                    rows.append({"setup": setup, "load": load, "round": turn, **row})
                    print(json.dumps(rows[-1]), flush=True)
    report(rows)
    if args.json:
        args.json.write_text(json.dumps({"machine": about, "rounds": rounds, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
