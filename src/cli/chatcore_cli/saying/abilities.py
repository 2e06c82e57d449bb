"""What the terminal is able to do, as far as the environment tells."""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from typing import Final

# Descended from the VT100, and often not known to the machine at the other end of an ssh.
_DESCENDANTS: Final = re.compile(
    r"(xterm|screen|tmux|rxvt|vt[1-9]\d\d|linux|ansi|cygwin|putty|foot|alacritty|kitty|wezterm|konsole|gnome|vte|st|contour"
    r"|ghostty|iterm|eterm|mlterm|nsterm|cons25|wsvt|sun-color|mintty|mosh|byobu)\b.*",
    re.IGNORECASE,
)


def takes_sequences() -> bool:
    """Tell whether the terminal takes escape sequences: to move the cursor, to clear, and for colours."""
    if sys.platform == "win32":
        return True
    name = os.environ.get("TERM", "")
    if name in ("", "dumb", "unknown"):
        return False
    with suppress(ImportError):
        import curses

        with suppress(curses.error):
            curses.setupterm(name, 1)
            # A VT52 moves its cursor too, in a way of its own; ours are those of ECMA-48.
            return (curses.tigetstr("cup") or b"").startswith(b"\x1b[")
    return _DESCENDANTS.fullmatch(name) is not None


def takes_colours() -> bool:
    """Tell whether the terminal takes colours, and its user wants them."""
    return not os.environ.get("NO_COLOR") and takes_sequences()
