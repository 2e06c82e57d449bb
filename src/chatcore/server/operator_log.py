"""What is written for the operator: each line once, and what somebody could cause in any number, seldom and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final

from chatcore.limits import Limits
from chatcore.ports.clock import Clock
from chatcore.server.seldom import Seldom

REFUSED: Final = "refused"
# So many lines of one kind may come from one address at once: a class that logs in. Of refusals, one.
_AT_ONCE: Final = 60


class OperatorLog:
    """Writes lines: of each kind, over time, `Limits.lines_per_second` from one source; the next one tells the rest.

    Args:
        limits: how many lines.
        clock: what time it is.
        write: writes one line; must not wait.
    """

    def __init__(self, limits: Limits, clock: Clock, write: Callable[[str, Mapping[str, Any]], None]) -> None:
        self._clock = clock
        self._write = write
        self._limited = bool(limits.lines_per_second)
        interval = 1 / limits.lines_per_second if self._limited else 1.0
        self._refusals: Seldom[tuple[str, int | str]] = Seldom(interval)
        self._others: Seldom[tuple[str, int | str]] = Seldom(interval, _AT_ONCE)

    def note(self, what: str, fields: Mapping[str, Any], source: int | str = "") -> None:
        """Write a line, or count it.

        Args:
            what: its kind.
            fields: what else it says.
            source: who caused it: the number of a connection for a refusal, a network address for everything else.
        """
        count: int | None = 0
        if self._limited:
            seldom = self._refusals if what == REFUSED else self._others
            count = seldom.held_back((what, source), self._clock.monotonic())
        if count is not None:
            self._write(what, {**fields, "held_back": count} if count else fields)

    def lost(self, connection: int, address: str) -> None:
        """Write how many refusals of a connection were held back, now that it is gone."""
        count = self._refusals.forget((REFUSED, connection))
        if count:
            self._write(REFUSED, {"address": address, "held_back": count})

    def close(self) -> None:
        """Write how many lines of each kind were held back."""
        held: Counter[str] = Counter()
        for seldom in (self._refusals, self._others):
            for (what, _source), count in seldom.forget_all().items():
                held[what] += count
        for what, count in held.items():
            self._write(what, {"held_back": count})
