"""For those who test a bot or a client: a network in memory and a clock that jumps."""

from __future__ import annotations

from chatcore.testing.dialog import verify_dialog
from chatcore.testing.loop import VirtualLoop, run
from chatcore.testing.network import MemoryNetwork

__all__ = ["MemoryNetwork", "VirtualLoop", "run", "verify_dialog"]
