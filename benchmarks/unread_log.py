"""Shows that logging never stops the chat: a server's standard error is a pipe that nobody reads.

Two users talk, and what one says is timed until the other has it. Beside them guests come and go over plain TCP, each
of whom makes the server log a few records; together more than the pipe and the queue of the log hold. That is done with
a log that is read at once, with one that nobody reads, and, to show that the work is hard enough, with the same server
whose records go through an ordinary `logging.StreamHandler` that nobody reads. In the end every pipe is read: what was
written and what the log says it dropped must be all that there was.

    python benchmarks/unread_log.py
    python benchmarks/unread_log.py --json benchmarks/results/unread_log.json
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from compare_transports import machine
from files import free_port, milliseconds

from chatcore import Client, MessagePosted, connect

CHATCORE: Final = Path(sys.executable).with_name("chatcore")
LOGS: Final = ("read", "unread", "ordinary")
BETWEEN: Final = 0.02
"""Seconds from message to message."""
PATIENCE: Final = 5.0
"""Seconds after which a message counts as one that does not arrive: the server stands still."""
ORDINARY: Final = """
import asyncio, logging, sys
from chatcore import ChatServer, Limits, Listen
from chatcore.ports.transport import ListenOptions

async def serve():
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s %(fields)s")
    places = [Listen(name, options=ListenOptions(port=int(port))) for name, port in zip(("ws", "tcp"), sys.argv[1:])]
    async with ChatServer(listen=places, limits=Limits.unlimited()):
        await asyncio.Event().wait()

asyncio.run(serve())
"""
"""The same server, with the log that the standard library offers."""


@dataclass
class Pipe:
    """Standard error of a server, and what came out of it."""

    read_end: int
    lines: list[str] = field(default_factory=list)
    _reading: threading.Thread | None = None

    def read(self) -> None:
        """Begin to read it, up to its end."""
        self._reading = threading.Thread(target=self._read_all, daemon=True)
        self._reading.start()

    def close(self) -> None:
        """Wait for its end, which comes when the server is gone."""
        if self._reading is not None:
            self._reading.join()

    def _read_all(self) -> None:
        with open(self.read_end, encoding="utf-8") as stream:
            self.lines += stream


@contextlib.contextmanager
def serving(log: str) -> Iterator[tuple[int, int, Pipe]]:
    """Run a server until the end of the block: its ports for WebSocket and TCP, and its standard error."""
    ws, tcp = free_port(), free_port()
    command: list[str | Path] = [CHATCORE, "serve", "--no-limits", "--log-format", "json"]
    command += ["--listen", f"ws://127.0.0.1:{ws}", "--listen", f"tcp://127.0.0.1:{tcp}"]
    if log == "ordinary":
        command = [sys.executable, "-c", ORDINARY, str(ws), str(tcp)]
    read_end, write_end = os.pipe()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=write_end)
    os.close(write_end)
    pipe = Pipe(read_end)
    try:
        wait_for(ws)
        wait_for(tcp)
        if log == "read":
            pipe.read()
        yield ws, tcp, pipe
        if log != "read":
            pipe.read()
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        pipe.close()


def wait_for(port: int) -> None:
    """Wait until something listens there."""
    deadline = time.monotonic() + 20
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if time.monotonic() > deadline:
            sys.exit("the server did not start")
        time.sleep(0.05)


async def visit(port: int, number: int) -> None:
    """Come, log in, log out, as one guest among many."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        frames = ({"type": "login", "username": f"guest{number}"}, {"type": "logout"})
        writer.write(b"".join(json.dumps(frame).encode() + b"\n" for frame in frames))
        while await reader.read(65536):
            pass
    finally:
        writer.close()


async def come_and_go(port: int, per_second: int, over: asyncio.Event) -> int:
    """Let guests visit until it is over, or the server does not serve one of them; returns how many came."""
    began = time.monotonic()
    number = 0
    with contextlib.suppress(TimeoutError, OSError):
        while not over.is_set():
            await asyncio.sleep(max(0.0, began + number / per_second - time.monotonic()))
            async with asyncio.timeout(PATIENCE):
                await visit(port, number)
            number += 1
    return number


async def talk(alice: Client, bob: Client, seconds: float) -> tuple[list[float], int]:
    """Let Alice talk to Bob; returns how many seconds each message took, and how many were sent."""
    took: list[float] = []
    count = int(seconds / BETWEEN)
    began = time.monotonic()
    for number in range(count):
        await asyncio.sleep(max(0.0, began + number * BETWEEN - time.monotonic()))
        sent = time.perf_counter()
        try:
            async with asyncio.timeout(PATIENCE):
                await alice.send(str(number))
                async for event in bob:
                    if isinstance(event, MessagePosted) and event.text == str(number):
                        break
        except TimeoutError:
            return took, number + 1
        took.append(time.perf_counter() - sent)
    return took, count


async def measure(ws: int, tcp: int, seconds: float, per_second: int) -> dict[str, Any]:
    """Let guests come and go while two talk."""
    over = asyncio.Event()
    url = f"ws://127.0.0.1:{ws}"
    async with connect(url, username="alice") as alice, connect(url, username="bob") as bob:
        coming = asyncio.create_task(come_and_go(tcp, per_second, over))
        took, sent = await talk(alice, bob, seconds)
        over.set()
        guests = await coming
    return {
        **{"sent": sent, "arrived": len(took), "guests": guests},
        **{"p50": milliseconds(took, 0.5), "p99": milliseconds(took, 0.99), "most": milliseconds(took, 1)},
    }


def once(log: str, seconds: float, per_second: int) -> dict[str, Any]:
    """Return what one kind of log did."""
    with serving(log) as (ws, tcp, pipe):
        found = {"log": log, **asyncio.run(measure(ws, tcp, seconds, per_second))}
    if log == "ordinary":
        return found
    records = [json.loads(line) for line in pipe.lines]
    dropped = sum(record.get("dropped", 0) for record in records)
    return {**found, "written": sum("dropped" not in record for record in records), "dropped": dropped}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=20.0, help="how long two talk, with each kind of log")
    parser.add_argument("--guests", type=int, default=150, help="how many come and go in a second")
    parser.add_argument("--json", type=Path, help="also write every figure to this file")
    options = parser.parse_args()
    about = machine()
    rows = []
    for turn in range(options.rounds):
        for log in LOGS:
            row = {"round": turn, **once(log, options.seconds, options.guests)}
            rows.append(row)
            said = f"{log:9} {row['arrived']:5} of {row['sent']:5} messages arrived beside {row['guests']:5} guests"
            said += f", p50 {row['p50']:6.2f} ms, p99 {row['p99']:7.2f} ms, most {row['most']:7.2f} ms"
            if "written" in row:
                said += f"; {row['written']:6} records written, {row['dropped']:6} dropped"
            print(said, flush=True)
    if options.json:
        result = {"machine": about, "seconds": options.seconds, "guests_per_s": options.guests, "rows": rows}
        options.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
