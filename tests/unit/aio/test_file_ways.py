"""Files beside a chat over QUIC: which way they go, and what becomes of them when one is lost. In virtual time."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self

import pytest

from chatcore import Limits
from chatcore.aio.client.life import ClientLife
from chatcore.aio.client.remembering import Remembering
from chatcore.aio.plugins import load_dialect
from chatcore.aio.routes import DirectRoute
from chatcore.aio.server import Listen
from chatcore.client.session import ClientSession
from chatcore.errors import ConfigurationError
from chatcore.events import ConnectionLost, FileFailed, FileOffered, FileReceived, FileSent, WayChosen
from chatcore.ports.transport import Accept, ConnectOptions, LinkHandler, ListenOptions, Transport
from chatcore.testing import MemoryNetwork
from chatcore.testing.network import MemoryLink, MemoryListener
from tests.stores import ChatServer
from tests.unit.aio.house import in_virtual_time
from tests.unit.fakes import MemoryFiles, MemorySource

DATA = random.Random(1).randbytes(1_000_000)
SECOND = WayChosen("ws", "second", "")


class RoadEnd(MemoryListener):
    """Listens at the end of a road, and says which one it is."""

    def about(self) -> dict[str, Any]:
        """Return what a client may want to know."""
        return {**super().about(), "transport": self._network.name}


class Road(MemoryNetwork):
    """A network in memory that passes for another transport."""

    def __init__(self, name: str, *, latency: float = 0.05) -> None:
        super().__init__(latency=(latency, latency))
        self.name = name
        self.delay = 0.0
        """How long it takes until a connection is open."""
        self.made: list[MemoryLink] = []
        """Every connection, at its client's end."""

    async def listen(self, options: ListenOptions, accept: Accept) -> MemoryListener:
        """Listen."""
        plain = await super().listen(options, accept)
        end = self._listeners[plain._port] = RoadEnd(self, plain._port, options, accept)
        return end

    async def connect(self, url: str, options: ConnectOptions, accept: Accept) -> MemoryLink:
        """Connect, in time."""
        await asyncio.sleep(self.delay)

        def named(link: Any) -> LinkHandler:
            link.transport = self.name
            return accept(link)

        link = await super().connect(f"memory://{url.partition('://')[2]}", options, named)
        self.made.append(link)
        return link

    async def empty(self) -> None:
        """Wait until every connection is gone."""
        for link in self.made:
            await link.lost.wait()


class User:
    """One user's client, what it is told, and where it puts files."""

    def __init__(self, life: ClientLife, files: MemoryFiles) -> None:
        self.life = life
        self.files = files
        self.told: list[Any] = []

    @property
    def ways(self) -> list[WayChosen]:
        """Which ways its files have gone."""
        return [event for event in self.told if isinstance(event, WayChosen)]

    async def until(self, *kinds: type[Any], like: Callable[[Any], bool] = lambda event: True) -> Any:
        """Take what it is told until there is something of that kind."""
        while True:
            event = await self.life.events.next()
            self.told.append(event)
            if isinstance(event, kinds) and like(event):
                return event


class Town:
    """A server that offers two transports, and its users: the chat is on `quic`, second connections are on `ws`."""

    def __init__(self, *, public_url: str | None = None, latency: float = 0.05, **limits: Any) -> None:
        self.quic = Road("quic", latency=latency)
        self.ws = Road("ws", latency=latency)
        listen = [Listen(road, options=ListenOptions(port=0)) for road in (self.ws, self.quic)]
        self.server = ChatServer(listen=listen, limits=Limits(requests_per_second=0, **limits), public_url=public_url)
        self._users = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self.server.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            await self._users.aclose()
        finally:
            await self.server.stop()

    async def user(self, name: str, *, load: Callable[[str], Transport] | None = None) -> User:
        """Return a user who is logged in, until the town is closed."""
        session, options, files = ClientSession(name, f"client {name}"), ConnectOptions(), MemoryFiles()
        life = ClientLife(
            "quic://127.0.0.1:1",
            DirectRoute(self.quic, "quic://127.0.0.1:1", options),
            load_dialect("chat"),
            session,
            reconnect=True,
            login_timeout=10.0,
            options=options,
            files=files,
            remembering=Remembering(None, "", session),
            load=load or {"ws": self.ws}.__getitem__,
        )
        await life.start()
        self._users.push_async_callback(life.close)
        return User(life, files)

    async def users(self) -> tuple[User, User]:
        """Return who sends, and who receives."""
        return await self.user("alice"), await self.user("bob")


async def begin(alice: User, bob: User, data: bytes = DATA) -> None:
    """Let a file be on its way from one to the other."""
    await alice.life.transfers.offer(MemorySource("a.bin", data), ("bob",), room=False)
    offer = await bob.until(FileOffered)
    await bob.life.transfers.accept(offer.file, None)


async def arrived(alice: User, bob: User, data: bytes = DATA) -> None:
    """Wait until it is there, as it was sent."""
    assert isinstance(await bob.until(FileReceived, FileFailed), FileReceived)
    assert isinstance(await alice.until(FileSent, FileFailed), FileSent)
    assert bob.files.complete["a.bin"] == data


@in_virtual_time
async def test_a_second_connection_is_taken_where_it_is_offered_and_ends_when_it_is_idle() -> None:
    """On both sides; the next file has another one."""
    async with Town() as town:
        alice, bob = await town.users()
        await begin(alice, bob)
        await arrived(alice, bob)
        assert (alice.ways, bob.ways) == ([SECOND], [SECOND])
        await town.ws.empty()
        bob.files.complete.clear()
        await begin(alice, bob)
        await arrived(alice, bob)
        assert (alice.ways, bob.ways) == ([SECOND] * 2, [SECOND] * 2)
        assert all(link.open for link in town.quic.made)


@in_virtual_time
async def test_a_small_file_has_no_second_connection() -> None:
    """It is there before one is."""
    async with Town() as town:
        alice, bob = await town.users()
        await begin(alice, bob, DATA[:1000])
        await arrived(alice, bob, DATA[:1000])
        assert alice.ways == bob.ways == town.ws.made == []


async def stays_with_the_first(town: Town, said: str) -> None:
    """Check that a file arrives by the first connection, and that its users are told why."""
    alice, bob = await town.users()
    await begin(alice, bob)
    await arrived(alice, bob)
    for ways in (alice.ways, bob.ways):
        (way,) = ways
        assert (way.transport, way.why) == ("quic", "unreachable")
        assert said in way.detail
    assert not any(link.open for link in town.ws.made)


@in_virtual_time
async def test_a_file_stays_with_the_first_when_nothing_listens_where_the_server_says() -> None:
    """As behind a proxy that is down."""
    async with Town(public_url="wss://127.0.0.1:9") as town:
        await stays_with_the_first(town, "nothing listens")


@in_virtual_time
@pytest.mark.parametrize(
    ("delay", "said"), [(16.0, "ticket is good for no connection"), (60.0, "did not answer in time")]
)
async def test_a_file_stays_with_the_first_when_a_connection_comes_too_late(delay: float, said: str) -> None:
    """For its ticket, which the server then refuses; or for its user to wait for it."""
    async with Town(latency=1.0, file_window_bytes=64 * 1024) as town:
        town.ws.delay = delay
        await stays_with_the_first(town, said)


@in_virtual_time
async def test_a_file_stays_with_the_first_when_the_transport_is_not_installed() -> None:
    """Whoever has it goes the quicker way all the same."""

    def load(name: str) -> Transport:
        raise ConfigurationError("the transport {name!r} cannot be used here", name=name)

    async with Town() as town:
        alice, bob = await town.user("alice", load=load), await town.user("bob")
        await begin(alice, bob)
        await arrived(alice, bob)
        assert alice.ways == [WayChosen("quic", "unreachable", "the transport 'ws' cannot be used here")]
        assert bob.ways == [SECOND]


async def test_others_go_on_while_the_transport_is_imported() -> None:
    """Whoever is connected over QUIC has not imported the other one: the chat does not stand still meanwhile."""
    loop, went_on = asyncio.get_running_loop(), threading.Event()

    async with Town(latency=0.0) as town:

        def load(_name: str) -> Transport:
            loop.call_soon_threadsafe(went_on.set)
            if not went_on.wait(10.0):
                raise ConfigurationError("nothing else went on")
            return town.ws

        alice, bob = await town.user("alice", load=load), await town.user("bob", load=load)
        await begin(alice, bob)
        await arrived(alice, bob)
        assert [alice.ways, bob.ways] == [[SECOND], [SECOND]]


@in_virtual_time
async def test_a_file_goes_on_when_its_second_connection_is_lost_and_has_another_one() -> None:
    """Nothing is missing and nothing is there twice: what was under way is asked for again."""
    async with Town(file_window_bytes=64 * 1024) as town:
        alice, bob = await town.users()
        await begin(alice, bob)
        await alice.until(WayChosen)
        await bob.until(WayChosen)
        for link in list(town.ws.made):
            town.ws.cut(link)
        await arrived(alice, bob)
        for ways in (alice.ways, bob.ways):
            assert [(way.transport, way.why) for way in ways] == [("ws", "second"), ("quic", "lost"), ("ws", "second")]
            assert ways[1].detail


@in_virtual_time
async def test_a_second_connection_that_is_said_goodbye_to_is_left_though_the_server_hangs_on() -> None:
    """The file goes on elsewhere, and the server's words are told."""
    async with Town(file_window_bytes=64 * 1024) as town:
        alice, bob = await town.users()
        await begin(alice, bob)
        await alice.until(WayChosen)
        await bob.until(WayChosen)
        for link in list(town.ws.made):
            link.peer.write(link.frame(b'{"type":"bye","code":"unavailable","message":"not here"}'))
        await arrived(alice, bob)
        for ways in (alice.ways, bob.ways):
            assert [(way.transport, way.why) for way in ways] == [("ws", "second"), ("quic", "lost"), ("ws", "second")]
            assert ways[1].detail == "not here"


@in_virtual_time
async def test_a_way_that_is_lost_again_and_again_is_given_up() -> None:
    """The third time; the file arrives by the first connection."""
    async with Town(latency=0.2, file_window_bytes=64 * 1024) as town:
        alice, bob = await town.users()
        await begin(alice, bob)
        for _ in range(3):
            await alice.until(WayChosen, like=lambda way: way.why == "second")
            for link in town.ws.made:
                if link.open:
                    town.ws.cut(link)
        await arrived(alice, bob)
        assert [way.why for way in alice.ways] == ["second", "lost"] * 3


@in_virtual_time
async def test_a_second_connection_ends_with_the_first_and_the_next_one_has_its_own() -> None:
    """Both users are back, and the file goes on."""
    async with Town(file_window_bytes=64 * 1024) as town:
        alice, bob = await town.users()
        await begin(alice, bob)
        await alice.until(WayChosen)
        await bob.until(WayChosen)
        before = list(town.ws.made)
        for link in list(town.quic.made):
            town.quic.cut(link)
        await alice.until(ConnectionLost)
        await bob.until(ConnectionLost)
        for link in before:
            await link.lost.wait()
        await arrived(alice, bob)
        assert (alice.ways, bob.ways) == ([SECOND] * 2, [SECOND] * 2)


@in_virtual_time
async def test_a_second_connection_ends_with_its_client() -> None:
    """In the middle of a file; nothing is left of it at the server."""
    async with Town(file_window_bytes=64 * 1024) as town:
        alice, bob = await town.users()
        await begin(alice, bob)
        await alice.until(WayChosen)
        await bob.until(WayChosen)
        await alice.life.close()
        await bob.life.close()
        await town.ws.empty()
        await town.quic.empty()
        assert town.server.figures().connections.total() == 0
