"""What implementors of ports hand to a server is what the port promises: else nothing becomes of it.

Most of it would stand in the journal, where the next start finds it. Their annotations hold implementors to it who use
a type checker; for all others it is looked at once, where it comes in, and TypeError is a mistake of theirs.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Mapping
from typing import Any, TypeVar

from chatcore.limits import USERNAME_MAX
from chatcore.plain import check_plain, methods
from chatcore.ports.store import SharedStore, Store
from chatcore.ports.transport import Link, Listener
from chatcore.text.names import composed, is_username
from chatcore.text.sendable import flaw

_Found = TypeVar("_Found")


def promised_account(found: object) -> str | None:
    """Return what `Authenticate` says. Raises TypeError for what is neither the name of an account nor None."""
    if found is None:
        return None
    if isinstance(found, str) and is_username(name := composed(found), USERNAME_MAX):
        return name
    raise _broken(
        "authenticate", "return the name of an account, in the form of a username, or None", found, shown=True
    )


def promised_hash(found: object) -> str:
    """Return what `PasswordHasher.hash` makes. Raises TypeError for what is no text, or empty as nobody's hash."""
    if isinstance(found, str) and found and flaw(found) is None:
        return found
    raise _broken("hash", "return a text that can be written down", found)


def promised_verdict(found: object) -> bool:
    """Return what `PasswordHasher.verify` says. Raises TypeError for what is neither true nor false.

    What an async function returns would be as good as true, and every password right.
    """
    if isinstance(found, bool):
        return found
    raise _broken("verify", "return True or False", found)


def promised_payload(found: object) -> bytes | None:
    """Return what `Dialect.encode` makes of an event. Raises TypeError for what is neither bytes nor None."""
    if found is None or isinstance(found, bytes):
        return found
    raise _broken("encode", "return bytes or None", found)


def promised_frame(found: object) -> bytes:
    """Return what `Link.frame` makes of a payload. Raises TypeError for what is not bytes."""
    if isinstance(found, bytes):
        return found
    raise _broken("frame", "return bytes", found)


def check_link(link: Link) -> None:
    """Raise TypeError unless a link says in texts what it is and where it comes from, and in a number what it costs."""
    for name, found in (("transport", link.transport), ("address", link.address), ("format", link.format)):
        if not isinstance(found, str) or flaw(found) is not None:
            raise _broken(f"the {name} of a link", "be a text that can be written down", found)
    if not _is_time(link.write_seconds):
        raise _broken("write_seconds of a link", "be a number of seconds", link.write_seconds)
    check_plain("a link", link, Link)


def check_listener(transport: str, listener: object) -> None:
    """Raise TypeError unless what the `listen` of a transport returns has all that a listener has."""
    if any(not callable(getattr(listener, name, None)) for name in ("about", "stop_accepting", "wait_closed")):
        raise _broken(f"listen of the transport {transport!r}", "return a listener", listener)


def promised_url(transport: str, listener: Listener) -> str:
    """Return where a listener is. Raises TypeError for what is no text, or has async functions for plain ones."""
    check_plain(f"a listener of the transport {transport!r}", listener, Listener)
    url = getattr(listener, "url", None)
    if not isinstance(url, str) or flaw(url) is not None:
        raise _broken(
            f"the url of a listener of the transport {transport!r}", "be a text that can be written down", url
        )
    return url


def promised_about(transport: str, about: object) -> Mapping[str, Any]:
    """Return what a listener says of itself. Raises TypeError for less than all of them say."""
    kinds = {"transport": str, "encrypted": bool}
    if not isinstance(about, Mapping) or not all(isinstance(about.get(name), kind) for name, kind in kinds.items()):
        promise = "return a dict with transport (a text) and encrypted (true or false)"
        raise _broken(f"about of a listener of the transport {transport!r}", promise, about)
    return about


def promised_wait(what: str, found: Awaitable[_Found]) -> Awaitable[_Found]:
    """Return what an async function returns, to be awaited. Raises TypeError for what a plain one does."""
    if not isinstance(found, Awaitable):
        raise _broken(what, "be an async function, or return something to await", found)
    return found


def check_store(store: object) -> None:
    """Raise TypeError unless it has all that a store has, plain where that has to be."""
    missing = [name for name in methods(Store) if not callable(getattr(store, name, None))]
    if missing:
        raise TypeError(f"a store has to have {missing[0]}, and this {type(store).__name__} has not")
    check_plain("a store", store, SharedStore if isinstance(store, SharedStore) else Store)


def promised_lease(store: Store) -> tuple[float, bool]:
    """Return for how long a store takes servers to be there, and whether it has lost something. Raises TypeError."""
    lease, lost = store.lease, store.lost
    if not _is_time(lease):
        raise _broken("the lease of a store", "be a number of seconds", lease, shown=True)
    if not isinstance(lost, bool):
        raise _broken("what a store says in lost", "be True or False", lost)
    return lease, lost


def _is_time(found: object) -> bool:
    if isinstance(found, bool) or not isinstance(found, int | float):
        return False
    return math.isfinite(found) and found >= 0


def _broken(what: str, promise: str, found: object, *, shown: bool = False) -> TypeError:
    """Return what is raised for what is not as promised; what may be secret is not `shown`."""
    told = f"{found!r:.60}" if shown else f"this {type(found).__name__}"
    return TypeError(f"{what} has to {promise}, and {told} is not that")
