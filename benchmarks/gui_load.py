"""Talks into the room that the desktop app has open, and measures how long its event loop is busy at a stretch.

    python benchmarks/gui_load.py --rate 500 --seconds 60

The server and whoever talks are processes of their own; the app is the real one, drawing on Qt's offscreen platform. A
turn is what happens between two moments at which Qt's event loop waits: while it lasts, the window does not react.
How long it takes by the clock is also other programs' doing; its processor time (`..._cpu_ms`) is this one's alone.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import psutil
import qasync  # type: ignore[import-untyped]
from PyQt6.QtCore import QAbstractEventDispatcher, QEvent, QObject, QSettings
from PyQt6.QtWidgets import QApplication

from chatcore import ChatServer, Limits, connect
from chatcore.aio.clock import LoopClock
from chatcore.aio.garbage import collect_seldom
from chatcore.commands import SendMessage
from chatcore_qt import i18n, theme
from chatcore_qt.app import App
from chatcore_qt.presenters.connecting.address import Address
from chatcore_qt.settings import Settings
from chatcore_tls.known_servers import KnownServersFile

_BURSTS = 50  # a second: people do not talk in step with our frames
_WORDS = ("the", "server", "replays", "what", "was", "missed", "see", "https://chat.example.org", "in", "order")


class Watched(QApplication):
    """An application that knows how long its event loop was busy between two waits, in seconds."""

    def __init__(self) -> None:
        super().__init__(["chatcore"])
        self.turns: list[float] = []
        self.cpu: list[float] = []
        """Their processor time, of this thread."""
        self._since: float | None = None
        self._cpu_since = 0.0
        dispatcher = QAbstractEventDispatcher.instance()
        assert dispatcher is not None
        dispatcher.aboutToBlock.connect(self._blocks)

    def notify(self, a0: QObject | None, a1: QEvent | None) -> bool:
        """Deliver an event; the first one after a wait begins a turn."""
        if self._since is None:
            self._since = time.perf_counter()
            self._cpu_since = time.thread_time()
        return super().notify(a0, a1)

    def _blocks(self) -> None:
        if self._since is not None:
            self.turns.append(time.perf_counter() - self._since)
            self.cpu.append(time.thread_time() - self._cpu_since)
            self._since = None


def share(turns: list[float], part: float) -> float:
    """Return the length that this part of all turns stays under, in milliseconds."""
    ordered = sorted(turns)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] * 1000 if ordered else 0.0


async def serve() -> None:
    """Be the server: print where, and run until killed."""
    async with ChatServer(port=0, limits=Limits.unlimited()) as server:
        print(server.urls[0], flush=True)
        await asyncio.Event().wait()


async def talk(url: str, rate: int, seconds: float) -> None:
    """Be the one who talks, evenly."""
    async with connect(url, username="talker") as chat:
        loop = asyncio.get_running_loop()
        start, said = loop.time(), 0
        while loop.time() - start < seconds:
            due = int((loop.time() - start) * rate)
            for number in range(said, due):
                words = _WORDS[number % len(_WORDS) :] + _WORDS[: number % 7]
                chat.post(SendMessage(f"{number} {' '.join(words)}"))
            said = due
            await asyncio.sleep(1 / _BURSTS)
        await chat.flush()
        print(said, flush=True)


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 -- the app has no event for it
            await asyncio.sleep(0.05)


async def watch(qt: Watched, url: str, rate: int, seconds: float, folder: Path) -> dict[str, float]:
    """Be the app, and return what was measured."""
    settings = Settings(QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat))
    app = App(settings, KnownServersFile(folder / "known_servers"))
    collect_seldom(LoopClock(asyncio.get_running_loop()))  # as the app does, run by itself
    running = asyncio.get_running_loop().create_task(app.run(Address.parse(url), "alice"))
    await until(lambda: app.chat.conversations.shown is not None and app.window.isVisible())
    app.window.resize(1000, 700)
    await asyncio.sleep(1)
    process = psutil.Process()
    before, cpu = process.memory_info().rss, process.cpu_times()
    qt.turns.clear()
    qt.cpu.clear()
    talker = await asyncio.create_subprocess_exec(
        sys.executable, __file__, "--talk", url, "--rate", str(rate), "--seconds", str(seconds), stdout=subprocess.PIPE
    )
    out, _err = await talker.communicate()
    said = int(out)
    shown = app.chat.conversations.shown
    assert shown is not None
    await until(lambda: shown.last >= said)
    used = process.cpu_times()
    result = {
        "messages": said,
        "shown": shown.last,
        "turns": len(qt.turns),
        "longest_turn_ms": max(qt.turns) * 1000,
        "p999_turn_ms": share(qt.turns, 0.999),
        "p99_turn_ms": share(qt.turns, 0.99),
        "longest_turn_cpu_ms": share(qt.cpu, 1),
        "p999_turn_cpu_ms": share(qt.cpu, 0.999),
        "p99_turn_cpu_ms": share(qt.cpu, 0.99),
        "median_turn_cpu_ms": share(qt.cpu, 0.5),
        "cpu_share": (used.user + used.system - cpu.user - cpu.system) / seconds,
        "memory_mib": process.memory_info().rss / 2**20,
        "growth_mib": (process.memory_info().rss - before) / 2**20,
        "bytes_per_message": (process.memory_info().rss - before) / max(1, said),
    }
    app.leave()
    await running
    return result


def main() -> None:
    """Measure, and print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--rate", type=int, default=500, help="messages a second")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--talk", metavar="URL", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        with suppress(KeyboardInterrupt):
            asyncio.run(serve())
        return
    if options.talk:
        asyncio.run(talk(options.talk, options.rate, options.seconds))
        return
    with subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        qt = Watched()
        qt.setQuitOnLastWindowClosed(False)
        i18n.install(qt)
        theme.apply(qt, "light")
        try:
            with tempfile.TemporaryDirectory() as folder, qasync.QEventLoop(qt) as loop:
                figures = loop.run_until_complete(watch(qt, url, options.rate, options.seconds, Path(folder)))
        finally:
            server.terminate()
    print(json.dumps({name: round(value, 2) for name, value in figures.items()}, indent=2))


if __name__ == "__main__":
    main()
