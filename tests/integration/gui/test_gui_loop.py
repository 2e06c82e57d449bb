"""The app's event loop where Qt calls it although it does not run."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

from PyQt6.QtWidgets import QApplication

from tests.integration.gui.desktop import make_loop
from tests.patience import PATIENCE


def test_what_is_called_is_called_in_the_loop_whenever_that_is() -> None:
    """At the end of a run Qt goes on for a turn, and between two of them somebody may process its events."""
    loop = make_loop()
    seen: list[asyncio.AbstractEventLoop | None] = []

    async def leave_something_to_do() -> None:
        loop.call_soon(lambda: seen.append(asyncio._get_running_loop()))
        loop.call_later(0.001, lambda: seen.append(asyncio._get_running_loop()))

    loop.run_until_complete(leave_something_to_do())
    while len(seen) < 2:
        QApplication.processEvents()
    assert seen == [loop, loop]
    assert asyncio._get_running_loop() is None
    loop.close()


def test_what_was_called_off_is_not_called_whoever_has_it_in_a_timer_of_his_own() -> None:
    """As the loop has that goes on when Qt cannot: nobody calls that timer off."""
    loop = make_loop()
    failed: list[object] = []
    loop.set_exception_handler(lambda _, context: failed.append(context))
    later = asyncio.Event()

    async def wait() -> None:
        called_off = loop.call_later(0.001, failed.append, "called")
        loop.call_later(0.001, called_off._run)
        loop.call_later(0.002, later.set)
        called_off.cancel()
        await later.wait()

    loop.run_until_complete(wait())
    assert failed == []
    loop.close()


def test_an_application_may_follow_one_that_is_gone() -> None:
    """Its texts are its own: nothing is taken from the one before."""
    twice = """
import gc
from chatcore_qt.app import make_application
for name in ("one", "two"):
    application = make_application([name])
    del application
    gc.collect()
"""
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    subprocess.run([sys.executable, "-c", twice], env=environment, check=True, timeout=PATIENCE)
