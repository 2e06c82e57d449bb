"""The plain aioquic way to bring every line to everybody: `python quic_bare.py`. Prints its port.

aioquic's own asyncio server, a WebTransport session and one stream per client, and for each line and client one
`send_stream_data` and one `transmit`. No chat, no names, no history, no limits. The first line of a client is sent
back to it alone: that is its login.
"""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.asyncio.server import serve
from aioquic.h3.connection import H3Connection
from aioquic.h3.events import HeadersReceived, WebTransportStreamDataReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ConnectionTerminated, ProtocolNegotiated, QuicEvent

MEMBERS: dict[QuicConnectionProtocol, int] = {}
"""Who is there, and the stream to each."""


class Bare(QuicConnectionProtocol):
    """One client."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.h3: H3Connection
        self.rest = b""

    def quic_event_received(self, event: QuicEvent) -> None:
        """Take an event."""
        if isinstance(event, ProtocolNegotiated):
            self.h3 = H3Connection(self._quic, enable_webtransport=True)
        elif isinstance(event, ConnectionTerminated):
            MEMBERS.pop(self, None)
            return
        for result in self.h3.handle_event(event):
            if isinstance(result, HeadersReceived):
                self.h3.send_headers(result.stream_id, [(b":status", b"200")])
            elif isinstance(result, WebTransportStreamDataReceived):
                self.read(result.stream_id, result.data)

    def read(self, stream: int, data: bytes) -> None:
        """Take data of the stream."""
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            if self not in MEMBERS:
                MEMBERS[self] = stream
                self._quic.send_stream_data(stream, line + b"\n")
            else:
                for member, its_stream in MEMBERS.items():
                    member._quic.send_stream_data(its_stream, line + b"\n")
                    member.transmit()


async def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("cert")
    parser.add_argument("key")
    options = parser.parse_args()
    configuration = QuicConfiguration(is_client=False, alpn_protocols=["h3"], max_datagram_frame_size=65536)
    configuration.load_cert_chain(options.cert, options.key)
    server = await serve("127.0.0.1", 0, configuration=configuration, create_protocol=Bare)
    assert server._transport is not None
    print(f"quic://127.0.0.1:{server._transport.get_extra_info('sockname')[1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    try:
        import uvloop
    except ImportError:
        asyncio.run(main())
    else:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(main())
