"""What the parts of a line look like in the terminal."""

from __future__ import annotations

from typing import Final

from prompt_toolkit.styles import Style

STYLE: Final = Style.from_dict(
    {
        "time": "ansibrightblack",
        "name": "ansicyan",
        "own": "ansigreen",
        "direct": "ansimagenta",
        "broadcast": "ansiyellow",
        "mention": "bold ansiyellow",
        "notice": "ansibrightblack",
        "warning": "ansired",
        "room": "ansicyan",
        # French is full of them; prompt_toolkit would underline each in yellow.
        "nbsp": "nounderline fg:default",
    }
)
