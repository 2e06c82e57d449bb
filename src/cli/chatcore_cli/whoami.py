"""The name to suggest to a user."""

from __future__ import annotations

import getpass
import re


def login_name() -> str:
    """Return the login name of this computer as a username, or nothing."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        return ""
    name = re.sub(r"[^A-Za-z0-9_-]", "", name)[:12]
    return name if len(name) >= 2 else ""
