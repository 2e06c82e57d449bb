"""Every wait for a peer has an end: servers that say nothing, say it for ever, or are no chat."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from chatcore import ChatcoreError, ConnectionFailed, connect
from chatcore.aio.client.connection import EVENTS_HELD
from chatcore.commands import SendMessage
from chatcore.events import ConnectionLost, MessagePosted, Welcomed
from chatcore.ports.transport import Accept, CloseReason, ConnectOptions, Link
from chatcore.testing import MemoryNetwork
from chatcore.testing.network import MemoryLink
from tests.stores import ChatServer
from tests.unit.aio.house import Connection, Frame, Puppet, Stream, in_virtual_time, next_of

AT = "2026-11-28T12:00:00Z"
DIALECTS = ["chat", "simple-json", "simple-text"]


def say_nothing(frame: Frame, connection: Connection) -> None:
    """Listen, and be silent."""
    if frame["type"] == "ping":
        connection.say("pong")


def drip(data: bytes, link: Link) -> None:
    """Say a byte a second that means nothing yet, for ever."""

    def next_drop() -> None:
        link.write(b" ")
        if asyncio.get_running_loop().time() < 60:
            asyncio.get_running_loop().call_later(1.0, next_drop)

    next_drop()


@pytest.mark.parametrize("dialect", DIALECTS)
@in_virtual_time
async def test_server_that_never_answers_the_login_is_given_up_after_ten_seconds(dialect: str) -> None:
    """In a sentence, and without another try."""
    async with Stream(lambda _data, _link: None) as server:
        with pytest.raises(ConnectionFailed) as caught:
            await connect(server.url, username="alice", transport=server.network, dialect=dialect)
        assert str(caught.value) == f"{server.url} did not answer the login within 10 s; is it a chat server?"
        assert asyncio.get_running_loop().time() == pytest.approx(10, abs=0.1)
        assert len(server.links) == 1
        assert not server.network.links


@pytest.mark.parametrize("dialect", DIALECTS)
@in_virtual_time
async def test_echo_server_is_left_as_what_it_is(dialect: str) -> None:
    """Also where the server is to speak first."""
    async with Stream(lambda data, link: link.write(data)) as server:
        with pytest.raises(ConnectionFailed, match="this is an echo server and no chat: it sends back what it gets"):
            await connect(server.url, username="alice", transport=server.network, dialect=dialect)
        assert asyncio.get_running_loop().time() < 5


@pytest.mark.parametrize("dialect", DIALECTS)
@in_virtual_time
async def test_server_that_answers_some_bytes_for_ever_is_given_up_too(dialect: str) -> None:
    """The time for the login is one for all of it."""
    async with Stream(drip) as puppet:
        with pytest.raises(ConnectionFailed, match="did not answer the login"):
            await connect(puppet.url, username="alice", transport=puppet.network, dialect=dialect)
        assert asyncio.get_running_loop().time() == pytest.approx(10, abs=0.2)


@in_virtual_time
async def test_time_for_the_login_counts_for_each_try() -> None:
    """A server that was there and is silent now is tried again, with pauses, until it speaks."""

    def answer(frame: Frame, connection: Connection) -> None:
        if frame["type"] == "login" and len(puppet.connections) in (1, 4):
            connection.welcome(resumed=True)
        elif frame["type"] in ("ping", "logout"):
            say_nothing(frame, connection)

    options = ConnectOptions(login_timeout=3.0)
    async with Puppet(answer) as puppet:
        alice = await connect(puppet.url, username="alice", transport=puppet.network, options=options)
        await next_of(alice, Welcomed)
        puppet.connections[0].link.abort()
        losses = await next_of(alice, ConnectionLost, 3)
        assert [loss.reason for loss in losses[1:]] == [
            f"{puppet.url} did not answer the login within 3 s; is it a chat server?"
        ] * 2
        await next_of(alice, Welcomed)
        assert asyncio.get_running_loop().time() < 10
        await alice.close()


class Door(Stream):
    """A port of something else: it hangs up without a word on whoever does not say what it wants to hear."""

    def _accept(self, link: Link) -> Any:
        asyncio.get_running_loop().call_later(5.0, link.close, CloseReason.NORMAL)
        return super()._accept(link)


@pytest.mark.parametrize("dialect", DIALECTS)
@in_virtual_time
async def test_server_that_hangs_up_late_without_a_word_is_not_tried_for_half_a_minute(dialect: str) -> None:
    """As a WebSocket server does, five seconds after it was called over TCP: two tries, and not five."""
    async with Door(lambda _data, _link: None) as server:
        with pytest.raises(ConnectionFailed, match="was lost before the login: closed by the peer"):
            await connect(server.url, username="alice", transport=server.network, dialect=dialect)
        assert 10 <= asyncio.get_running_loop().time() < 12
        assert len(server.links) == 2


@in_virtual_time
async def test_server_that_is_gone_after_the_first_try_is_not_tried_for_half_a_minute() -> None:
    """Where each try takes as long as a connection may."""

    class Lost(MemoryNetwork):
        async def connect(self, url: str, options: ConnectOptions, accept: Accept) -> MemoryLink:
            if puppet.connections:
                await asyncio.sleep(options.connect_timeout)
                raise ConnectionFailed("127.0.0.1:1 did not answer in time")
            return await super().connect(url, options, accept)

    def hang_up(_frame: Frame, connection: Connection) -> None:
        connection.hang_up()

    puppet = Puppet(hang_up)
    puppet.network = Lost()
    async with puppet:
        with pytest.raises(ConnectionFailed, match="did not answer in time"):
            await connect(puppet.url, username="alice", transport=puppet.network)
        assert asyncio.get_running_loop().time() < 12


@in_virtual_time
async def test_server_that_falls_silent_is_asked_and_given_up() -> None:
    """In the words of a lost connection, and nobody is said goodbye to; the next one gets what was sent."""

    def answer(frame: Frame, connection: Connection) -> None:
        if frame["type"] == "login":
            connection.welcome(resumed=len(puppet.connections) > 1)
        elif len(puppet.connections) > 1:
            say_nothing(frame, connection)

    async with Puppet(answer) as puppet:
        alice = await connect(puppet.url, username="alice", transport=puppet.network)
        alice.post(SendMessage("hello"))
        (lost,) = await next_of(alice, ConnectionLost)
        assert lost.reason == "no sign of life"
        assert 15 <= asyncio.get_running_loop().time() < 26
        await next_of(alice, Welcomed)
        await asyncio.sleep(1)
        assert [frame["text"] for frame in puppet.connections[1].heard if frame["type"] == "send_message"] == ["hello"]
        await alice.close()


@in_virtual_time
async def test_how_long_a_silent_server_is_waited_for_is_the_users_to_say() -> None:
    """Over a transport that does not look after that itself, too."""

    def answer(frame: Frame, connection: Connection) -> None:
        if frame["type"] == "login":
            connection.welcome(resumed=len(puppet.connections) > 1)

    options = ConnectOptions(keepalive_interval=2.0, keepalive_timeout=1.0)
    async with Puppet(answer) as puppet:
        alice = await connect(puppet.url, username="alice", transport=puppet.network, options=options)
        await next_of(alice, ConnectionLost)
        assert 3 <= asyncio.get_running_loop().time() < 6
        await alice.close()


@in_virtual_time
async def test_server_is_not_taken_for_silent_while_nobody_takes_what_it_says() -> None:
    """A program that has something else to do reads nothing, not even the answer to the question."""

    def answer(frame: Frame, connection: Connection) -> None:
        if frame["type"] == "login":
            connection.welcome()
        else:
            say_nothing(frame, connection)

    async with Puppet(answer) as puppet:
        alice = await connect(puppet.url, username="alice", transport=puppet.network)
        await next_of(alice, Welcomed)
        for seq in range(1, EVENTS_HELD * 2):
            puppet.connections[0].say("message", room="lobby", seq=seq, **{"from": "bob"}, text="hello", at=AT)
        await asyncio.sleep(1000)
        await next_of(alice, MessagePosted, EVENTS_HELD)
        await asyncio.sleep(1000)
        assert len(puppet.connections) == 1
        await alice.close()


@in_virtual_time
async def test_server_that_takes_what_it_is_sent_slowly_is_not_taken_for_silent() -> None:
    """The question waits behind what was written before; there is an end to it after a minute and a half."""

    def answer(frame: Frame, connection: Connection) -> None:
        if frame["type"] == "login":
            connection.welcome(resumed=len(puppet.connections) > 1)
            if len(puppet.connections) == 1:
                connection.link.pause_reading()
        else:
            say_nothing(frame, connection)

    loop = asyncio.get_running_loop()
    async with Puppet(answer) as puppet:
        alice = await connect(puppet.url, username="alice", transport=puppet.network)
        for _ in range(8):
            alice.post(SendMessage("x" * 50_000))
        await asyncio.sleep(60)
        assert len(puppet.connections) == 1
        puppet.connections[0].link.resume_reading()
        await asyncio.sleep(60)
        assert len(puppet.connections) == 1
        puppet.connections[0].link.pause_reading()
        began = loop.time()
        for _ in range(8):
            alice.post(SendMessage("x" * 50_000))
        (lost,) = await next_of(alice, ConnectionLost)
        assert lost.reason == "no sign of life"
        assert 90 <= loop.time() - began < 120
        await alice.close()


@pytest.mark.parametrize(("dialect", "words"), [("chat", b""), ("chat", b"Server: "), ("simple-json", b"")])
@in_virtual_time
async def test_echo_server_is_recognised(dialect: str, words: bytes) -> None:
    """The first exercise of a course in C: what it gets comes back, perhaps with a word before it."""
    heard = bytearray()

    def answer(data: bytes, link: Link) -> None:
        heard.extend(data)
        if heard.rstrip().endswith(b"}"):
            link.write(words + bytes(heard))

    async with Stream(answer) as puppet:
        with pytest.raises(ConnectionFailed) as caught:
            await connect(puppet.url, username="alice", transport=puppet.network, dialect=dialect)
        assert str(caught.value) == f"{puppet.url}: this is an echo server and no chat: it sends back what it gets"
        assert len(puppet.links) == 1


@in_virtual_time
async def test_echo_of_ours_is_recognised_by_whoever_takes_it_for_a_chat() -> None:
    """Over a transport with boundaries."""
    network = MemoryNetwork()
    async with ChatServer(transport=network, port=0, dialect="echo") as server:
        with pytest.raises(ConnectionFailed, match="this is an echo server"):
            await connect(server.urls[0], username="alice", transport=network)


@pytest.mark.parametrize("banner", [b"220 mail.example.org ESMTP\r\n", b'{"type": 5}\n', b"SSH-2.0-x\r\n"])
@in_virtual_time
async def test_server_that_is_no_chat_is_given_up_at_once(banner: bytes) -> None:
    """Nothing is gained by asking it five times, for half a minute."""
    began = asyncio.get_running_loop().time()
    async with Stream(lambda _data, link: link.write(banner)) as server:
        with pytest.raises(ConnectionFailed, match="was lost before the login: the server sent something unreadable"):
            await connect(server.url, username="alice", transport=server.network)
        assert len(server.links) == 1
    assert asyncio.get_running_loop().time() - began < 1


@pytest.mark.parametrize("url", ["tcp+echo://127.0.0.1:7", "ws+echo://127.0.0.1:7", "quic+echo://127.0.0.1:7"])
def test_echo_address_is_refused_at_once(url: str) -> None:
    """An echo has no login, so there is nothing to wait for."""
    with pytest.raises(ChatcoreError) as caught:
        connect(url, username="alice")
    assert str(caught.value) == f"{url} has no login: echo is no chat"
