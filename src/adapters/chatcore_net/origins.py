"""Which web pages may connect, and under which names: the rule of every transport that browsers speak.

A browser lets any page connect to any server, and says which page it is (`Origin`); whether that is right is ours to
decide (RFC 6455, section 10.2). A page can also have the name that it comes from point at this machine (DNS rebinding):
it then seems to be the server's own. So a server that is reached over loopback has to be called by a name that always
means loopback, or by one that its host has given.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from chatcore.errors import ConfigurationError, ConnectionFailed
from chatcore.ports.network_address import read_address
from chatcore.ports.server_address import DEFAULT_PORT, ascii_name, server_address, without_login

_DEFAULT_PORTS: Final = {"http": ":80", "ws": ":80", "https": ":443", "wss": ":443"}
_HOST: Final = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^\s\[\]:/@\\?#*,\ud800-\udfff]+))(?::([0-9]{1,5}))?")
_NOBODY: Final = ipaddress.IPv4Address("255.255.255.255")
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*")  # RFC 3986, section 3.1; browsers' extensions have their own
_NO_PAGES: Final = frozenset({"ws", "wss", "quic", "chat", "tcp", "ftp", "file", "data", "blob", "about", "javascript"})
"""What looks like an origin, and is the address of a server, or of a page that has no origin (`null`)."""
_NUMBERS: Final = re.compile(r"[0-9a-fx.]+")
# Of a page without an address of its own: a file, or a frame that is locked in (HTML, "opaque origin").
_NOWHERE: Final = "null"
# Of addresses of servers: what a browser uses there. The page comes from the same place as the WebSocket; WebTransport
# is https, where there need be no page; the last one leaves the choice to the client.
_SCHEMES: Final = {
    "ws": ("ws", "http"),
    "wss": ("wss", "https"),
    "quic": ("https",),
    "chat": ("ws", "http", "wss", "https"),
}
UNKNOWN_ORIGIN: Final = "Pages of this origin may not connect; the server's --origin allows it.\n"
UNKNOWN_HOST: Final = "This server does not know itself by this name; its --origin https://NAME says that it does.\n"
"""What somebody is told who may not connect; whoever runs the server is told more (`advice`)."""
_PLAIN: Final = re.compile(r"[A-Za-z0-9.:_+/\[\]-]{1,100}")
"""What a stranger says and we repeat."""


class Origins:
    """The rule for one listener.

    Args:
        allowed: origins of pages that may connect, as users write them.
        addresses: returns where clients reach the servers of the chat: pages that these hand out may connect, too.
        certified: says whether the server's certificate is for a name: whoever gave it that one calls it so.

    Raises:
        ConfigurationError: one of the origins is none.
    """

    def __init__(
        self,
        allowed: Iterable[str] = (),
        addresses: Callable[[], Iterable[str]] = tuple,
        certified: Callable[[str], bool] | None = None,
    ) -> None:
        self._allowed = frozenset(map(_read_origin, allowed))
        self._addresses = addresses
        self._certified = certified
        own = socket.gethostname().lower()
        self._hosts = _hosts_of(self._allowed) | {own, f"{own}.local"}

    def allows(self, origins: Sequence[str], hosts: Sequence[str], peer: object) -> bool:
        """Say whether a page, or a program, may connect.

        Args:
            origins: what the request says about the page it comes from; programs send none, browsers always do, and
                do not lie.
            hosts: what the request calls the server: `Host`, or `:authority`.
            peer: the other end of the connection, as `socket.getpeername` tells it.
        """
        if not origins:
            return self.knows(hosts, peer)
        if len(origins) > 1:
            return False
        origin = _spelling(origins[0])
        if origin in self._allowed:
            return True
        scheme, _, place = origin.partition("://")
        host = hosts[0].lower() if hosts else ""
        if bool(place) and place == host.removesuffix(_DEFAULT_PORTS.get(scheme, "")) and self.knows(hosts, peer):
            return True
        return origin in self._advertised()

    def knows(self, hosts: Sequence[str], peer: object) -> bool:
        """Say whether the server goes by the name that a request calls it."""
        if len(hosts) > 1:
            return False
        if not hosts or not _is_loopback(peer):
            return True
        found = _HOST.fullmatch(hosts[0].lower())
        if found is None:
            return False
        address, name, _port = found.groups()
        name = (name or "").removesuffix(".")
        if _means_here(address or name) or name.rpartition(".")[2] == "localhost" or name in self._hosts:
            return True
        if name in _hosts_of(self._advertised()):
            return True
        return self._certified is not None and self._certified(name)

    def _advertised(self) -> frozenset[str]:
        return _page_origins(tuple(self._addresses()))


def page_places(address: str) -> tuple[str, ...]:
    """Return under what a browser reaches a server, and its page, by an address at which clients reach it.

    Each is `SCHEME://HOST[:PORT]`, in lower case. There is none for an address that no browser understands.
    """
    try:
        parts = server_address(address, userinfo=True)
        host = ascii_name(parts.name)
    except (ConnectionFailed, UnicodeError):
        return ()
    place = f"[{host}]" if ":" in host else host
    if _HOST.fullmatch(place) is None or _PLAIN.fullmatch(place) is None:
        return ()
    default = DEFAULT_PORT if parts.scheme in ("chat", "quic") else None
    port = parts.port or default
    return tuple(f"{scheme}://{place}{f':{port}' if port else ''}" for scheme in _SCHEMES.get(parts.scheme, ()))


@lru_cache(maxsize=8)
def _page_origins(addresses: tuple[str, ...]) -> frozenset[str]:
    """Return the origins of pages that servers hand out which clients reach at these addresses."""
    places = (place for address in addresses if not address.startswith("quic:") for place in page_places(address))
    return frozenset(_spelling(place) for place in places if place.startswith("http"))


def _hosts_of(origins: frozenset[str]) -> frozenset[str | None]:
    return frozenset(urlsplit(origin).hostname for origin in origins)


def advice(origins: Sequence[str], hosts: Sequence[str]) -> str:
    """Return, for whoever runs the server, what a request that was refused is about, and what would allow it."""
    if len(origins) > 1 or len(hosts) > 1:
        return "it says twice where it comes from, or where it goes"
    if not all(map(_PLAIN.fullmatch, (*origins, *hosts))):  # somebody may paste what we advise into a shell
        return "it comes from, or goes to, something that is no address"
    if origins:
        origin = origins[0]
        return f"pages of {origin} may not connect; if you trust them, start the server with --origin {origin}"
    host = hosts[0] if hosts else ""
    return (
        f"a server on loopback is not called {host}; if your proxy calls it so, start it with --origin https://{host}"
    )


def _read_origin(text: str) -> str:
    origin = _spelling(text)
    scheme, _, place = origin.partition("://")
    if origin == _NOWHERE:
        return origin
    found = _HOST.fullmatch(place)
    if _SCHEME.fullmatch(scheme) is None or scheme in _NO_PAGES or found is None or not _is_reached(found):
        raise ConfigurationError(
            "{origin} is not the origin of web pages, like https://chat.example.org", origin=without_login(text)
        )
    name = found[2] or ""
    with suppress(UnicodeError):
        place = ascii_name(name) + place[len(name) :]
    return f"{scheme}://{place}"


def _is_reached(place: re.Match[str]) -> bool:
    """Say whether a page can come from there: its address is one, and so is its port."""
    address, _, port = place.groups()
    return (address is None or read_address(address) is not None) and 0 < int(port or 1) < 2**16


def _spelling(text: str) -> str:
    """Return an origin in its one spelling: lower case, no slash at the end, no port that goes without saying."""
    text = "".join(map(str.lower, text.strip())).rstrip("/")  # not by the word: a Greek name would end otherwise
    scheme, separator, place = text.partition("://")
    return scheme + separator + place.removesuffix(_DEFAULT_PORTS.get(scheme, ""))


def _is_loopback(peer: object) -> bool:
    return isinstance(peer, tuple) and _address(str(peer[0])).is_loopback


def _means_here(host: str) -> bool:
    """Say whether an address that stands for a host always leads to the machine that uses it."""
    if _NUMBERS.fullmatch(host):
        with suppress(OSError):
            host = socket.inet_ntoa(socket.inet_aton(host))  # also 127.1, as connecting takes it
    address = _address(host)
    return address.is_loopback or address.is_unspecified


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return an address; that of nobody for what is none."""
    return read_address(host) or _NOBODY
