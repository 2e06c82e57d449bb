"""Whether a text speaks of somebody."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from chatcore.text.names import name_key

# Scripts that put no spaces between words: Thai, Lao, Myanmar, Khmer, and those of Chinese and Japanese.
_UNSPACED: Final = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u3400-\u9fff\U00020000-\U0003ffff"
_COMPOSED_CHARS: Final = 4000
_ENDS_UNSPACED: Final = re.compile(f"[{_UNSPACED}]")


def mentions(text: str, name: str) -> bool:
    """Tell whether a text has a username as a word of its own, without regard to case.

    Where a name begins or ends in a script without spaces, anything may stand beside it.
    """
    return bool(name) and stands_in(folded(text), name)


def stands_in(text: str, name: str) -> bool:
    """Tell whether a folded text mentions a name."""
    return _as_a_word(name).search(text) is not None


def folded(text: str) -> str:
    """Return a text in the form in which the keys of names stand in it."""
    low = folded_apart(text)
    return low if low.isascii() or len(low) > _COMPOSED_CHARS else unicodedata.normalize("NFC", low)


def folded_apart(text: str) -> str:
    """Return a text without regard to case: some letters are two or three then, such as `ΐ`, and no name has them."""
    if text.isascii():
        return text.lower()
    # To compose a text takes the square of a row of marks; who writes a long one has a keyboard that composes.
    return (unicodedata.normalize("NFC", text) if len(text) <= _COMPOSED_CHARS else text).casefold()


@lru_cache(maxsize=64)
def _as_a_word(name: str) -> re.Pattern[str]:
    key = re.escape(name_key(name))
    before = "" if _ENDS_UNSPACED.match(name[:1]) else r"(?<![\w-])"
    behind = "" if _ENDS_UNSPACED.match(name[-1:]) else r"(?![\w-])"
    return re.compile(before + key + behind)
