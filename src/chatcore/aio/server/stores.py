"""The stores that a server may be given, by whatever name."""

from __future__ import annotations

from typing import Final

from chatcore.aio.plugins import load_store, unusable_store
from chatcore.errors import ConfigurationError
from chatcore.ports.archive import Retention
from chatcore.ports.clock import Clock
from chatcore.ports.store import SharedStore, Store
from chatcore.server.promises import check_store

MEMORY: Final = "memory"
"""The store that keeps nothing."""


def open_store(store: str | Store, clock: Clock, retention: Retention, *, advertised: bool) -> Store | None:
    """Return the store that a server was given, by whatever name; None for memory. It is not opened yet.

    Raises `ConfigurationError`: there is no such store, or the server is `advertised` to others, and has none.
    """
    found: Store | None
    if isinstance(store, str):
        name, _, place = store.partition(":")
        if name == MEMORY and place:
            raise ConfigurationError("the store memory has no place")
        found = None if name == MEMORY else _opened_by(name, place, clock, retention)
    else:
        found = store
        check_store(store)
    if advertised and not isinstance(found, SharedStore):
        place = MEMORY if found is None else found.place
        raise ConfigurationError("advertise is of no use: the store {place} is for one server alone", place=place)
    return found


def _opened_by(name: str, place: str, clock: Clock, retention: Retention) -> Store:
    """Return the store of that name at a place. Raises `ConfigurationError`, also for what whoever offers it does."""
    opens = load_store(name)
    try:
        store = opens(place, clock, retention)
        check_store(store)
    except ConfigurationError:
        raise
    except Exception as error:
        raise unusable_store(name, error) from error
    return store
