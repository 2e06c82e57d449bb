"""The server's side: listening, the handshake, and how many connections there may be."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from websockets.datastructures import Headers, MultipleValuesError
from websockets.http11 import Request, Response
from websockets.protocol import OPEN
from websockets.server import ServerProtocol

from chatcore.errors import ConfigurationError
from chatcore.ports.transport import Accept, ListenOptions
from chatcore_ws.common import Head, Settings, State, host_port, prepare
from chatcore_ws.connection import WsLink
from chatcore_ws.wire import logger, server_frame

if TYPE_CHECKING:
    from chatcore_tls.contexts import ServerTls

try:
    import resource
except ImportError:  # Windows has no such limit
    resource = None  # type: ignore[assignment]

BACKLOG: Final = 4096
"""How many connections the system may hold for us until we take them."""
HEAD_BYTES: Final = 16 * 1024
"""Longest HTTP request."""
SPARE_FILES: Final = 64
"""How many file descriptors are left to the rest of the program."""
ABOUT_PATH: Final = "/.well-known/chatcore"
"""Where a server says what it is and what else it offers (RFC 8615)."""
# How many connections above the limit are told so; more are dropped without a word.
_POLITE: Final = 32
_ACCEPT_AT_ONCE: Final = 64
_REFUSE_SECONDS: Final = 1.0
_DEFAULT_PORTS: Final = {"http": ":80", "ws": ":80", "https": ":443", "wss": ":443"}


class ServerLink(WsLink):
    """A client's connection to this server."""

    __slots__ = ("_head", "_listener", "_refuse", "made")

    format = "ws-server"
    frame = staticmethod(server_frame)

    def __init__(self, listener: WsListener, deadline: float, *, refuse: bool) -> None:
        protocol = ServerProtocol(logger=logger)
        super().__init__(protocol, listener.settings, listener.accept, deadline)
        self.made = False
        """Whether it has a connection: from then on `_gone` tells its end."""
        self._head = Head()
        self._listener = listener
        self._refuse = refuse

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin the handshake."""
        super().connection_made(transport)
        self.made = True
        if self not in self._listener.links:
            self.abort()  # given up in the meantime

    def give_up_handshake(self) -> None:
        """Drop the connection unless it has a user."""
        if self.made and self._state is State.HANDSHAKE:
            self.abort()

    def _handshake(self, data: bytes) -> None:
        """Take the HTTP request; what follows its end waits until it is answered."""
        protocol = self.protocol
        assert isinstance(protocol, ServerProtocol)
        data, rest = self._head.cut(data)
        if self._head.size > HEAD_BYTES:
            protocol.send_response(protocol.reject(431, f"The request is longer than {HEAD_BYTES} bytes.\n"))
        else:
            protocol.receive_data(data)
        for request in protocol.events_received():
            assert isinstance(request, Request)  # frames come after the answer
            protocol.send_response(self._answer(protocol, request))
        if protocol.state is OPEN:
            self._emit(b"".join(protocol.data_to_send()))
            self._open()
            if rest:
                self.data_received(rest)
        elif protocol.writes:
            self._say_the_last()
            self._set_timer_no_later(self._loop.time() + _REFUSE_SECONDS)

    def _answer(self, protocol: ServerProtocol, request: Request) -> Response:
        if self._refuse or self._listener.stopped:
            text = "The server is shutting down.\n" if self._listener.stopped else "The server is full.\n"
            response = protocol.reject(503, text)
            response.headers["Retry-After"] = "10"
            return response
        about = self._listener.options.about
        if about is not None and request.path.partition("?")[0] == ABOUT_PATH:
            return _json_response(protocol, about())
        if not _origin_is_allowed(request.headers, self._listener.origins):
            return protocol.reject(403, "Pages of this origin may not connect; the server's --origin allows it.\n")
        return protocol.accept(request)

    def _gone(self, was: State) -> None:
        self._listener.link_gone(self)
        super()._gone(was)


class WsListener:
    """A listening WebSocket server."""

    def __init__(self, options: ListenOptions, accept: Accept, tls: ServerTls | None, settings: Settings) -> None:
        self.options = options
        self.accept = accept
        self.settings = settings
        self.url = ""
        self.links: set[ServerLink] = set()
        """All of them: those that shake hands too, and those that are being refused."""
        self.stopped = False
        self.origins = frozenset(map(_origin, options.origins))
        self._tls = tls
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
        self.url = f"{self.settings.transport}://{host_port(host, sockets[0].getsockname()[1])}"
        for sock in sockets:
            task = self._loop.create_task(self._accept_from(sock))
            task.add_done_callback(partial(_close_after, sock))
            self._acceptors.append(task)

    def about(self) -> dict[str, Any]:
        """Return what a client may want to know before it connects."""
        told = {"transport": "ws", "port": urlsplit(self.url).port, "encrypted": self._tls is not None}
        return told if self._tls is None else told | self._tls.certificates.about()

    def stop_accepting(self) -> None:
        """Take no new connections; the present ones stay."""
        self.stopped = True
        for task in self._acceptors:
            task.cancel()

    async def wait_closed(self) -> None:
        """Stop accepting and wait until every connection is gone; those that linger are dropped."""
        self.stop_accepting()
        for task in self._starting:
            task.cancel()
        await asyncio.gather(*self._acceptors, *self._starting, return_exceptions=True)
        for link in list(self.links):
            link.give_up_handshake()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._nobody.wait(), self.settings.close_timeout + 1)
        for link in list(self.links):
            link.abort()
        await self._nobody.wait()

    def link_gone(self, link: ServerLink) -> None:
        """Take note that a link has no connection any more, or never had one. Idempotent."""
        self.links.discard(link)
        if not self.links:
            self._nobody.set()

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
        present = len(self.links)
        if present >= self._limit + _POLITE:
            sock.close()
            return
        prepare(sock, self.options.buffer_bytes)
        deadline = self._loop.time() + self.options.handshake_timeout
        link = ServerLink(self, deadline, refuse=present >= self._limit)
        self.links.add(link)
        self._nobody.clear()
        task = self._loop.create_task(self._begin(link, sock))
        self._starting.add(task)
        task.add_done_callback(partial(self._begun, link, sock))

    async def _begin(self, link: ServerLink, sock: socket.socket) -> None:
        """Give a link its connection, after the TLS handshake if there is one."""
        context = None if self._tls is None else self._tls.context()
        encrypted = context is not None
        with suppress(OSError):  # what speaks no TLS, or too slowly, is forgotten
            await self._loop.connect_accepted_socket(
                lambda: link,
                sock,
                ssl=context,
                ssl_handshake_timeout=self.options.handshake_timeout if encrypted else None,
                ssl_shutdown_timeout=self.settings.close_timeout if encrypted else None,
            )

    def _begun(self, link: ServerLink, sock: socket.socket, task: asyncio.Task[None]) -> None:
        self._starting.discard(task)
        if not link.made:
            sock.close()
            self.link_gone(link)
        elif task.cancelled():
            link.abort()
            link.connection_lost(None)  # uvloop does not always say so then


def _close_after(sock: socket.socket, _task: asyncio.Task[None]) -> None:
    sock.close()


async def listen(options: ListenOptions, accept: Accept, close_timeout: float, message_timeout: float) -> WsListener:
    """Listen; raises `ConfigurationError` with one clear sentence when that is not possible."""
    tls = _tls_for(options)
    settings = Settings(
        transport="ws" if tls is None else "wss",
        object_bytes=options.object_bytes,
        buffer_bytes=options.buffer_bytes,
        keepalive_interval=options.keepalive_interval,
        keepalive_timeout=options.keepalive_timeout,
        stall_timeout=options.stall_timeout,
        close_timeout=close_timeout,
        message_timeout=message_timeout,
    )
    listener = WsListener(options, accept, tls, settings)
    await listener.start()
    return listener


def _tls_for(options: ListenOptions) -> ServerTls | None:
    if options.tls_cert is None and options.tls_key is None and not options.tls_own:
        return None
    # Loaded late: a server without encryption starts sooner without it.
    from chatcore_tls.certificates import certificates_for  # noqa: PLC0415
    from chatcore_tls.contexts import ServerTls  # noqa: PLC0415

    return ServerTls(certificates_for(options))


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


def _json_response(protocol: ServerProtocol, answer: Mapping[str, Any]) -> Response:
    response = protocol.reject(200, json.dumps(answer, indent=2) + "\n")
    del response.headers["Content-Type"]
    response.headers["Content-Type"] = "application/json"
    response.headers["Cache-Control"] = "no-store"
    # Public, and of use to a page that connects to this server from elsewhere.
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _connection_limit(wanted: int) -> int:
    """Return how many connections there can be: the event loop must never run out of file descriptors."""
    if resource is None:
        return wanted
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return wanted
    return max(1, min(wanted, files - SPARE_FILES))


def _origin_is_allowed(headers: Headers, allowed: frozenset[str]) -> bool:
    """Say whether the page that asks may connect. Programs send no Origin; browsers always do, and do not lie."""
    origins = headers.get_all("Origin")
    if not origins:
        return True
    if len(origins) > 1:
        return False
    origin = _origin(origins[0])
    if origin in allowed:
        return True
    try:
        host = headers.get("Host", "").lower()
    except MultipleValuesError:
        return False
    scheme, _, place = origin.partition("://")
    return bool(place) and place == host.removesuffix(_DEFAULT_PORTS.get(scheme, ""))


def _origin(text: str) -> str:
    """Return an origin in its one spelling: lower case, no slash at the end, no port that goes without saying."""
    text = text.strip().lower().rstrip("/")
    return text.removesuffix(_DEFAULT_PORTS.get(urlsplit(text).scheme, "")) if "://" in text else text
