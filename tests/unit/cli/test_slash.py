"""The slash commands in the words of the terminal."""

from __future__ import annotations

import pytest

from chatcore.text.slash import SLASHES, NotUnderstood, parse
from chatcore_cli.chatting.showing.help import help_lines
from chatcore_cli.saying.texts import whole


@pytest.mark.parametrize("line", ["/nick", "/nick a b", "/msg bob", "/msg , text", "/msgall", "/join", "/list now"])
def test_command_is_answered_with_how_to_write_it_when_something_is_missing_or_too_much(line: str) -> None:
    """Half a command is never sent as a message."""
    with pytest.raises(NotUnderstood) as caught:
        parse(line, room="lobby")
    usage = SLASHES[caught.value.name].usage
    assert whole(caught.value.sentence) == f"This is how to write it: {usage}."
    assert usage.startswith(line.split(maxsplit=1)[0])


@pytest.mark.parametrize(
    ("line", "hint"),
    [("/nik al", "did you mean /nick?"), ("/xyzzy", "no command /xyzzy"), ("/", "/help"), ("/ ", "/help")],
)
def test_unknown_command_is_answered_with_a_hint(line: str, hint: str) -> None:
    """A slip of the finger is not sent to the room either."""
    with pytest.raises(NotUnderstood) as caught:
        parse(line, room="lobby")
    assert hint in whole(caught.value.sentence)


def test_help_names_every_command() -> None:
    """No command is a secret."""
    text = "\n".join(help_lines())
    assert all(f"/{name}" in text for name in SLASHES)
