"""How long something lasts, as a person types it: `10m`, `1h30m`, `10 minutes`, `2 heures`."""

from __future__ import annotations

import re
from typing import Final

_UNITS: Final = {
    1: "s sec secs second seconds seconde secondes",
    60: "m min mins minute minutes",
    3600: "h hr hrs hour hours heure heures",
    86_400: "d day days j jour jours",
    604_800: "w week weeks semaine semaines",
}
_SECONDS: Final = {name: seconds for seconds, names in _UNITS.items() for name in names.split()}
_PART: Final = re.compile(r"([0-9]{1,6})\s*([A-Za-z]+)(?=[\s0-9]|\Z)\s*")
_BEFORE: Final = re.compile(r"(?:for|pendant)\s+(?=\d)", re.IGNORECASE)


def span_in(text: str) -> tuple[int | None, str]:
    """Return the time in seconds that stands at the beginning of a text, None for none, and what is behind it.

    It is 0, and the text is all of it, where a number begins it that is no time: as the reason for a ban it would let
    the ban last for ever, where `10 minutes` was meant.
    """
    seconds = None
    before = _BEFORE.match(text)
    rest = text[before.end() :] if before else text
    while (found := _PART.match(rest)) and found[2].lower() in _SECONDS:
        seconds = (seconds or 0) + int(found[1]) * _SECONDS[found[2].lower()]
        rest = rest[found.end() :]
    return (0, text) if rest[:1].isdecimal() else (seconds, rest)


def seconds_of(text: str) -> int | None:
    """Return how many seconds a time has; None for what is none."""
    seconds, rest = span_in(text)
    return None if rest else seconds
