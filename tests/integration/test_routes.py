"""Getting to a server: trust on first use, and the race between QUIC and WebSocket. Real sockets."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from chatcore import (
    CertificateChanged,
    ConnectionFailed,
    ConnectionLost,
    Listen,
    TransportChosen,
    connect,
)
from chatcore.aio.routes import route_to
from chatcore.errors import ConfigurationError, UntrustedCertificate
from chatcore.limits import Limits
from chatcore.ports.transport import ConnectOptions, ListenOptions
from chatcore_tls.known_servers import KnownServersFile
from tests.ports import free_port
from tests.stopwatch import Stopwatch
from tests.stores import LoneServer

CERTS = Path(__file__).parent / "certs"


@asynccontextmanager
async def serving(*places: str, state: Path, port: int | None = None, **options: object) -> AsyncIterator[LoneServer]:
    """Serve the chat with transports on one port; `wss` is `ws` with the server's own certificate."""
    port = port or free_port()
    listen = [
        Listen(
            "ws" if name == "wss" else name,
            "chat",
            ListenOptions(port=port, state_dir=str(state), tls_own=name == "wss", **options),  # type: ignore[arg-type]
        )
        for name in places
    ]
    async with LoneServer(listen=listen, limits=Limits(grace=0)) as server:
        yield server


def port_of(server: LoneServer) -> int:
    """Return the port that all its transports share."""
    ports = {int(url.rpartition(":")[2]) for url in server.urls}
    assert len(ports) == 1
    return ports.pop()


def key_of(server: LoneServer) -> str:
    """Return the fingerprint of its key."""
    return next(str(told["key_fingerprint"]) for told in server.about() if "key_fingerprint" in told)


async def chosen(url: str, known: KnownServersFile | None = None, **options: object) -> TransportChosen:
    """Log in, and return what the client says about the transport."""
    wanted = ConnectOptions(**options)  # type: ignore[arg-type]
    async with connect(url, username="alice", options=wanted, known_servers=known) as alice:
        async for event in alice:
            if isinstance(event, TransportChosen):
                return event
    raise AssertionError


@pytest.fixture
def known(tmp_path: Path) -> KnownServersFile:
    """Return a memory for servers."""
    return KnownServersFile(tmp_path / "known")


# Trust.


@pytest.mark.parametrize("scheme", ["quic", "wss"])
async def test_server_is_trusted_on_first_use_and_recognised_afterwards(
    scheme: str, known: KnownServersFile, tmp_path: Path
) -> None:
    """Its key is remembered, so a new certificate for the same key is no stranger."""
    async with serving(scheme, state=tmp_path / "a") as server:
        url = f"{scheme}://127.0.0.1:{port_of(server)}"
        for _ in range(2):
            async with connect(url, username="alice", known_servers=known) as alice:
                await alice.send("hello")
        place = url.partition("://")[2]
        assert known.key_of(place) == key_of(server)
    for file in ("certificate.pem", "next-certificate.pem"):
        (tmp_path / "a" / file).unlink()
    async with (
        serving(scheme, state=tmp_path / "a", port=int(place.rpartition(":")[2])) as server,
        connect(url, username="alice", known_servers=known),
    ):
        pass
    assert known.path.read_text().count("\n") == 1


@pytest.mark.parametrize("scheme", ["quic", "wss", "chat"])
async def test_changed_key_is_refused_until_it_is_accepted(
    scheme: str, known: KnownServersFile, tmp_path: Path
) -> None:
    """No other transport is tried instead; whoever names the new fingerprint is not asked again."""
    places = ("wss",) if scheme == "wss" else ("ws", "quic")
    async with serving(*places, state=tmp_path / "a") as server:
        port, first = port_of(server), key_of(server)
        url = f"{scheme}://127.0.0.1:{port}"
        async with connect(url, username="alice", known_servers=known):
            pass
    async with serving(*places, state=tmp_path / "b", port=port) as server:
        with pytest.raises(CertificateChanged) as caught:
            await connect(url, username="alice", known_servers=known)
        error = caught.value
        assert (error.place, error.known_fingerprint) == (f"127.0.0.1:{port}", first)
        assert error.key_fingerprint == key_of(server)
        with pytest.raises(CertificateChanged):
            await connect(url, username="alice", known_servers=known)
        accepted = ConnectOptions(fingerprints=(key_of(server),))
        async with connect(url, username="alice", known_servers=known, options=accepted):
            pass
        async with connect(url, username="alice", known_servers=known):
            pass


@pytest.mark.parametrize("scheme", ["quic", "wss"])
async def test_server_that_nobody_vouches_for_is_refused_without_a_memory(scheme: str, tmp_path: Path) -> None:
    """The error says what to pin it by; the certificate's fingerprint does as well as the key's."""
    async with serving(scheme, state=tmp_path) as server:
        url = f"{scheme}://127.0.0.1:{port_of(server)}"
        with pytest.raises(UntrustedCertificate, match="is not to be trusted") as caught:
            await connect(url, username="alice")
        error = caught.value
        assert error.key_fingerprint == key_of(server)
        for pin in (error.fingerprint, error.key_fingerprint):
            assert pin is not None
            for pins in (pin, (pin,), ("0" * 64, pin)):
                async with connect(url, username="alice", options=ConnectOptions(fingerprints=pins)):
                    pass
        with pytest.raises(UntrustedCertificate, match="is not the one that was pinned"):
            await connect(url, username="alice", options=ConnectOptions(fingerprints=("0" * 64,)))
        for pins in ("hello", ("hello",)):
            with pytest.raises(ConfigurationError, match=r"^hello is not a fingerprint"):
                await connect(url, username="alice", options=ConnectOptions(fingerprints=pins))


@pytest.mark.parametrize("scheme", ["quic", "wss"])
async def test_certificate_that_an_authority_vouches_for_is_not_remembered(
    scheme: str, known: KnownServersFile, tmp_path: Path
) -> None:
    """Such a server may change its key whenever it likes, also after a time with a certificate of its own."""
    async with serving(scheme, state=tmp_path) as server:
        port = port_of(server)
        url = f"{scheme}://127.0.0.1:{port}"
        async with connect(url, username="alice", known_servers=known):
            pass
    files = {"tls_cert": str(CERTS / "server.pem"), "tls_key": str(CERTS / "server.key")}
    trusting = ConnectOptions(tls_ca=str(CERTS / "ca.pem"))
    async with serving(scheme, state=tmp_path, port=port, **files) as server:
        before = known.path.read_text()
        async with connect(url, username="alice", known_servers=known, options=trusting):
            pass
        assert known.path.read_text() == before


@pytest.mark.parametrize("scheme", ["quic", "wss", "chat"])
async def test_client_waits_with_what_was_written_while_a_stranger_answers(
    scheme: str, known: KnownServersFile, tmp_path: Path
) -> None:
    """A hotel's login page goes away again; it is told once, and learns nothing."""
    places = ("wss",) if scheme == "wss" else ("quic",)
    async with serving(*places, state=tmp_path / "a") as server:
        port = port_of(server)
        alice = await connect(f"{scheme}://127.0.0.1:{port}", username="alice", known_servers=known)
    async with serving(*places, state=tmp_path / "stranger", port=port) as stranger:
        strange = []
        sending = asyncio.create_task(alice.send("written meanwhile"))
        async for event in alice:
            if isinstance(event, ConnectionLost):
                strange.append(event.stranger)
                if len(strange) > 4 and any(strange):
                    break
                alice.reconnect_now()
        assert strange.count(True) == 1
        assert not stranger.chat.users
        assert not sending.done()
    async with serving(*places, state=tmp_path / "a", port=port) as server:
        alice.reconnect_now()
        posted = await sending
        assert posted is not None
        assert set(server.chat.users) == {"alice"}
        await alice.close()


async def test_client_that_was_encrypted_sends_nothing_to_who_answers_without(
    known: KnownServersFile, tmp_path: Path
) -> None:
    """The server has said that it has no such place; `chat://` alone would take it."""
    async with serving("wss", "quic", state=tmp_path) as server:
        port = port_of(server)
        alice = await connect(f"chat://127.0.0.1:{port}", username="alice", known_servers=known)
    sending = asyncio.create_task(alice.send("written meanwhile"))
    async with serving("ws", state=tmp_path, port=port) as stranger:
        tries = 0
        async for event in alice:
            if isinstance(event, ConnectionLost):
                tries += 1
                if tries > 3:
                    break
                alice.reconnect_now()
        assert not stranger.chat.users
    async with serving("wss", "quic", state=tmp_path, port=port):
        alice.reconnect_now()
        assert await sending is not None
        await alice.close()


@pytest.mark.parametrize("scheme", ["quic", "wss"])
async def test_server_that_an_authority_vouched_for_does_not_come_back_as_one_that_nobody_knows(
    scheme: str, known: KnownServersFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trust on first use is for the first meeting, not for a stranger in the server's place."""
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTS / "ca.pem"))
    files = {"tls_cert": str(CERTS / "server.pem"), "tls_key": str(CERTS / "server.key")}
    async with serving(scheme, state=tmp_path, **files) as server:
        port = port_of(server)
        alice = await connect(f"{scheme}://localhost:{port}", username="alice", known_servers=known)
    async with serving(scheme, state=tmp_path / "stranger", port=port) as stranger:
        async for event in alice:
            if isinstance(event, ConnectionLost):
                if event.stranger:
                    break
                alice.reconnect_now()
        assert not stranger.chat.users
    assert not known.path.exists()
    await alice.close()


# The race.


async def test_quic_wins_where_it_works(known: KnownServersFile, tmp_path: Path) -> None:
    """WebSocket is not even tried."""
    async with serving("ws", "quic", state=tmp_path) as server:
        event = await chosen(f"chat://127.0.0.1:{port_of(server)}", known)
        assert event == TransportChosen("quic", "first", "")


async def test_websocket_is_tried_at_once_where_nothing_listens_for_quic(
    known: KnownServersFile, tmp_path: Path
) -> None:
    """The reason is told."""
    async with serving("ws", state=tmp_path) as server:
        event = await chosen(f"chat://localhost:{port_of(server)}", known)
    assert (event.transport, event.why) == ("ws", "quic_failed")
    assert "nothing listens" in event.detail


async def test_network_that_drops_udp_costs_half_a_second(known: KnownServersFile, tmp_path: Path) -> None:
    """A server that says nothing on UDP is what such a network looks like."""
    port = free_port()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", port))
        async with serving("ws", state=tmp_path, port=port):
            stopwatch = Stopwatch()
            event = await chosen(f"chat://127.0.0.1:{port}", known)
            assert stopwatch.by_the_clock >= 0.5
            assert stopwatch.seconds < 5, "QUIC's own time limit is ten seconds"
    assert event == TransportChosen("ws", "quic_silent", "")


async def test_encrypted_websocket_is_found_too(known: KnownServersFile, tmp_path: Path) -> None:
    """A server that speaks TLS only is tried without it first, in vain; nothing of the login is said by then."""
    async with serving("wss", state=tmp_path) as server:
        event = await chosen(f"chat://127.0.0.1:{port_of(server)}", known)
        assert (event.transport, event.why) == ("wss", "quic_failed")
        assert known.key_of(f"127.0.0.1:{port_of(server)}") == key_of(server)


async def test_without_a_memory_for_servers_a_stranger_is_passed_by(tmp_path: Path) -> None:
    """`chat://` does not promise encryption, and says that it is missing."""
    async with serving("ws", "quic", state=tmp_path) as server:
        event = await chosen(f"chat://127.0.0.1:{port_of(server)}")
        assert (event.transport, event.why) == ("ws", "quic_failed")
        assert "not to be trusted" in event.detail
        pinned = await chosen(f"chat://127.0.0.1:{port_of(server)}", fingerprints=(key_of(server),))
        assert pinned.transport == "quic"


async def test_nobody_wins_where_nothing_listens() -> None:
    """One sentence, though both were tried."""
    place = f"127.0.0.1:{free_port()}"
    with pytest.raises(ConnectionFailed) as caught:
        await connect(f"chat://{place}", username="alice")
    assert str(caught.value) == f"nothing listens at {place} (is the server running, and is the port right?)"


@pytest.mark.parametrize("url", ["chat://", "chat://:80", "chat://[::1", "chat://host:port"])
def test_what_is_no_address_is_said_at_once(url: str) -> None:
    """Before anything is tried."""
    with pytest.raises(ConnectionFailed, match="is not the address of a server, like chat://"):
        route_to(url, ConnectOptions())


async def test_client_that_reconnects_races_again(known: KnownServersFile, tmp_path: Path) -> None:
    """A laptop that came to a network without UDP goes on by WebSocket."""
    async with serving("ws", "quic", state=tmp_path) as server:
        port = port_of(server)
        alice = await connect(f"chat://127.0.0.1:{port}", username="alice", known_servers=known)
    try:
        async with serving("ws", state=tmp_path, port=port):
            transports = []
            async for event in alice:
                if isinstance(event, TransportChosen):
                    transports.append(event.transport)
                if len(transports) == 2:
                    break
            # On a busy machine the first race may be won by WebSocket too; a client that did not race would end here.
            assert transports in (["quic", "ws"], ["ws", "ws"])
            await alice.send("still here")
    finally:
        await alice.close()


# What the server says of itself.


async def test_websocket_port_tells_what_else_there_is(tmp_path: Path) -> None:
    """`GET /.well-known/chatcore`: a browser finds the hashes that it needs there."""
    async with serving("ws", "quic", state=tmp_path) as server:
        port = port_of(server)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /.well-known/chatcore HTTP/1.1\r\nHost: localhost\r\nOrigin: https://elsewhere\r\n\r\n")
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        await writer.wait_closed()
        told = json.loads(body)
        ws, quic = told["transports"]
        hashes = [entry["value"] for entry in quic["certificate_hashes"]]
    assert head.startswith(b"HTTP/1.1 200 ")
    assert b"Content-Type: application/json" in head
    assert b"Access-Control-Allow-Origin: *" in head
    assert told["server"]["name"] == "chatcore"
    assert ws == {"transport": "ws", "port": port, "encrypted": False, "dialect": "chat"}
    assert (quic["transport"], quic["port"], quic["path"], quic["encrypted"]) == ("quic", port, "/chat", True)
    assert quic["key_fingerprint"] == key_of_state(tmp_path)
    assert len(hashes) == 2
    assert all(len(value) == 64 for value in hashes)


def key_of_state(state: Path) -> str:
    """Return the fingerprint of the key in a state directory."""
    from chatcore_tls.certificates import OwnCertificates

    return OwnCertificates(state).current().key_fingerprint


async def test_wss_shows_the_new_certificate_when_its_files_change(tmp_path: Path) -> None:
    """Present connections stay, new ones see it within a second."""
    from chatcore_tls import certificates

    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"

    def put(state: str) -> str:
        own = certificates.OwnCertificates(tmp_path / state)
        identity = own.current()
        cert.write_bytes((own.directory / "certificate.pem").read_bytes())
        key.write_bytes((own.directory / "key.pem").read_bytes())
        return identity.key_fingerprint

    first = put("a")
    async with serving("wss", state=tmp_path, tls_cert=str(cert), tls_key=str(key)) as server:
        url = server.urls[0]
        async with connect(url, username="alice", options=ConnectOptions(fingerprints=(first,))) as alice:
            second = put("b")
            options = ConnectOptions(fingerprints=(second,))
            async with asyncio.timeout(5 * certificates.LOOK_EVERY):
                while True:
                    with suppress(UntrustedCertificate):
                        async with connect(url, username="bob", options=options):
                            await alice.send("hello")
                        break
