"""The line below the prompt."""

from __future__ import annotations

from typing import Any

import pytest

from chatcore_cli.chatting.terminal.state_line import state_text

WELL: dict[str, Any] = {"connected": True, "patience": 0.0, "unsent": 0, "asked": 0, "files": (), "news": ""}


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ({}, ""),
        ({"asked": 2}, ""),
        ({"unsent": 2}, "2 unsent"),
        ({"patience": 1.2}, "the server asks for patience, it goes on in 2 s"),
        ({"patience": 1.2, "unsent": 3}, "3 unsent: the server asks for patience, it goes on in 2 s"),
        ({"connected": False}, "not connected"),
        ({"connected": False, "patience": 1.2}, "not connected"),
        ({"connected": False, "unsent": 1, "asked": 2}, "not connected, 3 unsent"),
        ({"news": "python +3"}, "python +3"),
        ({"unsent": 1, "news": "python +3"}, "1 unsent  python +3"),
    ],
)
def test_it_says_what_is_not_as_it_should_be_and_what_is_new(state: dict[str, Any], text: str) -> None:
    assert state_text(**WELL | state) == text
