"""Files that the app has made itself, of what was pasted: there for as long as they may be fetched."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from tempfile import mkdtemp


class MadeFiles:
    """Keeps them in a folder of its own, which may be cleaned away at any time, as temporary ones are."""

    def __init__(self) -> None:
        self.folder = ""
        """Empty as long as there is none."""
        self._made: os.stat_result | None = None

    def write(self, name: str, data: bytes) -> str:
        """Return the path of a new file of that name, whole. Raises OSError."""
        if not self._is_there():
            self.folder = mkdtemp(prefix="chatcore-")
            self._made = os.lstat(self.folder)
        path = os.path.join(self.folder, name)
        try:
            with open(path, "wb") as file:
                file.write(data)
        except OSError:
            with suppress(OSError):
                os.unlink(path)
            raise
        return path

    def remove(self) -> None:
        """Take them all away."""
        if self._is_there():
            shutil.rmtree(self.folder, ignore_errors=True)
        self.folder, self._made = "", None

    def _is_there(self) -> bool:
        """Tell whether the folder is there: one of this user alone, and not what others have made in its place."""
        try:
            now = os.lstat(self.folder)
        except OSError:
            return False
        return self._made is not None and (now.st_mode, now.st_uid) == (self._made.st_mode, self._made.st_uid)
