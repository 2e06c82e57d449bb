"""The courier port: what carries bytes from one node to another, beside the journal, as long as all goes well."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Courier(Protocol):
    """Carries bytes between the nodes of a chat.

    What it is given may be lost, and is not repeated. What arrives has come from a node of the same chat.
    """

    def receive(self, node: int, take: Callable[[bytes], None]) -> None:
        """Give `take`, in the event loop's thread, what is carried to this node from now on, and no other one.

        Args:
            node: the incarnation that this node has now.
            take: whatever it is given, it returns.
        """
        ...

    def carry(self, node: int, data: bytes) -> None:
        """Carry up to 128 KiB to the node of that incarnation. Never waits."""
        ...
