"""What programs give a bot to call: what cannot work is told where it is given, and by its name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, get_args

from chatcore.aio.arguments import check_awaited, name_of
from chatcore.events import ClientEvent


def check_handler(handler: object, *takes: str) -> None:
    """Raise TypeError unless a handler may be called with these, and awaited (`called`)."""
    what = f"a handler that is called with {' and '.join(takes)}"
    if not callable(handler):
        raise TypeError(f"{what} is an async function, and not {handler!r}")
    check_awaited(what, handler, *takes)


def check_kind(kind: object) -> None:
    """Raise TypeError unless there are events of this kind, or of each kind of a union."""
    for one in get_args(kind) or (kind,):
        known = get_args(ClientEvent)
        if not isinstance(one, type) or not any(issubclass(event, one) or issubclass(one, event) for event in known):
            raise TypeError(f"{one!r} is no event: it is a class of chatcore.events, such as MessagePosted")


def called(handler: Callable[..., Awaitable[None]], arguments: tuple[Any, ...]) -> Awaitable[None]:
    """Call a handler; return what is to be awaited. Raises TypeError where there is nothing, else what it raises."""
    awaitable: object = handler(*arguments)
    if not isinstance(awaitable, Awaitable):
        raise TypeError(f"{name_of(handler)} returned {awaitable!r}, and nothing to await: write it with `async def`")
    return awaitable
