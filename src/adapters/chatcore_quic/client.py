"""The client's side: finding the server, its certificate, the session, and one clear sentence for what can go wrong."""

from __future__ import annotations

import asyncio
import http
import os
import socket
import ssl
from dataclasses import dataclass
from typing import Any, Final, cast

from aioquic.h3.events import DataReceived, H3Event, HeadersReceived, WebTransportStreamDataReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.packet import QuicErrorCode
from aioquic.tls import Alert, verify_certificate
from cryptography import x509

from chatcore.errors import ConnectionFailed, UntrustedCertificate
from chatcore.ports.network_address import host_port
from chatcore.ports.server_address import server_address
from chatcore.ports.transport import Accept, ConnectOptions, Lost, LostReason
from chatcore_net.addresses import Address, address_of, in_turn, resolve
from chatcore_net.connecting import why_not
from chatcore_net.link import STALL_SECONDS, LinkSettings, LinkState, settings_of
from chatcore_quic.admission import PATH
from chatcore_quic.bounded_quic import Quic, configure
from chatcore_quic.h3 import ErrorCode
from chatcore_quic.link import QuicLink
from chatcore_quic.send_rounds import SendRounds
from chatcore_quic.sockets import open_datagrams, prepare
from chatcore_tls.certificate_names import is_for, is_for_others
from chatcore_tls.contexts import authorities_in
from chatcore_tls.fingerprints import is_pinned, key_fingerprint_of, not_pinned, untrusted
from chatcore_tls.names import ascii_host, tls_name
from chatcore_tls.pins import read_pins

_DEFAULT_PORTS: Final = {"https": 443, "quic": 8765}
# What aioquic says of a certificate outside its time, in the words of OpenSSL, which our WebSocket has.
_DATES: Final = {
    "Certificate is not valid yet": "certificate is not yet valid",
    "Certificate is no longer valid": "certificate has expired",
}
# How soon a server that seems to be gone has to give a sign of life, in seconds.
_SUSPECT_SECONDS: Final = 1.0
# A reason of a server is one line; more is a page.
_REASON_BYTES: Final = 200


@dataclass(frozen=True, slots=True)
class QuicAddress:
    """What an address says."""

    host: str
    port: int
    path: str

    def __str__(self) -> str:
        return host_port(self.host, self.port)


class QuicClientLink(QuicLink):
    """This client's connection to a server."""

    _serves = False

    def __init__(
        self,
        place: QuicAddress,
        quic: Quic,
        settings: LinkSettings,
        accept: Accept,
        deadline: float,
        *,
        pins: frozenset[str],
    ) -> None:
        super().__init__(quic, settings, accept, SendRounds(asyncio.get_running_loop()), deadline)
        self.place = place
        self.opened: asyncio.Future[None] = self._loop.create_future()
        """Done when the session is open."""
        self.udp = self.socket = _Socket(self, self._rounds)
        self._pins = pins
        self._error: ConnectionFailed | None = None
        self._status = ""
        """What came in the place of a session, and the words that came with it."""
        self._said = b""
        self._deserted = False
        """Whether the system said that nothing listens there."""

    def begin(self, address: Any) -> None:
        """Begin the handshake."""
        self.address = address_of(address)
        self.socket.peer = address
        self.quic.connect(address, self._loop.time())
        self.transmit()

    def abort(self) -> None:
        """Drop the connection at once: the program may end with this turn."""
        super().abort()
        self.transmit()

    def datagram_received(self, data: bytes, address: Any) -> None:
        """Take a datagram from the network."""
        if self._state is not LinkState.LOST and self.quic.is_reset(data):
            self._error = ConnectionFailed(
                "{place} does not know this connection any more: it was started anew, or had given it up",
                place=str(self.place),
            )
            super()._vanish(Lost(LostReason.RESTARTED))
        else:
            super().datagram_received(data, address)

    def unreachable(self, error: OSError) -> None:
        """Remember why the system could not deliver a datagram."""
        if self._state is LinkState.HANDSHAKE:
            self._error = _as_failure(error, self.place)
            self._vanish(Lost(LostReason.VANISHED))
        elif self._state is LinkState.OPEN and isinstance(error, ConnectionRefusedError):
            # Its machine says that the program is gone. Anybody could have said that, so it is asked once more.
            self._deserted = True
            self._due = self._liveness.hurry(self._loop.time(), _SUSPECT_SECONDS, heard=self.quic.heard)
            self.quic.send_ping(0)
            self._rounds.add(self)

    def _handshake_completed(self) -> None:
        assert self._h3 is not None  # aioquic insists on ALPN
        certificate = self.quic.tls._peer_certificate
        assert certificate is not None  # resumption is not offered
        self.key_fingerprint = key_fingerprint_of(certificate)
        self._error = self._distrust(certificate)
        if self._error is not None:
            self._end(Lost(LostReason.DROPPED_HERE), ErrorCode.H3_REQUEST_CANCELLED)
            return
        self._session = self.quic.get_next_available_stream_id()
        headers = [
            (":method", "CONNECT"),
            (":protocol", "webtransport"),
            (":scheme", "https"),
            (":authority", host_port(self.place.host.partition("%")[0], self.place.port)),
            (":path", self.place.path),
            ("sec-webtransport-http3-draft02", "1"),
        ]
        try:
            self._h3.send_headers(self._session, [(name.encode(), value.encode()) for name, value in headers])
        except Exception as error:  # the server has stopped a stream that HTTP/3 needs
            self._broken(error)

    def _distrust(self, certificate: x509.Certificate) -> UntrustedCertificate | None:
        """Return what is wrong with the server's certificate, if anything is; nothing was sent to it yet."""
        place = str(self.place)
        if self._pins:
            return None if is_pinned(certificate, self._pins) else not_pinned(place, certificate)
        trust = self.quic.configuration
        try:
            verify_certificate(
                certificate,
                self.quic.tls._peer_certificate_chain,
                cadata=trust.cadata,
                cafile=trust.cafile,
                capath=trust.capath,
            )
        except (Alert, ValueError) as error:
            return untrusted(place, _DATES.get(str(error)) or _readable(str(error)), certificate)
        host = self.place.host
        return None if is_for(certificate, tls_name(host)) else is_for_others(place, host, certificate)

    def _handle_h3(self, event: H3Event) -> None:
        if isinstance(event, HeadersReceived) and event.stream_id == self._session:
            status = int(dict(event.headers)[b":status"])
            if status < 200:
                return
            if status < 300 and not event.stream_ended:
                assert self._h3 is not None  # it brought the event
                self._open(self._h3.create_webtransport_stream(self._session))
                if not self.opened.done():
                    self.opened.set_result(None)
                return
            known = status in http.HTTPStatus.__members__.values()
            self._status = f"HTTP {status} {http.HTTPStatus(status).phrase}" if known else f"HTTP {status}"
            self._error = ConnectionFailed(
                "{place} answered {answer} instead of opening a WebTransport session",
                place=str(self.place),
                answer=self._status,
            )
            if event.stream_ended or not dict(event.headers).get(b"content-type", b"").startswith(b"text/plain"):
                self._end(Lost(LostReason.DROPPED_BY_PEER), ErrorCode.H3_NO_ERROR)
        elif isinstance(event, WebTransportStreamDataReceived):
            self._take_extra(event)

    def _take_capsule(self, event: DataReceived) -> None:
        if not self._status:
            super()._take_capsule(event)
            return
        self._said += event.data[: _REASON_BYTES + 1 - len(self._said)]
        if not event.stream_ended and len(self._said) <= _REASON_BYTES:
            return
        why = self._said.decode("utf-8", "replace").strip().rstrip(".")
        if why and len(self._said) <= _REASON_BYTES and "\n" not in why:
            self._error = ConnectionFailed(
                "{place} answered {answer} instead of opening a WebTransport session: {why}",
                place=str(self.place),
                answer=self._status,
                why=why,
            )
        self._end(Lost(LostReason.DROPPED_BY_PEER), ErrorCode.H3_NO_ERROR)

    def _vanish(self, lost: Lost) -> None:
        super()._vanish(Lost(LostReason.DESERTED) if self._deserted else lost)

    def _forget(self) -> None:
        self.socket.close()

    def _failed(self) -> None:
        if not self.opened.done():
            self.opened.set_exception(self._error or self._why_not_opened())
            self.opened.exception()  # nobody waits for it when connecting was given up

    def _why_not_opened(self) -> ConnectionFailed:
        ending, place = self.quic.ending, str(self.place)
        if ending is None or self.quic.fell_silent or self._loop.time() >= self._due:
            return _as_failure(TimeoutError(), self.place)
        phrase = ending.reason_phrase
        if ending.error_code in (QuicErrorCode.CONNECTION_REFUSED, ErrorCode.H3_EXCESSIVE_LOAD):
            if phrase:
                return ConnectionFailed("{place} refused the connection: {why}", place=place, why=phrase)
            return ConnectionFailed("{place} refused the connection", place=place)
        # HTTP/3 has codes of the same numbers, in frames of another type.
        alert = -1 if ending.frame_type is None else ending.error_code - QuicErrorCode.CRYPTO_ERROR
        if 0 <= alert < 256:
            return ConnectionFailed(
                "{place} does not speak TLS as expected ({why}); is it a WebTransport server?",
                place=place,
                why=_readable(phrase),
            )
        if ending.error_code == QuicErrorCode.INTERNAL_ERROR and "version" in phrase.lower():
            return ConnectionFailed("{place} does not speak this version of QUIC", place=place)
        return ConnectionFailed(
            "{place} hung up before it opened a WebTransport session; is it a WebTransport server?", place=place
        )


class _Socket(asyncio.DatagramProtocol):
    """The client's UDP socket."""

    def __init__(self, link: QuicClientLink, rounds: SendRounds) -> None:
        self.peer: Any = None
        self.made = False
        self._link = link
        self._rounds = rounds
        self._transport: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)  # uvloop's is not of asyncio's class
        self.made = True

    def connection_lost(self, error: Exception | None) -> None:
        del self._link  # or they would hold each other

    def datagram_received(self, data: bytes | str, address: Any) -> None:
        # The socket is connected: who else could it be?
        self._link.datagram_received(cast("bytes", data), self.peer)

    def error_received(self, error: Exception) -> None:
        if isinstance(error, OSError):
            self._link.unreachable(error)

    def pause_writing(self) -> None:
        self._rounds.choke()

    def resume_writing(self) -> None:
        self._rounds.unchoke()

    def send(self, data: bytes, address: Any) -> None:
        if not self._transport.is_closing():
            self._transport.sendto(data)

    def close(self) -> None:
        if self.made:
            self._transport.close()


async def connect(url: str, options: ConnectOptions, accept: Accept, close_timeout: float) -> QuicClientLink:
    """Connect; raises `ConnectionFailed` with one clear sentence when that is not possible."""
    place = _read_url(url)
    pins = read_pins(options.fingerprints)
    settings = settings_of(options, stall_timeout=STALL_SECONDS, close_timeout=close_timeout)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + options.connect_timeout
    failure: ConnectionFailed | None = None
    try:
        configuration = configure(
            client=True,
            interval=options.keepalive_interval,
            timeout=options.keepalive_timeout,
            server_name=tls_name(place.host),
        )
        configuration.verify_mode = ssl.CERT_NONE  # the link looks at it itself, as our WebSocket does
        if not pins:
            _trust(configuration, options.tls_ca)
        async with asyncio.timeout_at(deadline):
            addresses = await resolve(place.host, place.port, socket.SOCK_DGRAM)
            for address, share in in_turn(addresses, deadline):
                quic = Quic(configuration, peer_bidi=0)
                try:
                    return await _open(
                        QuicClientLink(place, quic, settings, accept, loop.time() + share, pins=pins), address
                    )
                except UntrustedCertificate:
                    raise
                except (ConnectionFailed, OSError) as error:
                    failure = failure or _as_failure(error, place)
    except (OSError, UnicodeError) as error:
        raise _as_failure(error, place) from error
    raise failure or ConnectionFailed("the host {host} has no address", host=place.host)


async def _open(link: QuicClientLink, address: Address) -> QuicClientLink:
    family, kind, number, _, where = address
    sock = socket.socket(family, kind, number)
    try:
        prepare(sock)
        sock.connect(where)
    except BaseException:
        sock.close()
        raise
    await open_datagrams(link.socket, sock)
    try:
        link.begin(where)
        await link.opened
        return link
    except BaseException:
        link.abort()
        raise
    finally:
        del link  # which holds its error, which holds where it was raised


def _read_url(url: str) -> QuicAddress:
    like = "quic://example.org:8765"
    address = server_address(url, like=like)
    try:
        port = address.port or _DEFAULT_PORTS[address.scheme]
        path = PATH + address.target if address.target[:1] in ("", "?") else address.target
        path.encode("ascii")
        return QuicAddress(ascii_host(address.host), port, path)
    except (KeyError, UnicodeError):
        raise ConnectionFailed("{url} is not the address of a QUIC server, like {like}", url=url, like=like) from None


def _trust(configuration: QuicConfiguration, ca: str | None) -> None:
    """Trust the system's authorities, or those in the file `ca`."""
    if ca is None:
        paths = ssl.get_default_verify_paths()
        directory = paths.capath if paths.capath and os.listdir(paths.capath) else None
        if paths.cafile or directory:  # where there are none, aioquic brings its own
            configuration.load_verify_locations(paths.cafile, directory)
        return
    configuration.load_verify_locations(cadata=authorities_in(ca))


def _as_failure(error: Exception, place: QuicAddress) -> ConnectionFailed:
    if isinstance(error, ConnectionFailed):
        return error
    failure = why_not(error, place.host, place.port)
    failure.__cause__ = error
    return failure


def _readable(phrase: str) -> str:
    return phrase[:1].lower() + phrase[1:] if phrase else "no reason given"
