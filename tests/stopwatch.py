"""How long something takes, whatever else the machine has to do."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path


class Stopwatch:
    """Counts seconds from when it is made, without those in which who takes part was ready and had no processor.

    With processors to spare these are the seconds of a clock, and where the system does not tell who had none (all but
    Linux do not), they always are.

    Args:
        others: processes that take part, beside this one. Only their main threads are looked at.
    """

    def __init__(self, *others: int) -> None:
        self._waited = dict.fromkeys((os.getpid(), *others), 0.0)
        self._began = time.monotonic()
        self._had_waited = self._waits()

    @property
    def seconds(self) -> float:
        """How many have passed, for a bound from above: no more than this."""
        waited = self._waits() - self._had_waited
        return self.by_the_clock - waited

    @property
    def by_the_clock(self) -> float:
        """How many have passed with those that do not count, for a bound from below: no timer was early."""
        return time.monotonic() - self._began

    def _waits(self) -> float:
        """Return how many seconds they have ever waited for a processor, as far as is known (proc_pid_schedstat)."""
        for pid in self._waited:
            with suppress(OSError):  # it has ended, or it is another system
                self._waited[pid] = int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
        return sum(self._waited.values())
