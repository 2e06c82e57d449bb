"""Breaks lines to the width of a terminal. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from chatcore_cli.chatting.showing.render import INDENT, Line

_WORDS: Final = re.compile(r"[\n\t]| +|[^\n\t ]+ ?")
_TAB: Final = 8
# So much of a narrow terminal is left to the text.
_LEAST_TEXT: Final = 20
_ISOLATES: Final = "\u2066\u2067\u2068"
_POP: Final = "\u2069"


def wrapped(line: Line, columns: int, width_of: Callable[[str], int]) -> Line:
    """Return the line broken into rows that fit, all but the first one indented: less where there is little room.

    Left to the terminal, the rest of a long line would begin at its edge, where it could pass for another message.

    Args:
        line: what to show.
        columns: how wide the terminal is.
        width_of: tells how many columns a character takes.
    """
    room = max(columns, 1)
    indent = INDENT[: max(room - _LEAST_TEXT, min(room - 1, 1))]
    out: Line = []
    used = 0
    for style, text in line:
        row = ""
        begun = ""  # isolates that are not closed yet: each row closes what it began
        for word in _WORDS.findall(text):
            size = sum(map(width_of, word.rstrip("\n ")))
            if used + size > room and used > len(indent):
                row = row.rstrip(" ") + _next_row(begun, indent)
                used = len(indent)
            for character in word:
                if character == "\n":
                    row += character
                    used = 0
                    continue
                # What a tab takes depends on the terminal, and on where it is.
                shown = " " * min(_TAB - used % _TAB, room - len(indent)) if character == "\t" else character
                size = sum(map(width_of, shown))
                if used + size > room and character == " ":
                    continue  # lost at the break
                if used + size > room:
                    row += _next_row(begun, indent)
                    used = len(indent)
                row += shown
                used += size
                if character in _ISOLATES:
                    begun += character
                elif character == _POP:
                    begun = begun[:-1]
        out.append((style, row))
    return out


def _next_row(begun: str, indent: str) -> str:
    return _POP * len(begun) + "\n" + indent + begun
