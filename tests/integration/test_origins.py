"""Which pages and programs may connect, by what they call the server and where it is reached."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from chatcore import Listen, connect
from chatcore.errors import ConfigurationError, ConnectionFailed
from chatcore.ports.transport import ListenOptions
from chatcore_net.origins import Origins, page_places
from chatcore_quic.admission import judge
from chatcore_ws import transport
from tests.contracts.transport import User
from tests.integration.ws_peer import Peer, request
from tests.stores import ChatServer

HERE, THERE = ("127.0.0.1", 50000), ("192.168.1.7", 50000)
HERE_6 = ("::1", 50000, 0, 0)
FRIENDS = (
    "https://Friend.example/",
    "http://chat.example:8000",
    "https://bücher.test",
    "https://straße:8443",
    "https://ΟΔΟΣ.test",
)


@pytest.mark.parametrize("peer", [HERE, HERE_6, ("::ffff:127.0.0.1", 50000, 0, 0), ("127.9.9.9", 50000)])
@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("127.0.0.1:8765", None),
        ("127.0.0.1:8765", "http://127.0.0.1:8765"),
        ("localhost:8765", "http://localhost:8765"),
        ("LOCALHOST.", "https://localhost."),
        ("chat.localhost:8765", "http://chat.localhost:8765"),
        ("[::1]:8765", "http://[::1]:8765"),
        ("[::ffff:127.0.0.1]:8765", None),
        ("127.1:8765", None),
        ("0.0.0.0:8765", "http://0.0.0.0:8765"),
        ("[::]", None),
        ("{own}:8765", None),
        ("{own}.local:8765", "http://{own}.local:8765"),
        ("friend.example", "https://friend.example"),
        ("friend.example", None),
        ("chat.example:443", None),
        ("xn--bcher-kva.test", "https://xn--bcher-kva.test"),
        ("xn--strae-oqa:8443", "https://xn--strae-oqa:8443"),
        ("xn--pxavbq.test", "https://xn--pxavbq.test"),
        ("127.0.0.1:8765", "https://friend.example:443"),
        ("evil.example", "http://chat.example:8000"),
    ],
)
def test_server_that_is_reached_over_loopback_answers_to_names_that_mean_loopback_and_to_those_it_was_given(
    peer: tuple[object, ...], host: str, origin: str | None
) -> None:
    own = socket.gethostname()
    origins = [] if origin is None else [origin.format(own=own)]
    assert Origins(FRIENDS).allows(origins, [host.format(own=own)], peer)


@pytest.mark.parametrize(
    ("hosts", "origins"),
    [
        (["evil.example:8765"], ["http://evil.example:8765"]),
        (["evil.example"], ["http://evil.example"]),
        (["evil.example:8765"], []),
        (["localhost.evil.example"], ["http://localhost.evil.example"]),
        (["evillocalhost"], []),
        (["127.0.0.1.evil.example:8765"], ["http://127.0.0.1.evil.example:8765"]),
        (["192.168.1.5:8765"], ["http://192.168.1.5:8765"]),
        (["[fe80::1]:8765"], []),
        (["127.0.0.1:8765"], ["http://evil.example:8765"]),
        (["127.0.0.1:8765"], ["https://strasse:8443"]),
        (["127.0.0.1:8765"], ["http://127.0.0.1:8766"]),
        (["127.0.0.1:8765"], ["null"]),
        (["127.0.0.1:8765"], ["http://127.0.0.1:8765", "https://friend.example"]),
        (["127.0.0.1:8765", "evil.example"], []),
        (["127.0.0.1 evil.example"], []),
        (["evil.example@127.0.0.1"], []),
        ([""], []),
        (["."], []),
        ([""], [""]),
        ([], ["http://"]),
    ],
)
def test_page_that_points_its_name_at_this_machine_is_refused(hosts: list[str], origins: list[str]) -> None:
    """DNS rebinding: a browser takes it for the server's own page. What makes no sense is refused as well."""
    assert not Origins(FRIENDS).allows(origins, hosts, HERE)


@pytest.mark.parametrize(
    ("host", "origin", "allowed"),
    [
        ("chat.lan:8765", "http://chat.lan:8765", True),
        ("192.168.1.5:8765", "http://192.168.1.5:8765", True),
        ("chat.lan:8765", None, True),
        ("192.168.1.5:8765", "http://evil.example", False),
        ("chat.lan:8765", "http://chat.lan", False),
    ],
)
def test_server_that_is_reached_from_elsewhere_lets_pages_of_its_own_address_connect(
    host: str, origin: str | None, allowed: bool
) -> None:
    assert Origins().allows([] if origin is None else [origin], [host], THERE) is allowed


@pytest.mark.parametrize(
    "text",
    [
        "chat.example.org",
        "https://",
        "https://a/b",
        "https://a b",
        "https://caf\udce9",
        "https://u@a",
        "*",
        "https://*.a",
        "https://a,b",
        "https://a:0",
        "https://a:65536",
        "https://[1:2]",
        "wss://chat.example.org",
        "quic://chat.example.org",
        "ftp://a",
        "file://a",
        "",
    ],
)
def test_origin_that_no_page_can_have_is_told_at_the_start(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"is not the origin of web pages, like https://chat\.example\.org"):
        Origins((text,))


def test_page_without_an_address_may_be_allowed_too() -> None:
    assert Origins(("null",)).allows(["null"], ["127.0.0.1:8765"], HERE)


@pytest.mark.parametrize(
    ("address", "places"),
    [
        ("ws://one:8765", ["ws://one:8765", "http://one:8765"]),
        ("WSS://One.Example.org/chat", ["wss://one.example.org", "https://one.example.org"]),
        ("wss://me:secret@one.example.org:8443", ["wss://one.example.org:8443", "https://one.example.org:8443"]),
        ("quic://one", ["https://one:8765"]),
        ("chat://one", ["ws://one:8765", "http://one:8765", "wss://one:8765", "https://one:8765"]),
        ("ws://straße.test:1", ["ws://xn--strae-oqa.test:1", "http://xn--strae-oqa.test:1"]),
        ("ws://bücher.test", ["ws://xn--bcher-kva.test", "http://xn--bcher-kva.test"]),
        ("ws://[fd00::1]:8765", ["ws://[fd00::1]:8765", "http://[fd00::1]:8765"]),
        ("tcp://one:8766", []),
        ("ws://a;script-src:8765", []),
        ("ws://*:8765", []),
        ("ws://a,b", []),
        ("ws://'unsafe-inline'", []),
        ("ws://one:70000", []),
        ("ws://" + "a" * 70 + ".test", []),
        ("nothing", []),
        ("", []),
    ],
)
def test_browser_reaches_a_server_and_its_page_under_the_same_address(address: str, places: list[str]) -> None:
    """What goes into a policy is a place and nothing else, whatever somebody has advertised."""
    assert list(page_places(address)) == places


@pytest.mark.parametrize(
    ("hosts", "origins", "allowed"),
    [
        (["two:8765"], ["http://one:8765"], True),
        (["two:8765"], ["https://one.example.org"], True),
        (["two:8765"], ["HTTPS://one.example.org:443"], True),
        (["two:8765"], ["http://one.example.org"], False),
        (["two:8765"], ["http://one"], False),
        (["two:8765"], ["https://fast"], False),
        (["two:8765"], ["null"], False),
        (["two:8765"], ["http://one:8765", "http://one:8765"], False),
    ],
)
def test_pages_of_all_servers_of_the_chat_may_connect(hosts: list[str], origins: list[str], allowed: bool) -> None:
    """That of a server that is gone goes on at another one. A WebTransport address has no page."""
    addresses = ("ws://one:8765", "wss://one.example.org/chat", "quic://fast:443")
    assert Origins((), lambda: addresses).allows(origins, hosts, THERE) is allowed


def test_server_goes_by_the_names_at_which_clients_reach_the_servers_of_the_chat() -> None:
    """Its proxy calls it so."""
    told: list[str] = []
    rule = Origins((), lambda: told)
    assert not rule.knows(["chat.example.org"], HERE)
    told.append("wss://chat.example.org")
    assert rule.knows(["chat.example.org"], HERE)
    assert not rule.knows(["evil.example"], HERE)


@pytest.mark.parametrize(
    ("authority", "origin", "status"),
    [
        ("127.0.0.1:8765", "https://127.0.0.1:8765", 200),
        ("localhost:8765", None, 200),
        ("evil.example:8765", "https://evil.example:8765", 403),
        ("evil.example:8765", None, 403),
    ],
)
def test_webtransport_has_the_same_rule(authority: str, origin: str | None, status: int) -> None:
    fields = {":method": "CONNECT", ":protocol": "webtransport", ":scheme": "https", ":path": "/chat"}
    fields |= {":authority": authority} if origin is None else {":authority": authority, "origin": origin}
    headers = [(name.encode(), value.encode()) for name, value in fields.items()]
    assert judge(headers, Origins(), HERE)[0] == status


async def test_websocket_and_what_the_server_says_of_itself_are_closed_to_a_rebound_page() -> None:
    """Its port is in both headers, as a browser has it."""
    options = ListenOptions(port=0, about=lambda: {"server": "chatcore"})
    listener = await transport.listen(options, User)
    try:
        port = listener.url.rpartition(":")[2]
        for host, status in ((f"evil.example:{port}", "403"), (f"localhost:{port}", "101")):
            async with Peer(listener.url) as peer:
                await peer.send(request(host, f"Origin: http://{host}"))
                assert (await peer.head()).split()[1] == status
        for host, status in ((f"evil.example:{port}", b"403"), (f"127.0.0.1:{port}", b"200")):
            reader, writer = await asyncio.open_connection("127.0.0.1", int(port))
            writer.write(f"GET /.well-known/chatcore HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            answer = await reader.read()
            assert answer.split()[1] == status
            assert (b"chatcore" in answer) is (status == b"200")
            writer.close()
            await writer.wait_closed()
    finally:
        await listener.wait_closed()


class Town(asyncio.SelectorEventLoop):
    """An event loop in a town where one name is known."""

    async def getaddrinfo(self, host: Any, port: Any, **options: Any) -> Any:
        """Return where it is."""
        if host not in ("xn--strae-oqa.test", "127.0.0.1"):
            raise socket.gaierror(socket.EAI_NONAME, f"{host} is not known")
        return await super().getaddrinfo("127.0.0.1", port, **options)


@pytest.mark.parametrize("scheme", ["ws", "tcp"])
def test_client_of_an_international_name_asks_for_it_and_no_other(scheme: str) -> None:
    """The server, which is given it as people write it, answers to it."""

    async def meet() -> None:
        options = ListenOptions(port=0, origins=("https://straße.test",))
        async with ChatServer(listen=[Listen(scheme, options=options)]) as server:
            port = server.urls[0].rpartition(":")[2]
            async with connect(f"{scheme}://Straße.test:{port}", username="alice", reconnect=False) as alice:
                assert alice.username == "alice"
            with pytest.raises(ConnectionFailed, match="not known"):
                async with connect(f"{scheme}://strasse.test:{port}", username="bob", reconnect=False):
                    pass

    with asyncio.Runner(loop_factory=Town) as runner:
        runner.run(meet())
