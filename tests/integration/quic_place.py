"""A listener in the test's own process, with short limits, and guests that come to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from chatcore.ports.transport import ConnectOptions, Link, ListenOptions
from chatcore_quic import QuicTransport
from chatcore_quic.server import QuicListener
from tests.contracts.transport import User
from tests.patience import PATIENCE


class QuicAddress:
    """A listener, and those who came."""

    def __init__(self, listener: QuicListener, users: list[User]) -> None:
        self.listener = listener
        self.users = users
        self.port = int(listener.url.rpartition(":")[2])


@pytest.fixture
async def place() -> AsyncIterator[QuicAddress]:
    """Listen, with short limits."""
    users: list[User] = []

    def accept(link: Link) -> User:
        users.append(User(link))
        users[-1].echoes = True
        return users[-1]

    options = ListenOptions(port=0, keepalive_interval=0.3, keepalive_timeout=0.3)
    listener = await QuicTransport().listen(options, accept)
    yield QuicAddress(listener, users)
    for user in users:
        user.link.abort()
    await listener.wait_closed()


async def guest(place: QuicAddress, port: int | None = None, **options: float) -> User:
    """Connect, perhaps by way of a proxy."""
    users: list[User] = []
    count = len(place.users)

    def accept(link: Link) -> User:
        users.append(User(link))
        return users[0]

    wanted = ConnectOptions(fingerprints=(place.listener.fingerprint,), **options)  # type: ignore[arg-type]
    await QuicTransport().connect(f"https://127.0.0.1:{port or place.port}/chat", wanted, accept)
    async with asyncio.timeout(PATIENCE):
        while len(place.users) == count:
            await asyncio.sleep(0.001)
    return users[0]
