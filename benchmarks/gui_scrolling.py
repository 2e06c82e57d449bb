"""Measures how the conversation of the desktop app behaves with very many messages: time per paint, loading, memory.

Without a screen, so that it measures chatcore and Qt's drawing, not a graphics card. Pictures are drawn one after the
other as fast as possible while the view is scrolled in several ways; the slowest ones show what a user would feel.

    python benchmarks/gui_scrolling.py
    python benchmarks/gui_scrolling.py --messages 10000 --paints 300 --scale 2
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import statistics
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PyQt6.QtCore import QSize
from PyQt6.QtWidgets import QApplication

from chatcore_qt import theme
from chatcore_qt.presenters.entries.timeline import MessageEntry, NoticeEntry, Timeline
from chatcore_qt.widgets.conversation.view import ConversationView

WORDS = ("the", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog", "https://example.org/a", "é", "你好")


def entries(count: int) -> list[MessageEntry | NoticeEntry]:
    """Return messages of many lengths by many people, some days of them."""
    dice = random.Random(1)
    start = datetime(2026, 11, 1, tzinfo=UTC)
    made: list[MessageEntry | NoticeEntry] = []
    for number in range(count):
        at = start + timedelta(seconds=20 * number)
        if number % 40 == 0:
            made.append(NoticeEntry(str(number), f"user{number % 500} joined the room.", at))
            continue
        text = " ".join(dice.choices(WORDS, k=min(400, int(dice.expovariate(1 / 15)) + 1)))
        sender = f"user{dice.randrange(500)}" if number % 3 else "alice"
        made.append(
            MessageEntry(
                str(number), sender, text, at, own=sender == "alice", mentions=number % 50 == 1, seq=number + 1
            )
        )
    return made


def memory() -> float:
    """Return the memory in use, in MiB."""
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize() / 2**20


def milliseconds(work: Callable[[], object]) -> float:
    """Return how long something takes."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def line(name: str, times: list[float]) -> str:
    """Return a line of the table."""
    ordered = sorted(times)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return f"{name:<44}{statistics.median(ordered):9.2f}{p99:9.2f}{ordered[-1]:9.2f} ms  ({len(ordered)} times)"


def options() -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--paints", type=int, default=500)
    parser.add_argument("--size", default="900x800", help="of the view, in pixels")
    parser.add_argument("--scale", type=float, default=1.0, help="1 or 2, as on a screen with many pixels")
    return parser.parse_args()


class Window:
    """The conversation, and what is done with it."""

    def __init__(self, app: QApplication, size: QSize, limit: int) -> None:
        self.view = ConversationView()
        self.view.resize(size)
        self.limit = limit
        self.timeline = Timeline(limit)
        self.view.set_timeline(self.timeline)
        self.view.show()
        self.timeline.append(entries(1))  # what Qt loads once is not counted
        app.processEvents()
        self.timeline.clear()
        port, bar = self.view.messages.viewport(), self.view.messages.verticalScrollBar()
        assert port is not None
        assert bar is not None
        self.port = port
        self.bar = bar

    def paint(self) -> None:
        """Draw everything."""
        self.port.repaint()

    def scroll(self, distance: int) -> None:
        """Scroll by pixels, and draw."""
        self.view.messages.scroll_by(distance)
        self.paint()

    def go(self, value: int) -> None:
        """Go where the scroll bar says, and draw."""
        self.bar.setValue(value)
        self.paint()

    def resize(self, size: QSize) -> None:
        """Give the window another size, and draw."""
        self.view.resize(size)
        self.paint()

    def append(self, entry: MessageEntry) -> None:
        """Let a message come in, and draw."""
        self.timeline.append([entry])
        self.paint()

    def prepend(self, page: list[MessageEntry | NoticeEntry]) -> None:
        """Load older messages, and draw."""
        self.timeline.prepend(page)
        self.paint()

    def show_newer_half(self, made: list[MessageEntry | NoticeEntry]) -> None:
        """Show the newer half of the messages, from their beginning on."""
        self.timeline = Timeline(self.limit)
        self.timeline.append(made[len(made) // 2 :])
        self.view.set_timeline(self.timeline)
        self.paint()
        self.go(0)


def main() -> None:
    """Measure and report."""
    asked = options()
    os.environ["QT_SCALE_FACTOR"] = str(asked.scale)
    app = QApplication([])
    theme.apply(app, "light")
    width, height = (int(part) for part in asked.size.split("x"))
    window = Window(app, QSize(width, height), asked.messages)
    made = entries(asked.messages)
    before = memory()
    load = milliseconds(lambda: window.timeline.append(made))
    first = milliseconds(window.paint)
    print(f"{asked.messages} messages, {width}x{height} pixels, scale {asked.scale:g}, PyQt without a screen\n")
    print(f"loading           {load:9.2f} ms, in one turn of the event loop")
    print(f"first picture     {first:9.2f} ms")
    print(f"memory            {memory() - before:9.2f} MiB more, without the messages themselves\n")
    print(f"{'one picture, with what leads to it':<44}{'median':>9}{'p99':>9}{'longest':>9}")

    def measure(name: str, work: Callable[[Any], object], arguments: Iterable[Any]) -> None:
        print(line(name, [milliseconds(partial(work, argument)) for argument in arguments]))

    dice = random.Random(2)
    times = range(asked.paints)
    measure("nothing moved", lambda _turn: window.paint(), times)
    measure("up by a notch of the wheel", window.scroll, [-60 for _ in times])
    measure("down again, all rows known", window.scroll, [60 for _ in times[:60]])
    measure("up by a page, no row known", window.scroll, [60 - height for _ in times])
    measure("anywhere by the scroll bar", window.go, [dice.randrange(window.bar.maximum()) for _ in times])
    measure("another width", window.resize, [QSize(500 + 7 * turn % 400, height) for turn in times])
    window.view.messages.go_to_end()
    more = [MessageEntry(f"n{turn}", "bob", " ".join(WORDS), made[-1].at) for turn in times]
    measure("a message at the end of a full list", window.append, more)
    window.show_newer_half(made)
    pages = [made[at : at + 200] for at in range(len(made) // 2 - 200, 0, -200)]
    measure("200 older messages", window.prepend, pages[: asked.paints])
    print(f"\n{memory():.0f} MiB in all")


if __name__ == "__main__":
    main()
