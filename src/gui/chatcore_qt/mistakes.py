"""What becomes of a mistake of the app: the log says where it happened, the user is told once, and the app goes on.

PyQt ends the process at once when a slot raises, unless somebody has taken over `sys.excepthook`.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

from chatcore.errors import ChatcoreError

_log = logging.getLogger("chatcore")


@contextmanager
def survive_mistakes(
    loop: asyncio.AbstractEventLoop, tell: Callable[[], object], leave: Callable[[], object]
) -> Iterator[None]:
    """See to it that the app outlives what its slots, and what its event loop calls, do not catch.

    Args:
        loop: runs the app.
        tell: tells the user; called on the loop, not in the midst of what has failed, and once.
        leave: ends the app, which is what a KeyboardInterrupt is for.
    """
    told = False

    def tell_once() -> None:
        nonlocal told
        if not told:
            told = True
            loop.call_soon_threadsafe(tell)

    def raised(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, Exception):
            _log.error("a mistake in the app", exc_info=(kind, error, trace))
            tell_once()
        else:
            loop.call_soon_threadsafe(leave)

    def failed(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        loop.default_exception_handler(context)
        error = context.get("exception")
        # The others are a network's or a disk's, and told where they matter.
        if isinstance(error, Exception) and not isinstance(error, ChatcoreError | OSError):
            tell_once()

    before, sys.excepthook = sys.excepthook, raised
    loop.set_exception_handler(failed)
    try:
        yield
    finally:
        sys.excepthook = before
        loop.set_exception_handler(None)
