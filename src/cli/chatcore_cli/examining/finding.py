"""What is found out about a server."""

from __future__ import annotations

from dataclasses import dataclass

from chatcore.errors import ChatcoreError


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found out."""

    text: str
    good: bool | None = None
    """None: neither good nor bad."""
    why: ChatcoreError | None = None
    """What went wrong."""
