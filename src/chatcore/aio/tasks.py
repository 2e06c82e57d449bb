"""One way to start a task, named and with a reference that keeps it alive; and references that keep nothing alive."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar
from weakref import WeakMethod

_Result = TypeVar("_Result")
_Arguments = ParamSpec("_Arguments")
_running: set[asyncio.Task[Any]] = set()


def spawn(coroutine: Coroutine[Any, Any, _Result], *, name: str) -> asyncio.Task[_Result]:
    """Start `coroutine` as a task. asyncio itself keeps only weak references to tasks."""
    task = asyncio.get_running_loop().create_task(coroutine, name=name)
    _running.add(task)
    task.add_done_callback(_running.discard)
    return task


def forget(task: asyncio.Task[Any]) -> None:
    """Let a task go that nobody can end any more, because its loop is closed."""
    _running.discard(task)


def weakly(method: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result | None]:
    """Return a function that calls a method for as long as its object is there, and does not keep it alive."""
    reference = WeakMethod(method)

    def call(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result | None:
        found = reference()
        return None if found is None else found(*args, **kwargs)

    return call
