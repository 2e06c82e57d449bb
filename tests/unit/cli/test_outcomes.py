"""What became of what somebody asked for."""

from __future__ import annotations

import pytest

from chatcore_cli.chatting.showing.outcomes import tell_left


@pytest.mark.parametrize(
    ("messages", "commands", "lines"),
    [
        (0, 0, []),
        (1, 0, ["1 message was not sent."]),
        (0, 1, ["1 command was not carried out."]),
        (2, 3, ["2 messages were not sent.", "3 commands were not carried out."]),
    ],
)
def test_whoever_leaves_is_told_what_comes_to_nothing(
    messages: int, commands: int, lines: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """And so is whoever reads the exit code."""
    assert tell_left(messages, commands) == (1 if lines else 0)
    assert capsys.readouterr().err.splitlines() == [f"chatcore: {line}" for line in lines]
