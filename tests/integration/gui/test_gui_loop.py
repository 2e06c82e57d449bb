"""The app's event loop where Qt calls it although it does not run."""

from __future__ import annotations

import asyncio

from PyQt6.QtWidgets import QApplication

from tests.integration.gui.desktop import make_loop


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
