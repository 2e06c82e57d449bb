"""What is written for the operator: each line once, and what somebody could cause in any number, seldom and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from chatcore.chat.effects import LineKind
from chatcore.limits import Limits
from chatcore.ports.clock import Clock
from chatcore.server.seldom import Seldom

# So many lines of one kind may come from one address at once: a class that logs in. Of refusals of a connection, one.
_AT_ONCE: Final = 60
_NOBODY: Final[Mapping[str, str]] = MappingProxyType({})


class OperatorLog:
    """Writes lines: of each kind, over time, `Limits.lines_per_second` from one address; the next one tells the rest.

    Args:
        limits: how many lines.
        clock: what time it is.
        write: writes one line; must not wait.
    """

    def __init__(self, limits: Limits, clock: Clock, write: Callable[[LineKind, Mapping[str, Any]], None]) -> None:
        self.lines: Counter[LineKind] = Counter()
        """How many lines of each kind there were, with those that were held back."""
        self._clock = clock
        self._write = write
        self._begin(limits)

    def _begin(self, limits: Limits) -> None:
        self._limited = bool(limits.lines_per_second)
        interval = 1 / limits.lines_per_second if self._limited else 1.0
        self._refusals: Seldom[int] = Seldom(interval)
        self._lines: Seldom[tuple[LineKind, str]] = Seldom(interval, _AT_ONCE)

    def change(self, limits: Limits) -> None:
        """Write so many lines from now on; how many were held back is told before."""
        self.close()
        self._begin(limits)

    def note(self, what: LineKind, fields: Mapping[str, Any], place: str = "", also: int = 0) -> None:
        """Write a line, or count it.

        Args:
            what: its kind.
            fields: what else it says.
            place: the network address of whoever caused it.
            also: how many others of its kind it stands for.
        """
        self.lines[what] += 1
        count: int | None = also
        if self._limited:
            count = self._lines.held_back((what, place), self._clock.monotonic(), also)
        if count is not None:
            self._write(what, {**fields, "held_back": count} if count else fields)

    def note_mistake(self, error: BaseException, whose: Mapping[str, str] = _NOBODY) -> None:
        """Write that the server has made a mistake, or what is plugged into it: `whose` says where to look for that."""
        self.note(LineKind.INTERNAL_ERROR, {"error": error, **whose})

    def note_refusal(self, fields: Mapping[str, Any], connection: int, place: str) -> None:
        """Write that a request was refused, or count it: one connection that goes on and on hides no other one."""
        count = self._refusals.held_back(connection, self._clock.monotonic()) if self._limited else 0
        if count is not None:
            self.note(LineKind.REFUSED, fields, place, count)

    def lost(self, connection: int, address: str, place: str) -> None:
        """Write how many refusals of a connection were held back, now that it is gone."""
        count = self._refusals.forget(connection)
        if count:
            # The line is none of them itself, so it stands for one less if it is held back too.
            held = self._lines.held_back((LineKind.REFUSED, place), self._clock.monotonic(), count - 1)
            if held is not None:
                self._write(LineKind.REFUSED, {"address": address, "held_back": held + 1})

    def close(self) -> None:
        """Write how many lines of each kind were held back."""
        held: Counter[LineKind] = Counter()
        held[LineKind.REFUSED] = sum(self._refusals.forget_all().values())
        for (what, _place), count in self._lines.forget_all().items():
            held[what] += count
        for what, count in (+held).items():
            self._write(what, {"held_back": count})
