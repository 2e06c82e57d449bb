"""Datagrams of connections that are there, when more come than a turn of the event loop has time for."""

from __future__ import annotations

import functools
from typing import Any, Final, Protocol

from chatcore_net.slices import Slices

_MOST_OF_ONE: Final = 400
"""A peer that keeps to the windows of its streams has no more on the way."""
_MOST: Final = 8192


class Taker(Protocol):
    """A connection."""

    turn: int
    """The last one in which a datagram was taken as it came."""

    def datagram_received(self, data: bytes, address: Any) -> None:
        """Take a datagram from the network."""
        ...


class Arrivals:
    """Who has a datagram taken, and what waits.

    In each turn the first of each connection is taken as it comes, so that nobody waits for those who send much. The
    others share what the turn has time for, one connection after the other. What is too much is lost, as on the way:
    the peer sends again what was in it.
    """

    def __init__(self, slices: Slices) -> None:
        self._slices = slices
        self._waiting: dict[Taker, list[tuple[bytes, Any]]] = {}
        self._count = 0

    def add(self, taker: Taker, data: bytes, address: Any) -> None:
        """Let somebody have a datagram, now or in a later turn."""
        slices, waiting = self._slices, self._waiting.get(taker)
        if waiting is None and (slices.may_take() or taker.turn != slices.turn):
            taker.turn = slices.turn
            taker.datagram_received(data, address)
        elif self._count < _MOST and (waiting is None or len(waiting) < _MOST_OF_ONE):
            self._count += 1
            if waiting is None:
                self._waiting[taker] = [(data, address)]
                slices.wait(functools.partial(self._take, taker))
            else:
                waiting.append((data, address))

    def _take(self, taker: Taker) -> None:
        waiting = self._waiting[taker]
        try:
            while waiting:
                data, address = waiting.pop(0)
                self._count -= 1
                taker.datagram_received(data, address)
                if self._slices.is_over():
                    break
        finally:  # also when somebody has made a mistake, which the event loop reports
            if waiting:
                self._slices.wait(functools.partial(self._take, taker))
            else:
                del self._waiting[taker]
