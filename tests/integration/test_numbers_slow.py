"""Crowds of strangers that number their sends, over real sockets: what is kept of them, and of somebody who stays."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Any

import psutil
import pytest

from tests.unit.cli.processes import Process

_AT_ONCE = 8
_SENDS = [{"type": "send_message", "text": "x", "cid": cid} for cid in range(1, 65)]
_LEAVE = {"type": "logout"}


@pytest.fixture
def server() -> Iterator[Process]:
    """Run a server that limits nobody's requests: here it is about what it keeps, and for whom."""
    with Process("serve", "--listen", "tcp://127.0.0.1:0", "--no-limits") as server:
        server.out.wait_for("Ctrl-C stops it")
        yield server


def port_of(server: Process) -> int:
    found = re.search(r"listens on \S+:(\d+)", server.out.text)
    assert found is not None
    return int(found[1])


def lines(*frames: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(frame).encode() + b"\n" for frame in frames)


async def strangers(port: int, count: int, what: bytes) -> None:
    """Let so many log in one after the other, eight at a time, each as a new client; say `what`, and see it through."""

    async def come_and_go(place: int) -> None:
        for number in range(place, count, _AT_ONCE):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            login = {"type": "login", "username": f"s{place}", "client": f"client-number-{number:08}"}
            writer.write(lines(login, {"type": "create_room", "room": f"r{place}"}) + what)
            heard = await reader.read()
            writer.close()
            assert heard.rstrip().rpartition(b"\n")[2].startswith(b'{"type":"bye","code":"logged_out"')

    await asyncio.gather(*(come_and_go(place) for place in range(_AT_ONCE)))


@pytest.mark.slow
async def test_twenty_nine_thousand_clients_with_64_sends_each_leave_little_behind(server: Process) -> None:
    """1.9 million receipts would take half a gibibyte."""
    process = psutil.Process(server.pid)
    await strangers(port_of(server), 200, lines(*_SENDS, _LEAVE))
    before = process.memory_info().rss
    await strangers(port_of(server), 29_000, lines(*_SENDS, _LEAVE))
    grown = process.memory_info().rss - before
    print(f"grown by {grown / 2**20:.1f} MiB")
    assert grown < 64 * 2**20


class Alice:
    """Somebody who stays, and answers pings."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._answers: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._task = asyncio.create_task(self._listen())
        writer.write(lines({"type": "login", "username": "alice", "client": "the-client-of-alice"}))

    async def says(self, cid: int) -> dict[str, Any]:
        """Say something with this number, and return what comes of it."""
        self._writer.write(lines({"type": "send_message", "text": f"number {cid}", "cid": cid}))
        return await self._answers.get()

    async def leaves(self) -> None:
        """Log out."""
        self._writer.write(lines(_LEAVE))
        await self._task
        self._writer.close()

    async def _listen(self) -> None:
        async for line in self._reader:
            frame = json.loads(line)
            if frame["type"] == "ping":
                self._writer.write(lines({"type": "pong"}))
            elif frame["type"] in ("message", "error"):
                self._answers.put_nowait(frame)


@pytest.mark.slow
async def test_thirty_thousand_strangers_make_nobody_s_numbers_forgotten(server: Process) -> None:
    """Of whoever stays: what she repeats is answered as before, and she goes on counting."""
    port = port_of(server)
    alice = Alice(*await asyncio.open_connection("127.0.0.1", port))
    first = await alice.says(1)
    assert first["cid"] == 1
    await strangers(port, 30_010, lines({"type": "send_direct", "to": ["nobody"], "text": "x", "cid": 1}, _LEAVE))
    assert await alice.says(1) == first
    following = await alice.says(2)
    assert (following["seq"], following["cid"]) == (first["seq"] + 1, 2)
    await alice.leaves()
