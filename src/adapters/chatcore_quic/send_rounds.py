"""Sending in turns, because packets are dear: what many have to say to one peer is to go into few of them.

Every connection sends once per turn of the event loop, a crowd takes several turns, and nobody sends before what has
arrived is read. After a crowd has sent, there is a rest as long as the sending took, within a limit: whoever is quick
to answer finds a seat in the next round. One message at a time, or a few connections, never wait for that.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

_AT_ONCE: Final = 64
"""How many connections send before the loop may read again: a packet costs some 100 µs."""
_PATIENCE: Final = 0.005
"""How long sending may wait for what is still to be read, in seconds."""
_CROWD: Final = 8
"""From how many connections in a round on there is a rest after it."""
_MOST_REST: Final = 0.020
"""The longest rest, in seconds."""


class Sender(Protocol):
    """Somebody who has something to send."""

    queued: bool

    def transmit(self) -> None:
        """Send it."""
        ...


class SendRounds:
    """The queue of those who have something to send over the sockets of one listener or client.

    Args:
        loop: calls back in its turns.
        clock: seconds, also within a turn: the clock of uvloop stands still there.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, clock: Callable[[], float] = time.monotonic) -> None:
        self.reading = False
        """Whoever reads a datagram sets this to True."""
        self._loop = loop
        self._clock = clock
        self._queue: deque[Sender] = deque()
        self._going = False
        self._choked = 0
        """How many sockets take no more."""
        self._left = 0
        """How many are still to send in this round."""
        self._crowded = False
        self._spent = 0.0
        """How long a crowd's round has taken so far."""
        self._next = 0.0
        """When the next round may begin."""

    def add(self, sender: Sender) -> None:
        """Let somebody send at the end of this turn, or when the system takes datagrams again."""
        if not sender.queued:
            sender.queued = True
            self._queue.append(sender)
            self._go()

    def choke(self) -> None:
        """Wait for one socket more, which takes nothing for now."""
        self._choked += 1

    def unchoke(self) -> None:
        """Wait for one socket less."""
        self._choked -= 1
        self._go()

    def _go(self) -> None:
        if self._queue and not self._going and not self._choked:
            self._going = True
            rest = self._next - self._clock()
            if rest > 0:
                self._loop.call_later(rest, self._run, self._clock() + rest + _PATIENCE)
            else:
                self._loop.call_soon(self._run, self._clock() + _PATIENCE)

    def _run(self, patience: float) -> None:
        begin = self._clock()
        if self.reading and begin < patience:
            self.reading = False
            self._loop.call_soon(self._run, patience)
            return
        self._going = False
        queue = self._queue
        if not self._left:
            self._left = len(queue)
            self._crowded = self._left >= _CROWD
        try:
            for _ in range(min(self._left, _AT_ONCE)):
                if self._choked:
                    break
                sender = queue.popleft()
                self._left -= 1
                sender.queued = False
                sender.transmit()
        finally:
            end = self._clock()
            if self._crowded:
                self._spent += end - begin
                if not self._left:
                    self._next = end + min(self._spent, _MOST_REST)
                    self._spent = 0.0
            self._go()
