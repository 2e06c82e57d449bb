"""Addresses: for people, by name, and one after the other."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from chatcore.ports.network_address import host_port
from chatcore.ports.server_address import ascii_name

Address = tuple[int, int, int, str, Any]
"""As `socket.getaddrinfo` tells it: family, kind, protocol, canonical name, and what to bind or to connect to."""


def address_of(peer: object) -> str:
    """Return the address of a peer, for people; empty when it has none."""
    if isinstance(peer, tuple) and len(peer) >= 2:
        return host_port(str(peer[0]), int(peer[1]))
    return ""


async def resolve(host: str, port: int, kind: socket.SocketKind, *, flags: int = 0) -> list[Address]:
    """Return the addresses of a host, once each. Raises OSError or UnicodeError when it is not known."""
    loop = asyncio.get_running_loop()
    if not host.isascii():
        host = ascii_name(host)
    found = await loop.getaddrinfo(host, port, type=kind, flags=flags)
    # uvloop forgets on which network a link-local address is, and takes a zone for others, which have none.
    if "%" in host or any(_lacks_scope(where) for *_rest, where in found):
        found = await loop.run_in_executor(None, partial(socket.getaddrinfo, host, port, type=kind, flags=flags))
    return list(dict.fromkeys(found))


def _lacks_scope(where: Sequence[Any]) -> bool:
    return len(where) == 4 and not where[3] and ipaddress.IPv6Address(where[0].partition("%")[0]).is_link_local


def lacks_zone(host: str) -> bool:
    """Tell whether this is a link-local IPv6 address that does not say on which network."""
    try:
        address = ipaddress.IPv6Address(host)
    except ValueError:
        return False
    return address.is_link_local and address.scope_id is None


def in_turn(addresses: Sequence[Address], deadline: float) -> Iterator[tuple[Address, float]]:
    """Yield addresses to try one after the other, each with its share of the time that is left, in seconds."""
    loop = asyncio.get_running_loop()
    for index, address in enumerate(addresses):
        yield address, (deadline - loop.time()) / (len(addresses) - index)
