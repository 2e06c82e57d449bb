"""The server's side: listening, the session's request, and how many connections there may be."""

from __future__ import annotations

import asyncio
import socket
from typing import Any, Final
from urllib.parse import urlsplit

from aioquic.h3.events import H3Event, Headers, HeadersReceived, WebTransportStreamDataReceived

from chatcore.ports.network_address import host_port
from chatcore.ports.transport import Accept, ListenOptions, Lost, LostReason
from chatcore_net.addresses import address_of
from chatcore_net.binding import bind
from chatcore_net.entrance import CROWDED, CROWDED_ADVICE, DENIED, DENIED_ADVICE, Entrance
from chatcore_net.link import LinkSettings, LinkState, settings_of
from chatcore_net.listener import Links
from chatcore_net.origins import UNKNOWN_HOST, UNKNOWN_ORIGIN, Origins
from chatcore_quic.admission import PATH, judge
from chatcore_quic.bounded_quic import MAX_STREAMS, Quic, configure, logger
from chatcore_quic.endpoint import Registry, UdpSocket
from chatcore_quic.h3 import ErrorCode
from chatcore_quic.link import QuicLink
from chatcore_quic.reset import Resets
from chatcore_quic.send_rounds import SendRounds
from chatcore_quic.sockets import open_datagrams, prepare
from chatcore_tls.certificates import QUIC_CURVES, Certificates, certificates_for

_STATUS_TEXTS: Final = {405: [(b"allow", b"CONNECT")]}


def _words(headers: Headers) -> bytes:
    """Return what somebody is told who may not connect."""
    return (UNKNOWN_ORIGIN if any(name == b"origin" for name, _value in headers) else UNKNOWN_HOST).encode()


class QuicServerLink(QuicLink):
    """A client's connection to this server."""

    _serves = True

    def __init__(self, listener: QuicListener, udp: UdpSocket, quic: Quic, address: Any) -> None:
        deadline = asyncio.get_running_loop().time() + listener.options.handshake_timeout
        super().__init__(quic, listener.settings, listener.accept, listener.rounds, deadline)
        self.address = address_of(address)
        self._peer = address
        self.udp = udp
        self.cids: list[bytes] = []
        self.told = False
        """Whether the end was told to the user, if there was one."""
        self._listener = listener
        self._half_open = True
        listener.registry.half_open += 1
        self._last_packet = b""

    def begin(self, data: bytes, address: Any) -> bool:
        """Take the first datagram; returns False when there was nothing to it."""
        try:
            self.quic.receive_datagram(data, address, self._loop.time())
        except Exception as error:
            logger.debug("aioquic failed", exc_info=error)
        if not self.quic.began:
            self._state = LinkState.LOST
            self._over_now()
            return False
        self._pump(self._loop.time())
        return True

    def give_up_handshake(self) -> None:
        """Drop the connection unless it has a user."""
        if self._state is LinkState.HANDSHAKE:
            self.abort()

    def _handshake_completed(self) -> None:
        self._not_half_open()
        # Counted from here on: before, anybody can have sent packets in the name of this address.
        entrance = self._listener.entrance
        place = entrance.place_of(self.address)
        if entrance.has_room(place):
            entrance.came(self, place)
        else:
            self._listener.options.turned_away(self.address, "crowded", CROWDED_ADVICE)
            self._end(Lost(LostReason.DROPPED_HERE), ErrorCode.H3_EXCESSIVE_LOAD, CROWDED)

    def _not_half_open(self) -> None:
        if self._half_open:
            self._half_open = False
            self._listener.registry.half_open -= 1

    def _handle_h3(self, event: H3Event) -> None:
        if isinstance(event, HeadersReceived):
            self._answer(event)
        elif isinstance(event, WebTransportStreamDataReceived):
            bidirectional = event.stream_id % 4 == 0
            if self._chat is None and bidirectional and event.session_id == self._session is not None:
                self._begin_chat(event)
            else:
                self._take_extra(event)

    def _begin_chat(self, event: WebTransportStreamDataReceived) -> None:
        stopped = self.quic.is_stopped(event.stream_id)
        self._open(event.stream_id)
        # These bytes were counted as consumed when they came with the stream's head.
        self.quic.consumed(-len(event.data), chat=False)
        self._take_data(event.data, ended=event.stream_ended)
        if stopped:  # before anybody knew that it is the chat's
            self._interrupted()

    def _answer(self, event: HeadersReceived) -> None:
        """Answer a request: the first good one opens the session."""
        assert self._h3 is not None  # it brought the request
        status, why = judge(event.headers, self._listener.origins, self._peer)
        if status == 200 and self._session is not None:
            status, why = 429, "a session has a connection to itself"
        more: list[tuple[bytes, bytes]] = []
        if status == 200:
            self._session = event.stream_id
            more = [(b"sec-webtransport-http3-draft", b"draft02")]
        words = _words(event.headers) if status == 403 else b""
        if words:
            more = [(b"content-type", b"text/plain; charset=utf-8")]
        headers = [(b":status", str(status).encode()), *more, *_STATUS_TEXTS.get(status, [])]
        try:
            self._h3.send_headers(event.stream_id, headers, end_stream=status != 200 and not words)
            if words:
                self._h3.send_data(event.stream_id, words, end_stream=True)
        except Exception as error:  # the peer does not want the answer
            self._broken(error)
            return
        if status != 200:
            self._listener.options.turned_away(self.address, f"HTTP {status}", why)
            self._count_refusal()
            if not event.stream_ended:
                self.quic.stop_stream(event.stream_id, ErrorCode.H3_NO_ERROR)

    def _cid_issued(self, cid: bytes) -> None:
        self._listener.registry.add(self, cid)

    def _cid_retired(self, cid: bytes) -> None:
        self._listener.registry.retire(self, cid)

    def _flush(self, now: float) -> None:
        if self._state is not LinkState.LOST:
            super()._flush(now)
            return
        for data, address in self.quic.datagrams_to_send(now):
            if not self.quic.oversent:
                self.udp.send(data, address)
                self._last_packet = data

    def _forget(self) -> None:
        self._not_half_open()
        self._listener.registry.remove(self, self._last_packet)
        self._listener.link_over(self)

    def _gone(self) -> None:
        self._listener.link_gone(self)


class QuicListener:
    """A listening WebTransport server."""

    def __init__(
        self, options: ListenOptions, accept: Accept, certificates: Certificates, settings: LinkSettings
    ) -> None:
        self.options = options
        self.accept = accept
        self.settings = settings
        self.certificates = certificates
        self.url = ""
        self.endpoint = ""
        """The same for browsers: `https://host:port/chat`."""
        self.links: set[QuicServerLink] = set()
        self.stopped = False
        self.origins = Origins(options.origins, options.addresses, certificates.are_for)
        self.entrance = Entrance(options)
        self._loop = asyncio.get_running_loop()
        self.registry: Registry
        self.rounds = SendRounds(self._loop)
        self._configuration = configure(
            client=False, interval=settings.keepalive_interval, timeout=settings.keepalive_timeout
        )
        self._sockets: list[tuple[UdpSocket, asyncio.Event]] = []
        self._unfinished: Links[QuicServerLink] = Links()
        """Those whose user was not told the end, or whose last packet is not sent."""

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the certificate in use, in hex: what browsers call `serverCertificateHashes`."""
        return self.certificates.current().fingerprint

    @property
    def next_fingerprint(self) -> str | None:
        """The same of the certificate that will be used next, if that is known."""
        return self.certificates.next_fingerprint()

    @property
    def key_fingerprint(self) -> str:
        """SHA-256 over the public key, in hex: the same for every certificate that this server makes."""
        return self.certificates.current().key_fingerprint

    async def start(self) -> None:
        """Bind and listen."""
        key = self.certificates.current().key
        host = self.options.host
        sockets = await bind(host, self.options.port, socket.SOCK_DGRAM, self.options.sockets)
        port = sockets[0].getsockname()[1]
        self.url = f"quic://{host_port(host, port)}"
        self.endpoint = f"https://{host_port(host, port)}{PATH}"
        self.registry = Registry(self._loop, Resets(key, self.url))
        try:
            for sock in sockets:
                prepare(sock)
                gone = asyncio.Event()
                udp = UdpSocket(self.registry, self, self.rounds, gone)
                await open_datagrams(udp, sock)
                self._sockets.append((udp, gone))
        except BaseException:
            for udp, _gone in self._sockets:
                udp.close()
            for sock in sockets[len(self._sockets) :]:
                sock.close()
            raise

    def about(self) -> dict[str, Any]:
        """Return what a client may want to know before it connects."""
        told = {"transport": "quic", "port": urlsplit(self.url).port, "encrypted": True, "path": PATH}
        return told | self.certificates.about()

    def stop_accepting(self) -> None:
        """Take no new connections; the present ones stay."""
        self.stopped = True

    async def wait_closed(self) -> None:
        """Stop accepting and wait until every connection is gone; those that linger are dropped."""
        self.stop_accepting()
        for link in list(self.links):
            link.give_up_handshake()
        await self._unfinished.wait_gone(self.settings.close_timeout + 1)
        for udp, gone in self._sockets:
            udp.close()
            await gone.wait()
        self._sockets.clear()

    # What the sockets ask.

    def refusal(self, address: Any) -> str | None:
        """Return why somebody at this address cannot come in at present, for people."""
        if self.stopped:
            return "the server is shutting down"
        text = address_of(address)
        if not self.entrance.lets_in(text):
            self.options.turned_away(text, "denied", DENIED_ADVICE)
            return DENIED
        if self.options.connections.total >= self.options.max_connections:
            self.options.turned_away(text, "full", "there are as many connections as --max-connections allows")
            return "the server is full"
        if not self.entrance.has_room(self.entrance.place_of(text)):
            self.options.turned_away(text, "crowded", CROWDED_ADVICE)
            return CROWDED
        return None

    def admit(self, udp: UdpSocket, data: bytes, address: Any, original: bytes, retried: bytes | None) -> None:
        """Make a connection for a stranger's first packet."""
        certificate = self.certificates.current()
        self.registry.resets.follow(certificate.key)
        configuration = self._configuration
        configuration.certificate = certificate.certificate
        configuration.certificate_chain = certificate.chain
        configuration.private_key = certificate.key
        quic = Quic(
            configuration,
            peer_bidi=MAX_STREAMS,
            original_destination_connection_id=original,
            retry_source_connection_id=retried,
            token=self.registry.resets.token,
        )
        link = QuicServerLink(self, udp, quic, address)
        self.links.add(link)
        self.options.connections.add(files=0)
        self._unfinished.add(link)
        self.registry.add(link, original if retried is None else retried)
        self.registry.add(link, quic.host_cid)
        if not link.begin(data, address):
            self.link_gone(link)

    # What the links tell.

    def link_over(self, link: QuicServerLink) -> None:
        """Forget the names of a link that sends nothing more."""
        if link in self.links:
            self.links.discard(link)
            self.options.connections.remove(files=0)
        self.entrance.went(link)
        self._finished(link)

    def link_gone(self, link: QuicServerLink) -> None:
        """Forget a link whose user was told its end."""
        link.told = True
        self._finished(link)

    def _finished(self, link: QuicServerLink) -> None:
        if link.told and link not in self.links:
            self._unfinished.discard(link)


async def listen(options: ListenOptions, accept: Accept, close_timeout: float) -> QuicListener:
    """Listen; raises `ConfigurationError` with one clear sentence when that is not possible."""
    settings = settings_of(options, stall_timeout=options.stall_timeout, close_timeout=close_timeout)
    listener = QuicListener(options, accept, certificates_for(options, QUIC_CURVES), settings)
    await listener.start()
    return listener
