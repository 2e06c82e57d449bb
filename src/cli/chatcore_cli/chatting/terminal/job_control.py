"""Ctrl-Z and `fg`: the terminal goes to the shell, and comes back."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from prompt_toolkit import PromptSession
from prompt_toolkit.application import run_in_terminal


class JobControl:
    """Leaves the terminal as it was while this program is stopped, and takes it back when it goes on.

    Args:
        prompt: what is being typed in.
    """

    def __init__(self, prompt: PromptSession[str]) -> None:
        self._app = prompt.app
        self._stopped_ourselves = False

    def begin(self) -> None:
        """Do so from now on, whoever stops it."""
        if sys.platform != "win32":  # which has none
            loop = asyncio.get_running_loop()
            loop.add_signal_handler(signal.SIGTSTP, self.suspend)
            loop.add_signal_handler(signal.SIGCONT, self._go_on)

    def suspend(self) -> None:
        """Stop."""
        if self._app.is_running and sys.platform != "win32":
            run_in_terminal(self._stop)

    def _stop(self) -> None:
        if sys.platform == "win32":
            return
        asyncio.get_running_loop().remove_signal_handler(signal.SIGTSTP)
        os.kill(0, signal.SIGTSTP)  # with whatever started it: they are one job
        self._stopped_ourselves = True
        self.begin()

    def _go_on(self) -> None:
        stopped_ourselves, self._stopped_ourselves = self._stopped_ourselves, False
        if self._app.is_running and not stopped_ourselves:
            self._app.input.raw_mode().__enter__()  # whoever stopped it may have left the terminal otherwise
            self._app.renderer.reset()
            self._app.invalidate()
