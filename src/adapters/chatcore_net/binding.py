"""Sockets to listen on, and one clear sentence for everything that can be wrong with them."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Sequence
from typing import Any, Final

from chatcore.errors import ConfigurationError
from chatcore.ports.server_address import ascii_name
from chatcore_net.addresses import lacks_zone, resolve

BACKLOG: Final = 4096
"""How many connections the system may hold for us until we take them."""


def check_host(host: str) -> None:
    """Raise `ConfigurationError` for what is no name of a host, without asking anybody."""
    if host == "*":  # which systems take for every address, and no program connects to
        raise ConfigurationError("write 0.0.0.0 for every address of this computer instead of *, or :: for IPv6")
    try:
        if not host.isascii():
            ascii_name(host)
    except UnicodeError as error:
        raise _unknown(host) from error


async def bind(host: str, port: int, kind: socket.SocketKind, inherited: Sequence[int] = ()) -> list[socket.socket]:
    """Return a socket for each address of `host`, all on one port; port 0 picks a free one.

    Where there are `inherited` file descriptors, the sockets among them that fit are returned, and no other ones.

    They do not block, and those of the kind SOCK_STREAM listen. Raises `ConfigurationError` with one clear sentence
    when that is not possible.
    """
    if not 0 <= port <= 65535:
        raise ConfigurationError(
            "{port} is not a port; choose one between 1 and 65535 with --port or --listen, or 0 for any", port=port
        )
    check_host(host)
    if inherited:
        return _inherited(port, kind, inherited)
    try:
        found = await resolve(host, port, kind, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise _unknown(host) from error
    sockets: list[socket.socket] = []
    for family, _, _, _, address in found:
        try:
            sockets.append(_bound(family, kind, (address[0], port, *address[2:])))
        except OSError as error:
            if sockets and error.errno != errno.EADDRINUSE:
                continue  # a name with several addresses, and this machine has not all of them
            for sock in sockets:
                sock.close()
            raise _why_not(error, host, port) from error
        port = port or sockets[0].getsockname()[1]
    return sockets


def _unknown(host: str) -> ConfigurationError:
    return ConfigurationError(
        "the host {host} to listen on is not known; choose another one with --host or --listen", host=host
    )


def fitting(port: int, kind: socket.SocketKind, inherited: Sequence[int]) -> dict[int, str]:
    """Return those file descriptors whose sockets have the port, with the host of each; port 0 is any port.

    A socket at every address of both versions of IP is at `0.0.0.0`, by which others get to it anyway.
    """
    found = dict[int, str]()
    for fd in inherited:
        with socket.socket(fileno=os.dup(fd)) as sock:
            if sock.family not in (socket.AF_INET, socket.AF_INET6) or sock.type is not kind:
                continue
            host, its_port = sock.getsockname()[:2]
            if host == "::" and not sock.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY):
                host = "0.0.0.0"  # noqa: S104  (it is bound already)
            if port in (0, its_port):
                found[fd] = host
    return found


def _inherited(port: int, kind: socket.SocketKind, inherited: Sequence[int]) -> list[socket.socket]:
    sockets = [socket.socket(fileno=os.dup(fd)) for fd in fitting(port, kind, inherited)]
    for sock in sockets:
        sock.setblocking(False)
        if kind is socket.SOCK_STREAM:
            sock.listen(BACKLOG)
    if not sockets:
        setting = "ListenStream" if kind is socket.SOCK_STREAM else "ListenDatagram"
        raise ConfigurationError(
            "no socket that was opened for the server has port {port}; name it in its .socket unit with {setting}",
            port=port,
            setting=setting,
        )
    return sockets


def _bound(family: int, kind: socket.SocketKind, address: tuple[Any, ...]) -> socket.socket:
    sock = socket.socket(family, kind)
    try:
        sock.setblocking(False)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if kind is socket.SOCK_STREAM and os.name == "posix":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        if kind is socket.SOCK_STREAM:
            sock.listen(BACKLOG)
    except BaseException:
        sock.close()
        raise
    return sock


def _why_not(error: OSError, host: str, port: int) -> ConfigurationError:
    if error.errno == errno.EADDRINUSE:
        return ConfigurationError(
            "port {port} on {host} is in use, perhaps by a server that you started before; stop that one, or choose "
            "another port with --port or --listen",
            port=port,
            host=host,
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return ConfigurationError(
            "this user may not listen on port {port}; choose one above 1023 with --port or --listen", port=port
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return ConfigurationError(
            "{host} is not an address of this machine; choose another one with --host or --listen", host=host
        )
    if error.errno == errno.EINVAL and lacks_zone(host):
        return ConfigurationError(
            "{host} is an address on each network of this machine; say on which one, like {host}%eth0", host=host
        )
    why = error.strerror or str(error)
    return ConfigurationError("cannot listen on port {port} of {host}: {why}", port=port, host=host, why=why)
