"""What is promised about delivery, over real sockets: connections that are cut, and readers that stop reading."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import socket
from collections.abc import AsyncIterator

import psutil
import pytest
import websockets

from chatcore import Limits, MessagePosted, connect
from chatcore.commands import SendMessage
from chatcore.testing.checker import Checker
from tests.patience import PATIENCE
from tests.stores import ChatServer
from tests.talkers import Talker


class CuttingProxy:
    """A TCP proxy that cuts connections in the middle of whatever is under way."""

    def __init__(self, port: int) -> None:
        self.port = 0
        self._target = port
        self._open: dict[asyncio.StreamWriter, asyncio.StreamWriter] = {}
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def cut(self, share: float, source: random.Random) -> None:
        """Cut this share of the connections, with resets on both sides."""
        for one, other in list(self._open.items()):
            if source.random() < share:
                one.transport.abort()
                other.transport.abort()

    async def stop(self) -> None:
        """Cut everything and stop listening."""
        self.cut(1.1, random.Random(0))
        if self._server is not None:
            self._server.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        target_reader, target_writer = await asyncio.open_connection("127.0.0.1", self._target)
        self._open[writer] = target_writer
        await asyncio.gather(self._pipe(reader, target_writer), self._pipe(target_reader, writer))
        self._open.pop(writer, None)
        self._tasks.discard(task)

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()


async def _talk_while_cut(*, talkers: int, rooms: int, messages: int, share: float) -> Checker:
    """Let everybody talk through a proxy that cuts a share of the connections every second."""
    checker, source = Checker(), random.Random(7)
    async with ChatServer(port=0, limits=Limits.unlimited()) as server:
        proxy = CuttingProxy(int(server.urls[0].rpartition(":")[2]))
        await proxy.start()
        url = f"ws://127.0.0.1:{proxy.port}"
        crowd = [Talker(f"user{n}", url, f"room{n % rooms}", checker) for n in range(talkers)]
        for talker in crowd:
            await talker.start()
        done = asyncio.gather(*(talker.talk(messages, 0.05, source) for talker in crowd))
        while not done.done():
            proxy.cut(share, source)
            await asyncio.wait([done], timeout=1)
        await done
        await asyncio.gather(*(talker.client.flush() for talker in crowd))
        # Everybody has seen the end of its room when nobody has anything left to see.
        async with asyncio.timeout(PATIENCE):
            while checker.problems():
                await asyncio.sleep(0.1)
        assert not any(talker.refused for talker in crowd)
        for talker in crowd:
            await talker.stop()
        await proxy.stop()
    return checker


async def test_nothing_is_lost_doubled_or_reordered_while_a_fifth_of_the_connections_is_cut_every_second() -> None:
    """40 clients over real sockets: 2,000 acknowledged messages, each shown once and in order to its room."""
    checker = await _talk_while_cut(talkers=40, rooms=4, messages=50, share=0.2)
    assert checker.problems() == []
    assert checker.acknowledged == 2000


@pytest.mark.slow
async def test_two_hundred_clients_lose_nothing_of_a_hundred_thousand_messages_while_they_are_cut() -> None:
    """200 clients over real sockets, a fifth cut every second: 100,000 acknowledged messages, none lost."""
    checker = await _talk_while_cut(talkers=200, rooms=20, messages=500, share=0.2)
    assert checker.problems() == []
    assert checker.acknowledged == 100_000


@pytest.fixture
async def server() -> AsyncIterator[ChatServer]:
    """A server on a free port."""
    async with ChatServer(port=0, limits=Limits.unlimited(rooms_window=0.2)) as server:
        yield server


async def test_a_reader_that_stops_reading_costs_a_bounded_buffer_and_later_gets_everything_in_order(
    server: ChatServer,
) -> None:
    """8 MB go past it; the others are served meanwhile, the server keeps little for it, nothing is missing."""
    count, text = 2000, "x" * 4000
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
    slow.setblocking(False)
    port = int(server.urls[0].rpartition(":")[2])
    await asyncio.get_running_loop().sock_connect(slow, ("127.0.0.1", port))
    reader = await websockets.connect(server.urls[0], sock=slow, compression=None, ping_interval=None, max_queue=1)
    await reader.send(json.dumps({"type": "login", "username": "slow"}))
    async with (
        connect(server.urls[0], username="talker") as talker,
        connect(server.urls[0], username="quick") as quick,
    ):
        process = psutil.Process()
        for number in range(count):
            talker.post(SendMessage(f"{number} {text}"))
        got = 0
        async for event in quick:
            got += isinstance(event, MessagePosted)
            if got == count:
                break
        await talker.flush()
        switchboards = [node._switchboard for node in server.nodes]
        connections = [each for one in switchboards if one is not None for each in one.connections.values()]
        assert [each.behind is not None for each in connections] == [True, False, False]
        held = process.memory_info().rss

        seen, gaps = [], 0
        async with asyncio.timeout(PATIENCE):
            while len(seen) < count:
                frame = json.loads(await reader.recv())
                if frame["type"] == "message":
                    seen.append((frame["seq"], int(frame["text"].split()[0])))
                gaps += frame["type"] == "gap"
        assert gaps == 0
        assert seen == [(number + 1, number) for number in range(count)]
        # The log holds the texts either way; the reader must not have cost another copy of them.
        assert process.memory_info().rss - held < 4 * 2**20 * len(server.nodes)
        # And it is live again.
        await talker.send("are you there?")
        async with asyncio.timeout(PATIENCE):
            while json.loads(await reader.recv()).get("text") != "are you there?":
                pass
    reader.transport.abort()  # nobody takes what comes, so the answer to a goodbye would not be seen for 10 s
    await reader.wait_closed()
