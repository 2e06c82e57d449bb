"""A stop ends everything, whatever one of those does that are plugged into a server; then it may be started again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from chatcore import ChatServer, Client, Dismissed, Listen, LoginRefused, connect
from chatcore.limits import Limits
from chatcore.ports.passwords import SignIn
from chatcore.ports.store import Store
from chatcore.ports.transport import Accept, ConnectOptions, Link, Listener, ListenOptions
from chatcore.testing import MemoryNetwork, run
from tests.unit.aio.house import in_virtual_time, rest_of
from tests.unit.aio.store_house import MemoryStore

PATIENCE = 12.0


def mistakes(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what was logged as a mistake."""
    found = [each.exc_info[1] for each in caplog.records if each.levelno == logging.ERROR and each.exc_info]
    return [f"{type(each).__name__}: {each}" for each in found]


class OwnPlace(MemoryNetwork):
    """A network in memory whose listeners are somebody else's, with a mistake once they are to close."""

    name = "own"

    def __init__(self) -> None:
        super().__init__()
        self.stop_accepting: Callable[[], object] | None = None
        self.wait_closed: Callable[[], object] | None = None

    async def listen(self, options: ListenOptions, accept: Accept) -> Any:
        """Listen."""
        return OwnListener(self, await super().listen(options, accept))


class OwnListener:
    """Implements `chatcore.ports.transport.Listener`, as long as its place makes no mistake."""

    def __init__(self, place: OwnPlace, listener: Listener) -> None:
        self._place = place
        self._listener = listener
        self.url = listener.url
        self.about = listener.about

    def stop_accepting(self) -> None:
        """Take no new connections."""
        (self._place.stop_accepting or self._listener.stop_accepting)()

    def wait_closed(self) -> object:
        """Wait until every connection is closed."""
        return (self._place.wait_closed or self._listener.wait_closed)()


def fails() -> None:
    """Fail."""
    raise OSError("in use")


async def never_ends() -> None:
    """Wait for ever."""
    await asyncio.Event().wait()


class Stubborn:
    """Waits for ever, whoever cancels it, until it is `over`."""

    over = False

    async def wait(self) -> None:
        """Wait."""
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if self.over:
                    raise


async def took(what: Awaitable[object]) -> float:
    """Return how long something took, in seconds."""
    began = asyncio.get_running_loop().time()
    await what
    return asyncio.get_running_loop().time() - began


@pytest.mark.parametrize(
    ("of", "does", "told"),
    [
        ("stop_accepting", fails, "OSError: in use"),
        ("wait_closed", fails, "OSError: in use"),
        ("wait_closed", lambda: None, "TypeError: wait_closed of a listener has to be an async function, or return"),
        ("wait_closed", never_ends, "TimeoutError: wait_closed takes longer than 10 s"),
        ("wait_closed", asyncio.Event, "TypeError: wait_closed of a listener has to be an async function, or return"),
    ],
    ids=["stop fails", "wait fails", "wait is plain", "wait never ends", "wait is odd"],
)
def test_all_other_places_are_closed_whatever_one_listener_does(
    of: str, does: Callable[[], object], told: str, caplog: pytest.LogCaptureFixture
) -> None:
    @in_virtual_time
    async def test() -> None:
        own, network = OwnPlace(), MemoryNetwork()
        options = ListenOptions(port=0)
        server = ChatServer(listen=[Listen(own, "chat", options), Listen(network, "chat", options)])
        await server.start()
        bob = await connect(server.urls[1], username="bob", transport=network, reconnect=False)
        setattr(own, of, does)
        assert await took(server.stop()) < PATIENCE
        assert any(isinstance(event, Dismissed) for event in await rest_of(bob))
        assert (server.urls, list(network._listeners), list(network.links)) == ([], [], [])
        await bob.close()
        await server.stop()
        setattr(own, of, None)
        own.forget(1)
        async with server:
            assert len(server.urls) == 2

    test()
    (line,) = mistakes(caplog)
    assert line.startswith(told)
    (fields,) = [each.fields for each in caplog.records if each.levelno == logging.ERROR]  # type: ignore[attr-defined] # `extra`
    assert fields == {"transport": "own", "url": "memory://127.0.0.1:1"}


def test_connections_of_a_place_that_does_not_close_are_dropped() -> None:
    @in_virtual_time
    async def test() -> None:
        own = OwnPlace()
        async with ChatServer(transport=own, port=0) as server:
            bob = await connect(server.urls[0], username="bob", transport=own, reconnect=False)
            for link in own.links:
                link.close = lambda reason, message="": None  # type: ignore[method-assign] # the mistake
            own.wait_closed = never_ends
        assert not own.links
        await rest_of(bob)
        await bob.close()

    test()


stubborn = Stubborn()


@pytest.mark.parametrize(
    "close", [fails, never_ends, stubborn.wait, lambda: None], ids=["fails", "never", "stubborn", "plain"]
)
def test_server_ends_whatever_its_store_does(close: Callable[[], object], caplog: pytest.LogCaptureFixture) -> None:
    @in_virtual_time
    async def test() -> None:
        network, store = MemoryNetwork(), MemoryStore()
        server = ChatServer(transport=network, port=0, store=cast(Store, store))
        await server.start()
        stubborn.over = False
        store.close = close  # type: ignore[method-assign, assignment] # the mistake
        assert await took(server.stop()) < PATIENCE
        assert server.urls == []
        del store.close
        async with server:
            assert len(server.urls) == 1
        stubborn.over = True

    test()
    assert [each for each in caplog.records if each.levelno == logging.ERROR]


class SlowStore(MemoryStore):
    """Takes its time to close."""

    def __init__(self) -> None:
        super().__init__()
        self.closed = False

    async def close(self) -> None:
        """Write for a second."""
        await asyncio.sleep(1)
        await super().close()
        self.closed = True


@in_virtual_time
async def test_stop_that_is_cancelled_goes_on_and_another_one_waits_for_its_end() -> None:
    """As with a timeout around it, whatever it does at that moment."""
    for turns in range(60):
        store = SlowStore()
        server = ChatServer(transport=MemoryNetwork(), port=0, store=cast(Store, store))
        await server.start()
        stopping = asyncio.create_task(server.stop())
        for _ in range(turns):
            await asyncio.sleep(0)
        stopping.cancel()
        await asyncio.wait({stopping})
        await server.stop()
        assert store.closed, turns
        async with server:
            assert len(server.urls) == 1


class Hesitant(MemoryNetwork):
    """A network where whoever has connected says nothing yet."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.connections = 0

    async def connect(self, url: str, options: ConnectOptions, accept: Accept) -> Link:
        """Connect, and wait."""
        link = await super().connect(url, options, accept)
        self.connections += 1
        await self.go_on.wait()
        return link


@in_virtual_time
async def test_whoever_has_connected_and_is_not_there_yet_comes_in_no_more_once_nobody_new_is_taken() -> None:
    """Who was there before comes back: as long as anybody is, the others go on."""
    network = Hesitant()
    async with (
        ChatServer(transport=network, port=0) as server,
        connect(server.urls[0], username="alice", transport=network) as alice,
    ):
        network.go_on.clear()
        for link in list(network.links):
            network.cut(link)
        new = asyncio.create_task(_log_in(server, network))
        while network.connections < 3:
            await asyncio.sleep(1)
        server.stop_accepting()
        network.go_on.set()
        with pytest.raises(LoginRefused) as caught:
            await new
        assert caught.value.code == "shutting_down"
        await alice.send("hello")


@in_virtual_time
async def test_server_that_is_started_again_lets_people_in_again() -> None:
    network = MemoryNetwork()
    server = ChatServer(transport=network, port=0)
    for _ in range(2):
        await server.start()
        await (await _log_in(server, network)).close()
        await server.stop()


def test_what_a_server_tells_can_be_waited_for_in_each_of_its_runs() -> None:
    """It may be started again on another event loop."""
    server = ChatServer(transport=MemoryNetwork(), port=0)

    async def main() -> None:
        async with server:
            for told in (server.failed, server.drained):
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(told.wait(), 1)

    run(main())
    run(main())


async def _log_in(server: ChatServer, network: MemoryNetwork) -> Client:
    return await connect(server.urls[0], username="bob", transport=network, reconnect=False)


@in_virtual_time
async def test_stop_that_nobody_waits_for_ends_too() -> None:
    store = SlowStore()
    server = ChatServer(transport=MemoryNetwork(), port=0, store=cast(Store, store))
    await server.start()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(server.stop(), 0.5)
    assert not store.closed
    await asyncio.sleep(1)
    assert store.closed


@in_virtual_time
async def test_two_stops_at_once_wait_for_the_same_end() -> None:
    store = SlowStore()
    server = ChatServer(transport=MemoryNetwork(), port=0, store=cast(Store, store))
    await server.start()

    async def stop() -> bool:
        await server.stop()
        return store.closed

    assert await asyncio.gather(stop(), stop()) == [True, True]


@in_virtual_time
async def test_stop_does_what_one_left_that_was_cancelled_with_all_tasks() -> None:
    """As programs and frameworks end what is left at their end."""
    for turns in range(60):
        store = SlowStore()
        server = ChatServer(transport=MemoryNetwork(), port=0, store=cast(Store, store))
        await server.start()
        stopping = asyncio.create_task(server.stop())
        for _ in range(turns):
            await asyncio.sleep(0)
        for task in asyncio.all_tasks() - {cast("asyncio.Task[Any]", asyncio.current_task())}:
            task.cancel()
        await asyncio.wait({stopping})
        assert await took(server.stop()) < 2, turns
        assert store.closed, turns


async def waits_for_a_directory(_sign_in: SignIn) -> str | None:
    """Ask a directory that is away again and again, whatever happens, as everybody has written it once."""
    await stubborn.wait()
    return None


async def login_of(server: ChatServer, network: MemoryNetwork) -> Client:
    """Log ann in."""
    return await connect(server.urls[0], username="ann", account_password="x", transport=network, reconnect=False)


def test_authenticate_that_does_not_let_go_refuses_its_login_in_time_and_holds_up_no_stop(
    caplog: pytest.LogCaptureFixture,
) -> None:
    @in_virtual_time
    async def test() -> None:
        network = MemoryNetwork()
        limits = Limits(login_timeout=2.0)
        stubborn.over = False
        server = ChatServer(transport=network, port=0, authenticate=waits_for_a_directory, limits=limits)
        await server.start()
        began = asyncio.get_running_loop().time()
        with pytest.raises(LoginRefused) as refused:
            await login_of(server, network)
        assert refused.value.code == "unavailable"
        assert 2.0 <= asyncio.get_running_loop().time() - began < 3.0
        assert await took(server.stop()) < 5.0
        stubborn.over = True

    test()
    assert mistakes(caplog) == ["TimeoutError: authenticate took longer than a login may, 2 s"]


class OutOfScope(BaseException):
    """What a framework ends its own tasks with."""


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        (SystemExit(3), "RuntimeError: authenticate called sys.exit(3)"),
        (OutOfScope("left"), "RuntimeError: authenticate raised OutOfScope: left"),
        (asyncio.CancelledError(), "CancelledError: "),
        (OSError("no route"), "OSError: no route"),
    ],
    ids=["ends the program", "ends a task of its framework", "cancels itself", "fails"],
)
def test_authenticate_refuses_its_login_whatever_it_raises_and_the_log_says_why(
    raised: BaseException, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def authenticate(_sign_in: SignIn) -> str | None:
        raise raised

    @in_virtual_time
    async def test() -> None:
        network = MemoryNetwork()
        async with ChatServer(transport=network, port=0, authenticate=authenticate) as server:
            with pytest.raises(LoginRefused) as refused:
                await login_of(server, network)
            assert refused.value.code == "unavailable"

    test()
    assert mistakes(caplog) == [told]
