"""Values of options are checked before anything is done with them."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from chatcore_cli.main import cli
from chatcore_cli.settings.options import Number, WholeNumber


@pytest.mark.parametrize("value", ["inf", "-inf", "nan", "1e999", "-1", "ten", ""])
def test_number_is_a_finite_one_in_its_range(value: str) -> None:
    """What is announced to clients in JSON has to be a number there too."""
    with pytest.raises(click.BadParameter, match="is not a number from 0 up"):
        Number(0).convert(value, None, None)


def test_number_may_be_large_or_written_with_an_exponent() -> None:
    """As Python reads it."""
    assert Number(0).convert("1e12", None, None) == 1e12


@pytest.mark.parametrize(("kind", "value"), [(Number(), "1e308"), (WholeNumber(), "1" + "0" * 30)])
def test_number_beyond_what_anybody_needs_is_told_where_they_end(kind: Number | WholeNumber, value: str) -> None:
    """No event loop waits for so long, and no client reads it."""
    with pytest.raises(click.BadParameter, match="number up to 9007199254740992"):
        kind.convert(value, None, None)


def leaves(group: click.Group, path: str = "chatcore") -> Iterator[tuple[str, click.Command]]:
    """Yield the commands that do something, by what is typed."""
    ctx = click.Context(group)
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from leaves(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def test_every_command_has_the_option_that_a_mistake_of_ours_is_told_with() -> None:
    """Those of `chatcore config` hand their options to `serve`, which has it."""
    without = [
        path
        for path, command in leaves(cli)
        if not any("--log-level" in parameter.opts for parameter in command.params)
    ]
    assert without == ["chatcore config check", "chatcore config show"]
