"""Commands as they are typed in a shell."""

from __future__ import annotations

import shlex

from hypothesis import given
from hypothesis import strategies as st

from chatcore.text.shell import shell_line


@given(st.lists(st.text(st.characters(exclude_characters="\0"), min_size=1), min_size=1))
def test_a_posix_shell_reads_the_words_that_were_meant(words: list[str]) -> None:
    assert shlex.split(shell_line(words, windows=False)) == words


def test_the_shells_of_windows_read_the_words_that_were_meant() -> None:
    words = ["C:\\Program Files\\Python\\python.exe", "-m", "pip", "install", "aioquic>=1.7.2"]
    assert shell_line(words, windows=True) == '"C:\\Program Files\\Python\\python.exe" -m pip install "aioquic>=1.7.2"'
