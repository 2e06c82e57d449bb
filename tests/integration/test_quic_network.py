"""Bad networks: loss, reordering, doubled datagrams, a NAT that forgets, peers that die."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chatcore.aio.client import connect
from chatcore.aio.server import ChatServer, Listen
from chatcore.events import MessagePosted
from chatcore.ports.transport import CloseReason, ConnectOptions, Link, ListenOptions
from chatcore_quic import QuicTransport
from chatcore_quic.server import QuicListener
from tests.contracts.transport import User
from tests.integration.quic_proxy import LossyProxy
from tests.integration.test_quic_hostile import opened

MESSAGES = 1000


class Place:
    """A listener, and those who came."""

    def __init__(self, listener: QuicListener, users: list[User]) -> None:
        self.listener = listener
        self.users = users
        self.port = int(listener.url.rpartition(":")[2])


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """Listen, with short limits."""
    users: list[User] = []

    def accept(link: Link) -> User:
        users.append(User(link))
        users[-1].echoes = True
        return users[-1]

    options = ListenOptions(port=0, keepalive_interval=0.3, keepalive_timeout=0.3)
    listener = await QuicTransport().listen(options, accept)
    yield Place(listener, users)
    for user in users:
        user.link.abort()
    await listener.wait_closed()


async def guest(place: Place, port: int | None = None, **options: float) -> User:
    """Connect, perhaps by way of a proxy."""
    users: list[User] = []
    count = len(place.users)

    def accept(link: Link) -> User:
        users.append(User(link))
        return users[0]

    wanted = ConnectOptions(fingerprints=(place.listener.fingerprint,), **options)  # type: ignore[arg-type]
    await QuicTransport().connect(f"https://127.0.0.1:{port or place.port}/chat", wanted, accept)
    async with asyncio.timeout(10):
        while len(place.users) == count:
            await asyncio.sleep(0.001)
    return users[0]


async def test_thousand_messages_arrive_once_each_and_in_order_when_a_third_is_lost(tmp_path: Path) -> None:
    """30 % loss both ways, a tenth doubled, a fifth late: two users of the chat notice nothing but the time."""
    transport = QuicTransport()
    options = ListenOptions(port=0)
    async with ChatServer(listen=[Listen(transport, "chat", options)]) as server:
        port = int(server.urls[0].rpartition(":")[2])
        async with LossyProxy(port, loss=0.3, double=0.1, late=0.2) as proxy:
            listener = server._listeners[0]
            assert isinstance(listener, QuicListener)
            pins = ConnectOptions(connect_timeout=20, fingerprints=(listener.fingerprint,))
            url = f"quic://127.0.0.1:{proxy.port}"
            async with (
                connect(url, username="alice", transport=transport, options=pins) as alice,
                connect(url, username="bob", transport=transport, options=pins) as bob,
            ):

                async def read() -> list[str]:
                    texts: list[str] = []
                    async for event in bob:
                        if isinstance(event, MessagePosted):
                            texts.append(event.text)
                        if len(texts) == MESSAGES:
                            break
                    return texts

                reading = asyncio.ensure_future(read())
                async with asyncio.timeout(100):
                    for first in range(0, MESSAGES, 100):
                        await asyncio.gather(*(alice.send(f"number {first + n}") for n in range(100)))
                    assert await reading == [f"number {number}" for number in range(MESSAGES)]
            assert proxy.dropped > 100


async def test_session_goes_on_when_the_clients_port_changes(place: Place) -> None:
    """A NAT gave the client another port: neither user hears of it."""
    async with LossyProxy(place.port) as proxy:
        client = await guest(place, proxy.port)
        client.say(b"before ")
        await client.heard(b"before ")
        for word in (b"once ", b"twice "):
            await proxy.rebind()
            client.say(word)
            await client.until(lambda word=word: b"".join(client.payloads).endswith(word))  # type: ignore[misc]
        await proxy.rebind()
        await asyncio.sleep(0.05)
        client.say(b"still the same")
        await client.heard(b"before ", b"once ", b"twice ", b"still the same")
        assert len(place.users) == 1
        assert not place.users[0].lost
        client.link.close(CloseReason.NORMAL)
        await place.users[0].leaves()
        await client.leaves()


async def test_both_sides_notice_when_the_network_is_gone(place: Place) -> None:
    """Nothing passes any more: both ask, hear nothing, and give up in time."""
    async with LossyProxy(place.port) as proxy:
        client = await guest(place, proxy.port, keepalive_interval=0.3, keepalive_timeout=0.3)
        begin = time.monotonic()
        proxy.loss = 1.0
        assert await client.leaves() == "no answer to a ping"
        await place.users[0].leaves()
        assert place.users[0].reason == "no answer to a ping"
        assert 0.5 < time.monotonic() - begin < 1.5
        assert not place.listener.registry.members


async def test_idle_link_stays_when_pings_are_answered(place: Place) -> None:
    """Silence alone is no reason, from whichever side the pings come."""
    client = await guest(place)
    await asyncio.sleep(1.0)
    assert not client.lost
    assert not place.users[0].lost
    client.link.abort()
    await client.leaves()


async def test_idle_link_stays_when_pings_are_lost_now_and_then(place: Place) -> None:
    """A lost ping is sent again."""
    async with LossyProxy(place.port, seed=7) as proxy:
        client = await guest(place, proxy.port)
        proxy.loss = 0.15
        await asyncio.sleep(1.5)
        assert not place.users[0].lost
        client.link.abort()
        await client.leaves()


async def test_client_notices_at_once_when_the_server_is_killed() -> None:
    """Its machine says that nobody listens there any more."""
    async with opened("echo") as house:
        client = await house.guest()
        client.say(b"hello")
        await client.heard(b"hello")
        house.process.kill()
        await house.process.wait()
        begin = time.monotonic()
        client.say(b"anybody?")
        assert "any more" in await client.leaves()
        assert time.monotonic() - begin < 2


async def test_clean_close_is_seen_at_once(place: Place) -> None:
    """From either side, in less time than any timer here takes."""
    for closer in ("client", "server"):
        client = await guest(place)
        server = place.users[-1]
        begin = time.monotonic()
        (client if closer == "client" else server).link.close(CloseReason.GOING_AWAY, "bye")
        await (server if closer == "client" else client).leaves()
        assert time.monotonic() - begin < 0.2
        await client.leaves()
        await server.leaves()
        assert {client.reason, server.reason} == {"closed by us", "closed by the peer"}


async def test_close_delivers_everything_when_packets_are_lost(place: Place) -> None:
    """What was written before `close` is sent until it arrives."""
    async with LossyProxy(place.port, seed=3) as proxy:
        client = await guest(place, proxy.port, keepalive_interval=5)
        proxy.loss, proxy.double, proxy.late = 0.3, 0.1, 0.2
        said = b"x" * 50_000
        place.users[0].link.write(said)
        place.users[0].link.close(CloseReason.NORMAL)
        await client.leaves()
        await client.heard(said)


async def test_many_links_close_without_a_long_turn(place: Place) -> None:
    """Closing costs each its own ids, and a crowd takes turns."""
    clients = [await guest(place) for _ in range(100)]
    slowest, last = 0.0, time.monotonic()
    for user in place.users:
        user.link.close(CloseReason.GOING_AWAY)
    async with asyncio.timeout(10):
        while not all(user.lost for user in clients + place.users):
            await asyncio.sleep(0)
            now = time.monotonic()
            slowest, last = max(slowest, now - last), now
        while place.listener.registry.members:
            await asyncio.sleep(0.01)
    assert slowest < 0.25
