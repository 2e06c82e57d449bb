"""Over whichever transport answers first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

from chatcore.aio.plugins import load_transport
from chatcore.aio.routes.direct import DirectRoute
from chatcore.errors import (
    CertificateChanged,
    ChatcoreError,
    ConfigurationError,
    ConnectionFailed,
    UntrustedCertificate,
)
from chatcore.events import TransportChosen
from chatcore.ports.known_servers import KnownServers
from chatcore.ports.server_address import DEFAULT_PORT, server_address
from chatcore.ports.transport import Accept, ConnectOptions, Link, LinkHandler, Nobody, Transport

HEAD_START: Final = 0.5
"""How long QUIC is alone, in seconds: a network that drops UDP says nothing, and nobody likes to wait."""


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
            raise _why_nobody_won(_failure(runners["quic"]), _failure(runners["ws"]) if "ws" in runners else None)
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
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._options.connect_timeout
        for scheme in schemes:
            if failure is not None and loop.time() >= deadline:
                break  # a server that wants the other scheme says so at once
            direct = DirectRoute(transport, f"{scheme}://{self._rest}", self._options, self._known, self._vouched)
            try:
                await direct.reach(gate.of(name))
            except UntrustedCertificate:
                raise
            except ConnectionFailed as error:
                failure = failure or error
            else:
                return scheme
        assert failure is not None  # or it would have returned: the first scheme is always tried
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


def _why_nobody_won(of_quic: ChatcoreError | None, of_ws: ChatcoreError | None) -> ChatcoreError:
    errors = [failure for failure in (of_ws, of_quic) if failure is not None]
    for kind in (CertificateChanged, UntrustedCertificate):
        for error in errors:
            if isinstance(error, kind):
                return error
    first = errors[0]
    if isinstance(first, ConfigurationError):
        return first
    if len({str(error) for error in errors}) == 1:
        failure = ConnectionFailed(first.sentence)
    else:  # of one address, and by two ways: one may be closed where the other is not
        failure = ConnectionFailed("by WebSocket: {one}; by QUIC: {other}", one=of_ws, other=of_quic)
    failure.__cause__ = first
    return failure
