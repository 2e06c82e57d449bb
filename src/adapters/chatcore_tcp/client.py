"""The client's side: finding the server, and one clear sentence for what can go wrong."""

from __future__ import annotations

import asyncio
import socket
from typing import Any, Final
from urllib.parse import urlsplit

from chatcore.errors import ConnectionFailed
from chatcore.ports.transport import Accept, ConnectOptions
from chatcore_tcp.connection import Settings, TcpLink
from chatcore_tcp.sockets import host_port, prepare

_STALL_SECONDS: Final = 90.0
"""How long a server whose machine answers may take nothing of what it is sent."""


async def connect(
    url: str, options: ConnectOptions, accept: Accept, close_timeout: float, default_port: int
) -> TcpLink:
    """Connect; raises `ConnectionFailed` with one clear sentence when that is not possible."""
    host, port = _place(url, default_port)
    place = host_port(host, port)
    settings = Settings(
        buffer_bytes=options.buffer_bytes,
        keepalive_interval=options.keepalive_interval,
        keepalive_timeout=options.keepalive_timeout,
        stall_timeout=_STALL_SECONDS,
        close_timeout=close_timeout,
    )
    loop = asyncio.get_running_loop()
    deadline = loop.time() + options.connect_timeout
    try:
        async with asyncio.timeout_at(deadline):
            addresses = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            sock = await _reach(loop, list(dict.fromkeys(addresses)), deadline, options)
            link = TcpLink(settings, accept, _forget)
            try:
                await loop.create_connection(lambda: link, sock=sock)
            except BaseException:
                if link.made:
                    link.abort()
                else:
                    sock.close()
                raise
    except (OSError, UnicodeError) as error:
        raise ConnectionFailed(_why_not(error, host, place)) from error
    return link


def _place(url: str, default_port: int) -> tuple[str, int]:
    """Return host and port of `tcp://host:port`; the scheme may name a dialect too, as in `tcp+echo://`."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = urlsplit(""), None, None
    plain = not (parts.path.strip("/") or parts.query or parts.fragment or parts.username or port == 0)
    if parts.scheme.partition("+")[0] != "tcp" or not host or not plain:
        raise ConnectionFailed(f"{url!r} is not the address of a TCP server, like tcp://example.org:{default_port}")
    return host, port or default_port


def _forget(_link: TcpLink) -> None:
    """Nobody counts a client's links."""


async def _reach(
    loop: asyncio.AbstractEventLoop, addresses: list[Any], deadline: float, options: ConnectOptions
) -> socket.socket:
    """Return a socket that is connected to the first address that answers; each gets its share of the time."""
    failure: OSError | None = None
    for index, (family, kind, number, _, address) in enumerate(addresses):
        share = (deadline - loop.time()) / (len(addresses) - index)
        sock = socket.socket(family, kind, number)
        try:
            prepare(sock, options.buffer_bytes, options.keepalive_interval, options.keepalive_timeout)
            async with asyncio.timeout(share):
                await loop.sock_connect(sock, address)
        except OSError as error:
            sock.close()
            failure = failure or error
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise failure or OSError("the name has no address")


def _why_not(error: Exception, host: str, place: str) -> str:
    if isinstance(error, TimeoutError):
        return f"{place} did not answer in time"
    if isinstance(error, socket.gaierror | UnicodeError):
        return f"the host {host} is not known"
    if isinstance(error, ConnectionRefusedError):
        return f"nothing listens at {place} (connection refused)"
    if isinstance(error, ConnectionError):
        return f"{place} hung up at once"
    return f"cannot reach {place}: {getattr(error, 'strerror', None) or error}"
