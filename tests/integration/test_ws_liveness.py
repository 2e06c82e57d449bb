"""Who is still there: the dead are noticed, the slow are kept. By numbers, and over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import pytest

from chatcore.ports.transport import ConnectOptions, Link, Listener, ListenOptions, LostReason
from chatcore_ws import WebSocketTransport
from chatcore_ws.liveness import MachineAnswers, Verdict, WsLiveness, machine_answers
from tests.contracts.transport import User
from tests.integration.ws_peer import PING, PONG, TEXT, Peer, frame
from tests.stopwatch import Stopwatch

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a peer's machine acknowledged")


class Watch:
    """A connection by numbers: runs `check` at its times and takes the verdicts down."""

    def __init__(self, *, stall: float = 90.0) -> None:
        self.now = 0.0
        self.live = WsLiveness(10.0, 5.0, stall, 0.0)
        self.answers: bool | None = False
        """Whether the peer's machine answers."""
        self.buffered = 0
        self.patient = False
        self.asked: list[float] = []

    def run(self, until: float, *, pongs: bool = False) -> tuple[float, Verdict] | None:
        """Let time pass; returns when and how the peer was given up, None if it was not."""
        while self.live.due <= until:
            self.now = self.live.due
            verdict = self.live.check(
                self.now, buffered=self.buffered, patient=self.patient, answers=lambda _: self.answers
            )
            assert self.live.due > self.now or verdict in (Verdict.DEAD, Verdict.STALLED)
            if verdict is Verdict.ASK:
                self.asked.append(self.now)
                if pongs:
                    self.hears(self.now + 0.1)
            elif verdict is not Verdict.WAIT:
                return self.now, verdict
        self.now = until
        return None

    def hears(self, when: float) -> None:
        """Let a byte arrive."""
        self.live.heard = when


def test_silent_peer_is_dead_after_interval_and_timeout() -> None:
    """It is asked once, and 15 seconds after its last byte it is gone."""
    watch = Watch()
    assert watch.run(100) == (15.0, Verdict.DEAD)
    assert watch.asked == [10.0]


def test_answering_peer_is_kept_and_asked_again() -> None:
    """An answer buys another interval."""
    watch = Watch()
    assert watch.run(60, pongs=True) is None
    assert watch.asked == pytest.approx([10, 20.1, 30.2, 40.3, 50.4])


def test_talking_peer_is_never_asked() -> None:
    """Any byte counts."""
    watch = Watch()
    for second in range(5, 100, 5):
        watch.hears(second)
        assert watch.run(second) is None
    assert watch.asked == []


def test_peer_is_stalled_when_only_its_machine_answers() -> None:
    """It has until the stall timeout, and is asked now and then whether its machine is still there."""
    watch = Watch()
    watch.answers = True
    assert watch.run(200) == (90.0, Verdict.STALLED)
    assert 3 <= len(watch.asked) <= 9


def test_stalling_peer_is_dead_when_its_machine_dies_too() -> None:
    """One interval and one timeout later at the most."""
    watch = Watch()
    watch.answers = True
    assert watch.run(40) is None
    watch.answers = False
    found = watch.run(200)
    assert found is not None
    assert found[1] is Verdict.DEAD
    assert found[0] <= 56


def test_stalling_peer_is_kept_when_it_wakes_up() -> None:
    """A minute of sleep is forgiven."""
    watch = Watch()
    watch.answers = True
    assert watch.run(60) is None
    watch.hears(60)
    assert watch.run(140) is None
    assert watch.run(200) == (150.0, Verdict.STALLED)


def test_peer_that_takes_something_now_and_then_is_kept() -> None:
    """A buffer that gets shorter is a sign of life."""
    watch = Watch()
    watch.answers = True
    for minute in range(1, 20):
        watch.buffered = 100_000 - minute
        assert watch.run(60.0 * minute) is None


def test_peer_gets_a_second_look_when_an_acknowledgement_is_under_way() -> None:
    """One bad sample says nothing: what was sent a moment ago cannot be acknowledged yet."""
    watch = Watch()
    watch.run(14)
    watch.answers = True
    assert watch.run(80) is None


@pytest.mark.parametrize(("buffered", "verdict"), [(0, (15.0, Verdict.DEAD)), (1000, (90.0, Verdict.STALLED))])
def test_peer_has_time_when_something_waits_and_the_system_does_not_tell(
    buffered: int, verdict: tuple[float, Verdict]
) -> None:
    """Without word of the peer's machine, waiting output makes a slow reader of it."""
    watch = Watch()
    watch.answers = None
    watch.buffered = buffered
    assert watch.run(200) == verdict


def test_peer_is_not_blamed_when_it_is_us_who_do_not_read() -> None:
    """Silence that is our own doing goes on as long as the peer's machine answers."""
    watch = Watch(stall=0)
    watch.answers = watch.patient = True
    assert watch.run(1000) is None
    watch.answers = False
    found = watch.run(2000)
    assert found is not None
    assert found[0] <= 1016


def test_peer_is_not_blamed_when_we_were_held_up() -> None:
    """After a check that comes late, what arrived meanwhile is read before anybody is judged."""
    watch = Watch()
    watch.run(14)
    watch.live.due += 30
    assert watch.live.check(60.0, buffered=0, patient=False, answers=lambda _: False) is Verdict.WAIT
    watch.hears(60.0)
    assert watch.run(69.9) is None


def test_client_has_no_patience_with_a_server_that_does_not_answer() -> None:
    """A server always reads: when nothing comes back it is stuck, whatever its machine says."""
    watch = Watch(stall=0)
    watch.answers = True
    assert watch.run(100) == (15.0, Verdict.DEAD)


# Over real sockets.


Serve = Callable[..., Awaitable[tuple[str, list[User]]]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Return a function that starts a server with short times; it gives the address and the users."""
    listeners: list[Listener] = []

    async def serve(answers: MachineAnswers = machine_answers, **changes: float) -> tuple[str, list[User]]:
        users: list[User] = []

        def accept(link: Link) -> User:
            users.append(User(link))
            return users[-1]

        options = ListenOptions(port=0, keepalive_interval=0.1, keepalive_timeout=0.1, stall_timeout=0.6)
        options = replace(options, **changes)  # type: ignore[arg-type]
        transport = WebSocketTransport(close_timeout=0, machine_answers=answers)
        listeners.append(await transport.listen(options, accept))
        return listeners[-1].url, users

    yield serve
    for listener in listeners:
        await listener.wait_closed()


async def test_server_asks_a_silent_peer_and_keeps_it_when_it_answers(serve: Serve) -> None:
    """The question is a ping; the answer may be any byte."""
    url, users = await serve()
    async with Peer(url) as peer:
        await peer.upgrade()
        for _ in range(4):
            assert await peer.frame() == (PING, b"")
            await peer.send(frame(PONG))
        assert users[0].said == []


@linux_only
async def test_server_keeps_a_peer_that_does_not_read_for_a_while(serve: Serve) -> None:
    """Its machine answers: after many missed pings it reads on, and nothing is lost."""
    url, users = await serve(stall_timeout=30)
    async with Peer(url, receive_buffer=4096) as peer:
        await peer.upgrade()
        count = 0
        while "paused" not in users[0].said:
            users[0].say(b"x" * 1000)
            count += 1
        await asyncio.sleep(1.0)
        assert users[0].said == ["paused"]
        users[0].say(b"end")
        got = 0
        while (took := await peer.frame()) != (TEXT, b"end"):
            got += took[0] == TEXT
        assert got == count


@linux_only
@pytest.mark.parametrize("full", [False, True])
async def test_server_drops_a_peer_that_does_nothing_for_too_long(serve: Serve, full: bool) -> None:
    """Whether something waits for it or not: the machine answers, the program does not."""
    url, users = await serve(stall_timeout=0.5)
    async with Peer(url, receive_buffer=4096) as peer:
        await peer.upgrade()
        stopwatch = Stopwatch()
        while full and "paused" not in users[0].said:
            users[0].say(b"x" * 1000)
        assert await users[0].leaves() == LostReason.STALLED
        assert stopwatch.by_the_clock > 0.4
        assert stopwatch.seconds < 3


async def test_server_drops_a_peer_when_the_system_does_not_tell(serve: Serve) -> None:
    """Without word of the peer's machine a missed ping is enough."""
    url, users = await serve(lambda _sock, _since: None, stall_timeout=60)
    async with Peer(url) as peer:
        await peer.upgrade()
        assert await users[0].leaves() == LostReason.SILENT


async def test_client_notices_when_the_server_does_not_answer_any_more() -> None:
    """A server that is stuck is left."""
    stuck = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from websockets.utils import accept_key

        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        key = head.partition("Sec-WebSocket-Key: ")[2].partition("\r\n")[0]
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: %s\r\n\r\n" % accept_key(key).encode()
        )
        await stuck.wait()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    users: list[User] = []

    def accept(link: Link) -> User:
        users.append(User(link))
        return users[-1]

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        options = ConnectOptions(keepalive_interval=0.1, keepalive_timeout=0.1)
        await WebSocketTransport().connect(f"ws://127.0.0.1:{port}", options, accept)
        assert await users[0].leaves() == LostReason.SILENT
        stuck.set()


async def test_client_keeps_the_server_while_its_own_user_does_not_read(serve: Serve) -> None:
    """A user that takes its time is not the server's fault."""
    if sys.platform != "linux":
        pytest.skip("only Linux tells what a peer's machine acknowledged")
    url, users = await serve(keepalive_interval=60)
    mine: list[User] = []

    def accept(link: Link) -> User:
        mine.append(User(link))
        return mine[-1]

    link = await WebSocketTransport(close_timeout=0).connect(
        url, ConnectOptions(keepalive_interval=0.1, keepalive_timeout=0.1), accept
    )
    mine[0].hold()
    await asyncio.sleep(0.6)
    users[0].say(b"still there?")
    mine[0].go_on()
    await mine[0].heard(b"still there?")
    link.abort()


@linux_only
async def test_machine_answers_for_a_program_that_does_not_read() -> None:
    """What a full peer has no room for is no sign of death."""
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as peer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        peer.connect(listener.getsockname())
        ours, _ = listener.accept()
        with ours:
            ours.setblocking(False)
            assert machine_answers(ours, 0.0) is True
            with contextlib.suppress(BlockingIOError):
                while True:
                    ours.send(b"x" * 1000)
            await asyncio.sleep(0.5)
            assert machine_answers(ours, 0.4) is True
        assert machine_answers(ours, 0.4) is None
        assert machine_answers(None, 0.4) is None
