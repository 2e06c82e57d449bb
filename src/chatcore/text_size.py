"""How long a text is inside a JSON object, in bytes of UTF-8 (RFC 8259, sections 7 and 8.1)."""

from __future__ import annotations

import json

_LONGEST_ESCAPE = 6  # \u0000


def escaped_size(text: str) -> int:
    """Return the number of bytes of `text` as a JSON string, without its quotes."""
    return len(json.dumps(text, ensure_ascii=False).encode("utf-8", "surrogatepass")) - 2


def fits(text: str, limit: int) -> bool:
    """Tell whether `text` takes at most `limit` bytes as a JSON string; quick for short ones."""
    return len(text) * _LONGEST_ESCAPE <= limit or escaped_size(text) <= limit
