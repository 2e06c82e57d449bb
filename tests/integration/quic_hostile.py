"""Peers that keep no rules, made of aioquic's bare parts."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aioquic.asyncio.client import connect
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3Connection
from aioquic.h3.events import HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ConnectionTerminated, QuicEvent, StopSendingReceived, StreamDataReceived, StreamReset

from tests.patience import PATIENCE


class Peer(QuicConnectionProtocol):
    """A client that says what the test wants."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.h3 = H3Connection(self._quic, enable_webtransport=True)
        self.quic: Any = self._quic
        self.statuses: dict[int, str] = {}
        self.resets = 0
        self.codes: dict[int, set[int]] = {}
        """With which codes each stream was reset or refused."""
        self.heard = 0
        self.bytes: dict[int, bytes] = {}
        """What came on each stream."""
        self.ended: ConnectionTerminated | None = None
        self.news = asyncio.Event()

    def quic_event_received(self, event: QuicEvent) -> None:
        """Take everything down."""
        if isinstance(event, StreamReset | StopSendingReceived):
            self.resets += isinstance(event, StreamReset)
            self.codes.setdefault(event.stream_id, set()).add(event.error_code)
        elif isinstance(event, ConnectionTerminated):
            self.ended = event
        elif isinstance(event, StreamDataReceived):
            self.heard += len(event.data)
            self.bytes[event.stream_id] = (self.bytes.get(event.stream_id, b"") + event.data)[:4096]
        for result in self.h3.handle_event(event):
            if isinstance(result, HeadersReceived):
                self.statuses[result.stream_id] = dict(result.headers)[b":status"].decode()
        self.news.set()

    @property
    def over(self) -> bool:
        """True once the connection ends."""
        return self.quic._close_event is not None

    async def ask(self, **changes: str | None) -> str:
        """Send a request like a session's, with changed fields; returns the status."""
        fields = {
            ":method": "CONNECT",
            ":protocol": "webtransport",
            ":scheme": "https",
            ":authority": "127.0.0.1:8765",
            ":path": "/chat",
        } | {name.replace("__", ":").replace("_", "-"): value for name, value in changes.items()}
        stream = self.quic.get_next_available_stream_id()
        headers = [(name.encode(), value.encode()) for name, value in fields.items() if value is not None]
        self.h3.send_headers(stream, headers)
        self.transmit()
        async with asyncio.timeout(PATIENCE):
            while stream not in self.statuses:
                self.news.clear()
                await self.news.wait()
        return self.statuses[stream]

    async def open_chat(self) -> int:
        """Open a session and its stream; returns the stream's number."""
        session = self.quic.get_next_available_stream_id()
        assert await self.ask() == "200"
        stream = self.h3.create_webtransport_stream(session)
        self.transmit()
        return stream

    async def open_stream(self, session: int, *, unidirectional: bool = False) -> int:
        """Open another stream, with something on it, and wait until it is refused; returns its number."""
        stream = self.h3.create_webtransport_stream(session, is_unidirectional=unidirectional)
        self.quic.send_stream_data(stream, b"hello")
        self.transmit()
        async with asyncio.timeout(PATIENCE):
            while stream not in self.codes and not self.over:
                self.news.clear()
                await self.news.wait()
        return stream


@asynccontextmanager
async def hostile(port: int, **changes: Any) -> AsyncIterator[Peer]:
    """Connect to a server of ours, without looking at its certificate."""
    configuration = QuicConfiguration(
        is_client=True,
        alpn_protocols=["h3"],
        verify_mode=ssl.CERT_NONE,
        max_datagram_frame_size=65536,
        server_name="localhost",
        **changes,
    )
    async with connect("127.0.0.1", port, configuration=configuration, create_protocol=Peer) as peer:
        assert isinstance(peer, Peer)
        yield peer
