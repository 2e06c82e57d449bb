"""The second stream of a QUIC session: what goes on it waits behind the chat, and the chat never behind it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from chatcore.ports.transport import CloseReason, ConnectOptions, ListenOptions, Lost, LostReason
from chatcore_quic import QuicTransport
from chatcore_quic.second_stream import SECOND_STREAM_BYTES
from tests.integration.quic_hostile import hostile
from tests.integration.quic_proxy import LossyProxy
from tests.patience import PATIENCE

SIZE = 400_000


class Reader:
    """The user of a link, who writes down what comes."""

    def __init__(self, link: Any) -> None:
        self.link = link
        self.got = b""
        self.second = b""
        self.order = ""
        self.paused = False
        self.lost: str | None = None
        self.news = asyncio.Event()

    def data_received(self, payload: bytes) -> None:
        """Take data."""
        self.got += payload
        self.order += "c"
        self.news.set()

    def writing_paused(self) -> None:
        """Take note."""
        self.paused = True

    def writing_resumed(self) -> None:
        """Take note."""
        self.paused = False

    def connection_lost(self, reason: Lost) -> None:
        """Take note."""
        self.lost = reason
        self.news.set()

    async def until(self, condition: Any) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self.news.clear()
                await self.news.wait()


class SecondStreamReader(Reader):
    """One who has a use for a second stream."""

    def second_stream_received(self, payload: bytes) -> None:
        """Take data of the second stream."""
        self.second += payload
        self.order += "a"
        self.news.set()


@asynccontextmanager
async def meeting(
    folder: Path, *, second: bool = True, lossy: bool = False, **options: Any
) -> AsyncIterator[tuple[Any, Any]]:
    """Give both ends of a connection: the client's and the server's."""
    kind = SecondStreamReader if second else Reader
    servers: list[Reader] = []

    def accept(link: Any) -> Reader:
        servers.append(kind(link))
        return servers[-1]

    listener = await QuicTransport().listen(ListenOptions(port=0, state_dir=str(folder), **options), accept)
    clients: list[Reader] = []

    def accept_client(link: Any) -> Reader:
        clients.append(SecondStreamReader(link))
        return clients[-1]

    pins = ConnectOptions(fingerprints=(listener.key_fingerprint,))
    try:
        if lossy:
            port = int(listener.url.rpartition(":")[2])
            async with LossyProxy(port, loss=0.05, seed=7) as proxy:
                await QuicTransport().connect(f"quic://127.0.0.1:{proxy.port}", pins, accept_client)
                clients[0].link.write(b"!")
                await until_open(servers)
                yield clients[0], servers[0]
                clients[0].link.abort()
        else:
            await QuicTransport().connect(listener.url, pins, accept_client)
            clients[0].link.write(b"!")
            await until_open(servers)
            yield clients[0], servers[0]
            clients[0].link.abort()
    finally:
        await listener.wait_closed()


async def until_open(servers: list[Reader]) -> None:
    """Wait until the server has the chat's stream."""
    async with asyncio.timeout(PATIENCE):
        while not servers or not servers[0].got:
            await asyncio.sleep(0.005)
    servers[0].got, servers[0].order = b"", ""


@pytest.mark.parametrize("lossy", [False, True])
async def test_both_streams_arrive_whole_and_in_order(tmp_path: Path, lossy: bool) -> None:
    """Both ways, whatever gets lost on the way."""
    data = random.Random(1).randbytes(SIZE)
    async with meeting(tmp_path, lossy=lossy) as (client, server):
        for writer, reader in ((client, server), (server, client)):
            for start in range(0, SIZE, 50_000):
                writer.link.write_second_stream(data[start : start + 50_000])
                writer.link.write(b"x" * 100)
            await reader.until(lambda reader=reader: len(reader.second) == SIZE and len(reader.got) == 800)
            assert reader.second == data
            assert not writer.paused


async def test_the_chat_overtakes_what_waits_on_the_second_stream(tmp_path: Path) -> None:
    """It was written later, and is there before the half of it."""
    async with meeting(tmp_path) as (client, server):
        client.link.write_second_stream(bytes(4 * SIZE))
        assert client.link.second_stream_bytes == 4 * SIZE
        client.link.write(b"hello")
        await server.until(lambda: server.got == b"hello")
        assert len(server.second) < SIZE
        await server.until(lambda: len(server.second) == 4 * SIZE)
        async with asyncio.timeout(PATIENCE):
            while client.link.second_stream_bytes:
                await asyncio.sleep(0.01)


async def test_a_reader_that_pauses_gets_nothing_and_the_writer_is_told_how_much_waits(tmp_path: Path) -> None:
    """More than a window is never on the way; the rest comes later."""
    async with meeting(tmp_path) as (client, server):
        server.link.pause_reading()
        client.link.write_second_stream(bytes(4 * SIZE))
        client.link.write(b"hello")
        await asyncio.sleep(0.3)
        assert (server.got, server.second) == (b"", b"")
        assert client.link.second_stream_bytes >= 4 * SIZE - SECOND_STREAM_BYTES
        assert not client.paused
        server.link.resume_reading()
        await server.until(lambda: len(server.second) == 4 * SIZE)
        assert server.order[0] == "c"


async def test_a_mistake_of_the_user_ends_the_connection(tmp_path: Path) -> None:
    """What the user was given is gone: nothing that comes behind it is handed over."""
    async with meeting(tmp_path) as (client, server):
        complaints: list[object] = []  # their kinds: an exception would keep the link, and spoil tests of garbage
        asyncio.get_running_loop().set_exception_handler(
            lambda _loop, context: complaints.append(type(context["exception"]))
        )

        def stumble(payload: bytes) -> None:
            SecondStreamReader.second_stream_received(server, payload)
            raise ZeroDivisionError

        server.second_stream_received = stumble
        client.link.write_second_stream(b"one")
        await server.until(lambda: server.second != b"")
        client.link.write_second_stream(b"two")
        client.link.write(b"hello")
        await server.until(lambda: server.lost is not None)
        await client.until(lambda: client.lost is not None)
    assert (server.lost, server.second, server.got) == (LostReason.INTERNAL, b"one", b"")
    assert complaints == [ZeroDivisionError]


async def test_a_user_without_a_use_for_it_has_it_refused(tmp_path: Path) -> None:
    """And the writer's connection ends, because what it writes arrives nowhere."""
    async with meeting(tmp_path, second=False) as (client, server):
        client.link.write_second_stream(b"x" * 100)
        await client.until(lambda: client.lost is not None)
        assert not hasattr(server, "second") or server.second == b""


async def test_a_close_does_not_wait_for_what_goes_on_the_second_stream(tmp_path: Path) -> None:
    """What was said arrives, and that is all."""
    async with meeting(tmp_path) as (client, server):
        server.link.write_second_stream(bytes(10 * SIZE))
        server.link.write(b"bye")
        server.link.close(CloseReason.GOING_AWAY)
        await client.until(lambda: client.lost is not None)
        assert client.got == b"bye"
        assert server.link.second_stream_bytes < 10 * SIZE


async def test_one_second_stream_is_taken_and_a_third_refused(tmp_path: Path) -> None:
    """A peer that opens many is treated as before."""
    async with meeting(tmp_path) as (_client, server):
        port = int(server.link._listener.url.rpartition(":")[2])
        async with hostile(port) as peer:
            chat = await peer.open_chat()
            peer.quic.send_stream_data(chat, b"hello")
            streams = [peer.h3.create_webtransport_stream(0, is_unidirectional=True) for _ in range(3)]
            for stream in streams:
                peer.quic.send_stream_data(stream, b"second")
            peer.transmit()
            async with asyncio.timeout(PATIENCE):
                while any(stream in peer.quic._streams for stream in streams[1:]):  # until the refused ones are over
                    await asyncio.sleep(0.01)
            assert streams[0] in peer.quic._streams
