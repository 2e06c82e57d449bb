"""What becomes of the app when its screen goes. Qt says so and ends the process, at once and from within."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, NoReturn

from PyQt6.QtCore import QMessageLogContext, QtMsgType, qFormatLogMessage, qInstallMessageHandler

from chatcore_qt.event_loop import Loop

_X11: Final = "The X11 connection broke"
_WAYLAND: Final = ("The Wayland connection broke", "The Wayland connection experienced a fatal error")


def survive_screen(
    loop: Loop, task: asyncio.Task[Any], leave: Callable[[], object], end: Callable[[], NoReturn]
) -> None:
    """See to it that a task is finished, and not cut off, when the X server or the Wayland compositor has ended.

    Args:
        loop: runs the task.
        task: ends soon when `leave` is called.
        leave: asks it to.
        end: ends the process.
    """
    gone = False

    def handle(kind: QtMsgType, context: QMessageLogContext, text: str | None) -> None:
        nonlocal gone
        if gone:
            return  # that nothing can be drawn any more
        if not _is_the_end(text or ""):
            with suppress(OSError):
                print(qFormatLogMessage(kind, context, text), file=sys.stderr, flush=True)
            return
        gone = True
        try:
            if asyncio.current_task(loop) is None:  # or it cannot go on before Qt returns
                leave()
                loop.run_without_qt(task)
        finally:
            end()

    qInstallMessageHandler(handle)


def _is_the_end(text: str) -> bool:
    """Tell whether Qt ends the process after these words."""
    comes_back = os.environ.get("QT_WAYLAND_RECONNECT", "0") not in ("", "0")
    return text.startswith(_X11) or (text.startswith(_WAYLAND) and not comes_back)
