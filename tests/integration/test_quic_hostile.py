"""Hostile peers: what they cost stays bounded, and others are not bothered. The server is a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import psutil
import pytest
from aioquic.buffer import encode_uint_var
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection

from chatcore.ports.transport import ConnectOptions
from chatcore_quic import QuicTransport
from tests.contracts.transport import User
from tests.integration.quic_hostile import Peer, hostile

MEBIBYTE = 2**20
SECONDS = 3.0
"""How long a flood lasts."""


@dataclass
class House:
    """A server in a process of its own."""

    process: asyncio.subprocess.Process
    url: str
    pin: str

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rpartition(":")[2])

    def memory(self) -> int:
        """Return how much memory it has."""
        return int(psutil.Process(self.process.pid).memory_info().rss)

    async def state(self) -> dict[str, int]:
        """Ask how many connections it has."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(b"\n")
        await self.process.stdin.drain()
        return dict(json.loads(await self.process.stdout.readline()))

    async def guest(self, **options: Any) -> User:
        """Connect an honest user."""
        users: list[User] = []

        def accept(link: Any) -> User:
            users.append(User(link))
            return users[0]

        await QuicTransport().connect(self.url, ConnectOptions(fingerprints=(self.pin,), **options), accept)
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
async def opened(kind: str, **options: float) -> AsyncIterator[House]:
    """Run a server."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.integration.quic_house",
        kind,
        json.dumps(options),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        told = json.loads(await asyncio.wait_for(process.stdout.readline(), 20))
        yield House(process, told["url"], told["pin"])
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        process._transport.close()  # type: ignore[attr-defined]


@pytest.fixture
async def echo() -> AsyncIterator[House]:
    """Run a server that sends everything back."""
    async with opened("echo") as house:
        await house.warm_up()
        yield house


@pytest.fixture
async def deaf() -> AsyncIterator[House]:
    """Run a server whose users do not read."""
    async with opened("deaf") as house:
        await house.warm_up()
        yield house


async def is_served(house: House) -> None:
    """Check that an honest user gets an answer soon."""
    guest = await house.guest(connect_timeout=5.0)
    begin = time.monotonic()
    guest.say(b"still there?")
    await guest.heard(b"still there?")
    assert time.monotonic() - begin < 1
    guest.link.abort()
    await guest.leaves()


async def push(peer: Peer, stream: int, *, seconds: float = SECONDS) -> int:
    """Send on a stream as fast as the server lets us; returns how much."""
    sent, end = 0, time.monotonic() + seconds
    sender = peer.quic._streams[stream].sender
    while time.monotonic() < end and not peer.over:
        if sender._buffer_stop - sender._buffer_start < 128 * 1024 and sender._reset_error_code is None:
            peer.quic.send_stream_data(stream, b"x" * 32768)
            sent += 32768
            peer.transmit()
        await asyncio.sleep(0.001)
    return sent


async def test_server_keeps_its_memory_when_it_does_not_read(deaf: House) -> None:
    """The peer may send a window and no more."""
    before = deaf.memory()
    async with hostile(deaf.port) as peer:
        stream = await peer.open_chat()
        sent = await push(peer, stream)
        taken = peer.quic._streams[stream].sender._buffer_start
        assert 64 * 1024 < taken < MEBIBYTE / 2
        assert sent < MEBIBYTE
        assert deaf.memory() - before < MEBIBYTE
        await is_connected(deaf)


async def is_connected(house: House) -> None:
    """Check that an honest user can connect."""
    guest = await house.guest(connect_timeout=5.0)
    guest.link.abort()
    await guest.leaves()


async def test_server_keeps_its_memory_when_the_peer_does_not_read(echo: House) -> None:
    """What is sent back waits in a bounded buffer, and then the peer is not read any more."""
    before = echo.memory()
    async with hostile(echo.port, max_data=64 * 1024, max_stream_data=64 * 1024) as peer:
        peer.quic._write_connection_limits = lambda **_: None
        peer.quic._write_stream_limits = lambda **_: None
        stream = await peer.open_chat()
        sent = await push(peer, stream)
        assert sent < 2 * MEBIBYTE
        assert echo.memory() - before < MEBIBYTE
        await is_served(echo)


async def test_server_keeps_its_memory_when_a_peer_only_uploads(echo: House) -> None:
    """Acknowledgements that nobody acknowledges are forgotten."""
    async with opened("mute") as house:
        await house.warm_up()
        before = house.memory()
        async with hostile(house.port) as peer:
            sent = await push(peer, await peer.open_chat())
            assert sent > MEBIBYTE
            assert house.memory() - before < MEBIBYTE


async def test_extra_streams_are_refused_without_growth(echo: House) -> None:
    """Each is stopped, and who does not stop opening them is dropped."""
    before = echo.memory()
    async with hostile(echo.port) as peer:
        await peer.open_chat()
        opened_streams, end = 0, time.monotonic() + SECONDS
        while not peer.over and time.monotonic() < end:
            unidirectional = bool(opened_streams % 2)
            if not peer.quic._streams_blocked_bidi and not peer.quic._streams_blocked_uni:
                peer.h3.create_webtransport_stream(0, is_unidirectional=unidirectional)
                opened_streams += 1
                peer.transmit()
            await asyncio.sleep(0)
        assert peer.over
        assert 90 < opened_streams < 130
        assert peer.quic._close_event.reason_phrase == ""
    assert echo.memory() - before < MEBIBYTE
    await is_served(echo)


async def test_chat_goes_on_when_a_few_streams_are_refused(echo: House) -> None:
    """An extra stream costs nothing but itself."""
    async with hostile(echo.port) as peer:
        chat = await peer.open_chat()
        extra = peer.h3.create_webtransport_stream(0)
        peer.quic.send_stream_data(extra, b"y" * 10_000)
        peer.transmit()
        async with asyncio.timeout(5):
            while not peer.resets:
                await asyncio.sleep(0.01)
        before = peer.heard
        peer.quic.send_stream_data(chat, b"z" * 1000)
        peer.transmit()
        async with asyncio.timeout(5):
            while peer.heard - before < 1000:
                await asyncio.sleep(0.01)


async def test_peer_is_dropped_when_it_sends_with_holes(echo: House) -> None:
    """Every other byte of a window would cost megabytes."""
    before = echo.memory()
    async with hostile(echo.port) as peer:
        stream = await peer.open_chat()
        sender = peer.quic._streams[stream].sender
        peer.quic.send_stream_data(stream, b"w" * 60_000)
        sender._pending.subtract(0, 60_003)
        end = time.monotonic() + 10
        position = 10
        while not peer.over and time.monotonic() < end and position < 60_000:
            for _ in range(40):
                sender._pending.add(position, position + 1)
                position += 3
            sender.buffer_is_empty = False
            peer.transmit()
            await asyncio.sleep(0.001)
        assert peer.over
    assert echo.memory() - before < MEBIBYTE
    await is_served(echo)


async def test_head_that_never_ends_is_not_collected(echo: House) -> None:
    """A request gets 16 KiB, whatever size its frame announces."""
    before = echo.memory()
    async with hostile(echo.port) as peer:
        stream = peer.quic.get_next_available_stream_id()
        peer.quic.send_stream_data(stream, b"\x01" + encode_uint_var(2**30))
        await push(peer, stream, seconds=1.0)
        assert peer.quic._streams[stream].sender._buffer_start <= 20_000
    assert echo.memory() - before < MEBIBYTE


async def test_garbage_is_left_out(echo: House) -> None:
    """Random datagrams, long and short, make nothing and answer nothing."""
    before = echo.memory()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(("127.0.0.1", echo.port))
        sock.setblocking(False)
        for number in range(20_000):
            head = bytes([0xC0 | number & 0x3F]) if number % 2 else b""
            version = b"\x00\x00\x00\x01" if number % 4 == 1 else b""
            sock.send(head + version + os.urandom(number % 1400))
            if not number % 100:
                await asyncio.sleep(0.001)
        try:
            while True:
                assert sock.recv(65536)[1:5] == bytes(4), "an answer that is not version negotiation"
        except BlockingIOError:
            pass
    assert (await echo.state())["half_open"] == 0
    assert echo.memory() - before < MEBIBYTE
    await is_served(echo)


def first_packet() -> bytes:
    """Return a client's first datagram."""
    configuration = QuicConfiguration(is_client=True, alpn_protocols=["h3"], server_name="localhost")
    quic = QuicConnection(configuration=configuration)
    quic.connect(("127.0.0.1", 1), now=0.0)
    return quic.datagrams_to_send(now=0.0)[0][0]


async def test_spoofed_handshakes_get_three_bytes_for_one_and_bounded_room(echo: House) -> None:
    """From the 65th half-open one on, addresses have to be shown first; an honest user does that and is let in."""
    sent, heard, sockets = 0, 0, []
    try:
        packets = [first_packet() for _ in range(150)]
        for packet in packets:
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sockets.append(sock)
            sock.setblocking(False)
            sock.connect(("127.0.0.1", echo.port))
            sock.send(packet)
            sent += len(packet)
            await asyncio.sleep(0.002)
        assert (await echo.state())["half_open"] == 64
        await is_served(echo)
        await asyncio.sleep(1.5)  # in which the server sends again what was not acknowledged
        worst = 0.0
        for sock, packet in zip(sockets, packets, strict=True):
            got = 0
            while True:
                try:
                    got += len(sock.recv(65536))
                except BlockingIOError:
                    break
            worst = max(worst, got / len(packet))
            heard += got
        assert worst <= 3
        assert heard <= 3 * sent
    finally:
        for sock in sockets:
            sock.close()
    async with asyncio.timeout(10):
        while (await echo.state())["half_open"]:
            await asyncio.sleep(0.1)
