"""When a program looks for garbage: a pass over everything stops it, so they are few, and leave the code out.

What nobody has any more goes at once in Python, unless it holds itself in a circle: for those there is the garbage
collector. It looks at young objects often, which is quick, and now and then at all there are: 30 ms for the code of a
server or a window alone, ten times that for a long history. Connections, sessions and messages are no circles, so that
can wait.
"""

from __future__ import annotations

import gc
from typing import Final

from chatcore.ports.clock import Clock

PASS_INTERVAL: Final = 600.0
"""Seconds between two passes over everything."""
_NEVER: Final = 2**31 - 1


def collect_seldom(clock: Clock) -> None:
    """Look at everything every ten minutes only, and never again at what is there now: call it when all is loaded."""
    gc.collect()
    gc.freeze()
    young, middle, _all = gc.get_threshold()
    gc.set_threshold(young, middle, _NEVER)
    _collect_later(clock)


def _collect_later(clock: Clock) -> None:
    def collect() -> None:
        gc.collect()
        _collect_later(clock)

    clock.call_at(clock.monotonic() + PASS_INTERVAL, collect)
