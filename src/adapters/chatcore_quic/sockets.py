"""What both sides want of their UDP sockets."""

from __future__ import annotations

import socket
from typing import Final

SOCKET_BYTES: Final = 4 * 1024 * 1024
"""What we ask of the system for each socket: all connections share it."""


def prepare(sock: socket.socket) -> None:
    """Set what both sides want of their sockets."""
    sock.setblocking(False)
    for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        try:
            sock.setsockopt(socket.SOL_SOCKET, option, SOCKET_BYTES)
        except OSError:
            pass  # some systems refuse what is too much, instead of giving what they have
