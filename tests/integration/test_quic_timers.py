"""Event loops whose timers come somewhat early or late: a QUIC connection is kept on each, and a dead one given up."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any, cast

import pytest

from chatcore.errors import ConnectionFailed
from chatcore.ports.transport import ConnectOptions, Link, ListenOptions, LostReason
from chatcore.testing.loop import VirtualLoop
from chatcore.text.reasons import lost_sentence
from chatcore_net.link import Verdict
from chatcore_quic import QuicTransport
from chatcore_quic.liveness import QuicLiveness
from tests.contracts.transport import User

LATENCY = 0.0002
"""Seconds that a datagram takes: an answer comes much sooner than a timer is early."""
NARROW = 1100
"""Bytes of the largest datagram that a narrow path lets through: those of QUIC are larger when they are full."""


class Wire(asyncio.DatagramTransport):
    """Carries datagrams in virtual time, between sockets that only lend their addresses."""

    def __init__(self, loop: UnevenLoop, protocol: asyncio.DatagramProtocol, sock: socket.socket) -> None:
        super().__init__()
        self._loop = loop
        self._protocol = protocol
        self._sock = sock
        self._here = sock.getsockname()
        self._peer = sock.getpeername() if self._connected else None
        loop.wires[self._here] = self
        protocol.connection_made(self)

    @property
    def _connected(self) -> bool:
        try:
            self._sock.getpeername()
        except OSError:
            return False
        return True

    def sendto(self, data: Any, addr: Any = None) -> None:
        """Send a datagram."""
        target = self._loop.wires.get(addr or self._peer)
        if target is not None and not self._loop.cut and not (self._loop.narrow and len(data) > NARROW):
            self._loop.call_exactly_at(self._loop.now + LATENCY, target._arrive, bytes(data), self._here)

    def is_closing(self) -> bool:
        """Say whether it is closed."""
        return self._here not in self._loop.wires

    def close(self) -> None:
        """Close it."""
        if not self.is_closing():
            del self._loop.wires[self._here]
            self._sock.close()
            self._loop.call_soon(self._protocol.connection_lost, None)

    def _arrive(self, data: bytes, address: Any) -> None:
        if not self.is_closing():
            self._protocol.datagram_received(data, address)


class UnevenLoop(VirtualLoop):
    """A loop in virtual time whose timers come when `uneven` says, given how long they should take."""

    def __init__(self, uneven: Callable[[float], float]) -> None:
        self.wires: dict[Any, Wire] = {}
        self.cut = False
        """Nothing arrives any more."""
        self.narrow = False
        """What is larger than a narrow path lets through does not arrive."""
        self.fired = 0
        self._uneven = uneven
        super().__init__()

    def call_at(self, when: float, callback: Any, *args: Any, context: Any = None) -> asyncio.TimerHandle:
        """Call back, more or less then."""
        self.fired += 1
        return super().call_at(self.now + max(0.0, self._uneven(when - self.now)), callback, *args, context=context)

    def call_exactly_at(self, when: float, callback: Any, *args: Any) -> None:
        """Call back then."""
        super().call_at(when, callback, *args)

    async def let_pass(self, seconds: float) -> None:
        """Wait exactly so long."""
        over = asyncio.Event()
        self.call_exactly_at(self.now + seconds, over.set)
        await over.wait()

    async def create_datagram_endpoint(self, protocol_factory: Any, *args: Any, **options: Any) -> Any:
        """Make a `Wire` for a socket."""
        protocol = protocol_factory()
        return Wire(self, protocol, options["sock"]), protocol


async def _idle() -> None:
    """An hour without a word, then the network is cut."""
    loop = cast("UnevenLoop", asyncio.get_running_loop())
    users: list[User] = []

    def accept(link: Link) -> User:
        users.append(User(link))
        return users[-1]

    # Only the client asks: nothing else comes that it could take for an answer.
    listener = await QuicTransport().listen(ListenOptions(port=0, keepalive_interval=40.0), accept)
    port = int(listener.url.rpartition(":")[2])
    options = ConnectOptions(fingerprints=(listener.fingerprint,), keepalive_interval=15.0, keepalive_timeout=5.0)
    link = await QuicTransport().connect(f"quic://127.0.0.1:{port}", options, accept)
    loop.fired = 0
    await loop.let_pass(3600)
    assert not any(user.lost for user in users), [user.reason for user in users]
    assert loop.fired < 20_000, "it does not look at the clock all the time"
    loop.cut = True
    await loop.let_pass(21)
    client = next(user for user in users if user.link is link)
    assert client.lost
    assert client.reason == LostReason.SILENT
    await listener.wait_closed()


@pytest.mark.parametrize(
    "uneven",
    [
        pytest.param(lambda delay: delay * 0.95, id="a twentieth early, as with Qt"),
        pytest.param(lambda delay: round(delay, 3), id="in whole milliseconds, as with uvloop"),
        pytest.param(lambda delay: delay * 0.5, id="at half the time"),
        pytest.param(lambda delay: delay, id="exact"),
        pytest.param(lambda delay: delay * 1.05 + 0.01, id="late"),
    ],
)
def test_silent_peer_that_answers_is_kept_however_the_timers_come(uneven: Callable[[float], float]) -> None:
    """For an hour; and without a network it is given up in time."""
    with asyncio.Runner(loop_factory=lambda: UnevenLoop(uneven)) as runner:
        runner.run(_idle())
        loop = cast("UnevenLoop", runner.get_loop())
    assert not loop.failures


async def _rarely() -> None:
    """Both sides ask less often than QUIC has numbers for."""
    loop = cast("UnevenLoop", asyncio.get_running_loop())
    users: list[User] = []

    def accept(link: Link) -> User:
        users.append(User(link))
        return users[-1]

    listener = await QuicTransport().listen(ListenOptions(port=0, keepalive_interval=2.0**53), accept)
    port = int(listener.url.rpartition(":")[2])
    options = ConnectOptions(fingerprints=(listener.fingerprint,), keepalive_interval=2.0**53)
    link = await QuicTransport().connect(f"quic://127.0.0.1:{port}", options, accept)
    await loop.let_pass(3600)
    assert not any(user.lost for user in users), [user.reason for user in users]
    link.abort()
    await loop.let_pass(1)
    await listener.wait_closed()


def test_connection_may_be_as_quiet_as_one_likes() -> None:
    """Whatever the settings take."""
    with asyncio.Runner(loop_factory=lambda: UnevenLoop(lambda delay: delay)) as runner:
        runner.run(_rarely())
        loop = cast("UnevenLoop", runner.get_loop())
    assert not loop.failures


async def _patient() -> None:
    """A minute without a network, where an answer has two."""
    loop = cast("UnevenLoop", asyncio.get_running_loop())
    users: list[User] = []

    def accept(link: Link) -> User:
        users.append(User(link))
        return users[-1]

    listener = await QuicTransport().listen(ListenOptions(port=0, keepalive_timeout=120.0), accept)
    port = int(listener.url.rpartition(":")[2])
    options = ConnectOptions(fingerprints=(listener.fingerprint,), keepalive_timeout=120.0)
    await QuicTransport().connect(f"quic://127.0.0.1:{port}", options, accept)
    await loop.let_pass(1)
    assert len(users) == 2
    loop.cut = True
    await loop.let_pass(60)
    assert not any(user.lost for user in users), [user.reason for user in users]
    await loop.let_pass(90)
    assert [user.reason for user in users] == [LostReason.SILENT] * 2
    await listener.wait_closed()


def test_answer_has_the_time_that_was_set_however_long_that_is() -> None:
    """The library's own end of a silent connection comes behind that."""
    with asyncio.Runner(loop_factory=lambda: UnevenLoop(lambda delay: delay)) as runner:
        runner.run(_patient())
        loop = cast("UnevenLoop", runner.get_loop())
    assert not loop.failures


async def _narrow(which: str) -> None:
    """A path that has become narrow lets through every sign of life, and nothing that fills a datagram."""
    loop = cast("UnevenLoop", asyncio.get_running_loop())
    users: list[Second] = []

    def accept(link: Link) -> Second:
        users.append(Second(link))
        return users[-1]

    listener = await QuicTransport().listen(ListenOptions(port=0), accept)
    port = int(listener.url.rpartition(":")[2])
    options = ConnectOptions(fingerprints=(listener.fingerprint,))
    link: Any = await QuicTransport().connect(f"quic://127.0.0.1:{port}", options, accept)
    await loop.let_pass(600)
    server, client = sorted(users, key=lambda user: user.link is link)
    side, stream = which.split()
    speaker: Any = server if side == "server" else client
    loop.narrow = True
    (speaker.link.write if stream == "chat" else speaker.link.write_second_stream)(b"x" * 3000)
    await loop.let_pass(80)
    assert not any(user.lost for user in users), [user.reason for user in users]
    await loop.let_pass(30)
    assert speaker.reason == LostReason.STALLED
    await listener.wait_closed()


class Second(User):
    """One who reads on the second stream too."""

    def second_stream_received(self, payload: bytes) -> None:
        """Take it."""
        self.data_received(payload)


@pytest.mark.parametrize("which", ["client chat", "client second", "server chat", "server second"])
def test_what_a_path_does_not_let_through_is_given_up(which: str) -> None:
    """However lively the peer is, and from whichever side it goes: another way may be wider."""
    with asyncio.Runner(loop_factory=lambda: UnevenLoop(lambda delay: delay)) as runner:
        runner.run(_narrow(which))
        loop = cast("UnevenLoop", runner.get_loop())
    assert not loop.failures


async def _paused() -> None:
    """A server that reads nothing for ten minutes, with a client that has said more than there is room for."""
    loop = cast("UnevenLoop", asyncio.get_running_loop())
    users: list[User] = []

    def accept(link: Link) -> User:
        users.append(User(link))
        return users[-1]

    listener = await QuicTransport().listen(ListenOptions(port=0), accept)
    port = int(listener.url.rpartition(":")[2])
    options = ConnectOptions(fingerprints=(listener.fingerprint,))
    link = await QuicTransport().connect(f"quic://127.0.0.1:{port}", options, accept)
    await loop.let_pass(1)
    server = next(user for user in users if user.link is not link)
    server.hold()
    said = b"x" * 500_000
    link.write(said)
    await loop.let_pass(600)
    assert not any(user.lost for user in users), [user.reason for user in users]
    server.go_on()
    await loop.let_pass(5)
    assert b"".join(server.payloads) == said
    link.abort()
    await loop.let_pass(1)
    await listener.wait_closed()


def test_server_that_reads_nothing_for_a_while_is_waited_for() -> None:
    """It has acknowledged what it had room for."""
    with asyncio.Runner(loop_factory=lambda: UnevenLoop(lambda delay: delay)) as runner:
        runner.run(_paused())
        loop = cast("UnevenLoop", runner.get_loop())
    assert not loop.failures


async def _asleep(seconds: float) -> None:
    """Both machines sleep, with a connection between them."""
    loop = cast("UnevenLoop", asyncio.get_running_loop())
    users: list[User] = []

    def accept(link: Link) -> User:
        users.append(User(link))
        return users[-1]

    listener = await QuicTransport().listen(ListenOptions(port=0), accept)
    port = int(listener.url.rpartition(":")[2])
    options = ConnectOptions(fingerprints=(listener.fingerprint,))
    await QuicTransport().connect(f"quic://127.0.0.1:{port}", options, accept)
    await loop.let_pass(1)
    loop.now += seconds
    await loop.let_pass(1)
    assert [user.reason for user in users] == [LostReason.SILENT] * 2
    await listener.wait_closed()


@pytest.mark.parametrize("seconds", [33.0, 300.0])
def test_sleep_ends_a_connection_as_silence(seconds: float) -> None:
    """Nothing came: that is no broken data."""
    with asyncio.Runner(loop_factory=lambda: UnevenLoop(lambda delay: delay)) as runner:
        runner.run(_asleep(seconds))
        loop = cast("UnevenLoop", runner.get_loop())
    assert not loop.failures


async def _given_up() -> None:
    """The server gives a connection up while nothing passes, and the client has not noticed yet."""
    loop = cast("UnevenLoop", asyncio.get_running_loop())
    users: list[User] = []

    def accept(link: Link) -> User:
        users.append(User(link))
        return users[-1]

    listener = await QuicTransport().listen(
        ListenOptions(port=0, keepalive_interval=2.0, keepalive_timeout=1.0), accept
    )
    port = int(listener.url.rpartition(":")[2])
    options = ConnectOptions(fingerprints=(listener.fingerprint,))
    link = await QuicTransport().connect(f"quic://127.0.0.1:{port}", options, accept)
    await loop.let_pass(1)
    loop.cut = True
    await loop.let_pass(5)
    loop.cut = False
    link.write(b"still there?")
    await loop.let_pass(1)
    server, client = sorted(users, key=lambda user: user.link is link)
    assert server.reason == LostReason.SILENT
    assert client.reason == LostReason.RESTARTED
    assert str(lost_sentence(client.reason)) == (
        "the other side does not know this connection any more: it was started anew, or had given it up"
    )
    await listener.wait_closed()


def test_server_that_has_given_a_connection_up_is_not_said_to_have_restarted() -> None:
    """It says no more than that it does not know the connection."""
    with asyncio.Runner(loop_factory=lambda: UnevenLoop(lambda delay: delay)) as runner:
        runner.run(_given_up())
        loop = cast("UnevenLoop", runner.get_loop())
    assert not loop.failures


async def _unanswered() -> None:
    """Nobody answers, and a connection has a minute to come about."""
    loop = cast("UnevenLoop", asyncio.get_running_loop())
    loop.cut = True
    with pytest.raises(ConnectionFailed, match=r"^127\.0\.0\.1:9 did not answer in time$"):
        await QuicTransport().connect("quic://127.0.0.1:9", ConnectOptions(connect_timeout=60.0), User)


def test_server_that_never_answers_has_not_hung_up() -> None:
    """However long it was waited for."""
    with asyncio.Runner(loop_factory=lambda: UnevenLoop(lambda delay: delay)) as runner:
        runner.run(_unanswered())
        loop = cast("UnevenLoop", runner.get_loop())
    assert not loop.failures


def looked_at(liveness: QuicLiveness, until: float, **more: Any) -> list[Verdict]:
    """Look at a peer that answers whatever it is asked, whenever that is due."""
    said: list[Verdict] = []
    while liveness.due < until and Verdict.STALLED not in said:
        said.append(liveness.check(liveness.due, heard=liveness.due - 0.1, **more))
    return said


def test_stream_that_stands_still_is_a_stall_whatever_goes_on_beside_it() -> None:
    """Each stream has its own time, which begins when something waits there."""
    liveness = QuicLiveness(10.0, 5.0, 60.0, 0.0)
    assert Verdict.STALLED not in looked_at(liveness, 100.0, taken=[None, None])
    for taken in range(5):
        assert Verdict.STALLED not in looked_at(liveness, 110.0 + 10 * taken, taken=[taken, 7])
    assert looked_at(liveness, 200.0, taken=[None, 7])[-1] is Verdict.STALLED


def test_slow_path_has_as_long_as_its_round_trips_take() -> None:
    """What was lost behind a long queue takes three."""
    liveness = QuicLiveness(10.0, 5.0, 60.0, 0.0)
    assert Verdict.STALLED not in looked_at(liveness, 300.0, taken=[7], round_trip=100.0)
    assert Verdict.STALLED in looked_at(liveness, 330.0, taken=[7], round_trip=100.0)


def test_sleep_of_ones_own_is_no_stall() -> None:
    """What was acknowledged meanwhile is not read yet."""
    liveness = QuicLiveness(10.0, 5.0, 60.0, 0.0)
    looked_at(liveness, 20.0, taken=[7])
    assert liveness.check(200.0, heard=20.0, taken=[7]) is Verdict.WAIT
    assert liveness.check(liveness.due, heard=200.5, taken=[8]) is Verdict.WAIT


def test_answer_counts_when_the_clock_has_not_moved_since_the_question() -> None:
    """Some systems' clocks move every 16 ms only."""
    liveness = QuicLiveness(10.0, 5.0, 60.0, 0.0)
    assert liveness.check(liveness.due, heard=None, taken=[]) is Verdict.ASK
    asked = liveness.due - 5.0
    assert liveness.check(liveness.due, heard=asked, taken=[]) is Verdict.WAIT


def test_what_was_heard_before_a_suspicion_does_not_dispel_it() -> None:
    """Not even when it was heard at the same moment."""
    liveness = QuicLiveness(10.0, 5.0, 60.0, 0.0)
    assert liveness.hurry(3.0, 1.0, heard=3.0) == 4.0
    assert liveness.check(4.0, heard=3.0, taken=[]) is Verdict.DEAD
