"""Compares the transports on the same work: set-up, round trips, throughput, CPU, and what lost packets do.

Every round starts a fresh server for each transport in turn, so that what else the machine does falls on all of them.
The client is the same for all: the transport's own client side, and frames of the `chat` dialect. Server and clients
are two processes on one machine. Loss needs root: server and clients stand in two network namespaces then, and packets
are dropped at random in both directions once everybody is logged in; without root that part is left out.

    python benchmarks/compare_transports.py
    python benchmarks/compare_transports.py --rounds 1 --json fresh.json
    python scripts/report.py --against fresh.json

The figures of the report come from benchmarks/results/transports.json, which this writes.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib.metadata
import json
import os
import platform
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import uvloop

from chatcore.aio.plugins import transport_for, transport_names
from chatcore.ports.transport import CloseReason, ConnectOptions, Link, Lost, Transport

HERE = Path(__file__).parent
CHATCORE = Path(sys.executable).with_name("chatcore")
CERTS = HERE.parent / "tests" / "integration" / "certs"
MARK = b"@"  # in every message, and in nothing else
NAMESPACE = "chatcore-bench"
OUTSIDE, INSIDE = "10.213.0.2", "10.213.0.1"
LOSSES = (0, 1, 5)


@dataclass(frozen=True, slots=True)
class Work:
    """How much is measured."""

    setups: int = 60
    round_trips: int = 500
    listeners: int = 20
    loaded_seconds: float = 5.0
    load_per_second: int = 200
    members: int = 50
    messages: tuple[tuple[int, int], ...] = ((1, 300), (32, 3000))
    """Pairs: how many in flight, and how many in all."""
    loss_seconds: float = 15.0
    loss_members: int = 10
    loss_per_second: int = 80


QUICK = Work(20, 100, 10, 1.5, 100, 20, ((1, 60), (32, 600)), 3.0, 5, 40)


class Member:
    """A user, as thin as can be. Implements `LinkHandler`."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.heard = 0
        self.on_message: Callable[[bytes, float], None] | None = None
        self._rest = b""
        self._cid = 0
        self._wanted = b""
        self._waiter: asyncio.Future[None] | None = None
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def expect(self, wanted: bytes) -> None:
        """Wait for a frame with `wanted` in it."""
        self._wanted = wanted
        self._waiter = asyncio.get_running_loop().create_future()
        await self._waiter

    def say(self, text: str) -> None:
        """Send a message, numbered."""
        self._cid += 1
        self.send({"type": "send_message", "text": text, "cid": self._cid})

    def send(self, frame: dict[str, object]) -> None:
        """Send a frame."""
        payload = json.dumps(frame).encode()
        self.link.write(self.link.frame(payload if self.link.keeps_boundaries else payload + b"\n"))

    def data_received(self, payload: bytes) -> None:
        """Take what came."""
        now = time.perf_counter()
        if not self.link.keeps_boundaries:
            payload = self._rest + payload
            end = payload.rfind(b"\n") + 1
            payload, self._rest = payload[:end], payload[end:]
        marks = payload.count(MARK)
        self.heard += marks
        if self._waiter is not None and self._wanted in payload and not self._waiter.done():
            self._waiter.set_result(None)
        if marks and self.on_message is not None:
            self.on_message(payload, now)
        if b'"type":"ping"' in payload or b'"type": "ping"' in payload:
            self.send({"type": "pong"})

    def writing_paused(self) -> None:
        """Nobody here writes that much."""

    def writing_resumed(self) -> None:
        """Nobody here writes that much."""

    def connection_lost(self, reason: Lost) -> None:
        """Take note."""
        if not self.gone.done():
            self.gone.set_result(None)


@dataclass(frozen=True, slots=True)
class Place:
    """A running server."""

    url: str
    fingerprint: str | None
    process: psutil.Process
    transport: Transport

    async def join(self, name: str) -> Member:
        """Connect and log in."""
        pins = (self.fingerprint,) if self.fingerprint else ()
        options = ConnectOptions(fingerprints=pins, tls_ca=str(CERTS / "ca.pem"), connect_timeout=30)
        members: list[Member] = []

        def accept(link: Link) -> Member:
            members.append(Member(link))
            return members[0]

        await self.transport.connect(self.url, options, accept)
        welcome = asyncio.ensure_future(members[0].expect(b'"welcome"'))
        await asyncio.sleep(0)
        members[0].send({"type": "login", "username": name})
        await welcome
        return members[0]

    async def join_all(self, count: int) -> list[Member]:
        """Let `count` users join, and their joining be over."""
        members = [await self.join(f"user{number}") for number in range(count)]
        await asyncio.sleep(1.2)
        return members

    def cpu(self) -> float:
        """Return the CPU seconds that the server has used."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        if found := [int(task.read_text().split()[0]) for task in tasks]:
            return sum(found) / 1e9
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def writes(self) -> int | None:
        """Return how often the server has called `write`; None where that is not what it sends with, or not told."""
        with contextlib.suppress(OSError):
            if not self.url.startswith("quic"):
                told = dict(line.split(": ") for line in Path(f"/proc/{self.process.pid}/io").read_text().splitlines())
                return int(told["syscw"])
        return None


async def leave(*members: Member) -> None:
    """Log out."""
    for member in members:
        member.send({"type": "logout"})
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(10):
            await asyncio.gather(*(member.gone for member in members))
    for member in members:
        member.link.close(CloseReason.NORMAL)


@contextlib.contextmanager
def serving(scheme: str, *, inside: bool = False) -> Iterator[Place]:
    """Run a server until the end of the block."""
    host = INSIDE if inside else "127.0.0.1"
    prefix = ["ip", "netns", "exec", NAMESPACE] if inside else []
    with tempfile.TemporaryDirectory() as folder, Path(folder, "out").open("w+") as out:
        command = [
            *prefix,
            str(CHATCORE),
            "serve",
            "--no-limits",
            "--listen",
            f"{scheme}://{host}:0",
            "--state-dir",
            folder,
        ]
        if scheme in ("wss", "quic") and not inside:  # the certificate is for this machine's own address
            command += ["--tls-cert", str(CERTS / "server.pem"), "--tls-key", str(CERTS / "server.key")]
        process = subprocess.Popen([*command, "--log-level", "warning"], stdout=out, stderr=subprocess.STDOUT)
        try:
            deadline = time.monotonic() + 20
            while "Ctrl-C" not in (said := Path(folder, "out").read_text()):
                if process.poll() is not None or time.monotonic() > deadline:
                    sys.exit(f"the server for {scheme} did not start: {said[:500]}")
                time.sleep(0.05)
            url = re.search(r"listens on (\S+)", said)
            key = re.search(r"for --fingerprint:\s+(\w+)", said)
            assert url is not None
            yield Place(url[1], key and key[1], psutil.Process(process.pid), transport_for(url[1]))
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(20)


def milliseconds(seconds: list[float]) -> dict[str, float]:
    """Return the middle and the slow end of some times."""
    ordered = sorted(seconds)
    return {
        "p50": statistics.median(ordered) * 1e3,
        "p99": ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)] * 1e3,
        "most": ordered[-1] * 1e3,
    }


async def set_up(place: Place, work: Work) -> dict[str, float]:
    """Time from nothing to the welcome, one connection after the other."""
    times = []
    for number in range(work.setups + 3):
        begin = time.perf_counter()
        member = await place.join(f"user{number}")
        times.append(time.perf_counter() - begin)
        await leave(member)
    return milliseconds(times[3:])


async def ask(member: Member, count: int, pause: float = 0.0) -> list[float]:
    """Say something `count` times, each time waiting for the acknowledgement; returns how long that took."""
    times = []
    for number in range(count):
        begin = time.perf_counter()
        answer = asyncio.ensure_future(member.expect(b'"cid":'))
        await asyncio.sleep(0)
        member.say(f"number {number} @")
        await answer
        times.append(time.perf_counter() - begin)
        await asyncio.sleep(pause)
    return times


async def round_trips(place: Place, work: Work) -> dict[str, Any]:
    """Time to the acknowledgement: alone, and in a room where others talk too."""
    member = await place.join("prober")
    idle = (await ask(member, work.round_trips + 20))[20:]
    others = await place.join_all(work.listeners)
    talking = asyncio.ensure_future(talk(others[:4], work.load_per_second, work.loaded_seconds))
    loaded = await ask(member, int(work.loaded_seconds * 50), pause=0.01)
    await talking
    await leave(member, *others)
    return {"idle": milliseconds(idle), "loaded": milliseconds(loaded)}


async def talk(members: list[Member], per_second: int, seconds: float) -> None:
    """Let some talk in turn, so many messages a second all together; what was said names its time."""
    begin = time.perf_counter()
    for number in range(int(per_second * seconds)):
        await asyncio.sleep(max(0.0, begin + number / per_second - time.perf_counter()))
        members[number % len(members)].say(f"@{time.perf_counter():.6f};")


async def throughput(place: Place, work: Work) -> dict[str, dict[str, float]]:
    """One member talks to all, with some messages in flight: one is until everybody has heard it."""
    members = await place.join_all(work.members)
    found = {}
    for window, messages in work.messages:
        before, wrote, ours = place.cpu(), place.writes(), time.process_time()
        begin = time.perf_counter()
        await _pump(members, window, messages)
        seconds = time.perf_counter() - begin
        deliveries = len(members) * messages
        writes = place.writes()
        found[str(window)] = {
            "client_us_per_delivery": (time.process_time() - ours) * 1e6 / deliveries,
            **({"messages_per_write": deliveries / (writes - wrote)} if writes and wrote is not None else {}),
            "acknowledged_per_s": messages / seconds,
            "deliveries_per_s": deliveries / seconds,
            "server_us_per_delivery": (place.cpu() - before) * 1e6 / deliveries,
        }
    await leave(*members)
    return found


async def _pump(members: list[Member], window: int, messages: int) -> None:
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    start = sum(member.heard for member in members)
    sent = 0
    planned = False

    def top_up() -> None:
        nonlocal sent, planned
        planned = False
        heard = sum(member.heard for member in members) - start
        while sent < messages and sent < heard // len(members) + window:
            sent += 1
            members[0].say("@ something that somebody says in a room, about as long as things that people say are")
        if heard >= messages * len(members) and not done.done():
            done.set_result(None)

    def hear(_payload: bytes, _now: float) -> None:
        nonlocal planned
        if not planned:
            planned = True
            asyncio.get_running_loop().call_soon(top_up)

    for member in members:
        member.on_message = hear
    top_up()
    async with asyncio.timeout(300):
        await done
    for member in members:
        member.on_message = None


# Loss.


@contextlib.contextmanager
def namespace() -> Iterator[None]:
    """Make a network namespace for the server, with a wire to it."""
    run("ip", "netns", "add", NAMESPACE)
    try:
        run("ip", "link", "add", "ccb0", "type", "veth", "peer", "name", "ccb1", "netns", NAMESPACE)
        run("ip", "addr", "add", f"{OUTSIDE}/24", "dev", "ccb0")
        run("ip", "link", "set", "ccb0", "up")
        for command in (f"ip addr add {INSIDE}/24 dev ccb1", "ip link set ccb1 up", "ip link set lo up"):
            run("ip", "netns", "exec", NAMESPACE, *command.split())
        yield
    finally:
        run("ip", "netns", "del", NAMESPACE)


def lose(percent: int) -> None:
    """From now on, let so many of a hundred packets get lost, in each direction."""
    iptables = ("ip", "netns", "exec", NAMESPACE, "iptables")
    for chain in ("INPUT", "OUTPUT"):
        run(*iptables, "-F", chain)
        if percent:
            chance = ("-m", "statistic", "--mode", "random", "--probability", str(percent / 100))
            run(*iptables, "-A", chain, *chance, "-j", "DROP")


def run(*command: str) -> None:
    """Run a command that has to succeed."""
    subprocess.run(command, check=True, capture_output=True)


async def under_loss(place: Place, work: Work, percent: int) -> dict[str, float]:
    """Time from saying something to every member's hearing it, on a bad network."""
    members = await place.join_all(work.loss_members)
    times: list[float] = []

    def hear(payload: bytes, now: float) -> None:
        times.extend(now - float(said) for said in re.findall(rb"@([\d.]+);", payload))

    for member in members:
        member.on_message = hear
    lose(percent)
    try:
        await talk(members[:4], work.loss_per_second, work.loss_seconds)
        wanted = int(work.loss_per_second * work.loss_seconds) * len(members)
        async with asyncio.timeout(60):
            while len(times) < wanted:  # noqa: ASYNC110 - looking now and then disturbs less than an event each time
                await asyncio.sleep(0.05)
    finally:
        lose(0)
    assert len(times) == wanted, "something came twice"
    await leave(*members)
    return milliseconds(times)


def may_lose() -> bool:
    """Tell whether packets can be lost on purpose here."""
    return os.geteuid() == 0 and all(map(shutil.which, ("ip", "iptables")))


# All of it.


def machine() -> dict[str, Any]:
    """Return what was measured on."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    packages = ("chatcore", "websockets", "aioquic", "uvloop")
    return {
        "processor": model[1] if model else platform.processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "versions": {name: importlib.metadata.version(name) for name in packages},
        "commit": commit(),
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "load_before": os.getloadavg()[0],
    }


def commit() -> str:
    """Return which commit is measured, with a plus sign when the code is not as it is there; nothing outside git."""
    git = ("git", "-C", str(HERE.parent))
    found = subprocess.run([*git, "rev-parse", "--short=10", "HEAD"], capture_output=True, text=True, check=False)
    changed = subprocess.run([*git, "diff", "--quiet", "HEAD", "--", "src"], capture_output=True, check=False)
    return found.stdout.strip() + ("+" if changed.returncode == 1 else "")


def measure(schemes: list[str], rounds: int, work: Work) -> list[dict[str, Any]]:
    """Return one row per measurement, transport and round."""
    rows: list[dict[str, Any]] = []

    def note(what: str, scheme: str, turn: int, found: dict[str, Any]) -> None:
        rows.append({"what": what, "transport": scheme, "round": turn, **found})
        print(f"round {turn}: {scheme:4} {what}: {json.dumps(found)}", flush=True)

    jobs: dict[str, Callable[[Place, Work], Any]] = {
        "set_up": set_up,
        "round_trip": round_trips,
        "throughput": throughput,
    }
    for turn in range(rounds):
        for what, job in jobs.items():
            for scheme in schemes:
                with serving(scheme) as place:
                    note(what, scheme, turn, uvloop.run(job(place, work)))
    if not may_lose():
        print("loss is not measured: that takes root, ip and iptables")
        return rows
    with namespace():
        for turn in range(rounds):
            for percent in LOSSES:
                for scheme in ("ws", "quic"):
                    with serving(scheme, inside=True) as place:
                        note("loss", scheme, turn, {"percent": percent} | uvloop.run(under_loss(place, work, percent)))
    return rows


def show(rows: list[dict[str, Any]]) -> None:
    """Print a table: the median of the rounds, and the least and the most."""
    table: dict[str, dict[str, list[float]]] = {}
    for row in rows:
        for path, value in _figures(row):
            table.setdefault(path, {}).setdefault(row["transport"], []).append(value)
    for path, found in table.items():
        cells = (
            f"{name} {statistics.median(values):10,.2f} ({min(values):,.2f} to {max(values):,.2f})"
            for name, values in found.items()
        )
        print(f"{path:42} {'   '.join(cells)}")


def _figures(row: dict[str, Any]) -> Iterator[tuple[str, float]]:
    """Return every figure of a row with what it is."""
    name = row["what"] + (f" {row['percent']} %" if "percent" in row else "")
    for key, value in row.items():
        if isinstance(value, dict):
            yield from ((f"{name} {key} {inner}", each) for inner, each in value.items())
        elif key in ("p50", "p99", "most"):
            yield f"{name} {key}", value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="less of everything: to see that it works")
    parser.add_argument("--json", type=Path, default=HERE / "results" / "transports.json")
    options = parser.parse_args()
    schemes = ["ws", "wss", "quic", *(["tcp"] if "tcp" in transport_names() else [])]
    about = machine()
    rows = measure(schemes, options.rounds, QUICK if options.quick else Work())
    print()
    show(rows)
    options.json.parent.mkdir(exist_ok=True)
    found = {"machine": about, "rounds": options.rounds, "quick": options.quick, "rows": rows}
    options.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
