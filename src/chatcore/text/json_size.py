"""How long a text is inside a JSON object, in bytes of UTF-8 (RFC 8259, sections 7 and 8.1)."""

from __future__ import annotations

import json
from collections.abc import Iterable

_BESIDE_A_NAME = 3  # quotes and a comma
_LONGEST_ESCAPE = 6  # \u0000


def escaped_size(text: str) -> int:
    """Return the number of bytes of `text` as a JSON string, without its quotes."""
    return len(json.dumps(text, ensure_ascii=False).encode("utf-8", "surrogatepass")) - 2


def fits(text: str, limit: int) -> bool:
    """Tell whether `text` takes at most `limit` bytes as a JSON string; quick for short ones."""
    return len(text) * _LONGEST_ESCAPE <= limit or escaped_size(text) <= limit


def names_size(names: Iterable[str]) -> int:
    """Return the number of bytes of names of users or rooms in a JSON array: nothing in them is escaped."""
    return sum((len(name) if name.isascii() else len(name.encode())) + _BESIDE_A_NAME for name in names)


def memory_size(text: str) -> int:
    """Return how many bytes of memory `text` takes at most: as many per character as its widest one needs, and its
    UTF-8 form, which encoders keep beside it.

    The same on every machine and at any time, as `str.__sizeof__` is not.
    """
    count = len(text)
    if text.isascii():
        return count
    utf8 = len(text.encode("utf-8", "surrogatepass"))
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        wide = len(text.encode("utf-16-le", "surrogatepass")) > 2 * count
        return utf8 + (4 if wide else 2) * count
    return utf8 + count
