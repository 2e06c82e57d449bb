"""Attacks a server with default settings, and measures what a good pair beside the attackers notices.

Two users sit in a room of their own; one says something every 20 ms, and what counts is how long it takes to reach the
other. First nobody else is there (idle), then each attack runs in a process of its own. An attack gets through when the
pair's 99th percentile is more than three times that of the idle server, or than a floor below which the machine itself
makes the difference. The table also tells how much the server's memory grew, and how many lines its log got.

Attackers come from other machines; here all are on one. So their process has the lowest priority: what they take away
from the server is its work for them, and not the processor. Whatever else runs here does take it away: the last columns
tell how much of the time the server worked, and how much of it it was ready to and had to wait for a processor. Where
that is more than a few per cent, the figures are those of the machine.

    make attacks
    make attacks ARGS="--seconds 10 --only history --json attacks.json"
    make attacks ARGS="--floods --seconds 30"
    make attacks ARGS="--only quic --pair quic"
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Self

import attackers.little
import attackers.over_quic
import attackers.over_websocket  # noqa: F401 - imported for the attacks that it adds to ATTACKS
from attackers.floods import LINES
from attackers.quic_user import QuicUser
from attackers.users import ATTACKS, FLOODS, PATIENCE, Attack, Frame, Place, User

CHATCORE: Final = Path(sys.executable).with_name("chatcore")
INTERVAL: Final = 0.02
LOWEST_PRIORITY: Final = 19
TIMES_IDLE: Final = 3.0
FLOOR_MS: Final = 5.0
PAIRS: Final[dict[str, type[User]]] = {"ws": User, "quic": QuicUser}


class Server:
    """A server in a process of its own, with its log in a file."""

    def __init__(self, folder: Path, options: tuple[str, ...]) -> None:
        self._log = folder / "log"
        listens = ("ws", "quic", "tcp", *(f"tcp+{dialect}" for dialect in LINES if dialect != "chat"))
        places = [argument for each in listens for argument in ("--listen", f"{each}://127.0.0.1:0")]
        settings = ("--state-dir", str(folder), "--log-format", "json")
        self._command = [str(CHATCORE), "serve", *places, *settings, *options]
        self._process: subprocess.Popen[bytes]
        self.ports: dict[str, int] = {}

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=log)
        over = time.monotonic() + PATIENCE
        while len(self.ports) < len(("ws", "quic", *LINES)):
            for line in self._log.read_text().splitlines():
                told = json.loads(line)
                if told["event"] == "listening":
                    kind, port = told["url"].partition(":")[0], int(told["url"].rpartition(":")[2])
                    self.ports[told["dialect"] if kind == "tcp" else kind] = port
            if self._process.poll() is not None or time.monotonic() > over:
                sys.exit(f"the server did not start: {self._log.read_text()}")
            time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def memory(self) -> float:
        """What it takes, in MiB."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))

    @property
    def processor(self) -> tuple[float, float]:
        """How many seconds its main thread has worked, and how many it was ready to and had to wait; 0 elsewhere."""
        try:
            worked, waited, _slices = Path(f"/proc/{self._process.pid}/schedstat").read_text().split()
        except OSError:
            return 0.0, 0.0
        return int(worked) / 1e9, int(waited) / 1e9

    @property
    def lines(self) -> int:
        """How many lines its log has."""
        return self._log.read_bytes().count(b"\n")


class GoodPair:
    """Two users in a room of their own."""

    def __init__(self, place: Place, kind: type[User]) -> None:
        self._alice = kind(place, "alice")
        self._bob = kind(place, "bob")
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        for user in (self._alice, self._bob):
            await self._stack.enter_async_context(user)
            await user.enter("pair")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def talk(self, goes_on: Callable[[], bool]) -> list[float]:
        """Let one say something every 20 ms for as long as it `goes_on`; return how long each took, in ms."""
        took: list[float] = []

        async def say() -> None:
            when = time.monotonic()
            while goes_on():
                self._alice.send(type="send_message", text=f"{time.monotonic()}")
                when += INTERVAL
                await asyncio.sleep(max(0.0, when - time.monotonic()))
            self._alice.send(type="send_message", text="end")

        async def hear() -> None:
            while (text := (await self._bob.next("message"))["text"]) != "end":
                took.append((time.monotonic() - float(text)) * 1000)

        async def is_not_refused() -> None:
            frame: Frame = {}
            while frame.get("text") != "end":
                frame = await self._alice.next("message", "error", "bye")
                if frame["type"] != "message":
                    sys.exit(f"the good pair was refused: {frame}")

        await asyncio.gather(say(), hear(), is_not_refused())
        return took


def for_seconds(seconds: float) -> Callable[[], bool]:
    """Return what is true for so long."""
    over = time.monotonic() + seconds
    return lambda: time.monotonic() < over


def percentile(values: list[float], share: float) -> float:
    """Return the value that this share of all values does not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


async def measure(wanted: Attack, seconds: float, idle_seconds: float, pair_kind: type[User]) -> dict[str, Any]:
    """Return what the good pair noticed without and with the attack."""
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder), wanted.options) as server:
        place = Place("127.0.0.1", server.ports, seconds)
        async with GoodPair(place, pair_kind) as pair:
            idle = await pair.talk(for_seconds(idle_seconds))
            memory, lines = server.memory, server.lines
            attacker = await asyncio.create_subprocess_exec(
                *(sys.executable, __file__, "--attack", wanted.name),
                *("--seconds", str(seconds), "--ports", json.dumps(server.ports)),
                stdout=subprocess.PIPE,
            )
            assert attacker.stdout is not None
            await asyncio.wait_for(attacker.stdout.readline(), 300)  # it is ready
            ended = asyncio.create_task(attacker.wait())
            began, (worked, waited) = time.monotonic(), server.processor
            under = await pair.talk(lambda: not ended.done())
            took = time.monotonic() - began
            worked, waited = server.processor[0] - worked, server.processor[1] - waited
            if await ended:
                sys.exit(f"the attack {wanted.name!r} failed")
        idle_p99 = percentile(idle, 0.99)
        p99 = percentile(under, 0.99)
        return {
            "attack": wanted.name,
            "idle_p50_ms": round(statistics.median(idle), 2),
            "idle_p99_ms": round(idle_p99, 2),
            "p50_ms": round(statistics.median(under), 2),
            "p99_ms": round(p99, 2),
            "times_idle": round(p99 / idle_p99, 1),
            "max_ms": round(max(under), 2),
            "messages": len(under),
            "memory_mib": round(server.memory - memory, 1),
            "log_lines": server.lines - lines,
            "worked_percent": round(100 * worked / took, 1),
            "waited_percent": round(100 * waited / took, 1),
            "held": p99 <= max(TIMES_IDLE * idle_p99, TIMES_IDLE * FLOOR_MS)
            and server.memory - memory <= wanted.memory,
        }


def show(row: dict[str, Any]) -> str:
    """Return a line of the table."""
    return (
        f"{row['attack']:52} {row['idle_p50_ms']:7.2f} {row['idle_p99_ms']:7.2f} {row['p50_ms']:8.2f} "
        f"{row['p99_ms']:8.2f} {row['times_idle']:5.1f} {row['max_ms']:8.2f} "
        f"{row['memory_mib']:8.1f} {row['log_lines']:7} {row['worked_percent']:5.0f} {row['waited_percent']:5.0f}  "
        f"{'held' if row['held'] else 'GOT THROUGH'}"
    )


async def run_attack(name: str, place: Place) -> None:
    """Attack, in the attacker's process."""
    if hasattr(os, "nice"):
        os.nice(LOWEST_PRIORITY)
    chosen = next(each for each in (*ATTACKS, *FLOODS) if each.name == name)
    if not chosen.options:
        print("ready", flush=True)
    await chosen.run(place)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each attack lasts")
    parser.add_argument("--idle", type=float, help="how long the pair is alone before each; as long as the attack")
    parser.add_argument("--floods", action="store_true", help="one kind of request after the other, instead")
    parser.add_argument("--only", default="", help="only the attacks with this text in their names")
    parser.add_argument("--pair", choices=PAIRS, default="ws", help="what the good pair speaks")
    parser.add_argument("--json", type=Path, help="also write every figure to this file")
    parser.add_argument("--attack", help=argparse.SUPPRESS)
    parser.add_argument("--ports", type=json.loads, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.attack:
        place = Place("127.0.0.1", options.ports, options.seconds)
        asyncio.run(run_attack(options.attack, place))
        return 0
    print(f"An attack gets through when p99 is over {TIMES_IDLE:g} times idle, and over {TIMES_IDLE * FLOOR_MS:g} ms.")
    print(
        f"{'milliseconds':52} {'idle50':>7} {'idle99':>7} {'p50':>8} {'p99':>8} {'times':>5} {'max':>8} "
        f"{'RSS MiB':>8} {'lines':>7} {'work%':>5} {'wait%':>5}"
    )
    rows = []
    for chosen in FLOODS if options.floods else ATTACKS:
        if options.only in chosen.name:
            rows.append(
                asyncio.run(measure(chosen, options.seconds, options.idle or options.seconds, PAIRS[options.pair]))
            )
            print(show(rows[-1]), flush=True)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n")
    return 0 if all(row["held"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
