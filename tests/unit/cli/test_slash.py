"""The slash commands in the words of the terminal."""

from __future__ import annotations

import pytest

from chatcore.text.slash import SLASHES
from chatcore_cli.slash import ABOUT, NotUnderstoodError, help_lines, parse


@pytest.mark.parametrize("line", ["/nick", "/nick a b", "/msg bob", "/msg , text", "/msgall", "/join", "/list now"])
def test_command_is_answered_with_how_to_write_it_when_something_is_missing_or_too_much(line: str) -> None:
    """Half a command is never sent as a message."""
    with pytest.raises(NotUnderstoodError, match=f"how to write it: {line.split(maxsplit=1)[0]}"):
        parse(line, room="lobby")


@pytest.mark.parametrize(
    ("line", "hint"),
    [("/nik al", "Did you mean /nick?"), ("/xyzzy", "no command /xyzzy"), ("/", "/help"), ("/ ", "/help")],
)
def test_unknown_command_is_answered_with_a_hint(line: str, hint: str) -> None:
    """A slip of the finger is not sent to the room either."""
    with pytest.raises(NotUnderstoodError, match=hint.replace("?", r"\?")):
        parse(line, room="lobby")


def test_help_names_every_command() -> None:
    """No command is a secret, and none is told about that there is not."""
    assert list(ABOUT) == list(SLASHES)
    text = "\n".join(help_lines())
    assert all(f"/{name}" in text for name in SLASHES)
