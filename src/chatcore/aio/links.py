"""The links to the room that a client is in."""

from __future__ import annotations

from typing import Final

from chatcore.aio.client import Client
from chatcore.aio.routes import host_and_port
from chatcore.ports.known_servers import KnownServers, server_place
from chatcore.ports.server_address import DEFAULT_PORT
from chatcore.text.invitation import links_to

_ENCRYPTED: Final = frozenset({"wss", "quic"})


def room_links(
    client: Client, known_servers: KnownServers | None = None, *, room: str | None = None, token: str | None = None
) -> tuple[str, ...]:
    """Return the links to the room that the user is in: for browsers, where the server has a page, and for programs.

    Args:
        client: one that has logged in.
        room: name of another room.
        token: of an invitation.
        known_servers: has the fingerprint of the server's key, which the links carry then.

    Raises:
        ConnectionFailed: there is no link to an address like this server's.
        ConfigurationError: what is known of servers cannot be read.
    """
    key = None
    if known_servers is not None and client.transport in _ENCRYPTED:
        key = known_servers.key_of(server_place(*host_and_port(client.reached, DEFAULT_PORT)))
    return links_to(
        client.room if room is None else room,
        url=client.reached,
        transport=client.transport,
        server=client.server,
        key=key,
        token=token,
    )
