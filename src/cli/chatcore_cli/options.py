"""Options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from chatcore_cli.logs import LEVELS
from chatcore_cli.main import State
from chatcore_cli.texts import _


def log_level_option(default: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the decorator that gives a command `--log-level`."""
    return click.option(
        "--log-level",
        type=click.Choice(LEVELS, case_sensitive=False),
        default=default,
        show_default=True,
        is_eager=True,
        callback=_note_debug,
        help=_("The least important records to write; debug also shows where a mistake of ours happened."),
    )


def _note_debug(ctx: click.Context, _param: click.Parameter, value: str) -> str:
    state = ctx.find_object(State)
    if state is not None:
        state.debug = value == "debug"
    return value
