"""Browsers at a plain TCP port: a web page can send lines from its visitor's machine, and nothing may come of it."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore import Listen
from chatcore.ports.transport import Link, ListenOptions, LostReason
from chatcore_tcp import TcpTransport
from chatcore_tcp.first_line import HOLD_BYTES, FirstLine
from tests.contracts.transport import User
from tests.patience import PATIENCE
from tests.stores import ChatServer

BODY = b'/pseudo\ncurl\nby fetch()\n/quit\n{"type":"login","username":"curl"}\n{"type":"send_message","text":"hi"}\n'
HEADERS = b"Host: 127.0.0.1\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % len(BODY)
REQUESTS = [
    b"POST / HTTP/1.1\r\n",
    b"GET /%0A/pseudo%0Acurl%0A HTTP/1.1\r\n",
    b"OPTIONS * HTTP/1.1\r\n",
    b"CONNECT example.org:443 HTTP/1.1\r\n",
    b"GET http://example.org/ HTTP/1.0\n",
    b"X-UNHEARD~OF /x HTTP/3\r\n",
    b"patch /a b c HTTP/1.1\r\n",
    b"\r\n\r\nPUT / HTTP/1.1\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"POST /" + b"/pseudo%0Acurl" * 5000 + b" HTTP/1.1\r\n",
]
GREETING = b"Bienvenue dans le Chat tapez /pseudo si vous voulez vous connecter\n"
DIALECTS = ["simple-text", "simple-json", "chat", "echo"]


class House:
    """A server with one dialect on plain TCP, and its log."""

    def __init__(self, server: ChatServer, lines: list[logging.LogRecord]) -> None:
        self.server = server
        self.lines = lines

    async def hears(self, *parts: bytes, last_word: bool = False) -> bytes:
        """Let a peer send parts, one packet each; returns what it reads until the server hangs up."""
        reader, writer = await asyncio.open_connection("127.0.0.1", int(self.server.urls[0].rpartition(":")[2]))
        greeted = b""
        try:
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(0)
            if last_word:
                writer.write_eof()
            async with asyncio.timeout(PATIENCE):
                while data := await reader.read(65536):
                    greeted += data
        except ConnectionError:
            pass
        finally:
            writer.close()
        return greeted

    def ends(self) -> list[str]:
        """Return why connections ended, as the log says."""
        return [line.fields["reason"] for line in self.lines if line.getMessage() == "disconnected"]  # type: ignore[attr-defined]

    def done(self) -> list[str]:
        """Return what else the log says was done."""
        return [
            line.getMessage()
            for line in self.lines
            if line.getMessage() not in ("connect", "disconnected", "listening")
        ]


OpenHouse = Callable[[str], Awaitable[House]]


@pytest.fixture
async def open_house() -> AsyncIterator[OpenHouse]:
    """Return a function that starts a server."""
    servers: list[ChatServer] = []

    async def open_house(dialect: str) -> House:
        lines: list[logging.LogRecord] = []
        logger = logging.Logger("house")
        logger.addFilter(lambda line: not lines.append(line))
        server = ChatServer(listen=[Listen("tcp", dialect, ListenOptions(port=0))], logger=logger)
        await server.start()
        servers.append(server)
        return House(server, lines)

    yield open_house
    for server in servers:
        await server.stop()


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_http_request_is_closed_at_its_first_line_and_nothing_of_it_is_carried_out(
    open_house: OpenHouse, dialect: str
) -> None:
    """Whatever its method, however long, and the log says why in one line."""
    house = await open_house(dialect)
    for request in REQUESTS:
        assert await house.hears(request + HEADERS + BODY) in (b"", GREETING)
    assert house.ends() == [LostReason.SPEAKS_HTTP] * len(REQUESTS)
    assert house.done() == []


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_http_request_cut_anywhere_is_closed_too(open_house: OpenHouse, dialect: str) -> None:
    """In two at every byte of its first line, and byte by byte."""
    house = await open_house(dialect)
    whole = b"POST /chat HTTP/1.1\r\n" + HEADERS + BODY
    ways = [[whole[:at], whole[at:]] for at in range(1, 24)] + [[whole[at : at + 1] for at in range(len(whole))]]
    for way in ways:
        assert await house.hears(*way) in (b"", GREETING)
    assert house.ends() == [LostReason.SPEAKS_HTTP] * len(ways)
    assert house.done() == []


async def test_tls_greeting_is_closed_too(open_house: OpenHouse) -> None:
    """A page can choose what is in it: the name of the server, or a ticket with lines in it."""
    house = await open_house("simple-text")
    greeting = ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), greeting, server_hostname="example.org").do_handshake()
    hello = greeting.read()
    await house.hears(hello + b"\n/pseudo\ncurl\n")
    await house.hears(hello[:1], hello[1:] + b"\n/pseudo\ncurl\n")
    assert house.ends() == [LostReason.SPEAKS_TLS] * 2
    assert house.done() == []


PROXIES = [
    b"PROXY TCP4 203.0.113.7 192.0.2.1 56324 12345\r\n",
    b"PROXY TCP6 2001:db8::7 2001:db8::1 56324 12345\r\n",
    b"PROXY UNKNOWN\r\n",
    b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c" + bytes(12),
    b"\r\n\r\n\x00\r\nQUIT\n\x20\x00\x00\x00",
]


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_proxy_that_says_whom_it_speaks_for_is_closed_and_the_log_says_so(
    open_house: OpenHouse, dialect: str
) -> None:
    """Both versions of the PROXY protocol, cut anywhere: the room does not hear it, and all are not taken for one."""
    house = await open_house(dialect)
    for proxy in PROXIES:
        assert await house.hears(proxy + BODY) in (b"", GREETING)
    ways = [[whole[:at], whole[at:] + BODY] for whole in PROXIES for at in range(1, 12)]
    for way in ways:
        assert await house.hears(*way) in (b"", GREETING)
    assert house.ends() == [LostReason.SPEAKS_PROXY] * (len(PROXIES) + len(ways))
    assert house.done() == []


@pytest.mark.parametrize(
    "said", [b"PROXY is a word\n", b"PROXY\n", b"\r\n", b"\r\n\r\nhello\n", b"\r\n\r\n\x00hello\n"]
)
def test_what_only_begins_like_a_proxy_is_handed_over(said: bytes) -> None:
    """Whole, and byte by byte."""
    for parts in ([said], [said[at : at + 1] for at in range(len(said))]):
        line = FirstLine()
        assert b"".join(map(line.take, parts)) + line.release() == said
        assert line.foreign is None


async def test_whoever_uses_the_transport_gets_nothing_of_a_request() -> None:
    """A third party's dialect need not know of browsers."""
    users: list[User] = []

    def accept(link: Link) -> User:
        users.append(User(link))
        return users[-1]

    listener = await TcpTransport().listen(ListenOptions(port=0), accept)
    for cut in (30, 9):
        request = b"POST / HTTP/1.1\r\n" + HEADERS + BODY
        reader, writer = await asyncio.open_connection("127.0.0.1", int(listener.url.rpartition(":")[2]))
        writer.write(request[:cut])
        await asyncio.sleep(0)
        writer.write(request[cut:])
        async with asyncio.timeout(PATIENCE):
            assert await reader.read() == b""
        writer.close()
        assert await users[-1].leaves() == LostReason.SPEAKS_HTTP
        assert users[-1].payloads == []
    await listener.wait_closed()


async def test_request_line_in_a_chat_is_a_message_like_every_other(open_house: OpenHouse) -> None:
    """Only the first line of a connection counts, and it only when it is one."""
    house = await open_house("simple-text")
    said = b"/pseudo\nbob\nGET / HTTP/1.1\n/quit\n"
    assert (await house.hears(said)).splitlines()[-2:] == [b"Bienvenue bob", b"Deconnexion"]
    assert "refused" not in house.done()
    for first in (b"HTTP/1.1 is old\n", b"GET is a word\n", b"bonjour HTTP/\n"):
        assert (await house.hears(first + b"/pseudo\nbob\n/quit\n")).splitlines()[-2:] == [
            b"Bienvenue bob",
            b"Deconnexion",
        ]


async def test_what_looks_like_a_request_and_is_none_is_echoed_after_a_moment(open_house: OpenHouse) -> None:
    """At once when it is the peer's last word."""
    house = await open_house("echo")
    assert await house.hears(b"GET", last_word=True) == b"GET"
    assert await house.hears(b"GET /", b" and so on", last_word=True) == b"GET / and so on"
    reader, writer = await asyncio.open_connection("127.0.0.1", int(house.server.urls[0].rpartition(":")[2]))
    writer.write(b"GET")
    async with asyncio.timeout(PATIENCE):
        assert await reader.readexactly(3) == b"GET"
        writer.write(b" it")
        assert await reader.readexactly(3) == b" it"
        writer.write(b" HTTP/1.1\r\nHost: x\r\n")
        assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()
    assert house.ends()[-1] == LostReason.SPEAKS_HTTP


# The rule itself.


def outcome(*parts: bytes) -> tuple[str | None, bytes]:
    """Return what the peer is found to speak, and what was handed over in the end."""
    first, handed = FirstLine(), b""
    for part in parts:
        if first.foreign is None:
            handed += first.take(part)
    return first.foreign, handed + first.release()


PIECES = st.sampled_from(
    [b"GET", b"get", b" ", b"/", b" HTTP/1", b"HTTP/", b".1", b"\r\n", b"\n", b"\x16", b"\x03", b"{", b"x", b"/pseudo"]
) | st.binary(max_size=3)


@given(st.lists(PIECES, max_size=12), st.data())
def test_verdict_is_the_same_however_the_bytes_are_cut(pieces: list[bytes], data: st.DataObject) -> None:
    """And of what is no request, everything is handed over, in order."""
    whole = b"".join(pieces)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    parts = [whole[start:end] for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    foreign, handed = outcome(*parts)
    assert foreign == outcome(whole)[0]
    assert whole.startswith(handed) if foreign else handed == whole


@pytest.mark.parametrize("data", [b"hello", b"{", b"/pseudo", b"\xef\xbb\xbf/pseudo", b"\0", b"Bonjour a tous"])
def test_what_does_not_look_like_a_request_is_handed_over_at_once(data: bytes) -> None:
    """Programs that end no line get their echo."""
    assert FirstLine().take(data) == data


def test_only_so_much_is_kept_back() -> None:
    """A longer line that begins like a request is taken for one; another one is handed over."""
    url, shout = FirstLine(), FirstLine()
    assert url.take(b"GET /" + b"x" * HOLD_BYTES) == b""
    assert url.foreign == LostReason.SPEAKS_HTTP
    assert len(shout.take(b"A" * (HOLD_BYTES + 1))) == HOLD_BYTES + 1
