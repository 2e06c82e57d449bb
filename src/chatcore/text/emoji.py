"""What may stand below a message: one emoji, as people see one."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

MOST_CHARS: Final = 16
"""Code points of the longest emoji: families, and flags of countries within countries."""

_JOINER: Final = "\u200d"
_KEYCAP: Final = re.compile(r"[0-9#*]\ufe0f?\u20e3\Z")
_FLAG: Final = re.compile(r"[\U0001f1e6-\U0001f1ff]{2}\Z")
# What stands behind a symbol and belongs to it: how it is shown, the colour of a skin, a tag.
_BEHIND: Final = re.compile(r"[\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*\Z")
_LETTER_SYMBOLS: Final = frozenset("\u203c\u2049\u2139\u3030\u303d\u00a9\u00ae")
# Unicode adds emojis here each year: which of them are there may not depend on which Python a server runs on.
_PICTURES: Final = re.compile(r"[\U0001f000-\U0001f3fa\U0001f400-\U0001faff]")


def is_emoji(text: str) -> bool:
    """Tell whether a text is one emoji (a symbol, a flag, a keycap, or several symbols that are joined to one)."""
    if not 0 < len(text) <= MOST_CHARS or text.isascii():
        return False
    if _KEYCAP.match(text) or _FLAG.match(text):
        return True
    return all(_is_symbol(part) for part in text.split(_JOINER))


def _is_symbol(part: str) -> bool:
    if not part or _FLAG.match(part[0] * 2) or part[0].isascii():
        return False
    symbol = _PICTURES.match(part) or unicodedata.category(part[0]) in ("So", "Sm") or part[0] in _LETTER_SYMBOLS
    return bool(symbol) and _BEHIND.match(part, 1) is not None
