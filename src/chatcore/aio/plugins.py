"""Finds transports and dialects by name among what is installed (entry points)."""

from __future__ import annotations

from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final, cast

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
    """Return the transport that connects to `url`.

    Raises `ConnectionFailed` when there is none, `ConfigurationError` when what it needs is not installed.
    """
    scheme = scheme_of(url)
    names = transport_names()
    known: list[str] = []
    # The transport named like the scheme is the likely one; the others need not be imported then.
    for name in sorted(names, key=lambda name: name != scheme):
        try:
            transport = load_transport(name)
        except ConfigurationError:
            if name == scheme:
                raise
            continue  # some other one that lacks what it needs
        if scheme in transport.schemes:
            return transport
        known += transport.schemes
    raise ConnectionFailed(
        f"{url!r} is not an address that can be connected to; it begins with {_listed(sorted(known), '://')}"
    )


def scheme_of(url: str) -> str:
    """Return the scheme of an address, in lower case; nothing when it has none."""
    scheme, colon, _rest = url.partition("://")
    return scheme.lower() if colon else ""


def split_dialect(url: str) -> tuple[str, str | None]:
    """Return an address without its dialect, and the dialect: `tcp+echo://host` is `tcp://host` and `echo`."""
    scheme, colon, rest = url.partition("://")
    transport, plus, dialect = scheme.partition("+")
    return (f"{transport}{colon}{rest}", dialect) if colon and plus else (url, None)


def _names(group: str) -> list[str]:
    return sorted({point.name for point in entry_points(group=group)})


def _load(group: str, kind: str, name: str) -> Any:
    for point in entry_points(group=group, name=name):
        try:
            return point.load()
        except ImportError as error:
            raise ConfigurationError(f"the {kind} {name!r} cannot be used here: {error}{_remedy(point)}") from error
    names = _names(group)
    close = get_close_matches(name, names, 1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    raise ConfigurationError(f"there is no {kind} called {name!r}, only {_listed(names)}{hint}")


def _remedy(point: EntryPoint) -> str:
    """Return how to install what a plug-in lacks, if its distribution has an extra of that name."""
    extras = point.dist.metadata.get_all("Provides-Extra", []) if point.dist is not None else []
    return (
        f"; install it with: pip install '{point.dist.name}[{point.name}]'"
        if point.dist and point.name in extras
        else ""
    )


def _listed(names: list[str], end: str = "") -> str:
    return " or ".join(f"{name}{end}" for name in names) or "none at all"
