"""Where programs of this user keep what it takes to come back into their sessions."""

from __future__ import annotations

from pathlib import Path

from chatcore_sessions.folder import FOLDER_NAME, SessionFolder


def sessions_in(directory: str | None) -> SessionFolder:
    """Return what is kept in a directory; None: where such things of a user are kept."""
    return SessionFolder(None if directory is None else Path(directory) / FOLDER_NAME)
