"""By how many names a store's file goes: by one alone.

What SQLite writes ahead stands beside the file, under its name, and so do the locks that keep a second server away.
Whoever comes by another name of the same file finds neither.
"""

from __future__ import annotations

import os
import re
from typing import Final

from chatcore.errors import ConfigurationError

_MOUNTS: Final = "/proc/self/mountinfo"
# A space, say, stands there as `\040`.
_ESCAPED: Final = re.compile(rb"\\([0-7]{3})")


def check_only_name(path: str) -> None:
    """Raise `ConfigurationError` when the file at a real path has another name; also where nobody uses that one.

    Names through links of folders, and mounts of whole folders, are no others: what stands beside the file is the same.
    """
    try:
        names = os.stat(path).st_nlink
    except OSError:  # there is none, or somebody else says why
        return
    if names > 1:
        raise ConfigurationError(
            "the store {path} has {names} names (hard links), and by another one it would not be the same; "
            "remove the others, or copy the file",
            path=path,
            names=names,
        )
    if path in mounted():
        raise ConfigurationError(
            "the store {path} is mounted as a single file, and what belongs beside it is not; mount its folder",
            path=path,
        )


def mounted(mounts: str = _MOUNTS) -> set[str]:
    """Return where something is mounted, as far as the system says so (Linux)."""
    try:
        with open(mounts, "rb") as file:
            return {os.fsdecode(_ESCAPED.sub(_plain, line.split(b" ")[4])) for line in file}
    except (OSError, IndexError):
        return set()


def _plain(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 8)])
