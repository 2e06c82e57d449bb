"""Where a server listens: `--listen` addresses, or transports that share host and port."""

from __future__ import annotations

import ipaddress
import logging
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Final

from chatcore.aio.plugins import load_dialect, load_transport, scheme_of, split_dialect, transport_for
from chatcore.aio.server import Listen
from chatcore.errors import ConfigurationError, ConnectionFailed, Sentence
from chatcore.ports.network_address import host_port
from chatcore.ports.server_address import server_address, without_login
from chatcore.ports.transport import ListenOptions, Transport
from chatcore_cli.saying.texts import languages
from chatcore_net.binding import fitting
from chatcore_web import web_files

_log = logging.getLogger("chatcore")

KINDS: Final = {"ws": socket.SOCK_STREAM, "tcp": socket.SOCK_STREAM, "quic": socket.SOCK_DGRAM}
"""The sockets of transports that listen on a host; for one of another package that may be a path."""
_LOCALHOST: Final = (ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1"))


def shared_places(
    transports: tuple[str, ...], dialect: str, port: int | None, options: ListenOptions
) -> tuple[Listen, ...]:
    """Return the places for transports that share host, port and dialect. Raises `ConfigurationError`."""
    load_dialect(dialect)
    return tuple(
        Listen(name, dialect, replace(options, port=load_transport(name).default_port if port is None else port))
        for name in dict.fromkeys(transports)
    )


def share_sockets(
    places: Sequence[Listen], admin: tuple[str, int] | None, sockets: Sequence[int]
) -> tuple[tuple[Listen, ...], tuple[int, ...]]:
    """Share the sockets that are open already among the places that have their ports.

    A socket that is at the host of one place is for that one alone, be it that others have its port at other hosts; one
    that is at the host of none is for the first that has its port.

    Returns the places, each with its sockets and the host that those are at, and the sockets for what operators ask.
    """
    named = [_sockets_of(place, sockets) if place.options.port else {} for place in places]
    own = [_at(place.options.host, found) for place, found in zip(places, named, strict=True)]
    for_admin = set[int]()
    if admin is not None and admin[1]:
        for_admin = _at(admin[0], fitting(admin[1], socket.SOCK_STREAM, sockets))
    shared, given = [], set[int]()
    for place, mine in zip(places, own, strict=True):
        others = set[int]().union(for_admin, *own) - mine | given
        options = replace(place.options, sockets=tuple(fd for fd in sockets if fd not in others))
        if found := _sockets_of(place, options.sockets):
            widest = max(found, key=lambda fd: (_width(found[fd]), fd in mine))
            options = replace(options, host=found[widest])
            given |= found.keys()
        shared.append(replace(place, options=options))
    left = given.union(*own) - for_admin
    return tuple(shared), tuple(fd for fd in sockets if fd not in left)


def _at(host: str, found: Mapping[int, str]) -> set[int]:
    """Return those sockets that are at this very host."""
    return {fd for fd, at in found.items() if ipaddress.ip_address(at) in _addresses(host)}


def tell_of_unused(sockets: Sequence[int], places: Sequence[Listen], admin: tuple[str, int] | None) -> None:
    """Write a line for each socket that is open already and that nothing listens at: who connects there hangs."""
    if not all(place.transport in KINDS for place in places):  # who knows what others take
        return
    used = [each for place in places for each in _sockets_of(place, place.options.sockets)]
    if admin is not None and admin[1]:
        used += fitting(admin[1], socket.SOCK_STREAM, sockets)
    why = Sentence(
        "nothing of the server has this port: take it out of the .socket unit, or have the server listen there"
    )
    for fd in sockets:
        if fd not in used:
            with socket.socket(fileno=os.dup(fd)) as sock:
                at = sock.getsockname()
            address = host_port(*at[:2]) if isinstance(at, tuple) else str(at)
            _log.warning("unused_socket", extra={"fields": {"address": address, "why": why}})


def _sockets_of(place: Listen, sockets: Sequence[int]) -> dict[int, str]:
    return fitting(place.options.port, KINDS[place.transport], sockets) if place.transport in KINDS else {}


def _width(host: str) -> int:
    """Tell how many can reach a host, as a number to compare: everybody, others, or this computer alone."""
    address = ipaddress.ip_address(host)
    return 2 if address.is_unspecified else 0 if address.is_loopback else 1


def place_at(address: str, options: ListenOptions) -> Listen:
    """Return the place that an address such as `tcp+echo://0.0.0.0:7` names.

    Raises:
        ConfigurationError: there is no such transport or dialect, or it is no address.
    """
    url, dialect = split_dialect(address)
    try:
        transport = transport_for(url)
        found = server_address(url, target=False, any_port=True)
    except ConnectionFailed:  # its sentence is for those who connect
        raise ConfigurationError(
            "{address} is not a place to listen at; write it like ws://0.0.0.0:8765 or tcp+echo://127.0.0.1:7.",
            address=without_login(address),
        ) from None
    load_dialect(dialect or "chat")
    options = replace(options, host=found.host, port=transport.default_port if found.port is None else found.port)
    if not transport.can_encrypt or f"{found.scheme}s" in transport.schemes:  # there is another scheme for that
        options = replace(options, tls_cert=None, tls_key=None, tls_own=False)
    elif found.scheme.removesuffix("s") in transport.schemes:
        options = replace(options, tls_own=True)
    return Listen(transport.name, dialect or "chat", options)


def check_ports(places: tuple[Listen, ...], admin: tuple[str, int] | None, admin_option: str) -> None:
    """Refuse places that have one port: only TCP and UDP, of a WebSocket and QUIC, have one each of the same number.

    Two hosts can have one address: that of every network is all of them, and `localhost` has two.

    Args:
        places: where the server listens.
        admin: host and port of what those who run it ask.
        admin_option: what says so.

    Raises:
        ConfigurationError: two of them cannot both be listened at.
    """
    taken: list[tuple[str, str, int]] = []
    for place in places:
        name, host, port = transport_of(place).name, place.options.host, place.options.port
        if not port or name not in KINDS:  # any port that is free, or who knows what
            continue
        if found := _first_at(taken, KINDS[name], host, port):
            raise ConfigurationError(
                "{first} and {second} cannot both listen on port {port} of {host}; give each one of its own with "
                "--listen, like --listen ws://0.0.0.0:8765 --listen tcp://0.0.0.0:7007.",
                first=found[0],
                second=name,
                port=port,
                host=found[1],
            )
        taken.append((name, host, port))
    if admin is not None and (found := _first_at(taken, socket.SOCK_STREAM, *admin)):
        raise ConfigurationError(
            "{first} and {option} cannot both listen on port {port} of {host}; choose another one for either.",
            first=found[0],
            option=admin_option,
            port=admin[1],
            host=found[1],
        )


def _first_at(
    taken: Sequence[tuple[str, str, int]], kind: socket.SocketKind, host: str, port: int
) -> tuple[str, str] | None:
    """Return the transport that has a port already, and the host where it does; None where none is known to."""
    for name, its_host, its_port in taken:
        shared = _shared_host(host, its_host) if (KINDS[name], its_port) == (kind, port) else None
        if shared is not None:
            return name, shared
    return None


def _shared_host(one: str, other: str) -> str | None:
    """Return that of two hosts which is a part of the other; None where neither is known to be."""
    for mine, its in product(_addresses(one), _addresses(other)):
        if mine == its:
            return one
        if isinstance(mine, str) or isinstance(its, str) or mine.version != its.version:
            continue
        if mine.is_unspecified or its.is_unspecified:
            return other if mine.is_unspecified else one
    return None


def _addresses(host: str) -> tuple[str | ipaddress.IPv4Address | ipaddress.IPv6Address, ...]:
    """Return the addresses of a host, or a name of which nobody was asked for them."""
    if host.lower().rstrip(".") == "localhost":
        return _LOCALHOST
    try:
        return (ipaddress.ip_address(host),)
    except ValueError:
        return (host.lower(),)


def with_web_page(places: tuple[Listen, ...]) -> tuple[Listen, ...]:
    """Return the places, those of the chat with the page that browsers get there."""
    files = web_files(languages())
    return tuple(
        replace(place, options=replace(place.options, web=files)) if place.dialect == "chat" else place
        for place in places
    )


def is_encrypted(place: Listen) -> bool:
    """Tell whether a place that was given by its address is encrypted."""
    return place.options.tls_own or place.options.tls_cert is not None


def secure_address(address: str) -> str | None:
    """Return the address of the same place, encrypted; None where there is no such thing."""
    url, _dialect = split_dialect(address)
    scheme = scheme_of(url)
    return f"{scheme}s{address[len(scheme) :]}" if f"{scheme}s" in transport_for(url).schemes else None


def transport_of(place: Listen) -> Transport:
    """Return the transport of a place."""
    return load_transport(place.transport) if isinstance(place.transport, str) else place.transport
