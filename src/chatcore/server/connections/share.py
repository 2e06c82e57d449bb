"""What somebody has had lately of the server's work, in bytes of answers (`turns` says why)."""

from __future__ import annotations

from typing import Final

STEP: Final = 160
"""What each step of a request is at least.

To look at it, to look for a message that it is about (twice as much), each thing that follows from it, and each time
that somebody is told of it in words of its own; whoever asked, too.
"""


class Share:
    """What somebody has had lately: one session, or everybody who is not logged in."""

    __slots__ = ("served", "usual")

    def __init__(self, usual: int = 2 * STEP) -> None:
        self.served = 0
        """When all that it asked for would be over if everybody was served at once."""
        self.usual = usual
        """How much work its requests are."""
