"""A server in a process of its own, to be killed and measured: `python -m tests.integration.quic_house KIND`."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import psutil

from chatcore.ports.transport import CloseReason, ConnectOptions, Link, ListenOptions, Lost
from chatcore_quic import QuicTransport
from tests.contracts.transport import User
from tests.patience import PATIENCE
from tests.ports import free_port

TICK = 0.01


class Loop(asyncio.SelectorEventLoop):
    """An event loop whose clock can be put forward."""

    ahead = 0.0

    def time(self) -> float:
        """Return what its clock shows."""
        return super().time() + self.ahead


class Host:
    """The user of a link: `echo` sends everything back, `deaf` never reads, `mute` reads and says nothing."""

    def __init__(self, link: Link, kind: str) -> None:
        self.link = link
        self.kind = kind
        if kind == "deaf":
            asyncio.get_running_loop().call_soon(link.pause_reading)

    def data_received(self, payload: bytes) -> None:
        """Take data."""
        if self.kind == "echo":
            self.link.write(payload)

    def writing_paused(self) -> None:
        """Leave it to the transport."""

    def writing_resumed(self) -> None:
        """Leave it to the transport."""

    def connection_lost(self, reason: Lost) -> None:
        """Leave it out."""


class Watch:
    """Measures the longest turn of the event loop, in seconds of this process, whatever else the machine does."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._loop = asyncio.get_running_loop()
        self._spent = time.process_time()
        self._tick()

    def _tick(self) -> None:
        spent = time.process_time()
        self.longest = max(self.longest, spent - self._spent)
        self._spent = spent
        self._loop.call_later(TICK, self._tick)


async def main(kind: str, **options: Any) -> None:
    """Listen, say where, and serve until killed: each line on standard input is answered with the state.

    "close" ends all links before, "later" lets half a second pass at once.
    """
    listener = await QuicTransport().listen(ListenOptions(**options), lambda link: Host(link, kind))
    print(json.dumps({"url": listener.url, "pin": listener.key_fingerprint}), flush=True)
    watch = Watch()
    while line := await asyncio.to_thread(sys.stdin.readline):
        if line == "close\n":
            for link in list(listener.links):
                link.close(CloseReason.GOING_AWAY)
        elif line == "later\n":
            loop = asyncio.get_running_loop()
            assert isinstance(loop, Loop)
            loop.ahead += 0.5
        links = [link for link in listener.links if link.address]
        state = {"links": len(links), "half_open": listener.registry.half_open, "longest": watch.longest}
        watch.longest = 0.0
        print(json.dumps(state), flush=True)


@dataclass
class House:
    """Such a server, as tests see it."""

    process: asyncio.subprocess.Process
    url: str
    pin: str

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rpartition(":")[2])

    def memory(self) -> int:
        """Return how much memory it has."""
        return int(psutil.Process(self.process.pid).memory_full_info().uss)

    def cpu(self) -> float:
        """Return how many seconds of CPU it has used."""
        times = psutil.Process(self.process.pid).cpu_times()
        return float(times.user + times.system)

    async def state(self, command: str = "") -> dict[str, Any]:
        """Ask how many connections it has, and how long its longest turn was since it was asked before."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(command.encode() + b"\n")
        await self.process.stdin.drain()
        return dict(json.loads(await self.process.stdout.readline()))

    async def kill(self) -> None:
        """Kill it so that it cannot say goodbye."""
        self.process.kill()
        await self.process.wait()

    async def guest(self, port: int | None = None, **options: Any) -> User:
        """Connect an honest user, perhaps by way of a proxy."""
        users: list[User] = []

        def accept(link: Link) -> User:
            users.append(User(link))
            return users[0]

        url = f"quic://127.0.0.1:{port or self.port}"
        await QuicTransport().connect(url, ConnectOptions(fingerprints=(self.pin,), **options), accept)
        return users[0]

    async def warm_up(self) -> None:
        """Let Python's memory come to what it needs for a few ordinary connections."""
        for _ in range(3):
            guest = await self.guest()
            guest.link.write(b"x" * 100_000)
            await asyncio.sleep(0.05)
            guest.link.abort()
            await guest.leaves()
        await asyncio.sleep(0.05)


@asynccontextmanager
async def opened(kind: str, **options: Any) -> AsyncIterator[House]:
    """Run a server."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.integration.quic_house",
        kind,
        json.dumps({"port": free_port()} | options),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        told = json.loads(await asyncio.wait_for(process.stdout.readline(), PATIENCE))
        yield House(process, told["url"], told["pin"])
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        process._transport.close()  # type: ignore[attr-defined]


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=Loop) as runner:
        runner.run(main(sys.argv[1], **json.loads(sys.argv[2])))
