"""The port for what a client remembers of the servers that it has met."""

from __future__ import annotations

from typing import Protocol


class KnownServers(Protocol):
    """The keys of servers that no authority vouches for, so that a stranger in their place is noticed.

    What `connect(known_servers=...)` takes.

    A place is `host:port` in lower case, an IPv6 address in brackets. A key is told by its fingerprint: SHA-256 of
    the public key (DER), in hex. Both methods may raise `ConfigurationError` when what is remembered cannot be used.
    """

    def key_of(self, place: str) -> str | None:
        """Return the fingerprint of the key that the server had, None for one never met."""
        ...

    def remember(self, place: str, key_fingerprint: str) -> None:
        """Remember the key of a server from now on."""
        ...
