"""Servers over QUIC that fall silent, each a step further into the connection."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.asyncio.server import serve
from aioquic.buffer import Buffer
from aioquic.h3.connection import H3Connection
from aioquic.h3.events import HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ProtocolNegotiated, QuicEvent
from aioquic.quic.packet import encode_quic_retry, pull_quic_header

from tests.integration.test_certificate_names import certificate_for, write

STEPS = ["never answers", "asks for too much", "shakes hands only", "speaks HTTP/3 only", "never answers the login"]


class _Retry(asyncio.DatagramProtocol):
    """Has every first packet sent again, with a token that fills it: nothing else has room there."""

    _transport: asyncio.DatagramTransport

    def connection_made(self, transport: Any) -> None:
        """Begin."""
        self._transport = transport

    def datagram_received(self, data: bytes | str, address: Any) -> None:
        """Ask for that."""
        first = pull_quic_header(Buffer(data=data), host_cid_length=8)
        again = encode_quic_retry(
            version=first.version,
            source_cid=bytes(8),
            destination_cid=first.source_cid,
            original_destination_cid=first.destination_cid,
            retry_token=bytes(1200),
        )
        self._transport.sendto(again, address)


class _Handshake(QuicConnectionProtocol):
    """Takes what comes."""

    def quic_event_received(self, event: QuicEvent) -> None:
        """Say nothing."""


class _Settings(QuicConnectionProtocol):
    """Says what it can, and nothing to any request."""

    _h3: H3Connection

    def quic_event_received(self, event: QuicEvent) -> None:
        """Speak HTTP/3."""
        if isinstance(event, ProtocolNegotiated):
            self._h3 = H3Connection(self._quic, enable_webtransport=True)
            self.transmit()
        for heard in self._h3.handle_event(event):
            if isinstance(heard, HeadersReceived):
                self._asked(heard.stream_id)

    def _asked(self, stream: int) -> None:
        """Say nothing."""


class _Session(_Settings):
    """Opens the session, and listens."""

    def _asked(self, stream: int) -> None:
        self._h3.send_headers(stream, [(b":status", b"200"), (b"sec-webtransport-http3-draft", b"draft02")])
        self.transmit()


_PROTOCOLS: dict[str, Callable[..., Any]] = {
    "shakes hands only": _Handshake,
    "speaks HTTP/3 only": _Settings,
    "never answers the login": _Session,
}


@asynccontextmanager
async def mute(step: str, folder: Path) -> AsyncIterator[str]:
    """Give the address of such a server."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
        if step == "never answers":
            yield f"quic://127.0.0.1:{port}"
            return
    if step == "asks for too much":
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(_Retry, local_addr=("127.0.0.1", port))
        try:
            yield f"quic://127.0.0.1:{port}"
        finally:
            transport.close()
        return
    files = write(certificate_for(("127.0.0.1",)), folder)
    configuration = QuicConfiguration(is_client=False, alpn_protocols=["h3"], max_datagram_frame_size=65536)
    configuration.load_cert_chain(files["tls_cert"], files["tls_key"])
    server = await serve("127.0.0.1", port, configuration=configuration, create_protocol=_PROTOCOLS[step])
    try:
        yield f"quic://127.0.0.1:{port}"
    finally:
        server.close()
