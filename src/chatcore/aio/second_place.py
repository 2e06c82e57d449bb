"""Where a session may have a second connection, for files: what servers say of it, and what clients make of that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from chatcore.errors import ConnectionFailed
from chatcore.ports.network_address import host_port, parse_address
from chatcore.ports.server_address import server_address
from chatcore.ports.transport import ConnectOptions, Link

FILES: Final = "files"
"""What a server says in its welcome of where a second connection may go (`Welcomed.server`)."""
_MOST_PORTS: Final = 2**16


def offered_place(places: Sequence[Mapping[str, Any]], public_url: str | None) -> dict[str, Any]:
    """Return what a server says of it: those who come over QUIC may have a WebSocket, which is quicker with files.

    Args:
        places: where it listens (`ChatServer.about`); the first of a kind counts.
        public_url: address of the WebSocket when others reach it in another way.
    """
    usable = {told["transport"]: told for told in reversed(places) if told["dialect"] == "chat"}
    if not usable.keys() >= {"ws", "quic"}:
        return {}
    if public_url is not None:
        return {FILES: {"url": public_url}}
    told = usable["ws"]
    place = {"scheme": "wss" if told["encrypted"] else "ws", "port": told["port"]}
    return {FILES: place | {name: told[name] for name in ("key_fingerprint",) if name in told}}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a second connection goes, and how.

    Attributes:
        scheme: `wss`, or `ws` where nothing leaves this machine.
        url: the whole address.
        options: how to connect; they name the key that the server has to show, unless an authority vouches for it.
    """

    scheme: str
    url: str
    options: ConnectOptions


def second_place(url: str, options: ConnectOptions, offered: Mapping[str, Any], main: Link) -> Place:
    """Return where the second connection goes beside `main`.

    Args:
        url: address of the server, as the user has it.
        options: how the first connection was made.
        offered: what the server says: `scheme` and `port`, or the `url` that others reach it by.
        main: the first connection.

    Raises:
        ConnectionFailed: what the server says is no use; or it would be less safe than the chat is.
    """
    told, key = offered.get("url"), main.key_fingerprint
    if isinstance(told, str):
        scheme, place = server_address(told).scheme, told
    else:
        scheme, port = str(offered.get("scheme")), offered.get("port")
        if type(port) is not int or not 0 < port < _MOST_PORTS:
            raise ConnectionFailed("the server does not say where")
        place = f"{scheme}://{host_port(server_address(url, userinfo=True).host, port)}"
        shown = offered.get("key_fingerprint")
        if scheme == "wss" and key is not None and not options.fingerprints and options.tls_ca is None:
            # Said over a connection that was recognised: the server may have another certificate there.
            options = replace(options, fingerprints=(key, shown) if isinstance(shown, str) else (key,))
    if scheme not in ("ws", "wss"):
        raise ConnectionFailed("the server does not say where")
    address = parse_address(main.address)
    if scheme == "ws" and key is not None and not (address is not None and address.is_loopback):
        raise ConnectionFailed("the server's WebSocket is not encrypted, and this connection is")
    return Place(scheme, place, options)
