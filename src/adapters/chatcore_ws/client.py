"""The client's side: finding the server, the handshake, and one clear sentence for what can go wrong."""

from __future__ import annotations

import asyncio
import http
import socket
import ssl
from contextlib import suppress
from dataclasses import replace
from typing import Final
from urllib.parse import urljoin

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidStatus, InvalidURI
from websockets.http11 import Response
from websockets.protocol import CLIENT, OPEN
from websockets.uri import WebSocketURI, parse_uri

from chatcore.errors import ConnectionFailed, UntrustedCertificate
from chatcore.ports.network_address import host_port
from chatcore.ports.server_address import ascii_name, server_address, without_login
from chatcore.ports.transport import Accept, ConnectOptions, Lost, LostReason
from chatcore.text.safe_text import harmless
from chatcore_net.connecting import reach, why_not
from chatcore_net.link import LinkState
from chatcore_net.sockets import prepare_stream
from chatcore_tls.names import tls_name
from chatcore_ws.common import HttpHead, WsSettings
from chatcore_ws.frames import client_frame, logger
from chatcore_ws.link import WsLink

_WRONG_NAMES: Final = frozenset({62, 64})  # X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH of OpenSSL
_REASON_CHARS: Final = 200
"""Longest reason of a server that is repeated."""
_TLS_ALERT: Final = b"\x15\x03"  # how a server that waits for TLS begins its answer to anything else (RFC 8446, 5.1)


class WsClientLink(WsLink):
    """This client's connection to a server."""

    __slots__ = ("_head", "_pins", "opened", "place")

    format = "ws-client"
    side = CLIENT
    frame = staticmethod(client_frame)

    def __init__(
        self,
        place: str,
        protocol: ClientProtocol,
        settings: WsSettings,
        accept: Accept,
        deadline: float,
        *,
        pins: frozenset[str],
    ) -> None:
        super().__init__(settings, accept, deadline)
        self.handshake = protocol
        self._head = HttpHead()
        self.place = place
        self._pins = pins
        self.opened: asyncio.Future[None] = self._loop.create_future()
        """Done when the handshake is."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin the handshake."""
        super().connection_made(transport)
        if not self._is_trusted(transport):
            return
        assert isinstance(self.protocol, ClientProtocol)
        self.protocol.send_request(self.protocol.connect())
        self._emit(b"".join(self.protocol.data_to_send()))

    def _handshake(self, data: bytes) -> None:
        """Take the HTTP response; what follows its head is frames if it is the right one."""
        protocol = self.protocol
        if not self._head.size and data.startswith(_TLS_ALERT):
            self._fail(None)
            self._drop(Lost(LostReason.BAD_DATA))
            return
        data, rest = self._head.cut(data)
        protocol.receive_data(data)
        if protocol.state is OPEN:
            protocol.events_received()
            self._open()
            if not self.opened.done():
                self.opened.set_result(None)
            if rest:
                self.data_received(rest)
            return
        if rest and protocol.handshake_exc is None:
            protocol.receive_data(rest)
        if protocol.handshake_exc is not None:
            self._fail(protocol.handshake_exc)
            self._drop(Lost(LostReason.BAD_DATA))

    def _ended(self, was: LinkState, error: Exception | None) -> None:
        if was is LinkState.HANDSHAKE and not self.opened.done():
            self.protocol.receive_eof()
            failure = self.protocol.handshake_exc
            self._fail(failure if isinstance(failure, InvalidStatus) else None)
        super()._ended(was, error)

    def _fail(self, error: Exception | None) -> None:
        if self.opened.done():
            return
        if isinstance(error, InvalidStatus):
            status = error.response.status_code
            known = status in http.HTTPStatus.__members__.values()
            answer = f"HTTP {status} {http.HTTPStatus(status).phrase}" if known else f"HTTP {status}"
            failure = self._refused(error.response, answer)
        elif error is None:
            failure = _hung_up(self.place, encrypted=self.transport == "wss")
        else:
            failure = ConnectionFailed("{place} does not speak WebSocket", place=self.place)
        self._give_up(failure)

    def _refused(self, response: Response, answer: str) -> ConnectionFailed:
        """Return what is wrong with an answer, and what would help, as far as it says."""
        why, there = _words(response), self._sent_on(response)
        if there is not None:
            return ConnectionFailed(
                "{place} answered {answer} instead of opening a WebSocket; it names another address: {url}",
                place=self.place,
                answer=answer,
                url=there,
            )
        if why:
            return ConnectionFailed(
                "{place} answered {answer} instead of opening a WebSocket: {why}",
                place=self.place,
                answer=answer,
                why=why,
            )
        if response.status_code == http.HTTPStatus.BAD_REQUEST and self.transport == "ws":
            return ConnectionFailed(
                "{place} answered {answer} instead of opening a WebSocket; if it is encrypted, use wss:// or chat://",
                place=self.place,
                answer=answer,
            )
        return ConnectionFailed(
            "{place} answered {answer} instead of opening a WebSocket", place=self.place, answer=answer
        )

    def _sent_on(self, response: Response) -> str | None:
        """Return where an answer sends whoever asked (RFC 9110, section 15.4), as the address of a WebSocket."""
        named = response.headers.get_all("Location")
        if (
            not http.HTTPStatus.MULTIPLE_CHOICES <= response.status_code < http.HTTPStatus.BAD_REQUEST
            or len(named) != 1
        ):
            return None
        assert isinstance(self.protocol, ClientProtocol)
        asked = self.protocol.uri
        scheme = "https" if asked.secure else "http"
        with suppress(ValueError):
            there = urljoin(f"{scheme}://{host_port(asked.host, asked.port)}{asked.resource_name}", named[0])
            if there.startswith(("http://", "https://")) and len(there) <= _REASON_CHARS and harmless(there) == there:
                return f"ws{there.removeprefix('http')}"
        return None

    def _give_up(self, error: ConnectionFailed) -> None:
        self.opened.set_exception(error)
        self.opened.exception()  # nobody waits for it when connecting was given up

    def _is_trusted(self, transport: asyncio.BaseTransport) -> bool:
        """Look at the server's certificate, if it has one: it may have to be one that was named."""
        tls = transport.get_extra_info("ssl_object")
        if tls is None:
            return True
        from cryptography import x509  # noqa: PLC0415

        from chatcore_tls.fingerprints import is_pinned, key_fingerprint_of, not_pinned  # noqa: PLC0415

        certificate = x509.load_der_x509_certificate(tls.getpeercert(binary_form=True))
        self.key_fingerprint = key_fingerprint_of(certificate)
        if self._pins and not is_pinned(certificate, self._pins):
            self._give_up(not_pinned(self.place, certificate))
            self._drop(Lost(LostReason.DROPPED_HERE))
            return False
        return True


async def connect(
    url: str, options: ConnectOptions, accept: Accept, close_timeout: float, message_timeout: float
) -> WsClientLink:
    """Connect; raises `ConnectionFailed` with one clear sentence when that is not possible."""
    like = "ws://example.org:8765"
    address = server_address(url, userinfo=True, like=like)
    try:
        uri = parse_uri(url)
        if not address.host.isascii():
            uri = replace(uri, host=ascii_name(address.host))  # which the library takes for another name now and then
    except (InvalidURI, ValueError) as error:
        raise ConnectionFailed(
            "{url} is not the address of a WebSocket server, like {like}", url=without_login(url), like=like
        ) from error
    named = replace(uri, host=uri.host.partition("%")[0])
    if ":" in address.host:
        uri = replace(uri, host=address.host)  # with its zone, if it has one, which a server is not told
    place = host_port(uri.host, uri.port)
    pins: frozenset[str] = frozenset()
    context = None
    if uri.secure:
        # Loaded late: a client without encryption starts sooner without it.
        from chatcore_tls.contexts import client_context  # noqa: PLC0415
        from chatcore_tls.pins import read_pins  # noqa: PLC0415

        pins = read_pins(options.fingerprints)
        context = client_context(options.tls_ca, pinned=bool(pins))
    settings = WsSettings(
        transport="wss" if uri.secure else "ws",
        object_bytes=options.object_bytes,
        buffer_bytes=options.buffer_bytes,
        keepalive_interval=options.keepalive_interval,
        keepalive_timeout=options.keepalive_timeout,
        stall_timeout=0,
        close_timeout=close_timeout,
        message_timeout=message_timeout,
    )
    loop = asyncio.get_running_loop()
    deadline = loop.time() + options.connect_timeout
    link = WsClientLink(place, ClientProtocol(named, logger=logger), settings, accept, deadline, pins=pins)
    try:
        async with asyncio.timeout_at(deadline):
            sock = await reach(uri.host, uri.port, deadline, lambda sock: prepare_stream(sock, options.buffer_bytes))
            try:
                await _shake_hands(loop, link, sock, context, uri)
            except ssl.SSLCertVerificationError as error:
                raise await _untrusted(uri, error) from error
    except (OSError, UnicodeError) as error:
        raise _why_not(error, uri) from error
    return link


async def _shake_hands(
    loop: asyncio.AbstractEventLoop,
    link: WsClientLink,
    sock: socket.socket,
    context: ssl.SSLContext | None,
    uri: WebSocketURI,
) -> None:
    try:
        name = tls_name(uri.host) if uri.secure else None
        await loop.create_connection(lambda: link, sock=sock, ssl=context, server_hostname=name)
        await link.opened
    except BaseException:
        if link.made:  # its socket is asyncio's, which says good-bye to TLS, whether or not we were told of the link
            link.abort()
        else:
            sock.close()
        raise


async def _untrusted(uri: WebSocketURI, error: ssl.SSLCertVerificationError) -> UntrustedCertificate:
    """Return the error with the fingerprints of what the server shows: whoever wants to trust it needs them."""
    from cryptography import x509  # noqa: PLC0415

    from chatcore_tls.certificate_names import is_for_others  # noqa: PLC0415
    from chatcore_tls.contexts import client_context  # noqa: PLC0415
    from chatcore_tls.fingerprints import untrusted  # noqa: PLC0415

    place = host_port(uri.host, uri.port)
    context = client_context(None, pinned=True)
    name = tls_name(uri.host)
    try:
        _reader, writer = await asyncio.open_connection(uri.host, uri.port, ssl=context, server_hostname=name)
    except OSError:
        return untrusted(place, error.verify_message, None)
    shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.transport.abort()
    certificate = x509.load_der_x509_certificate(shown)
    if error.verify_code in _WRONG_NAMES:
        return is_for_others(place, uri.host, certificate)
    return untrusted(place, error.verify_message, certificate)


def _words(response: Response) -> str:
    """Return the one line that a server says about its refusal; nothing when it is a page or more than a line."""
    if not response.headers.get("Content-Type", "").startswith("text/plain"):
        return ""
    text = bytes(response.body or b"").decode("utf-8", "replace").strip()
    return text.rstrip(".") if len(text) <= _REASON_CHARS and "\n" not in text else ""


def _hung_up(place: str, *, encrypted: bool) -> ConnectionFailed:
    if encrypted:
        return ConnectionFailed("{place} hung up before it opened a WebSocket; is it a WebSocket server?", place=place)
    return ConnectionFailed(
        "{place} hung up before it opened a WebSocket; if it is encrypted, use wss:// or chat://", place=place
    )


def _why_not(error: Exception, uri: WebSocketURI) -> ConnectionFailed:
    place = host_port(uri.host, uri.port)
    if isinstance(error, ssl.SSLError):
        why = error.reason or str(error)
        return ConnectionFailed(
            "{place} does not speak TLS as expected ({why}); is it a wss:// server?", place=place, why=why
        )
    if isinstance(error, ConnectionError) and not isinstance(error, ConnectionRefusedError):
        if uri.secure:
            return ConnectionFailed("{place} hung up before it opened a WebSocket; is it a wss:// server?", place=place)
        return _hung_up(place, encrypted=False)
    return why_not(error, uri.host, uri.port)
