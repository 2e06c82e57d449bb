"""Words as a search compares them: without regard to case and accents, found from their beginnings on."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Scripts that leave no space between words: each of their characters counts as one.
_ALONE: Final = r"\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD: Final = re.compile(rf"[{_ALONE}]|[^\W_{_ALONE}]+")


def fold(text: str) -> str:
    """Return a text without case and accents."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in plain if unicodedata.category(each) != "Mn")


def words_of(text: str) -> str:
    """Return the words of a text, each with a space before it."""
    return "".join(f" {word}" for word in _WORD.findall(fold(text)))


def sought(words: str) -> tuple[str, ...]:
    """Return what somebody looks for: what of it stands in `words_of` a text that has it, for each word."""
    return tuple(dict.fromkeys(found for word in words.split() if (found := words_of(word))))


def has_all(text: str, wanted: tuple[str, ...]) -> bool:
    """Tell whether a text has all words that somebody looks for, or words that begin so."""
    if text.isascii():
        low = text.lower()
        if not all(each.isascii() and each.rpartition(" ")[2] in low for each in wanted):
            return False
    there = words_of(text)
    return all(each in there for each in wanted)
