"""The name to suggest to a user."""

from __future__ import annotations

import getpass
import re
from typing import Final

from chatcore.text.names import composed, is_username

_CHARS: Final = 12  # what every server and every dialect allows


def login_name() -> str:
    """Return the login name of this computer as a username, or nothing."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        return ""
    for each in (composed(name), re.sub(r"[^A-Za-z0-9_-]", "", name)[:_CHARS]):
        if is_username(each, _CHARS):
            return each
    return ""
