"""Sending in turns: every connection sends once per turn of the event loop, and a crowd takes several turns."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final, Protocol

_AT_ONCE: Final = 64
"""How many connections send before the loop may read again: a packet costs some 100 µs."""


class Sender(Protocol):
    """Somebody who has something to send."""

    queued: bool

    def transmit(self) -> None:
        """Send it."""
        ...


class Turns:
    """The queue of those who have something to send over the sockets of one listener or client."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._queue: deque[Sender] = deque()
        self._going = False
        self._choked = 0
        """How many sockets take no more."""

    def add(self, sender: Sender) -> None:
        """Let somebody send at the end of this turn, or when the system takes datagrams again."""
        if not sender.queued:
            sender.queued = True
            self._queue.append(sender)
            self._go()

    def choke(self) -> None:
        """Take note that a socket takes no more for now."""
        self._choked += 1

    def unchoke(self) -> None:
        """Take note that it takes more again."""
        self._choked -= 1
        self._go()

    def _go(self) -> None:
        if self._queue and not self._going and not self._choked:
            self._going = True
            self._loop.call_soon(self._run)

    def _run(self) -> None:
        self._going = False
        queue = self._queue
        try:
            for _ in range(min(len(queue), _AT_ONCE)):
                if self._choked:
                    break
                sender = queue.popleft()
                sender.queued = False
                sender.transmit()
        finally:
            self._go()
