"""Hostile peers: what they cost stays bounded, and others are not bothered. The server is a process of its own."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from aioquic.buffer import encode_uint_var
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection, QuicConnectionId
from aioquic.quic.packet import QuicErrorCode, QuicFrameType
from aioquic.quic.packet_builder import QuicPacketBuilder

from chatcore_quic.h3 import GONE, REJECTED, ErrorCode, application_code
from tests.integration.quic_hostile import Peer, hostile
from tests.integration.quic_house import House, opened
from tests.patience import PATIENCE
from tests.stopwatch import Stopwatch

# One server for many of them, warm, so that what is measured is what a peer costs.
pytestmark = pytest.mark.asyncio(loop_scope="module")

MEBIBYTE = 2**20
STREAMS = 20_000
FLOODS = pytest.mark.parametrize("seconds", [1.0, pytest.param(30.0, marks=pytest.mark.slow)])
"""How long a flood lasts."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def echo() -> AsyncIterator[House]:
    """Run a server that sends everything back."""
    async with opened("echo") as house:
        await house.warm_up()
        yield house


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def deaf() -> AsyncIterator[House]:
    """Run a server whose users do not read."""
    async with opened("deaf") as house:
        await house.warm_up()
        yield house


async def is_served(house: House) -> None:
    """Check that an honest user gets an answer soon."""
    guest = await house.guest(connect_timeout=PATIENCE)
    stopwatch = Stopwatch(house.process.pid)
    guest.say(b"still there?")
    await guest.heard(b"still there?")
    assert stopwatch.seconds < 1
    guest.link.abort()
    await guest.leaves()


async def push(peer: Peer, stream: int, *, seconds: float, least: int = 0) -> int:
    """Send on a stream as fast as the server lets us, so long and so much at least; returns how much."""
    sent, end = 0, time.monotonic() + seconds
    sender = peer.quic._streams[stream].sender
    while (time.monotonic() < end or sent < least) and not peer.over:
        if sender._buffer_stop - sender._buffer_start < 128 * 1024 and sender._reset_error_code is None:
            peer.quic.send_stream_data(stream, b"x" * 32768)
            sent += 32768
            peer.transmit()
        await asyncio.sleep(0.001)
    return sent


@FLOODS
async def test_server_keeps_its_memory_when_it_does_not_read(deaf: House, seconds: float) -> None:
    """The peer may send a window and no more."""
    before = deaf.memory()
    async with hostile(deaf.port) as peer:
        stream = await peer.open_chat()
        sent = await push(peer, stream, seconds=seconds)
        taken = peer.quic._streams[stream].sender._buffer_start
        assert 64 * 1024 < taken < MEBIBYTE / 2
        assert sent < MEBIBYTE
        assert deaf.memory() - before < MEBIBYTE
        await is_connected(deaf)


async def is_connected(house: House) -> None:
    """Check that an honest user can connect."""
    guest = await house.guest(connect_timeout=PATIENCE)
    guest.link.abort()
    await guest.leaves()


@FLOODS
async def test_server_keeps_its_memory_when_the_peer_does_not_read(echo: House, seconds: float) -> None:
    """What is sent back waits in a bounded buffer, and then the peer is not read any more."""
    before = echo.memory()
    async with hostile(echo.port, max_data=64 * 1024, max_stream_data=64 * 1024) as peer:
        peer.quic._write_connection_limits = lambda **_: None
        peer.quic._write_stream_limits = lambda **_: None
        stream = await peer.open_chat()
        sent = await push(peer, stream, seconds=seconds)
        assert sent < 2 * MEBIBYTE
        assert echo.memory() - before < MEBIBYTE
        await is_served(echo)


@FLOODS
async def test_server_keeps_its_memory_when_a_peer_only_uploads(seconds: float) -> None:
    """Acknowledgements that nobody acknowledges are forgotten."""
    async with opened("mute") as house:
        await house.warm_up()
        before = house.memory()
        async with hostile(house.port) as peer:
            async with asyncio.timeout(seconds + PATIENCE):
                await push(peer, await peer.open_chat(), seconds=seconds, least=2 * MEBIBYTE)
            assert not peer.over
            assert house.memory() - before < MEBIBYTE


async def open_streams(peer: Peer, most: int) -> int:
    """Open streams that nobody wants until the server has enough of that; returns how many."""
    opened_streams = 0
    async with asyncio.timeout(PATIENCE):
        while not peer.over and opened_streams < most:
            if not peer.quic._streams_blocked_bidi and not peer.quic._streams_blocked_uni:
                peer.h3.create_webtransport_stream(0, is_unidirectional=bool(opened_streams % 2))
                opened_streams += 1
                peer.transmit()
            await asyncio.sleep(0)
    return opened_streams


async def test_extra_streams_are_refused_without_growth(echo: House) -> None:
    """Each is stopped, and who does not stop opening them is dropped."""
    before = echo.memory()
    async with hostile(echo.port) as peer:
        await peer.open_chat()
        assert 90 < await open_streams(peer, STREAMS) < 130
        assert peer.over
        assert peer.quic._close_event.reason_phrase == ""
    assert echo.memory() - before < MEBIBYTE
    await is_served(echo)


@pytest.mark.slow
async def test_twenty_thousand_streams_cost_no_more_than_a_hundred(echo: House) -> None:
    """A peer that is dropped and comes back again and again leaves its last words, for 20 s: some 8 KiB each time."""
    before, count, peers = echo.memory(), 0, 0
    while count < STREAMS:
        async with hostile(echo.port) as peer:
            await peer.open_chat()
            count += await open_streams(peer, STREAMS)
            peers += 1
    grown = echo.memory() - before
    print(f"{count} streams of {peers} connections, {grown / 1024:.0f} KiB")
    assert grown < peers * 16 * 1024
    await is_served(echo)


async def test_peer_is_dropped_when_it_opens_streams_that_it_may_not(echo: House) -> None:
    """The last of twenty thousand means all those before it: that is the end of the connection."""
    before = echo.memory()
    async with hostile(echo.port) as peer:
        await peer.open_chat()
        peer.quic._remote_max_streams_bidi = peer.quic._remote_max_data = 2**40
        peer.quic._remote_max_stream_data_bidi_remote = 2**20
        peer.quic._local_next_stream_id_bidi = 4 * STREAMS
        peer.quic.send_stream_data(peer.quic.get_next_available_stream_id(), b"mine")
        peer.transmit()
        async with asyncio.timeout(PATIENCE):
            while not peer.over:
                await asyncio.sleep(0.01)
        assert peer.quic._close_event.error_code == QuicErrorCode.STREAM_LIMIT_ERROR
    assert echo.memory() - before < MEBIBYTE
    await is_served(echo)


async def test_chat_goes_on_when_a_few_streams_are_refused(echo: House) -> None:
    """An extra stream costs nothing but itself."""
    async with hostile(echo.port) as peer:
        chat = await peer.open_chat()
        extra = peer.h3.create_webtransport_stream(0)
        peer.quic.send_stream_data(extra, b"y" * 10_000)
        peer.transmit()
        async with asyncio.timeout(PATIENCE):
            while not peer.resets:
                await asyncio.sleep(0.01)
        before = peer.heard
        peer.quic.send_stream_data(chat, b"z" * 1000)
        peer.transmit()
        async with asyncio.timeout(PATIENCE):
            while peer.heard - before < 1000:
                await asyncio.sleep(0.01)


@pytest.mark.parametrize("unidirectional", [False, True])
async def test_extra_streams_are_refused_with_the_codes_of_webtransport(echo: House, unidirectional: bool) -> None:
    """A foreign stack takes a wrong one for the end of the session (draft-ietf-webtrans-http3)."""
    async with hostile(echo.port) as peer:
        early = await peer.open_stream(400, unidirectional=unidirectional)
        assert peer.codes[early] == {REJECTED}
        session = peer.quic.get_next_available_stream_id()
        chat = await peer.open_chat()
        peer.quic.send_datagram_frame(b"\0hello")
        extra = await peer.open_stream(session, unidirectional=unidirectional)
        assert peer.codes[extra] == {application_code(1008)}
        for unknown in (session + 400, session + 4):
            other = await peer.open_stream(unknown, unidirectional=unidirectional)
            assert peer.codes[other] == {REJECTED}
        peer.quic.send_stream_data(chat, b"still there")
        peer.transmit()
        async with asyncio.timeout(PATIENCE):
            while not peer.bytes.get(chat, b"").endswith(b"still there"):
                peer.news.clear()
                await peer.news.wait()
        peer.quic.send_stream_data(session, b"", end_stream=True)
        late = await peer.open_stream(session, unidirectional=unidirectional)
        assert peer.codes[late] == {GONE}
    await is_served(echo)


async def test_stream_of_a_session_that_cannot_be_ends_the_connection(echo: House) -> None:
    """No request has such a number."""
    async with hostile(echo.port) as peer:
        await peer.open_chat()
        await peer.open_stream(2)
        assert peer.quic._close_event.error_code == ErrorCode.H3_ID_ERROR
    await is_served(echo)


async def test_peer_is_dropped_when_it_sends_with_holes(echo: House) -> None:
    """Every other byte of a window would cost megabytes."""
    before = echo.memory()
    async with hostile(echo.port) as peer:
        stream = await peer.open_chat()
        sender = peer.quic._streams[stream].sender
        peer.quic.send_stream_data(stream, b"w" * 60_000)
        sender._pending.subtract(0, 60_003)
        position = 10
        while not peer.over and position < 60_000:
            for _ in range(40):
                sender._pending.add(position, position + 1)
                position += 3
            sender.buffer_is_empty = False
            peer.transmit()
            await asyncio.sleep(0.001)
        async with asyncio.timeout(PATIENCE):
            while not peer.over:
                peer.transmit()
                await asyncio.sleep(0.01)
    assert echo.memory() - before < MEBIBYTE
    await is_served(echo)


async def test_challenges_without_end_cost_nothing_that_stays(echo: House) -> None:
    """Each is answered, and forgotten (RFC 9000, section 8.2)."""
    before = echo.memory()
    async with hostile(echo.port) as peer:
        stream = await peer.open_chat()
        path = peer.quic._network_paths[0]
        for _ in range(500):
            path.is_validated = path.local_challenge_sent = False
            path.bytes_received = 2**40
            path.local_challenges.clear()
            peer.transmit()
            path.is_validated, path.validation_deadline = True, None
            await asyncio.sleep(0)
        assert echo.memory() - before < MEBIBYTE
        heard = peer.heard
        peer.quic.send_stream_data(stream, b"still here")
        peer.transmit()
        async with asyncio.timeout(PATIENCE):
            while peer.heard == heard:
                await asyncio.sleep(0.01)


def send_many(peer: Peer, stream: int, frame: bytes, count: int) -> None:
    """Send a packet with a ping, the same frame so many times, and a word."""

    def write(builder: QuicPacketBuilder, *_: object, **_more: object) -> None:
        buffer = builder.start_frame(QuicFrameType.PING, capacity=1)
        buffer.push_bytes(frame * count)

    peer.quic._write_ping_frame = write
    peer.quic.send_ping(1)
    peer.quic.send_stream_data(stream, b"still here?")
    peer.transmit()


@pytest.mark.parametrize(
    "frame",
    [b"\x01", b"\x00\x01", b"\x10\x3f", b"\x31\x00", b"\x02\x00\x00\x00\x00", b"\x14\x3f"],
    ids=["ping", "padding", "limit", "datagram", "acknowledgement", "complaint"],
)
async def test_peer_is_dropped_when_a_packet_is_full_of_small_frames(echo: House, frame: bytes) -> None:
    """Fifty are not many; a thousand take the server as long as a hundred packets."""
    async with hostile(echo.port) as peer:
        stream = await peer.open_chat()
        heard = peer.heard
        send_many(peer, stream, frame, 25)
        async with asyncio.timeout(PATIENCE):
            while peer.heard == heard:
                await asyncio.sleep(0.01)
        assert not peer.over
        send_many(peer, stream, frame, 100)
        async with asyncio.timeout(PATIENCE):
            while not peer.over:
                await asyncio.sleep(0.01)
        assert peer.quic._close_event.reason_phrase == "too many frames in a packet"
    await is_served(echo)


async def test_peer_is_dropped_when_it_gives_itself_too_many_names(echo: House) -> None:
    """The server keeps eight of them (RFC 9000, section 5.1.1)."""
    before = echo.memory()
    async with hostile(echo.port) as peer:
        await peer.open_chat()
        for number in range(1000):
            peer.quic._host_cids.append(QuicConnectionId(os.urandom(8), 100 + number, os.urandom(16)))
        peer.transmit()
        async with asyncio.timeout(PATIENCE):
            while not peer.over:
                await asyncio.sleep(0.01)
        assert peer.quic._close_event.error_code == QuicErrorCode.CONNECTION_ID_LIMIT_ERROR
    assert echo.memory() - before < MEBIBYTE
    await is_served(echo)


async def test_head_that_never_ends_is_not_collected(echo: House) -> None:
    """A request gets 16 KiB, whatever size its frame announces."""
    before = echo.memory()
    async with hostile(echo.port) as peer:
        stream = peer.quic.get_next_available_stream_id()
        peer.quic.send_stream_data(stream, b"\x01" + encode_uint_var(2**30))
        await push(peer, stream, seconds=0.5)
        assert peer.quic._streams[stream].sender._buffer_start <= 20_000
    assert echo.memory() - before < MEBIBYTE


async def test_garbage_gets_less_than_it_brings(echo: House) -> None:
    """Random datagrams, long and short, make nothing; the answers are version negotiation and a few resets."""
    before, sent, heard, resets = echo.memory(), 0, 0, 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(("127.0.0.1", echo.port))
        sock.setblocking(False)
        for number in range(20_000):
            head = bytes([0xC0 | number & 0x3F]) if number % 2 else b""
            version = b"\x00\x00\x00\x01" if number % 4 == 1 else b""
            packet = head + version + os.urandom(number % 1400)
            sock.send(packet)
            sent += len(packet)
            if not number % 100:
                await asyncio.sleep(0.001)
                for answer in answers(sock):
                    heard += len(answer)
                    resets += not answer[0] & 0x80
                    assert len(answer) <= 42 or answer[1:5] == bytes(4)
        assert 0 < resets < 10_000
        assert heard < sent / 10
    assert (await echo.state())["half_open"] == 0
    assert echo.memory() - before < MEBIBYTE
    await is_served(echo)


def answers(sock: socket.socket) -> Iterator[bytes]:
    """Give what has come."""
    while True:
        try:
            yield sock.recv(65536)
        except BlockingIOError:
            return


def first_packet() -> bytes:
    """Return a client's first datagram."""
    configuration = QuicConfiguration(is_client=True, alpn_protocols=["h3"], server_name="localhost")
    quic = QuicConnection(configuration=configuration)
    quic.connect(("127.0.0.1", 1), now=0.0)
    return quic.datagrams_to_send(now=0.0)[0][0]


async def is_flooded(house: House, packet: bytes) -> None:
    """Send many first packets, each with another name for the connection: each is told to show its address."""
    before, sent, heard = house.memory(), 0, 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(("127.0.0.1", house.port))
        sock.setblocking(False)
        for number in range(2000):
            sent += sock.send(packet[:6] + os.urandom(8) + packet[14:])
            if not number % 20:
                await asyncio.sleep(0.001)
                heard += sum(map(len, answers(sock)))
    assert 0 < heard < sent / 3
    assert house.memory() - before < MEBIBYTE


async def test_first_packets_that_cannot_be_read_are_asked_for_a_proof_of_their_address(echo: House) -> None:
    """To try it costs twenty times as much, so it is tried with a few in a second. An honest user is let in."""
    packet, retries = first_packet(), 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(("127.0.0.1", echo.port))
        sock.setblocking(False)
        async with asyncio.timeout(PATIENCE):
            while not retries:
                for _ in range(20):
                    sock.send(packet[:6] + os.urandom(8) + packet[14:])
                await asyncio.sleep(0.001)
                retries += sum(answer[0] & 0xF0 == 0xF0 for answer in answers(sock))
        assert (await echo.state())["half_open"] == 0
    await is_served(echo)


async def test_spoofed_handshakes_get_three_bytes_for_one_and_bounded_room() -> None:
    """From the 65th half-open one on, addresses have to be shown first; an honest user does that and is let in."""
    sockets = []
    try:
        async with opened("echo", handshake_timeout=PATIENCE) as house:
            await house.warm_up()
            packets = [first_packet() for _ in range(100)]
            for packet in packets:
                sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                sockets.append(sock)
                sock.setblocking(False)
                sock.connect(("127.0.0.1", house.port))
                sock.send(packet)
            async with asyncio.timeout(PATIENCE):
                while (await house.state())["half_open"] < 64:
                    await asyncio.sleep(0.01)
            await is_flooded(house, packets[0])
            assert (await house.state())["half_open"] <= 64
            await is_served(house)
            async with asyncio.timeout(PATIENCE):  # the server sends again what was not acknowledged, and gives up
                while (await house.state("later"))["half_open"]:
                    await asyncio.sleep(0)
            for sock, packet in zip(sockets, packets, strict=True):
                assert 0 < sum(map(len, answers(sock))) <= 3 * len(packet)
    finally:
        for sock in sockets:
            sock.close()
