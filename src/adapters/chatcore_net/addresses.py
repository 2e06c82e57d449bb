"""Addresses: for people, by name, and one after the other."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator, Sequence
from typing import Any

Address = tuple[int, int, int, str, Any]
"""As `socket.getaddrinfo` tells it: family, kind, protocol, canonical name, and what to bind or to connect to."""


def host_port(host: str, port: int) -> str:
    """Return `host:port`, as in a URL."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def address_of(peer: object) -> str:
    """Return the address of a peer, for people; empty when it has none."""
    if isinstance(peer, tuple) and len(peer) >= 2:
        return host_port(str(peer[0]), int(peer[1]))
    return ""


async def resolve(host: str, port: int, kind: socket.SocketKind, *, flags: int = 0) -> list[Address]:
    """Return the addresses of a host, once each. Raises OSError or UnicodeError when it is not known."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=kind, flags=flags)
    return list(dict.fromkeys(found))


def in_turn(addresses: Sequence[Address], deadline: float) -> Iterator[tuple[Address, float]]:
    """Yield addresses to try one after the other, each with its share of the time that is left, in seconds."""
    loop = asyncio.get_running_loop()
    for index, address in enumerate(addresses):
        yield address, (deadline - loop.time()) / (len(addresses) - index)
