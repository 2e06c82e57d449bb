"""Measures what it costs to bring one message to everybody in a full room over QUIC, beside a bare aioquic loop.

The bare loop (load/quic_bare.py) is aioquic as its own examples use it, without a chat behind it. Both servers run on
the same event loop and get the same clients from this process, plain aioquic ones that acknowledge as aioquic does.
They take turns in one sitting; what counts is the ratio of their CPU times per delivery, because absolute figures
move with the machine.

    make bench-quic
    make bench-quic ARGS="--members 100 --rounds 5 --windows 1,32"
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil
from aioquic.asyncio.client import connect
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3Connection
from aioquic.h3.events import HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import QuicEvent, StreamDataReceived
from ratios import report

HERE = Path(__file__).parent
CHATCORE = Path(sys.executable).with_name("chatcore")
CERTS = HERE.parent / "tests" / "integration" / "certs"
MESSAGE = (HERE / "load" / "message.txt").read_bytes() + b"\n"
MARK = b"@"
MARKS = MESSAGE.count(MARK)
GOALS = {1: 1.2, 32: 1 / 6}


class Member(QuicConnectionProtocol):
    """A client: counts the marks in what it hears."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.h3 = H3Connection(self._quic, enable_webtransport=True)
        self.load: Load | None = None
        self.stream: int | None = None
        self.packets = 0
        self.answered = asyncio.Event()
        self.joined = asyncio.Event()

    def quic_event_received(self, event: QuicEvent) -> None:
        """Take an event."""
        if isinstance(event, StreamDataReceived) and event.stream_id == self.stream:
            self.joined.set()
            if self.load is not None and MARK in event.data:
                self.load.hear(event.data.count(MARK))
            return
        for result in self.h3.handle_event(event):
            if isinstance(result, HeadersReceived):
                assert dict(result.headers)[b":status"] == b"200"
                self.answered.set()

    def datagram_received(self, data: bytes | str, addr: Any) -> None:
        """Take a datagram."""
        self.packets += 1
        super().datagram_received(data, addr)

    async def join(self, number: int) -> None:
        """Open a session and log in."""
        session = self._quic.get_next_available_stream_id()
        head = {
            ":method": "CONNECT",
            ":protocol": "webtransport",
            ":scheme": "https",
            ":authority": "localhost",
            ":path": "/chat",
        }
        self.h3.send_headers(session, [(name.encode(), value.encode()) for name, value in head.items()])
        self.transmit()
        await self.answered.wait()
        self.stream = self.h3.create_webtransport_stream(session)
        self.say(b'{"type":"login","username":"user%d"}\n' % number)
        await self.joined.wait()

    def say(self, data: bytes) -> None:
        """Send on the stream."""
        assert self.stream is not None
        self._quic.send_stream_data(self.stream, data)
        self.transmit()


class Load:
    """One member talks, with `window` messages in flight: one is until everybody has heard it."""

    def __init__(self, members: list[Member], messages: int, window: int) -> None:
        self.members = members
        self.messages = messages
        self.window = window
        self.sent = 0
        self.heard = 0
        self.done = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._topping_up = False
        for member in members:
            member.load = self

    def hear(self, marks: int) -> None:
        """Count what a member heard."""
        self.heard += marks
        if not self._topping_up:
            self._topping_up = True
            self._loop.call_soon(self.top_up)

    def top_up(self) -> None:
        """Say as many messages as there is room for."""
        self._topping_up = False
        each = len(self.members) * MARKS
        count = min(self.messages, self.heard // each + self.window) - self.sent
        if count > 0:
            told = b"".join(MESSAGE.replace(b"{n}", b"%d" % (self.sent + n)) for n in range(count))
            self.sent += count
            self.members[0].say(told)
        if self.heard >= self.messages * each:
            self.done.set()


@contextmanager
def running(command: list[str], folder: Path) -> Iterator[tuple[psutil.Process, int]]:
    """Run a server until the end of the block; gives the process and its port."""
    with (folder / "out").open("w+") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
        try:
            deadline = time.monotonic() + 20
            while "quic://" not in (text := (folder / "out").read_text()):
                if process.poll() is not None or time.monotonic() > deadline:
                    sys.exit(f"{command[0]} did not start: {text[:500]}")
                time.sleep(0.05)
            port = int(text.partition("quic://")[2].split()[0].strip(",/;").split(":")[1].split("/")[0])
            yield psutil.Process(process.pid), port
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def spent(process: psutil.Process) -> float:
    """Return the CPU seconds that a process has used."""
    times = process.cpu_times()
    return float(times.user + times.system)


async def load(process: psutil.Process, port: int, *, members: int, window: int, messages: int) -> dict[str, Any]:
    """Let `members` join, one of them talk, and return what it cost."""
    configuration = QuicConfiguration(
        is_client=True,
        alpn_protocols=["h3"],
        verify_mode=ssl.CERT_NONE,
        max_datagram_frame_size=65536,
        server_name="localhost",
    )
    async with AsyncExitStack() as stack:
        everybody: list[Member] = []
        before = spent(process), process.memory_info().rss
        for number in range(members):
            connecting = connect("127.0.0.1", port, configuration=configuration, create_protocol=Member)
            member = await stack.enter_async_context(connecting)
            assert isinstance(member, Member)
            await member.join(number)
            everybody.append(member)
        await asyncio.sleep(1.0)  # what the last ones' joining causes is over
        joined = spent(process), process.memory_info().rss
        packets = sum(member.packets for member in everybody)
        run = Load(everybody, messages, window)
        begin = time.perf_counter()
        run.top_up()
        async with asyncio.timeout(300):
            await run.done.wait()
        seconds = time.perf_counter() - begin
        cost = spent(process) - joined[0]
        packets = sum(member.packets for member in everybody) - packets
    deliveries = members * messages
    return {
        "cpu_us_per_delivery": cost * 1e6 / deliveries,
        "deliveries_per_s": deliveries / seconds,
        "packets_per_delivery": packets / deliveries,
        "join_cpu_ms_per_client": (joined[0] - before[0]) * 1e3 / members,
        "rss_kib_per_client": (joined[1] - before[1]) / 1024 / members,
    }


def commands() -> dict[str, list[str]]:
    """Return how each server is started."""
    cert, key = str(CERTS / "server.pem"), str(CERTS / "server.key")
    serve = [
        str(CHATCORE),
        "serve",
        "--no-limits",
        "--transport",
        "quic",
        "--port",
        "0",
        "--tls-cert",
        cert,
        "--tls-key",
        key,
    ]
    return {"chatcore": serve, "bare": [sys.executable, str(HERE / "load" / "quic_bare.py"), cert, key]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--members", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--windows", default="1,32", help="messages in flight, with commas")
    parser.add_argument("--messages", type=int, help="how many; 200 with one in flight, 500 with more")
    parser.add_argument("--json", type=Path, help="also write every figure to this file")
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for window in (int(each) for each in options.windows.split(",")):
        messages = options.messages or (200 if window == 1 else 500)
        for turn in range(options.rounds):
            for name, command in commands().items():
                with tempfile.TemporaryDirectory() as folder, running(command, Path(folder)) as (process, port):
                    figures = asyncio.run(
                        load(process, port, members=options.members, window=window, messages=messages)
                    )
                rows.append({"server": name, "window": window, "round": turn, **figures})
                print(
                    f"{name:9} {window:3} in flight: {figures['cpu_us_per_delivery']:7.2f} µs CPU per delivery, "
                    f"{figures['packets_per_delivery']:.3f} packets, {figures['deliveries_per_s']:8,.0f} deliveries/s",
                    flush=True,
                )
    report(rows, ["bare"], "rss_kib_per_client", GOALS)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
