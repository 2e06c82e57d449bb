"""Paths among the settings: what they mean, and which ones cannot be meant."""

from __future__ import annotations

import os
import re
import stat
import sys
from typing import Any, Final

import click

from chatcore_cli.saying.texts import _

_VARIABLE: Final = re.compile(r"\$\w+|\$\{\w+\}|%\w+%")


class PathName(click.Path):
    """A path. One that is relative begins at the working directory, `~` and `~name` at a user's home directory.

    The shell puts in the home directory for a word that begins with `~`; where no shell has seen it, as in a file with
    settings, or only a part of the word, as in `--tls-key=~/key.pem`, nobody has done that yet.

    Args:
        kind: `file`, `directory`, or `kept file`: one that is read again and again, which a pipe cannot be.
    """

    def __init__(self, kind: str) -> None:
        super().__init__(file_okay=kind != "directory", dir_okay=kind == "directory")
        self._kept = kind == "kept file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the path, or say what cannot be meant."""
        path = str(value)
        if "\0" in path:
            self.fail(_("a path cannot have the character NUL in it."), param, ctx)
        if path.startswith("~"):
            path = self._from_home(path, param, ctx)
        for part in re.split(r"[/\\]", path):
            if _VARIABLE.fullmatch(part) and not os.path.lexists(path):
                text = _("{variable} is not replaced in a path; write the path in full.")
                self.fail(text.format(variable=part), param, ctx)
        path = str(super().convert(path, param, ctx))
        if self._kept and os.path.exists(path) and not stat.S_ISREG(os.stat(path).st_mode):
            self.fail(
                _("{file} is not a file on a disk; it is read again when it changes.").format(file=path), param, ctx
            )
        return path

    def _from_home(self, path: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        user, slash, rest = path.partition("/")
        home = home_dir() if user == "~" else os.path.expanduser(user)
        if home is None or not os.path.isabs(home):
            self.fail(
                _("the home directory {user} is not known; write the path in full.").format(user=user), param, ctx
            )
        return os.path.join(home, rest.lstrip("/")) if slash else home


class StoreName(click.ParamType[str]):
    """A store, with its place behind a colon: a path like the others, unless it is an address (`nats://...`)."""

    name = "store"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the store, or say what cannot be meant by its path."""
        name, colon, place = str(value).partition(":")
        if not place or place.startswith("//"):
            return str(value)
        return name + colon + FILE.convert(place, param, ctx)


FILE: Final = PathName("file")
DIRECTORY: Final = PathName("directory")
KEPT_FILE: Final = PathName("kept file")
STORE: Final = StoreName()


def home_dir() -> str | None:
    """Return the home directory of the user, None where nobody knows it."""
    home = os.environ.get("HOME", "")
    if sys.platform == "win32":
        home = os.path.expanduser("~")
    elif not os.path.isabs(home):
        import pwd

        try:
            home = pwd.getpwuid(os.getuid()).pw_dir
        except KeyError:  # a user id without an entry, as containers have them
            return None
    return home if os.path.isabs(home) else None
