"""An event loop whose clock jumps: hours pass in milliseconds, and the same seed gives the same run."""

from __future__ import annotations

import asyncio
import random
import selectors
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Executor
from contextlib import closing
from typing import Any, TypeVar, TypeVarTuple, Unpack

_Result = TypeVar("_Result")
_Arguments = TypeVarTuple("_Arguments")
_EPOCH = 1_767_225_600.0  # 2026-01-01T00:00:00Z, when every virtual time begins


class _NoNetwork(selectors.BaseSelector):
    """Waits for nothing: the clock jumps to the next timer instead."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self._turns = 0  # since time has passed
        self._keys: dict[Any, selectors.SelectorKey] = {}

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        key = selectors.SelectorKey(fileobj, fileobj if isinstance(fileobj, int) else fileobj.fileno(), events, data)
        self._keys[fileobj] = key
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._keys.pop(fileobj)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._keys

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("everybody waits and nothing will ever happen")
        before = self._loop.now
        self._loop.now += max(0.0, timeout)
        self._turns = 0 if self._loop.now > before else self._turns + 1
        if self._turns > self._loop.most_turns:
            self._turns = 0  # for whoever cleans up
            raise RuntimeError("something goes on again and again without time passing")
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop in virtual time, for `MemoryNetwork`: it knows no sockets, and threads are called here and now.

    When nobody has anything to do, the clock jumps to the next timer; when there is none, everybody waits for ever, and
    that is a RuntimeError. So is what goes on again and again in the same moment. `run` is the usual way to it.

    Args:
        seed: of `random`.

    Attributes:
        now: virtual seconds since the loop began.
        most_turns: so many turns of the loop may take no time.
        random: for everything in the simulation that is to be random, so that a seed repeats it.
        failures: what was raised where nobody catches it: in callbacks, and in tasks that nobody awaits.
    """

    def __init__(self, seed: int = 0) -> None:
        self.now = 0.0
        self.most_turns = 1_000_000
        self.random = random.Random(seed)
        self.failures: list[BaseException] = []
        super().__init__(_NoNetwork(self))
        self.set_exception_handler(self._failed)

    def time(self) -> float:
        """Return virtual seconds since the loop began."""
        return self.now

    def time_of_day(self) -> float:
        """Return virtual seconds since 1970."""
        return _EPOCH + self.now

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[Unpack[_Arguments]], _Result], *args: *_Arguments
    ) -> asyncio.Future[_Result]:
        """Call `func` here and now: threads know no virtual time."""
        future: asyncio.Future[_Result] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:
            future.set_exception(error)
        return future

    def _failed(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.failures.append(context.get("exception") or RuntimeError(context["message"]))


def run(main: Coroutine[Any, Any, _Result], *, seed: int = 0) -> _Result:
    """Run `main` in virtual time and return its result: `asyncio.run`, but an hour of waiting takes no time.

    Raises what `main` raises, and otherwise the first error of the background (`VirtualLoop.failures`). A deadlock is
    a RuntimeError, and so is a loop that runs already: time cannot jump under it.

    Args:
        main: a coroutine.
        seed: of what is random in `chatcore.aio`, the pauses between tries; the same seed gives the same run.
    """
    if not isinstance(main, Coroutine):
        raise TypeError(f"what runs in virtual time is a coroutine, such as main(), and not {main!r}")
    with closing(main):
        if asyncio._get_running_loop() is not None:
            raise RuntimeError("virtual time has a loop of its own: call this where no other one runs")
        loop = VirtualLoop(seed)
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            result = runner.run(main)
    if loop.failures:
        raise loop.failures[0]
    return result
