"""What somebody has had lately of the server's work, in bytes of answers (`turns` says why)."""

from __future__ import annotations

from typing import Final

REQUEST: Final = 224
"""What a request is at least."""
TOLD: Final = 224
"""That somebody is told of a request; whoever asked, too."""


class Share:
    """What somebody has had lately: one session, or everybody who is not logged in."""

    __slots__ = ("served", "usual")

    def __init__(self, usual: int = REQUEST + TOLD) -> None:
        self.served = 0
        """When all that it asked for would be over if everybody was served at once."""
        self.usual = usual
        """How much work its requests are."""
