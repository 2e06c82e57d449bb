"""The address of a server, as people type it."""

from __future__ import annotations

import re
from typing import Final

from chatcore.aio.plugins import RACE_SCHEME, load_dialect, scheme_of, split_dialect, transport_for
from chatcore.aio.routes import host_and_port
from chatcore.errors import ConfigurationError, ConnectionFailed

_DEFAULT_PORT: Final = 8765


def full_url(address: str) -> str:
    """Return the URL that an address stands for: `host`, `host:port` or a whole URL.

    Raises:
        ConfigurationError: it is no address, or there is no such transport or dialect.
    """
    url = address if "://" in address else f"{RACE_SCHEME}://{_with_port(address)}"
    transport_url, dialect = split_dialect(url)
    load_dialect(dialect or "chat")
    if scheme_of(transport_url) != RACE_SCHEME and not _has_ports(transport_url):
        return url
    try:
        host_and_port(transport_url, _DEFAULT_PORT)
    except ConnectionFailed:
        raise ConfigurationError(
            "{address} is not the address of a server; write it like 192.168.1.5, example.org:8765 or "
            "ws://example.org:8765",
            address=address,
        ) from None
    return url


def _with_port(address: str) -> str:
    if re.fullmatch(r"[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f.]*", address):  # IPv6 without brackets
        return f"[{address}]:{_DEFAULT_PORT}"
    host_alone = address.endswith("]") or ":" not in address
    return f"{address}:{_DEFAULT_PORT}" if host_alone else address


def _has_ports(url: str) -> bool:
    """Tell whether hosts and ports are what the transport of this address connects to."""
    try:
        return transport_for(url).default_port > 0
    except ConnectionFailed as error:
        raise ConfigurationError(error.sentence) from error
