"""The doors to the terminal: what this program says goes through here, so that nothing in it steers who reads it.

There are three others: `chatcore_cli.chatting.streams` for the output of the filter, `chatcore_cli.saying.logs` for
the log, and `chatcore_cli.chatting.showing.json_lines` for JSON, which is ASCII. A test looks whether anything goes
past them.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import click

from chatcore.text.safe_text import safe_text
from chatcore_cli.saying.abilities import takes_colours, takes_sequences
from chatcore_cli.saying.texts import _

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import FormattedText

EXIT_OUTPUT: Final = 1


class Stdout(io.FileIO):
    """Standard output; it takes note of why it takes nothing any more, for an OSError does not tell whose it is."""

    def __init__(self) -> None:
        super().__init__(1, "w", closefd=False)
        self.failure: OSError | None = None
        self._terminal = self.isatty()

    def write(self, data: Any, /) -> int:
        """Write, or take note of why that cannot be."""
        try:
            return super().write(data)
        except OSError as error:
            if self._terminal and error.errno == errno.EIO:
                # Its window is closed, which is the end of the program, and no failure of it: a signal says so.
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
                return len(data)
            self.failure = error
            raise


def open_standard_streams() -> Stdout:
    """Make standard output fail in sight, and see to streams that are closed: nothing else is opened in their place."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # It takes the lowest number that is free. What is written to a closed output has to fail.
            os.open(os.devnull, os.O_RDONLY if number == 1 else os.O_RDWR)
    if sys.stderr is None:  # click would write to standard output instead
        sys.stderr = io.TextIOWrapper(io.FileIO(2, "w", closefd=False), "utf-8", "replace", write_through=True)
    output = Stdout()
    theirs, replaced = sys.stdout, sys.stdout is not sys.__stdout__
    if theirs is None:
        sys.stdout = io.TextIOWrapper(io.BufferedWriter(output), "utf-8", "replace")
    elif not replaced and sys.platform != "win32":
        lines = theirs.isatty()
        sys.stdout = io.TextIOWrapper(io.BufferedWriter(output), theirs.encoding, theirs.errors, line_buffering=lines)
    return output


def give_up_output(failure: OSError, text: str | None = None) -> int:
    """Write nothing more to standard output; say why, unless its reader has just left. Returns the exit code.

    `text` says it where the program goes on, with `why` and the `code` that it ends with.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    if failure.errno != errno.EPIPE:  # whoever read our output has gone, which is their right
        text = text or _("The output cannot be written: {why}.")
        complain(text.format(why=_(failure.strerror or str(failure)), code=EXIT_OUTPUT))
    return EXIT_OUTPUT


def say(text: str, *, mark: str = "", colour: str | None = None) -> None:
    """Write lines to standard output, behind a mark of some colour."""
    before = f"{click.style(mark, fg=colour) if takes_colours() else mark}  " if mark else ""
    click.echo(before + safe_text(text, keep_layout=True))


def draw(rows: Iterable[str]) -> None:
    """Write rows of block characters: on a terminal dark on light, whatever its own colours are."""
    color = sys.stdout is not None and sys.stdout.isatty() and takes_sequences()
    for row in rows:
        click.echo(f"\x1b[30;47m{row}\x1b[0m", color=color)


def tell(text: str) -> None:
    """Write lines to standard error. Where that takes nothing, there is nobody to tell it to."""
    try:
        click.echo(safe_text(text, keep_layout=True), err=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


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
