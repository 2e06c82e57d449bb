"""How a client gets to a server: over one transport, or over whichever answers first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, Protocol

from chatcore.aio.clock import chance_of
from chatcore.aio.plugins import RACE_SCHEME, load_transport, scheme_of, transport_for
from chatcore.errors import (
    CertificateChanged,
    ChatcoreError,
    ConfigurationError,
    ConnectionFailed,
    UntrustedCertificate,
)
from chatcore.events import TransportChosen
from chatcore.ports.known_servers import KnownServers, server_place
from chatcore.ports.server_address import DEFAULT_PORT, server_address
from chatcore.ports.transport import Accept, ConnectOptions, Link, LinkHandler, Nobody, Transport

HEAD_START: Final = 0.5
"""How long QUIC is alone, in seconds: a network that drops UDP says nothing, and nobody likes to wait."""
_SAFE: Final = ("wss", "quic", RACE_SCHEME)
"""Schemes of those who want to be encrypted, or leave it to what the server has."""
_MOST_ADDRESSES: Final = 16
_PORTS: Final = {"ws": 80, "wss": 443, "https": 443}
"""Of schemes that have one (RFC 6455, section 3; RFC 9110, section 4.2.2), whatever the transport's default is."""


class Route(Protocol):
    """A way to a server, to be gone as often as connections are lost."""

    @property
    def url(self) -> str:
        """Where the present connection leads, or the last one."""
        ...

    async def connect(self, accept: Accept) -> TransportChosen | None:
        """Connect; returns which transport it was when there was a choice.

        Raises `ConnectionFailed`: `CertificateChanged` when the server is not the one that is known.
        """
        ...

    def learn(self, server: Mapping[str, Any]) -> None:
        """Remember what the server says of itself on the present connection (`Welcomed.server`)."""
        ...


def route_to(
    url: str, options: ConnectOptions, transport: Transport | None = None, known_servers: KnownServers | None = None
) -> Route:
    """Return the way to `url`. Raises `ConnectionFailed` when nothing installed understands it."""
    if transport is not None:
        return DirectRoute(transport, url, options, known_servers)
    return Several(url, lambda address: _way_to(address, options, known_servers))


def _way_to(url: str, options: ConnectOptions, known_servers: KnownServers | None) -> Route:
    if scheme_of(url) == RACE_SCHEME:
        return Race(url, options, known_servers)
    return DirectRoute(transport_for(url), url, options, known_servers)


def pins_for(url: str, key: str, known_servers: KnownServers) -> tuple[str, ...]:
    """Return the fingerprints to connect with when a link says that the server has this key.

    What is known of a server goes before a link, which may come from anybody.

    Args:
        url: address of the server.
        key: fingerprint of its key, as the link has it.
        known_servers: remembers the keys of servers.
    """
    known = known_servers.key_of(server_place(*host_and_port(url, DEFAULT_PORT)))
    return (key,) if known in (None, key) else ()


class DirectRoute:
    """One transport. Servers that no authority vouches for are trusted on first use if `known_servers` is given.

    `vouched` is shared by the ways to one server: the places that an authority has vouched for since the start. There
    nobody is met for the first time any more.
    """

    def __init__(
        self,
        transport: Transport,
        url: str,
        options: ConnectOptions,
        known_servers: KnownServers | None = None,
        vouched: set[str] | None = None,
    ) -> None:
        self._transport = transport
        self.url = url
        self._options = options
        self._known = known_servers
        self._vouched = set() if vouched is None else vouched

    async def connect(self, accept: Accept) -> None:
        """Connect."""
        await self.reach(accept)

    def learn(self, server: Mapping[str, Any]) -> None:
        """Leave it: there is one way only."""

    async def reach(self, accept: Accept) -> Link:
        """Connect and return the link. Raises as `Route.connect` does."""
        known = self._known
        if self._options.fingerprints and not self._is_encrypted():
            raise ConfigurationError(
                "{url} is not encrypted, so nothing there can be recognised by its fingerprint; use wss:// or quic://",
                url=self.url,
            )
        # Whoever names authorities (`tls_ca`) wants them to decide, and nobody else.
        if known is None or not self._is_encrypted() or self._options.tls_ca is not None:
            return await self._try(accept)
        place = server_place(*host_and_port(self.url, self._transport.default_port))
        key = known.key_of(place)
        if self._options.fingerprints:
            link = await self._try(accept)
            if link.key_fingerprint is not None:
                _remember(known, place, link.key_fingerprint, link)  # whoever gave a fingerprint has made sure
            return link
        if key is None:
            return await self._meet(accept, known, place)
        return await self._recognise(accept, place, key)

    def _is_encrypted(self) -> bool:
        """Tell whether the server shows a certificate: a scheme that has a secure twin is the plain one."""
        return self._transport.can_encrypt and f"{scheme_of(self.url)}s" not in self._transport.schemes

    async def _try(self, accept: Accept, *fingerprints: str) -> Link:
        options = replace(self._options, fingerprints=fingerprints) if fingerprints else self._options
        return await self._transport.connect(self.url, options, accept)

    async def _meet(self, accept: Accept, known: KnownServers, place: str) -> Link:
        """Connect to a server for the first time."""
        try:
            link = await self._try(accept)
        except UntrustedCertificate as error:
            if error.key_fingerprint is None or place in self._vouched:
                raise
            link = await self._try(accept, error.key_fingerprint)
            _remember(known, place, error.key_fingerprint, link)
        else:
            if link.key_fingerprint is not None:
                self._vouched.add(place)
        return link

    async def _recognise(self, accept: Accept, place: str, key: str) -> Link:
        """Connect to a server that has to be the one that it was."""
        try:
            return await self._try(accept, key)
        except UntrustedCertificate as stranger:
            if stranger.key_fingerprint is None:
                raise
            try:
                return await self._try(accept)  # perhaps an authority vouches for it by now
            except UntrustedCertificate:
                raise CertificateChanged(
                    "the server at {server} shows another key than before: somebody may be in between, or it was set "
                    "up anew; its key's fingerprint was {known} and is {shown}",
                    place,
                    key,
                    stranger.fingerprint,
                    stranger.key_fingerprint,
                    server=place,
                    known=key,
                    shown=stranger.key_fingerprint,
                ) from stranger


def _remember(known: KnownServers, place: str, key: str, link: Link) -> None:
    """Remember the key that a server shows on a link; no link is left when that is not possible.

    Both ways of a race may get there: it is remembered once.
    """
    try:
        if known.key_of(place) != key:
            known.remember(place, key)
    except BaseException:
        link.abort()
        raise


class Several:
    """The address that was given, and those of other servers of the same chat, once one has said where they are.

    Whoever has lost a connection tries the others first: the one that it had may be dead without anybody saying so.

    Args:
        url: the address that was given.
        way_to: returns the way to an address. Raises `ConnectionFailed`, `ConfigurationError`.
    """

    def __init__(self, url: str, way_to: Callable[[str], Route]) -> None:
        self._way_to = way_to
        self._given = url
        self._ways = {url: way_to(url)}
        """By address; the one that was connected last comes last."""
        self._present = self._ways[url]

    @property
    def url(self) -> str:
        """The address at which the present connection was made, or the last one."""
        return self._present.url

    async def connect(self, accept: Accept) -> TransportChosen | None:
        """Connect to the first one that can be reached."""
        failure: ChatcoreError | None = None
        for url, way in list(self._ways.items()):
            try:
                chosen = await way.connect(accept)
            except (ConnectionFailed, ConfigurationError) as error:
                failure = failure or error
            else:
                self._ways[url] = self._ways.pop(url)
                self._present = way
                return chosen
        assert failure is not None  # there is always one
        raise failure

    def learn(self, server: Mapping[str, Any]) -> None:
        """Take the addresses that a server tells: of those that can be used, as many as a client wants to know."""
        self._present.learn(server)
        told = server.get("addresses")
        if not isinstance(told, list | tuple):
            return
        known = [each for each in told[:_MOST_ADDRESSES] if isinstance(each, str) and self._can_be_used(each)]
        present = self.url
        chance = chance_of(asyncio.get_running_loop())
        known.sort(key=lambda _url: chance(0, 1))  # or all users of one server would come to the same other one
        ways = {url: self._ways.get(url) for url in (*known, self._given)}
        ways.pop(present, None)
        self._ways = {url: way or self._way_to(url) for url, way in ways.items()} | {present: self._present}

    def _can_be_used(self, url: str) -> bool:
        """Tell whether it is an address, and as safe as the one that was given."""
        if scheme_of(self._given) in _SAFE and scheme_of(url) not in _SAFE:
            return False
        try:
            host_and_port(url, DEFAULT_PORT)
            self._way_to(url)
        except (ConnectionFailed, ConfigurationError):
            return False
        return True


class Race:
    """QUIC first, WebSocket half a second later or as soon as QUIC has failed; the first that opens is kept.

    `load` finds the transports `quic` and `ws`; it may raise `ConfigurationError` for one that is not installed.
    """

    def __init__(
        self,
        url: str,
        options: ConnectOptions,
        known_servers: KnownServers | None = None,
        *,
        load: Callable[[str], Transport] = load_transport,
    ) -> None:
        self.url = url
        address = server_address(url)
        host = f"[{address.host}]" if ":" in address.host else address.host
        self._rest = f"{host}:{address.port or DEFAULT_PORT}{address.target}"
        """What stands behind the scheme."""
        self._options = options
        self._known = known_servers
        self._vouched: set[str] = set()
        # A server that wants TLS does not understand the first one. Who has said by what the server is to be recognised
        # is not to meet one that shows nothing.
        known_by = options.fingerprints or options.tls_ca is not None
        self._ways: tuple[str, ...] = ("wss",) if known_by else ("ws", "wss")
        self._scheme = ""
        """Of the present connection."""
        self._load = load

    async def connect(self, accept: Accept) -> TransportChosen:
        """Connect over the transport that wins."""
        gate = _Gate(accept)
        quic = asyncio.create_task(self._run(gate, "quic", "quic"))
        runners = {"quic": quic}
        try:
            await asyncio.wait([quic], timeout=HEAD_START)
            if gate.winner is None and not isinstance(_failure(quic), CertificateChanged):
                runners["ws"] = asyncio.create_task(self._run(gate, "ws", *self._ways))
            await _until_decided(gate, runners)
        finally:
            losers = [task for name, task in runners.items() if name != gate.winner]
            for task in losers:
                task.cancel()
            await asyncio.gather(*losers, return_exceptions=True)
        if gate.winner is None:
            raise _why_nobody_won([_failure(task) for task in reversed(runners.values())])
        self._scheme = scheme = runners[gate.winner].result()
        if gate.winner == "quic":
            return TransportChosen(scheme, "first", "")
        failure = _failure(quic)
        if failure is None:
            return TransportChosen(scheme, "quic_silent", "")
        return TransportChosen(scheme, "quic_failed", failure.sentence)

    def learn(self, server: Mapping[str, Any]) -> None:
        """Come back without encryption only to a server that has a place for that."""
        if self._scheme == "wss" or (self._scheme == "quic" and server.get("plain_websocket") is False):
            self._ways = ("wss",)

    async def _run(self, gate: _Gate, name: str, *schemes: str) -> str:
        """Connect over one transport by one scheme after the other; returns the scheme that worked."""
        transport = self._load(name)
        failure: ConnectionFailed | None = None
        for scheme in schemes:
            direct = DirectRoute(transport, f"{scheme}://{self._rest}", self._options, self._known, self._vouched)
            try:
                await direct.reach(gate.of(name))
            except UntrustedCertificate:
                raise
            except ConnectionFailed as error:
                failure = failure or error
            else:
                return scheme
        assert failure is not None  # or it would have returned
        raise failure


class _Gate:
    """Lets the first link in, and turns away those that open later."""

    def __init__(self, accept: Accept) -> None:
        self._accept = accept
        self.winner: str | None = None

    def of(self, name: str) -> Accept:
        """Return what a transport is to call for its link."""

        def accept(link: Link) -> LinkHandler:
            if self.winner is None:
                self.winner = name
                return self._accept(link)
            asyncio.get_running_loop().call_soon(link.abort)
            return Nobody()

        return accept


async def _until_decided(gate: _Gate, runners: dict[str, asyncio.Task[str]]) -> None:
    """Wait until the winner's connection is complete, everybody has failed, or a known server has changed its key."""
    running = set(runners.values())
    while running:
        if gate.winner is not None:
            await asyncio.wait([runners[gate.winner]])
            return
        if any(isinstance(_failure(task), CertificateChanged) for task in runners.values()):
            return
        _done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)


def _failure(task: asyncio.Task[str]) -> ChatcoreError | None:
    """Return why a runner is out of the race; raises what is a mistake of ours."""
    if not task.done() or task.cancelled():
        return None
    error = task.exception()
    if error is None or isinstance(error, ChatcoreError):
        return error
    raise error


def _why_nobody_won(failures: list[ChatcoreError | None]) -> ChatcoreError:
    errors = [failure for failure in failures if failure is not None]
    for kind in (CertificateChanged, UntrustedCertificate):
        for error in errors:
            if isinstance(error, kind):
                return error
    if isinstance(errors[0], ConfigurationError):
        return errors[0]
    first, *others = {str(error): error for error in errors}.values()
    failure = ConnectionFailed(first.sentence)
    for other in others:
        failure = ConnectionFailed("{one}; {other}", one=failure, other=other)
    failure.__cause__ = first
    return failure


def place_of_server(url: str) -> str:
    """Return the one spelling of where an address leads to; what is no `host:port` stands for itself."""
    try:
        return server_place(*host_and_port(url, DEFAULT_PORT))
    except ConnectionFailed:
        return url


def host_and_port(url: str, default_port: int) -> tuple[str, int]:
    """Return where an address leads to; `default_port` is for a scheme that has no port of its own.

    Raises `ConnectionFailed` when it is none.
    """
    address = server_address(url, userinfo=True)
    return address.host, address.port or _PORTS.get(address.scheme, default_port)
