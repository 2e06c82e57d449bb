"""The WebSocket transport, with and without TLS: the contract, TLS and its mistakes, and foreign clients."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Self

import pytest
from websockets.asyncio.client import connect as foreign_connect
from websockets.asyncio.server import serve as foreign_serve
from websockets.exceptions import ConnectionClosed

import chatcore_ws
from chatcore.errors import ConfigurationError, ConnectionFailed
from chatcore.ports.transport import CloseReason, ConnectOptions, Link, Listener, ListenOptions, LostReason, Transport
from chatcore.text.reasons import lost_sentence
from chatcore_ws.records import Records
from tests.contracts.transport import Meet, NetworkTransportContract, User
from tests.integration.ws_peer import TEXT, frame, request

CERTS = Path(__file__).parent / "certs"
CERT, KEY, CA = (str(CERTS / name) for name in ("server.pem", "server.key", "ca.pem"))


class Encrypted:
    """A client whose TLS records are as long as it wants."""

    def __init__(self, url: str) -> None:
        self._port = int(url.rpartition(":")[2])
        self._read, self._written = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = ssl.create_default_context(cafile=CA).wrap_bio(
            self._read, self._written, server_hostname="localhost"
        )

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        while True:
            with suppress(ssl.SSLWantReadError):
                self._tls.do_handshake()
                break
            await self._flush()
            self._read.write(await self._reader.read(65_536))
        await self._flush()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.transport.abort()

    async def send(self, *parts: bytes) -> None:
        """Send each in a record of its own, unless it is too long for one."""
        for part in parts:
            self._tls.write(part)
        await self._flush()

    async def hear(self) -> bytes:
        """Return what comes next."""
        while True:
            self._read.write(await self._reader.read(65_536))
            with suppress(ssl.SSLWantReadError):
                return self._tls.read(65_536)

    async def _flush(self) -> None:
        self._writer.write(self._written.read())
        with suppress(ConnectionResetError):
            await self._writer.drain()


class TestWs(NetworkTransportContract):
    """The contract in the clear."""

    @pytest.fixture
    def transport(self) -> Transport:
        """Return the transport."""
        return chatcore_ws.transport


class TestWss(NetworkTransportContract):
    """The contract over TLS."""

    @pytest.fixture
    def transport(self) -> Transport:
        """Return the transport."""
        return chatcore_ws.transport

    @pytest.fixture
    def listening(self) -> ListenOptions:
        """Return options to listen with."""
        return ListenOptions(port=0, tls_cert=CERT, tls_key=KEY, keepalive_interval=60)

    @pytest.fixture
    def connecting(self) -> ConnectOptions:
        """Return options to connect with."""
        return ConnectOptions(connect_timeout=10, tls_ca=CA, keepalive_interval=60)

    async def test_link_says_that_it_is_encrypted(self, meet: Meet) -> None:
        """In the listener's address and in the link's name."""
        meeting = await meet()
        assert meeting.listener.url.startswith("wss://")
        client, server = await meeting.join()
        assert (client.link.transport, server.link.transport) == ("wss", "wss")

    async def test_client_refuses_when_the_certificate_is_not_trusted(self, meet: Meet) -> None:
        """With one sentence that says so, and without a link at the server."""
        meeting = await meet()
        with pytest.raises(ConnectionFailed, match=r"^the certificate of 127\.0\.0\.1:\d+ is not to be trusted: "):
            await meeting.join(tls_ca=None)
        assert meeting.served == []

    @pytest.mark.parametrize("bytes_each", [1, 2])
    async def test_server_drops_the_client_whose_records_have_a_byte_or_two(self, meet: Meet, bytes_each: int) -> None:
        """Each takes microseconds to decrypt, and all that have come are decrypted in one go."""
        meeting = await meet()
        async with Encrypted(meeting.listener.url) as peer:
            await peer.send(request())
            await peer.hear()
            message = frame(TEXT, b"x" * 60_000)
            await peer.send(*(message[at : at + bytes_each] for at in range(0, len(message), bytes_each)))
            user = meeting.served[0]
            assert await user.leaves() == LostReason.BAD_DATA
            assert user.reason.detail == "TLS records of a few bytes"
            assert user.payloads == []

    def test_records_are_not_judged_where_the_system_does_not_tell(self) -> None:
        """Not all do."""
        assert not Records(None).are_tiny(10_000)

    @pytest.mark.parametrize(("size", "count"), [(1, 3000), (20, 3000), (60_000, 40)])
    async def test_server_takes_any_number_of_records_that_are_messages(
        self, meet: Meet, size: int, count: int
    ) -> None:
        """However short: a frame has more bytes than its text; and long ones as TLS cuts them."""
        meeting = await meet()
        async with Encrypted(meeting.listener.url) as peer:
            await peer.send(request())
            await peer.hear()
            await peer.send(*[frame(TEXT, b"x" * size)] * count)
            await meeting.served[0].heard(*[b"x" * size] * count)

    async def test_server_drops_the_client_when_it_speaks_no_tls(self, meet: Meet) -> None:
        """What is no TLS never becomes a link."""
        meeting = await meet(handshake_timeout=0.2)
        port = int(meeting.listener.url.rpartition(":")[2])
        with pytest.raises(ConnectionFailed, match=r"hung up .*; if it is encrypted, use wss:// or chat://$"):
            await chatcore_ws.transport.connect(f"ws://127.0.0.1:{port}", ConnectOptions(), User)
        silent, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await silent.read() == b""
        writer.close()
        await writer.wait_closed()
        assert meeting.served == []

    async def test_client_hears_why_when_the_server_speaks_no_tls(self, meet: Meet) -> None:
        """The sentence hints at the scheme."""
        meeting = await meet(tls_cert=None, tls_key=None)
        url = meeting.listener.url.replace("ws://", "wss://")
        with pytest.raises(ConnectionFailed, match=r"is it a wss:// server\?$"):
            await chatcore_ws.transport.connect(url, ConnectOptions(tls_ca=CA), User)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"tls_key": KEY}, "a TLS key is given without its certificate"),
        ({"tls_cert": "missing.pem", "tls_key": KEY}, "the TLS certificate missing.pem cannot be read: No such file"),
        ({"tls_cert": CERT, "tls_key": "missing.key"}, "the TLS key missing.key cannot be read: No such file"),
        ({"tls_cert": CERT}, "needs its private key; give it with --tls-key"),
        ({"tls_cert": KEY, "tls_key": KEY}, "is not a PEM file with a certificate"),
        ({"tls_cert": CERT, "tls_key": CERT}, "is not a PEM file with a private key"),
        ({"tls_cert": CERT, "tls_key": str(CERTS / "other.key")}, "does not belong to the certificate"),
        ({"tls_cert": CERT, "tls_key": str(CERTS / "locked.key")}, "is protected by a password"),
        ({"port": 70_000}, "70000 is not a port"),
        ({"host": "no.such.host.invalid"}, "the host no.such.host.invalid to listen on is not known"),
        ({"host": "192.0.2.1"}, "192.0.2.1 is not an address of this machine"),
    ],
)
async def test_listener_says_in_one_sentence_when_it_cannot_listen(changes: dict[str, object], sentence: str) -> None:
    """Mistakes in the options are the user's, and the text says what to do."""
    with pytest.raises(ConfigurationError) as caught:
        await chatcore_ws.transport.listen(replace(ListenOptions(port=0), **changes), User)  # type: ignore[arg-type]
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_client_says_in_one_sentence_when_its_authorities_cannot_be_used() -> None:
    """A file of authorities that is none is the user's mistake."""
    for path in ["missing.pem", KEY]:
        with pytest.raises(ConfigurationError):
            await chatcore_ws.transport.connect("wss://localhost:1", ConnectOptions(tls_ca=path), User)


@pytest.mark.parametrize(("host", "shown"), [("::1", "[::1]"), ("localhost", "localhost"), ("127.0.0.2", "127.0.0.2")])
async def test_listener_shows_its_host_as_in_a_url(host: str, shown: str) -> None:
    """IPv6 addresses stand in brackets."""
    try:
        listener = await chatcore_ws.transport.listen(ListenOptions(host=host, port=0), User)
    except ConfigurationError:
        pytest.skip("this machine has no such address")
    assert listener.url.startswith(f"ws://{shown}:")
    link = await chatcore_ws.transport.connect(listener.url, ConnectOptions(), User)
    link.abort()
    await listener.wait_closed()


async def test_link_is_dropped_when_its_user_makes_a_mistake() -> None:
    """The event loop reports the exception, the user hears the end, and others go on."""
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context["exception"]))

    class Clumsy(User):
        def data_received(self, payload: bytes) -> None:
            super().data_received(payload)
            if payload == b"stumble":
                raise ZeroDivisionError

    users: list[Clumsy] = []

    def accept(link: Link) -> User:
        users.append(Clumsy(link))
        return users[-1]

    listener = await chatcore_ws.transport.listen(ListenOptions(port=0), accept)
    async with foreign_connect(listener.url) as one, foreign_connect(listener.url) as other:
        await one.send("stumble")
        assert await users[0].leaves() == LostReason.INTERNAL
        await other.send("walk")
        await users[1].heard(b"walk")
    await listener.wait_closed()
    assert list(map(type, complaints)) == [ZeroDivisionError]


# Foreign programs.


class Guests:
    """A server of ours that sends everything back."""

    def __init__(self, listener: Listener, users: list[User]) -> None:
        self.url = listener.url
        self.users = users


@pytest.fixture
async def guests() -> AsyncIterator[Guests]:
    """Return a server that sends everything back."""
    users: list[User] = []

    def accept(link: Link) -> User:
        users.append(User(link))
        users[-1].echoes = True
        return users[-1]

    listener = await chatcore_ws.transport.listen(ListenOptions(port=0, origins=("https://chat.example/",)), accept)
    yield Guests(listener, users)
    await listener.wait_closed()


async def test_foreign_client_is_understood(guests: Guests) -> None:
    """The websockets library's own client talks to our server, asks for compression in vain, and leaves."""
    async with foreign_connect(guests.url, compression="deflate") as client:
        await client.send("text")
        assert await client.recv() == "text"
        await client.send([b"bin", b"ary"])
        assert await client.recv() == b"binary"
        await (await client.ping())
        assert "Sec-WebSocket-Extensions" not in client.response.headers  # type: ignore[union-attr]
    assert lost_sentence(await guests.users[0].leaves()) == "closed by the peer (1000)"


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        (CloseReason.NORMAL, 1000),
        (CloseReason.GOING_AWAY, 1001),
        (CloseReason.BAD_DATA, 1007),
        (CloseReason.POLICY, 1008),
        (CloseReason.TOO_LARGE, 1009),
        (CloseReason.TRY_LATER, 1013),
    ],
)
async def test_foreign_client_hears_the_code_when_we_close(guests: Guests, reason: CloseReason, code: int) -> None:
    """Every reason has its number, and the text is cut to what fits."""
    async with foreign_connect(guests.url) as client:
        await client.send("hello")
        await client.recv()
        guests.users[0].link.close(reason, "ä" * 200)
        with pytest.raises(ConnectionClosed) as caught:
            await client.recv()
        assert caught.value.rcvd is not None
        assert (caught.value.rcvd.code, caught.value.rcvd.reason) == (code, "ä" * 61)
    assert await guests.users[0].leaves() == LostReason.CLOSED_HERE


async def test_foreign_server_is_understood() -> None:
    """Our client talks to the websockets library's own server and hears how it says goodbye."""

    async def talk(connection: object) -> None:
        async for message in connection:  # type: ignore[attr-defined]
            await connection.send(message)  # type: ignore[attr-defined]
            if message == "bye":
                await connection.close(4000, "goodbye")  # type: ignore[attr-defined]

    users: list[User] = []

    def accept(link: Link) -> User:
        users.append(User(link))
        return users[-1]

    async with foreign_serve(talk, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        await chatcore_ws.transport.connect(f"ws://127.0.0.1:{port}/any/path?query", ConnectOptions(), accept)
        users[0].say(b"hello", b"bye")
        await users[0].heard(b"hello", b"bye")
        assert lost_sentence(await users[0].leaves()) == "closed by the peer (4000: goodbye)"


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "answered HTTP 404 Not Found instead"),
        (b"HTTP/1.1 302 Elsewhere\r\n\r\nbody until the end", "answered HTTP 302 Found instead"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "does not speak WebSocket"),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", "does not speak WebSocket"),
        (b"", "hung up before it opened a WebSocket; if it is encrypted, use wss:// or chat://"),
        (b"\x15\x03\x01\x00\x02\x02\x46", "; if it is encrypted, use wss:// or chat://"),  # protocol_version
        (b"\x15\x03\x01\x00\x02\x02\x0a", "; if it is encrypted, use wss:// or chat://"),  # unexpected_message
    ],
)
async def test_client_hears_why_when_the_server_is_another_one(answer: bytes, sentence: str) -> None:
    """What answers is no WebSocket server: the sentence says what it answered."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(ConnectionFailed) as caught:
            await chatcore_ws.transport.connect(f"ws://127.0.0.1:{port}", ConnectOptions(), User)
    assert sentence in str(caught.value)
    assert str(caught.value).startswith(f"127.0.0.1:{port} ")


@pytest.mark.parametrize(
    ("answer", "end"),
    [
        ("301 Moved\r\nLocation: https://example.org/chat/", "; it names another address: wss://example.org/chat/"),
        ("308 Moved\r\nLocation: /chat/", "; it names another address: ws://{place}/chat/"),
        ("301 Moved\r\nLocation: javascript:alert(1)", ""),
        ("301 Moved\r\nLocation: http://[", ""),
        ("301 Moved\r\nLocation: https://example.org/\u202e", ""),
        ("200 OK\r\nLocation: /chat/", ""),
        ("400 Bad Request", "; if it is encrypted, use wss:// or chat://"),
    ],
)
async def test_client_hears_what_helps_when_a_proxy_answers(answer: str, end: str) -> None:
    """Which sends it on, or wants encryption; nothing of that is done unasked."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n".encode())
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        place = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(ConnectionFailed) as caught:
            await chatcore_ws.transport.connect(f"ws://{place}/chat", ConnectOptions(), User)
    said, _, helps = str(caught.value).partition("instead of opening a WebSocket")
    assert said.startswith(f"{place} answered HTTP ")
    assert helps == end.format(place=place)


@pytest.mark.parametrize("turns", range(4))
async def test_client_that_is_given_up_as_its_tls_handshake_ends_leaves_the_others_their_sockets(turns: int) -> None:
    """It is done with its socket, and nothing of it takes what the next one does with the same number."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERT, KEY)
    handshaken, done = asyncio.Event(), asyncio.Event()

    async def shake_hands(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        read, written = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(read, written, server_side=True)
        while not written.pending:
            read.write(await reader.read(65_536))
            with suppress(ssl.SSLWantReadError):
                tls.do_handshake()
        writer.write(written.read())  # all that the client waits for: here its handshake ends in the next turn
        handshaken.set()
        await done.wait()
        writer.transport.abort()

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readline())
        writer.close()

    async with (
        await asyncio.start_server(shake_hands, "127.0.0.1", 0) as server,
        await asyncio.start_server(echo, "127.0.0.1", 0) as other,
    ):
        url = f"wss://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        connecting = asyncio.ensure_future(chatcore_ws.transport.connect(url, ConnectOptions(tls_ca=CA), User))
        await handshaken.wait()
        for _ in range(turns):
            await asyncio.sleep(0)
        connecting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await connecting
        for _ in range(4):
            reader, writer = await asyncio.open_connection("127.0.0.1", other.sockets[0].getsockname()[1])
            writer.write(b"is anybody there?\n")
            assert await reader.read() == b"is anybody there?\n"
            writer.close()
        done.set()


async def test_client_hears_why_when_the_server_does_not_answer() -> None:
    """A server that takes the connection and says nothing costs no more than the time limit."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(ConnectionFailed, match=rf"^127\.0\.0\.1:{port} did not answer in time$"):
            await chatcore_ws.transport.connect(f"ws://127.0.0.1:{port}", ConnectOptions(connect_timeout=0.1), User)


async def test_client_hears_why_when_the_name_is_unknown() -> None:
    """The sentence names the host."""
    with pytest.raises(ConnectionFailed, match=r"^the host no\.such\.host\.invalid is not known$"):
        await chatcore_ws.transport.connect("ws://no.such.host.invalid", ConnectOptions(), User)
