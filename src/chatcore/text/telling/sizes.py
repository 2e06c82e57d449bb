"""How much something is, for people."""

from __future__ import annotations

from typing import Final

from chatcore.errors import Sentence

# No line ends between a number and its unit.
_UNITS: Final = (
    Sentence("{number}\xa0B"),
    Sentence("{number}\xa0kB"),
    Sentence("{number}\xa0MB"),
    Sentence("{number}\xa0GB"),
    Sentence("{number}\xa0TB"),
)


def size_text(size: float) -> Sentence:
    """Return a number of bytes in powers of a thousand: three digits at most, below a million billion."""
    unit = 0
    while size >= 999.5 and unit < len(_UNITS) - 1:
        size /= 1000
        unit += 1
    digits = f"{size:.1f}" if unit and size < 99.95 else f"{size:.0f}"
    whole, point, tenths = digits.partition(".")
    number = Sentence("{whole}.{tenths}", whole=whole, tenths=tenths) if point else digits
    return Sentence(_UNITS[unit].text, number=number)
