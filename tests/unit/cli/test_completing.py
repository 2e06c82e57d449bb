"""What Tab shows in the terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.utils import get_cwidth

from chatcore_cli.chatting.showing.render import names_text, notice
from chatcore_cli.chatting.terminal.completing import fitting
from chatcore_cli.chatting.terminal.wrap import wrapped

NAMES = ["anna", "bob", "carol"]


def rows_of(names: list[str], columns: int, rows: int) -> list[str]:
    """Return the rows of what is shown."""
    line = wrapped(fitting(names, columns, rows, get_cwidth), columns, get_cwidth)
    return "".join(text for _style, text in line).split("\n")


@pytest.mark.parametrize(
    ("columns", "rows", "shown"),
    [
        (80, 10, ["* anna, bob, carol"]),
        (18, 1, ["* anna, bob, carol"]),
        (17, 1, ["* anna and 2 more"]),
        (17, 2, ["* anna, bob,", " carol"]),
        (17, 0, ["* anna and 2 more"]),
    ],
)
def test_first_names_are_shown_as_many_as_fit_but_one_at_least(columns: int, rows: int, shown: list[str]) -> None:
    assert rows_of(NAMES, columns, rows) == shown


@given(st.lists(st.text(st.sampled_from("aé名"), min_size=1), min_size=1), st.integers(20, 80), st.integers(1, 24))
def test_list_is_never_longer_than_the_room_for_it(names: list[str], columns: int, rows: int) -> None:
    """But where not even one name fits."""
    line = fitting(names, columns, rows, get_cwidth)
    assert len(rows_of(names, columns, rows)) <= rows or line == notice(names_text(names, shown=1))
