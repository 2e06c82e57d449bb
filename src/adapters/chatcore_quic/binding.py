"""UDP sockets to listen on, and one clear sentence for everything that can be wrong with them."""

from __future__ import annotations

import asyncio
import errno
import socket
from typing import Any, Final

from chatcore.errors import ConfigurationError

SOCKET_BYTES: Final = 4 * 1024 * 1024
"""What we ask of the system for each socket: all connections share it."""


async def bind(loop: asyncio.AbstractEventLoop, host: str, port: int) -> list[socket.socket]:
    """Return a socket for each address of `host`; port 0 picks a free one."""
    if not 0 <= port <= 65535:
        raise ConfigurationError(f"{port} is not a port; choose one between 1 and 65535 with --port, or 0 for any")
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_DGRAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise ConfigurationError(
            f"the host {host} to listen on is not known; choose another one with --host"
        ) from error
    sockets: list[socket.socket] = []
    for family, _, _, _, address in dict.fromkeys(found):
        try:
            sockets.append(_bound(family, (address[0], port, *address[2:])))
        except OSError as error:
            if sockets and error.errno != errno.EADDRINUSE:
                continue  # a name with several addresses, and this machine has not all of them
            for sock in sockets:
                sock.close()
            raise ConfigurationError(_why_not(error, host, port)) from error
        port = port or sockets[0].getsockname()[1]
    return sockets


def prepare(sock: socket.socket) -> None:
    """Set what both sides want of their sockets."""
    sock.setblocking(False)
    for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        try:
            sock.setsockopt(socket.SOL_SOCKET, option, SOCKET_BYTES)
        except OSError:
            pass  # some systems refuse what is too much, instead of giving what they have


def _bound(family: int, address: tuple[Any, ...]) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        prepare(sock)
        sock.bind(address)
    except BaseException:
        sock.close()
        raise
    return sock


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is in use by another program; choose another one with --port"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"this user may not listen on port {port}; choose one above 1023 with --port"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is not an address of this machine; choose another one with --host"
    return f"cannot listen on port {port} of {host}: {error.strerror or error}"
