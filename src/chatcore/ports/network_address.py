"""Network addresses, as far as they have to be told apart: what comes from one place is bounded together."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

# Whoever has one IPv6 address has at least so many of them (RFC 6177, section 2; RFC 4291, section 2.5.4).
_HOUSEHOLD_BITS: Final = 64
# How many bits of an IPv6 address come before the IPv4 address that it stands for (RFC 4291, section 2.5.5.2).
_MAPPED_BITS: Final = 96
# An address is looked at in several places. What is longer than any address comes from a stranger's request.
_READ_LATELY: Final = 1024
_USUAL_CHARS: Final = 64


def host_port(host: str, port: int) -> str:
    """Return `host:port`, as in a URL."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def parse_address(text: str) -> IPv4Address | IPv6Address | None:
    """Return the IP address in `text`, as in `192.0.2.1:80`, `[2001:db8::1%eth0]:80` or without a port; None without.

    An IPv4 address that is written as an IPv6 one (RFC 4291, section 2.5.5.2) is the IPv4 address.
    """
    host = text.strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    return read_address(host)


def read_address(host: str) -> IPv4Address | IPv6Address | None:
    """Return the IP address that `host` is, as `parse_address` does; it stands alone, without brackets and port."""
    return _read_lately(host) if len(host) <= _USUAL_CHARS else _read(host)


def plain_host(host: str) -> str:
    """Return a host as sockets take it.

    That is without the brackets that it has in a URL; and an IPv4 address that is written as an IPv6 one is the IPv4
    address, since nobody listens to both versions of IP with one socket here.
    """
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    address = read_address(bare)
    return str(address) if isinstance(address, IPv4Address) else bare


def _read(host: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(host)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or address
    return address


_read_lately = lru_cache(maxsize=_READ_LATELY)(_read)


def place_of(text: str) -> str:
    """Return the place on the network that an address belongs to, empty when it is no IP address.

    That is the address itself, and of an IPv6 address its /64. On a link without a router (fe80::/10) that is
    everybody, so there it is the address too.
    """
    address = parse_address(text)
    if address is None:
        return ""
    return _place(address)


@lru_cache(maxsize=_READ_LATELY)
def _place(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv4Address) or address.is_link_local:
        return str(address)
    return str(IPv6Network((int(address), _HOUSEHOLD_BITS), strict=False))


def parse_network(text: str) -> str:
    """Return the network in `text`, as in `192.0.2.0/24` or `2001:db8::/32`, or of one address; empty when none is."""
    try:
        return str(ip_network(text.strip(), strict=False))
    except ValueError:
        return ""


def read_network(text: str) -> IPv4Network | IPv6Network | None:
    """Return the network in `text`, as `parse_network` does; of IPv4 addresses, when it is of such written as IPv6."""
    try:
        network = ip_network(text.strip(), strict=False)
    except ValueError:
        return None
    if isinstance(network, IPv4Network) or network.prefixlen < _MAPPED_BITS:
        return network
    first = network.network_address.ipv4_mapped
    return network if first is None else IPv4Network((int(first), network.prefixlen - _MAPPED_BITS))


def places_in(text: str) -> str:
    """Return the network in `text` as one of whole places (`place_of`): an IPv6 address stands for its /64."""
    network = read_network(text)
    if isinstance(network, IPv6Network) and network.prefixlen > _HOUSEHOLD_BITS and not network.is_link_local:
        network = network.supernet(new_prefix=_HOUSEHOLD_BITS)
    return "" if network is None else str(network)


class PerPlace:
    """Counts what each place has, and bounds it. Those without an address are not counted.

    Args:
        most: how many one place may have; 0 for any number.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._counts: Counter[str] = Counter()

    def __len__(self) -> int:
        """Return how many places have something."""
        return len(self._counts)

    def __getitem__(self, place: str) -> int:
        """Return how many a place has."""
        return self._counts[place]

    def fits(self, place: str, count: int = 1) -> bool:
        """Tell whether a place may have so many more."""
        return not self.most or not place or self._counts[place] + count <= self.most

    def add(self, place: str, count: int = 1) -> None:
        """Let a place have so many more."""
        self._counts[place] += count

    def remove(self, place: str, count: int = 1) -> None:
        """Let a place have so many less."""
        self._counts[place] -= count
        if self._counts[place] <= 0:
            del self._counts[place]


class ConnectionCount:
    """Counts the connections of all places of a server.

    Attributes:
        total: how many there are, those that shake hands too.
        files: how many of them have a file descriptor of their own.
    """

    __slots__ = ("files", "total")

    def __init__(self) -> None:
        self.total = self.files = 0

    def add(self, *, files: int) -> None:
        """Count one more, which has so many file descriptors."""
        self.total += 1
        self.files += files

    def remove(self, *, files: int) -> None:
        """Count it no more."""
        self.total -= 1
        self.files -= files
