"""Where addresses lead to, and what is known of the servers there."""

from __future__ import annotations

from typing import Final

from chatcore.errors import ConnectionFailed, UntrustedCertificate
from chatcore.ports.known_servers import KnownServers, server_place
from chatcore.ports.server_address import DEFAULT_PORT, server_address

_PORTS: Final = {"ws": 80, "wss": 443, "https": 443}
"""Of schemes that have one (RFC 6455, section 3; RFC 9110, section 4.2.2), whatever the transport's default is."""


def host_and_port(url: str, default_port: int) -> tuple[str, int]:
    """Return where an address leads to; `default_port` is for a scheme that has no port of its own.

    Raises `ConnectionFailed` when it is none.
    """
    address = server_address(url, userinfo=True)
    return address.host, address.port or _PORTS.get(address.scheme, default_port)


def place_of_server(url: str) -> str:
    """Return the one spelling of where an address leads to; what is no `host:port` stands for itself."""
    try:
        return server_place(*host_and_port(url, DEFAULT_PORT))
    except ConnectionFailed:
        return url


def pins_for(url: str, key: str, known_servers: KnownServers) -> tuple[str, ...]:
    """Return the fingerprints to connect with when a link says that the server has this key.

    A link may come from anybody: where another key is known it leads nowhere. It must not get around what is known,
    and whoever was given it for a server that was set up anew has to learn why it does not do.

    Args:
        url: address of the server.
        key: fingerprint of its key, as the link has it.
        known_servers: remembers the keys of servers.

    Raises:
        UntrustedCertificate: the server is known by another key.
    """
    place = server_place(*host_and_port(url, DEFAULT_PORT))
    known = known_servers.key_of(place)
    if known not in (None, key):
        raise UntrustedCertificate(
            "the link has another key for the server at {server} than the one that it had before: somebody may have "
            "forged the link, or the server was set up anew; its key's fingerprint was {known} and is {given} in the "
            "link. Ask whoever runs the server, or connect to {url} without the link, which goes by the known key",
            server=place,
            known=known,
            given=key,
            url=url,
        )
    return (key,)
