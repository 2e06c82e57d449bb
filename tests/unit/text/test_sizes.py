"""Sizes are told in powers of a thousand, with the decimal mark of the language."""

from __future__ import annotations

import pytest

from chatcore.text.telling import told
from chatcore.text.telling.sizes import size_text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0\xa0B"), (999, "999\xa0B"), (999.6, "1.0\xa0kB"), (1000, "1.0\xa0kB"), (99_960, "100\xa0kB"),
        (48_200_000, "48.2\xa0MB"), (2**31, "2.1\xa0GB"), (10**15, "1000\xa0TB"),
    ],
)  # fmt: skip
def test_sizes_are_told_in_powers_of_a_thousand(size: float, text: str) -> None:
    assert size_text(size) == text


def test_decimal_mark_is_that_of_the_language() -> None:
    french = {"{number}\xa0MB": "{number}\xa0Mo", "{whole}.{tenths}": "{whole},{tenths}"}
    assert told(size_text(48_200_000), lambda text: french.get(text, text)) == "48,2\xa0Mo"
