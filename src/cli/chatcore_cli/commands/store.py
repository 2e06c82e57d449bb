"""`chatcore store`: look after the file in which a server keeps its chat."""

from __future__ import annotations

from itertools import islice
from typing import Final

import click

from chatcore_cli.saying.out import say
from chatcore_cli.saying.texts import _, ngettext
from chatcore_cli.settings.options import subcommand
from chatcore_cli.settings.paths import FILE

# How many lines are written at a time.
_LINES: Final = 200


@click.group("store", help=_("Look after the file in which a server keeps its chat."))
def command() -> None:
    """Carry out a subcommand."""


@subcommand(
    command, "check", _("Say whether the store PATH is whole, and what is in it. A server may use it meanwhile.")
)
@click.argument("path", type=FILE)
def check(*, path: str, log_level: str) -> None:
    """Look at all of it."""
    from chatcore_sqlite import upkeep

    found = upkeep.check(path)
    messages = ngettext("{number} message", "{number} messages", found.messages).format(number=found.messages)
    logs = ngettext("{number} log", "{number} logs", found.logs).format(number=found.logs)
    journal = ngettext("{number} entry", "{number} entries", found.journal).format(number=found.journal)
    text = _("{path} is whole: {messages} in {logs}, {journal} of the journal to apply at the next start.")
    say(text.format(path=path, messages=messages, logs=logs, journal=journal))


@subcommand(
    command,
    "export",
    _(
        "Write every message of the store PATH to standard output, each as one line of JSON: direct messages too. "
        "A server may use it meanwhile."
    ),
)
@click.argument("path", type=FILE)
def export(*, path: str, log_level: str) -> None:
    """Write it all, a few lines at a time."""
    from chatcore_cli.chatting.showing.json_lines import json_line
    from chatcore_sqlite import upkeep

    lines = (json_line(entry, epoch=epoch) for epoch, entry in upkeep.export(path))
    while text := "".join(islice(lines, _LINES)):
        say(text.removesuffix("\n"))


@subcommand(
    command,
    "vacuum",
    _("Give back the space of what was deleted from the store PATH, while no server uses it."),
)
@click.argument("path", type=FILE)
def vacuum(*, path: str, log_level: str) -> None:
    """Make the file as small as it can be."""
    from chatcore_cli.chatting.showing.files import size_text
    from chatcore_sqlite import upkeep

    before, after = upkeep.vacuum(path)
    say(
        _("{path} has {after} now; it had {before}.").format(
            path=path, before=size_text(before), after=size_text(after)
        )
    )
