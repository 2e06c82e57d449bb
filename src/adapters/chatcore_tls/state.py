"""Where this computer keeps keys, and what it knows of servers."""

from __future__ import annotations

import os
from pathlib import Path

from chatcore.errors import ConfigurationError


def state_dir() -> Path:
    """Return the directory: what `CHATCORE_STATE_DIR` names, or where the system keeps such things of a user.

    Raises:
        ConfigurationError: nobody knows where that is, for a user without a home directory.
    """
    named = os.environ.get("CHATCORE_STATE_DIR")
    try:
        if named:
            return Path(named).expanduser()
        from platformdirs import user_state_dir  # noqa: PLC0415 - not needed where the directory is named

        return Path(user_state_dir("chatcore", appauthor=False))
    except RuntimeError as error:  # a user id without an entry, as containers have them
        raise ConfigurationError(
            "this user has no home directory for keys and known servers; name a directory with --state-dir, or in "
            "CHATCORE_STATE_DIR"
        ) from error
