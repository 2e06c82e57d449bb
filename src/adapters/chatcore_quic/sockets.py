"""What both sides want of their UDP sockets."""

from __future__ import annotations

import asyncio
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


async def open_datagrams(protocol: asyncio.DatagramProtocol, sock: socket.socket) -> None:
    """Give a socket to a protocol. When that fails or is cancelled, it is closed: uvloop would leave it open."""
    loop = asyncio.get_running_loop()
    opening = asyncio.ensure_future(loop.create_datagram_endpoint(lambda: protocol, sock=sock))
    try:
        await asyncio.shield(opening)
    except BaseException:
        await asyncio.wait([opening])
        if opening.exception() is None:
            opening.result()[0].close()
        else:
            sock.close()
        raise
