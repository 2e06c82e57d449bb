"""Makes text from a peer harmless before it reaches a terminal, a log or a window."""

from __future__ import annotations

import re
from typing import Final

# C0 and C1 controls and DEL steer terminals; the bidirectional controls (UAX #9, section 2) reorder what surrounds
# them; U+2028 and U+2029 end a line for many readers of logs.
_CONTROLS: Final = "\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff"
_UNSAFE: Final = re.compile(f"[{_CONTROLS}\ud800-\udfff]")
_UNSAFE_BUT_LAYOUT: Final = re.compile(f"(?![\n\t])[{_CONTROLS}\ud800-\udfff]")


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def safe_text(text: str, *, keep_layout: bool = False) -> str:
    r"""Return `text` with every character that could steer its reader written as an escape such as ``\x1b``.

    With `keep_layout`, newlines and tabs stay as they are; without it the result is a single line.
    """
    return (_UNSAFE_BUT_LAYOUT if keep_layout else _UNSAFE).sub(_escape, text)
