"""What both sides want of their sockets."""

from __future__ import annotations

import socket
import sys
from typing import Final

from chatcore_net.sockets import prepare_stream

_TCP_RTO_MAX_MS: Final = 44  # since Linux 6.15; Python has no name for it
# The most that Linux takes.
_MOST_IDLE: Final = 32767
_MOST_PROBES: Final = 127
_LONGEST_RTO_MS: Final = 120_000


def prepare(sock: socket.socket, buffer_bytes: int, interval: float, timeout: float) -> None:
    """Set up a connection's socket: no delays, small buffers, and a system that asks a silent peer for a sign of life.

    The system asks after `interval` seconds of silence and gives up `timeout` seconds later (RFC 9293, section 3.8.4).
    TCP_USER_TIMEOUT would be simpler, but Linux counts it against a peer without room too: a slow reader is not dead.
    """
    prepare_stream(sock, buffer_bytes)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        idle = "TCP_KEEPIDLE" if hasattr(socket, "TCP_KEEPIDLE") else "TCP_KEEPALIVE"  # as macOS calls it
        for name, value in (
            (idle, max(1, int(min(interval, _MOST_IDLE)))),
            ("TCP_KEEPINTVL", 1),
            ("TCP_KEEPCNT", max(1, int(min(timeout, _MOST_PROBES)))),
        ):
            if hasattr(socket, name):
                sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
        if sys.platform == "linux":
            # A peer without room is asked ever less often, every two minutes in the end; every few seconds is better.
            rto = max(1000, int(min(timeout * 500, _LONGEST_RTO_MS)))
            sock.setsockopt(socket.IPPROTO_TCP, _TCP_RTO_MAX_MS, rto)
    except OSError:
        pass  # gone already, which reading will tell; or a system that does not know the last one
