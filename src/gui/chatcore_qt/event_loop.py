"""asyncio on Qt's event loop. The only module that knows qasync."""

from __future__ import annotations

import asyncio
import math
import selectors
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import Context
from typing import Any, Final, TypeVar

import qasync  # type: ignore[import-untyped]
from PyQt6.QtCore import Qt, QTimer

_Result = TypeVar("_Result")
_THREADS: Final = 10


class Loop(qasync.QEventLoop):  # type: ignore[misc]  # qasync has no types
    """qasync's event loop, with precise timers: those that it takes from Qt may come a twentieth too early.

    It knows what it waits for, so that it can go on when Qt cannot.
    """

    def __init__(self, app: object) -> None:
        self._handles: dict[int, _Handle] = {}
        self._readers: dict[Any, tuple[Callable[..., object], tuple[Any, ...]]] = {}
        self._writers: dict[Any, tuple[Callable[..., object], tuple[Any, ...]]] = {}
        super().__init__(app)
        self._threads = _Threads(_THREADS, "chatcore")
        self.set_default_executor(self._threads)

    def call_later(
        self, delay: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Call back after so many seconds, never sooner."""
        handle = _Handle(self.time() + delay, callback, args, self, context)
        handle.waits_in(self._handles)
        if delay <= 0:
            self._add_callback(handle)
        else:
            QTimer.singleShot(math.ceil(delay * 1000), Qt.TimerType.PreciseTimer, lambda: self._time_is_up(handle))
        return handle

    def wait_for_threads(self, seconds: float) -> bool:
        """Wait until nothing runs in a thread any more, for so long at most; tells whether that is so."""
        return not wait(self._threads.working, seconds).not_done

    def run_without_qt(self, task: asyncio.Task[_Result]) -> _Result:
        """Go on until a task has ended, and return its result: for the moment in which Qt would end the process.

        Called by Qt, out of this loop. There is no way back to Qt from here.
        """
        self.__class__ = asyncio.SelectorEventLoop  # type: ignore[assignment]  # which it is too
        self._selector = selectors.DefaultSelector()
        for fd, (callback, args) in self._readers.items():
            self._add_reader(fd, callback, *args)
        for fd, (callback, args) in self._writers.items():
            self._add_writer(fd, callback, *args)
        for handle in tuple(self._handles.values()):
            self.call_at(handle.when(), handle._run)
        asyncio._set_running_loop(None)
        result: _Result = self.run_until_complete(task)
        return result

    def _time_is_up(self, handle: asyncio.TimerHandle) -> None:
        if not self.is_closed():
            handle._run()

    def _add_reader(self, fd: Any, callback: Callable[..., object], *args: Any) -> None:
        self._readers[fd] = callback, args
        super()._add_reader(fd, callback, *args)

    def _remove_reader(self, fd: Any) -> object:
        self._readers.pop(fd, None)
        return super()._remove_reader(fd)

    def _add_writer(self, fd: Any, callback: Callable[..., object], *args: Any) -> None:
        self._writers[fd] = callback, args
        super()._add_writer(fd, callback, *args)

    def _remove_writer(self, fd: Any) -> object:
        self._writers.pop(fd, None)
        return super()._remove_writer(fd)


class _Threads(ThreadPoolExecutor):
    """Threads of which it is known whether they have something to do."""

    def __init__(self, most: int, name: str) -> None:
        super().__init__(most, name)
        self.working: set[Future[Any]] = set()

    def submit(self, function: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        work = super().submit(function, *args, **named)
        self.working.add(work)
        work.add_done_callback(self.working.discard)
        return work


class _Handle(asyncio.TimerHandle):
    """Something that is to be called, in its loop; it stands in a table until then.

    Qt calls back as well when the loop does not run: qasync lets it once at the end of each run, whoever processes
    Qt's events does. A task that went on then would start no other one.
    """

    _loop: Loop
    _table: dict[int, _Handle]

    def waits_in(self, table: dict[int, _Handle]) -> None:
        """Stand in a table."""
        self._table = table
        table[id(self)] = self

    def cancel(self) -> None:
        self._table.pop(id(self), None)
        super().cancel()

    def _run(self) -> None:
        if self.cancelled():
            return  # since it was its turn: whoever calls it later, and without Qt, does not look
        self._table.pop(id(self), None)
        around = asyncio._get_running_loop()
        asyncio._set_running_loop(self._loop)
        try:
            super()._run()
        finally:
            asyncio._set_running_loop(around)
