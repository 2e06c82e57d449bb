"""What operators ask about the server itself, and not about the chat."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ListLimits:
    """Ask what the server allows."""


@dataclass(frozen=True, slots=True)
class ReloadSettings:
    """Let the server that one is connected to read its settings and certificates again."""


@dataclass(frozen=True, slots=True)
class DrainServer:
    """Let the server that one is connected to take nobody new, and end."""
