"""How a node stays one among others: it shows life, insists on what is lost, and notices when it is cut off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from chatcore.ports.clock import Clock
from chatcore.server.journal.proposals import Proposals

# So often in a lease a node looks whether it is heard; in every other beat it shows life if there is nothing else.
_BEATS: Final = 8


class Lease:
    """Beats as long as it is not cancelled.

    A proposal that is lost on its way to the journal makes those behind it count for nothing. So when nothing has come
    back for a beat, everything under way goes again, in its order: what comes twice counts once.

    Args:
        clock: what time it is.
        seconds: the lease.
        proposals: of this node.
        cut_off: called at each beat as long as the lease is as good as over, because nothing comes back.
    """

    def __init__(self, clock: Clock, seconds: float, proposals: Proposals, cut_off: Callable[[], None]) -> None:
        self._clock = clock
        self._every = seconds / _BEATS
        self._proposals = proposals
        self._cut_off = cut_off
        self._heard = 0
        self._silent = 0
        self._arm()

    def cancel(self) -> None:
        """Beat no more."""
        self._timer.cancel()

    def _arm(self) -> None:
        self._timer = self._clock.call_at(self._clock.monotonic() + self._every, self._beat)

    def _beat(self) -> None:
        self._arm()
        heard = self._proposals.heard
        self._silent = 0 if heard != self._heard else self._silent + 1
        self._heard = heard
        if self._silent:
            self._proposals.insist()
        if self._silent >= _BEATS - 1:
            self._cut_off()
