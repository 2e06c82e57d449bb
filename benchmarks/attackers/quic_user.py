"""A user over QUIC, made of aioquic's bare parts: WebTransport, and one frame a line on its stream."""

from __future__ import annotations

import asyncio
import json
import ssl
from typing import Any, Final

from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3Connection
from aioquic.h3.events import HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection
from aioquic.quic.events import ConnectionTerminated, QuicEvent, StreamDataReceived

from attackers.users import PATIENCE, Place, User

ENOUGH: Final = 64 * 1024
"""How many bytes wait on a stream before a user says no more, and what a user who does not read takes."""


class Link(QuicConnectionProtocol):
    """A client's connection, which looks at no certificate."""

    def __init__(self, *, deaf: bool = False) -> None:
        super().__init__(QuicConnection(configuration=configuration(deaf=deaf)))
        self.quic: Any = self._quic
        if deaf:  # it never allows the server more than it did at first
            self.quic._write_connection_limits = self.quic._write_stream_limits = lambda **_: None
        self.h3 = H3Connection(self._quic, enable_webtransport=True)
        self.news = asyncio.Event()
        self.session = 0
        self._answered = False

    @property
    def over(self) -> bool:
        """True once the connection ends."""
        return self.quic._close_event is not None

    async def wait(self) -> None:
        """Wait until something has come; raises `ConnectionError` when the connection is over."""
        if self.over:
            raise ConnectionResetError
        self.news.clear()
        await self.news.wait()

    def datagram_received(self, data: bytes | str, addr: Any) -> None:
        """Take a datagram."""
        super().datagram_received(data, addr)
        self.news.set()

    def quic_event_received(self, event: QuicEvent) -> None:
        """Take an event."""
        if isinstance(event, StreamDataReceived) and event.stream_id in self._stream_readers:
            super().quic_event_received(event)
        elif isinstance(event, ConnectionTerminated):
            super().quic_event_received(event)
            self.news.set()
        else:
            self._answered |= any(isinstance(result, HeadersReceived) for result in self.h3.handle_event(event))

    async def open_session(self) -> None:
        """Ask for a session, and wait until there is an answer."""
        head = {":method": "CONNECT", ":protocol": "webtransport", ":scheme": "https", ":authority": "localhost"}
        self.session = self._quic.get_next_available_stream_id()
        fields = [(name.encode(), value.encode()) for name, value in {**head, ":path": "/chat"}.items()]
        self.h3.send_headers(self.session, fields)
        self.transmit()
        while not self._answered:
            await self.wait()

    def open_stream(self) -> tuple[int, asyncio.StreamReader, asyncio.StreamWriter]:
        """Open the stream of the chat."""
        stream = self.h3.create_webtransport_stream(self.session)
        return stream, *self._create_stream(stream)

    def leave(self) -> None:
        """End the connection at once."""
        self.close()
        if self._timer is not None:
            self._timer.cancel()
        if self._transport is not None:
            self._transport.close()


def configuration(*, deaf: bool = False) -> QuicConfiguration:
    """Return the settings of a client."""
    settings = QuicConfiguration(
        is_client=True,
        alpn_protocols=["h3"],
        max_datagram_frame_size=65536,
        server_name="localhost",
        verify_mode=ssl.CERT_NONE,
    )
    if deaf:
        settings.max_data = settings.max_stream_data = ENOUGH
    return settings


async def reach(place: Place, source: str, *, deaf: bool = False) -> Link:
    """Return a connection with a session; raises `OSError` when there is none."""
    loop = asyncio.get_running_loop()
    _transport, link = await loop.create_datagram_endpoint(lambda: Link(deaf=deaf), local_addr=(source, 0))
    try:
        async with asyncio.timeout(PATIENCE):
            link.connect((place.host, place.ports["quic"]))
            await link.wait_connected()
            await link.open_session()
    except BaseException:
        link.leave()
        raise
    return link


class QuicUser(User):
    """One WebTransport connection that speaks the native protocol. One that is `deaf` takes 64 KiB and no more."""

    def __init__(self, place: Place, name: str | None, *, source: str = "127.0.0.1", deaf: bool = False) -> None:
        super().__init__(place, name, source=source)
        self._deaf = deaf
        self._stream = 0
        self.link: Link

    async def connect(self) -> None:
        """Connect, and open the stream."""
        self.link = await reach(self._place, self._source, deaf=self._deaf)
        self._stream, self.reader, self.writer = self.link.open_stream()

    def leave(self) -> None:
        """Drop the connection, if there is one."""
        if hasattr(self, "link"):
            self.link.leave()

    def as_message(self, **frame: Any) -> bytes:
        """Return a frame as it goes out: a line."""
        return json.dumps(frame).encode() + b"\n"

    async def drain(self) -> None:
        """Wait until more is taken."""
        sender = self.link.quic._streams[self._stream].sender
        while sender._buffer_stop - sender._buffer_start > ENOUGH or self.link.over:
            await self.link.wait()

    async def hear(self) -> bytes:
        """Return the next frame as it came."""
        return await self.reader.readuntil()
