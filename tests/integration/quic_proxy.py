"""A UDP proxy in the test's own process that loses, doubles and reorders datagrams, and can change its port."""

from __future__ import annotations

import asyncio
import random
import socket
from typing import Any, cast

STRANGER = object()


class _Side(asyncio.DatagramProtocol):
    """A socket of the proxy."""

    def __init__(self, proxy: LossyProxy, peer: Any) -> None:
        self.proxy = proxy
        self.peer = peer
        """The client that this socket stands for at the server; None for the one that clients send to."""
        self.transport: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes | str, address: Any) -> None:
        """Take a datagram from either side."""
        packet = cast("bytes", data)
        if self.peer is None:
            self.proxy.from_client(packet, address)
        else:
            self.proxy.from_server(packet, self.peer)

    def error_received(self, error: Exception) -> None:
        """Leave it out, as a network does."""


class LossyProxy:
    """Stands between clients and a server.

    Args:
        port: the server's.
        loss, double, late: how probable each is for a datagram, in either direction.
        delay: the longest delay of a late one, in seconds.
        seed: of the dice.
    """

    def __init__(
        self,
        port: int,
        *,
        loss: float = 0.0,
        double: float = 0.0,
        late: float = 0.0,
        delay: float = 0.02,
        seed: int = 1,
    ) -> None:
        self.port = 0
        self.loss, self.double, self.late, self.delay = loss, double, late, delay
        self.dropped = self.passed = 0
        self.spoofing = False
        """Whether the next datagram of a client comes from a stranger's address, too, and from there first."""
        self.spoofed = 0
        """How many bytes were sent so."""
        self.answered = 0
        """How many bytes the server sent to the stranger, who is not there."""
        self._kept: list[tuple[bytes, Any]] | None = None
        self._server = ("127.0.0.1", port)
        self._dice = random.Random(seed)
        self._front: _Side
        self._backs: dict[Any, _Side] = {}
        self._others: list[_Side] = []
        self._loop = asyncio.get_running_loop()

    async def __aenter__(self) -> LossyProxy:
        _, self._front = await self._loop.create_datagram_endpoint(
            lambda: _Side(self, None), local_addr=("127.0.0.1", 0)
        )
        self.port = self._front.transport.get_extra_info("sockname")[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        for side in [self._front, *self._backs.values(), *self._others]:
            side.transport.abort()
        await asyncio.sleep(0)

    def address(self) -> Any:
        """Return what the server takes for the only client's address."""
        [side] = self._backs.values()
        return side.transport.get_extra_info("sockname")

    def client(self) -> Any:
        """Return the only client."""
        [client] = self._backs
        return client

    async def spoof(self) -> None:
        """Send what a client says next from a stranger's address first."""
        self._others.append(await self._back(STRANGER))
        self.spoofing = True

    async def rebind(self) -> None:
        """Give every client another port at the server, as a NAT does that forgot about it."""
        for client, side in list(self._backs.items()):
            self._others.append(side)
            self._backs[client] = await self._back(client)

    def keep(self) -> None:
        """Keep what clients say from now on, instead of passing it on."""
        self._kept = []

    def pass_on(self) -> None:
        """Pass on what was kept, and what comes."""
        kept, self._kept = self._kept or [], None
        for data, client in kept:
            self.from_client(data, client)

    async def _back(self, client: Any) -> _Side:
        _, side = await self._loop.create_datagram_endpoint(lambda: _Side(self, client), sock=_free_socket())
        return side

    def from_client(self, data: bytes, client: Any) -> None:
        """Pass a datagram on to the server."""
        if self._kept is not None:
            self._kept.append((data, client))
            return
        if self.spoofing:
            self.spoofing = False
            self.spoofed += len(data)
            self._others[-1].transport.sendto(data, self._server)
        side = self._backs.get(client)
        if side is None:
            task = self._loop.create_task(self._first(data, client))
            task.add_done_callback(lambda task: task.result())
        else:
            self._pass(data, side.transport, self._server)

    async def _first(self, data: bytes, client: Any) -> None:
        side = await self._back(client)
        self._backs.setdefault(client, side)
        self._pass(data, self._backs[client].transport, self._server)

    def from_server(self, data: bytes, client: Any) -> None:
        """Pass a datagram on to a client."""
        if client is STRANGER:
            self.answered += len(data)
            return
        self._pass(data, self._front.transport, client)

    def _pass(self, data: bytes, transport: asyncio.DatagramTransport, address: Any) -> None:
        roll = self._dice.random
        if roll() < self.loss:
            self.dropped += 1
            return
        self.passed += 1
        for _ in range(2 if roll() < self.double else 1):
            if roll() < self.late:
                self._loop.call_later(roll() * self.delay, self._send, data, transport, address)
            else:
                self._send(data, transport, address)

    @staticmethod
    def _send(data: bytes, transport: asyncio.DatagramTransport, address: Any) -> None:
        if not transport.is_closing():
            transport.sendto(data, address)


def _free_socket() -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setblocking(False)
    sock.bind(("127.0.0.1", 0))
    return sock
