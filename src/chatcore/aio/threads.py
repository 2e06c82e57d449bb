"""Waiting for the disk without keeping everybody else waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

_Result = TypeVar("_Result")


async def in_thread(function: Callable[..., _Result], *args: Any) -> _Result:
    """Call `function` in a thread. When given up, waits until it has returned: nobody else touches what it uses.

    Raises what it raises; RuntimeError instead of what would end a task or the program (SystemExit, CancelledError).
    """
    working = asyncio.ensure_future(asyncio.to_thread(_guarded, function, *args))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        await asyncio.wait([working])
        if not working.cancelled():
            working.exception()  # nobody waits for it any more
        raise


def _guarded(function: Callable[..., _Result], *args: Any) -> _Result:
    try:
        return function(*args)
    except Exception:
        raise
    except BaseException as error:
        raise RuntimeError(f"{error!r} in a thread") from error
