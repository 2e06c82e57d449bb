"""Turns: how much of what is asked for is done before the event loop goes on, and who goes first.

Work is counted and not timed: in bytes of answers, where each step of a request stands for some more (`share`). What
everybody in a room is told at once is one step: it is encoded once, and written once a turn. What a turn does not
allow waits, and so does what stands behind it on the same connection, of which little more is read meanwhile. Whoever
waits is served one request at a time, by fair queueing (Demers, Keshav and Shenker, 1989; with the clock of Goyal, Vin
and Cheng, 1996): first the one whose next request would be over first if all were served at once. So whoever says
something now and then does not wait behind those who ask for much.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from itertools import count
from typing import Final

from chatcore.commands import ListRooms, ListUsers, OfferFile, ReadHistory, Search, SendDirect
from chatcore.dialects.base import Request
from chatcore.server.connections.connection import Connection
from chatcore.server.connections.share import STEP, Share

TURN: Final = 16 * 1024
"""Work in a turn, in bytes of answers: two milliseconds. The request that uses it up may take more."""
# That something is looked at that is no request, or not carried out yet.
_LOOK: Final = 300
# What a request is taken to be whose answer may be long, and one of somebody who is not logged in.
_LONG: Final = 8 * 1024
_NEWCOMER: Final = 4 * 1024


class Turns:
    """Everybody who waits for a turn."""

    def __init__(self) -> None:
        self.newcomers = Share(_NEWCOMER)
        """However many they are, they are served like one of those who are there."""
        self._left = TURN
        self._reached = 0
        """When the request that was served last would have been begun if everybody was served at once."""
        self._over = 0
        """When everything that was asked for would be over."""
        self._waiting: list[tuple[int, int, int, int, Connection]] = []
        """When each would be over, and begun; in between, numbers that keep the order. What it was taken to be."""
        self._numbers = count()

    def __bool__(self) -> bool:
        """True when somebody waits."""
        return bool(self._waiting)

    def allow(self) -> bool:
        """Tell whether another request may be done in this turn."""
        return self._left > 0

    def note_looks(self, connection: Connection, looks: int) -> None:
        """Count what came and was no request, or was not carried out yet."""
        self._note(connection.share, _LOOK * (1 + looks))

    def note_requests(self, connection: Connection, count: int, answered: int, steps: int, least: int = 0) -> None:
        """Count requests that were carried out.

        Args:
            connection: who asked.
            count: how many they are.
            answered: bytes of the answers.
            steps: how much was done for them, beside looking at them.
            least: what each of them is at least: most of it is still to come.
        """
        work = max(STEP * (count + steps) + answered, least * count)
        share = connection.share
        # Whoever has asked for much is taken to go on: what the next request costs shows too late.
        share.usual = max(work // count, share.usual * 3 // 4)
        self._note(share, work)

    def queue(self, connection: Connection) -> None:
        """Let a connection wait for another turn."""
        connection.queued = True
        share, expected = connection.share, expected_of(connection)
        begun = max(self._reached, share.served)
        share.served = begun + expected
        heappush(self._waiting, (share.served, next(self._numbers), begun, expected, connection))

    def begin(self, steps: int) -> Iterator[Connection]:
        """Begin a turn, and yield those to be served, one request each; who wants more is to be queued again.

        `steps` were done since the last one that nobody here has asked for now: what is late, or comes from elsewhere.
        """
        if not self._waiting and self._left > 0:
            self._reached = self._over  # nobody has to wait for what others had before
        self._left = TURN - min(STEP * steps, TURN // 2)
        while self._waiting and self._left > 0:
            _over, _number, begun, expected, connection = heappop(self._waiting)
            connection.queued = False
            connection.share.served -= expected  # from here on what it is, not what it was taken to be
            self._reached = max(self._reached, begun)
            yield connection

    def _note(self, share: Share, work: int) -> None:
        self._left -= work
        share.served = max(self._reached, share.served) + work
        self._over = max(self._over, share.served)


def expected_of(connection: Connection) -> int:
    """Return how much work the next request will be, as far as that shows before."""
    item = connection.waiting[0] if connection.waiting else None
    match item.command if isinstance(item, Request) else None:
        case ReadHistory() | Search() | ListUsers() | ListRooms():
            work = _LONG
        case OfferFile(room=True):
            work = TURN
        case SendDirect(to=to) | OfferFile(to=to):
            work = STEP * (1 + 2 * len(to))
        case _:
            work = 0
    return max(work, connection.share.usual)
