"""Breaks lines to the width of a terminal. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from chatcore_cli.render import INDENT, Line

_WORDS: Final = re.compile(r"\n| +|[^\n ]+ ?")


def wrapped(line: Line, columns: int, width_of: Callable[[str], int]) -> Line:
    """Return the line broken into rows that fit, all but the first one indented.

    Left to the terminal, the rest of a long line would begin at its edge, where it could pass for another message.

    Args:
        line: what to show.
        columns: how wide the terminal is.
        width_of: tells how many columns a character takes.
    """
    room = max(columns, len(INDENT) + 20)
    out: Line = []
    used = 0
    for style, text in line:
        row = ""
        for word in _WORDS.findall(text):
            size = sum(map(width_of, word.rstrip("\n ")))
            if used + size > room and used > len(INDENT):
                row = row.rstrip(" ") + "\n" + INDENT
                out.append((style, row))
                row, used = "", len(INDENT)
            for character in word:
                size = width_of(character)
                if character == "\n":
                    used = 0
                elif used + size > room:
                    row += "\n" + INDENT
                    used = len(INDENT)
                row += character
                used += size if character != "\n" else 0
        out.append((style, row))
    return out
