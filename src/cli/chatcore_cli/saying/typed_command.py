"""How this program is typed in a shell, so that a hint can be copied as it stands."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import Final

from chatcore.text.shell import shell_line

NAME: Final = "chatcore"
# What `make serve` puts into the environment: options are given to it in another way.
_BY_MAKE: Final = "CHATCORE_STARTED_BY_MAKE"


def program(started: str | None = None) -> str:
    """Return what to type for this program: `chatcore` where the shell finds it, otherwise its path.

    Args:
        started: the path that it was started by; that of this process when left out.
    """
    script = Path(os.path.abspath(started or sys.argv[0]))
    if script.stem != NAME:  # python -m chatcore_cli
        script = Path(sys.executable).with_name(NAME)
    found = shutil.which(NAME)
    if (found is not None and _real(found) == _real(script)) or not script.exists():
        return NAME
    here = Path.cwd()
    if script.is_relative_to(here) and here.name:  # below the root is everything
        near = script.relative_to(here)
        return _typed(str(near) if near.name != str(near) else os.path.join(os.curdir, near))
    return _typed(str(script))


def _typed(path: str) -> str:
    return shell_line([path], windows=sys.platform == "win32")


def _real(path: str | Path) -> str:
    return os.path.realpath(path)


def make_with(options: str) -> str | None:
    """Return the command of make that starts this server with these options too; None when it was not make."""
    if _BY_MAKE not in os.environ:
        return None
    given = os.environ.get("ARGS", "")  # where make has got it from, or passes it on
    arguments = f"{given} {options}".strip()
    return f"make serve ARGS={shlex.quote(arguments)}" if '"' in arguments else f'make serve ARGS="{arguments}"'
