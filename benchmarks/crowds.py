"""Measures crowds: thousands who come into one room at once, come back after a restart, are idle, and leave at once.

Beside chatcore, in turn and in one sitting: what else lets clients into one room (peers.py). Bare servers have no
names, and tell nobody who came; ngIRCd tells everybody of each. What counts is the server's CPU time per client, and
whether it stays the same however many come; the time until all were in is that of this machine, and of what else runs.

Over a restart the server keeps its chat in SQLite; everywhere else it is in memory.

    make bench
    make bench CROWDS="--sizes 1000,15000 --rounds 1 --alone"
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from fanout import CHATCORE, HERE, build, free_port, running
from peers import Peer, peers

# A ping is answered after ten seconds of silence: a while longer, and the server is as idle as it gets.
_IDLE_SECONDS: Final = 15
_STOPS_WITHIN: Final = 120.0
_GOALS: Final = "wanted: 12 s for 15,000 on two cores, 1.5 times the CPU of 1,000, 6 KiB"

Row = dict[str, Any]


def build_crowd(into: Path) -> Path:
    """Compile the load generator for crowds."""
    target = into / "crowd"
    subprocess.run([str(shutil.which("cc")), "-O2", "-w", "-o", target, HERE / "crowd.c"], check=True)
    return target


def serve(port: int, *more: str) -> list[str]:
    """Return what starts our server on a port."""
    settings = ["--no-limits", "--max-connections", "19000", "--port", str(port), "--log-level", "warning"]
    return [str(CHATCORE), "serve", *settings, *more]


def crowd(command: list[str | Path], acts: list[str]) -> list[Row]:
    """Let a crowd do one thing after the other, and return what each cost."""
    done = subprocess.run(
        command,
        input="\n".join(acts) + "\n",
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        print(f"the crowd gave up: {done.stderr[:200]}", flush=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def clients(program: Path, port: int, size: int, pid: int) -> list[str | Path]:
    """Return what starts a crowd."""
    return [program, "127.0.0.1", str(port), str(size), str(pid)]


def join_and_leave(program: Path, size: int) -> list[Row]:
    """Let a crowd join, be idle, and a third of it leave."""
    port = free_port()
    with running(serve(port), port, patience=_STOPS_WITHIN) as pid:
        return crowd(clients(program, port, size, pid), ["join", f"idle {_IDLE_SECONDS}", f"leave {size // 3}"])


def resume(program: Path, size: int, folder: Path) -> list[Row]:
    """Let a crowd come back to a server that was started anew."""
    tokens, port = folder / "tokens.txt", free_port()
    command = serve(port, "--store", f"sqlite:{folder / 'chat.db'}", "--grace", "600")
    with running(command, port, patience=_STOPS_WITHIN) as pid:
        crowd(clients(program, port, size, pid), ["join", "ask", "idle 10", f"tokens {tokens}"])
    with running(command, port, patience=_STOPS_WITHIN) as pid:
        rows = crowd([*clients(program, port, size, pid), tokens], ["join"])
    for row in rows:
        if row["resumed"] != size:
            print(f"only {row['resumed']:,} of {size:,} sessions went on", flush=True)
    return [{**row, "did": "resume"} for row in rows]


def join_peer(fanload: Path, peer: Peer, size: int) -> Row | None:
    """Let a crowd join another server; None when it gives up."""
    port = free_port()
    with running(peer.command(port), port, peer.env, patience=_STOPS_WITHIN) as pid:
        done = subprocess.run(
            [fanload, "127.0.0.1", str(port), str(size), peer.script, peer.joined, peer.message, "1", "1", str(pid)],
            env={**os.environ, **peer.load, "CW": "100" if peer.at_once == 1 else str(peer.at_once), "SETTLE": "3"},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        return None
    told = json.loads(done.stdout)
    return {
        "did": "join",
        "seconds": told["join_s"],
        "cpu_ms_per_client": told["join_cpu_ms_per_client"],
        "kib_per_client": told["pss_kib_per_client"],
    }


def report(rows: list[Row]) -> None:
    """Print medians, and how many times the CPU a client of the largest crowd takes that of the smallest."""
    print(f"\n{_GOALS}")
    for did in dict.fromkeys(row["did"] for row in rows):
        print(f"\n{did}:")
        for server in dict.fromkeys(row["server"] for row in rows if row["did"] == did):
            costs: dict[int, float] = {}
            for size in sorted({row["size"] for row in rows if (row["did"], row["server"]) == (did, server)}):
                found = [row for row in rows if (row["did"], row["server"], row["size"]) == (did, server, size)]
                costs[size], seconds, kib = (
                    statistics.median(row[name] for row in found)
                    for name in ("cpu_ms_per_client", "seconds", "kib_per_client")
                )
                took = f"{seconds:6.1f} s, " if did != "idle" else ""
                times = f", {costs[size] / next(iter(costs.values())):.2f} times" if len(costs) > 1 else ""
                print(f"  {server:11} {size:6,}: {took}{costs[size]:.3f} ms CPU each{times}, {kib:.1f} KiB each")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1000,5000,15000", help="clients, with commas")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--alone", action="store_true", help="without peers")
    parser.add_argument("--json", type=Path, help="also write every figure to this file")
    options = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    sizes = [size for size in map(int, options.sizes.split(",")) if size + 100 < most]
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fanload, _floor = build(folder)
        program = build_crowd(folder)
        found, missing = ([], {}) if options.alone else peers(folder)
        for peer, why in missing.items():
            print(f"without {peer}: {why}", flush=True)
        overrun: dict[str, int] = {}
        for turn in range(options.rounds):
            for size in sizes:
                with tempfile.TemporaryDirectory(dir=folder) as store:
                    did = join_and_leave(program, size) + resume(program, size, Path(store))
                rows += [{"server": "chatcore", "size": size, **row} for row in did]
                for peer in found:
                    if size >= overrun.get(peer.name, sys.maxsize):
                        continue
                    row = join_peer(fanload, peer, size)
                    if row is None:
                        overrun[peer.name] = size
                        print(f"{peer.name} did not let {size:,} in within two minutes", flush=True)
                    else:
                        rows.append({"server": peer.name, "size": size, **row})
            print(f"round {turn + 1} of {options.rounds} is done", file=sys.stderr, flush=True)
    report(rows)
    if options.json:
        options.json.write_text(json.dumps({"rows": rows, "missing": missing, "overrun": overrun}, indent=2) + "\n")


if __name__ == "__main__":
    main()
