"""Measures what a message costs in rooms as most are: of two and of ten people, with one and with 32 in flight.

Beside chatcore, in turn and in one sitting: the floor in C (load/floor.c), and what the plainest server does that one
can write with the libraries people choose for speed (peers.py), none of which has a chat behind it; and ngIRCd, which
has. What counts is the server's CPU time per message, as a ratio: absolute figures move with the machine.

    make bench
    make bench ROOMS="--rounds 3 --sizes 2 --windows 32"
    python benchmarks/small_rooms.py --alone --other ../another-checkout      to compare two commits
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from compare_transports import machine
from fanout import CHATCORE, build, drive, free_port, running
from peers import Peer, peers

SOURCES: Final = ("src", "src/adapters", "src/cli")
# Long enough for a clock that ticks a hundred times a second.
MESSAGES: Final = {1: 4_000, 32: 20_000}


def chatcore(name: str, tree: Path | None = None) -> Peer:
    """Return our own server, or that of another checkout."""
    env = {} if tree is None else {"PYTHONPATH": os.pathsep.join(str(tree.resolve() / part) for part in SOURCES)}
    return Peer(
        name,
        lambda port: [str(CHATCORE), "serve", "--no-limits", "--port", str(port), "--log-level", "warning"],
        env,
        joined='"welcome"',
        at_once=100,
    )


def on_core(number: int) -> list[str]:
    """Return what keeps a command on one processor, so that server and load do not disturb each other."""
    return ["taskset", "-c", str(number)] if shutil.which("taskset") and (os.cpu_count() or 1) > 1 else []


def measure(fanload: Path, peer: Peer, *, members: int, window: int, messages: int) -> dict[str, Any]:
    """Let `members` join a server, one of them talk with `window` messages in flight, and return what it cost."""
    port = free_port()
    with running([*on_core(0), *peer.command(port)], port, peer.env) as pid:
        told = drive(
            [
                *(*on_core(1), fanload, "127.0.0.1", str(port), str(members), peer.script, peer.joined, peer.message),
                *(str(messages), str(window), str(pid)),
            ],
            {"SETTLE": "0.3", **peer.load, "CW": str(peer.at_once)},
        )
    return {**told, "cpu_us_per_message": told["server_cpu_s"] * 1e6 / messages}


def report(rows: list[dict[str, Any]], names: list[str]) -> None:
    """Print what each costs per message, and how many times that chatcore costs, as medians with their ranges."""
    for members, window in sorted({(row["members"], row["window"]) for row in rows}):
        print(f"\n{members} members, {window} in flight:")
        costs = {
            name: [
                row["cpu_us_per_message"]
                for row in rows
                if (row["server"], row["members"], row["window"]) == (name, members, window)
            ]
            for name in names
        }
        for name, found in costs.items():
            ratios = [ours / theirs for ours, theirs in zip(costs["chatcore"], found, strict=True)]
            print(
                f"  {name:12} {statistics.median(found):7.2f} µs CPU per message, {min(found):.2f} to {max(found):.2f};"
                f" chatcore costs {statistics.median(ratios):.2f} times that, {min(ratios):.2f} to {max(ratios):.2f}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="2,10", help="members, with commas")
    parser.add_argument("--windows", default="1,32", help="messages in flight, with commas")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--other", type=Path, help="also the server of this checkout, on the same Python")
    parser.add_argument("--alone", action="store_true", help="without peers: only servers of ours, and the floor")
    parser.add_argument("--json", type=Path, help="also write every figure to this file")
    options = parser.parse_args()
    about = machine()
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fanload, floor = build(folder)
        found, missing = ([], {}) if options.alone else peers(folder)
        others = [] if options.other is None else [chatcore("other", options.other)]
        ours = [chatcore("chatcore"), Peer("C loop", lambda port: [str(floor), str(port)])]
        servers = [*ours, *others, *found]
        for peer, why in missing.items():
            print(f"without {peer}: {why}", flush=True)
        for turn in range(options.rounds):
            for members in map(int, options.sizes.split(",")):
                for window in map(int, options.windows.split(",")):
                    for server in servers:
                        messages = MESSAGES.get(window, 20_000)
                        figures = measure(fanload, server, members=members, window=window, messages=messages)
                        rows.append({"server": server.name, "members": members, "window": window, **figures})
            print(f"round {turn + 1} of {options.rounds} is done", file=sys.stderr, flush=True)
    report(rows, [server.name for server in servers])
    if options.json:
        options.json.write_text(
            json.dumps({"machine": about, "rounds": options.rounds, "rows": rows, "missing": missing}, indent=2) + "\n"
        )


if __name__ == "__main__":
    main()
