"""`chatcore gui --add-to-menu`: the app in the menu of the desktop, and links that open it.

Follows the specifications of freedesktop.org for desktop entries, icon themes and base directories.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Final

from chatcore.errors import ConfigurationError

_FILES: Final = {
    "chatcore.desktop": Path("applications"),
    "chatcore.svg": Path("icons", "hicolor", "scalable", "apps"),
}
# What has to be escaped between double quotes of an Exec key, and once more as it stands in a string.
_EXEC_QUOTED: Final = str.maketrans({"\\": "\\\\\\\\", '"': '\\\\"', "`": "\\\\`", "$": "\\\\$", "%": "%%"})


def menu_dir(environ: Mapping[str, str], home: str | None) -> Path:
    """Return where a user's own menu entries are.

    Raises:
        ConfigurationError: this system has another kind of menu, or the user no home.
    """
    if sys.platform in ("win32", "darwin"):
        raise ConfigurationError("on this system, the app cannot be added to a menu")
    data = environ.get("XDG_DATA_HOME", "")
    if os.path.isabs(data):
        return Path(data)
    if home is None:
        raise ConfigurationError("nobody has said where your home is; set XDG_DATA_HOME to a directory for such files")
    return Path(home, ".local", "share")


def add_to_menu(program: Sequence[str], folder: Path) -> Path:
    """Write the entry and its icon; return the path of the entry.

    Args:
        program: what starts chatcore: a path, perhaps with arguments.
        folder: as `menu_dir` returns it.

    Raises:
        ConfigurationError: that cannot be written.
    """
    command = " ".join(f'"{word.translate(_EXEC_QUOTED)}"' for word in program)
    written = [folder / place / name for name, place in _FILES.items()]
    try:
        for path in written:
            text = files("chatcore_qt").joinpath("desktop", path.name).read_text(encoding="utf-8")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.replace("Exec=chatcore ", f"Exec={command} "), encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            "the app cannot be added to the menu in {path}: {why}", path=str(folder), why=error.strerror
        ) from error
    # The desktop finds out by itself, but for what opens a link; where this is missing, there is no such list.
    update = shutil.which("update-desktop-database")
    if update is not None:
        subprocess.run([update, written[0].parent], check=False, stdin=subprocess.DEVNULL, capture_output=True)
    return written[0]


def starts_this(started: str, python: str) -> list[str]:
    """Return what starts this program from anywhere.

    Args:
        started: the path that it was started by.
        python: the program that runs it.
    """
    script = os.path.abspath(started)
    if Path(script).stem == "chatcore" and os.access(script, os.X_OK):
        return [script]
    return [python, "-m", "chatcore_cli"]
