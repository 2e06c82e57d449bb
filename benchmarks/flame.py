"""A flame graph of what runs in a block: where the processor's time goes, as a picture for the documentation."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from types import FrameType
from typing import Final

_EVERY: Final = 0.001
_WIDTH: Final = 1180
_ROW: Final = 17
_LEAST: Final = 0.002
_COLOURS: Final = {
    "chatcore_ws": "#8ec5d6",
    "chatcore_net": "#8ec5d6",
    "dialects": "#f2c46d",
    "server": "#e69a8d",
    "chat": "#a9cf8f",
}

Stack = tuple[str, ...]


@contextmanager
def sampled() -> Iterator[Counter[Stack]]:
    """Look once in a millisecond of processor time what runs, and count it: the stacks of functions of ours."""
    stacks: Counter[Stack] = Counter()

    def look(_number: int, frame: FrameType | None) -> None:
        stack: list[str] = []
        while frame is not None:
            code = frame.f_code
            if "/src/" in code.co_filename or code.co_filename == "<string>":
                stack.append(f"{'/'.join(Path(code.co_filename).parts[-2:])} {code.co_qualname}")
            frame = frame.f_back
        if stack:
            stacks[tuple(reversed(stack))] += 1

    before = signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, _EVERY, _EVERY)
    try:
        yield stacks
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def flame_graph(stacks: Counter[Stack], title: str) -> str:
    """Return a picture: the deeper a call the higher it stands, and as wide as the time that it took."""
    total = stacks.total()
    boxes: list[str] = []
    deepest = 0

    def draw(part: Counter[Stack], depth: int, left: float) -> None:
        nonlocal deepest
        callees: dict[str, Counter[Stack]] = {}
        for stack, count in part.items():
            if len(stack) > depth:
                callees.setdefault(stack[depth], Counter())[stack] += count
        for name, below in sorted(callees.items()):
            share = below.total() / total
            if share >= _LEAST:
                deepest = max(deepest, depth)
                boxes.append(_box(name, depth, left, share))
                draw(below, depth + 1, left)
            left += share

    draw(stacks, 0, 0.0)
    height = (deepest + 2) * _ROW + 12
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 {-height} {_WIDTH} {height}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="11"><title>{escape(title)}</title>'
        f'<rect y="{-height}" width="{_WIDTH}" height="{height}" fill="#ffffff"/>\n' + "\n".join(boxes) + "\n</svg>\n"
    )


def _box(name: str, depth: int, left: float, share: float) -> str:
    place, _, function = name.rpartition(" ")
    colour = _COLOURS.get(place.split("/")[0], "#cfcfcf")
    x, y, width = left * _WIDTH, -(depth + 1) * _ROW - 6, share * _WIDTH
    text = function.rpartition("<locals>.")[2]
    shown = (
        text if len(text) * 6 < width else text.rpartition(".")[2] if len(text.rpartition(".")[2]) * 6 < width else ""
    )
    return (
        f'<g><title>{escape(name)}: {share:.1%}</title><rect x="{x:.1f}" y="{y}" width="{max(width - 0.6, 0.4):.1f}" '
        f'height="{_ROW - 1}" fill="{colour}"/><text x="{x + 3:.1f}" y="{y + 12}">{escape(shown)}</text></g>'
    )
