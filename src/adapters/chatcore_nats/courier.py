"""The way from server to server beside the stream: plain NATS, on a connection that keeps nothing else waiting."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error

from chatcore_nats.connection.connecting import Connection, close
from chatcore_nats.connection.ending import ended
from chatcore_nats.place import Place

# So many bytes wait here at most; what comes then is lost.
_MOST_BYTES: Final = 64 * 2**20


class NatsCourier:
    """Implements `chatcore.ports.courier.Courier`. While there is no connection, what it is given is lost.

    Args:
        client: a connection; it is closed with the courier.
        place: which chat.
    """

    def __init__(self, client: Connection, place: Place) -> None:
        self._client = client
        self._place = place
        self._waiting: deque[tuple[int, bytes]] = deque()
        self._bytes = 0
        self._wanted = asyncio.Event()
        self._take: Callable[[bytes], None]
        self._node = 0
        self._subscription: Subscription | None = None
        self._changed = asyncio.Event()
        self._tasks = [
            asyncio.create_task(self._send(), name="carry to other servers"),
            asyncio.create_task(self._subscribe(), name="hear of other servers"),
        ]

    def receive(self, node: int, take: Callable[[bytes], None]) -> None:
        """Give `take` what is carried to this node from now on."""
        self._node, self._take = node, take
        self._changed.set()

    def carry(self, node: int, data: bytes) -> None:
        """Carry bytes to a node. Never waits."""
        if self._client.is_connected and self._bytes + len(data) <= _MOST_BYTES:
            self._waiting.append((node, data))
            self._bytes += len(data)
            self._wanted.set()

    async def close(self) -> None:
        """Carry nothing any more."""
        await ended(self._tasks)
        await close(self._client)

    async def _send(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            while self._waiting:
                node, data = self._waiting.popleft()
                self._bytes -= len(data)
                with suppress(Error, OSError):
                    await self._client.publish(self._place.files(node), data)

    async def _subscribe(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            before, node = self._subscription, self._node
            with suppress(Error, OSError):
                self._subscription = await self._client.subscribe(self._place.files(node), cb=self._heard)
                if before is not None:
                    await before.unsubscribe()

    async def _heard(self, message: Msg) -> None:
        if message.subject == self._place.files(self._node):
            self._take(message.data)
