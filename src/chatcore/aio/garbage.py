"""When a program looks for garbage: a pass over everything stops it, so they are few, and leave the code out.

What nobody has any more goes at once in Python, unless it holds itself in a circle: for those there is the garbage
collector. It looks at young objects often, which is quick, at those that stayed now and then, which takes as long as
there are many, and seldom at all there are: 30 ms for the code of a server or a window alone, ten times that for a long
history. Connections, sessions and messages are no circles, so that can wait.
"""

from __future__ import annotations

import gc
from typing import Final

from chatcore.ports.clock import Clock

PASS_INTERVAL: Final = 600.0
"""Seconds between two passes over everything."""
_NEVER: Final = 2**31 - 1
# So many young ones are looked at, and after so many such looks come those that stayed: a millisecond. By itself
# Python waits for ten looks, since 3.13 at 2,000 each: what a crowd has brought by then takes ten milliseconds or more.
_YOUNG: Final = 700
_LOOKS: Final = 2


def collect_seldom(clock: Clock) -> None:
    """Look at everything every ten minutes only, and never again at what is there now: call it when all is loaded."""
    gc.collect()
    gc.freeze()
    young, _middle, _all = gc.get_threshold()
    gc.set_threshold(min(young, _YOUNG), _LOOKS, _NEVER)
    _collect_later(clock)


def _collect_later(clock: Clock) -> None:
    def collect() -> None:
        gc.collect()
        _collect_later(clock)

    clock.call_at(clock.monotonic() + PASS_INTERVAL, collect)
