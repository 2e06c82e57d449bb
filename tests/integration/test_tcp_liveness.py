"""Who is still there over TCP: the dead are noticed, the slow are kept. By numbers, and over real sockets."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatcore import connect
from chatcore.events import ConnectionLost
from chatcore.ports.transport import ConnectOptions, Link, Listener, ListenOptions, LostReason
from chatcore_tcp import TcpTransport
from chatcore_tcp.liveness import PeerMachine, TcpLiveness, peers_machine
from chatcore_tcp.sockets import prepare
from tests.contracts.transport import User
from tests.patience import PATIENCE
from tests.stopwatch import Stopwatch

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a peer's machine acknowledged")
namespaces = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0 or not all(map(shutil.which, ["unshare", "ip", "tc"])),
    reason="takes a network of its own, for which one has to be root",
)

ANSWERS = PeerMachine(owes=False, silence=1000.0)
OWES = PeerMachine(owes=True, silence=1000.0)
LATE = PeerMachine(owes=True, silence=1.0)


class Watch:
    """A connection by numbers: looks at it every period and takes the verdict down."""

    def __init__(self) -> None:
        self.now = 0.0
        self.live = TcpLiveness(10.0, 5.0, 90.0, 0.0)

    def run(self, until: float, machine: PeerMachine | None, buffered: int = 0) -> tuple[float, str] | None:
        """Let time pass; returns when and how the peer was given up, None if it was not."""
        while self.now < until:
            self.now += self.live.period
            verdict = self.live.check(self.now, buffered, machine)
            if verdict is not None:
                return self.now, verdict
        return None


def test_peer_is_kept_while_nothing_is_owed() -> None:
    """An idle connection is the system's to watch."""
    assert Watch().run(1000, ANSWERS) is None
    assert Watch().run(1000, None) is None


def test_peer_is_dead_when_its_machine_owes_an_answer_for_too_long() -> None:
    """Within 15 seconds of what it was sent."""
    watch = Watch()
    watch.run(100, ANSWERS)
    assert watch.run(200, OWES) == (115.0, LostReason.SILENT)


def test_peer_is_kept_while_its_machine_acknowledges_something() -> None:
    """On a bad network something is always owed."""
    watch = Watch()
    for minute in range(1, 10):
        assert watch.run(60.0 * minute, LATE) is None


def test_peer_gets_its_time_again_after_an_answer() -> None:
    """What was owed before does not count; the answer came a second before it was looked at."""
    watch = Watch()
    watch.run(10, OWES)
    watch.run(15, LATE)
    assert watch.run(100, OWES) == (25.0, LostReason.SILENT)


@given(st.floats(0, 4.999))
@example(0.001)  # the answer and the look that came before it are of the same moment
def test_dead_machine_is_noticed_between_10_and_15_seconds_after_its_last_answer(answered: float) -> None:
    """At whatever moment between two looks that was."""
    live = TcpLiveness(10.0, 5.0, 90.0, 0.0)
    looks = (5.0 * number for number in range(1, 10))
    end = next(now for now in looks if live.check(now, 0, PeerMachine(owes=True, silence=now - answered)))
    assert 10 <= end - answered <= 15


@pytest.mark.parametrize("machine", [ANSWERS, None])
def test_peer_that_takes_nothing_is_stalled_in_the_end(machine: PeerMachine | None) -> None:
    """Slow is not dead, but there is an end to it."""
    watch = Watch()
    watch.run(10, machine)
    assert watch.run(300, machine, buffered=1000) == (100.0, LostReason.STALLED)


def test_peer_that_takes_something_now_and_then_is_kept() -> None:
    """A buffer that gets shorter is a sign of life, and so is room in it."""
    watch = Watch()
    for minute in range(1, 10):
        assert watch.run(60.0 * minute, ANSWERS, buffered=100_000 - minute) is None
    watch.live.taken(watch.now)
    assert watch.run(watch.now + 85, ANSWERS, buffered=100_000) is None


# Over real sockets.


Serve = Callable[..., Awaitable[tuple[int, list[User]]]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Return a function that starts a server with short times; it gives the port and the users."""
    listeners: list[Listener] = []

    async def serve(**changes: float) -> tuple[int, list[User]]:
        users: list[User] = []

        def accept(link: Link) -> User:
            users.append(User(link))
            return users[-1]

        options = ListenOptions(port=0, keepalive_interval=0.1, keepalive_timeout=0.1, stall_timeout=0.6)
        options = replace(options, **changes)  # type: ignore[arg-type]
        listeners.append(await TcpTransport(close_timeout=0).listen(options, accept))
        return int(listeners[-1].url.rpartition(":")[2]), users

    yield serve
    for listener in listeners:
        await listener.wait_closed()


async def full_peer(port: int, users: list[User]) -> socket.socket:
    """Return a peer that does not read, once there is no room left."""
    peer = socket.socket()
    peer.setblocking(False)
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    await asyncio.get_running_loop().sock_connect(peer, ("127.0.0.1", port))
    while not users or "paused" not in users[0].said:
        if users:
            users[0].say(b"x" * 1000)
        await asyncio.sleep(0)
    return peer


async def test_server_drops_a_peer_that_takes_nothing_for_too_long(serve: Serve) -> None:
    """Its machine answers, its program does not."""
    port, users = await serve()
    with await full_peer(port, users):
        stopwatch = Stopwatch()
        assert await users[0].leaves() == LostReason.STALLED
        assert stopwatch.by_the_clock > 0.4
        assert stopwatch.seconds < 3


@linux_only
async def test_server_keeps_a_peer_that_does_not_read_for_a_while(serve: Serve) -> None:
    """It reads on in the end, and nothing is lost: here after twice the time that a dead one has."""
    port, users = await serve(keepalive_interval=1.0, keepalive_timeout=0.5, stall_timeout=30)
    with await full_peer(port, users) as peer:
        await asyncio.sleep(3.0)
        assert users[0].said == ["paused"]
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(PATIENCE):
            while "resumed" not in users[0].said:
                assert await loop.sock_recv(peer, 65536)


async def test_server_keeps_a_peer_that_says_nothing(serve: Serve) -> None:
    """There is nothing that it owes."""
    port, users = await serve()
    with socket.create_connection(("127.0.0.1", port)):
        await asyncio.sleep(1.0)
        assert users[0].said == []


@linux_only
async def test_client_notices_that_a_server_has_stopped_though_its_machine_answers() -> None:
    """The system acknowledges for a program that SIGSTOP holds, or that is stuck: only the chat can tell."""
    place = {"epoch": "e", "seq": 0}
    welcome = {
        "type": "welcome", "id": "login", "username": "alice", "room": "lobby", "session": {"token": "secret"},
        "client": "client", "position": place, "positions": {"lobby": place, "@": place, "*": place}, "rooms": [],
        "users": ["alice"],
    }  # fmt: skip

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(json.dumps(welcome).encode() + b"\n")
        await reader.read()
        writer.close()

    options = ConnectOptions(keepalive_interval=0.3, keepalive_timeout=0.3)
    server = await asyncio.start_server(hear, "127.0.0.1", 0)
    async with server, asyncio.timeout(PATIENCE):
        url = f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with connect(url, username="alice", options=options) as alice:
            async for event in alice:
                if isinstance(event, ConnectionLost):
                    break
            assert event.reason == "no sign of life"


async def test_system_is_told_to_watch_an_idle_connection(serve: Serve) -> None:
    """It asks after the interval and gives up after the timeout."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        from chatcore_tcp.sockets import prepare

        with socket.create_connection(listener.getsockname()) as sock:
            prepare(sock, 65536, 10.0, 5.0)
            assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
            options = [socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT]
            assert [sock.getsockopt(socket.IPPROTO_TCP, option) for option in options] == [10, 1, 5]
            machine = peers_machine(sock)
            assert machine is not None
            assert not machine.owes
        assert peers_machine(sock) is None
        assert peers_machine(None) is None


@namespaces
@pytest.mark.parametrize("kind", ["idle", "sending", "full"])
async def test_dead_machine_is_noticed_whatever_it_was_doing(kind: str) -> None:
    """With a tenth of the usual times, and as much patience with a busy machine as there can be."""
    heard, seconds = await blackhole(kind, 30, keepalive_interval=1.0, keepalive_timeout=0.5)
    assert heard == LostReason.SILENT
    assert seconds < 15


@namespaces
@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "heard"),
    [("idle", LostReason.SILENT), ("sending", LostReason.SILENT), ("full", LostReason.SILENT), ("slow", None)],
)
async def test_dead_machine_is_noticed_within_the_usual_times(kind: str, heard: str | None) -> None:
    """Some seconds more than 15 for one that has just become full; a slow reader is kept for much longer."""
    found, seconds = await blackhole(kind, 30)
    assert found == heard
    assert heard is None or seconds < 20


async def blackhole(kind: str, patience: float, **options: float) -> tuple[str | None, float]:
    """Let a peer's machine die in a network of its own; returns what the server heard, and after how long."""
    process = await asyncio.create_subprocess_exec(
        "unshare", "--net", sys.executable, "-m", "tests.integration.tcp_blackhole", kind, str(patience),
        json.dumps(options), stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    async with asyncio.timeout(patience + 30):
        out, _ = await process.communicate()
    found = json.loads(out)
    return found["heard"], found["seconds"]


@linux_only
@pytest.mark.parametrize("seconds", [1000.0, 1e6, 2.0**53])
def test_times_beyond_those_of_the_system_are_its_longest(seconds: float) -> None:
    """It takes no longer ones, and refuses what does not fit its numbers."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        prepare(sock, 65536, seconds, seconds)
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == min(seconds, 32767)
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT) == 127
