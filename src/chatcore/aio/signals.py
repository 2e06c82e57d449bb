"""Signals for programs that run on an event loop, on systems of every kind."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from typing import Final

END: Final = ("SIGTERM", "SIGBREAK")
"""What asks a program to end: SIGBREAK is what Windows sends when a console is closed, or Ctrl-Break is pressed."""


def on_signals(names: tuple[str, ...], act: Callable[[int], object]) -> None:
    """Call `act` with the number of each of these signals that comes, on the running event loop.

    Signals that this system does not have are left out. The event loop of Windows takes none; there, Python does.
    """
    loop = asyncio.get_running_loop()
    for name in names:
        number = getattr(signal, name, None)
        if number is None:
            continue
        try:
            loop.add_signal_handler(number, act, number)
        except NotImplementedError:
            signal.signal(number, lambda number, _frame: loop.call_soon_threadsafe(act, number))


def is_hung_up_on(*, by_default: bool = False) -> bool:
    """Tell whether the end of its terminal is told to this program (SIGHUP), and it is to listen: not under nohup.

    Args:
        by_default: whether it is only to listen where nobody else does.
    """
    number = getattr(signal, "SIGHUP", None)
    if number is None:
        return False
    handled = signal.getsignal(number)
    return handled is signal.SIG_DFL if by_default else handled is not signal.SIG_IGN
