"""Times, as people read them."""

from __future__ import annotations

from datetime import datetime, tzinfo


def moment_text(at: float, form: str = "%Y-%m-%d %H:%M", zone: tzinfo | None = None) -> str:
    """Return a time, of seconds since 1970, in this computer's zone or another one; `?` for one that no clock shows."""
    try:
        return datetime.fromtimestamp(at, zone).strftime(form)
    except (OverflowError, OSError, ValueError):  # a server's words
        return "?"
