"""Connections come and go; the client stays, and nobody misses anything."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from chatcore import (
    CertificateChanged,
    Client,
    ConfigurationError,
    ConnectionClosed,
    LoginRefused,
    connect,
)
from chatcore.aio.routes import DirectRoute
from chatcore.client.session import ClientSession
from chatcore.commands import SendMessage
from chatcore.dialects.chat import dialect
from chatcore.errors import ChatcoreError, UntrustedCertificate
from chatcore.events import (
    ConnectionLost,
    Dismissed,
    GapFound,
    RoomEntered,
    SendAcknowledged,
    SendRefused,
    TransportChosen,
    Welcomed,
)
from chatcore.ports.transport import Accept, ConnectOptions, Link, ListenOptions
from chatcore.testing import MemoryNetwork
from tests.contracts.transport import User
from tests.stores import ChatServer
from tests.unit.aio.house import (
    Cable,
    Connection,
    Frame,
    House,
    Puppet,
    StumblingServer,
    in_virtual_time,
    next_of,
    rest_of,
    texts,
)


@in_virtual_time
async def test_client_comes_back_when_the_connection_is_cut() -> None:
    """It says so, and resumes its session."""
    async with House() as house:
        alice = await house.guest("alice")
        await anext(alice)
        house.cut()
        (lost,) = await next_of(alice, ConnectionLost)
        assert (lost.reason, lost.attempt) == ("the peer vanished", 1)
        assert 0.2 <= lost.retry_in <= 0.25
        assert not alice.connected
        (welcomed,) = await next_of(alice, Welcomed)
        assert welcomed.resumed
        assert alice.connected


@in_virtual_time
async def test_client_misses_nothing_and_loses_nothing_while_it_is_away() -> None:
    """What was said meanwhile is replayed; what it posted meanwhile is said, in order."""
    async with House() as house:
        cable = Cable(house.network)
        bob, alice = await house.guest("bob"), await house.guest("alice", transport=cable)
        await alice.enter("python")
        await bob.enter("python")
        cable.pull()
        await asyncio.sleep(1)
        for number in range(5):
            await bob.send(f"bob {number}")
            alice.post(SendMessage(f"alice {number}"))
        listing = asyncio.ensure_future(alice.list_rooms())
        sending = asyncio.ensure_future(alice.send("the end"))
        await asyncio.sleep(20)
        cable.plug()
        await alice.flush()
        everything = [f"{who} {number}" for who in ("bob", "alice") for number in range(5)] + ["the end"]
        assert await texts(alice, 11) == everything
        assert await texts(bob, 11) == everything
        assert [room.name for room in await listing] == ["lobby", "python"]
        assert (await sending) is not None


@in_virtual_time
async def test_client_waits_longer_and_longer_while_the_server_is_away() -> None:
    """A crowd must not come back at once, and a dead server not be asked all the time."""
    async with House(grace=3600) as house:
        cable = Cable(house.network)
        alice = await house.guest("alice", transport=cable)
        await alice.list_rooms()
        cable.pull()
        losses = await next_of(alice, ConnectionLost, 12)
        assert [loss.attempt for loss in losses] == list(range(1, 13))
        assert [loss.reason for loss in losses] == ["the peer vanished", *["the cable is out"] * 11]
        bounds = [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, *[20.0] * 5]
        assert all(0.2 <= loss.retry_in <= bound for loss, bound in zip(losses, bounds, strict=True))
        assert max(loss.retry_in for loss in losses) > 8
        cable.plug()
        (welcomed,) = await next_of(alice, Welcomed, 1)
        assert welcomed.resumed
        await asyncio.sleep(30)
        cable.pull()
        (loss,) = await next_of(alice, ConnectionLost)
        assert loss.attempt == 1


@pytest.mark.parametrize("seconds", [0.02, 0.5, 0.9])
@in_virtual_time
async def test_pauses_grow_until_a_connection_has_lasted(seconds: float) -> None:
    """A login alone proves nothing: what closes right behind it is not asked several times a second for ever."""

    def answer(frame: Frame, connection: Connection) -> None:
        if frame["type"] == "login":
            connection.welcome(resumed=True)
            if asyncio.get_running_loop().time() < 300:
                asyncio.get_running_loop().call_later(seconds, connection.link.abort)
        elif frame["type"] == "ping":
            connection.say("pong")
        else:
            connection.hang_up()

    async with Puppet(answer) as puppet, connect(puppet.url, username="alice", transport=puppet.network) as alice:
        losses = await next_of(alice, ConnectionLost, 12)
        assert [loss.attempt for loss in losses] == list(range(1, 13))
        assert max(loss.retry_in for loss in losses) > 8
        await asyncio.sleep(300)
        assert len(puppet.connections) < 60
        assert alice.connected
        puppet.connections[-1].link.abort()
        later = [loss.attempt for loss in await next_of(alice, ConnectionLost, len(puppet.connections) - 12)]
        assert later == [*range(13, 12 + len(later)), 1]


@in_virtual_time
async def test_pauses_grow_no_longer_than_connections_last() -> None:
    """On a bad network, whoever is cut off every second is there half of the time."""

    def answer(frame: Frame, connection: Connection) -> None:
        if frame["type"] == "login":
            connection.welcome(resumed=True)
            asyncio.get_running_loop().call_later(1.0, connection.link.abort)

    async with Puppet(answer) as puppet, connect(puppet.url, username="alice", transport=puppet.network) as alice:
        losses = await next_of(alice, ConnectionLost, 30)
        assert max(loss.retry_in for loss in losses) <= 1.0


@in_virtual_time
async def test_client_returns_to_its_room_after_the_grace_period() -> None:
    """It is a new session, but for the user nothing has changed."""
    async with House(grace=5) as house:
        cable = Cable(house.network)
        alice, bob = await house.guest("alice", transport=cable), await house.guest("bob")
        await alice.enter("python")
        await bob.enter("python")
        await bob.send("before")
        await texts(alice, 1)
        cable.pull()
        await asyncio.sleep(30)
        assert house.server.chat.users.keys() == {"bob"}
        await bob.send("meanwhile")
        alice.post(SendMessage("written meanwhile"))
        cable.plug()
        (entered,) = await next_of(alice, RoomEntered)
        assert entered.room == alice.room == "python"
        assert await texts(alice, 2) == ["meanwhile", "written meanwhile"]
        assert await texts(bob, 3) == ["before", "meanwhile", "written meanwhile"]


@in_virtual_time
async def test_client_ends_for_good_when_somebody_else_has_its_name_by_now() -> None:
    """After the grace period the name is free; iteration raises the refusal."""
    async with House(grace=5) as house:
        cable = Cable(house.network)
        alice = await house.guest("alice", transport=cable)
        cable.pull()
        await asyncio.sleep(30)
        await house.guest("alice")
        cable.plug()
        with pytest.raises(LoginRefused) as caught:
            await next_of(alice, Welcomed, 2)
        assert caught.value.code == "name_taken"
        with pytest.raises(ConnectionClosed):
            await alice.send("hi")


class Fork:
    """A route with a choice, that may fail."""

    def __init__(self, direct: DirectRoute) -> None:
        self._direct = direct
        self.url = direct.url
        self.failure: ChatcoreError | None = None

    async def connect(self, accept: Accept) -> TransportChosen:
        """Connect, and say by what."""
        if self.failure is not None:
            raise self.failure
        await self._direct.reach(accept)
        return TransportChosen("ws", "first", "")

    def learn(self, server: Mapping[str, Any]) -> None:
        """Leave it."""


class Forgetful:
    """A way whose first link is given up behind its opening."""

    def __init__(self, direct: DirectRoute) -> None:
        self._direct = direct
        self.url = direct.url

    async def connect(self, accept: Accept) -> None:
        """Connect, and once more."""
        (await self._direct.reach(accept)).abort()
        await self._direct.reach(accept)

    def learn(self, server: Mapping[str, Any]) -> None:
        """Leave it."""


@in_virtual_time
async def test_client_uses_the_link_that_it_was_given_last() -> None:
    """The one before was given up behind its opening: the key of its server cannot be remembered, say."""
    async with House() as house:
        route = Forgetful(DirectRoute(house.network, house.url, ConnectOptions()))
        client = Client(house.url, ClientSession("alice", "client"), route, dialect, reconnect=True)
        await client.start()
        assert (await client.send("hello")).text == "hello"
        house.cut()
        await next_of(client, ConnectionLost)
        assert (await client.send("hello again")).text == "hello again"
        await client.close()


@in_virtual_time
async def test_client_says_what_it_is_connected_by_and_waits_while_another_server_answers() -> None:
    """A hotel's login page, say. It is told once; nothing that was written is lost."""
    async with House() as house:
        route = Fork(DirectRoute(house.network, house.url, ConnectOptions()))
        client = Client(house.url, ClientSession("alice", "client"), route, dialect, reconnect=True)
        await client.start()
        assert await next_of(client, TransportChosen) == [TransportChosen("ws", "first", "")]
        assert client.reached == client.url == house.url
        for failure in (
            CertificateChanged("another key", "127.0.0.1:9", "old", None, "new"),
            UntrustedCertificate("x"),
        ):
            route.failure = failure
            house.cut()
            losses = await next_of(client, ConnectionLost, 4)
            assert [loss.reason for loss in losses] == ["the peer vanished", *[str(failure)] * 3]
            assert [loss.stranger for loss in losses] == [False, True, False, False]
            route.failure = ConfigurationError("the known servers cannot be read")
            (loss,) = await next_of(client, ConnectionLost)
            assert (loss.reason, loss.stranger) == ("the known servers cannot be read", False)
            cid = client.post(SendMessage("written meanwhile"))
            route.failure = None
            assert [event.cid for event in await next_of(client, SendAcknowledged)] == [cid]
        await client.close()


class OneAfterTheOther:
    """Leads to another place each time, and to the last one from then on."""

    def __init__(self, *ways: DirectRoute) -> None:
        self._ways = list(ways)
        self.url = ways[-1].url

    async def connect(self, accept: Accept) -> None:
        """Connect to the next one."""
        way = self._ways.pop(0) if len(self._ways) > 1 else self._ways[0]
        await way.connect(accept)

    def learn(self, server: Mapping[str, Any]) -> None:
        """Leave it."""


@in_virtual_time
async def test_client_whose_own_login_counts_late_comes_back_and_leaves_its_session_to_anybody_else() -> None:
    """A server that was cut off from the others may bring a login that was given up; after that it is somebody else."""
    async with House() as house:
        await house.network.listen(ListenOptions(port=7), User)
        here = DirectRoute(house.network, house.url, ConnectOptions())
        mute = DirectRoute(house.network, "memory://127.0.0.1:7", ConnectOptions())
        session = ClientSession("alice", "client")
        route = OneAfterTheOther(here, mute, here)
        alice = Client(house.url, session, route, dialect, reconnect=True, login_timeout=1.0)
        await alice.start()
        await alice.list_rooms()
        house.cut()
        await next_of(alice, ConnectionLost, 2)

        others = []

        async def take_over() -> None:
            other = ClientSession("alice", "client")
            other.token = session.token
            others.append(Client(house.url, other, here, dialect, reconnect=False))
            await others[-1].start()

        await alice.list_rooms()
        await take_over()
        await next_of(alice, ConnectionLost)
        await alice.list_rooms()
        await take_over()
        with pytest.raises(ConnectionClosed, match="somewhere else"):
            await next_of(alice, ConnectionLost)
        for client in (alice, *others):
            await client.close()


@pytest.mark.parametrize("failure", [UntrustedCertificate("nobody vouches"), ConfigurationError("no file")])
@in_virtual_time
async def test_client_that_was_never_logged_in_does_not_wait_for_what_will_not_pass(failure: ChatcoreError) -> None:
    """Here the first try ended before the login."""
    network = MemoryNetwork()
    route = Fork(DirectRoute(network, "memory://127.0.0.1:1", ConnectOptions()))

    def hang_up(link: Link) -> User:
        route.failure = failure
        asyncio.get_running_loop().call_soon(link.abort)
        return User(link)

    await network.listen(ListenOptions(port=1), hang_up)
    client = Client("memory://127.0.0.1:1", ClientSession("alice", "client"), route, dialect, reconnect=True)
    with pytest.raises(type(failure), match=str(failure)):
        await client.start()


@in_virtual_time
async def test_client_tries_again_when_the_server_is_full() -> None:
    """It was there before, so it waits for its place."""
    async with House(sessions=1, grace=5) as house:
        cable = Cable(house.network)
        alice = await house.guest("alice", transport=cable)
        cable.pull()
        await asyncio.sleep(30)
        async with connect(house.url, username="bob", transport=house.network):
            cable.plug()
            await asyncio.sleep(60)
            assert not alice.connected
        await next_of(alice, Welcomed, 2)
        assert house.server.chat.users.keys() == {"alice"}


@in_virtual_time
async def test_client_comes_back_to_a_server_that_was_restarted_on_the_same_port() -> None:
    """It is told when; the logs are new, and it says so; what was not acknowledged is said there."""
    network = MemoryNetwork()
    async with House(network, port=7) as old:
        alice, bob = await old.guests("alice", "bob")
        await alice.enter("python")
        await bob.enter("python")
        await bob.send("before")
        await texts(alice, 1)
        await old.server.stop("back in a minute")
        assert network.links == {}
        (goodbye,) = await next_of(alice, Dismissed)
        assert (goodbye.code, goodbye.message) == ("shutting_down", "back in a minute")
        (lost,) = await next_of(alice, ConnectionLost)
        assert lost.reason == "back in a minute"
        assert lost.retry_in >= goodbye.reconnect_in >= 1.0
        alice.post(SendMessage("written meanwhile"))
        await asyncio.sleep(30)
        async with ChatServer(transport=network, port=7) as new:
            gaps = await next_of(alice, GapFound, 3)
            assert {(gap.room, gap.first, gap.last) for gap in gaps} == {("@", 1, 0), ("*", 1, 0), ("python", 1, 0)}
            assert await texts(alice, 1) == ["written meanwhile"]
            assert alice.room == "python"
            await bob.send("here too")
            assert await texts(alice, 1) == ["here too"]
            assert {session.room.name for session in new.chat.users.values() if session.room} == {"python"}
            await alice.close()
            await bob.close()


@pytest.mark.unmeasured
@in_virtual_time
async def test_clients_are_sent_back_one_after_the_other() -> None:
    """A thousand that come back at the same moment would be too many: each is told its own."""
    async with House() as house:
        guests = await house.guests(*[f"user{number}" for number in range(60)])
        await house.server.stop()
        waits = [(await next_of(guest, Dismissed))[0].reconnect_in for guest in guests]
        assert waits == sorted(waits)
        assert waits[0] == 1.0
        assert waits[-1] > 1.0


@in_virtual_time
async def test_client_comes_back_when_the_server_sends_nonsense() -> None:
    """The connection is given up, the session is not."""

    def answer(frame: Frame, connection: Connection) -> None:
        if frame["type"] == "login":
            connection.welcome(resumed=len(puppet.connections) > 1)
            if len(puppet.connections) == 1:
                connection.say_bytes(b"<html>")
        else:
            connection.hang_up()

    async with Puppet(answer) as puppet, connect(puppet.url, username="alice", transport=puppet.network) as alice:
        (goodbye,) = await next_of(alice, Dismissed)
        assert goodbye.code == "bad_json"
        (lost,) = await next_of(alice, ConnectionLost)
        assert lost.reason.startswith("the server sent something unreadable: ")
        await next_of(alice, Welcomed)
        assert puppet.connections[1].heard[0]["token"] == "secret"


@in_virtual_time
async def test_client_notices_a_server_that_died_in_silence() -> None:
    """After ten seconds of silence and five without an answer it looks for another connection."""

    def answer(frame: Frame, connection: Connection) -> None:
        if frame["type"] == "login":
            connection.welcome()
        elif frame["type"] == "ping" and connection is not puppet.connections[0]:
            connection.say("pong")
        elif frame["type"] == "logout":
            connection.hang_up()

    async with Puppet(answer) as puppet, connect(puppet.url, username="alice", transport=puppet.network) as alice:
        loop = asyncio.get_running_loop()
        (lost,) = await next_of(alice, ConnectionLost)
        assert lost.reason == "no sign of life"
        assert loop.time() == pytest.approx(25, abs=0.1)
        await asyncio.sleep(300)
        assert alice.connected
        assert len(puppet.connections) == 2


@in_virtual_time
async def test_reconnect_now_ends_the_pause_between_two_tries() -> None:
    """Somebody has put the cable in again and does not want to wait; the next pause is a pause again."""
    async with House(grace=3600) as house:
        loop = asyncio.get_running_loop()
        cable = Cable(house.network)
        alice = await house.guest("alice", transport=cable)
        await alice.list_rooms()
        cable.pull()
        long = (await next_of(alice, ConnectionLost, 12))[-1]
        start = loop.time()
        alice.reconnect_now()
        (lost,) = await next_of(alice, ConnectionLost)
        assert (lost.attempt, loop.time()) == (long.attempt + 1, start)
        await next_of(alice, ConnectionLost)
        assert loop.time() == pytest.approx(start + lost.retry_in)
        start = loop.time()
        cable.plug()
        alice.reconnect_now()
        (welcomed,) = await next_of(alice, Welcomed, 1)
        assert welcomed.resumed
        assert loop.time() == start


@in_virtual_time
async def test_reconnect_now_does_not_wait_for_as_long_as_the_server_asked() -> None:
    """A person wants it, and a person's clicks are no crowd."""

    def answer(frame: Frame, connection: Connection) -> None:
        if len(puppet.connections) == 1:
            connection.welcome()
            connection.say("bye", code="shutting_down", message="back in an hour", reconnect_in=3000)
            connection.hang_up()
        elif frame["type"] == "login":
            connection.welcome(resumed=True)
        else:
            connection.hang_up()

    async with Puppet(answer) as puppet, connect(puppet.url, username="alice", transport=puppet.network) as alice:
        (lost,) = await next_of(alice, ConnectionLost)
        assert lost.retry_in == 3000
        alice.reconnect_now()
        await next_of(alice, Welcomed)
        assert asyncio.get_running_loop().time() == 0


@in_virtual_time
async def test_reconnect_now_does_nothing_when_there_is_no_pause() -> None:
    """While connected, while a try is under way, and after the end: no later pause is left out because of it."""
    async with House(MemoryNetwork(latency=(1.0, 1.0))) as house:
        loop = asyncio.get_running_loop()
        alice = await house.guest("alice")
        alice.reconnect_now()
        assert alice.connected
        house.cut()
        (lost,) = await next_of(alice, ConnectionLost)
        start = loop.time()
        await asyncio.sleep(lost.retry_in + 0.5)
        alice.reconnect_now()
        house.cut()
        await next_of(alice, Welcomed)
        assert loop.time() == pytest.approx(start + lost.retry_in + 3.0)  # there, and the login's way there and back
        await alice.close()
        alice.reconnect_now()
        with pytest.raises(ConnectionClosed):
            await alice.send("hi")
        assert not alice.connected


@in_virtual_time
async def test_reconnect_now_is_forgotten_when_the_try_that_was_under_way_fails() -> None:
    """The pause after it has its time."""
    async with House(MemoryNetwork(latency=(1.0, 1.0))) as house:
        loop = asyncio.get_running_loop()
        alice = await house.guest("alice")
        house.cut()
        (lost,) = await next_of(alice, ConnectionLost)
        start = loop.time()
        await asyncio.sleep(lost.retry_in + 1.5)
        alice.reconnect_now()
        house.cut()
        (again,) = await next_of(alice, ConnectionLost)
        assert loop.time() == pytest.approx(start + lost.retry_in + 1.5)
        await next_of(alice, Welcomed)
        assert loop.time() == pytest.approx(start + lost.retry_in + 1.5 + again.retry_in + 3.0)


@in_virtual_time
async def test_close_does_not_wait_for_a_server_that_is_away() -> None:
    """There is nobody to say goodbye to."""
    async with House() as house:
        cable = Cable(house.network)
        alice = await house.guest("alice", transport=cable)
        cable.pull()
        await asyncio.sleep(5)
        alice.post(SendMessage("never said"))
        start = asyncio.get_running_loop().time()
        await alice.close()
        assert asyncio.get_running_loop().time() == start
        assert isinstance((await rest_of(alice))[-1], ConnectionLost)


@in_virtual_time
async def test_close_ends_when_the_connection_is_cut_meanwhile() -> None:
    """It does not begin anew then."""
    async with House(MemoryNetwork(latency=(1.0, 1.0))) as house:
        alice = await house.guest("alice")
        alice.post(SendMessage("hi"))
        asyncio.get_running_loop().call_later(0.5, house.cut)
        await alice.close()
        assert not any(isinstance(event, ConnectionLost) for event in await rest_of(alice))


@pytest.mark.parametrize("boundaries", [True, False])
@in_virtual_time
async def test_a_send_that_the_server_made_a_mistake_with_costs_nobody_the_chat(boundaries: bool) -> None:
    """It is refused with `internal`; the client asks anew how the sends are numbered, and the next ones are said."""
    network = MemoryNetwork(boundaries=boundaries)
    async with StumblingServer(transport=network, port=0) as server:
        url = server.urls[0]
        async with (
            connect(url, username="alice", transport=network) as alice,
            connect(url, username="bob", transport=network) as bob,
        ):
            await alice.send("one")
            server.log.stumbles = True
            for text in ("two", "three", "four"):
                alice.post(SendMessage(text))
            await alice.flush()
            (refused,) = await next_of(alice, SendRefused)
            assert (refused.cid, refused.code) == (2, "internal")
            await alice.send("five")
            assert await texts(bob, 4) == ["one", "three", "four", "five"]
            await bob.send("fine")
            assert await texts(alice, 4) == ["three", "four", "five", "fine"]
