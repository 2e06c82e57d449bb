"""The attacks over QUIC: on the chat, and on the transport below it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import socket
import time
from collections.abc import Awaitable, Callable, Iterator

from aioquic.quic.connection import QuicConnection
from aioquic.quic.packet import QuicFrameType
from aioquic.quic.packet_builder import QuicPacketBuilder

from attackers.quic_user import ENOUGH, Link, QuicUser, configuration, reach
from attackers.users import Place, attack, crowd, everybody_floods


@attack("history over quic from 10 connections")
async def _history(place: Place) -> None:
    async with crowd(place, 10, sources=2, kind=QuicUser) as users:
        for user in users:
            await user.enter("attacked")
        for cid in range(1, 201):
            users[0].send(type="send_message", text="short", cid=cid)
        await everybody_floods(users, place, {"type": "history", "room": "attacked", "limit": 200})


@attack("20 who do not read over quic, in a room where ten say much", memory=60.0)
async def _deaf(place: Place) -> None:
    async with crowd(place, 10, sources=2) as users:
        await asyncio.gather(*(user.enter("attacked") for user in users))
        async with contextlib.AsyncExitStack() as stack:
            for number in range(20):
                deaf = QuicUser(place, f"deaf{number}", source="127.0.0.3", deaf=True)
                await (await stack.enter_async_context(deaf)).enter("attacked")
            # The log of the room may grow to 32 MiB; what is looked for would be twenty times as much as it.
            await everybody_floods(users, place, {"type": "send_message", "text": "x" * 200})


@attack("login and close over quic, again and again")
async def _login_and_close(place: Place) -> None:
    over = time.monotonic() + place.seconds
    names = itertools.count()

    async def loop() -> None:
        while time.monotonic() < over:
            with contextlib.suppress(OSError, EOFError, TimeoutError):
                async with QuicUser(place, f"sq{next(names)}", source="127.0.0.2"):
                    pass

    await asyncio.gather(*(loop() for _ in range(4)))


async def _in_four_places(place: Place, run: Callable[[Place, str], Awaitable[None]]) -> None:
    """Attack from as many addresses; whoever is thrown out comes again."""

    async def again_and_again(source: str) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(place.seconds):
                while True:
                    with contextlib.suppress(OSError):
                        await run(place, source)
                    await asyncio.sleep(0)

    await asyncio.gather(*(again_and_again(f"127.0.0.{2 + number}") for number in range(4)))


@attack("streams by the thousand over quic")
async def _streams(place: Place) -> None:
    over = time.monotonic() + place.seconds

    async def open_many(source: str) -> None:
        link = await reach(place, source)
        try:
            for number in itertools.count():
                while link.quic._streams_blocked_bidi or link.quic._streams_blocked_uni:
                    await link.wait()
                link.h3.create_webtransport_stream(link.session, is_unidirectional=bool(number % 2))
                link.transmit()
                await asyncio.sleep(0)
                if link.over or time.monotonic() > over:
                    return
        finally:
            link.leave()

    await _in_four_places(place, lambda _place, source: open_many(source))


@contextlib.contextmanager
def _sockets(place: Place, sources: int) -> Iterator[list[socket.socket]]:
    """Give sockets of as many addresses, each connected to the server."""
    with contextlib.ExitStack() as stack:
        sockets = []
        for number in range(sources):
            sock = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            sock.bind((f"127.0.0.{2 + number}", 0))
            sock.connect((place.host, place.ports["quic"]))
            sock.setblocking(False)
            sockets.append(sock)
        yield sockets


def _throw(sock: socket.socket, packet: bytes) -> None:
    """Send a datagram, and leave out whatever was answered before."""
    with contextlib.suppress(OSError):
        sock.send(packet)
    with contextlib.suppress(OSError):
        while sock.recv(65536):
            pass


@attack("garbage datagrams to quic")
async def _garbage(place: Place) -> None:
    over = time.monotonic() + place.seconds
    heads = (b"", b"\x40", b"\xc0", b"\xc0\x00\x00\x00\x01", b"\xc0\x00\x00\x00\x01\x08", b"\xf0\x6b\x33\x43\xcf")
    with _sockets(place, 16) as sockets:
        for number in itertools.count():
            _throw(sockets[number % 16], heads[number % len(heads)] + os.urandom(number % 1400))
            if time.monotonic() > over:
                return


def _first_packet() -> bytes:
    """Return what a client says first."""
    quic = QuicConnection(configuration=configuration())
    quic.connect(("127.0.0.1", 1), now=0.0)
    return quic.datagrams_to_send(now=0.0)[0][0]


@attack("handshakes over quic that stop half way")
async def _half_way(place: Place) -> None:
    over = time.monotonic() + place.seconds
    with _sockets(place, 16) as sockets:
        for sock in itertools.cycle(sockets):
            _throw(sock, _first_packet())
            if time.monotonic() > over:
                return


@attack("first packets to quic that nothing can be made of")
async def _first_packets(place: Place) -> None:
    over = time.monotonic() + place.seconds
    with _sockets(place, 16) as sockets:
        packet = _first_packet()
        for sock in itertools.cycle(sockets):
            _throw(sock, packet[:6] + os.urandom(8) + packet[14:])  # for another name: not to be decrypted
            if time.monotonic() > over:
                return


def _frames(name: str, frames: bytes | Callable[[int], bytes]) -> None:
    """Attack with packets full of small frames (RFC 9000, section 19): few bytes that take long to look at."""

    async def flood(place: Place, source: str) -> None:
        link = await reach(place, source)
        stream = link.open_stream()[0]
        some = frames if isinstance(frames, bytes) else frames(stream)

        def many(builder: QuicPacketBuilder, *_: object, **_more: object) -> None:
            buffer = builder.start_frame(QuicFrameType.PING, capacity=1)
            room = min(builder.remaining_buffer_space, builder.remaining_flight_space)
            buffer.push_bytes(some * (room // len(some)))

        link.quic._write_ping_frame = many
        try:
            for number in itertools.count():
                link.quic.send_ping(number)
                link.transmit()
                await asyncio.sleep(0 if number % 8 else 0.001)
                if link.over:
                    return
        finally:
            link.leave()

    @attack(f"packets over quic, full of {name}")
    async def _run(place: Place) -> None:
        await _in_four_places(place, flood)


_frames("pings", b"\x01")
_frames("padding between pings", b"\x00\x01")
_frames("limits", b"\x10\x3f")
_frames("empty datagrams", b"\x31\x00")
_frames("questions about the path", b"\x1a" + bytes(8))
_frames("empty stream frames", lambda stream: bytes((0x0A, stream, 0)))
_frames("acknowledgements", b"\x02\x01\x00\x00\x00")
_frames("complaints about limits", b"\x14\x3f")


def _h3_frames(name: str, frames: bytes, stream_of: Callable[[Link], int]) -> None:
    """Attack with small frames of HTTP/3 (RFC 9114, section 7.2)."""

    async def flood(place: Place, source: str) -> None:
        link = await reach(place, source)
        stream = stream_of(link)
        try:
            while not link.over:
                link.quic.send_stream_data(stream, frames * (16384 // len(frames)))
                link.transmit()
                sender = link.quic._streams[stream].sender
                while sender._buffer_stop - sender._buffer_start > ENOUGH and not link.over:
                    await link.wait()
                await asyncio.sleep(0)
        finally:
            link.leave()

    @attack(f"streams over quic, full of {name}")
    async def _run(place: Place) -> None:
        await _in_four_places(place, flood)


_h3_frames("frames that nobody knows", b"\x21\x00", lambda link: int(link.h3._local_control_stream_id))
_h3_frames("empty data of the session", b"\x00\x00", lambda link: link.session)
_h3_frames("instructions for headers", b"\x20", lambda link: int(link.h3._local_encoder_stream_id))
