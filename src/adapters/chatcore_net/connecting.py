"""Finding a server, and one clear sentence for what can go wrong."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from chatcore.errors import ConnectionFailed
from chatcore.ports.network_address import host_port
from chatcore_net.addresses import in_turn, lacks_zone, resolve
from chatcore_net.sockets import settle


async def reach(host: str, port: int, deadline: float, prepare: Callable[[socket.socket], None]) -> socket.socket:
    """Return a TCP socket that is connected to the first address that answers; each gets its share of the time.

    Raises OSError or UnicodeError when none does: `why_not` says it to people.

    Args:
        host: a name or an address.
        port: the port.
        deadline: when to give up, by the clock of the event loop.
        prepare: sets up a socket before it is connected; it may not block afterwards.
    """
    failure: OSError | None = None
    for (family, kind, number, _, address), share in in_turn(await resolve(host, port, socket.SOCK_STREAM), deadline):
        sock = socket.socket(family, kind, number)
        try:
            prepare(sock)
            async with asyncio.timeout(share):
                await _connect(sock, address)
        except OSError as error:
            sock.close()
            failure = failure or error
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise failure or OSError("the name has no address")


async def _connect(sock: socket.socket, address: Any) -> None:
    """Connect a socket that does not block."""
    loop = asyncio.get_running_loop()
    if len(address) < 4 or not address[3] or sys.platform == "win32":  # where there is no uvloop
        await loop.sock_connect(sock, address)
        return
    # uvloop looks an address up once more, and forgets on which network a link-local one is.
    with suppress(BlockingIOError):
        sock.connect(address)
        return
    done = loop.create_future()
    loop.add_writer(sock, settle, done)
    try:
        await done
    finally:
        loop.remove_writer(sock)
    number = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if number:
        raise OSError(number, os.strerror(number))


def why_not(error: Exception, host: str, port: int) -> ConnectionFailed:
    """Return why a server cannot be reached, for people: to be raised from `error`."""
    place = host_port(host, port)
    if isinstance(error, TimeoutError):
        return ConnectionFailed("{place} did not answer in time", place=place)
    if isinstance(error, socket.gaierror | UnicodeError):
        return ConnectionFailed("the host {host} is not known", host=host)
    if isinstance(error, ConnectionRefusedError):
        return ConnectionFailed(
            "nothing listens at {place} (is the server running, and is the port right?)", place=place
        )
    if getattr(error, "errno", None) == errno.EINVAL and lacks_zone(host):
        return ConnectionFailed(
            "{host} is an address on each network of this machine; say on which one, like [{host}%eth0]", host=host
        )
    why = getattr(error, "strerror", None) or str(error)
    return ConnectionFailed("cannot reach {place}: {why}", place=place, why=why)
