"""Who comes in: from which networks, how many connections one network address has, and whom a proxy speaks for."""

from __future__ import annotations

import logging
from collections.abc import Hashable, Iterable
from ipaddress import IPv4Network, IPv6Network
from typing import Final

from chatcore.errors import ConfigurationError
from chatcore.ports.network_address import PerPlace, parse_address, place_of, read_network
from chatcore.ports.transport import ListenOptions

logger: Final = logging.getLogger("chatcore.net")

CROWDED: Final = "there are too many connections from your network address"
"""What those are told of whose address there are as many as there may be."""
CROWDED_ADVICE: Final = (
    "its network address has as many connections as --connections-per-address allows; if it is a proxy, name it with "
    "--trust-proxy"
)
"""The same for whoever runs the server."""

DENIED: Final = "nobody may come in from your network address"
"""What those are told who may not come in from where they are."""
DENIED_ADVICE: Final = "--allow and --deny keep its network address out"
"""For whoever runs the server, of those who may not come in from where they are."""


# So many times as many as may stay may be about to say what they want.
_VISITS: Final = 2


class Entrance:
    """The door of one listener; how many each address has is counted for all doors of a server together.

    Args:
        options: what the listener was given.

    Raises:
        ConfigurationError: what should be a network is none.
    """

    def __init__(self, options: ListenOptions) -> None:
        self._counts = PerPlace(0) if options.places is None else options.places
        self._proxies = [_network(text) for text in options.proxies]
        self._allowed = [_network_of_users(text) for text in options.allow]
        self._denied = [_network_of_users(text) for text in options.deny]
        self._places: dict[Hashable, str] = {}
        self._visits = PerPlace(_VISITS * self._counts.most)
        self._visitors: dict[Hashable, str] = {}
        self._warned = False

    def is_proxy(self, address: str) -> bool:
        """Tell whether connections from an address are those of others, whom a proxy speaks for."""
        found = parse_address(address) if self._proxies else None
        return found is not None and any(found in network for network in self._proxies)

    def lets_in(self, address: str) -> bool:
        """Tell whether somebody may come in from an address: from one that is denied nobody may, allowed or not."""
        if not (self._allowed or self._denied):
            return True
        found = parse_address(address)
        if found is None or any(found in network for network in self._denied):
            return False
        return not self._allowed or any(found in network for network in self._allowed)

    def place_of(self, address: str) -> str:
        """Return what connections from an address are counted under; empty for those of a proxy."""
        return "" if self.is_proxy(address) else place_of(address)

    def forwarded_for(self, values: Iterable[str]) -> str | None:
        """Return the address that a proxy speaks for, None when it does not say.

        `values` are those of X-Forwarded-For. Each proxy adds the one that it was reached from at the end, so the last
        one that is no proxy of ours counts; before it, anybody can have written anything.
        """
        for text in reversed([part for value in values for part in value.split(",")]):
            address = parse_address(text)
            if address is None:
                return None
            if not self.is_proxy(str(address)):
                return str(address)
        return None

    def came_unnamed(self, address: str) -> None:
        """Tell whoever runs the server, once, that a proxy does not say whom it speaks for.

        It may have been somebody on the proxy's own computer, who goes past it.
        """
        if not self._warned:
            self._warned = True
            why = (
                "--trust-proxy names this address, and nobody was named in X-Forwarded-For; if that was the proxy, let "
                "it add the header: until then its users are not counted by address, and a ban by address puts out all "
                "of them"
            )
            logger.warning("unnamed_by_proxy", extra={"fields": {"address": str(parse_address(address)), "why": why}})

    def has_room(self, place: str) -> bool:
        """Tell whether one more may come from there."""
        return self._counts.fits(place)

    def came(self, link: Hashable, place: str) -> None:
        """Count a connection."""
        self.went(link)  # it was a visitor
        if place:
            self._places[link] = place
            self._counts.add(place)

    def has_room_to_visit(self, place: str) -> bool:
        """Tell whether one more may look what there is here."""
        return self._visits.fits(place)

    def visits(self, link: Hashable, place: str) -> None:
        """Count a connection that has not said what it wants, or wants to look at a page: soon it is gone, or `stays`.

        A browser has several of these while it loads a page, and a class behind one address many.
        """
        if place:
            self._visitors[link] = place
            self._visits.add(place)

    def may_stay(self, link: Hashable) -> bool:
        """Tell whether there is room for a visitor that has said what it wants."""
        return self.has_room(self._visitors.get(link, ""))

    def stays(self, link: Hashable) -> None:
        """Count a visitor as one that came."""
        place = self._visitors.get(link)
        if place is not None:
            self.came(link, place)

    def went(self, link: Hashable) -> None:
        """Count a connection no more. Idempotent."""
        for places, counts in ((self._places, self._counts), (self._visitors, self._visits)):
            place = places.pop(link, None)
            if place is not None:
                counts.remove(place)


def _network_of_users(text: str) -> IPv4Network | IPv6Network:
    network = read_network(text)
    if network is None:
        raise ConfigurationError(
            "{network} is not a network address, like 192.0.2.7, or a network, like 192.168.0.0/16 or fd00::/8",
            network=text,
        )
    return network


def _network(text: str) -> IPv4Network | IPv6Network:
    network = read_network(text)
    if network is None:
        raise ConfigurationError(
            "{network} is not the address of a proxy, like 127.0.0.1, or a network of them, like 10.0.0.0/8",
            network=text,
        )
    return network
