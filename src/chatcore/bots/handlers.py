"""What programs give a bot to call: what cannot work is told where it is given, and by its name."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, get_args

from chatcore.events import ClientEvent


def check_handler(handler: object, *takes: str) -> None:
    """Raise TypeError unless a handler may be called with these, and awaited.

    A plain function may: it may return what another one is awaited by. What it returns is looked at then (`called`).
    What a decorator has put around a function is what is called, and may give it more, or take from it.
    """
    what = f"a handler that is called with {' and '.join(takes)}"
    if not callable(handler):
        raise TypeError(f"{what} is an async function, and not {handler!r}")
    if _yields(handler):
        raise TypeError(f"{name_of(handler)} has a `yield`: {what} returns nothing")
    try:
        signature = inspect.signature(handler, follow_wrapped=False)
    except (TypeError, ValueError):
        return  # of something built in, nobody knows what it takes
    try:
        signature.bind(*takes)
    except TypeError as error:
        raise TypeError(f"{name_of(handler)} cannot be {what}: {error}") from None


def _yields(handler: Callable[..., object]) -> bool:
    """Tell whether what is called hands things out, which nobody takes."""
    while isinstance(handler, partial):
        handler = handler.func
    return any(map(inspect.isasyncgenfunction, (handler, type(handler).__call__)))


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


def name_of(handler: object) -> str:
    """Return what its writer calls it."""
    return str(getattr(handler, "__qualname__", None) or repr(handler))
