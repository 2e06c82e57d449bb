"""The doors to the terminal: what this program says goes through here, so that nothing in it steers who reads it.

There are three others: `chatcore_cli.streams` for the output of the filter, `chatcore_cli.logs` for the log, and
`chatcore_cli.frames` for JSON, which is ASCII. A test looks whether anything goes past them.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from chatcore.safe_text import safe_text

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import FormattedText


def say(text: str, *, mark: str = "", colour: str | None = None) -> None:
    """Write lines to standard output, behind a mark of some colour."""
    before = f"{click.style(mark, fg=colour)}  " if mark else ""
    click.echo(before + safe_text(text, keep_layout=True))


def tell(text: str) -> None:
    """Write lines to standard error."""
    click.echo(safe_text(text, keep_layout=True), err=True)


def complain(text: str) -> None:
    """Say on standard error what went wrong."""
    tell(f"chatcore: {text}")


def show(error: click.ClickException) -> None:
    """Say on standard error what click has found wrong, and how the command is used."""
    shown = io.StringIO()
    error.show(shown)
    tell(shown.getvalue().rstrip("\n"))


def styled(pieces: Iterable[tuple[str, str]], *, keep_layout: bool = False) -> FormattedText:
    """Return texts with the names of their styles for prompt_toolkit."""
    from prompt_toolkit.formatted_text import FormattedText

    return FormattedText([(style, safe_text(text, keep_layout=keep_layout)) for style, text in pieces])
