"""The server's side: listening, and how many connections there may be."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from contextlib import suppress
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

from chatcore.errors import ConfigurationError
from chatcore.ports.transport import Accept, ListenOptions
from chatcore_tcp.connection import Settings, TcpLink
from chatcore_tcp.sockets import host_port, prepare

try:
    import resource
except ImportError:  # Windows has no such limit
    resource = None  # type: ignore[assignment]

BACKLOG: Final = 4096
"""How many connections the system may hold for us until we take them."""
SPARE_FILES: Final = 64
"""How many file descriptors are left to the rest of the program."""
_ACCEPT_AT_ONCE: Final = 64


class TcpListener:
    """A listening TCP server."""

    def __init__(self, options: ListenOptions, accept: Accept, settings: Settings) -> None:
        self.options = options
        self.accept = accept
        self.settings = settings
        self.url = ""
        self.links: set[TcpLink] = set()
        self._loop = asyncio.get_running_loop()
        self._limit = _connection_limit(options.max_connections)
        self._acceptors: list[asyncio.Task[None]] = []
        self._starting: set[asyncio.Task[None]] = set()
        self._nobody = asyncio.Event()
        self._nobody.set()

    async def start(self) -> None:
        """Bind and listen."""
        host = self.options.host
        sockets = await _bind(self._loop, host, self.options.port)
        self.url = f"tcp://{host_port(host, sockets[0].getsockname()[1])}"
        for sock in sockets:
            task = self._loop.create_task(self._accept_from(sock))
            task.add_done_callback(partial(_close_after, sock))
            self._acceptors.append(task)

    def about(self) -> dict[str, Any]:
        """Return what a client may want to know before it connects."""
        return {"transport": "tcp", "port": urlsplit(self.url).port, "encrypted": False}

    def stop_accepting(self) -> None:
        """Take no new connections; the present ones stay."""
        for task in self._acceptors:
            task.cancel()

    async def wait_closed(self) -> None:
        """Stop accepting and wait until every connection is gone; those that linger are dropped."""
        self.stop_accepting()
        for task in self._starting:
            task.cancel()
        await asyncio.gather(*self._acceptors, *self._starting, return_exceptions=True)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._nobody.wait(), self.settings.close_timeout + 1)
        for link in list(self.links):
            link.abort()
        await self._nobody.wait()

    async def _accept_from(self, sock: socket.socket) -> None:
        """Take connections from a listening socket, some at a time."""
        while True:
            for _ in range(_ACCEPT_AT_ONCE):
                try:
                    client, _address = await self._loop.sock_accept(sock)
                except OSError as error:
                    if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM):
                        await asyncio.sleep(0.5)  # those that wait are taken when something is free again
                    break
                self._admit(client)
            await asyncio.sleep(0)

    def _admit(self, sock: socket.socket) -> None:
        if len(self.links) >= self._limit:
            sock.close()  # there are no words for it before anybody knows the dialect
            return
        options = self.options
        prepare(sock, options.buffer_bytes, options.keepalive_interval, options.keepalive_timeout)
        link = TcpLink(self.settings, self.accept, self._forget)
        self.links.add(link)
        self._nobody.clear()
        task = self._loop.create_task(self._begin(link, sock))
        self._starting.add(task)
        task.add_done_callback(partial(self._begun, link, sock))

    async def _begin(self, link: TcpLink, sock: socket.socket) -> None:
        with suppress(OSError):
            await self._loop.connect_accepted_socket(lambda: link, sock)

    def _begun(self, link: TcpLink, sock: socket.socket, task: asyncio.Task[None]) -> None:
        self._starting.discard(task)
        if not link.made:
            sock.close()
            self._forget(link)
        elif task.cancelled():
            link.abort()
            link.connection_lost(None)  # uvloop does not always say so then

    def _forget(self, link: TcpLink) -> None:
        self.links.discard(link)
        if not self.links:
            self._nobody.set()


def _close_after(sock: socket.socket, _task: asyncio.Task[None]) -> None:
    sock.close()


async def listen(options: ListenOptions, accept: Accept, close_timeout: float) -> TcpListener:
    """Listen; raises `ConfigurationError` with one clear sentence when that is not possible."""
    if options.tls_cert is not None or options.tls_key is not None or options.tls_own:
        raise ConfigurationError("the tcp transport is never encrypted; leave out the certificate, or use ws or quic")
    settings = Settings(
        buffer_bytes=options.buffer_bytes,
        keepalive_interval=options.keepalive_interval,
        keepalive_timeout=options.keepalive_timeout,
        stall_timeout=options.stall_timeout,
        close_timeout=close_timeout,
    )
    listener = TcpListener(options, accept, settings)
    await listener.start()
    return listener


async def _bind(loop: asyncio.AbstractEventLoop, host: str, port: int) -> list[socket.socket]:
    if not 0 <= port <= 65535:
        raise ConfigurationError(f"{port} is not a port; choose one between 1 and 65535 with --port, or 0 for any")
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise ConfigurationError(
            f"the host {host} to listen on is not known; choose another one with --host"
        ) from error
    sockets: list[socket.socket] = []
    for family, _, _, _, address in dict.fromkeys(found):
        try:
            sockets.append(_listen_on(family, (address[0], port, *address[2:])))
        except OSError as error:
            if sockets and error.errno != errno.EADDRINUSE:
                continue  # a name with several addresses, and this machine has not all of them
            for sock in sockets:
                sock.close()
            raise ConfigurationError(_why_not(error, host, port)) from error
        port = port or sockets[0].getsockname()[1]
    return sockets


def _listen_on(family: int, address: tuple[object, ...]) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.setblocking(False)
        sock.bind(address)
        sock.listen(BACKLOG)
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


def _connection_limit(wanted: int) -> int:
    """Return how many connections there can be: the event loop must never run out of file descriptors."""
    if resource is None:
        return wanted
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return wanted
    return max(1, min(wanted, files - SPARE_FILES))
