"""Where this computer keeps keys, and what it knows of servers."""

from __future__ import annotations

import os
from pathlib import Path


def state_dir() -> Path:
    """Return the directory: what `CHATCORE_STATE_DIR` names, or where the system keeps such things of a user."""
    named = os.environ.get("CHATCORE_STATE_DIR")
    if named:
        return Path(named)
    from platformdirs import user_state_dir  # noqa: PLC0415 - not needed where the directory is named

    return Path(user_state_dir("chatcore", appauthor=False))
