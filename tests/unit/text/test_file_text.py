"""Text that people wrote with a program of their own choice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.errors import ConfigurationError
from chatcore.text.file_text import foreign_encoding, text_of_file


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), min_size=4))
def test_text_is_read_with_and_without_a_mark_and_however_its_lines_end(text: str) -> None:
    """What a program of Windows makes of it is the same text."""
    text = text.removeprefix("\ufeff")
    windows = text.replace("\n", "\r\n")
    for data in (text, windows, "\ufeff" + text, "\ufeff" + windows):
        assert text_of_file(data.encode(), "notes.txt") == text


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("utf-32", "UTF-32"),
    ],
)
def test_another_encoding_is_named_with_what_to_do(encoding: str, name: str) -> None:
    """Instead of characters that nobody has written."""
    with pytest.raises(ConfigurationError) as caught:
        text_of_file("port = 9000".encode(encoding), "chat.toml")
    assert str(caught.value) == f"chat.toml is in {name}; save it as UTF-8"


def test_text_in_an_encoding_that_nothing_tells_is_refused_all_the_same() -> None:
    """Latin-1, for example."""
    with pytest.raises(ConfigurationError, match=r"chat.toml is not in UTF-8; save it as UTF-8"):
        text_of_file("# été".encode("latin-1"), "chat.toml")


def test_short_and_empty_texts_are_texts() -> None:
    """Two bytes are not enough to suspect anything."""
    assert [foreign_encoding(data) for data in (b"", b"a", b"a\0", b"ab")] == [None] * 4
    assert text_of_file(b"", "empty") == text_of_file(b"\xef\xbb\xbf", "mark") == ""
