"""What `chatcore serve` prints once it listens: where, how to join it, and what it is recognised by."""

from __future__ import annotations

import errno
import ipaddress
import socket
import struct
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final
from urllib.parse import urlsplit

from chatcore.aio.server import ChatServer, Listen
from chatcore.ports.network_address import host_port
from chatcore_cli.hosting.inviting import Code, Links, code_for_output, code_for_terminal, links_of
from chatcore_cli.hosting.places import transport_of
from chatcore_cli.saying.out import draw, give_up_output, say
from chatcore_cli.saying.texts import _
from chatcore_cli.saying.typed_command import NAME, make_with, program

# By version of the protocol: the loopback address, and one from the range for documentation (RFC 5737, RFC 3849):
# asking how one would get there sends nothing.
_HERE: Final = {4: "127.0.0.1", 6: "::1"}
_ELSEWHERE: Final = {4: (socket.AF_INET, "203.0.113.1"), 6: (socket.AF_INET6, "2001:db8::1")}
# Everybody on a network, of all scopes: the address that one would speak from is the widest of that network.
_EVERYBODY: Final = {4: "224.0.0.1", 6: "ff0e::1"}


def announce(
    places: Sequence[Listen],
    server: ChatServer,
    *,
    by_address: bool,
    public: str | None = None,
    code: Code = Code.NEVER,
) -> int:
    """Say where the server listens, how to join it, and what it is recognised by; returns the exit code so far.

    Args:
        places: where it listens.
        server: one that was started.
        by_address: whether each place was given by an address of its own.
        public: the address of the page, when others reach it in another way.
        code: when to show a code for cameras.
    """
    urls = [_with_dialect(url, place.dialect) for place, url in zip(places, server.urls, strict=True)]
    about = server.about()
    lines = [_("chatcore listens on {url}").format(url=url) for url in urls]
    ways = _ways(places, urls)
    here = [_with_host(url, _HERE[at]) if (at := _everywhere(place)) else url for url, place in ways.items()]
    lines += _join_lines(_("Join it from another terminal:  {command}"), program(), here)
    if all(map(is_here, places)) and public is None:
        encrypted = all(told["encrypted"] for told in about)
        lines.append(_how_to_open(places, encrypted=encrypted, by_address=by_address))
    elif any(map(_everywhere, places)):
        lines += _how_others_join(ways, dict(zip(urls, places, strict=True)))
    links = links_to_lobby(places, server, public)
    if links is not None and links.page is not None:
        lines.append(_("Link for browsers:  {link}").format(link=links.page))
    if links is not None:
        lines.append(_("Link for the window or a terminal:  {link}").format(link=links.programs))
    more = [*_how_to_recognise(places, about), _what_is_kept(server), _("Ctrl-C stops it.")]
    rows: list[str] = []
    if links is not None and links.page is not None:
        rows = _code(links.page, code, leads_others=public is not None or not all(map(is_here, places)))
        if code is Code.ALWAYS and not rows:
            more.insert(0, _("A code for cameras cannot be shown here: make a page with it by  chatcore handout"))
    try:
        say("\n".join(lines))
        draw(rows)
        say("\n".join(more))
    except OSError as failure:
        text = _("The output cannot be written: {why}. The server goes on, and ends with exit code {code} for that.")
        exit_code = give_up_output(failure, text)
        # Whose reader has gone, or which was closed from the start, nobody wanted.
        return 0 if failure.errno in (errno.EPIPE, errno.EBADF) else exit_code
    return 0


def _code(page: str, code: Code, *, leads_others: bool) -> list[str]:
    """Return the rows of the code for cameras that leads to a page; nothing where there is to be none."""
    if code is Code.ALWAYS:
        return code_for_output(page)
    return code_for_terminal(page) if code is Code.FOR_OTHERS and leads_others else []


def links_to_lobby(places: Sequence[Listen], server: ChatServer, public: str | None) -> Links | None:
    """Return the links with which others get into a server's lobby, as far as they can reach it; None without any.

    Args:
        places: where it listens.
        server: one that was started.
        public: the address of the page, when others reach it in another way.
    """
    told = [_told_to_others(place, url) for place, url in zip(places, server.urls, strict=True)]
    return links_of(places, told, server.about(), server.limits.default_room, public)


def _told_to_others(place: Listen, url: str) -> str:
    """Return the address of a place as others have to write it, or this computer where they cannot reach it."""
    version = _everywhere(place)
    if version is None:
        return url
    if place.options.tls_cert is not None:
        from chatcore_tls.certificate_names import names_in

        with suppress(OSError, ValueError):  # it is being renewed
            for name in names_in(place.options.tls_cert)[:1]:
                return _with_host(url, name)
    return _with_host(url, next(iter(lan_addresses(version)), _HERE[version]))


def _with_dialect(url: str, dialect: str) -> str:
    return url if dialect == "chat" else url.replace("://", f"+{dialect}://", 1)


def _ways(places: Sequence[Listen], urls: Sequence[str]) -> dict[str, Listen]:
    """Return the addresses to join by; QUIC and WebSocket on one port are one, and an echo is nothing to join."""
    by_quic = {urlsplit(url).netloc for url in urls if url.startswith("quic://")}
    by_both = {urlsplit(url).netloc for url in urls if url.startswith(("ws://", "wss://"))} & by_quic
    ways: dict[str, Listen] = {}
    for place, url in zip(places, urls, strict=True):
        netloc = urlsplit(url).netloc
        if place.dialect != "echo":
            ways.setdefault(f"chat://{netloc}" if place.dialect == "chat" and netloc in by_both else url, place)
    return ways


def _what_is_kept(server: ChatServer) -> str:
    if server.kept_in is None:
        return _("It keeps everything in memory: a restart forgets it. To keep it, add to the command:  --store sqlite")
    return _("Rooms, users and messages are kept over a restart, in {path}.").format(path=server.kept_in)


def _join_lines(text: str, name: str, urls: Sequence[str]) -> list[str]:
    """Return a line for each address; the first one is `text`."""
    commands = [_("{program} connect {url} --username NAME").format(program=name, url=url) for url in urls]
    texts = [text, *[_("Or:  {command}")] * len(commands)]
    return [text.format(command=command) for text, command in zip(texts, commands, strict=False)]


def _how_others_join(ways: Mapping[str, Listen], places: Mapping[str, Listen]) -> list[str]:
    """Return how other computers get to the places that are at every address of this one."""
    there = _seen_from_elsewhere(ways or places)
    if not there:
        return [_("This computer has no network just now; others cannot join.")]
    if ways:
        # Where the program is on their computers, nobody knows here.
        return _join_lines(_("Others on your network join with:  {command}"), NAME, there)
    text = _("Others on your network connect to {address}, port {port}.")
    return [text.format(address=urlsplit(url).hostname, port=urlsplit(url).port) for url in there]


def _seen_from_elsewhere(places: Mapping[str, Listen]) -> list[str]:
    """Return the addresses of places that are at every address of this computer, as others have to write them."""
    return [
        _with_host(url, address)
        for url, place in places.items()
        if (version := _everywhere(place))
        for address in lan_addresses(version)
    ]


def _how_to_open(places: Sequence[Listen], *, encrypted: bool, by_address: bool) -> str:
    """Return how others on the network could reach it too, encrypted where that is possible."""
    if places[0].options.sockets:
        return _(
            "Only this computer can reach it. To open it to your network, name another address in the .socket unit."
        )
    if by_address:
        text = _("Only this computer can reach it. To open it to your network, listen at 0.0.0.0 instead of {host}.")
        return text.format(host=places[0].options.host)
    more = "--host 0.0.0.0"
    if not encrypted and all(transport_of(place).can_encrypt for place in places):
        more = f"--tls {more}"
    again = make_with(more)
    if again is not None:
        return _("Only this computer can reach it. To open it to your network:  {command}").format(command=again)
    text = _("Only this computer can reach it. To open it to your network, add to the command:  {options}")
    return text.format(options=more)


def _how_to_recognise(places: Sequence[Listen], about: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the fingerprints of a certificate that no authority vouches for."""
    for place, told in zip(places, about, strict=True):
        if place.options.tls_cert is None and "key_fingerprint" in told:
            return [
                _("Its key's fingerprint (SHA-256), for --fingerprint:  {fingerprint}").format(
                    fingerprint=told["key_fingerprint"]
                ),
                _("Its certificate's hash, for web pages:  {fingerprint}").format(
                    fingerprint=told["certificate_hashes"][0]["value"]
                ),
            ]
    return []


def _everywhere(place: Listen) -> int | None:
    """Return 4 or 6 for a place at every address of this computer of that version of IP; None for another one.

    Nobody connects to such an address; what is bound to it takes connections of its own version only.
    """
    address = _address_of(place)
    return address.version if address is not None and address.is_unspecified else None


def is_here(place: Listen) -> bool:
    """Tell whether only this computer can reach a place."""
    address = _address_of(place)
    return place.options.host == "localhost" if address is None else address.is_loopback


def _address_of(place: Listen) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = socket.getaddrinfo(place.options.host, None, flags=socket.AI_NUMERICHOST)  # also 0, or 127.1
    except (OSError, UnicodeError):
        return None
    return ipaddress.ip_address(str(found[0][4][0]))


def _with_host(url: str, host: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=host_port(host, parts.port or 0)).geturl()


def lan_addresses(version: int = 4) -> list[str]:
    """Return the addresses under which other computers reach this one, as far as it can tell; sends nothing.

    That is the one from which it would speak to the world; without a way there, those on each of its networks.

    Args:
        version: of IP.
    """
    family, elsewhere = _ELSEWHERE[version]
    found = [_speaks_from(family, (elsewhere, 9))]
    if found == [None]:
        found = [_speaks_from(family, (_EVERYBODY[version], 9), index) for index, _name in socket.if_nameindex()]
    return [address for address in dict.fromkeys(found) if address is not None]


def _speaks_from(family: socket.AddressFamily, there: tuple[str, int], interface: int = 0) -> str | None:
    """Return the address from which this computer would speak to another one; None when it cannot, or not by itself."""
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            if interface and family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, interface)
            elif interface:  # two addresses, then the number of the interface (ip(7))
                probe.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, struct.pack("@4s4si", b"", b"", interface))
            probe.connect(there)
            address = ipaddress.ip_address(str(probe.getsockname()[0]))
    except OSError:
        return None
    zoned = address.version == 6 and address.is_link_local  # and others call the zone by names of their own
    return None if address.is_loopback or address.is_unspecified or zoned else str(address)
