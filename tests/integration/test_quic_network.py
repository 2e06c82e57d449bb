"""Bad networks: loss, reordering, doubled datagrams, silence, and the end of a connection in all that."""

from __future__ import annotations

import asyncio
import time

import pytest

from chatcore.aio.client import connect
from chatcore.aio.server import Listen
from chatcore.events import MessagePosted
from chatcore.ports.transport import CloseReason, ConnectOptions, ListenOptions, LostReason
from chatcore_quic import QuicTransport
from chatcore_quic.server import QuicListener
from tests.contracts.transport import User
from tests.integration.quic_house import opened
from tests.integration.quic_place import QuicAddress, guest, place
from tests.integration.quic_proxy import LossyProxy
from tests.patience import PATIENCE
from tests.stopwatch import Stopwatch
from tests.stores import ChatServer

__all__ = ["place"]

MESSAGES = 1000


async def test_thousand_messages_arrive_once_each_and_in_order_when_a_third_is_lost() -> None:
    """30 % loss both ways, a tenth doubled, a fifth late: two users of the chat notice nothing but the time."""
    transport = QuicTransport()
    options = ListenOptions(port=0)
    async with ChatServer(listen=[Listen(transport, "chat", options)]) as server:
        port = int(server.urls[0].rpartition(":")[2])
        async with LossyProxy(port, loss=0.3, double=0.1, late=0.2) as proxy:
            listener = server._listening._opened[0].listener
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
                    for first in range(0, MESSAGES, 250):
                        await asyncio.gather(*(alice.send(f"number {first + n}") for n in range(250)))
                    assert await reading == [f"number {number}" for number in range(MESSAGES)]
            assert proxy.dropped > 100


async def test_both_sides_notice_when_the_network_is_gone(place: QuicAddress) -> None:
    """Nothing passes any more: both ask, hear nothing, and give up in time."""
    async with LossyProxy(place.port) as proxy:
        client = await guest(place, proxy.port, keepalive_interval=0.3, keepalive_timeout=0.3)
        stopwatch = Stopwatch()
        proxy.loss = 1.0
        assert await client.leaves() == LostReason.SILENT
        await place.users[0].leaves()
        assert place.users[0].reason == LostReason.SILENT
        assert stopwatch.by_the_clock > 0.5
        assert stopwatch.seconds < 1.5
        assert not place.listener.registry.members


async def test_idle_link_stays_when_pings_are_answered(place: QuicAddress) -> None:
    """Silence alone is no reason, from whichever side the pings come."""
    client = await guest(place)
    await asyncio.sleep(0.8)
    assert not client.lost
    assert not place.users[0].lost
    client.link.abort()
    await client.leaves()


async def test_idle_link_stays_when_pings_are_lost_now_and_then(place: QuicAddress) -> None:
    """A lost ping is sent again."""
    async with LossyProxy(place.port, seed=7) as proxy:
        client = await guest(place, proxy.port)
        proxy.loss = 0.15
        await asyncio.sleep(1.2)
        assert not place.users[0].lost
        client.link.abort()
        await client.leaves()


async def test_clean_close_is_seen_at_once(place: QuicAddress) -> None:
    """From either side, and by what is said: it is no silence that is noticed."""
    for closer in ("client", "server"):
        client = await guest(place)
        server = place.users[-1]
        (client if closer == "client" else server).link.close(CloseReason.GOING_AWAY, "bye")
        await client.leaves()
        await server.leaves()
        assert {client.reason, server.reason} == {LostReason.CLOSED_HERE, LostReason.CLOSED_BY_PEER}


async def test_close_delivers_everything_when_packets_are_lost(place: QuicAddress) -> None:
    """What was written before `close` is sent until it arrives."""
    async with LossyProxy(place.port, seed=3) as proxy:
        client = await guest(place, proxy.port, keepalive_interval=5)
        proxy.loss, proxy.double, proxy.late = 0.3, 0.1, 0.2
        said = b"x" * 50_000
        place.users[0].link.write(said)
        place.users[0].link.close(CloseReason.NORMAL)
        await client.leaves()
        await client.heard(said)


async def test_many_links_close_without_a_long_turn(place: QuicAddress) -> None:
    """Closing costs each its own ids, and a crowd takes turns."""
    clients = [await guest(place) for _ in range(50)]
    slowest, last = 0.0, time.thread_time()
    for user in place.users:
        user.link.close(CloseReason.GOING_AWAY)
    async with asyncio.timeout(PATIENCE):
        while not all(user.lost for user in clients + place.users):
            await asyncio.sleep(0)
            now = time.thread_time()
            slowest, last = max(slowest, now - last), now
        while place.listener.registry.members:
            await asyncio.sleep(0.01)
    assert slowest < 0.5


# What is awaited takes some seconds; how many depends on what else the machine does.
_SLOW_MACHINE = 600.0


@pytest.mark.slow
@pytest.mark.parametrize("closer", ["server", "clients"])
async def test_five_thousand_links_close_at_the_price_of_five_thousand(closer: str) -> None:
    """What one costs does not depend on how many there are, and the server goes on listening meanwhile."""
    costs = {}
    for count in (500, 5000):
        async with opened("mute", keepalive_interval=600.0, handshake_timeout=_SLOW_MACHINE) as house:
            clients: list[User] = []
            while len(clients) < count:
                guests = (house.guest(keepalive_interval=600.0, connect_timeout=_SLOW_MACHINE) for _ in range(20))
                clients += await asyncio.gather(*guests)
            for user in clients:
                user.say(b"hello")
            async with asyncio.timeout(_SLOW_MACHINE):
                while (await house.state())["links"] < count:
                    await asyncio.sleep(0.1)
            await asyncio.sleep(1)
            before, longest = house.cpu(), 0.0
            if closer == "clients":
                for user in clients:
                    user.link.abort()
            else:
                await house.state("close")
            async with asyncio.timeout(_SLOW_MACHINE):
                while True:
                    state = await house.state()
                    longest = max(longest, state["longest"])
                    if not state["links"] and all(user.lost for user in clients):
                        break
                    await asyncio.sleep(0.05)
            costs[count] = (house.cpu() - before) / count * 1e6
            print(f"{closer}: {costs[count]:.0f} µs CPU for each of {count}, longest turn {longest * 1e3:.0f} ms")
            assert longest < 1
    assert costs[5000] < 3 * costs[500]
