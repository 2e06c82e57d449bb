"""The TCP transport: a plain stream of bytes, not encrypted, for programs as simple as can be."""

from chatcore_tcp.transport import TcpTransport

__all__ = ["TcpTransport", "transport"]

transport = TcpTransport()
