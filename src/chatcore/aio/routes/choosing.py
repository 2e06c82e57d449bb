"""Which way to go by an address."""

from __future__ import annotations

from chatcore.aio.plugins import RACE_SCHEME, scheme_of, transport_for
from chatcore.aio.routes.direct import DirectRoute
from chatcore.aio.routes.race import Race
from chatcore.aio.routes.route import Route
from chatcore.aio.routes.several import Several
from chatcore.ports.known_servers import KnownServers
from chatcore.ports.transport import ConnectOptions, Transport


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
