"""Peers that stop a stream of ours (STOP_SENDING), at any moment: that is the end of the connection, and no mishap."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.asyncio.server import serve
from aioquic.h3.connection import H3Connection
from aioquic.h3.events import HeadersReceived, WebTransportStreamDataReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ProtocolNegotiated, QuicEvent, StreamDataReceived
from aioquic.quic.stream import QuicStream

from chatcore.errors import ConnectionFailed
from chatcore.ports.transport import CloseReason, ConnectOptions, Link, ListenOptions, LostReason
from chatcore_quic import QuicTransport
from tests.contracts.transport import User
from tests.integration.quic_hostile import Peer, hostile
from tests.integration.test_certificate_names import certificate_for, write
from tests.patience import PATIENCE

CODE = 0x52E4A40FA8DB
_SHORT = QuicTransport(close_timeout=0.2)


class Talker(User):
    """One who always has something to say, on both streams, and reads on the second one too."""

    def __init__(self, link: Link) -> None:
        super().__init__(link)
        self.speak()

    def data_received(self, payload: bytes) -> None:
        """Answer."""
        super().data_received(payload)
        self.speak()

    def second_stream_received(self, payload: bytes) -> None:
        """Answer."""
        self.data_received(payload)

    def speak(self) -> None:
        """Say something on both streams."""
        self.link.write(b"x" * 100)
        self.link.write_second_stream(b"y" * 100)  # type: ignore[attr-defined] # links over QUIC can do that


class Reserved(Talker):
    """One who reads nothing until told to."""

    def __init__(self, link: Link) -> None:
        super().__init__(link)
        self.hold()


@pytest.fixture(autouse=True)
async def mishaps() -> AsyncIterator[list[str]]:
    """See to it that nothing is raised in the event loop."""
    found: list[str] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _loop, context: found.append(f"{context['message']}: {context.get('exception')}"))
    yield found
    loop.set_exception_handler(None)
    assert found == []


class Host:
    """A server, and those who came."""

    def __init__(self) -> None:
        self.port = 0
        self.users: list[Talker] = []
        self._came = asyncio.Event()
        self._kind: type[Talker] = Talker

    @asynccontextmanager
    async def listens(self, folder: Path, kind: type[Talker] = Talker) -> AsyncIterator[Host]:
        """Listen for users of a kind."""
        self._kind = kind
        patient = ListenOptions(port=0, state_dir=str(folder), stall_timeout=math.inf, handshake_timeout=10 * PATIENCE)
        listener = await _SHORT.listen(patient, self._take)
        self.port = int(listener.url.rpartition(":")[2])
        try:
            yield self
        finally:
            await listener.wait_closed()

    async def user(self) -> Talker:
        """Wait for one."""
        async with asyncio.timeout(PATIENCE):
            await self._came.wait()
        return self.users[0]

    def _take(self, link: Link) -> Talker:
        self.users.append(self._kind(link))
        self._came.set()
        return self.users[-1]


async def second_stream(peer: Peer) -> int:
    """Wait for the server's second stream; returns its number."""
    async with asyncio.timeout(PATIENCE):
        while True:
            for stream, data in peer.bytes.items():
                if data.endswith(b"y" * 100):
                    return stream
            peer.news.clear()
            await peer.news.wait()


async def is_over(peer: Peer, user: Talker) -> None:
    """Let the user speak until it hears the end, and check that it is the peer's."""
    async with asyncio.timeout(PATIENCE):
        while not user.lost:
            user.speak()
            await asyncio.sleep(0)
    assert user.reason == LostReason.CLOSED_BY_PEER
    async with asyncio.timeout(PATIENCE):
        while not peer.over:
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("which", ["chat", "second", "session"])
@pytest.mark.parametrize("kind", [Talker, Reserved], ids=["reads", "reads nothing"])
async def test_connection_ends_when_the_client_stops_a_stream(tmp_path: Path, which: str, kind: type[Talker]) -> None:
    """Also when what it has said before waits for its user: nothing is written to that stream any more."""
    async with Host().listens(tmp_path, kind) as host, hostile(host.port) as peer:
        session = peer.quic.get_next_available_stream_id()
        chat = await peer.open_chat()
        peer.quic.send_stream_data(chat, b"hello")
        peer.transmit()
        user = await host.user()
        stream = {"chat": chat, "session": session, "second": await second_stream(peer)}[which]
        for _ in range(3):
            peer.quic.send_stream_data(chat, b"z" * 20_000)
        peer.quic.stop_stream(stream, CODE)
        peer.transmit()
        await is_over(peer, user)


async def test_connection_ends_when_the_client_has_stopped_the_chat_before_it_began(tmp_path: Path) -> None:
    """Nobody knew then which stream it would be. What it says is heard."""
    async with Host().listens(tmp_path) as host, hostile(host.port) as peer:
        session = peer.quic.get_next_available_stream_id()
        assert await peer.ask() == "200"
        chat = peer.h3.create_webtransport_stream(session)
        peer.quic.stop_stream(chat, CODE)
        peer.quic.send_stream_data(chat, b"hello")
        peer.transmit()
        user = await host.user()
        await is_over(peer, user)
        assert b"".join(user.payloads) == b"hello"


async def test_connection_ends_when_the_client_stops_its_session_before_the_chat(tmp_path: Path) -> None:
    """It has taken its request back: there is no user."""
    async with Host().listens(tmp_path) as host, hostile(host.port) as peer:
        session = peer.quic.get_next_available_stream_id()
        assert await peer.ask() == "200"
        peer.quic.stop_stream(session, CODE)
        peer.transmit()
        async with asyncio.timeout(PATIENCE):
            while not peer.over:
                await asyncio.sleep(0.005)
        assert host.users == []


@pytest.mark.parametrize("which", ["chat", "second"])
async def test_server_closes_a_connection_whose_stream_is_stopped(tmp_path: Path, which: str) -> None:
    """While what came before waits: the last word of the stream is written no more."""
    async with Host().listens(tmp_path, Reserved) as host, hostile(host.port) as peer:
        chat = await peer.open_chat()
        peer.quic.send_stream_data(chat, b"hello")
        peer.transmit()
        user = await host.user()
        stream = {"chat": chat, "second": await second_stream(peer)}[which]
        peer.quic.stop_stream(stream, CODE)
        peer.transmit()
        sender = user.link.quic.sender_of(stream)  # type: ignore[attr-defined] # it is a link over QUIC
        async with asyncio.timeout(PATIENCE):
            while sender._reset_error_code is None:
                await asyncio.sleep(0)
        user.speak()
        user.link.close(CloseReason.GOING_AWAY)
        assert await user.leaves() == LostReason.CLOSED_HERE


async def test_what_was_said_before_the_end_is_heard_when_its_user_reads_again(tmp_path: Path) -> None:
    """It has a moment for that, and then it hears the end."""
    async with Host().listens(tmp_path, Reserved) as host, hostile(host.port) as peer:
        chat = await peer.open_chat()
        peer.quic.send_stream_data(chat, b"hello")
        peer.transmit()
        user = await host.user()
        peer.quic.stop_stream(chat, CODE)
        peer.transmit()
        sender = user.link.quic.sender_of(chat)  # type: ignore[attr-defined] # it is a link over QUIC
        async with asyncio.timeout(PATIENCE):
            while sender._reset_error_code is None:
                await asyncio.sleep(0)
        user.go_on()
        await is_over(peer, user)
        assert b"".join(user.payloads) == b"hello"


class Stopping(QuicConnectionProtocol):
    """A server that opens the session, says something, and stops a stream of the client's."""

    which = ""
    h3: H3Connection

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.quic: Any = self._quic
        self._session: int | None = None

    def quic_event_received(self, event: QuicEvent) -> None:
        """Speak HTTP/3."""
        if isinstance(event, ProtocolNegotiated):
            self.h3 = H3Connection(self._quic, enable_webtransport=True)
            if self.which == "encoder":
                self._stop_early(6)
        for heard in self.h3.handle_event(event):
            if isinstance(heard, HeadersReceived):
                self._session = heard.stream_id
                answer = [(b":status", b"200"), (b"sec-webtransport-http3-draft", b"draft02")]
                self.h3.send_headers(heard.stream_id, answer)
            elif isinstance(heard, WebTransportStreamDataReceived):
                self._heard(heard.stream_id)
        if isinstance(event, StreamDataReceived):
            self.transmit()

    def _heard(self, stream: int) -> None:
        """Say something on the chat, or stop what is to be stopped."""
        if stream % 4 == 0:
            self.quic.send_stream_data(stream, b"z" * 60_000)
        if {"chat": 0, "second": 2}.get(self.which) == stream % 4:
            self.quic.stop_stream(stream, CODE)
        elif self.which == "session":
            assert self._session is not None
            self.quic.stop_stream(self._session, CODE)

    def _stop_early(self, stream: int) -> None:
        """Stop a stream with the end of the handshake."""
        self.quic._streams[stream] = QuicStream(stream_id=stream, writable=False)
        self.quic._streams_queue.append(self.quic._streams[stream])
        self.quic.stop_stream(stream, CODE)


@asynccontextmanager
async def stopping(which: str, folder: Path) -> AsyncIterator[tuple[str, ConnectOptions]]:
    """Run such a server; gives its address, and the options to connect with."""
    files = write(certificate_for(("127.0.0.1",)), folder)
    configuration = QuicConfiguration(is_client=False, alpn_protocols=["h3"], max_datagram_frame_size=65536)
    chain = folder / "chain.pem"
    chain.write_bytes((folder / "cert.pem").read_bytes() * 4)  # its handshake takes more than one datagram
    configuration.load_cert_chain(str(chain), files["tls_key"])
    kind = type("Kind", (Stopping,), {"which": which})
    server = await serve("127.0.0.1", 0, configuration=configuration, create_protocol=kind)
    try:
        port = server._transport.get_extra_info("sockname")[1]
        yield f"quic://127.0.0.1:{port}", ConnectOptions(tls_ca=files["tls_cert"], connect_timeout=PATIENCE)
    finally:
        server.close()


@pytest.mark.parametrize("which", ["chat", "second", "session"])
@pytest.mark.parametrize("held", [False, True], ids=["reads", "reads nothing for a while"])
async def test_connection_ends_when_the_server_stops_a_stream(tmp_path: Path, which: str, held: bool) -> None:
    """What it has said is heard, for a client that goes on reading; nothing is written to that stream any more."""
    users: list[Talker] = []

    def accept(link: Link) -> Talker:
        users.append((Reserved if held else Talker)(link))
        return users[0]

    async with stopping(which, tmp_path) as (url, options):
        link: Any = await _SHORT.connect(url, options, accept)
        user = users[0]
        if held:
            async with asyncio.timeout(PATIENCE):
                while not link._left:
                    user.speak()
                    await asyncio.sleep(0)
            user.speak()
            user.go_on()
        async with asyncio.timeout(PATIENCE):
            while not user.lost:
                user.speak()
                await asyncio.sleep(0)
        assert user.reason == LostReason.CLOSED_BY_PEER


async def test_client_says_that_it_is_no_server_when_a_stream_is_stopped_that_http_needs(tmp_path: Path) -> None:
    """In the datagram with the end of the handshake: the request cannot be sent."""
    async with stopping("encoder", tmp_path) as (url, options):
        with pytest.raises(ConnectionFailed, match="before it opened a WebTransport session"):
            await _SHORT.connect(url, options, User)
