"""The client's side: finding the server, and one clear sentence for what can go wrong."""

from __future__ import annotations

import asyncio
import socket

from chatcore.errors import ConnectionFailed
from chatcore.ports.network_address import host_port
from chatcore.ports.server_address import server_address
from chatcore.ports.transport import Accept, ConnectOptions
from chatcore_net.connecting import reach, why_not
from chatcore_net.link import STALL_SECONDS, settings_of
from chatcore_tcp.link import TcpLink
from chatcore_tcp.sockets import prepare


class ClientTcpLink(TcpLink):
    """A client's side: it knows the server's machine only, which answers for a program that has stopped.

    Whether the program is there, its dialect has to ask. Of a server's side nobody asks that: a person with `nc` has no
    program that answers (docs/protocol).
    """

    __slots__ = ()

    checks_liveness = False


async def connect(
    url: str, options: ConnectOptions, accept: Accept, close_timeout: float, default_port: int
) -> TcpLink:
    """Connect; raises `ConnectionFailed` with one clear sentence when that is not possible."""
    host, port = _place(url, default_port)
    settings = settings_of(options, stall_timeout=STALL_SECONDS, close_timeout=close_timeout)

    def prepare_socket(sock: socket.socket) -> None:
        prepare(sock, options.buffer_bytes, options.keepalive_interval, options.keepalive_timeout)

    loop = asyncio.get_running_loop()
    deadline = loop.time() + options.connect_timeout
    try:
        async with asyncio.timeout_at(deadline):
            sock = await reach(host, port, deadline, prepare_socket)
            link = ClientTcpLink(settings, accept, _forget)
            try:
                await loop.create_connection(lambda: link, sock=sock)
            except BaseException:
                if link.made:
                    link.abort()
                else:
                    sock.close()
                raise
    except (OSError, UnicodeError) as error:
        raise _why_not(error, host, port) from error
    return link


def _place(url: str, default_port: int) -> tuple[str, int]:
    """Return host and port of `tcp://host:port`; the scheme may name a dialect too, as in `tcp+echo://`."""
    like = f"tcp://example.org:{default_port}"
    address = server_address(url, target=False, like=like)
    if address.scheme.partition("+")[0] != "tcp":
        raise ConnectionFailed("{url} is not the address of a TCP server, like {like}", url=url, like=like)
    return address.host, address.port or default_port


def _forget(_link: TcpLink) -> None:
    """Nobody counts a client's links."""


def _why_not(error: Exception, host: str, port: int) -> ConnectionFailed:
    if isinstance(error, ConnectionError) and not isinstance(error, ConnectionRefusedError):
        return ConnectionFailed("{place} hung up at once", place=host_port(host, port))
    return why_not(error, host, port)
