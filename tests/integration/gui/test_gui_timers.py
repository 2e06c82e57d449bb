"""Time on Qt's event loop: what is timed comes when it should, and connections bear it when it does not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import qasync  # type: ignore[import-untyped]
from PyQt6.QtTest import QTest

from chatcore import connect
from chatcore.aio.server import Listen
from chatcore.commands import SendMessage
from chatcore.events import ConnectionLost
from chatcore.ports.transport import ConnectOptions, ListenOptions
from chatcore_tls.known_servers import KnownServersFile
from tests.integration.gui.desktop import Desktop, Host, application
from tests.patience import PATIENCE
from tests.stores import ChatServer

_INTERVAL = 0.2
_CLIENTS = 3


async def test_timer_comes_never_early() -> None:
    """Qt's usual timers come up to a twentieth too early."""
    loop = asyncio.get_running_loop()
    early: list[float] = []

    def look(when: float, over: asyncio.Event) -> None:
        if loop.time() < when:
            early.append(when - loop.time())
        over.set()

    async with asyncio.TaskGroup() as tasks:
        for delay in range(20, 520, 7):
            when, over = loop.time() + delay / 1000, asyncio.Event()
            loop.call_at(when, look, when, over)
            tasks.create_task(over.wait())
    assert early == []


async def test_timer_that_is_cancelled_does_not_come() -> None:
    """Nor does one of them disturb the others."""
    loop = asyncio.get_running_loop()
    came: list[int] = []
    over = asyncio.Event()
    handles = [loop.call_later(0.01, came.append, number) for number in range(3)]
    handles[1].cancel()
    loop.call_later(0.02, over.set)
    await over.wait()
    assert came == [0, 2]


async def turns(over: Callable[[], bool]) -> list[float]:
    """Return the processor seconds of each turn of this loop until something is so."""
    loop, done = asyncio.get_running_loop(), asyncio.Event()
    taken: list[float] = []

    def turn(before: float) -> None:
        now = time.process_time()
        taken.append(now - before)
        if over():
            done.set()
        else:
            loop.call_soon(turn, time.process_time())

    loop.call_soon(turn, time.process_time())
    await asyncio.wait_for(done.wait(), PATIENCE)
    return taken


async def test_turns_of_the_window_are_short_while_much_is_said(host: Host, desktop: Desktop) -> None:
    """Ten messages at a time, as a window that is drawn fifty times a second gets five hundred; with a search open.

    The server's work is in these turns too. Two turns may be longer: the garbage of all tests before is theirs.
    """
    bob = await host.guest("bob")
    await desktop.enter(host)
    desktop.press("Ctrl+F")
    QTest.keyClicks(desktop.window.conversation.search_bar.field, "line 4")
    taken = []
    for begin in range(0, 300, 10):
        for number in range(begin, begin + 10):
            bob.post(SendMessage(f"line {number} of what is said, alice"))
        taken += await turns(lambda count=begin + 10: len(desktop.said()) == count)  # type: ignore[misc]
    assert sorted(taken)[-3] < 0.05, sorted(taken)[-5:]


async def _idle(folder: Path) -> list[str]:
    """Return why idle connections over QUIC were lost within 20 intervals."""
    listen = Listen("quic", options=ListenOptions(port=0, state_dir=str(folder / "server")))
    options = ConnectOptions(keepalive_interval=_INTERVAL, keepalive_timeout=2 * _INTERVAL)
    known = KnownServersFile(folder / "known_servers")
    lost: list[str] = []

    async def stay(url: str, username: str, connected: asyncio.Barrier) -> None:
        async with connect(url, username=username, known_servers=known, options=options) as chat:
            await connected.wait()
            try:
                async with asyncio.timeout(20 * _INTERVAL):
                    async for event in chat:
                        if isinstance(event, ConnectionLost):
                            lost.append(event.reason)  # noqa: PERF401 - the loop never ends by itself
            except TimeoutError:
                pass
            assert chat.connected

    async with ChatServer(listen=[listen]) as server, asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        connected = asyncio.Barrier(_CLIENTS)
        for number in range(_CLIENTS):
            tasks.create_task(stay(server.urls[0], f"guest{number}", connected))
    return lost


class HastyLoop(qasync.QEventLoop):  # type: ignore[misc]  # qasync has no types
    """qasync's own event loop, whose timers come early whenever they may, not only when it suits Qt."""

    def call_later(self, delay: float, callback: Any, *args: Any, context: Any = None) -> Any:
        """Call back after so many seconds, or a twentieth sooner."""
        return super().call_later(delay * 0.95, callback, *args, context=context)


def test_idle_connections_over_quic_are_kept_although_timers_come_early(tmp_path: Path) -> None:
    """However early Qt lets them come."""
    with HastyLoop(application()) as loop:
        assert loop.run_until_complete(_idle(tmp_path)) == []
