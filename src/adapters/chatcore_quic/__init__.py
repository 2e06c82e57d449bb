"""The QUIC transport: WebTransport over HTTP/3, for browsers and for programs, on one endpoint."""

from chatcore_quic.transport import QuicTransport

__all__ = ["QuicTransport", "transport"]

transport = QuicTransport()
