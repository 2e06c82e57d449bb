"""The TCP transport: the contract, foreign programs at the other end, and peers that keep no rule."""

from __future__ import annotations

import asyncio
import gc
import socket
import struct
import sys
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

import pytest

import chatcore_tcp
from chatcore import Limits, Listen, connect
from chatcore.errors import ConfigurationError, ConnectionFailed, LoginRefused
from chatcore.ports.transport import CloseReason, ConnectOptions, Link, Listener, ListenOptions, LostReason, Transport
from chatcore_net.listener import POLITE
from chatcore_tcp import TcpTransport
from tests.contracts.transport import Meet, NetworkTransportContract, User
from tests.patience import PATIENCE
from tests.stopwatch import Stopwatch
from tests.stores import ChatServer


class TestTcp(NetworkTransportContract):
    """The contract, and what is TCP's own."""

    @pytest.fixture
    def transport(self) -> Transport:
        """Return the transport."""
        return chatcore_tcp.transport

    async def test_link_says_what_it_is(self, meet: Meet) -> None:
        """A stream of bytes; a server looks after silence itself, and a client asks in the chat."""
        meeting = await meet()
        client, server = await meeting.join()
        assert (client.link.checks_liveness, server.link.checks_liveness) == (False, True)
        for user in (client, server):
            assert (user.link.transport, user.link.format) == ("tcp", "tcp")
            assert not user.link.keeps_boundaries
            assert user.link.frame(b"as it is") == b"as it is"
        assert meeting.listener.url.startswith("tcp://127.0.0.1:")

    async def test_connection_is_refused_when_there_are_too_many(self, meet: Meet) -> None:
        """Without a handshake there are no words for it: the link is lost at once, until another one leaves."""
        meeting = await meet(max_connections=2)
        (client, server), _ = await meeting.join(), await meeting.join()
        refused: list[User] = []

        def accept(link: Link) -> User:
            refused.append(User(link))
            return refused[0]

        await meeting.transport.connect(meeting.listener.url, ConnectOptions(), accept)
        assert await refused[0].leaves() == LostReason.CLOSED_BY_PEER
        client.link.close(CloseReason.NORMAL)
        await server.leaves()
        await client.leaves()
        await meeting.join()
        assert len(meeting.served) == 3


class Server:
    """A server, and the users of its links."""

    def __init__(self, kind: type[User] = User) -> None:
        self.kind = kind
        self.listener: Listener
        self.users: list[User] = []
        self.echoes = True
        self._came = asyncio.Event()

    @property
    def place(self) -> tuple[str, int]:
        """Return where it listens."""
        host, _, port = self.listener.url.partition("://")[2].rpartition(":")
        return host, int(port)

    def accept(self, link: Link) -> User:
        """Take a new connection."""
        self.users.append(self.kind(link))
        self.users[-1].echoes = self.echoes
        self._came.set()
        return self.users[-1]

    async def user(self, number: int = 0) -> User:
        """Return the user of a link, as soon as it is there."""
        async with asyncio.timeout(PATIENCE):
            while len(self.users) <= number:
                self._came.clear()
                await self._came.wait()
        return self.users[number]

    async def guest(self, **options: int) -> Guest:
        """Return a raw client."""
        guest = Guest(**options)
        await asyncio.get_running_loop().sock_connect(guest.socket, self.place)
        return guest


class Guest:
    """A raw socket that does what it is told, and no more."""

    def __init__(self, receive_buffer: int = 0) -> None:
        self.loop = asyncio.get_running_loop()
        self.socket = socket.socket()
        self.socket.setblocking(False)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)

    async def says(self, data: bytes) -> None:
        """Send bytes."""
        await self.loop.sock_sendall(self.socket, data)

    def says_no_more(self) -> None:
        """Shut down its writing side."""
        self.socket.shutdown(socket.SHUT_WR)

    async def hears_until_the_end(self) -> bytes:
        """Read until the server hangs up. A reset is an error."""
        heard = b""
        async with asyncio.timeout(PATIENCE):
            while data := await self.loop.sock_recv(self.socket, 65536):
                heard += data
        return heard

    def leaves(self, *, reset: bool = False) -> None:
        """Vanish, politely or not."""
        if reset:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


Serve = Callable[..., Awaitable[Server]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Return a function that starts a server."""
    servers: list[Server] = []
    complaints: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context))

    async def serve(*, close_timeout: float = 0.5, echoes: bool = True, **changes: object) -> Server:
        server = Server()
        server.echoes = echoes
        options = replace(ListenOptions(port=0), **changes)  # type: ignore[arg-type]
        server.listener = await TcpTransport(close_timeout=close_timeout).listen(options, server.accept)
        servers.append(server)
        return server

    yield serve
    for server in servers:
        await server.listener.wait_closed()
    assert complaints == []


# The end of a conversation.


async def test_peer_that_has_said_its_last_word_gets_the_answers(serve: Serve) -> None:
    """As with `printf ... | nc`: it shuts down its side and reads on, all of it and without a reset."""
    server = await serve()
    guest = await server.guest()
    said = b"0123456789" * 100_000
    heard = asyncio.ensure_future(guest.hears_until_the_end())
    await guest.says(said)
    guest.says_no_more()
    assert await heard == said
    assert await server.users[0].leaves() == LostReason.CLOSED_BY_PEER
    guest.leaves()


async def test_last_word_waits_until_its_user_reads_again(serve: Serve) -> None:
    """A user that takes its time still gets everything, and may still answer."""
    server = await serve()
    guest = await server.guest()
    user = await server.user()
    user.hold()
    await guest.says(b"hello")
    guest.says_no_more()
    await asyncio.sleep(0.05)
    assert user.said == []
    user.go_on()
    assert await guest.hears_until_the_end() == b"hello"
    assert await user.leaves() == LostReason.CLOSED_BY_PEER
    guest.leaves()


async def test_last_word_of_a_slow_reader_waits_until_it_has_room(serve: Serve) -> None:
    """What does not fit yet is owed all the same."""
    server = await serve(echoes=False, buffer_bytes=4096)
    guest = await server.guest(receive_buffer=4096)
    user = await server.user()
    count = 0
    while "paused" not in user.said:
        user.say(b"x" * 1000)
        count += 1
        await asyncio.sleep(0)
    guest.says_no_more()
    await asyncio.sleep(0.05)
    assert user.said == ["paused"]
    assert len(await guest.hears_until_the_end()) == 1000 * count
    assert await user.leaves() == LostReason.CLOSED_BY_PEER
    guest.leaves()


@pytest.mark.parametrize("reset", [False, True])
async def test_vanished_peer_is_noticed_at_once(serve: Serve, reset: bool) -> None:
    """By its FIN or its RST, within a few turns of the event loop."""
    server = await serve()
    guest = await server.guest()
    user = await server.user()
    guest.leaves(reset=reset)
    stopwatch = Stopwatch()
    assert await user.leaves() in (LostReason.CLOSED_BY_PEER, LostReason.VANISHED)
    assert stopwatch.seconds < 1


async def test_closed_peer_gets_our_last_words_although_it_is_talking(serve: Serve) -> None:
    """What it sends meanwhile is dropped and does not reset the connection."""
    server = await serve()
    guest = await server.guest()
    user = await server.user()
    user.echoes = False
    await guest.says(b"bla" * 1000)
    user.say(b"x" * 100_000)
    user.link.close(CloseReason.POLICY)
    await guest.says(b"bla" * 1000)
    assert await guest.hears_until_the_end() == b"x" * 100_000
    await guest.says(b"bla" * 1000)
    guest.leaves()
    assert await user.leaves() == LostReason.CLOSED_HERE


async def test_closed_peer_that_does_not_hang_up_is_dropped(serve: Serve) -> None:
    """After a limited time, whether it reads or not."""
    server = await serve(close_timeout=0.2)
    for reads in (True, False):
        guest = await server.guest(receive_buffer=4096)
        user = await server.user(0 if reads else 1)
        user.say(*[b"x" * 1000] * (1 if reads else 1000))
        user.link.close(CloseReason.NORMAL)
        stopwatch = Stopwatch()
        assert await user.leaves() == LostReason.CLOSED_HERE
        assert stopwatch.by_the_clock > 0.1
        assert stopwatch.seconds < 5
        guest.leaves()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what the peer's machine has")
async def test_peer_that_has_every_word_and_does_not_hang_up_keeps_nobody_waiting(serve: Serve) -> None:
    """A server ends soon, whoever leaves a connection open; what was said can still be read."""
    server = await serve(close_timeout=3600)
    guest = await server.guest()
    user = await server.user()
    user.say(b"bye")
    user.link.close(CloseReason.NORMAL)
    assert await user.leaves() == LostReason.CLOSED_HERE
    assert await guest.hears_until_the_end() == b"bye"
    guest.leaves()


# Peers that keep no rule.


@pytest.mark.parametrize("turns", range(5))
async def test_connection_that_comes_as_the_server_stops_is_hung_up_on(serve: Serve, turns: int) -> None:
    """In whichever turn: nobody waits for a server that is gone. (The garbage collector closes what it finds, late.)"""
    server = await serve(close_timeout=3600)
    guests = [await server.guest(), Guest(), Guest()]
    await server.user()  # from here on it waits for the next ones
    gc.disable()
    try:
        for guest in guests[1:]:
            guest.socket.connect_ex(server.place)
        for _ in range(turns):
            await asyncio.sleep(0)
        server.listener.stop_accepting()
        for user in server.users:
            user.link.abort()
        for _ in range(5):  # a server has other things to end first
            await asyncio.sleep(0)
        async with asyncio.timeout(PATIENCE):
            await server.listener.wait_closed()
        for guest in guests:
            with suppress(ConnectionResetError):
                assert await guest.hears_until_the_end() == b""
            guest.leaves()
    finally:
        gc.enable()


async def test_connections_above_the_limit_are_closed_at_once(serve: Serve) -> None:
    """And taken again when one of the others has left."""
    server = await serve(max_connections=2)
    guests = [await server.guest() for _ in range(2)]
    await server.user(1)
    refused = await server.guest()
    assert await refused.hears_until_the_end() == b""
    refused.leaves()
    guests[0].leaves()
    await server.users[0].leaves()
    guest = await server.guest()
    await guest.says(b"hello")
    await (await server.user(2)).heard(b"hello")
    for each in (guest, guests[1]):
        each.leaves()
    assert len(server.users) == 3


async def test_connection_above_the_limit_hears_why_in_the_words_of_its_dialect(serve: Serve) -> None:
    """All of them, whatever it says itself. It takes nobody's place, even if it does not hang up."""
    server = await serve(max_connections=1, refusal=b"full\n", close_timeout=30)
    guest = await server.guest()
    user = await server.user()
    refused = await server.guest()
    await refused.says(b"let me in\n" * 1000)
    assert await refused.hears_until_the_end() == b"full\n"
    guest.leaves()
    await user.leaves()
    welcome = await server.guest()
    await welcome.says(b"hello")
    await (await server.user(1)).heard(b"hello")
    for each in (refused, welcome):
        each.leaves()


async def test_crowd_above_the_limit_is_closed_without_a_word(serve: Serve) -> None:
    """Only so many are told so at a time, and only for so long."""
    server = await serve(max_connections=1, refusal=b"full\n")
    guest = await server.guest()
    user = await server.user()
    crowd = [Guest() for _ in range(POLITE + 5)]
    for each in crowd:
        each.socket.connect_ex(server.place)  # they are all there before the server takes the first one
    assert [await each.hears_until_the_end() for each in crowd] == [b"full\n"] * POLITE + [b""] * 5
    for each in (guest, *crowd):
        each.leaves()
    await user.leaves()
    assert len(server.users) == 1


async def test_flood_of_one_peer_leaves_others_their_turns(serve: Serve) -> None:
    """However much arrives at once is handed over by slices."""
    server = await serve(echoes=False)
    loud, quiet = await server.guest(), await server.guest()
    flooded, user = await server.user(0), await server.user(1)
    flood = asyncio.ensure_future(loud.says(b"x" * 8_000_000))
    await flooded.until(lambda: bool(flooded.payloads))
    user.echoes = True
    await quiet.says(b"hello")
    await user.heard(b"hello")
    await flood
    await flooded.until(lambda: sum(map(len, flooded.payloads)) == 8_000_000)
    assert max(map(len, flooded.payloads)) <= 16 * 1024
    for guest in (loud, quiet):
        guest.leaves()


async def test_peer_that_does_not_read_costs_its_buffer_and_no_more(serve: Serve) -> None:
    """The user hears of it when `buffer_bytes` wait."""
    server = await serve(echoes=False)
    guest = await server.guest(receive_buffer=4096)
    user = await server.user()
    tracemalloc.start()
    try:
        while "paused" not in user.said:
            user.say(b"x" * 1000)
            await asyncio.sleep(0)
        assert tracemalloc.get_traced_memory()[0] < 256 * 1024
    finally:
        tracemalloc.stop()
        guest.leaves()


async def test_link_is_dropped_when_its_user_makes_a_mistake() -> None:
    """The event loop reports the exception, the user hears the end, and others go on."""
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context["exception"]))

    class Clumsy(User):
        def data_received(self, payload: bytes) -> None:
            super().data_received(payload)
            if payload == b"stumble":
                raise ZeroDivisionError

    server = Server(Clumsy)
    server.listener = await chatcore_tcp.transport.listen(ListenOptions(port=0), server.accept)
    one, other = await server.guest(), await server.guest()
    await server.user(1)
    await one.says(b"stumble")
    assert await server.users[0].leaves() == LostReason.INTERNAL
    await other.says(b"walk")
    await server.users[1].until(lambda: server.users[1].payloads == [b"walk"])
    one.leaves()
    other.leaves()
    await server.listener.wait_closed()
    assert list(map(type, complaints)) == [ZeroDivisionError]


@pytest.mark.slow
async def test_ten_thousand_connections_come_and_go(serve: Serve) -> None:
    """Ten thousand that say nothing: a good one is served meanwhile, and they are forgotten when they go."""
    server = await serve(max_connections=10_000)
    guests = []
    for number in range(9_000):  # both ends of each are files of this process
        guests.append(await server.guest())
        if number % 1000 == 0:
            await asyncio.sleep(0)
    stopwatch = Stopwatch()
    good = await server.guest()
    await good.says(b"hello")
    async with asyncio.timeout(PATIENCE):
        assert await good.loop.sock_recv(good.socket, 100) == b"hello"
    assert stopwatch.seconds < 1
    for guest in guests:
        guest.leaves()
    good.leaves()
    async with asyncio.timeout(PATIENCE):
        for user in server.users:
            await user.leaves()


@pytest.mark.parametrize(
    ("dialect", "words"),
    [
        ("chat", '"type":"bye","code":"server_full"'),
        ("simple-json", '{"status": "error", "message": "Le serveur est plein"}\n'),
        ("simple-text", "\nDeconnexion\n"),
    ],
)
async def test_full_server_says_so_in_every_dialect(dialect: str, words: str) -> None:
    """And hangs up; `echo` has no words for it."""
    options = ListenOptions(port=0, max_connections=1)
    async with ChatServer(listen=[Listen("tcp", dialect, options)]) as server, asyncio.timeout(PATIENCE):
        port = int(server.urls[0].rpartition(":")[2])
        first = await asyncio.open_connection("127.0.0.1", port)
        if dialect == "simple-text":
            await first[0].readline()
        second = await asyncio.open_connection("127.0.0.1", port)
        second[1].write(b'{"type":"login","username":"alice"}\n')
        assert words in (await second[0].read()).decode()
        for _, writer in (first, second):
            writer.close()


@pytest.mark.parametrize(
    ("dialect", "words"),
    [
        ("chat", '"type":"bye","code":"too_many_connections"'),
        ("simple-json", '{"status": "error", "message": "Trop de connexions depuis votre adresse"}\n'),
        ("simple-text", "\nDeconnexion\n"),
    ],
)
async def test_address_with_too_many_connections_hears_so_in_every_dialect(dialect: str, words: str) -> None:
    """Another address is not concerned."""
    places, limits = [Listen("tcp", dialect, ListenOptions(port=0))], Limits(connections_per_address=1)
    async with ChatServer(listen=places, limits=limits) as server, asyncio.timeout(PATIENCE):
        port = int(server.urls[0].rpartition(":")[2])
        first = await asyncio.open_connection("127.0.0.1", port)
        second = await asyncio.open_connection("127.0.0.1", port)
        assert words in (await second[0].read()).decode()
        third = await asyncio.open_connection("127.0.0.1", port, local_addr=("127.0.0.2", 0))
        third[1].write(b'{"type":"list"}\n')
        assert await third[0].readline()
        for _, writer in (first, second, third):
            writer.close()


async def test_client_hears_that_the_server_is_full() -> None:
    """In one sentence, and at once."""
    options = ListenOptions(port=0, max_connections=1)
    async with ChatServer(listen=[Listen("tcp", "chat", options)]) as server:
        url = server.urls[0].replace("tcp://", "tcp+chat://")
        async with connect(url, username="alice"):
            with pytest.raises(LoginRefused, match="the server is full; try again later"):
                await connect(url, username="bob")


# Addresses.


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"tls_cert": "cert.pem"}, "the tcp transport is never encrypted; leave out the certificate"),
        ({"tls_key": "key.pem"}, "the tcp transport is never encrypted; leave out the certificate"),
        ({"port": 70_000}, "70000 is not a port"),
        ({"host": "no.such.host.invalid"}, "the host no.such.host.invalid to listen on is not known"),
        ({"host": "192.0.2.1"}, "192.0.2.1 is not an address of this machine"),
    ],
)
async def test_listener_says_in_one_sentence_when_it_cannot_listen(changes: dict[str, object], sentence: str) -> None:
    """Mistakes in the options are the user's, and the text says what to do."""
    with pytest.raises(ConfigurationError) as caught:
        await chatcore_tcp.transport.listen(replace(ListenOptions(port=0), **changes), User)  # type: ignore[arg-type]
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("host", "shown"), [("::1", "[::1]"), ("localhost", "localhost"), ("127.0.0.2", "127.0.0.2")])
async def test_listener_shows_its_host_as_in_a_url(host: str, shown: str) -> None:
    """IPv6 addresses stand in brackets."""
    try:
        listener = await chatcore_tcp.transport.listen(ListenOptions(host=host, port=0), User)
    except ConfigurationError:
        pytest.skip("this machine has no such address")
    assert listener.url.startswith(f"tcp://{shown}:")
    link = await chatcore_tcp.transport.connect(listener.url, ConnectOptions(), User)
    link.abort()
    await listener.wait_closed()


async def test_client_takes_an_address_that_names_its_dialect(serve: Serve) -> None:
    """`tcp+echo://host:port/` is the same place as `tcp://host:port`."""
    server = await serve()
    url = server.listener.url.replace("tcp://", "tcp+echo://") + "/"
    link = await chatcore_tcp.transport.connect(url, ConnectOptions(), User)
    link.abort()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("tcp://host/path", r"leave /path out of tcp://host/path; it has no meaning there"),
        ("tcp://host?x=1", r"leave \?x=1 out of"),
        ("tcp://me@host", r"leave \*\*\*@ out of"),
        ("tcp://host#part", r"leave #part out of"),
        ("tcp://host:0", r"is not the address of a server, like tcp://example\.org:12345$"),
        ("tcpx://host:1", r"is not the address of a TCP server, like tcp://example\.org:12345$"),
    ],
)
async def test_client_refuses_what_is_no_address(url: str, sentence: str) -> None:
    """What would be ignored is a mistake."""
    with pytest.raises(ConnectionFailed, match=sentence):
        await chatcore_tcp.transport.connect(url, ConnectOptions(), User)


async def test_client_hears_why_when_the_name_is_unknown() -> None:
    """The sentence names the host."""
    with pytest.raises(ConnectionFailed, match=r"^the host no\.such\.host\.invalid is not known$"):
        await chatcore_tcp.transport.connect("tcp://no.such.host.invalid", ConnectOptions(), User)


def test_default_port_is_that_of_the_courseworks() -> None:
    """An address without a port means this one."""
    assert chatcore_tcp.transport.default_port == 12345
