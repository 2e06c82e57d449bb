"""The QUIC transport: the contract, what a request is answered, and mistakes."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from aioquic.buffer import Buffer
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection

from chatcore.errors import ConfigurationError, ConnectionFailed, UntrustedCertificate
from chatcore.ports.transport import CloseReason, ConnectOptions, ListenOptions, Lost, LostReason, Transport
from chatcore_net.origins import Origins
from chatcore_quic import QuicTransport
from chatcore_quic.bounded_quic import Quic
from chatcore_quic.h3 import H3, application_code, closing_capsule, read_closing_capsule
from chatcore_quic.link import QuicLink
from chatcore_quic.server import QuicListener, QuicServerLink
from tests.contracts.transport import Meet, Meeting, NetworkTransportContract, User
from tests.integration.quic_hostile import hostile
from tests.integration.quic_proxy import LossyProxy
from tests.patience import PATIENCE

CERTS = Path(__file__).parent / "certs"
CERT, KEY, CA = (str(CERTS / name) for name in ("server.pem", "server.key", "ca.pem"))


class _Nameless(Origins):
    """What a server goes by that is called by nothing that it knows."""

    def knows(self, hosts: Sequence[str], peer: object) -> bool:
        """Say no."""
        return False


async def _come_and_go(meeting: Meeting, how: str) -> None:
    """Let a client come to the server, and go in some way."""
    if how == "trusts nobody":
        with pytest.raises(UntrustedCertificate):
            await meeting.join(tls_ca=None)
    elif how == "is nobody":
        stranger = QuicConnection(configuration=QuicConfiguration(alpn_protocols=["h3"]))
        stranger.connect(("127.0.0.1", 1), now=0.0)
        first, _ = stranger.datagrams_to_send(now=0.0)[0]
        with socket.socket(type=socket.SOCK_DGRAM) as sock:
            port = int(meeting.listener.url.rpartition(":")[2])
            sock.sendto(first, ("127.0.0.1", port))
            sock.sendto(first[:40] + bytes(1200), ("127.0.0.1", port))
            await asyncio.sleep(0)
    else:
        client, server = await meeting.join()
        client.say(b"something")
        await server.heard(b"something")
        match how:
            case "closes":
                client.link.close(CloseReason.NORMAL)
            case "drops":
                client.link.abort()
            case "is dropped":
                server.link.abort()
            case "is lost":
                cast("QuicServerLink", server.link)._vanish(Lost(LostReason.SILENT))
                client.link.abort()
        await client.leaves()
        await server.leaves()


class TestQuic(NetworkTransportContract):
    """The contract, and what is QUIC's own."""

    @pytest.fixture
    def transport(self, tmp_path: Path) -> Transport:
        """Return the transport."""
        return QuicTransport()

    @pytest.fixture
    def listening(self) -> ListenOptions:
        """Return options to listen with."""
        return ListenOptions(port=0, tls_cert=CERT, tls_key=KEY, keepalive_interval=60)

    @pytest.fixture
    def connecting(self) -> ConnectOptions:
        """Return options to connect with."""
        return ConnectOptions(connect_timeout=10, tls_ca=CA, keepalive_interval=60)

    async def test_link_says_what_it_is(self, meet: Meet) -> None:
        """A stream of bytes that looks after silence itself."""
        meeting = await meet()
        client, server = await meeting.join()
        for user in (client, server):
            assert (user.link.transport, user.link.format) == ("quic", "quic")
            assert (user.link.keeps_boundaries, user.link.checks_liveness) == (False, True)
            assert user.link.frame(b"as it is") == b"as it is"
        assert meeting.listener.url.startswith("quic://127.0.0.1:")

    async def test_client_refuses_when_the_certificate_is_not_trusted(self, meet: Meet) -> None:
        """With one sentence that says so, what to pin it by, and without a link at the server."""
        meeting = await meet()
        listener = meeting.listener
        assert isinstance(listener, QuicListener)
        with pytest.raises(UntrustedCertificate) as caught:
            await meeting.join(tls_ca=None)
        assert str(caught.value).startswith(f"the certificate of {listener.url[7:]} is not to be trusted: ")
        assert (caught.value.fingerprint, caught.value.key_fingerprint) == (
            listener.fingerprint,
            listener.key_fingerprint,
        )
        assert meeting.served == []

    async def test_client_trusts_what_it_pins(self, meet: Meet) -> None:
        """By the certificate's fingerprint or the key's, however it is written; nothing else will do."""
        meeting = await meet(tls_cert=None, tls_key=None)
        listener = meeting.listener
        assert isinstance(listener, QuicListener)
        spelled = ":".join(listener.fingerprint.upper()[at : at + 2] for at in range(0, 64, 2))
        for pins in ((spelled,), (listener.key_fingerprint,), ("0" * 64, listener.fingerprint)):
            client, _ = await meeting.join(tls_ca=None, fingerprints=pins)
            client.link.abort()
        with pytest.raises(UntrustedCertificate, match="is not the one that was pinned: its fingerprint is ") as caught:
            await meeting.join(fingerprints=("0" * 64,))
        assert caught.value.fingerprint == listener.fingerprint
        with pytest.raises(ConfigurationError, match="is not a fingerprint"):
            await meeting.join(fingerprints=("0123",))

    async def test_client_hears_why_the_server_does_not_let_it_in(self, meet: Meet) -> None:
        """The server says that it is full, or about to go."""
        meeting = await meet(max_connections=1)
        await meeting.join()
        with pytest.raises(ConnectionFailed, match=r"refused the connection: the server is full$"):
            await meeting.join()
        meeting.listener.stop_accepting()
        with pytest.raises(ConnectionFailed, match=r"refused the connection: the server is shutting down$"):
            await meeting.join()

    @pytest.mark.parametrize("how", ["closes", "drops", "is dropped", "is lost", "trusts nobody", "is nobody"])
    async def test_connection_that_is_over_is_no_garbage(self, meet: Meet, how: str) -> None:
        """aioquic holds each in circles, 40 KiB that stay for ten minutes: who came a thousand times filled memory."""
        meeting = await meet(handshake_timeout=0.5)
        gc.collect()
        gc.disable()
        try:
            await _come_and_go(meeting, how)
            meeting.forget()
            async with asyncio.timeout(PATIENCE):
                while any(isinstance(each, Quic | QuicLink | H3) for each in gc.get_objects()):
                    await asyncio.sleep(0.02)
        finally:
            gc.enable()

    async def test_client_hears_the_status_when_the_path_is_another_one(
        self, meet: Meet, transport: Transport, connecting: ConnectOptions
    ) -> None:
        """As every HTTP client does."""
        meeting = await meet()
        url = meeting.listener.url.replace("quic:", "https:") + "/elsewhere"
        with pytest.raises(ConnectionFailed, match=r"answered HTTP 404 Not Found instead of opening a WebTransport"):
            await transport.connect(url, connecting, User)

    async def test_client_hears_what_to_do_when_the_server_does_not_know_its_name(
        self, meet: Meet, transport: Transport, connecting: ConnectOptions
    ) -> None:
        """In the words that somebody has over WebSocket."""
        meeting = await meet()
        listener = meeting.listener
        assert isinstance(listener, QuicListener)
        listener.origins = _Nameless()
        said = r"HTTP 403 Forbidden instead of .* session: This server does not know itself by this name; its --origin"
        with pytest.raises(ConnectionFailed, match=said):
            await transport.connect(listener.url, connecting, User)

    async def test_old_addresses_of_a_closed_link_are_forgotten(self, meet: Meet) -> None:
        """Nothing is left of a connection but what a peer hears that missed the end."""
        meeting = await meet()
        client, server = await meeting.join()
        listener = meeting.listener
        assert isinstance(listener, QuicListener)
        assert listener.registry.members
        server.link.close(CloseReason.NORMAL)
        await server.leaves()
        await client.leaves()
        await asyncio.sleep(0.01)
        assert not listener.registry.members
        assert listener.registry.half_open == 0


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"tls_key": KEY}, "a TLS key is given without its certificate"),
        ({"tls_cert": "missing.pem", "tls_key": KEY}, "the TLS certificate missing.pem cannot be read: No such file"),
        ({"tls_cert": CERT, "tls_key": "missing.key"}, "the TLS key missing.key cannot be read: No such file"),
        ({"tls_cert": CERT}, "needs its private key; give it with --tls-key"),
        ({"tls_cert": KEY, "tls_key": KEY}, "is not a PEM file with a certificate"),
        ({"tls_cert": CERT, "tls_key": CERT}, "is not a PEM file with a private key"),
        ({"tls_cert": CERT, "tls_key": str(CERTS / "other.key")}, "does not belong to the certificate"),
        ({"tls_cert": CERT, "tls_key": str(CERTS / "locked.key")}, "is protected by a password"),
        ({"port": 70_000}, "70000 is not a port"),
        ({"host": "no.such.host.invalid"}, "the host no.such.host.invalid to listen on is not known"),
        ({"host": "192.0.2.1"}, "192.0.2.1 is not an address of this machine"),
    ],
)
async def test_listener_says_in_one_sentence_when_it_cannot_listen(
    changes: dict[str, object], sentence: str, tmp_path: Path
) -> None:
    """Mistakes in the options are the user's, and the text says what to do."""
    options = replace(ListenOptions(port=0), **changes)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError) as caught:
        await QuicTransport().listen(options, User)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_client_says_in_one_sentence_when_its_authorities_cannot_be_used() -> None:
    """A file of authorities that is none is the user's mistake."""
    for path in ["missing.pem", KEY]:
        with pytest.raises(ConfigurationError):
            await QuicTransport().connect("quic://localhost:1", ConnectOptions(tls_ca=path), User)


async def test_client_hears_why_when_nothing_answers_or_the_name_is_unknown() -> None:
    """One sentence, what the system said behind it, and no longer than the time limit."""
    with pytest.raises(ConnectionFailed, match=r"^the host no\.such\.host\.invalid is not known$"):
        await QuicTransport().connect("quic://no.such.host.invalid", ConnectOptions(), User)
    async with LossyProxy(1, loss=1.0) as silent:
        options = ConnectOptions(connect_timeout=0.2)
        with pytest.raises(ConnectionFailed, match=rf"^127\.0\.0\.1:{silent.port} did not answer in time$") as slow:
            await QuicTransport().connect(f"quic://127.0.0.1:{silent.port}", options, User)
    assert isinstance(slow.value.__cause__, TimeoutError)
    sentence = rf"^nothing listens at 127\.0\.0\.1:{silent.port} \(is the server running"
    with pytest.raises(ConnectionFailed, match=sentence) as refused:
        await QuicTransport().connect(f"quic://127.0.0.1:{silent.port}", ConnectOptions(connect_timeout=PATIENCE), User)
    assert isinstance(refused.value.__cause__, ConnectionRefusedError)


@pytest.mark.parametrize(("host", "shown"), [("::1", "[::1]"), ("localhost", "localhost"), ("0.0.0.0", "0.0.0.0")])
async def test_listener_shows_its_host_as_in_a_url(host: str, shown: str, tmp_path: Path) -> None:
    """IPv6 addresses stand in brackets."""
    try:
        listener = await QuicTransport().listen(ListenOptions(host=host, port=0), User)
    except ConfigurationError:
        pytest.skip("this machine has no such address")
    assert listener.url.startswith(f"quic://{shown}:")
    assert listener.endpoint.startswith(f"https://{shown}:")
    assert listener.endpoint.endswith("/chat")
    options = ConnectOptions(fingerprints=(listener.key_fingerprint,))
    link = await QuicTransport().connect(listener.endpoint, options, User)
    link.abort()
    await listener.wait_closed()


# Requests.


@pytest.fixture
async def port(tmp_path: Path) -> AsyncIterator[int]:
    """Listen, and let pages of one origin connect."""
    options = ListenOptions(port=0, origins=("https://chat.example/",), handshake_timeout=1.0)
    listener = await QuicTransport().listen(options, User)
    yield int(listener.url.rpartition(":")[2])
    await listener.wait_closed()


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, "200"),
        ({"__path": "/chat?room=lobby"}, "200"),
        ({"__protocol": "webtransport-h3"}, "200"),
        ({"origin": "https://chat.example"}, "200"),
        ({"origin": "https://CHAT.example:443"}, "200"),
        ({"origin": "https://127.0.0.1:8765"}, "200"),
        ({"origin": "https://evil.example"}, "403"),
        ({"origin": "null"}, "403"),
        ({"__path": "/"}, "404"),
        ({"__path": "/chat/"}, "404"),
        ({"__method": "GET", "__protocol": None}, "405"),
        ({"__method": "GET", "__protocol": None, "__path": "/favicon.ico"}, "404"),
        ({"__protocol": None}, "400"),
        ({"__protocol": None, "__scheme": None, "__path": None}, "400"),
        ({"__protocol": "websocket"}, "501"),
    ],
)
async def test_requests_get_the_status_that_they_deserve(
    port: int, changes: dict[str, str | None], status: str
) -> None:
    """One kind of request opens a session."""
    async with hostile(port) as peer:
        assert await peer.ask(**changes) == status


async def test_second_session_is_refused_and_the_first_one_stays(port: int) -> None:
    """A session has a connection to itself."""
    async with hostile(port) as peer:
        await peer.open_chat()
        assert await peer.ask() == "429"
        assert await peer.ask(__path="/other") == "404"
        assert not peer.over


async def test_peer_is_dropped_when_it_opens_no_stream_in_time(port: int) -> None:
    """A session alone is nobody's user."""
    async with hostile(port) as peer:
        assert await peer.ask() == "200"
        async with asyncio.timeout(PATIENCE):
            while not peer.over:
                await asyncio.sleep(0.02)


SETTINGS = {
    0x01: "0100",  # QPACK: no dynamic table
    0x07: "0700",  # QPACK: nothing waits for one
    0x08: "0801",  # extended CONNECT (RFC 9220): all browsers
    0x33: "3301",  # datagrams (RFC 9297): all
    0xFFD277: "80ffd27701",  # datagrams as in drafts: Firefox
    0x2B603742: "ab60374201",  # WebTransport draft 02: Chrome and Firefox
    0xC671706A: "c0000000c671706a01",  # WebTransport draft 07: Safari, as some say
    0x14E9CD29: "94e9cd2901",  # WebTransport drafts 13 and 14: Safari; more than 1 would promise flow control
    0x2C7CF000: "ac7cf00001",  # WebTransport draft 15
}
"""What browsers look for, and its bytes: identifier and value as RFC 9000 writes integers."""


async def test_settings_that_browsers_look_for_are_in_the_frame(port: int) -> None:
    """Byte for byte in the first frame of the control stream, and none of them twice."""
    async with hostile(port) as peer:
        await peer.ask()
        control = Buffer(data=next(data for data in peer.bytes.values() if data.startswith(b"\x00\x04")))
        control.seek(2)
        frame = control.pull_bytes(control.pull_uint_var())
        found, buf = {}, Buffer(data=frame)
        while not buf.eof():
            start, name = buf.tell(), buf.pull_uint_var()
            assert name not in found, "a setting that stands there twice ends the connection"
            buf.pull_uint_var()
            found[name] = frame[start : buf.tell()].hex()
        assert found.items() >= SETTINGS.items()


def test_closing_capsule_is_read_as_it_was_written() -> None:
    """Code and text make the trip; anything else is no capsule."""
    assert read_closing_capsule(closing_capsule(1001, "tschüß")) == (1001, "tschüß")
    assert read_closing_capsule(closing_capsule(1000, "x" * 5000)) == (1000, "x" * 1024)
    for broken in (b"", b"\x68", b"\x68\x43\x40", b"\x00\x04abcd", closing_capsule(1000, "cut")[:-1]):
        assert read_closing_capsule(broken) is None


def test_application_codes_leave_the_reserved_ones_out() -> None:
    """The first and the last are those of the draft."""
    assert application_code(0) == 0x52E4A40FA8DB
    assert application_code(2**32 - 1) == 0x52E5AC983162
    codes = [application_code(number) for number in range(10_000)]
    assert len(set(codes)) == len(codes)
    assert all((code - 0x21) % 0x1F for code in codes)
