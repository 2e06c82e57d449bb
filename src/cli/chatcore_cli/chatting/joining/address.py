"""The address of a server, as people type it, or a link to it."""

from __future__ import annotations

import re
from dataclasses import replace

from chatcore.aio.plugins import RACE_SCHEME, load_dialect, scheme_of, split_dialect, transport_for
from chatcore.errors import ConfigurationError, ConnectionFailed
from chatcore.ports.server_address import DEFAULT_PORT, no_address, server_address
from chatcore.text.invitation import Invitation, read_invitation


def invited(text: str) -> Invitation:
    """Return where a link or an address leads.

    Raises:
        ConfigurationError: nowhere.
    """
    found = read_invitation(text) or Invitation(text)
    return replace(found, url=full_url(found.url))


def full_url(address: str) -> str:
    """Return the URL that an address stands for: `host`, `host:port` or a whole URL.

    Raises:
        ConfigurationError: it is no address, or there is no such transport or dialect.
    """
    url = address if "://" in address else f"{RACE_SCHEME}://{_with_port(address)}"
    transport_url, dialect = split_dialect(url)
    load_dialect(dialect or "chat")
    race = scheme_of(transport_url) == RACE_SCHEME
    if not race and not _has_ports(transport_url):
        return url
    try:
        server_address(transport_url, userinfo=not race)
    except ConnectionFailed as error:
        if "part" in error.values:  # an address, with something in it that would have no effect
            raise ConfigurationError(error.sentence) from None
        raise ConfigurationError(no_address(address)) from None
    return url


def _with_port(address: str) -> str:
    place = re.split("[/?#]", address, maxsplit=1)[0]
    rest = address[len(place) :]
    if re.fullmatch(r"[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f.]*(%[^]]+)?", place):  # IPv6 without brackets
        return f"[{place}]:{DEFAULT_PORT}{rest}"
    host_alone = place.endswith("]") or ":" not in place
    return f"{place}:{DEFAULT_PORT}{rest}" if host_alone else address


def _has_ports(url: str) -> bool:
    """Tell whether hosts and ports are what the transport of this address connects to."""
    try:
        return transport_for(url).default_port > 0
    except ConnectionFailed as error:
        raise ConfigurationError(error.sentence) from error
