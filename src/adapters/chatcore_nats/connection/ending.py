"""The end of tasks that wait for what NATS answers."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any, Final

_ASK_AGAIN: Final = 0.5


async def ended(tasks: Collection[asyncio.Task[Any]]) -> None:
    """End tasks, however they end.

    Who just hears what NATS answers does not hear that it is cancelled (gh-86296 of CPython), and goes on: it is
    cancelled again.
    """
    while left := [task for task in tasks if not task.done()]:
        for task in left:
            task.cancel()
        await asyncio.wait(left, timeout=_ASK_AGAIN)
    await asyncio.gather(*tasks, return_exceptions=True)
