"""The transport port: moves bytes, knows no chat.

A transport listens or connects. For every connection it makes a `Link`, gives it to its user, and calls the
`LinkHandler` that it gets in return. Rules that every transport keeps, and that the transport contract tests check:

* the handler's methods are never called from inside a method of the link, except `writing_paused` from `write`;
* `connection_lost` is called exactly once, last; after `close` it may take some seconds, if the peer lingers;
* what arrives after `close` is dropped;
* `write` takes whole frames, never waits, and keeps the order;
* after `pause_reading` no data is handed over until `resume_reading`;
* bytes that are not taken by the network are bounded: past `buffer_bytes` the handler hears `writing_paused`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from hashlib import sha256
from math import inf
from typing import Any, Final, Protocol, Self, runtime_checkable

from chatcore.ports.network_address import ConnectionCount, PerPlace, plain_host


class CloseReason(Enum):
    """Why a connection is closed on purpose; each transport has its own number for it."""

    NORMAL = "normal"
    GOING_AWAY = "going_away"
    BAD_DATA = "bad_data"
    TOO_LARGE = "too_large"
    POLICY = "policy"
    TRY_LATER = "try_later"


class LostReason(StrEnum):
    """Why a link is lost: stable words, for logs and programs. `chatcore.text.reasons` says them to people."""

    CLOSED_HERE = "closed_here"
    DROPPED_HERE = "dropped_here"
    CLOSED_BY_PEER = "closed_by_peer"
    DROPPED_BY_PEER = "dropped_by_peer"
    VANISHED = "vanished"
    """The peer, or the way to it, is gone without a word."""
    SILENT = "silent"
    """No sign of life in time."""
    STALLED = "stalled"
    """The peer's machine answers, and nothing is taken."""
    DESERTED = "deserted"
    """The peer's machine says that its program is gone."""
    RESTARTED = "restarted"
    """The peer knows nothing of the connection any more: it was started anew, or had given it up."""
    BAD_DATA = "bad_data"
    """What came is against the rules of the transport."""
    SPEAKS_HTTP = "speaks_http"
    SPEAKS_TLS = "speaks_tls"
    SPEAKS_PROXY = "speaks_proxy"
    TOO_LARGE = "too_large"
    MESSAGE_TIMEOUT = "message_timeout"
    """A message took too long from its beginning to its end."""
    HANDSHAKE_TIMEOUT = "handshake_timeout"
    INTERNAL = "internal"
    """A mistake of the link's user."""


class Lost(str):
    """Why a link is lost. As a text it is the stable word of its `reason`.

    Attributes:
        reason: which of those that are known.
        detail: what the peer or the system says about it, for people; a stranger's text, and often empty.
    """

    __slots__ = ("detail", "reason")

    reason: LostReason
    detail: str

    def __new__(cls, reason: LostReason, detail: str = "") -> Self:
        self = super().__new__(cls, reason.value)
        self.reason, self.detail = reason, detail
        return self


class Binary(bytes):
    """A payload that is not text; transports that can tell the two apart do (WebSocket opcode 2)."""


WRITE_SECONDS: Final = 10e-6
"""About how much processor time one small `write` takes, with what the system does for it: of a socket."""


class Link(Protocol):
    """One connection, as its user sees it."""

    transport: str
    """Name of the transport, for people: `ws`, `wss`, `quic`."""
    keeps_boundaries: bool
    """True when one `frame` arrives as one payload; False for a stream of bytes."""
    checks_liveness: bool
    """True when the transport itself notices a dead peer within the keepalive time."""
    address: str
    """The peer's address, for people."""
    key_fingerprint: str | None
    """SHA-256, in hex, of the key that the server showed; None at the server, and where nothing is encrypted."""
    format: str
    """Two links with the same format frame a payload to the same bytes."""

    @property
    def write_seconds(self) -> float:
        """About how much processor time one small `write` takes: `WRITE_SECONDS` where that is a socket's."""
        ...

    def frame(self, payload: bytes) -> bytes:
        """Return the bytes that carry this payload (`Binary` or text) on this link."""
        ...

    def write(self, frames: bytes) -> None:
        """Hand over whole frames. Never waits, never raises; without effect once the link is closed or lost.

        Look it up for each call: a link may put another function in its place when its state changes.
        """
        ...

    def pause_reading(self) -> None:
        """Stop handing over data. Idempotent."""
        ...

    def resume_reading(self) -> None:
        """Hand over data again. Idempotent."""
        ...

    def close(self, reason: CloseReason, message: str = "") -> None:
        """Close cleanly after everything written so far. Idempotent."""
        ...

    def abort(self) -> None:
        """Drop the connection at once. Idempotent."""
        ...


@runtime_checkable
class SecondStreamLink(Link, Protocol):
    """A link with a second stream, so that nothing on the first one ever waits for what goes on this one.

    Optional: any other link has one stream, for everything. What is written to the second one keeps its own order,
    gives way to what is written with `write`, and never makes the handler hear `writing_paused`. `pause_reading`,
    `resume_reading`, `close` and `abort` are about both streams.
    """

    second_stream_bytes: int
    """How many bytes were written to the second stream and are not acknowledged by the peer."""

    def write_second_stream(self, frames: bytes) -> None:
        """Hand over whole frames for the second stream. Never waits, never raises."""
        ...


class LinkHandler(Protocol):
    """What the user of a link gives to the transport."""

    def data_received(self, payload: bytes) -> None:
        """Take one payload (or, on a stream, the next bytes)."""
        ...

    def writing_paused(self) -> None:
        """Stop writing: the peer reads too slowly, and more than `buffer_bytes` wait."""
        ...

    def writing_resumed(self) -> None:
        """Go on writing: there is room again."""
        ...

    def connection_lost(self, reason: Lost) -> None:
        """End: the link is gone. It forgets its handler then."""
        ...


@runtime_checkable
class BulkHandler(LinkHandler, Protocol):
    """A handler that takes what one read brought at a time. Optional: any other one takes it payload by payload."""

    def payloads_received(self, payloads: Sequence[bytes]) -> None:
        """Take some payloads, in order."""
        ...


@runtime_checkable
class PatientHandler(LinkHandler, Protocol):
    """A handler that may owe its peer answers when that has said its last word, as `printf ... | nc -N` does."""

    def peer_finished(self) -> None:
        """Take note that nothing more will come; the peer may still be reading.

        A link whose handler has paused reading by then waits for `resume_reading`, and calls this again; else it ends.
        """
        ...


@runtime_checkable
class SecondStreamHandler(LinkHandler, Protocol):
    """A handler that has a use for the second stream of a link; without one, that stream is refused."""

    def second_stream_received(self, payload: bytes) -> None:
        """Take the next bytes of the second stream."""
        ...


class Nobody:
    """The user of a link that is not wanted. Implements `LinkHandler`, and takes note of nothing."""

    def data_received(self, payload: bytes) -> None:
        """Leave it."""

    def writing_paused(self) -> None:
        """Leave it."""

    def writing_resumed(self) -> None:
        """Leave it."""

    def connection_lost(self, reason: Lost) -> None:
        """Leave it."""


Accept = Callable[[Link], LinkHandler]
"""Called by the transport for every new connection."""


@dataclass(frozen=True, slots=True)
class WebFile:
    """A file that a transport which speaks HTTP gives to browsers."""

    media_type: str
    """With its character set: `text/html; charset=utf-8`."""
    body: bytes
    framed: bool = False
    """Whether pages of the same server may have it in a frame."""

    @property
    def tag(self) -> str:
        """What it goes by: whoever asks for `NAME?TAG` may keep what comes, and need never ask again."""
        return sha256(self.body).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenOptions:
    """What a transport needs to know to listen. Sizes in bytes, times in seconds."""

    host: str = "127.0.0.1"
    """Name or address of this machine, as `plain_host` returns it; `0.0.0.0` and `::` are all of its addresses."""
    port: int = 8765
    """0 picks a free one."""
    sockets: tuple[int, ...] = ()
    """File descriptors of sockets that somebody else has bound for the server. Where there are any, those of them that
    the transport can use and that have the port are listened at, and nothing is bound; `host` is told, and not used."""
    tls_cert: str | None = None
    """Path of a PEM certificate chain; with it the transport is encrypted."""
    tls_key: str | None = None
    """Path of its private key, PEM."""
    tls_own: bool = False
    """Encrypt with a certificate that the server makes itself, where there is none in files; QUIC always does."""
    state_dir: str | None = None
    """Where the server keeps the key of its own certificates; None: where the system keeps such things."""
    origins: tuple[str, ...] = ()
    """Origins of web pages that may connect, besides pages from the same host."""
    addresses: Callable[[], Iterable[str]] = tuple
    """Where clients reach the servers of this chat, as they are told; asked each time. Pages of theirs may connect, and
    the page of this one may connect to them."""
    object_bytes: int = 64 * 1024
    """Longest message that is taken, where the transport keeps boundaries."""
    buffer_bytes: int = 64 * 1024
    """How much may wait for the network before the handler hears `writing_paused`."""
    handshake_timeout: float = 5.0
    """How long a connection may take until it is open."""
    keepalive_interval: float = 10.0
    """After how much silence a transport that checks liveness asks for a sign of life."""
    keepalive_timeout: float = 5.0
    """How long the answer to that may take."""
    stall_timeout: float = 90.0
    """How long a peer may take nothing while its machine still answers."""
    max_connections: int = 10_000
    """Most connections at a time, of all places of a server together; a transport may allow fewer, for lack of file
    descriptors."""
    connections: ConnectionCount = field(default_factory=ConnectionCount, compare=False)
    """How many there are, in all places of a server: a transport counts its own there."""
    places: PerPlace | None = None
    """How many connections each network address has, and may have, in all places of a server; None: any number."""
    proxies: tuple[str, ...] = ()
    """Addresses and networks of proxies. Where they speak HTTP, whom they speak for is who comes (X-Forwarded-For);
    elsewhere their connections are not counted."""
    allow: tuple[str, ...] = ()
    """Addresses and networks that connections may come from; all of them when empty."""
    deny: tuple[str, ...] = ()
    """Those that they may not come from, allowed or not. Of a proxy, whom it speaks for counts."""
    refusal: bytes = b""
    """What a stream without words of its own says to a connection above `max_connections`, in those of its dialect."""
    crowded: bytes = b""
    """The same to one from a network address that has as many as it may have."""
    about: Callable[[], Mapping[str, Any]] | None = None
    """What a transport that speaks HTTP answers to `GET /.well-known/chatcore`, as JSON; asked each time."""
    web: Mapping[str, WebFile] = field(default_factory=dict)
    """What a transport that speaks HTTP gives to browsers, by file name; `index.html` is what a folder shows."""
    turned_away: Callable[[str, str, str], None] = lambda _address, _kind, _why: None
    """Called for a peer that is refused before there is a link: its address, what kind of mistake that is (one word),
    and a text for whoever runs the server that says why, and what would help."""

    def __post_init__(self) -> None:
        """Take the host as sockets do, however it is written. Raises TypeError for one that is no text."""
        if not isinstance(self.host, str):
            raise TypeError(f"host has to be str, and is {type(self.host).__name__}")
        object.__setattr__(self, "host", plain_host(self.host))


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectOptions:
    """What a transport needs to know to connect: `connect(url, options=ConnectOptions(tls_ca="school.pem"), ...)`.

    Attributes:
        connect_timeout: how long it may take until the connection is open, in seconds; each time.
        login_timeout: how long the answer to the login may take once it is open, in seconds; each time.
        object_bytes: longest message that is taken, where the transport keeps boundaries.
        buffer_bytes: how many bytes may wait for the network before sends wait in the session.
        keepalive_interval: after how many seconds of silence the server is asked for a sign of life, by the transport
            or, over TCP, in the chat itself.
        keepalive_timeout: how many seconds the answer to that may take.
        tls_ca: path of PEM certificates to trust instead of the system's, and instead of keys that are remembered.
        fingerprints: certificates to trust, and no others: the SHA-256 of the certificate or of its key, in hex, with
            or without colons; one alone may stand for itself: `ConnectOptions(fingerprints="3f8a...")`.
    """

    connect_timeout: float = 10.0
    login_timeout: float = 10.0
    object_bytes: int = 1024 * 1024
    buffer_bytes: int = 256 * 1024
    keepalive_interval: float = 10.0
    keepalive_timeout: float = 5.0
    tls_ca: str | None = None
    fingerprints: str | tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raise ValueError for a time that no clock comes to."""
        for name in ("connect_timeout", "login_timeout", "keepalive_interval", "keepalive_timeout"):
            time = getattr(self, name)
            if isinstance(time, int | float) and not 0 <= time < inf:
                why = "infinite" if time in (inf, -inf) else "negative" if time < 0 else "no number"
                raise ValueError(f"{name} has to be a number of seconds, and is {why}")


class Listener(Protocol):
    """A transport that listens."""

    url: str
    """Where clients connect, with the real port."""

    def about(self) -> dict[str, Any]:
        """Return what a client may want to know before it connects, as JSON.

        `transport`, `encrypted`, and `port` where it has one; where the server has a certificate, `key_fingerprint` and
        `certificate_hashes` (of the present and the next one), SHA-256 in hex.
        """
        ...

    def stop_accepting(self) -> None:
        """Take no new connections; the present ones stay."""
        ...

    async def wait_closed(self) -> None:
        """Stop accepting and wait until every connection is gone."""
        ...


class Transport(Protocol):
    """What a package offers under the entry point group `chatcore.transports`."""

    name: str
    """What it is called: as a rule the name of its entry point."""
    schemes: tuple[str, ...]
    """URL schemes that it connects to, in lower case."""
    default_port: int
    """The port of an address that names none."""
    can_encrypt: bool
    """False when it has no use for certificates."""
    uses_files: bool
    """True when every connection of a server takes a file descriptor."""

    async def listen(self, options: ListenOptions, accept: Accept) -> Listener:
        """Listen, and call `accept` for every connection that is open.

        Raises `ConfigurationError` with one clear sentence when that is not possible.
        """
        ...

    async def connect(self, url: str, options: ConnectOptions, accept: Accept) -> Link:
        """Connect, call `accept` with the link, and return it.

        Raises `ConnectionFailed` with one clear sentence when that is not possible: `UntrustedCertificate` when the
        server's certificate is not to be trusted. Raises `ConfigurationError` when the options cannot be used.
        """
        ...
