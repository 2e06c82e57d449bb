"""The port for what a client remembers of the servers that it has met."""

from __future__ import annotations

import ipaddress
from typing import Protocol

from chatcore.ports.network_address import host_port
from chatcore.ports.server_address import ascii_name


class KnownServers(Protocol):
    """The keys of servers that no authority vouches for, so that a stranger in their place is noticed.

    What `connect(known_servers=...)` takes.

    A place is what `server_place` returns. A key is told by its fingerprint: SHA-256 of the public key (DER), in hex.
    Both methods may raise `ConfigurationError` when what is remembered cannot be used: that a server was never met is
    said only when it is certain.
    """

    def key_of(self, place: str) -> str | None:
        """Return the fingerprint of the key that the server had, None for one never met."""
        ...

    def remember(self, place: str, key_fingerprint: str) -> None:
        """Remember the key of a server from now on."""
        ...


def server_place(host: str, port: int) -> str:
    """Return the one spelling of `host:port` for a server, however its host is written.

    Lower case, no dot at the end, an international name in its ASCII form (as connecting takes it), an IPv6
    address in brackets and short (RFC 5952).
    """
    host = "".join(map(str.lower, host)).replace("%25", "%")  # a zone in a URL (RFC 6874)
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        name = host.removesuffix(".")
        try:
            name = ascii_name(name)
        except UnicodeError:
            pass  # nobody can be reached under it
        return f"{name}:{port}"
    return host_port(str(address), port)
