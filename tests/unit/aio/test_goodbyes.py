"""A goodbye that no close follows: the client hangs up, as if the server had."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from chatcore import Client, ConnectionClosed, ConnectionFailed, LoginRefused, connect
from chatcore.events import ConnectionLost, Dismissed, MessagePosted, Welcomed
from chatcore.ports.transport import Accept, ConnectOptions, Link, Listener, ListenOptions
from tests.unit.aio.house import Connection, Frame, Puppet, Stream, in_virtual_time, next_of

AT = "2026-11-28T12:00:00.000Z"
FAREWELL = 3.0


def now() -> float:
    """Return the time of the virtual clock."""
    return asyncio.get_running_loop().time()


class Host(Puppet):
    """A server that says goodbye and never hangs up, but answers pings for ever.

    Args:
        goodbye: what it says to the first who comes.
        welcomes: whether it lets in before.
    """

    def __init__(self, *, welcomes: bool, **goodbye: Any) -> None:
        super().__init__(self._hear)
        self._goodbye = goodbye
        self._welcomes = welcomes
        self.sent: list[Frame] = []

    def _hear(self, frame: Frame, connection: Connection) -> None:
        if frame["type"] == "ping":
            connection.say("pong")
        elif frame["type"] == "send_message" and len(self.connections) > 1:
            self.sent.append(frame)
            said = {"room": "lobby", "seq": 1, "from": "alice", "text": frame["text"], "at": AT}
            connection.say("message", **said, cid=frame["cid"])
        elif frame["type"] == "login":
            if self._welcomes or len(self.connections) > 1:
                connection.welcome(resumed=len(self.connections) > 1)
            if len(self.connections) == 1:
                connection.say("bye", **self._goodbye)


async def came(host: Host, **options: Any) -> Client:
    """Return a client that the host has let in."""
    client = await connect(host.url, username="alice", transport=host.network, **options)
    await next_of(client, Welcomed)
    return client


@pytest.mark.parametrize("code", ["server_full", "too_many_connections"])
@in_virtual_time
async def test_server_that_has_no_room_and_keeps_the_connection_is_left(code: str) -> None:
    """In its words, and a few seconds later."""
    async with Host(welcomes=False, code=code, message="no room") as host:
        with pytest.raises(LoginRefused, match="no room"):
            await connect(host.url, username="alice", transport=host.network)
        assert now() == pytest.approx(FAREWELL, abs=0.1)
        assert len(host.connections) == 1
        assert not host.network.links


@in_virtual_time
async def test_goodbye_before_the_login_counts_as_a_try() -> None:
    """It ends a client that does not reconnect, and is the first of five for one that does."""
    async with Host(welcomes=False, code="banned", message="not you") as host:
        with pytest.raises(ConnectionFailed, match="was lost before the login: not you"):
            await connect(host.url, username="alice", transport=host.network, reconnect=False)
        assert now() == pytest.approx(FAREWELL, abs=0.1)


class SlowNetwork:
    """A transport over a network on which whoever connects goes on a second later.

    Args:
        host: who is met there, and says goodbye at once.
        hangs_up: whether it closes then.
    """

    def __init__(self, host: Puppet, *, hangs_up: bool) -> None:
        self.name = host.network.name
        self.schemes = host.network.schemes
        self._host = host
        self._hangs_up = hangs_up

    async def listen(self, options: ListenOptions, accept: Accept) -> Listener:
        """Listen."""
        return await self._host.network.listen(options, accept)

    async def connect(self, url: str, options: ConnectOptions, accept: Accept) -> Link:
        """Connect, and hear the goodbye before anybody goes on."""
        link = await self._host.network.connect(url, options, accept)
        self._host.connections[-1].say("bye", code="server_full", message="no room")
        if self._hangs_up:
            self._host.connections[-1].hang_up()
        await asyncio.sleep(1.0)
        return link


@pytest.mark.parametrize("hangs_up", [True, False])
@in_virtual_time
async def test_goodbye_that_comes_with_the_connection_is_heard(hangs_up: bool) -> None:
    """A server that has no room does not wait for the login, and a busy program goes on later."""
    async with Puppet(lambda frame, connection: None) as host:
        with pytest.raises(LoginRefused, match="no room"):
            await connect(host.url, username="alice", transport=SlowNetwork(host, hangs_up=hangs_up))
        assert len(host.connections) == 1
        assert not host.network.links


@pytest.mark.parametrize("code", ["kicked", "banned", "replaced", "logged_out", "password_changed", "account_dropped"])
@in_virtual_time
async def test_last_goodbye_ends_the_client_though_the_server_hangs_on(code: str) -> None:
    """As a close would, with the same words."""
    async with Host(welcomes=True, code=code, message="out with you") as host:
        alice = await came(host)
        with pytest.raises(ConnectionClosed, match="out with you"):
            await next_of(alice, ConnectionLost)
        assert now() == pytest.approx(FAREWELL, abs=0.1)
        assert len(host.connections) == 1
        assert not host.network.links


@in_virtual_time
async def test_client_comes_back_after_a_goodbye_though_the_server_hangs_on() -> None:
    """Not before the time that the server named, and what was sent arrives there."""
    async with Host(welcomes=True, code="shutting_down", message="back soon", reconnect_in=5.0) as host:
        alice = await came(host)
        await next_of(alice, Dismissed)
        sending = asyncio.ensure_future(alice.send("hello"))
        (lost,) = await next_of(alice, ConnectionLost)
        assert lost.reason == "back soon"
        assert now() == pytest.approx(FAREWELL, abs=0.1)
        await next_of(alice, MessagePosted)
        assert now() >= FAREWELL + 5.0
        await sending
        assert [frame["text"] for frame in host.sent] == ["hello"]
        await alice.close()


@in_virtual_time
async def test_goodbye_on_a_stream_is_no_different() -> None:
    """A hostile server goes on talking behind it; that changes nothing."""

    def hear(data: bytes, link: Link) -> None:
        if data.endswith(b"\n"):
            link.write(b'{"type":"bye","code":"server_full","message":"no room"}\n')
            chatter(link)

    def chatter(link: Link) -> None:
        link.write(b'{"type":"pong"}\n')
        if now() < 60:
            asyncio.get_running_loop().call_later(0.5, chatter, link)

    async with Stream(hear) as server:
        with pytest.raises(LoginRefused, match="no room"):
            await connect(server.url, username="alice", transport=server.network)
        assert now() == pytest.approx(FAREWELL, abs=0.1)


@in_virtual_time
async def test_server_that_hangs_up_behind_its_goodbye_is_not_waited_for() -> None:
    """The usual case: nothing is slower than before."""

    def hear(frame: Frame, connection: Connection) -> None:
        connection.say("bye", code="server_full", message="no room")
        connection.hang_up()

    async with Puppet(hear) as server:
        with pytest.raises(LoginRefused, match="no room"):
            await connect(server.url, username="alice", transport=server.network)
        assert now() < 0.1
