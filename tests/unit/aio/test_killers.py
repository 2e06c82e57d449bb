"""What ends the connection each time it is sent is set aside with its reason, and the rest goes out."""

from __future__ import annotations

import asyncio

import pytest

from chatcore import RequestRefused, connect
from chatcore.client.session import ClientSession
from chatcore.commands import SendMessage
from chatcore.events import Dismissed, SendAcknowledged, SendRefused
from chatcore.ports.transport import Accept, ConnectOptions, Link
from chatcore.testing import MemoryNetwork
from tests.unit.aio.house import Connection, Frame, House, Puppet, in_virtual_time, next_of
from tests.unit.client.test_session import welcome

AT = "2026-11-26T12:00:00Z"


class Relay:
    """A transport whose connections end when a word goes through, or after a while."""

    schemes = MemoryNetwork.schemes
    name = MemoryNetwork.name
    default_port = 1
    can_encrypt = False
    uses_files = False

    def __init__(self, network: MemoryNetwork, *, word: bytes = b"never", lasts: float | None = None) -> None:
        self.word = word
        self.lasts = lasts
        self.killed = 0
        self.connections = 0
        self._network = network
        self.listen = network.listen

    async def connect(self, url: str, options: ConnectOptions, accept: Accept) -> Link:
        """Connect, and look at what goes out."""
        link = await self._network.connect(url, options, accept)
        write, loop = link.write, asyncio.get_running_loop()
        self.connections += 1
        if self.lasts is not None:
            loop.call_later(self.lasts, link.abort)

        def look(frames: bytes) -> None:
            if self.word in frames:
                self.killed += 1
                link.abort()
            else:
                write(frames)

        link.write = look  # type: ignore[method-assign]
        return link


@in_virtual_time
async def test_message_that_ends_the_connection_is_set_aside_and_the_rest_goes_out() -> None:
    """A filter on the way cannot stand a word; who waits for that message is told."""
    async with House(grace=3600) as house:
        relay = Relay(house.network, word=b"cursed")
        alice = await house.guest("alice", transport=relay)
        for text in ("one", "two", "cursed", "three", "four"):
            alice.post(SendMessage(text))
        await alice.flush()
        (refused,) = await next_of(alice, SendRefused)
        assert (refused.cid, refused.code) == (3, "connection_lost")
        assert "the connection ended each of the 6 times that this was sent" in refused.message
        assert [posted.text for posted in await alice.history()] == ["one", "two", "three", "four"]
        assert relay.killed == 6
        assert asyncio.get_running_loop().time() < 60
        with pytest.raises(RequestRefused) as caught:
            await alice.send("cursed again")
        assert caught.value.code == "connection_lost"
        assert await alice.send("five") is not None


@in_virtual_time
async def test_request_that_ends_the_connection_is_refused_to_whoever_asked() -> None:
    """And nothing else is held up by it."""
    async with House(grace=3600) as house:
        alice = await house.guest("alice", transport=Relay(house.network, word=b"whois"))
        asking = asyncio.ensure_future(alice.whois("alice"))
        saying = asyncio.ensure_future(alice.send("hello"))
        with pytest.raises(RequestRefused) as caught:
            await asking
        assert caught.value.code == "connection_lost"
        assert await saying is not None


@in_virtual_time
async def test_message_is_not_blamed_for_connections_that_do_not_last_without_it_either() -> None:
    """Nothing is given up because of a relay that closes every connection; it is sent when one lasts."""
    async with House(grace=3600) as house:
        relay = Relay(house.network, word=b"hello", lasts=0.02)
        alice = await house.guest("alice", transport=relay)
        number = alice.post(SendMessage("hello"))
        await asyncio.sleep(600)
        assert alice.pending == 1
        relay.word, relay.lasts = b"never", None
        assert (await next_of(alice, SendAcknowledged))[0].cid == number


@in_virtual_time
async def test_message_is_delivered_by_connections_that_last_only_for_a_moment() -> None:
    """Whoever waits and looks whether a connection lasts would never say anything there."""
    async with House(grace=3600) as house:
        relay = Relay(house.network, word=b"hello", lasts=0.3)
        alice = await house.guest("alice", transport=relay)
        alice.post(SendMessage("hello"))
        while relay.killed < 3:
            await asyncio.sleep(0.1)
        relay.word = b"never"
        await alice.flush()
        assert [posted.text for posted in await alice.history()] == ["hello"]


@in_virtual_time
async def test_message_is_not_blamed_for_connections_that_stood_it_for_a_while() -> None:
    """A server that is too busy to answer soon, at the end of a network that breaks often."""

    def answer(frame: Frame, connection: Connection) -> None:
        loop, kind = asyncio.get_running_loop(), frame["type"]
        if kind == "login":
            connection.welcome()
        elif kind == "logout":
            connection.hang_up()
        elif kind == "ping":
            connection.say("pong")
        elif kind == "send_message" and len(puppet.connections) <= 8:
            loop.call_later(2.0, lambda: connection.say("rooms_changed", rooms=[], removed=[]))
            loop.call_later(2.5, connection.link.abort)
        elif kind == "send_message":
            connection.say("message", room="lobby", seq=1, **{"from": "alice"}, text="hello", at=AT, cid=frame["cid"])

    async with Puppet(answer) as puppet:
        alice = await connect(puppet.url, username="alice", transport=puppet.network)
        number = alice.post(SendMessage("hello"))
        assert (await next_of(alice, SendAcknowledged))[0].cid == number
        await alice.close()


def test_nothing_is_blamed_for_a_server_that_is_stopped_again_and_again() -> None:
    """It says goodbye: what was on its way then has nothing to do with it."""
    session = ClientSession("alice", "client")
    session.post(SendMessage("hello"))
    for _ in range(20):
        session.connected()
        session.requests_to_send()
        session.received(welcome(), "login", 0.0)
        session.requests_to_send()
        session.received(Dismissed("shutting_down", "back soon", 1.0), None, 0.0)
        assert session.disconnected() == []
    assert session.pending == 1
