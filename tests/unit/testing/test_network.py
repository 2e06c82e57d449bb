"""The network in memory keeps the promises of every transport, and makes trouble when it is told to."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import pytest

from chatcore.ports.transport import ConnectOptions, Link, ListenOptions, LostReason
from chatcore.testing import MemoryNetwork
from tests.contracts.transport import Meeting, TransportContract, User
from tests.unit.aio.house import in_virtual_time


class TestMessages(TransportContract):
    """The promises of the port, on a network that keeps boundaries."""

    @pytest.fixture
    def transport(self) -> MemoryNetwork:
        """Return a perfect network."""
        return MemoryNetwork()


class TestStream(TransportContract):
    """The same on one that carries a stream, cut anywhere."""

    @pytest.fixture
    def transport(self) -> MemoryNetwork:
        """Return a perfect network."""
        return MemoryNetwork(boundaries=False)


# Ports.


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"latency": 0.1}, r"^latency has to be tuple\[float, float\], and is float$"),
        ({"latency": ("a", "b")}, "^part 1 of latency has to be float, and is str$"),
        ({"latency": (1.0,)}, "^latency has to be .*, and has 1 parts$"),
        ({"latency": (2, 1)}, "^latency has to be the shortest and the longest time"),
        ({"latency": (-1, 1)}, "^latency has to be the shortest and the longest time"),
        ({"latency": (math.nan, 1)}, "^latency has to be the shortest and the longest time"),
        ({"latency": (0, math.inf)}, "^latency has to be the shortest and the longest time"),
        ({"drop": "0.2"}, "^drop has to be float, and is str$"),
        ({"drop": 2}, r"^drop has to be from 0\.0 to 1\.0, and is 2$"),
        ({"drop": math.nan}, r"^drop has to be from 0\.0 to 1\.0, and is nan$"),
        ({"seed": "x"}, "^seed has to be int, and is str$"),
    ],
)
def test_network_that_there_cannot_be_is_told_where_it_is_made(given: dict[str, Any], told: str) -> None:
    """Not at the first connection, nor by one that waits for ever."""
    with pytest.raises((TypeError, ValueError), match=told):
        MemoryNetwork(**given)


@in_virtual_time
async def test_free_port_is_one_that_nobody_listens_at() -> None:
    """Whether it was asked for by its number or not."""
    network = MemoryNetwork()
    first = await network.listen(ListenOptions(port=1), User)
    second = await network.listen(ListenOptions(port=0), User)
    assert (first.url, second.url) == ("memory://127.0.0.1:1", "memory://127.0.0.1:2")


@in_virtual_time
async def test_port_is_free_again_when_its_listener_has_stopped() -> None:
    """And whoever takes it then keeps it, while the old one still waits for its connections to end."""
    network = MemoryNetwork()
    old = await network.listen(ListenOptions(port=7), User)
    link = await network.connect(old.url, ConnectOptions(), User)
    old.stop_accepting()
    new = await network.listen(ListenOptions(port=7), User)
    closing = asyncio.ensure_future(old.wait_closed())
    await asyncio.sleep(1)
    assert not closing.done()
    link.abort()
    await closing
    link = await network.connect(new.url, ConnectOptions(), User)
    assert link.open
    link.abort()


# Troubles.


@pytest.mark.parametrize("boundaries", [True, False])
@in_virtual_time
async def test_bytes_arrive_in_order_however_long_they_travel(boundaries: bool) -> None:
    """First in, first out, and within the longest time."""
    network = MemoryNetwork(latency=(0.5, 2.0), boundaries=boundaries, seed=3)
    client, server = await meet(network)
    said = [f"message {number}\n".encode() for number in range(100)]
    start = asyncio.get_running_loop().time()
    client.say(*said)
    await server.heard(*said)
    assert 0.5 <= asyncio.get_running_loop().time() - start <= 2.0


@in_virtual_time
async def test_stream_arrives_cut_anywhere() -> None:
    """A reader that counts on whole writes is found out."""
    client, server = await meet(MemoryNetwork(boundaries=False, seed=3))
    client.say(*[b"0123456789"] * 50)
    await server.until(lambda: sum(map(len, server.payloads)) == 500)
    assert len({len(payload) for payload in server.payloads}) > 3


@in_virtual_time
async def test_cut_connection_loses_what_is_under_way() -> None:
    """Both ends hear of it, once."""
    network = MemoryNetwork(latency=(1.0, 1.0))
    client, server = await meet(network)
    client.say(b"lost")
    network.cut(client.link)
    network.cut(client.link)
    assert (await client.leaves(), await server.leaves()) == (LostReason.VANISHED,) * 2
    await asyncio.sleep(10)
    assert server.payloads == []
    assert network.links == {}


@in_virtual_time
async def test_some_connections_are_cut() -> None:
    """About the share that was asked for, the same ones for the same seed."""

    async def left(seed: int, share: float) -> list[int]:
        network = MemoryNetwork(seed=seed)
        pairs = [await meet(network) for _ in range(100)]
        network.cut_some(share)
        await asyncio.sleep(0)
        return [index for index, (client, server) in enumerate(pairs) if client.link.open and server.link.open]

    assert await left(1, 0.0) == list(range(100))
    some = await left(1, 0.3)
    assert 55 < len(some) < 85
    assert await left(1, 0.3) == some
    assert await left(2, 0.3) != some


@in_virtual_time
async def test_writes_cut_the_connection_as_often_as_they_are_told_to() -> None:
    """Once in ten, say."""
    network = MemoryNetwork(drop=0.1, seed=1)
    writes = 0
    for _ in range(100):
        client, _ = await meet(network)
        while client.link.open:
            client.say(b"x")
            writes += 1
    assert 800 < writes < 1250


@in_virtual_time
async def test_user_hears_of_the_end_when_its_peer_drops_the_connection_at_once() -> None:
    """Before it had a user at all."""

    def refuse(link: Link) -> User:
        link.abort()
        return User(link)

    network = MemoryNetwork()
    listener = await network.listen(ListenOptions(port=0), refuse)
    clients: list[User] = []

    def accept(link: Link) -> User:
        clients.append(User(link))
        return clients[0]

    await network.connect(listener.url, ConnectOptions(), accept)
    assert await clients[0].leaves() == LostReason.VANISHED
    assert clients[0].said == ["lost"]


async def meet(network: MemoryNetwork) -> tuple[User, User]:
    """Return two who are connected."""
    meeting = Meeting(network, ConnectOptions())
    meeting.listener = await network.listen(ListenOptions(port=0), meeting.accept)
    return await meeting.join()
