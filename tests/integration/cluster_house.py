"""Several servers on one store, and people at them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from chatcore import ChatServer
from chatcore.aio.client import Client, connect
from chatcore.events import ClientEvent
from tests.integration.nats_house import NatsServer
from tests.patience import PATIENCE


class Cluster:
    """Servers that share a chat, and clients; all of them are closed at the end."""

    def __init__(self, address: str, stack: AsyncExitStack) -> None:
        self.address = address
        self.servers: list[ChatServer] = []
        self._stack = stack

    async def server(self, **options: Any) -> ChatServer:
        """Start one more server."""
        server = ChatServer(**{"port": 0, "store": self.address, **options})
        await server.start()
        self._stack.push_async_callback(server.stop)
        self.servers.append(server)
        return server

    async def two(self, **options: Any) -> tuple[ChatServer, ChatServer]:
        """Start two servers."""
        return await self.server(**options), await self.server(**options)

    async def client(self, server: ChatServer, name: str, **options: Any) -> Client:
        """Log somebody in at a server."""
        return await self.client_at(server.urls[0], name, **options)

    async def client_at(self, url: str, name: str, **options: Any) -> Client:
        """Log somebody in at an address."""
        return await self._stack.enter_async_context(connect(url, username=name, **options))


async def next_of(client: Client, kind: type[ClientEvent], **fields: object) -> Any:
    """Return the next event of a kind with these fields, whatever comes before it."""
    return [event async for event in until(client, kind, **fields)][-1]


async def until(client: Client, kind: type[ClientEvent], **fields: object) -> AsyncIterator[Any]:
    """Yield events up to the next one of a kind with these fields."""
    async with asyncio.timeout(PATIENCE):
        async for event in client:
            yield event
            if isinstance(event, kind) and all(getattr(event, name) == value for name, value in fields.items()):
                return
    raise AssertionError(f"the connection ended before {kind.__name__}")


@pytest.fixture
async def cluster(nats: NatsServer) -> AsyncIterator[Cluster]:
    """Give servers that share a chat of their own."""
    async with AsyncExitStack() as stack:
        yield Cluster(nats.fresh_chat(), stack)
