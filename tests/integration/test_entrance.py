"""How many connections one network address may have, over which transport ever, and whom a proxy speaks for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import pytest

from chatcore import Client, Limits, Listen, connect
from chatcore.errors import ConfigurationError, ConnectionFailed, LoginRefused
from chatcore.ports.transport import ConnectOptions, ListenOptions
from chatcore.server.connections.connection import Connection
from tests.integration.ws_peer import Peer, request
from tests.patience import PATIENCE
from tests.stores import LoneServer

Serve = Callable[..., Awaitable[LoneServer]]


class Records(logging.Handler):
    """Keeps what a server tells its host."""

    def __init__(self) -> None:
        super().__init__()
        self.turned_away: list[dict[str, object]] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record."""
        if record.msg == "turned_away":
            self.turned_away.append(record.fields)  # type: ignore[attr-defined]


@pytest.fixture
def records() -> Records:
    """What the servers of a test tell their host."""
    return Records()


@pytest.fixture
async def serve(tmp_path: Path, records: Records) -> AsyncIterator[Serve]:
    """Return a function that starts a server where an address has `most` connections."""
    logger = logging.Logger("chatcore", logging.INFO)
    logger.addHandler(records)
    async with AsyncExitStack() as stack:

        async def serve(
            *transports: str,
            most: int = 3,
            door: dict[str, tuple[str, ...]] | None = None,
            proxies: tuple[str, ...] = (),
            **changes: object,
        ) -> LoneServer:
            options = ListenOptions(port=0, proxies=proxies, state_dir=str(tmp_path), **(door or {}))
            places = [Listen(transport, options=options) for transport in transports or ("ws",)]
            limits = Limits(connections_per_address=most, **changes)
            return await stack.enter_async_context(LoneServer(listen=places, limits=limits, logger=logger))

        yield serve


async def ask(url: str, *lines: str, source: str = "127.0.0.1") -> tuple[str, asyncio.StreamWriter]:
    """Ask for a WebSocket from an address; returns the status line and what keeps the connection."""
    host, _, port = url.partition("://")[2].rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port), local_addr=(source, 0))
    writer.write(request(host, *lines))
    async with asyncio.timeout(PATIENCE):
        return (await reader.readline()).decode().strip(), writer


async def hang_up(*writers: asyncio.StreamWriter) -> None:
    """Close connections, and wait until that is so."""
    for writer in writers:
        writer.close()
        await writer.wait_closed()


async def comes_in(url: str, *lines: str) -> asyncio.StreamWriter:
    """Ask for a WebSocket until there is room for it."""
    async with asyncio.timeout(PATIENCE):
        while True:
            status, writer = await ask(url, *lines)
            if " 101 " in status:
                return writer
            await hang_up(writer)


async def comes_in_again(url: str, username: str) -> Client:
    """Log in as soon as there is room."""
    async with asyncio.timeout(PATIENCE):
        while True:
            with suppress(LoginRefused):
                return await connect(url, username=username, reconnect=False)


async def test_an_address_has_so_many_connections_over_all_transports_and_others_have_theirs(serve: Serve) -> None:
    """Whoever is one too many hears why, in the words of each; when one is gone, there is room again."""
    server = await serve("ws", "tcp", "quic", most=3)
    ws, tcp, quic = server.urls
    fingerprint = server.about()[2]["key_fingerprint"]
    trusting = ConnectOptions(fingerprints=fingerprint)
    async with (
        connect(ws, username="alice") as alice,
        connect(tcp, username="bob"),
        connect(quic, username="carol", options=trusting) as carol,
    ):
        with pytest.raises(
            ConnectionFailed,
            match=r"429 Too Many Requests .*: There are too many connections from your network address",
        ):
            await connect(ws, username="dave", reconnect=False)
        with pytest.raises(LoginRefused, match="too many connections") as refused:
            await connect(tcp, username="dave", reconnect=False)
        assert refused.value.code == "too_many_connections"
        with pytest.raises(ConnectionFailed, match="too many connections from your network address"):
            await connect(quic, username="dave", options=trusting, reconnect=False)
        status, other = await ask(ws, source="127.0.0.2")
        assert " 101 " in status
        assert await carol.whois("alice")
        await hang_up(other)
        await alice.close()
        await hang_up(await comes_in(ws))


async def test_a_server_has_so_many_connections_over_all_the_places_where_it_listens(
    serve: Serve, records: Records
) -> None:
    """Whoever is one too many hears so in the words of each; when one is gone, there is room again at all of them."""
    server = await serve("ws", "tcp", "quic", "tcp", most=0, door={"max_connections": 3})
    ws, tcp, quic, other = server.urls
    trusting = ConnectOptions(fingerprints=server.about()[2]["key_fingerprint"])
    async with (
        connect(ws, username="alice") as alice,
        connect(tcp, username="bob"),
        connect(quic, username="carol", options=trusting) as carol,
    ):
        with pytest.raises(ConnectionFailed, match=r"503 Service Unavailable .*: The server is full"):
            await connect(ws, username="dave", reconnect=False)
        for url in (tcp, other):
            with pytest.raises(LoginRefused, match="the server is full"):
                await connect(url, username="dave", reconnect=False)
        with pytest.raises(ConnectionFailed, match="the server is full"):
            await connect(quic, username="dave", options=trusting, reconnect=False)
        assert {told["transport"] for told in records.turned_away} == {"ws", "tcp", "quic"}
        assert all("--max-connections" in str(told["why"]) for told in records.turned_away)
        assert await carol.whois("alice")
        await alice.close()
        dave = await comes_in_again(other, "dave")
        assert await dave.whois("carol")
        await carol.close()
        await hang_up(await comes_in(ws))
        await dave.close()


async def test_connections_that_say_nothing_count_too(serve: Serve) -> None:
    """Also before a handshake, and those that are turned away take nobody's place."""
    server = await serve(most=3)
    url = server.urls[0]
    async with Peer(url) as one, Peer(url), Peer(url), AsyncExitStack() as stack:
        crowd = [await stack.enter_async_context(Peer(url)) for _ in range(50)]
        for peer in crowd:
            await peer.send(request())
        heads = [await peer.the_end() for peer in crowd]
        assert {head[:12] for head in heads} <= {b"HTTP/1.1 429", b""}
        assert b"HTTP/1.1 429" in heads[0]
        await one.upgrade()
        status, other = await ask(url, source="127.0.0.2")
        assert " 101 " in status
        await hang_up(other)


async def test_a_host_is_told_of_those_who_are_turned_away_once_a_second(serve: Serve, records: Records) -> None:
    """However many they are: with how many, and from where."""
    server = await serve(most=1)
    status, writer = await ask(server.urls[0])
    assert " 101 " in status
    for _ in range(30):
        refused, other = await ask(server.urls[0])
        assert refused in ("HTTP/1.1 429 Too Many Requests", "")
        await hang_up(other)
    first = records.turned_away[0]
    assert "--connections-per-address" in str(first["why"])
    assert first["transport"] == "ws"
    assert str(first["address"]).startswith("127.0.0.1:")
    assert len(records.turned_away) < 10
    await hang_up(writer)


def connections(server: LoneServer) -> list[Connection]:
    """Return who is connected, logged in or not."""
    assert server._switchboard is not None
    return list(server._switchboard.connections.values())


async def test_a_server_without_the_limit_takes_all(serve: Serve) -> None:
    """0 is any number: what load generators come to."""
    server = await serve(most=0)
    async with AsyncExitStack() as stack:
        for _ in range(100):
            await (await stack.enter_async_context(Peer(server.urls[0]))).upgrade()
        assert len(connections(server)) == 100


# Behind a proxy.


async def test_whom_a_proxy_speaks_for_is_who_comes(serve: Serve) -> None:
    """Each of them has as many connections as it may, and its address is told; the proxy itself has any number."""
    server = await serve(most=2, proxies=("127.0.0.1", "10.0.0.0/8"))
    url = server.urls[0]
    kept = []
    for number in range(3):
        for _ in range(2):
            status, writer = await ask(url, f"X-Forwarded-For: 198.51.100.{number}")
            assert " 101 " in status
            kept.append(writer)
    assert {connection.origin.place for connection in connections(server)} == {
        f"198.51.100.{number}" for number in range(3)
    }
    for header in (
        "X-Forwarded-For: 198.51.100.1",
        "X-Forwarded-For: 203.0.113.9, 198.51.100.1",  # what stands before it, the client may have made up
        "X-Forwarded-For: 203.0.113.9, 198.51.100.1, 10.1.2.3",
        "X-Forwarded-For: ::ffff:198.51.100.1",
        "X-Forwarded-For: 198.51.100.1:4711",
    ):
        status, writer = await ask(url, header)
        assert status == "HTTP/1.1 429 Too Many Requests"
        await hang_up(writer)
    for _ in range(5):  # it does not say for whom
        status, writer = await ask(url)
        assert " 101 " in status
        kept.append(writer)
    await hang_up(*kept)
    await hang_up(await comes_in(url, "X-Forwarded-For: 198.51.100.1"))


async def test_host_is_told_once_of_a_proxy_that_does_not_say_whom_it_speaks_for(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody is counted by address there; who only looks at the server does not matter, nor somebody who is named."""
    with caplog.at_level(logging.WARNING, "chatcore.net"):
        url = (await serve(proxies=("127.0.0.1",))).urls[0]
        kept = [await comes_in(url, "X-Forwarded-For: 198.51.100.1"), await comes_in(url, "X-Forwarded-For: 127.0.0.1")]
        assert caplog.messages == []
        kept += [await comes_in(url) for _ in range(2)]
        assert caplog.messages == ["unnamed_by_proxy"]
        fields = vars(caplog.records[0])["fields"]
        assert fields["address"] == "127.0.0.1"
        assert "add the header" in fields["why"]
        await hang_up(*kept)


async def test_nobody_speaks_for_others_who_is_no_proxy(serve: Serve) -> None:
    """The header of a client is a client's claim."""
    server = await serve(most=1, proxies=("192.0.2.0/24",))
    status, writer = await ask(server.urls[0], "X-Forwarded-For: 198.51.100.1")
    assert " 101 " in status
    (connection,) = connections(server)
    assert connection.origin.place == "127.0.0.1"
    refused, other = await ask(server.urls[0], "X-Forwarded-For: 198.51.100.2")
    assert refused == "HTTP/1.1 429 Too Many Requests"
    await hang_up(writer, other)


@pytest.mark.parametrize("proxy", ["", "nginx", "127.0.0.1:80", "10.0.0.0/33", "::1/129"])
@pytest.mark.parametrize("transport", ["ws", "tcp", "quic"])
async def test_what_is_no_network_is_no_proxy(serve: Serve, proxy: str, transport: str) -> None:
    """One sentence says what would be."""
    with pytest.raises(ConfigurationError, match=r"not the address of a proxy, like 127\.0\.0\.1"):
        await serve(transport, proxies=(proxy,))


async def test_quic_connections_count_from_their_handshake_to_their_end(serve: Serve) -> None:
    """Of those who come at once, one gets in, and when it has left, the next one."""
    server = await serve("quic", most=1)
    url = server.urls[0]
    trusting = ConnectOptions(fingerprints=server.about()[0]["key_fingerprint"])

    async def comes(number: int) -> bool:
        try:
            async with connect(url, username=f"user{number}", options=trusting, reconnect=False):
                await everybody_tried.wait()
                return True
        except ConnectionFailed as error:
            reasons.append(str(error))
            return False

    reasons: list[str] = []
    for _ in range(2):
        everybody_tried = asyncio.Event()
        tries = [asyncio.ensure_future(comes(number)) for number in range(4)]
        async with asyncio.timeout(PATIENCE):
            while sum(each.done() for each in tries) < 3:
                await asyncio.sleep(0)
            everybody_tried.set()
            assert sorted(await asyncio.gather(*tries)) == [False, False, False, True]
            while connections(server):
                await asyncio.sleep(0)
    assert len(reasons) == 6
    assert all("refused the connection: there are too many connections" in reason for reason in reasons)


# Networks.


async def outcome(url: str, *lines: str, source: str = "127.0.0.1") -> str:
    """Return the status that somebody gets who asks for a WebSocket; nothing when nobody answers."""
    try:
        status, writer = await ask(url, *lines, source=source)
    except ConnectionResetError:
        return ""
    await hang_up(writer)
    return status[9:12]


@pytest.mark.parametrize(
    ("door", "in_", "out"),
    [
        ({"allow": ("127.0.0.2",)}, ["127.0.0.2"], ["127.0.0.1", "127.0.0.3"]),
        ({"allow": ("127.1.0.0/16", "127.0.0.1/32")}, ["127.1.2.3", "127.0.0.1"], ["127.0.0.2", "127.2.0.1"]),
        ({"deny": ("127.0.0.2",)}, ["127.0.0.1", "127.0.0.3"], ["127.0.0.2"]),
        ({"allow": ("127.0.0.0/8",), "deny": ("127.0.0.2/31",)}, ["127.0.0.1"], ["127.0.0.2", "127.0.0.3"]),
        ({"allow": ("::/0",)}, [], ["127.0.0.1"]),
        ({"deny": ("0.0.0.0/0",)}, [], ["127.0.0.1"]),
        ({"deny": ("::ffff:127.0.0.2/127", "::FFFF:7f00:4")}, ["127.0.0.1"], ["127.0.0.2", "127.0.0.3", "127.0.0.4"]),
        ({"allow": ("::ffff:127.0.0.1",)}, ["127.0.0.1"], ["127.0.0.2"]),
    ],
)
async def test_who_may_come_in_is_decided_by_the_network(
    serve: Serve, door: dict[str, tuple[str, ...]], in_: list[str], out: list[str]
) -> None:
    """What is denied is out, allowed or not; nobody who is out hears a word."""
    server = await serve(door=door)
    assert [await outcome(server.urls[0], source=source) for source in in_] == ["101"] * len(in_)
    assert [await outcome(server.urls[0], source=source) for source in out] == [""] * len(out)


async def test_nobody_comes_in_by_another_transport_and_the_host_is_told_once(serve: Serve, records: Records) -> None:
    """Over TCP nothing is said, over QUIC a sentence; it goes into the log once a second at most."""
    server = await serve("ws", "tcp", "quic", door={"deny": ("127.0.0.1",)})
    ws, tcp, quic = server.urls
    trusting = ConnectOptions(fingerprints=server.about()[2]["key_fingerprint"])
    for _ in range(5):
        assert await outcome(ws) == ""
    with pytest.raises(ConnectionFailed):
        await connect(tcp, username="dave", reconnect=False)
    with pytest.raises(ConnectionFailed, match="nobody may come in from your network address"):
        await connect(quic, username="dave", options=trusting, reconnect=False)
    told = [(fields["transport"], fields["why"]) for fields in records.turned_away]
    assert told[0] == ("ws", "--allow and --deny keep its network address out")
    assert len(told) == 3
    assert connections(server) == []


async def test_of_a_proxy_counts_whom_it_speaks_for(serve: Serve) -> None:
    """Its own address is only looked at when it does not say; what a client claims to be forwarded is not believed."""
    door = {"allow": ("198.51.100.0/24",), "deny": ("198.51.100.66",)}
    server = await serve(door=door, proxies=("127.0.0.1",))
    url = server.urls[0]
    assert await outcome(url, "X-Forwarded-For: 198.51.100.1") == "101"
    assert await outcome(url, "X-Forwarded-For: 198.51.100.66") == "403"
    assert await outcome(url, "X-Forwarded-For: 198.51.100.1, 192.0.2.1") == "403"
    assert await outcome(url, "X-Forwarded-For: nobody") == "403"
    assert await outcome(url) == "403"
    assert await outcome(url, "X-Forwarded-For: 198.51.100.1", source="127.0.0.2") == ""


async def test_an_address_of_version_4_is_the_same_in_version_6(serve: Serve) -> None:
    """However the system tells it."""
    server = await serve(door={"deny": ("198.51.100.66",)}, proxies=("127.0.0.1",))
    assert await outcome(server.urls[0], "X-Forwarded-For: ::ffff:198.51.100.66") == "403"


@pytest.mark.parametrize("network", ["", "school", "10.0.0.0/33", "127.0.0.1:80"])
@pytest.mark.parametrize("word", ["allow", "deny"])
@pytest.mark.parametrize("transport", ["ws", "tcp", "quic"])
async def test_what_is_no_network_lets_nobody_in(serve: Serve, network: str, word: str, transport: str) -> None:
    """The server does not start: half a rule is none."""
    with pytest.raises(ConfigurationError, match=r"is not a network address, like 192\.0\.2\.7, or a network, like"):
        await serve(transport, door={word: (network,)})
