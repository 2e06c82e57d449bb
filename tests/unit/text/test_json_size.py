"""How long a text is inside a JSON object."""

from __future__ import annotations

import sys

from hypothesis import given
from hypothesis import strategies as st

from chatcore.dialects.chat.json_text import encode_object
from chatcore.text.json_size import escaped_size, fits, memory_size
from tests.strategies import any_text, texts

AROUND = len(encode_object({"t": ""}))


@given(texts)
def test_size_of_a_text_is_what_it_adds_to_an_object(text: str) -> None:
    """The size counts the bytes of the escaped text, as they stand in a frame."""
    assert escaped_size(text) == len(encode_object({"t": text})) - AROUND


@given(any_text, st.integers(0, 400))
def test_text_fits_exactly_when_its_size_is_within_the_limit(text: str, limit: int) -> None:
    """The quick answer for short texts is the right one; surrogates can be measured too."""
    assert fits(text, limit) == (escaped_size(text) <= limit)


def test_control_characters_and_emoji_are_as_long_as_they_are_on_the_wire() -> None:
    """A control character takes six bytes, an emoji four."""
    assert escaped_size("\x00") == 6
    assert escaped_size("😀") == 4
    assert escaped_size('"\\\n') == 6


@given(any_text)
def test_memory_of_a_text_is_what_it_takes_and_does_not_change(text: str) -> None:
    """Neither less than the interpreter needs for its characters, nor another one once it was encoded."""
    size = memory_size(text)
    assert size >= sys.getsizeof(text) - sys.getsizeof("\U0001f600"[:0] + "é")
    text.encode("utf-8", "surrogatepass")
    assert memory_size(text) == size


def test_memory_of_a_text_grows_with_its_widest_character() -> None:
    """One emoji makes every letter four bytes wide; the UTF-8 form may be kept beside the text."""
    assert memory_size("a" * 100) == 100
    assert memory_size("é" * 100) == 100 + 200
    assert memory_size("a" * 99 + "ж") == 200 + 101
    assert memory_size("a" * 99 + "😀") == 400 + 103
