"""`chatcore schema`: the machine-readable description of the protocol, as files."""

from __future__ import annotations

from pathlib import Path

import click

from chatcore.errors import ConfigurationError
from chatcore_cli.saying.out import complain, say
from chatcore_cli.saying.texts import _
from chatcore_cli.saying.typed_command import program
from chatcore_cli.settings.options import log_level_option
from chatcore_cli.settings.paths import DIRECTORY
from chatcore_cli.settings.sources import SettingsCommand

_EXIT_STALE = 1


def documents() -> dict[str, str]:
    """Return the generated documents: their texts by their file names."""
    from chatcore.chat.kept.session_state import diagram
    from chatcore.chat.requests.permissions import table
    from chatcore.dialects.chat import schema

    return {**schema.documents(), "session.mmd": diagram(), "permissions.md": table()}


@click.command(
    "schema",
    cls=SettingsCommand,
    help=_("Write the description of the protocol (JSON Schema, AsyncAPI) into files in DIRECTORY."),
)
@click.argument("directory", type=DIRECTORY)
@click.option("--check", is_flag=True, help=_("Write nothing; exit with 1 when the files are not up to date."))
@log_level_option("warning")
def command(*, directory: str, check: bool, log_level: str) -> int:
    """Write the files, or compare them."""
    folder = Path(directory)
    stale = [name for name, text in documents().items() if not _is(folder / name, text)]
    if check:
        if stale:
            text = _("Not up to date in {directory}: {files}. Run: {program} schema {directory}")
            complain(text.format(program=program(), directory=directory, files=", ".join(stale)))
        return _EXIT_STALE if stale else 0
    for name, text in documents().items():
        path = folder / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            raise ConfigurationError("{file} cannot be written: {why}.", file=str(path), why=error.strerror) from error
        say(str(path))
    return 0


def _is(path: Path, text: str) -> bool:
    try:
        return path.read_bytes() == text.encode("utf-8")
    except OSError:
        return False
