"""The server's side: listening, the handshake, and how many connections there may be."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import InvalidMessage
from websockets.http11 import Request, Response
from websockets.protocol import OPEN, SERVER, Protocol
from websockets.server import ServerProtocol

from chatcore.errors import ErrorCode, Sentence
from chatcore.ports.transport import Accept, ListenOptions, Lost, LostReason
from chatcore_net.addresses import address_of
from chatcore_net.entrance import CROWDED_ADVICE, DENIED_ADVICE
from chatcore_net.link import LinkState
from chatcore_net.listener import StreamListener
from chatcore_net.origins import UNKNOWN_HOST, UNKNOWN_ORIGIN, Origins, advice, page_places
from chatcore_net.sockets import prepare_stream
from chatcore_ws.common import HttpHead, WsSettings
from chatcore_ws.frames import logger, server_frame
from chatcore_ws.link import WsLink
from chatcore_ws.liveness import MachineAnswers
from chatcore_ws.records import Records
from chatcore_ws.upgrade import Upgrade, accepted, usual_upgrade
from chatcore_ws.web import WebFiles, places_here, quic_ports

if TYPE_CHECKING:
    from chatcore_tls.contexts import ServerTls

HEAD_BYTES: Final = 16 * 1024
"""Longest HTTP request."""
ABOUT_PATH: Final = "/.well-known/chatcore"
"""Where a server says what it is and what else it offers (RFC 8615)."""
_MOST_ADDRESSES: Final = 32  # in one header
_REFUSE_SECONDS: Final = 1.0
_SHORT_BYTES: Final = 1024
# What is said to whoever asks for something else than a WebSocket, by HTTP status. Nothing that they sent is in it.
_NO_WEBSOCKET: Final = {
    400: "This is no complete WebSocket handshake (RFC 6455, version 13).\n",
    405: "This is a chat server. It has no pages and takes nothing but WebSockets.\n",
    426: (
        "This is a chat server, and no web page.\n"
        "Join it with a chat program: chatcore connect chat://HOST:PORT, with this server's address for HOST:PORT.\n"
    ),
    505: "This is a chat server. It speaks HTTP/1.1.\n",
}


# Reasons of OpenSSL. What the peer gives as one (`..._ALERT_...`) is none to tell: that is how trust is tried out.
_NO_TLS: Final = frozenset({"HTTP_REQUEST", "WRONG_VERSION_NUMBER"})
_OTHER_TLS: Final = frozenset(
    {
        "NO_SHARED_CIPHER",
        "NO_SHARED_GROUP",
        "NO_SHARED_SIGNATURE_ALGORITHMS",
        "NO_SUITABLE_KEY_SHARE",
        "NO_SUITABLE_SIGNATURE_ALGORITHM",
        "UNSUPPORTED_PROTOCOL",
        "VERSION_TOO_LOW",
    }
)
_TLS_HANDSHAKE: Final = b"\x16\x03"  # how TLS begins (RFC 8446, section 5.1)
REFUSAL: Final = "Chatcore-Refusal"
"""The field of an answer that says why nobody is let in: a status may as well be that of a proxy."""
# Why there is no room: the HTTP status (RFC 9110, section 15.6.4; RFC 6585, section 4), and in words.
_NO_ROOM: Final = {
    ErrorCode.SHUTTING_DOWN: (503, "The server is shutting down.\n"),
    ErrorCode.SERVER_FULL: (503, "The server is full.\n"),
    ErrorCode.FORBIDDEN: (403, "Nobody may come in from your network address.\n"),
    ErrorCode.TOO_MANY_CONNECTIONS: (429, "There are too many connections from your network address.\n"),
}
_UNREADABLE: Final = "This is no request that a chat server reads: of HTTP/1.1, and without a body.\n"
# What no method of HTTP begins like (RFC 9112, section 3.1; empty lines may come before it, section 2.2).
_NO_METHOD: Final = re.compile(rb"[\r\n]*[^\r\n!#$%&'*+.^_`|~0-9A-Za-z-]")
# Both versions of it begin a connection (haproxy.org, doc/proxy-protocol.txt, 2.1 and 2.2).
_PROXY_PROTOCOL: Final = (b"PROXY ", b"\r\n\r\n\x00\r\nQUIT\n")
_NO_PROXY_PROTOCOL: Final = (
    "it is a proxy that speaks the PROXY protocol, and the server does not; let it add X-Forwarded-For, and name it "
    "with --trust-proxy"
)


_TINY_RECORDS: Final = Lost(LostReason.BAD_DATA, Sentence("TLS records of a few bytes"))


class WsServerLink(WsLink):
    """A client's connection to this server."""

    __slots__ = ("_head", "_listener", "_refuse")

    format = "ws-server"
    side = SERVER
    frame = staticmethod(server_frame)

    def __init__(self, listener: WsListener, deadline: float, *, refuse: ErrorCode | None) -> None:
        super().__init__(listener.settings, listener.accept, deadline)
        self._head: HttpHead | None = HttpHead()
        """None once it is over."""
        self._listener = listener
        self._refuse = refuse

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin the handshake."""
        super().connection_made(transport)
        if self not in self._listener.links:
            self.abort()  # given up in the meantime

    def _begin_handshake(self) -> Protocol:
        return ServerProtocol(logger=logger)

    def _handshake(self, data: bytes) -> None:
        """Take the HTTP request; what follows its end waits until it is answered."""
        head = self._head
        assert head is not None
        if not head.size and data.startswith(_TLS_HANDSHAKE):
            self._turn_away("tls", "it speaks TLS; use ws:// there, or start the server with --tls")
            self._drop(Lost(LostReason.SPEAKS_TLS))  # or it waits for an answer
            return
        if not head.size and data.startswith(_PROXY_PROTOCOL):
            self._turn_away("proxy", _NO_PROXY_PROTOCOL)
            self._drop(Lost(LostReason.BAD_DATA))
            return
        first = not head.size
        data, rest = head.cut(data)
        upgrade = usual_upgrade(data) if first else None
        if upgrade is not None and self._allows(upgrade):
            self._welcome(accepted(upgrade.key, time.time()), rest)
            return
        protocol = self.protocol
        assert isinstance(protocol, ServerProtocol)
        no_http = first and _NO_METHOD.match(data) is not None and b" HTTP/" not in data
        if no_http:  # such a peer does not end a line either: it would wait for the answer
            protocol.send_response(protocol.reject(400, _NO_WEBSOCKET[400]))
        elif head.size > HEAD_BYTES:
            protocol.send_response(protocol.reject(431, f"The request is longer than {HEAD_BYTES} bytes.\n"))
        else:
            protocol.receive_data(data)
        if no_http or protocol.handshake_exc is not None or head.size > HEAD_BYTES:
            self._turn_away("http", f"it sends no HTTP request of {HEAD_BYTES} bytes or less without a body")
        if isinstance(protocol.handshake_exc, InvalidMessage):  # of which the library says nothing to whoever sent it
            self.handshake = protocol = ServerProtocol(logger=logger)
            protocol.send_response(protocol.reject(400, _UNREADABLE))
        patience = _REFUSE_SECONDS
        for request in protocol.events_received():
            assert isinstance(request, Request)  # frames come after the answer
            response = self._answer(protocol, request)
            protocol.send_response(response)
            if len(response.body) > _SHORT_BYTES:  # a file takes its time on a slow network
                patience = self._settings.message_timeout
        if protocol.state is OPEN:
            self._welcome(b"".join(protocol.data_to_send()), rest)
        elif protocol.writes:
            self._set_timer(self._loop.time() + patience)
            self._say_the_last()

    def _allows(self, upgrade: Upgrade) -> bool:
        """Tell whether there is nothing to say to a usual request but yes."""
        listener = self._listener
        return (
            not (listener.stopped or self._refuse or listener.entrance.is_proxy(self.address))
            and not upgrade.path.partition("?")[0].endswith(ABOUT_PATH)
            and listener.origins.allows(upgrade.origins, upgrade.hosts, self._transport.get_extra_info("peername"))
            and listener.entrance.may_stay(self)
        )

    def _welcome(self, answer: bytes, rest: bytes) -> None:
        """End the handshake well; what came behind it are frames."""
        self._listener.entrance.stays(self)
        self._emit(answer)
        self._head = None
        self._open()
        if rest:
            self.data_received(rest)

    def _answer(self, protocol: ServerProtocol, request: Request) -> Response:
        why = ErrorCode.SHUTTING_DOWN if self._listener.stopped else self._refuse or self._forwarded(request)
        if why is not None:
            return _no_room(protocol, why)
        path, _, query = request.path.partition("?")
        about = self._listener.options.about
        if about is not None and path.endswith(ABOUT_PATH):  # a proxy may have put something before it
            return self._about_response(protocol, request, about, query)
        if self._listener.web and "Upgrade" not in request.headers:
            return self._listener.web.answer(protocol, request, path, query, self._listener.page_may_reach(request))
        origins, hosts = request.headers.get_all("Origin"), request.headers.get_all("Host")
        rule, peer = self._listener.origins, self._transport.get_extra_info("peername")
        allowed = rule.allows(origins, hosts, peer)
        if not allowed and origins:
            self._turn_away("origin", advice(origins, hosts))
            return protocol.reject(403, UNKNOWN_ORIGIN)
        response = protocol.accept(request)
        if response.status_code != 101:
            if "Upgrade" in request.headers:  # others are no mistakes: somebody looks what there is
                self._turn_away("handshake", f"its WebSocket handshake is wrong: {protocol.handshake_exc}")
            return _in_plain_words(_with_version(response, request), request.method)
        if not allowed:
            self._turn_away("host", advice(origins, hosts))
            return protocol.reject(403, UNKNOWN_HOST)
        if not self._listener.entrance.may_stay(self):
            self._turn_away("crowded", CROWDED_ADVICE)
            return _no_room(protocol, ErrorCode.TOO_MANY_CONNECTIONS)
        if self._listener.entrance.is_proxy(self.address) and "X-Forwarded-For" not in request.headers:
            self._listener.entrance.came_unnamed(self.address)
        return response

    def _about_response(
        self, protocol: ServerProtocol, request: Request, about: Callable[[], Mapping[str, Any]], query: str
    ) -> Response:
        rule, peer = self._listener.origins, self._transport.get_extra_info("peername")
        hosts = request.headers.get_all("Host")
        if not rule.knows(hosts, peer):
            self._turn_away("host", advice([], hosts))
            response = protocol.reject(403, UNKNOWN_HOST)
            response.headers[REFUSAL] = "unknown_host"
            return response
        # A page is not told why its WebSocket was refused, but may read this. Where the browser takes it for ours, it
        # says nothing of the origin here, which it does say with the WebSocket: such a page asks by name.
        origins = request.headers.get_all("Origin") or parse_qs(query).get("origin", [])
        page = {"page": {"origin": origins[0], "allowed": rule.allows(origins, hosts, peer)}} if origins else {}
        return _json_response(protocol, {**about(), **page})

    def _turn_away(self, kind: str, why: str) -> None:
        self._listener.options.turned_away(self.address, kind, why)

    def _forwarded(self, request: Request) -> ErrorCode | None:
        """Find out whom a proxy speaks for; returns why they cannot come in, if they cannot."""
        entrance = self._listener.entrance
        if not entrance.is_proxy(self.address):
            return None
        address = entrance.forwarded_for(request.headers.get_all("X-Forwarded-For"))
        if not entrance.lets_in(address or self.address):
            self.address = address or self.address
            self._turn_away("denied", DENIED_ADVICE)
            return ErrorCode.FORBIDDEN
        if address is None:
            return None
        self.address = address
        place = entrance.place_of(address)
        if self._listener.has_room(place):
            self._listener.count_in(self, place)
            return None
        self._turn_away("crowded", CROWDED_ADVICE)
        return ErrorCode.TOO_MANY_CONNECTIONS

    def _ended(self, was: LinkState, error: Exception | None) -> None:
        self._listener.link_gone(self)
        super()._ended(was, error)


class WssServerLink(WsServerLink):
    """One with TLS below it."""

    __slots__ = ("_records",)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, when the handshake of TLS is over."""
        self._records = Records(transport.get_extra_info("socket"))
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Take bytes from the network, unless they come one by one."""
        if self._records.are_tiny(len(data)):
            self._drop(_TINY_RECORDS)
        else:
            super().data_received(data)


class WsListener(StreamListener[WsServerLink]):
    """A listening WebSocket server."""

    asks_proxies = True

    def __init__(self, options: ListenOptions, accept: Accept, tls: ServerTls | None, settings: WsSettings) -> None:
        super().__init__(settings.transport, options, settings.close_timeout)
        self.accept = accept
        self.settings = settings
        self.stopped = False
        certified = None if tls is None else tls.certificates.are_for
        self.origins = Origins(options.origins, options.addresses, certified)
        self.web = WebFiles(options.web)
        self._tls = tls

    def about(self) -> dict[str, Any]:
        """Return what a client may want to know before it connects."""
        told = {"transport": "ws", "port": urlsplit(self.url).port, "encrypted": self._tls is not None}
        return told if self._tls is None else told | self._tls.certificates.about()

    def page_may_reach(self, request: Request) -> str:
        """Return where a page may connect to that a request gets: sources, as a Content-Security-Policy has them."""
        about, addresses = self.options.about, list(self.options.addresses())[-_MOST_ADDRESSES:]
        ports = [] if about is None else quic_ports(about())
        elsewhere = (place for address in addresses for place in page_places(address) if "[" not in place)
        return " ".join(dict.fromkeys([*places_here(request, ports), *elsewhere]))

    def has_room(self, place: str) -> bool:
        """Tell whether one more connection from a place may be taken."""
        # Who comes for the page is a visitor, and nobody knows who does.
        return self.entrance.has_room_to_visit(place) if self.web else super().has_room(place)

    def count_in(self, link: WsServerLink, place: str) -> None:
        """Count a connection that was taken."""
        (self.entrance.visits if self.web else self.entrance.came)(link, place)

    def stop_accepting(self) -> None:
        """Take no new connections; the present ones stay."""
        self.stopped = True
        super().stop_accepting()

    def _make_link(self, sock: socket.socket, *, refuse: ErrorCode | None) -> WsServerLink:
        prepare_stream(sock, self.options.buffer_bytes)
        kind = WsServerLink if self._tls is None else WssServerLink
        return kind(self, self._loop.time() + self.options.handshake_timeout, refuse=refuse)

    async def _connect(self, link: WsServerLink, sock: socket.socket) -> None:
        """Give a link its connection, after the TLS handshake if there is one."""
        context = None if self._tls is None else self._tls.context()
        encrypted = context is not None
        address = address_of(sock.getpeername())
        try:
            await self._loop.connect_accepted_socket(
                lambda: link,
                sock,
                ssl=context,
                ssl_handshake_timeout=self.options.handshake_timeout if encrypted else None,
                ssl_shutdown_timeout=self.settings.close_timeout if encrypted else None,
            )
        except ssl.SSLError as error:
            if error.reason in _NO_TLS:
                self.options.turned_away(
                    address, "tls", "it speaks no TLS, and this port nothing else; use wss:// there"
                )
            elif error.reason in _OTHER_TLS:
                why = f"it knows no TLS that this server can speak with its key ({error.reason})"
                self.options.turned_away(address, "tls", f"{why}; all know TLS 1.2 or later, and keys for P-256 or RSA")
            raise


async def listen(
    options: ListenOptions,
    accept: Accept,
    *,
    close_timeout: float,
    message_timeout: float,
    machine_answers: MachineAnswers,
) -> WsListener:
    """Listen; raises `ConfigurationError` with one clear sentence when that is not possible."""
    tls = _tls_for(options)
    settings = WsSettings(
        transport="ws" if tls is None else "wss",
        object_bytes=options.object_bytes,
        buffer_bytes=options.buffer_bytes,
        keepalive_interval=options.keepalive_interval,
        keepalive_timeout=options.keepalive_timeout,
        stall_timeout=options.stall_timeout,
        close_timeout=close_timeout,
        message_timeout=message_timeout,
        machine_answers=machine_answers,
    )
    listener = WsListener(options, accept, tls, settings)
    await listener.start()
    return listener


def _tls_for(options: ListenOptions) -> ServerTls | None:
    if options.tls_cert is None and options.tls_key is None and not options.tls_own:
        return None
    # Loaded late: a server without encryption starts sooner without it.
    from chatcore_tls.certificates import certificates_for  # noqa: PLC0415
    from chatcore_tls.contexts import ServerTls  # noqa: PLC0415

    return ServerTls(certificates_for(options))


def _no_room(protocol: ServerProtocol, why: ErrorCode) -> Response:
    response = protocol.reject(*_NO_ROOM[why])
    response.headers["Retry-After"] = "10"
    response.headers[REFUSAL] = why.value
    # A page of another server of the chat, which asks what this one is, may read why it gets no answer.
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = REFUSAL
    return response


def _json_response(protocol: ServerProtocol, answer: Mapping[str, Any]) -> Response:
    response = protocol.reject(200, json.dumps(answer, indent=2) + "\n")
    del response.headers["Content-Type"]
    response.headers["Content-Type"] = "application/json"
    response.headers["Cache-Control"] = "no-store"
    # Public, and of use to a page that connects to this server from elsewhere.
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _with_version(response: Response, request: Request) -> Response:
    """Tell whoever asks for another version of the protocol which one there is (RFC 6455, section 4.4)."""
    if response.status_code == HTTPStatus.BAD_REQUEST and request.headers.get_all("Sec-WebSocket-Version") != ["13"]:
        response.status_code, response.reason_phrase = HTTPStatus.UPGRADE_REQUIRED, HTTPStatus.UPGRADE_REQUIRED.phrase
        response.headers["Upgrade"] = "websocket"
        response.headers["Sec-WebSocket-Version"] = "13"
    return response


def _in_plain_words(response: Response, method: str) -> Response:
    """Say why there is no WebSocket, in words that repeat nothing of the request: a browser shows them."""
    text = _NO_WEBSOCKET.get(response.status_code, "This is a chat server.\n").encode()
    response.body = b"" if method == "HEAD" else text
    del response.headers["Content-Length"]
    response.headers["Content-Length"] = str(len(text))
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
