"""Listening: how many connections there may be, and when the last one is gone."""

from __future__ import annotations

import asyncio
import errno
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from math import inf
from typing import Final, Generic, Protocol, TypeVar

from chatcore.errors import ErrorCode
from chatcore.ports.network_address import host_port
from chatcore.ports.transport import ListenOptions
from chatcore_net.addresses import address_of
from chatcore_net.binding import bind
from chatcore_net.entrance import CROWDED_ADVICE, DENIED_ADVICE, Entrance
from chatcore_net.link import StreamLink
from chatcore_net.sockets import accept

if sys.platform != "win32":
    import resource

SPARE_FILES: Final = 64
"""How many file descriptors are left to the rest of the program."""
POLITE: Final = 32
"""How many connections above the limit are told so at a time; more are dropped without a word."""
PATIENT: Final = 4
"""The same of connections of one network address that has too many: what they are told costs a handshake."""
_FULL_ADVICE: Final = "there are as many connections as --max-connections, or the system's files, allow"
# As many connections are taken in one turn of the event loop.
_ACCEPT_AT_ONCE: Final = 8


class _Droppable(Protocol):
    def abort(self) -> None: ...


_AnyLink = TypeVar("_AnyLink", bound=_Droppable)
_Link = TypeVar("_Link", bound=StreamLink)


class Links(Generic[_AnyLink]):
    """The connections of a listener."""

    def __init__(self) -> None:
        self._links: set[_AnyLink] = set()
        self._nobody = asyncio.Event()
        self._nobody.set()

    def __len__(self) -> int:
        return len(self._links)

    def __iter__(self) -> Iterator[_AnyLink]:
        return iter(self._links)

    def __contains__(self, link: object) -> bool:
        return link in self._links

    def add(self, link: _AnyLink) -> None:
        """Count a connection."""
        self._links.add(link)
        self._nobody.clear()

    def discard(self, link: _AnyLink) -> None:
        """Count a connection no more. Idempotent."""
        self._links.discard(link)
        if not self._links:
            self._nobody.set()

    async def wait_gone(self, patience: float) -> None:
        """Wait until every connection is gone; those that linger for `patience` seconds are dropped."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._nobody.wait()
        for link in list(self._links):
            link.abort()
        await self._nobody.wait()


class StreamListener(Generic[_Link]):
    """Takes TCP connections, up to a limit. The subclass makes their links.

    Attributes:
        asks_proxies: True when the links find out whom a proxy speaks for, and whether they may come in.

    Args:
        scheme: of the URL.
        options: host, port, and how many connections there may be.
        close_timeout: how long a connection may take to close, in seconds.
    """

    asks_proxies = False

    def __init__(self, scheme: str, options: ListenOptions, close_timeout: float) -> None:
        self.options = options
        self.url = ""
        self.links: Links[_Link] = Links()
        """All of them: those that shake hands too, and those that are being refused."""
        self._scheme = scheme
        self._close_timeout = close_timeout
        self._loop = asyncio.get_running_loop()
        self.entrance = Entrance(options)
        self._most_files = _file_limit()
        self._refused: dict[_Link, str] = {}
        """Those that are being told that there is no room, and where they come from."""
        self._acceptors: list[asyncio.Task[None]] = []
        self._starting: set[asyncio.Task[None]] = set()
        self._too_late: set[_Link] = set()
        """Those that were taken, and had no user yet, when it stopped."""

    async def start(self) -> None:
        """Bind and listen. Raises `ConfigurationError` with one clear sentence when that is not possible."""
        host = self.options.host
        sockets = await bind(host, self.options.port, socket.SOCK_STREAM, self.options.sockets)
        self.url = f"{self._scheme}://{host_port(host, sockets[0].getsockname()[1])}"
        for sock in sockets:
            task = self._loop.create_task(self._accept_from(sock))
            task.add_done_callback(partial(_close_after, sock))
            self._acceptors.append(task)

    def stop_accepting(self) -> None:
        """Take no new connections; the present ones stay."""
        self._too_late |= {link for link in self.links if not link.made}
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
        await self.links.wait_gone(self._close_timeout + 1)

    def link_gone(self, link: _Link) -> None:
        """Forget a link that has no connection any more, or never had one. Idempotent."""
        refused = self._refused.pop(link, None) is not None
        if link in self.links and not refused:
            self.options.connections.remove(files=1)
        self.links.discard(link)
        self.entrance.went(link)

    # For the subclasses.

    def _make_link(self, sock: socket.socket, *, refuse: ErrorCode | None) -> _Link:
        """Prepare a socket and return its link; one that there is no room for tells the peer why, and closes."""
        raise NotImplementedError

    async def _connect(self, link: _Link, sock: socket.socket) -> None:
        """Give a link its connection."""
        await self._loop.connect_accepted_socket(lambda: link, sock)

    def has_room(self, place: str) -> bool:
        """Tell whether one more connection from a place may be taken."""
        return self.entrance.has_room(place)

    def count_in(self, link: _Link, place: str) -> None:
        """Count a connection that was taken."""
        self.entrance.came(link, place)

    # Accepting.

    async def _accept_from(self, sock: socket.socket) -> None:
        """Take connections from a listening socket, some at a time."""
        while True:
            for _ in range(_ACCEPT_AT_ONCE):
                try:
                    client, address = await accept(self._loop, sock)
                except OSError as error:
                    if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM):
                        await asyncio.sleep(0.5)  # those that wait are taken when something is free again
                    break
                self._admit(client, address_of(address))
            await asyncio.sleep(0)

    def _admit(self, sock: socket.socket, address: str) -> None:
        entrance = self.entrance
        if not entrance.lets_in(address) and not (self.asks_proxies and entrance.is_proxy(address)):
            self.options.turned_away(address, "denied", DENIED_ADVICE)
            sock.close()
            return
        place = entrance.place_of(address)
        refuse = None
        if self._is_full():
            refuse = ErrorCode.SERVER_FULL
            self.options.turned_away(address, "full", _FULL_ADVICE)
        elif not self.has_room(place):
            refuse = ErrorCode.TOO_MANY_CONNECTIONS
            self.options.turned_away(address, "crowded", CROWDED_ADVICE)
        if refuse is not None and not self._is_polite(refuse, place):
            sock.close()
            return
        link = self._make_link(sock, refuse=refuse)
        self.links.add(link)
        if refuse is None:
            self.options.connections.add(files=1)
            self.count_in(link, place)
        else:
            self._refused[link] = place
        task = self._loop.create_task(self._begin(link, sock))
        self._starting.add(task)
        task.add_done_callback(partial(self._begun, link, sock))

    def _is_full(self) -> bool:
        """Tell whether all places of the server together have as many connections as there may be."""
        count = self.options.connections
        return count.total >= self.options.max_connections or count.files >= self._most_files

    def _is_polite(self, refuse: ErrorCode, place: str) -> bool:
        """Tell whether there is time to say why there is no room."""
        if (
            refuse is ErrorCode.TOO_MANY_CONNECTIONS
            and sum(each == place for each in self._refused.values()) >= PATIENT
        ):
            return False
        return len(self._refused) < POLITE

    async def _begin(self, link: _Link, sock: socket.socket) -> None:
        with suppress(OSError):  # what is gone already, speaks no TLS, or too slowly, is forgotten
            await self._connect(link, sock)

    def _begun(self, link: _Link, sock: socket.socket, task: asyncio.Task[None]) -> None:
        self._starting.discard(task)
        if not link.made:
            sock.close()
            self.link_gone(link)
        elif task.cancelled():
            link.abort()
            link.connection_lost(None)  # uvloop does not always say so then
        elif link in self._too_late:
            link.abort()  # nobody has said goodbye to its user
        self._too_late.discard(link)


def _close_after(sock: socket.socket, _task: asyncio.Task[None]) -> None:
    sock.close()


def _file_limit() -> float:
    """Return how many connections can have files: the event loop must never run out of file descriptors."""
    if sys.platform != "win32":  # which has no such limit
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if files != resource.RLIM_INFINITY:
            return max(1, files - SPARE_FILES)
    return inf
