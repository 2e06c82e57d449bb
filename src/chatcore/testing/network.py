"""A network in memory: a transport like any other, with the troubles of a real one on demand."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from itertools import count
from math import inf
from typing import Any
from urllib.parse import urlsplit

from chatcore.aio.arguments import checked
from chatcore.errors import ConfigurationError, ConnectionFailed
from chatcore.ports.network_address import ConnectionCount
from chatcore.ports.transport import (
    WRITE_SECONDS,
    Accept,
    Binary,
    CloseReason,
    ConnectOptions,
    LinkHandler,
    ListenOptions,
    Lost,
    LostReason,
)

_HEADER = 5  # length and kind, in front of each payload where boundaries are kept


class MemoryNetwork:
    """Implements `chatcore.ports.transport.Transport`. Give the same one to the server and to its clients.

    ::

        network = MemoryNetwork(latency=(0.01, 0.05), drop=0.1)
        async with ChatServer(transport=network, port=0) as server:
            async with connect(server.urls[0], username="alice", transport=network) as alice:
                network.cut_some(1.0)
                await alice.send("nevertheless")

    Args:
        latency: shortest and longest time that bytes travel, in seconds.
        drop: how likely it is that a write cuts its connection, and what is under way on it is lost; 0.0 to 1.0.
        boundaries: True carries messages, as WebSocket does; False a stream of bytes that arrives cut anywhere.
        seed: of everything random here.

    Raises:
        ValueError: a time or a likelihood that there is none of.
        TypeError: an argument is of another kind.

    Attributes:
        links: every open end of every connection, as keys.
    """

    name = "memory"
    schemes: tuple[str, ...] = ("memory",)
    default_port = 1
    can_encrypt = False
    uses_files = False

    @checked
    def __init__(
        self,
        *,
        latency: tuple[float, float] = (0.0, 0.0),
        drop: float = 0.0,
        boundaries: bool = True,
        seed: int = 0,
    ) -> None:
        shortest, longest = latency
        if not 0 <= shortest <= longest < inf:  # nor a NaN
            raise ValueError(f"latency has to be the shortest and the longest time, from 0 s on, and is {latency}")
        if not 0 <= drop <= 1:
            raise ValueError(f"drop has to be from 0.0 to 1.0, and is {drop}")
        self.latency = latency
        self.drop = drop
        self.boundaries = boundaries
        self.random = random.Random(seed)
        self.links: dict[MemoryLink, None] = {}
        self._listeners: dict[int, MemoryListener] = {}
        self._ports = count(1)
        self._client_ports = count(50_000)

    async def listen(self, options: ListenOptions, accept: Accept) -> MemoryListener:
        """Listen. Raises `ConfigurationError` when the port is in use."""
        port = options.port or next(port for port in self._ports if port not in self._listeners)
        if port in self._listeners:
            raise ConfigurationError("port {port} on {host} is in use by another program", port=port, host=options.host)
        listener = self._listeners[port] = MemoryListener(self, port, options, accept)
        return listener

    async def connect(self, url: str, options: ConnectOptions, accept: Accept) -> MemoryLink:
        """Connect. Raises `ConnectionFailed` when nothing listens there, or there are too many already."""
        await asyncio.sleep(self.random.uniform(*self.latency))
        listener = self._listeners.get(_port(url))
        if listener is None or not listener.accepting:
            raise ConnectionFailed("nothing listens at {place}", place=url)
        listener.links = {link: None for link in listener.links if link.open}
        connections = listener.options.connections
        if connections.total >= listener.options.max_connections:
            raise ConnectionFailed("there are too many connections at {place}", place=url)
        client = MemoryLink(self, urlsplit(url).netloc, options.buffer_bytes)
        server = MemoryLink(self, f"127.0.0.1:{next(self._client_ports)}", listener.options.buffer_bytes)
        client.peer, server.peer = server, client
        listener.links[server] = None
        connections.add(files=0)
        server.count = connections
        server.attach(listener.accept(server))
        client.attach(accept(client))
        return client

    def cut(self, link: MemoryLink) -> None:
        """Cut a connection; what is under way on it is lost."""
        link.lose(Lost(LostReason.VANISHED))
        link.peer.lose(Lost(LostReason.VANISHED))

    def cut_some(self, share: float) -> None:
        """Cut about this share of all connections, from 0.0 to 1.0."""
        for link in list(self.links):
            if link in self.links and self.random.random() < share / 2:  # each connection has two ends
                self.cut(link)

    def forget(self, port: int) -> None:
        """Free a port."""
        self._listeners.pop(port, None)


class MemoryListener:
    """Implements `chatcore.ports.transport.Listener`."""

    def __init__(self, network: MemoryNetwork, port: int, options: ListenOptions, accept: Accept) -> None:
        self._network = network
        self._port = port
        self.options = options
        self.accept = accept
        self.accepting = True
        self.links: dict[MemoryLink, None] = {}
        self.url = f"memory://{options.host}:{port}"

    def about(self) -> dict[str, Any]:
        """Return what a client may want to know before it connects."""
        return {"transport": "memory", "port": self._port, "encrypted": False}

    def stop_accepting(self) -> None:
        """Take no new connections."""
        if self.accepting:  # or the port may be somebody else's by now
            self.accepting = False
            self._network.forget(self._port)

    async def wait_closed(self) -> None:
        """Wait until every connection is gone."""
        self.stop_accepting()
        await asyncio.gather(*(link.lost.wait() for link in self.links))


class MemoryLink:
    """One end of a connection. Implements `chatcore.ports.transport.Link`."""

    transport = "memory"
    checks_liveness = False
    key_fingerprint: str | None = None
    format = "memory"
    write_seconds = WRITE_SECONDS

    def __init__(self, network: MemoryNetwork, address: str, buffer_bytes: int) -> None:
        self.address = address
        self.keeps_boundaries = network.boundaries
        self.open = True
        self.lost = asyncio.Event()
        self.peer: MemoryLink = self
        self.count: ConnectionCount | None = None
        """Where a server's end is counted."""
        self.waiting_bytes = 0
        """What was written and not yet handed over on the other side."""
        self._network = network
        self._loop = asyncio.get_running_loop()
        self._buffer_bytes = buffer_bytes
        self._handler: LinkHandler | None = None
        self._reading = True
        self.under_way: deque[bytes | None] = deque()
        self._arrived: deque[bytes] = deque()
        self._last_arrival = 0.0
        self._paused = False
        self._closing = False
        network.links[self] = None

    def attach(self, handler: LinkHandler) -> None:
        """Set who is told of what happens here."""
        if self.open:
            self._handler = handler
            self._loop.call_soon(self._hand_over)
        else:
            self._loop.call_soon(handler.connection_lost, Lost(LostReason.VANISHED))

    def frame(self, payload: bytes) -> bytes:
        """Return the bytes that carry this payload."""
        if not self.keeps_boundaries:
            return payload
        kind = b"b" if type(payload) is Binary else b"t"
        return len(payload).to_bytes(4, "big") + kind + payload

    def write(self, frames: bytes) -> None:
        """Send frames on their way."""
        if not self.open or self._closing:
            return
        if self._network.drop and self._network.random.random() < self._network.drop:
            self._network.cut(self)
            return
        self.waiting_bytes += len(frames)
        self._at_arrival(self.peer, frames)
        if self.waiting_bytes > self._buffer_bytes and not self._paused and self._handler is not None:
            self._paused = True
            self._handler.writing_paused()

    def pause_reading(self) -> None:
        """Hand over nothing for now."""
        self._reading = False

    def resume_reading(self) -> None:
        """Hand over again."""
        if not self._reading:
            self._reading = True
            self._loop.call_soon(self._hand_over)

    def close(self, reason: CloseReason, message: str = "") -> None:
        """Close after everything that is under way."""
        if self.open and not self._closing:
            self._closing = True
            self._at_arrival(self.peer, None)

    def abort(self) -> None:
        """Drop the connection at once."""
        self._network.cut(self)

    def lose(self, lost: Lost) -> None:
        """End, since the connection is gone."""
        if self.open:
            self.open = False
            self.lost.set()
            if self.count is not None:
                self.count.remove(files=0)
            self._arrived.clear()
            del self._network.links[self]
            handler, self._handler = self._handler, None
            if handler is not None:
                self._loop.call_soon(handler.connection_lost, lost)

    def _at_arrival(self, target: MemoryLink, frames: bytes | None) -> None:
        # First in, first out, whatever the latencies are: equal times may be called in any order,
        # so each call takes what is next on the way and not what it was made for.
        when = max(self._last_arrival, self._loop.time() + self._network.random.uniform(*self._network.latency))
        self._last_arrival = when
        target.under_way.append(frames)
        self._loop.call_at(when, target.arrive)

    def arrive(self) -> None:
        """Take the next of what is under way to here; None is the end."""
        frames = self.under_way.popleft()
        if not self.open:
            return
        if frames is None:
            self._hand_over()
            self.lose(Lost(LostReason.CLOSED_BY_PEER))
            self.peer.lose(Lost(LostReason.CLOSED_HERE))
            return
        self._arrived.append(frames)
        self._hand_over()

    def _hand_over(self) -> None:
        while self.open and self._reading and self._arrived and self._handler is not None:
            frames = self._arrived.popleft()
            payload, rest = self._cut_off(frames)
            if rest:
                self._arrived.appendleft(rest)
            try:
                self._handler.data_received(payload)
            except BaseException:
                self.lose(Lost(LostReason.INTERNAL))  # a mistake of the user's; the event loop reports it
                self.peer.lose(Lost(LostReason.DROPPED_BY_PEER))
                raise
            self.peer.taken(len(frames) - len(rest))

    def _cut_off(self, frames: bytes) -> tuple[bytes, bytes]:
        if not self.keeps_boundaries:
            end = self._network.random.randint(1, len(frames))
            return frames[:end], frames[end:]
        end = _HEADER + int.from_bytes(frames[:4], "big")
        payload = frames[_HEADER:end]
        return (Binary(payload) if frames[4:_HEADER] == b"b" else payload), frames[end:]

    def taken(self, count: int) -> None:
        """Make room: the other side has taken so many bytes."""
        self.waiting_bytes -= count
        if self._paused and self.waiting_bytes <= self._buffer_bytes // 4 and self.open and self._handler is not None:
            self._paused = False
            self._loop.call_soon(self._handler.writing_resumed)


def _port(url: str) -> int:
    """Return the port in an address of this network. Raises `ConnectionFailed`."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        port = None
    if port is None or parts.scheme != MemoryNetwork.name:
        raise ConnectionFailed("{url!r} is not an address on a network in memory", url=url)
    return port
