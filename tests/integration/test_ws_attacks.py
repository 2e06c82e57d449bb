"""Peers that keep no rule: each of them loses its own connection, and nobody else notices."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import textwrap
import time
import tracemalloc
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.protocol import SERVER

from chatcore.ports.transport import Binary, CloseReason, ConnectOptions, Link, Listener, ListenOptions, LostReason
from chatcore_ws import WebSocketTransport
from chatcore_ws.frames import Rules, Wire, client_frame
from tests.contracts.transport import User
from tests.integration.ws_peer import BINARY, CLOSE, CONT, PING, PONG, TEXT, Peer, frame, request
from tests.patience import PATIENCE
from tests.stopwatch import Stopwatch


class Server:
    """A server, and the users of its links."""

    def __init__(self) -> None:
        self.listener: Listener
        self.users: list[User] = []
        self._came = asyncio.Event()

    @property
    def url(self) -> str:
        """Return where it listens."""
        return self.listener.url

    def accept(self, link: Link) -> User:
        """Take a new connection."""
        self.users.append(User(link))
        self.users[-1].echoes = True
        self._came.set()
        return self.users[-1]

    async def user(self, number: int = 0) -> User:
        """Return the user of a link, as soon as it is there."""
        async with asyncio.timeout(PATIENCE):
            while len(self.users) <= number:
                self._came.clear()
                await self._came.wait()
        return self.users[number]


Serve = Callable[..., Awaitable[Server]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Return a function that starts a server which sends everything back."""
    servers: list[Server] = []
    complaints: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context))

    async def serve(*, message_timeout: float = 30.0, close_timeout: float = 0.5, **changes: object) -> Server:
        server = Server()
        options = replace(ListenOptions(port=0), **changes)  # type: ignore[arg-type]
        transport = WebSocketTransport(close_timeout=close_timeout, message_timeout=message_timeout)
        server.listener = await transport.listen(options, server.accept)
        servers.append(server)
        return server

    yield serve
    for server in servers:
        await server.listener.wait_closed()
    assert complaints == []


# The handshake.


async def test_server_drops_everybody_who_dawdles_over_the_handshake(serve: Serve) -> None:
    """The time limit counts from the first moment, not from the last byte; others connect meanwhile."""
    server = await serve(handshake_timeout=1.0)  # enough for the good one, on a slow machine too

    async def dawdle() -> tuple[float, float]:
        async with Peer(server.url) as peer:
            stopwatch = Stopwatch()
            ended = asyncio.ensure_future(peer.the_end())
            for byte in request():
                await peer.send(bytes([byte]))
                await asyncio.wait([ended], timeout=0.05)
                if ended.done():
                    return stopwatch.by_the_clock, stopwatch.seconds
            raise AssertionError("it was not dropped before its last byte")

    dawdlers = [asyncio.ensure_future(dawdle()) for _ in range(50)]
    await asyncio.sleep(0.1)
    async with Peer(server.url) as good:
        await good.upgrade()
        await good.send(frame(TEXT, b"hello"))
        assert await good.frame() == (TEXT, b"hello")
        for by_the_clock, seconds in await asyncio.gather(*dawdlers):
            assert by_the_clock > 0.8
            assert seconds < 3
        await good.send(frame(TEXT, b"still here"))
        assert await good.frame() == (TEXT, b"still here")
    assert len(server.users) == 1


async def test_a_crowd_that_shakes_hands_at_once_leaves_others_their_turns() -> None:
    """However many do, no turn of the event loop is longer than what one or two of them take."""
    loop, turn = asyncio.get_running_loop(), 0
    opened: list[int] = []

    def next_turn() -> None:
        nonlocal turn
        turn += 1
        loop.call_soon(next_turn)

    def accept(link: Link) -> User:
        opened.append(turn)
        over = time.monotonic() + 0.003
        while time.monotonic() < over:  # all that a turn has time for
            pass
        return User(link)

    next_turn()
    listener = await WebSocketTransport().listen(ListenOptions(port=0), accept)
    async with AsyncExitStack() as stack:
        crowd = [await stack.enter_async_context(Peer(listener.url)) for _ in range(20)]
        await asyncio.gather(*(peer.upgrade() for peer in crowd))
    await listener.wait_closed()
    assert len(opened) == 20
    assert max(Counter(opened).values()) <= 2


async def test_a_reader_that_goes_on_does_not_wait_behind_a_crowd_that_shakes_hands() -> None:
    """Whoever was held for a moment, because the server had enough to do, is read again in the next turn."""
    opened: list[User] = []

    def accept(link: Link) -> User:
        over = time.monotonic() + 0.003
        while opened and time.monotonic() < over:  # all that a turn has time for
            pass
        opened.append(User(link))
        if len(opened) == 3:
            opened[0].go_on()
        return opened[-1]

    listener = await WebSocketTransport().listen(ListenOptions(port=0), accept)
    async with AsyncExitStack() as stack:
        first, *crowd = [await stack.enter_async_context(Peer(listener.url)) for _ in range(30)]
        await first.upgrade()
        opened[0].hold()
        await first.send(frame(TEXT, b"hello"))
        upgrades = asyncio.gather(*(peer.upgrade() for peer in crowd))
        await opened[0].heard(b"hello")
        assert len(opened) < 20
        await upgrades
    await listener.wait_closed()


async def test_what_one_read_brings_is_handed_over_some_at_a_time() -> None:
    """So whoever has enough to do for a turn says so before the rest of it is looked at; nothing is lost by that."""
    said = [b"%d" % number for number in range(200)]
    batches: list[Sequence[bytes]] = []

    class Careful(User):
        def payloads_received(self, payloads: Sequence[bytes]) -> None:
            batches.append(payloads)
            self.hold()
            asyncio.get_running_loop().call_soon(self.go_on)
            for payload in payloads:
                self.data_received(payload)

    users: list[Careful] = []

    def accept(link: Link) -> User:
        users.append(Careful(link))
        return users[-1]

    listener = await WebSocketTransport().listen(ListenOptions(port=0), accept)
    async with Peer(listener.url) as peer:
        await peer.upgrade()
        await peer.send(b"".join(frame(TEXT, text) for text in said))
        await users[0].heard(*said)
    await listener.wait_closed()
    assert len(batches) > 1
    assert max(map(len, batches)) <= 32


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\n\r\n", "414"),
        (request("127.0.0.1", "Cookie: " + "x" * 9000), "431"),
        (request("127.0.0.1", *["X: y"] * 130), "431"),
        (request("127.0.0.1", *["Cookie: " + "x" * 4000] * 5), "431"),
        (request()[:-2] + b"Cookie: " + b"x" * 100 + b"\r\n" * 2, "101"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "426"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", "405"),
        (request().replace(b"Sec-WebSocket-Key: dGhl", b"Sec-WebSocket-Key: "), "400"),
        (request().replace(b"Version: 13", b"Version: 8"), "426"),
    ],
)
async def test_server_answers_in_http_when_the_request_is_odd(serve: Serve, data: bytes, status: str) -> None:
    """Too long, no WebSocket, or not as it should be: each has its number."""
    server = await serve()
    async with Peer(server.url) as peer:
        await peer.send(data)
        assert (await peer.head()).split()[1] == status
        assert len(server.users) == (status == "101")


@pytest.mark.parametrize("path", ["/", "/favicon.ico", "/<script>alert(1)</script>?x=<b>"])
async def test_server_tells_a_browser_what_it_is(serve: Serve, path: str) -> None:
    """Somebody who opens the address in a browser reads what to do instead, whatever the path."""
    server = await serve()
    async with Peer(server.url) as peer:
        await peer.send(f"GET {path} HTTP/1.1\r\nHost: <script>\r\nUser-Agent: <script>\r\n\r\n".encode())
        head, _, said = (await peer.the_end()).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 426 ")
    assert {b"Upgrade: websocket", b"Content-Type: text/plain; charset=utf-8", b"X-Content-Type-Options: nosniff"} <= {
        *head.split(b"\r\n")
    }
    assert said.startswith(b"This is a chat server, and no web page.\nJoin it with")
    assert b"chatcore connect chat://HOST:PORT" in said
    assert f"Content-Length: {len(said)}".encode() in head
    assert server.users == []


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (b"POST / HTTP/1.1\r\n\r\n", b"405"),
        (b"<script> / HTTP/1.1\r\n\r\n", b"405"),
        (b"GET / HTTP/1.0\r\n\r\n", b"505"),
        (b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: <script>\r\n\r\n", b"4"),
        (request().replace(b"Sec-WebSocket-Key: dGhl", b"Sec-WebSocket-Key: <script>"), b"400"),
    ],
)
async def test_server_repeats_nothing_of_a_request_that_it_refuses(serve: Serve, asked: bytes, status: bytes) -> None:
    """One sentence of its own for each."""
    server = await serve()
    async with Peer(server.url) as peer:
        await peer.send(asked)
        answer = await peer.the_end()
    head, _, said = answer.partition(b"\r\n\r\n")
    assert head.split()[1].startswith(status)
    assert said.startswith(b"This is ")
    assert b"script" not in answer


async def test_server_answers_no_text_to_whoever_asks_for_the_head_alone(serve: Serve) -> None:
    """RFC 9110, 9.3.2."""
    server = await serve()
    async with Peer(server.url) as peer:
        await peer.send(b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = await peer.the_end()
    assert answer.startswith(b"HTTP/1.1 405 ")
    assert answer.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("data", [b"\x16\x03\x01\x00\xa5\x01\x00", b"NICK alice\r\nUSER alice\r\n", b"\r\n\r\n"])
async def test_server_hangs_up_when_it_is_no_http(serve: Serve, data: bytes) -> None:
    """TLS, IRC and empty lines are none."""
    server = await serve(handshake_timeout=0.3)
    async with Peer(server.url) as peer:
        await peer.send(data)
        assert b"101" not in await peer.the_end()
    assert server.users == []


@pytest.mark.parametrize(
    ("host", "origins", "status"),
    [
        ("localhost", [], "101"),
        ("localhost", ["http://localhost"], "101"),
        ("localhost:443", ["https://localhost"], "101"),
        ("localhost", ["https://LOCALHOST:443"], "101"),
        ("127.0.0.1:8765", ["http://127.0.0.1:8765"], "101"),
        ("chat.example", ["https://friend.example"], "101"),
        ("chat.example", ["https://friend.example/"], "101"),
        ("localhost", ["https://evil.example"], "403"),
        ("localhost", ["https://localhost.evil.example"], "403"),
        ("localhost", ["https://friend.example:444"], "403"),
        ("localhost", ["http://friend.example"], "403"),
        ("127.0.0.1:8765", ["http://127.0.0.1:8766"], "403"),
        ("localhost", ["null"], "403"),
        ("", [""], "403"),
        ("localhost", ["http://localhost", "https://evil.example"], "403"),
    ],
)
async def test_server_refuses_when_a_page_of_another_origin_asks(
    serve: Serve, host: str, origins: list[str], status: str
) -> None:
    """Pages of our own host and of the origins in the options may connect, and programs, which send no origin."""
    server = await serve(origins=("https://Friend.example",))
    async with Peer(server.url) as peer:
        await peer.send(request(host, *[f"Origin: {origin}" for origin in origins]))
        assert (await peer.head()).split()[1] == status


async def test_server_answers_503_when_it_is_full(serve: Serve) -> None:
    """Also those count who are only shaking hands."""
    server = await serve(max_connections=2)
    async with Peer(server.url) as one, Peer(server.url) as two, Peer(server.url) as three:
        await one.upgrade()
        await two.send(b"GET ")
        await three.send(request())
        assert (await three.head()).startswith("HTTP/1.1 503 ")
        assert b"full" in await three.the_end()
        await two.send(request()[4:])
        assert (await two.head()).startswith("HTTP/1.1 101 ")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
async def test_server_keeps_quiet_when_there_are_more_connections_than_file_descriptors() -> None:
    """It never runs out of them: those who are in go on, nothing is logged, and there is room again later."""
    program = textwrap.dedent("""
        import asyncio, importlib, resource, sys
        resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128))
        from chatcore.ports.transport import ListenOptions
        from chatcore_ws import transport
        from tests.contracts.transport import User

        def accept(link):
            user = User(link)
            user.echoes = True
            return user

        async def main():
            listener = await transport.listen(ListenOptions(port=0), accept)
            print(listener.url, flush=True)
            await asyncio.sleep(60)

        with asyncio.Runner(loop_factory=importlib.import_module(sys.argv[1]).new_event_loop) as runner:
            runner.run(main())
    """)
    loop = type(asyncio.get_running_loop()).__module__.partition(".")[0]
    root = Path(__file__).parents[2]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        loop,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([*sys.path, str(root)])},
    )
    assert process.stdout is not None
    url = (await process.stdout.readline()).decode().strip()
    peers = [Peer(url) for _ in range(300)]
    try:
        async with peers[0] as first:
            await first.upgrade()
            for peer in peers[1:]:
                await peer.__aenter__()
            await asyncio.gather(*[peer.send(request()) for peer in peers[1:]])
            answers = [peer.the_end() if index > 200 else peer.head() for index, peer in enumerate(peers[1:])]
            told = await asyncio.gather(*answers, return_exceptions=True)
            assert sum("101" in str(answer)[:20] for answer in told) >= 50
            await first.send(frame(TEXT, b"hello"))
            assert await first.frame() == (TEXT, b"hello")
            for peer in peers[1:]:
                peer.socket.close()
            for _ in range(100):
                async with Peer(url) as late:
                    await late.send(request())
                    if " 101 " in await late.head():
                        break
    finally:
        process.terminate()
        _, complaints = await process.communicate()
    assert complaints == b""


# Frames.


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (frame(TEXT, b"x", masked=False), 1002),
        (frame(TEXT, b"x", rsv=4), 1002),
        (frame(TEXT, b"x", rsv=1), 1002),
        (frame(3, b"x"), 1002),
        (frame(11), 1002),
        (frame(PING, b"x" * 126), 1002),
        (frame(PING, fin=False), 1002),
        (frame(CONT, b"x"), 1002),
        (frame(TEXT, b"x", fin=False) + frame(TEXT, b"x"), 1002),
        (frame(CLOSE, b"\x03"), 1002),
        (frame(CLOSE, b"\x03\xed"), 1002),
        (frame(CLOSE, b"\x03\xe8\xff"), 1007),
        (frame(CLOSE, b"\x03\xe8bye"), 1000),
        (frame(TEXT, b"\xe2", fin=False) + frame(CLOSE, b"\x03\xe8bye"), 1000),
        (frame(BINARY, b"x" * 900, fin=False) + frame(CONT, b"x", fin=False) + frame(CLOSE, b"\x03\xe8bye"), 1000),
        (frame(TEXT, b"x", fin=False) + frame(CLOSE, b"\x03\xed"), 1002),
        (frame(TEXT, b"\xff"), 1007),
        (frame(TEXT, b"\xed\xa0\x80"), 1007),
        (frame(TEXT, b"\xe2\x82"), 1007),
        (frame(TEXT, b"\xe2\x82", fin=False) + frame(CONT, b"\x41"), 1007),
        (frame(TEXT, b"\xe2", fin=False) + frame(CONT, b"\x82"), 1007),
        (frame(TEXT, b"x" * 1001), 1009),
        (frame(TEXT, b"", length=2**63 - 1), 1009),
        (frame(TEXT, b"x" * 600, fin=False) + frame(CONT, b"x" * 600), 1009),
        (frame(TEXT, fin=False) + frame(CONT, fin=False) * 200_000, 1008),
        (frame(PING) * 100_000, 1008),
        (frame(PONG) * 100_000, 1008),
        (frame(PONG, b"x") * 100_000, 1008),
    ],
)
async def test_server_closes_with_a_code_when_frames_break_a_rule(serve: Serve, data: bytes, code: int) -> None:
    """What came before is heard, the reason goes to the user too, and nobody else notices."""
    server = await serve(object_bytes=1000)
    async with Peer(server.url) as good, Peer(server.url) as bad:
        await good.upgrade()
        await bad.upgrade()
        user = await server.user(1)
        await bad.send(frame(TEXT, b"before"))
        sending = asyncio.ensure_future(bad.send(data))
        assert await bad.close_code() == code
        await bad.the_end()
        await sending
        bad.socket.close()
        lost = await user.leaves()
        assert user.payloads == [b"before"]
        expected = {1000: LostReason.CLOSED_BY_PEER, 1009: LostReason.TOO_LARGE}
        assert lost == expected.get(code, LostReason.BAD_DATA)
        assert lost.detail == {1000: "1000: bye", 1007: "not UTF-8"}.get(code, lost.detail)
        await good.send(frame(TEXT, b"hello"))
        assert await good.frame() == (TEXT, b"hello")


@pytest.mark.parametrize("size", [0, 1, 100, 511])
def test_wire_takes_so_many_small_fragments_a_second_whatever_they_complete(size: int) -> None:
    """Each costs as much as a long message; nobody needs them."""
    in_two = frame(TEXT, b"x" * size, fin=False) + frame(CONT, b"x" * size)
    wire, taken = open_wire(), 0
    for second in range(5):
        while wire.failure is None and taken < 40 + 16 * second:
            taken += len(wire.receive(in_two, float(second)))
    assert wire.failure is None
    wire.receive(in_two, 4.0)
    assert wire.failure is not None
    assert wire.failure.detail == "too many fragments"


def test_wire_takes_any_number_of_messages_in_large_fragments() -> None:
    """As programs send that cut what is long."""
    wire = open_wire()
    for _ in range(1000):
        parts = frame(TEXT, b"x" * 512, fin=False) + frame(CONT, b"x" * 512)
        assert wire.receive(parts, 0.0) == [b"x" * 1024]
    assert wire.failure is None


def test_wire_takes_pings_and_pongs_for_ever_that_come_in_their_time() -> None:
    """One each second of both."""
    wire = open_wire()
    for second in range(1000):
        wire.receive(frame(PING, b"there?") + frame(PONG) + frame(PONG, b"here"), float(second))
        wire.protocol.data_to_send()
        wire.rest()
    assert wire.failure is None


async def test_server_takes_a_message_of_the_very_limit(serve: Serve) -> None:
    """The limit itself is allowed, in one frame and in fragments."""
    server = await serve(object_bytes=1000)
    async with Peer(server.url) as peer:
        await peer.upgrade()
        await peer.send(frame(TEXT, b"x" * 1000))
        await peer.send(frame(BINARY, b"y" * 500, fin=False) + frame(PING) + frame(CONT, b"y" * 500))
        assert await peer.frame() == (TEXT, b"x" * 1000)
        assert await peer.frame() == (PONG, b"")
        assert await peer.frame() == (BINARY, b"y" * 1000)


async def test_server_takes_a_code_point_that_is_split_over_fragments(serve: Serve) -> None:
    """Text is checked as a whole."""
    server = await serve()
    async with Peer(server.url) as peer:
        await peer.upgrade()
        parts = [bytes([byte]) for byte in "€😀".encode()]
        last = len(parts) - 1
        for index, part in enumerate(parts):
            await peer.send(frame(CONT if index else TEXT, part, fin=index == last))
        assert await peer.frame() == (TEXT, "€😀".encode())


async def test_server_hears_what_came_with_the_request(serve: Serve) -> None:
    """An eager client that sends frames with its request is understood."""
    server = await serve()
    async with Peer(server.url) as peer:
        await peer.send(request() + frame(TEXT, b"one") + frame(PING, b"p") + frame(CLOSE, b"\x03\xe8"))
        assert (await peer.head()).startswith("HTTP/1.1 101 ")
        assert [await peer.frame() for _ in range(3)] == [(TEXT, b"one"), (PONG, b"p"), (CLOSE, b"\x03\xe8")]


async def test_server_allows_some_pings_at_once(serve: Serve) -> None:
    """Each is answered with what it carried."""
    server = await serve()
    async with Peer(server.url) as peer:
        await peer.upgrade()
        await peer.send(b"".join(frame(PING, b"%d" % number) for number in range(40)))
        assert [await peer.frame() for _ in range(40)] == [(PONG, b"%d" % number) for number in range(40)]


@pytest.mark.parametrize(
    "start",
    [frame(TEXT, b"x", fin=False), frame(TEXT, length=500)[:2], frame(TEXT, b"x" * 500)[:100]],
    ids=["fragments", "head", "frame"],
)
async def test_server_closes_when_a_message_takes_too_long(serve: Serve, start: bytes) -> None:
    """However it is spread over frames and bytes; every byte counts as life, but not as progress."""
    server = await serve(message_timeout=0.3)
    async with Peer(server.url) as peer:
        await peer.upgrade()
        await peer.send(frame(TEXT, b"before") + start)
        ended = asyncio.ensure_future(peer.the_end())
        piece = frame(CONT, b"x", fin=False) if start[0] == TEXT else b"x"
        for _ in range(60):
            await peer.send(piece)
            await asyncio.wait([ended], timeout=0.03)
            if ended.done():
                break
        assert ended.done()
        peer.socket.close()
        assert await (await server.user()).leaves() == LostReason.MESSAGE_TIMEOUT


async def test_message_may_take_as_long_as_it_is_us_who_do_not_read(serve: Serve) -> None:
    """A user that pauses reading in the middle of a message loses nothing."""
    server = await serve(message_timeout=0.3)
    async with Peer(server.url) as peer:
        await peer.upgrade()
        user = await server.user()
        await peer.send(frame(TEXT, b"x", fin=False))
        async with asyncio.timeout(PATIENCE):
            while user.link._message_by is None:  # type: ignore[attr-defined]  # of ws alone: it has begun
                await asyncio.sleep(0)
        user.hold()
        await peer.send(frame(CONT, b"y"))
        await asyncio.sleep(0.5)
        user.go_on()
        assert await peer.frame() == (TEXT, b"xy")


# Those who do not read.


async def test_server_reads_no_more_from_those_who_do_not_read(serve: Serve) -> None:
    """Their pings and messages would only make more to write; what waits stays bounded."""
    server = await serve(buffer_bytes=64 * 1024)
    async with Peer(server.url, receive_buffer=4096) as peer:
        await peer.upgrade()
        user = await server.user()
        link = user.link
        sending = asyncio.ensure_future(peer.send(frame(TEXT, b"x" * 1000) * 32 * 1024))
        await user.until(lambda: "paused" in user.said)
        before = len(user.payloads)
        await asyncio.wait([sending], timeout=0.2)
        assert not sending.done()
        assert len(user.payloads) <= before + 20
        assert link._transport.get_write_buffer_size() < 128 * 1024  # type: ignore[attr-defined]
        sending.cancel()


@pytest.mark.parametrize("full", [False, True])
async def test_server_gives_up_when_the_peer_does_not_answer_its_farewell(serve: Serve, full: bool) -> None:
    """The close handshake has its time limit, also when the peer does not even read."""
    server = await serve(close_timeout=0.2)
    async with Peer(server.url, receive_buffer=4096) as peer:
        await peer.upgrade()
        user = await server.user()
        while full and "paused" not in user.said:
            user.say(b"x" * 10_000)
        stopwatch = Stopwatch()
        user.link.close(CloseReason.GOING_AWAY)
        assert await user.leaves() == LostReason.CLOSED_HERE
        assert stopwatch.by_the_clock > 0.1
        assert stopwatch.seconds < 2


async def test_server_gives_up_when_the_peer_floods_it_after_the_farewell(serve: Serve) -> None:
    """What comes after a broken rule is read and thrown away, for a limited time."""
    server = await serve(close_timeout=0.3)
    async with Peer(server.url) as peer:
        await peer.upgrade()
        user = await server.user()
        flood = asyncio.ensure_future(peer.send(frame(TEXT, b"\xff") + frame(PING, b"x" * 100) * 1_000_000))
        assert await peer.close_code() == 1007
        assert (await user.leaves()).detail == "not UTF-8"
        await flood
        assert user.payloads == []


async def test_server_waits_no_longer_than_the_limit_when_it_stops(serve: Serve) -> None:
    """Those whose user does not close them are dropped, and those who shake hands at once."""
    server = await serve(close_timeout=0.0)
    async with Peer(server.url) as one, Peer(server.url) as two:
        await one.upgrade()
        await two.send(b"GET / HTTP/1.1\r\n")
        await server.listener.wait_closed()
        assert server.users[0].reason == LostReason.DROPPED_HERE
        await two.the_end()


# Without sockets.

payload_lists = st.lists(
    st.one_of(
        st.text(max_size=300).map(str.encode),
        st.binary(max_size=300).map(Binary),
        st.integers(100, 70_000).map(lambda size: b"x" * size),
    ),
    max_size=12,
)


def open_wire(object_bytes: int = 2**17) -> Wire:
    """Return the server's side of a connection after its handshake."""
    return Wire(Rules(SERVER, object_bytes), 0.0)


@given(payload_lists, st.data())
def test_wire_gives_the_same_payloads_however_the_bytes_are_cut(payloads: list[bytes], data: st.DataObject) -> None:
    """Where packets begin and end means nothing."""
    stream = b"".join(map(client_frame, payloads)) + frame(CLOSE, b"\x03\xe8")
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)), max_size=40)) | {0, len(stream)})
    wire = open_wire()
    got = [payload for start, end in pairwise(cuts) for payload in wire.receive(stream[start:end], 0.0)]
    assert got == payloads
    assert [type(payload) for payload in got] == [type(payload) for payload in payloads]
    assert wire.failure is None
    assert wire.protocol.close_rcvd is not None


@given(st.lists(st.binary(max_size=200) | st.binary(max_size=60).map(client_frame), max_size=20))
def test_wire_raises_nothing_whatever_comes(pieces: list[bytes]) -> None:
    """Any bytes give payloads, or an end with a reason."""
    wire = open_wire(1000)
    for piece in pieces:
        for payload in wire.receive(piece, 0.0):
            assert len(payload) <= 1000
        wire.protocol.data_to_send()
    assert (wire.failure is not None) == (wire.protocol.parser_exc is not None or wire.protocol.close_sent is not None)


@given(payload_lists.filter(bool), st.data())
def test_wire_raises_nothing_when_a_byte_is_wrong(payloads: list[bytes], data: st.DataObject) -> None:
    """A valid stream with one changed byte ends well or with a reason."""
    stream = bytearray(b"".join(map(client_frame, payloads)))
    stream[data.draw(st.integers(0, len(stream) - 1))] ^= data.draw(st.integers(1, 255))
    wire = open_wire()
    wire.receive(bytes(stream), 0.0)
    wire.receive(b"more", 0.0)


class PlainWire(Wire):
    """One that knows no short way."""

    def _take_usual(self, data: bytes, payloads: list[bytes], now: float) -> int:
        return 0

    def _may_be_usual(self, data: bytes, start: int) -> bool:
        return False


letters = st.sampled_from([b"a", "\u20ac".encode(), b"\xff"])
sizes = st.integers(0, 60) | st.sampled_from([124, 125, 126, 127, 999, 1000, 1001, 65_535, 65_536])
anything = st.one_of(
    st.builds(lambda letter, count: frame(TEXT, letter * count), letters, sizes),
    st.builds(frame, st.just(TEXT), st.just(b"hello"), fin=st.booleans(), rsv=st.integers(0, 7), masked=st.booleans()),
    st.builds(frame, st.sampled_from([TEXT, BINARY, CONT, PING, PONG]), st.binary(max_size=130), fin=st.booleans()),
    st.builds(frame, st.just(CLOSE), st.sampled_from([b"", b"\x03\xe8", b"\x03"])),
    st.integers(0, 200).map(lambda size: b"\x81\xfe" + size.to_bytes(2, "big") + b"abcd" + b"x" * size),  # in two bytes
    st.binary(max_size=30),
)


@given(st.lists(anything, max_size=12).map(b"".join), st.sampled_from([1000, 2**17]), st.data())
def test_the_short_way_for_usual_frames_takes_and_refuses_what_the_library_does(
    stream: bytes, object_bytes: int, data: st.DataObject
) -> None:
    """However the bytes are cut, and with whatever between them: the same payloads, answers and ends."""
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)), max_size=20)) | {0, len(stream)})
    wires = [kind(Rules(SERVER, object_bytes), 0.0) for kind in (Wire, PlainWire)]
    for start, end in pairwise(cuts):
        told = [
            (wire.receive(stream[start:end], 0.0), wire.pending, wire.failure, wire.protocol.data_to_send())
            for wire in wires
        ]
        assert told[0] == told[1]
        assert wires[0].protocol.state is wires[1].protocol.state
        wires[0].rest()  # the other one has its protocol for as long as it lives


@pytest.mark.parametrize("begun", [b"s", b"\x81", b"\x81\xff", b"\x89"])
def test_pong_with_the_beginning_of_a_frame_behind_it_has_completed_something(begun: bytes) -> None:
    """Whatever is taken the short way: the time for a message begins anew with each frame that is complete."""
    for kind in (Wire, PlainWire):
        wire = kind(Rules(SERVER, 1000), 0.0)
        assert wire.receive(frame(PONG, b"x") + begun, 0.0) == []
        assert not wire.pending


def test_wire_has_no_protocol_of_the_library_while_nothing_unusual_is_under_way() -> None:
    """It would be more than a KiB for each of thousands who are idle; an answer to a ping needs none."""
    wire = open_wire()
    assert wire.receive(client_frame(b"hello") + frame(PONG), 0.0) == [b"hello"]
    assert wire.is_usual
    assert wire.receive(frame(PING, b"there?"), 0.0) == []
    wire.rest()
    assert not wire.is_usual, "it has a pong to send"
    wire.protocol.data_to_send()
    wire.rest()
    assert wire.is_usual
    assert wire.receive(frame(TEXT, b"hel", fin=False) + frame(PONG), 0.0) == []
    wire.rest()
    assert not wire.is_usual, "a message is not over"
    assert wire.receive(frame(CONT, b"lo"), 0.0) == [b"hello"]
    wire.rest()
    assert wire.is_usual
    wire.receive(frame(CLOSE, b"\x03\xe8"), 0.0)
    wire.protocol.data_to_send()
    wire.rest()
    assert wire.protocol.close_rcvd is not None


def test_wire_keeps_little_when_fragments_are_empty() -> None:
    """A bomb of 200,000 fragments costs no memory: it goes off at the 65th."""
    bomb = frame(TEXT, fin=False) + frame(CONT, fin=False) * 200_000
    wire = open_wire()
    tracemalloc.start()
    try:
        for start in range(0, len(bomb), 16 * 1024):
            wire.receive(bomb[start : start + 16 * 1024], 0.0)
            wire.protocol.data_to_send()
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert wire.failure is not None
    assert wire.failure.detail == "too many fragments"
    assert kept < 64 * 1024
    assert peak < 2 * 2**20


@given(st.booleans(), st.binary(max_size=2000))
def test_server_survives_whatever_a_stranger_sends(upgraded: bool, data: bytes) -> None:
    """Through a real socket: no exception reaches the event loop, and the connection ends."""
    complaints: list[dict[str, object]] = []

    async def talk() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context))
        users: list[User] = []

        def accept(link: Link) -> User:
            users.append(User(link))
            return users[-1]

        listener = await WebSocketTransport(close_timeout=1).listen(ListenOptions(port=0), accept)
        async with Peer(listener.url) as peer:
            await peer.send((request() if upgraded else b"") + data)
            peer.socket.shutdown(socket.SHUT_WR)
            await peer.the_end()
        await listener.wait_closed()
        assert [user.lost for user in users] == [True] * upgraded

    asyncio.run(talk())
    assert complaints == []


async def test_client_survives_a_server_that_breaks_the_rules() -> None:
    """The client closes with a code too, and its user hears why."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from websockets.utils import accept_key

        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        key = head.partition("Sec-WebSocket-Key: ")[2].partition("\r\n")[0]
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: %s\r\n\r\n" % accept_key(key).encode()
        )
        writer.write(frame(TEXT, b"before", masked=False) + frame(TEXT, b"\xff", masked=False))
        await reader.read()
        writer.close()
        await writer.wait_closed()

    users: list[User] = []

    def accept(link: Link) -> User:
        users.append(User(link))
        return users[-1]

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        await WebSocketTransport(close_timeout=0.2).connect(f"ws://127.0.0.1:{port}", ConnectOptions(), accept)
        assert (await users[0].leaves()).detail == "not UTF-8"
        assert users[0].payloads == [b"before"]
