"""One way to start a task, named and with a reference that keeps it alive."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from contextvars import Context
from typing import Any, TypeVar

_Result = TypeVar("_Result")
_running: set[asyncio.Task[Any]] = set()


def spawn(
    coroutine: Coroutine[Any, Any, _Result], *, name: str, context: Context | None = None
) -> asyncio.Task[_Result]:
    """Start `coroutine` as a task, in a copy of the present context or in that which is given.

    asyncio itself keeps only weak references to tasks.
    """
    task = asyncio.get_running_loop().create_task(coroutine, name=name, context=context)
    _running.add(task)
    task.add_done_callback(_running.discard)
    return task


async def end_within(seconds: float, tasks: Iterable[asyncio.Task[Any]]) -> set[asyncio.Task[Any]]:
    """Wait for tasks, so long at most; cancel and return those that have not ended: one may swallow even that."""
    late = set(tasks)
    try:
        if late:
            _ended, late = await asyncio.wait(late, timeout=seconds)
    finally:
        for task in late:
            task.cancel()
    return late


def forget(task: asyncio.Task[Any]) -> None:
    """Let a task go that nobody can end any more, because its loop is closed."""
    _running.discard(task)
