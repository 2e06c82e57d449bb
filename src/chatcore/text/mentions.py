"""Whether a text speaks of somebody."""

from __future__ import annotations

import re
from functools import lru_cache


def mentions(text: str, name: str) -> bool:
    """Tell whether a text has a username as a word of its own, without regard to case."""
    return bool(name) and _as_a_word(name).search(text) is not None


@lru_cache(maxsize=64)
def _as_a_word(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])", re.IGNORECASE)
