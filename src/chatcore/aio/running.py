"""Running a program that is a user, so that it logs out however it is ended."""

from __future__ import annotations

import asyncio
import inspect
import os
import signal
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final, TypeVar

from chatcore.aio.signals import END

_Result = TypeVar("_Result")
# From the first signal on, however busy the program is: what then still goes on may not keep it from ending.
_PATIENCE: Final = 10.0


def run(main: Awaitable[_Result]) -> _Result:
    """Run `main` and return its result: `asyncio.run`, but signals log out before they end the program.

    ::

        async def main() -> None:
            async with connect("ws://127.0.0.1:8765", username="alice") as chat:
                await chat.send("hello")


        run(main())

    SIGINT (Ctrl-C), SIGTERM (`kill`, systemd, Docker) and SIGHUP (the terminal is closed) cancel `main`, so that
    `async with connect(...)` is left and the name is free at once. A second one ends the program as it is, and so does
    the first one after ten seconds. This is so as process 1 too, which the system does not end by itself. Signals that
    the program handles itself, or that are ignored (`nohup`), are left alone.

    Raises:
        SystemExit: with 128 and the number of the signal, as shells expect it, when one came.
        RuntimeError: in an event loop, such as that of a notebook, where it is awaited.
        TypeError: when it cannot be awaited: `main`, where `main()` was meant.
        Exception: what `main` raises.
    """
    told = checked_main(main, "chatcore.run", "await main()")
    caught: list[int] = []
    running: list[tuple[asyncio.AbstractEventLoop, Callable[[], None]]] = []

    def leave(number: int) -> None:
        caught.append(number)
        for loop, cancel in running:
            loop.call_soon_threadsafe(cancel)

    async def until_signalled() -> _Result:
        task = asyncio.current_task()
        assert task is not None

        @cache
        def cancel() -> None:
            task.cancel()  # once, whoever asks

        running.append((asyncio.get_running_loop(), cancel))
        if caught:  # while the loop was made
            cancel()
        try:
            return await told
        finally:
            running.clear()

    with on_signals(leave):
        try:
            result = asyncio.run(until_signalled())
        except asyncio.CancelledError:
            if not caught:
                raise
    if caught:
        raise SystemExit(128 + caught[0])
    return result


def checked_main(main: Awaitable[_Result], what: str, instead: str) -> Awaitable[_Result]:
    """Return what is to be run. Raises TypeError where it cannot be, RuntimeError where a loop runs already."""
    if not inspect.isawaitable(main):
        forgotten = inspect.iscoroutinefunction(main) and inspect.isfunction(main)
        told = f": {what}({main.__name__}())" if forgotten else ", such as main()"
        raise TypeError(f"{what} takes a coroutine{told}, and not {main!r}")
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return main
    if isinstance(main, Coroutine):
        main.close()
    raise RuntimeError(f"{what} was called in an event loop, as in a notebook: there, write {instead}")


@contextmanager
def on_signals(leave: Callable[[int], object]) -> Iterator[None]:
    """Call `leave` with the number of the first signal that asks this program to end; another one ends it at once.

    `leave` is called in the main thread, between any two of its steps: it may do no more than `call_soon_threadsafe`.
    Without effect in another thread, which gets no signals.
    """
    came: list[int] = []

    def handle(number: int, _frame: object) -> None:
        if came:
            os._exit(128 + number)
        came.append(number)
        last = threading.Timer(_PATIENCE, os._exit, (128 + number,))
        last.daemon = True
        last.start()
        leave(number)

    before: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():
        for name in ("SIGINT", "SIGHUP", *END):
            number = getattr(signal, name, None)  # Windows has no SIGHUP
            if number is not None and signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                before[number] = signal.signal(number, handle)
    try:
        yield
    finally:
        for number, handler in before.items():
            if not came:  # or another signal on the way out would end it without its exit code
                signal.signal(number, handler)
