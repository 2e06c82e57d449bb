"""What both sides need: the states of a connection, its settings, its socket, and the end of an HTTP head."""

from __future__ import annotations

import enum
import socket
from dataclasses import dataclass


class State(enum.Enum):
    """What a connection goes through, in this order."""

    HANDSHAKE = enum.auto()
    OPEN = enum.auto()
    CLOSING = enum.auto()
    """No more payloads either way; waiting for the peer to hang up."""
    LOST = enum.auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What one listener's links have in common. Sizes in bytes, times in seconds."""

    transport: str
    object_bytes: int
    buffer_bytes: int
    keepalive_interval: float
    keepalive_timeout: float
    stall_timeout: float | None
    close_timeout: float
    message_timeout: float


class Head:
    """Finds where an HTTP head ends, so that what follows can wait until it is answered."""

    __slots__ = ("_tail", "size")

    def __init__(self) -> None:
        self.size = 0
        """How many bytes of it came so far."""
        self._tail = b""

    def cut(self, data: bytes) -> tuple[bytes, bytes]:
        """Cut the next bytes where the head ends; returns what belongs to it, and the rest."""
        joined = self._tail + data
        end = joined.find(b"\r\n\r\n")
        cut = len(data) if end < 0 else end + 4 - len(self._tail)
        self._tail = joined[-3:]
        self.size += cut
        return data[:cut], data[cut:]


def prepare(sock: socket.socket, buffer_bytes: int) -> None:
    """Set what both sides want of their sockets."""
    sock.setblocking(False)
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hasattr(socket, "TCP_NOTSENT_LOWAT"):
            # The system would take megabytes for a peer that does not read, and we would learn that late.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, buffer_bytes)
    except OSError:
        pass  # gone already; reading will tell


def host_port(host: str, port: int) -> str:
    """Return `host:port`, as in a URL."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def address_of(peer: object) -> str:
    """Return the address of a peer, for people."""
    if isinstance(peer, tuple) and len(peer) >= 2:
        return host_port(str(peer[0]), int(peer[1]))
    return ""
