"""How long a test waits for what is to come."""

from __future__ import annotations

from typing import Final

PATIENCE: Final = 60.0
"""In seconds. Only what never comes is meant: a machine may be twenty times as busy as usual."""
