"""Commands as they are typed in a shell, so that a hint can be copied as it stands."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from typing import Final

_PLAIN: Final = re.compile(r"[\w@%+=:,./\\-]+", re.ASCII)


def shell_line(words: Iterable[str], *, windows: bool) -> str:
    """Return words as one line: for a POSIX shell, or for both shells of Windows, cmd.exe and PowerShell."""
    if not windows:
        return shlex.join(words)
    line = [word if _PLAIN.fullmatch(word) else f'"{word}"' for word in words]
    return " ".join(line)
