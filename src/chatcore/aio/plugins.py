"""Finds transports, dialects and stores by name among what is installed (entry points)."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache, reduce
from importlib.metadata import EntryPoint, EntryPoints, entry_points
from typing import Any, Final, cast

from chatcore.aio.installing import how_to_install, needs_of
from chatcore.dialects.base import Dialect, customs_of
from chatcore.errors import ConfigurationError, ConnectionFailed, Sentence
from chatcore.plain import check_plain, has_method
from chatcore.ports.server_address import without_login
from chatcore.ports.store import OpenStore
from chatcore.ports.transport import Transport

RACE_SCHEME: Final = "chat"
"""Of addresses that leave the choice of the transport to the client: `chatcore.aio.routes`."""
_TRANSPORTS: Final = "chatcore.transports"
_DIALECTS: Final = "chatcore.dialects"
_STORES: Final = "chatcore.stores"
# Of what is offered as an object: its port, and the attributes and methods that are looked at first.
_WANTED: Final[Mapping[str, tuple[type, Sequence[str], Sequence[str]]]] = {
    _TRANSPORTS: (Transport, ("name", "schemes"), ("listen", "connect")),
    _DIALECTS: (Dialect, ("name",), ("server", "client", "encode")),
}


def transport_names() -> list[str]:
    """Return the names of the installed transports."""
    return _names(_TRANSPORTS)


def dialect_names() -> list[str]:
    """Return the names of the installed dialects."""
    return _names(_DIALECTS)


def load_transport(name: str) -> Transport:
    """Return the transport of that name. Raises `ConfigurationError` that names those there are."""
    return cast(Transport, _load(_TRANSPORTS, name))


def load_dialect(name: str) -> Dialect:
    """Return the dialect of that name. Raises `ConfigurationError` that names those there are."""
    return cast(Dialect, _load(_DIALECTS, name))


def store_names() -> list[str]:
    """Return the names of the installed stores."""
    return _names(_STORES)


def load_store(name: str) -> OpenStore:
    """Return what opens stores of that name. Raises `ConfigurationError` that names those there are."""
    return cast(OpenStore, _load(_STORES, name))


def load_dialect_with_login(name: str, url: str) -> Dialect:
    """Return a dialect for a client of `url`. Raises as `load_dialect`; `ConnectionFailed` for an echo."""
    dialect = load_dialect(name)
    if not customs_of(dialect).has_login:
        raise ConnectionFailed("{url} has no login: {name} is no chat", url=without_login(url), name=name)
    return dialect


def transport_for(url: str) -> Transport:
    """Return the transport that connects to `url`.

    Raises `ConnectionFailed` when there is none, `ConfigurationError` when what it needs is not installed.
    """
    scheme = scheme_of(url)
    names = transport_names()
    known = [RACE_SCHEME]
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
        "{url!r} is not an address that can be connected to; it begins with {schemes}",
        url=without_login(url),
        schemes=_listed([f"{one}://" for one in sorted(known)]),
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


@lru_cache(maxsize=1)
def _installed(*_path: str) -> dict[str, EntryPoints]:
    """Read what all packages offer. A file of each is read: once, and again when modules are looked for elsewhere."""
    found = entry_points()
    return {group: found.select(group=group) for group in (_TRANSPORTS, _DIALECTS, _STORES)}


def _names(group: str) -> list[str]:
    return sorted({point.name for point in _installed(*sys.path)[group]})


def _load(group: str, name: str) -> Any:
    for point in _only_one(name, _installed(*sys.path)[group].select(name=name)):
        try:
            found = point.load()
            _check(group, found)
        except Exception as error:  # whatever a stranger's module does
            raise _unusable(group, point, error) from error
        return found
    names = _names(group)
    if group == _TRANSPORTS:
        problem = ConfigurationError(
            "there is no transport called {name!r}, only {names}", name=name, names=_listed(names)
        )
    elif group == _DIALECTS:
        problem = ConfigurationError(
            "there is no dialect called {name!r}, only {names}", name=name, names=_listed(names)
        )
    else:
        problem = ConfigurationError("there is no store called {name!r}, only {names}", name=name, names=_listed(names))
    close = get_close_matches(name, names, 1)
    if close:
        raise ConfigurationError("{problem}; did you mean {close!r}?", problem=problem, close=close[0])
    raise problem


def _only_one(name: str, points: EntryPoints) -> Iterable[EntryPoint]:
    """Return what is offered by a name. Raises `ConfigurationError` when there are two: which one is meant?"""
    offered = {point.value: point for point in points}
    if len(offered) < 2:
        return offered.values()
    one, other, *_more = sorted("?" if point.dist is None else point.dist.name for point in offered.values())
    raise ConfigurationError(
        "the packages {one} and {other} both offer {name!r}; uninstall the one that you do not want",
        one=one,
        other=other,
        name=name,
    )


def _check(group: str, found: Any) -> None:
    """Raise TypeError for what is nothing of the kind that a group offers."""
    if group == _STORES:
        if not callable(found):
            raise TypeError(f"{found!r:.60} cannot be called")
        return
    port, names, methods = _WANTED[group]
    if isinstance(found, type) and not all(has_method(found, name) for name in methods):
        raise TypeError(f"{found.__name__} is a class, and has to be an object")
    missing = [name for name in names if not hasattr(found, name)]
    missing += [name for name in methods if not has_method(found, name)]
    if missing:
        raise TypeError(f"{found!r:.60} has no {missing[0]}")
    check_plain("it", found, port)


def unusable_transport(name: str, error: Exception) -> ConfigurationError:
    """Return what to say of a transport that has made a mistake."""
    return ConfigurationError("the transport {name!r} cannot be used here: {why}", name=name, why=_why(error))


def unusable_dialect(name: str, error: Exception) -> ConfigurationError:
    """Return what to say of a dialect that has made a mistake."""
    return ConfigurationError("the dialect {name!r} cannot be used here: {why}", name=name, why=_why(error))


def unusable_store(name: str, error: Exception) -> ConfigurationError:
    """Return what to say of a store that whatever offers it has made a mistake with."""
    return ConfigurationError("the store {name!r} cannot be used here: {why}", name=name, why=_why(error))


def _unusable(group: str, point: EntryPoint, error: Exception) -> ConfigurationError:
    """Return what is wrong with a plug-in, and how to install what it lacks, if there is an extra of its name."""
    if group == _TRANSPORTS:
        problem = unusable_transport(point.name, error)
    elif group == _DIALECTS:
        problem = unusable_dialect(point.name, error)
    else:
        problem = unusable_store(point.name, error)
    if not isinstance(error, ImportError) or point.dist is None or not needs_of(point.dist, point.name):
        return problem
    return ConfigurationError(
        "{problem}; to install it: {command}", problem=problem, command=how_to_install(point.dist, point.name)
    )


def _why(error: Exception) -> str:
    return str(error) if isinstance(error, ImportError) else f"{type(error).__name__}: {error}"


def _listed(names: Sequence[str]) -> str:
    """Return names of which one is to be chosen, for people."""
    return reduce(lambda one, other: Sentence("{one} or {other}", one=one, other=other), names or ["none at all"])
