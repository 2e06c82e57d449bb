"""What the WebSocket port gives to browsers: the page, its files, and nothing else."""

from __future__ import annotations

import asyncio
import gzip
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from chatcore import Client, Limits, Listen, connect
from chatcore.errors import ConnectionFailed
from chatcore.ports.transport import ListenOptions
from chatcore_ws import WebSocketTransport
from tests.integration.web.house import web_options, web_server
from tests.patience import PATIENCE
from tests.stores import ChatServer, LoneServer

Answer = tuple[int, dict[str, str], bytes]


@pytest_asyncio.fixture
async def server() -> AsyncIterator[ChatServer]:
    """Run a server that has the page, and gives a busy machine its time to ask."""
    async with web_server(handshake_timeout=PATIENCE) as server:
        yield server


async def ask(server: ChatServer, path: str, *headers: str, method: str = "GET", host: str = "localhost") -> Answer:
    """Ask by plain HTTP, and return status, headers and body."""
    port = int(server.urls[0].rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *headers]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    async with asyncio.timeout(PATIENCE):
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    first, *rest = head.decode().split("\r\n")
    return (
        int(first.split()[1]),
        {name.lower(): value for name, _, value in (line.partition(": ") for line in rest)},
        body,
    )


async def test_a_browser_gets_the_page_at_the_address_of_the_websocket(server: ChatServer) -> None:
    """Behind a path that a proxy has put there too; and a WebSocket still opens."""
    for path in ("/", "/?x=1", "/index.html", "/chat/", "/a/b/c/", "/caf%C3%A9/", "/a+b/@c/", "/x%20y/", "/.../"):
        status, headers, body = await ask(server, path)
        assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert int(headers["content-length"]) == len(body)
        assert re.search(rb'<script src="app\.js\?[0-9a-f]{16}" type="module">', body)
    async with connect(server.urls[0], username="alice") as alice:
        assert isinstance(alice, Client)


@pytest.mark.parametrize("path", ["/app.js", "/app.css", "/icon.svg", "/chat/app.js"])
async def test_its_files_are_compressed_for_whoever_takes_that(server: ChatServer, path: str) -> None:
    """And are as they are for everybody else."""
    _, plain, body = await ask(server, path)
    status, packed, small = await ask(server, path, "Accept-Encoding: br, gzip;q=0.5")
    assert status == 200
    assert gzip.decompress(small) == body
    assert (packed["content-encoding"], plain.get("content-encoding")) == ("gzip", None)
    assert int(packed["content-length"]) == len(small)
    assert plain["vary"] == packed["vary"] == "Accept-Encoding"
    assert packed["etag"] != plain["etag"]
    _, refused, _ = await ask(server, path, "Accept-Encoding: gzip;q=0")
    assert "content-encoding" not in refused


async def test_the_first_load_is_less_than_150_kib(server: ChatServer) -> None:
    """Everything that the page asks for."""
    answers = [await ask(server, f"/{name}", "Accept-Encoding: gzip") for name in ("", "app.js", "app.css", "icon.svg")]
    assert sum(len(body) for _, _, body in answers) < 150 * 1024


async def test_what_a_browser_has_is_not_sent_again(server: ChatServer) -> None:
    """By its tag, compressed or not."""
    for coding in ("identity", "gzip"):
        _, headers, _ = await ask(server, "/app.js", f"Accept-Encoding: {coding}")
        assert headers["cache-control"] == "no-cache"
        status, again, body = await ask(server, "/app.js", f"If-None-Match: {headers['etag']}")
        assert (status, body) == (304, b"")
        assert "content-length" not in again
    assert (await ask(server, "/app.js", 'If-None-Match: "something-else"'))[0] == 200


async def test_what_the_page_asks_for_by_its_tag_need_never_be_asked_for_again(server: ChatServer) -> None:
    """It is another one as soon as it changes. A server of another version gives what it has, to be asked for again."""
    _, _, page = await ask(server, "/")
    names = re.findall(rb'"(app\.(?:js|css)\?[0-9a-f]{16})"', page)
    assert len(names) == 2
    for name in names:
        _, headers, _ = await ask(server, f"/chat/{name.decode()}")
        assert headers["cache-control"] == "max-age=31536000, immutable"
    status, headers, _ = await ask(server, "/app.js?0123456789abcdef")
    assert (status, headers["cache-control"]) == (200, "no-cache")


async def test_a_page_that_a_browser_has_is_sent_again_when_it_may_connect_elsewhere(server: ChatServer) -> None:
    """Or the policy of the one that it has would be in force."""
    _, here, _ = await ask(server, "/", host="localhost:8765")
    status, again, _ = await ask(server, "/", f"If-None-Match: {here['etag']}", host="localhost:8765")
    assert (status, again["content-security-policy"]) == (304, here["content-security-policy"])
    status, _, _ = await ask(server, "/", f"If-None-Match: {here['etag']}", host="localhost:8766")
    assert status == 200


async def test_the_head_alone_can_be_asked_for_and_nothing_can_be_put_there(server: ChatServer) -> None:
    """RFC 9110, 9.3.2 and 15.5.6."""
    _, headers, body = await ask(server, "/app.js")
    status, head, nothing = await ask(server, "/app.js", method="HEAD")
    assert (status, nothing, head["content-length"]) == (200, b"", str(len(body)))
    assert head["etag"] == headers["etag"]
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        status, headers, _ = await ask(server, "/app.js", method=method)
        assert (status, headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "path",
    [
        "/nothing.js", "/favicon.ico", "/app.js/app.js.map", "/../app.js", "/x/../app.js", "/./app.js",
        "/%2e%2e/app.js", "/.%2E/app.js", "/%2E/app.js", "/a%5C/app.js", "/%0a/app.js", "/%/app.js",
        "//app.js", "/..%2f..%2fetc/passwd", "/../../../../etc/passwd", "/page/core/session.js",
        "/a%2fb/app.js", "/__init__.py", "app.js", "*",
        "/\\..\\app.js", "http://localhost/app.js", "/" + "a/" * 20 + "app.js", "/package.json", "/\x01/app.js",
    ],
)  # fmt: skip
async def test_there_is_nothing_else(server: ChatServer, path: str) -> None:
    """A name is looked up in a table: no path leads out of it, and what was asked is not repeated."""
    status, headers, body = await ask(server, path)
    assert status in (400, 404)
    assert headers["content-type"] == "text/plain; charset=utf-8"
    assert path.encode() not in body or len(path) < 3


async def test_every_answer_forbids_what_the_page_does_not_need(server: ChatServer) -> None:
    """Scripts and styles from elsewhere, or in the page; frames; guesses of what a file is; telling where one was.

    What the page itself has in a frame, nobody else may.
    """
    for path in ("/", "/app.js", "/nothing"):
        _, headers, _ = await ask(server, path, host="localhost:8765")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        if path == "/nothing":
            continue
        rules = dict(rule.strip().partition(" ")[::2] for rule in headers["content-security-policy"].split(";"))
        assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == rules["frame-ancestors"] == "'none'"
        assert rules["script-src"] == rules["style-src"] == "'self'"
        assert rules["img-src"] == "'self' blob:"
        assert rules["connect-src"] == "'self' ws://localhost:8765 wss://localhost:8765"
        assert rules["require-trusted-types-for"] == "'script'"
        assert headers["x-frame-options"] == "DENY"
        assert "unsafe" not in headers["content-security-policy"]
    _, headers, _ = await ask(server, "/door.html", host="localhost:8765")
    assert "frame-ancestors 'self';" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "SAMEORIGIN"


@pytest.mark.parametrize(
    "host", ["[::1]:8765", "evil.example; script-src *", "a b", "x\tscript-src *", "[::1", "'unsafe-inline'"]
)
async def test_a_host_that_no_policy_can_name_gets_nothing_into_it(server: ChatServer, host: str) -> None:
    """It is a stranger's text, or an address of IPv6, at which browsers take a WebSocket for one of the page itself."""
    _, headers, _ = await ask(server, "/", host=host)
    assert "connect-src 'self';" in headers["content-security-policy"]


async def test_a_server_without_the_page_says_what_it_is() -> None:
    """As `--no-web` makes it, and as the library's servers are."""
    async with ChatServer(listen=[Listen(options=ListenOptions(port=0))]) as server:
        status, _, body = await ask(server, "/")
        assert status == 426
        assert body.startswith(b"This is a chat server, and no web page.")


async def test_a_page_of_this_server_may_ask_whether_it_may_connect(server: ChatServer) -> None:
    """Browsers say their origin with a WebSocket, and not when they read from where the page came from."""
    for origin, allowed in (("http%3A%2F%2Flocalhost", b"true"), ("https%3A%2F%2Fchat.example", b"false")):
        status, _, body = await ask(server, f"/chat/.well-known/chatcore?origin={origin}")
        assert status == 200
        assert b'"allowed": ' + allowed in body


async def test_thirty_browsers_behind_one_address_get_the_page_at_once(server: ChatServer) -> None:
    """What they load does not count as a connection for longer than it takes; sockets that are open do."""
    async with AsyncExitStack() as stack:
        for number in range(30):
            await stack.enter_async_context(connect(server.urls[0], username=f"pupil{number}"))
        names = ("/", "/app.js", "/app.css", "/icon.svg")
        answers = await asyncio.gather(*(ask(server, name) for _ in range(30) for name in names))
        assert {status for status, _, _ in answers} == {200}


async def test_the_page_is_there_for_an_address_that_has_all_its_sockets() -> None:
    """It says why it cannot connect; the sockets are as many as without a page."""
    places = [Listen(options=web_options())]
    limits = Limits(connections_per_address=2)
    async with LoneServer(listen=places, limits=limits) as server, AsyncExitStack() as stack:
        for name in ("alice", "bob"):
            await stack.enter_async_context(connect(server.urls[0], username=name))
        with pytest.raises(ConnectionFailed, match="too many connections"):
            await connect(server.urls[0], username="carol")
        assert (await ask(server, "/"))[0] == 200


async def test_whoever_asks_and_does_not_hang_up_uses_up_what_an_address_has() -> None:
    """Twice as many as may stay; then it is told to wait, and nobody else is."""
    # All of them are there at once, however long they take to come: who asked for a file may take long over it.
    patient, options = WebSocketTransport(message_timeout=PATIENCE), web_options(handshake_timeout=PATIENCE)
    async with LoneServer(listen=[Listen(patient, options=options)]) as server, AsyncExitStack() as stack:
        port = int(server.urls[0].rpartition(":")[2])
        statuses = []
        for _ in range(2 * 64 + 1):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            stack.callback(writer.close)
            writer.write(b"GET /app.js HTTP/1.1\r\nHost: localhost\r\n\r\n")
            statuses.append((await reader.readline()).split()[1])
        assert statuses == [b"200"] * 2 * 64 + [b"429"]


async def test_whoever_reads_slowly_gets_all_of_a_file(server: ChatServer) -> None:
    """And holds up nobody."""
    port = int(server.urls[0].rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2048)
    writer.write(b"GET /app.js HTTP/1.1\r\nHost: localhost\r\n\r\n")
    head = await reader.readuntil(b"\r\n\r\n")
    async with connect(server.urls[0], username="alice") as alice:
        await alice.send("meanwhile")
    got = b""
    while piece := await reader.read(512):
        got += piece
    writer.close()
    await writer.wait_closed()
    assert f"Content-Length: {len(got)}".encode() in head
