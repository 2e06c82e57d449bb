"""Signals on event loops that take them, and on those that do not."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from typing import Any

import pytest

from chatcore.aio.signals import END, is_hung_up_on, on_signals


class LoopWithoutSignals(asyncio.SelectorEventLoop):
    """Like the event loop of Windows, which leaves signals to Python."""

    def add_signal_handler(self, sig: int, callback: Callable[..., object], *args: Any) -> None:
        """Do as the base class of event loops does."""
        raise NotImplementedError


async def _number_of_what_comes(number: int) -> int:
    came: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    on_signals(("SIGNOSUCH", "SIGUSR1", *END), came.set_result)
    os.kill(os.getpid(), number)
    async with asyncio.timeout(5):
        return await came


@pytest.mark.parametrize("loop", [asyncio.SelectorEventLoop, LoopWithoutSignals])
@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGTERM])
def test_signal_is_heard_on_every_loop(loop: Callable[[], asyncio.AbstractEventLoop], number: int) -> None:
    """A signal that the system does not have is left out."""
    before = {each: signal.getsignal(each) for each in (signal.SIGUSR1, signal.SIGTERM)}
    try:
        with asyncio.Runner(loop_factory=loop) as runner:
            assert runner.run(_number_of_what_comes(number)) == number
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def test_who_is_under_nohup_does_not_hear_that_the_terminal_is_gone() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert not is_hung_up_on()
        assert not is_hung_up_on(by_default=True)
        signal.signal(signal.SIGHUP, lambda _number, _frame: None)
        assert is_hung_up_on()
        assert not is_hung_up_on(by_default=True)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        assert is_hung_up_on()
        assert is_hung_up_on(by_default=True)
    finally:
        signal.signal(signal.SIGHUP, before)
