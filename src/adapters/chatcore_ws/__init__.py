"""The WebSocket transport (RFC 6455): for browsers and for programs, with and without TLS."""

from chatcore_ws.transport import WebSocketTransport

__all__ = ["WebSocketTransport", "transport"]

transport = WebSocketTransport()
