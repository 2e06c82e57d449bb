"""The chat server on asyncio: starting, stopping, several places to listen, and mistakes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

import pytest

from chatcore import Limits, Listen, RequestRefused, __version__, connect
from chatcore.errors import ConfigurationError, ConnectionFailed
from chatcore.events import PresenceChanged, Welcomed
from chatcore.ports.transport import Accept, Listener, ListenOptions, WebFile
from chatcore.testing import MemoryNetwork, run
from tests.stores import ChatServer
from tests.unit.aio.house import House, StumblingServer, in_virtual_time, next_of, texts

# Starting and stopping.


def test_server_has_no_chat_before_the_start() -> None:
    """There is nothing to look at yet, and nowhere to connect to."""
    server = ChatServer(transport=MemoryNetwork(), port=0)
    assert server.urls == []
    with pytest.raises(RuntimeError, match=r"^the server was not started$"):
        _ = server.chat


@in_virtual_time
async def test_server_tells_how_it_does() -> None:
    """In numbers, once it has started; and why nobody can connect, before and after."""
    server = ChatServer(transport=MemoryNetwork(), port=0)
    assert server.unready
    with pytest.raises(RuntimeError, match=r"^the server was not started$"):
        server.figures()
    async with House() as house:
        await house.guest("alice")
        assert house.server.unready is None
        assert not any(house.server.figures().turned_away.values())
        house.server.failed.set()
        assert house.server.unready == "the store cannot be written any more"


@in_virtual_time
async def test_server_that_is_up_is_not_started_again() -> None:
    """And goes on."""
    async with House() as house:
        with pytest.raises(RuntimeError, match=r"^this server is up$"):
            await house.server.start()
        alice = await house.guest("alice")
        assert alice.connected
        house.server.stop_accepting()
        with pytest.raises(RuntimeError, match=r"^this server is up$"):
            await house.server.start()


@pytest.mark.parametrize("port", [0, 7])
@in_virtual_time
async def test_server_that_is_started_twice_at_once_is_started_once(port: int) -> None:
    """Whoever began goes on: no second chat takes the place of the first, and nothing stops it."""
    server = ChatServer(transport=MemoryNetwork(latency=(0.01, 0.01)), port=port)
    first, second = await asyncio.gather(server.start(), server.start(), return_exceptions=True)
    assert first is None
    assert isinstance(second, RuntimeError)
    assert len(server.urls) == 1
    assert server.unready is None
    await server.stop()
    assert server.urls == []


@in_virtual_time
async def test_server_whose_start_failed_or_that_was_stopped_is_started_again() -> None:
    network = MemoryNetwork()
    one, other = (ChatServer(transport=network, port=7) for _ in range(2))
    async with one:
        with pytest.raises(ConfigurationError):
            await other.start()
    for server in (other, one):
        async with server:
            assert server.unready is None


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"rooms": ["no room"]}, "is no name of a room"),
        ({"operator_token": "short"}, "is too short"),
        ({"operator_token": "t" * 1001}, "has 1001 bytes, and 1000 at most can be sent"),
        ({"password": "\u00e9" * 501}, "has 1002 bytes, and 1000 at most can be sent"),
        ({"password": ""}, "is empty"),
    ],
    ids=["room", "short token", "long token", "long password", "empty password"],
)
def test_server_does_not_start_with_what_cannot_be_meant(options: dict[str, Any], why: str) -> None:
    """One sentence says what is wrong."""

    async def start() -> None:
        await ChatServer(transport=MemoryNetwork(), port=0, **options).start()

    with pytest.raises(ConfigurationError, match=why):
        run(start())


@in_virtual_time
async def test_server_tells_where_it_listens_and_who_it_is() -> None:
    """With the real port; its limits are those that it was given."""
    network = MemoryNetwork()
    limits = Limits(grace=7)
    async with ChatServer(host="127.0.0.2", port=0, transport=network, limits=limits) as server:
        assert server.urls == ["memory://127.0.0.2:1"]
        assert server.limits is limits
        async with connect(server.urls[0], username="alice", transport=network) as alice:
            (welcomed,) = await next_of(alice, Welcomed)
            assert welcomed.server == {"name": "chatcore", "version": __version__}
            assert welcomed.limits["grace"] == 7


@in_virtual_time
async def test_stop_says_goodbye_and_is_idempotent() -> None:
    """Afterwards nothing listens, and nobody is connected."""
    async with House() as house:
        url = house.url
        await house.guest("alice")
        await house.server.stop()
        await house.server.stop()
        assert house.server.urls == []
        assert house.network.links == {}
        with pytest.raises(ConnectionFailed):
            await connect(url, username="bob", transport=house.network)


@in_virtual_time
async def test_stop_before_the_start_does_nothing() -> None:
    """There is nothing to stop."""
    await ChatServer(transport=MemoryNetwork(), port=0).stop()


@in_virtual_time
async def test_server_starts_again_after_a_stop() -> None:
    """With empty rooms, and a log of its own, when it keeps nothing."""
    network = MemoryNetwork()
    server = ChatServer(transport=network, port=5, store="memory")
    for _ in range(2):
        async with server, connect(server.urls[0], username="alice", transport=network) as alice:
            said = await alice.send("hi")
            assert said is not None
            assert said.seq == 1


@in_virtual_time
async def test_start_raises_configuration_error_when_the_port_is_taken() -> None:
    """With one sentence that says what is wrong."""
    network = MemoryNetwork()
    async with ChatServer(transport=network, port=5):
        with pytest.raises(ConfigurationError, match=r"^port 5 on 127\.0\.0\.1 is in use by another program$"):
            await ChatServer(transport=network, port=5).start()


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ({"transport": "pigeons"}, r"^there is no transport called 'pigeons', only .*ws"),
        ({"dialect": "latin"}, r"^there is no dialect called 'latin', only .*chat"),
    ],
)
@in_virtual_time
async def test_start_closes_what_it_opened_when_a_later_place_cannot_be_opened(
    broken: dict[str, Any], message: str
) -> None:
    """Half a server is none."""
    network = MemoryNetwork()
    places = [
        Listen(network, options=ListenOptions(port=5)),
        Listen(**{"transport": network, "options": ListenOptions(port=6)} | broken),
    ]
    server = ChatServer(listen=places)
    with pytest.raises(ConfigurationError, match=message):
        await server.start()
    assert server.urls == []
    async with ChatServer(transport=network, port=5) as other:
        assert other.urls == ["memory://127.0.0.1:5"]


# Several places.


@in_virtual_time
async def test_users_meet_in_the_same_rooms_whatever_they_connect_with() -> None:
    """Two networks, one that keeps boundaries and one that is a stream: one chat."""
    messages, stream = MemoryNetwork(), MemoryNetwork(boundaries=False)
    options = ListenOptions(port=0)
    async with ChatServer(listen=[Listen(messages, options=options), Listen(stream, options=options)]) as server:
        first, second = server.urls
        async with (
            connect(first, username="alice", transport=messages) as alice,
            connect(second, username="bob", transport=stream) as bob,
        ):
            assert bob.members == ("alice", "bob")
            await alice.send("from alice")
            await bob.send("from bob")
            await alice.send_direct("bob", "psst")
            assert await texts(alice, 2) == ["from alice", "from bob"]
            assert await texts(bob, 3) == ["from alice", "from bob", "psst"]
            with pytest.raises(RequestRefused) as caught:
                await connect(second, username="ALICE", transport=stream)
            assert caught.value.code == "name_taken"


@in_virtual_time
async def test_server_tells_addresses_only_when_it_is_told_to() -> None:
    """They are nobody's business by default."""
    network = MemoryNetwork()
    async with (
        ChatServer(transport=network, port=0, show_addresses=True) as server,
        connect(server.urls[0], username="alice", transport=network) as alice,
    ):
        assert (await alice.whois("alice")).address == "127.0.0.1:50000"


class Place:
    """A listener that says of itself what one of another transport would."""

    def __init__(self, listener: Listener, told: Mapping[str, Any]) -> None:
        self.url = listener.url
        self.stop_accepting = listener.stop_accepting
        self.wait_closed = listener.wait_closed
        self._listener = listener
        self._told = told

    def about(self) -> dict[str, Any]:
        """Return what it is to say."""
        return {**self._listener.about(), **self._told}


class Told:
    """A network in memory whose places say that they are something else."""

    name = MemoryNetwork.name
    schemes = MemoryNetwork.schemes
    default_port = MemoryNetwork.default_port
    can_encrypt = False
    uses_files = False

    def __init__(self, **told: Any) -> None:
        self.network = MemoryNetwork()
        self.connect = self.network.connect
        self.options = ListenOptions()
        """Those that its last place was given."""
        self._told = told

    async def listen(self, options: ListenOptions, accept: Accept) -> Listener:
        """Listen."""
        self.options = options
        return Place(await self.network.listen(options, accept), self._told)


async def said_by(*places: Listen, public_url: str | None = None) -> Mapping[str, Any]:
    """Return what a server in these places says of itself at a login in the first one."""
    network = places[0].transport
    assert isinstance(network, Told)
    async with (
        ChatServer(listen=places, public_url=public_url) as server,
        connect(server.urls[0], username="alice", transport=network) as alice,
    ):
        (welcomed,) = await next_of(alice, Welcomed)
        said: Mapping[str, Any] = welcomed.server
        return said


@in_virtual_time
async def test_server_says_where_a_second_connection_for_files_goes() -> None:
    """Where there are both transports; with the fingerprint of the key, and behind a proxy by its public address."""
    options = ListenOptions(port=0)
    quic = Listen(Told(transport="quic", encrypted=True), options=options)
    plain = Listen(Told(transport="ws", port=80), options=options)
    safe = Listen(Told(transport="ws", port=443, encrypted=True, key_fingerprint="ab" * 32), options=options)
    assert "files" not in await said_by(quic)
    assert (await said_by(quic, plain))["files"] == {"scheme": "ws", "port": 80}
    assert (await said_by(quic, safe))["files"] == {"scheme": "wss", "port": 443, "key_fingerprint": "ab" * 32}
    behind = await said_by(quic, plain, public_url="wss://chat.example.org")
    assert behind["files"] == {"url": "wss://chat.example.org"}


@in_virtual_time
async def test_server_says_whether_somebody_answers_without_encryption() -> None:
    """Who does so elsewhere is somebody else, where every place is encrypted."""
    options = ListenOptions(port=0)
    safe, plain = (Listen(Told(transport="ws", encrypted=each), options=options) for each in (True, False))
    assert (await said_by(safe))["plain_websocket"] is False
    assert "plain_websocket" not in await said_by(safe, plain)


@in_virtual_time
async def test_server_says_where_its_page_is() -> None:
    """In the first place that has one, and where others reach it."""
    page = {"/": WebFile("text/html", b"")}
    places = [
        Listen(Told(transport="ws", port=port, encrypted=encrypted), options=ListenOptions(port=0, web=web))
        for port, encrypted, web in ((1, False, {}), (443, True, page), (80, False, page))
    ]
    assert (await said_by(*places))["page"] == {"scheme": "https", "port": 443}
    behind = await said_by(*places, public_url="wss://chat.example.org/rooms/")
    assert behind["page"] == {"scheme": "https", "port": 443, "url": "https://chat.example.org/rooms/"}
    assert "page" not in await said_by(places[0], public_url="wss://chat.example.org/rooms/")


# Records and mistakes.


@in_virtual_time
async def test_who_is_turned_away_is_counted_and_recorded_now_and_then(caplog: pytest.LogCaptureFixture) -> None:
    """A crowd of them is a line with how many more there were."""
    network = Told()
    async with ChatServer(transport=network, port=0) as server:
        turned_away = network.options.turned_away
        for _ in range(5):
            turned_away("192.0.2.1:5", "full", "the server is full")
        await asyncio.sleep(3600 / 2)
        turned_away("192.0.2.2:6", "full", "the server is full")
        assert server.figures().turned_away == {"full": 6, "crowded": 0, "denied": 0}
    lines = [record.__dict__["fields"] for record in caplog.records if record.getMessage() == "turned_away"]
    usual = {"why": "the server is full", "transport": "memory"}
    assert lines == [
        {**usual, "address": "192.0.2.1:5"},
        {**usual, "address": "192.0.2.2:6", "held_back": 4},
    ]


@in_virtual_time
async def test_server_records_what_happens(caplog: pytest.LogCaptureFixture) -> None:
    """One record per event, with fields, in the logger that it was given."""
    network = MemoryNetwork()
    caplog.set_level(logging.INFO, "tests.chat")
    server = ChatServer(transport=network, port=0, logger=logging.getLogger("tests.chat"))
    async with server, connect(server.urls[0], username="alice", transport=network):
        pass
    records = [(record.getMessage(), record.__dict__["fields"]) for record in caplog.records]
    assert records[0] == ("listening", {"url": "memory://127.0.0.1:1", "dialect": "chat"})
    assert records[-1] == ("stopped", {"url": "memory://127.0.0.1:1"})
    whats = [what for what, _ in records]
    assert [what for what in whats if what in ("connect", "login", "logout")] == ["connect", "login", "logout"]
    assert dict(records)["login"]["user"] == "alice"


@in_virtual_time
async def test_mistake_of_the_server_is_answered_and_recorded_and_costs_nobody_the_chat(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The request gets `internal`, the operator the traceback; the connection and everybody else go on."""
    network = MemoryNetwork()
    async with StumblingServer(transport=network, port=0) as server:
        url = server.urls[0]
        async with (
            connect(url, username="alice", transport=network) as alice,
            connect(url, username="bob", transport=network) as bob,
        ):
            await alice.send("before")
            server.log.stumbles = True
            with pytest.raises(RequestRefused) as caught:
                await alice.send("lost")
            assert caught.value.code == "internal"
            assert "disk" not in caught.value.message
            assert alice.connected
            await bob.send("bob goes on")
            await alice.send("alice too")
            assert await texts(bob, 3) == ["before", "bob goes on", "alice too"]
            assert await texts(alice, 3) == ["before", "bob goes on", "alice too"]
            server.log.stumbles = True
            with pytest.raises(RequestRefused) as caught:
                await bob.send_direct("alice", "lost")
            assert caught.value.code == "internal"
            await bob.send_direct("alice", "psst")
            assert await texts(alice, 1) == ["psst"]
            assert not any(isinstance(event, PresenceChanged) and event.left for event in alice._life.events.held)
    mistakes = [record for record in caplog.records if record.getMessage() == "internal_error"]
    assert [str(record.exc_info[1]) for record in mistakes if record.exc_info] == ["the disk is full"] * 2
    assert {record.levelno for record in mistakes} == {logging.ERROR}
