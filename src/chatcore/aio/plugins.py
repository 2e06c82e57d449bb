"""Finds transports and dialects by name among what is installed (entry points)."""

from __future__ import annotations

from difflib import get_close_matches
from importlib.metadata import entry_points
from typing import Any, Final, cast
from urllib.parse import urlsplit

from chatcore.dialects.base import Dialect
from chatcore.errors import ConfigurationError, ConnectionFailed
from chatcore.ports.transport import Transport

_TRANSPORTS: Final = "chatcore.transports"
_DIALECTS: Final = "chatcore.dialects"


def transport_names() -> list[str]:
    """Return the names of the installed transports."""
    return _names(_TRANSPORTS)


def dialect_names() -> list[str]:
    """Return the names of the installed dialects."""
    return _names(_DIALECTS)


def load_transport(name: str) -> Transport:
    """Return the transport of that name. Raises `ConfigurationError` that names those there are."""
    return cast(Transport, _load(_TRANSPORTS, "transport", name))


def load_dialect(name: str) -> Dialect:
    """Return the dialect of that name. Raises `ConfigurationError` that names those there are."""
    return cast(Dialect, _load(_DIALECTS, "dialect", name))


def transport_for(url: str) -> Transport:
    """Return the transport that connects to `url`. Raises `ConnectionFailed` when there is none."""
    scheme = urlsplit(url).scheme
    names = transport_names()
    # The transport named like the scheme is the likely one; the others need not be imported then.
    for name in sorted(names, key=lambda name: name != scheme):
        transport = load_transport(name)
        if scheme in transport.schemes:
            return transport
    known = sorted(scheme for name in names for scheme in load_transport(name).schemes)
    raise ConnectionFailed(
        f"{url!r} is not an address that can be connected to; it begins with {_listed(known, '://')}"
    )


def _names(group: str) -> list[str]:
    return sorted({point.name for point in entry_points(group=group)})


def _load(group: str, kind: str, name: str) -> Any:
    for point in entry_points(group=group, name=name):
        try:
            return point.load()
        except ImportError as error:
            raise ConfigurationError(f"the {kind} {name!r} cannot be used here: {error}") from error
    names = _names(group)
    close = get_close_matches(name, names, 1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    raise ConfigurationError(f"there is no {kind} called {name!r}, only {_listed(names)}{hint}")


def _listed(names: list[str], end: str = "") -> str:
    return " or ".join(f"{name}{end}" for name in names) or "none at all"
