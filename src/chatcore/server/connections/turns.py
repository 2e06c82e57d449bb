"""Turns: how much of what is asked for is done before the event loop goes on, and who goes first.

Work is counted and not timed: in bytes of answers, where each step of a request stands for some more (`share`). What
everybody in a room is told at once is one step: it is encoded once, and written once a turn. What a turn does not
allow waits, and so does what stands behind it on the same connection, of which little more is read meanwhile. Whoever
waits is served one request at a time, by start-time fair queueing (Goyal, Vin and Cheng, 1996): first the one whose
next request would be begun first if all were served at once; what is long is put off by as much as it is longer. So
whoever says something now and then does not wait behind those who ask for much, however many they are: what would be
the first of the next turn anyway is done in this one, although those who waited have used it up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from itertools import count
from typing import Final

from chatcore.commands import ListRooms, ListUsers, OfferFile, ReadHistory, Search, SendDirect, SendMessage
from chatcore.dialects.base import Request
from chatcore.server.connections.connection import Connection
from chatcore.server.connections.share import STEP, Share

TURN: Final = 8 * 1024
"""Work in a turn, in bytes of answers: a millisecond. The request that uses it up may take more."""
# What may be done besides: of messages that come together, while nobody waits; and of those who would go first in the
# next turn anyway.
_FOR_A_BURST: Final = TURN
_FOR_THE_FIRST: Final = TURN // 2
# And what is left for those who wait, whatever came in meanwhile.
_FOR_THE_QUEUE: Final = TURN // 2
# The longer it takes to write the messages of a turn to all who are there, the more of them are written together: so
# many bytes a second, and so many at most.
_PER_SECOND: Final = TURN * 1000
_MOST_MORE: Final = 16 * 1024
# That something is looked at that is no request, or not carried out yet; of bytes that ask for nothing, so many are a
# look, and more than so many looks are one large payload.
_LOOK: Final = 300
_BYTES_A_LOOK: Final = 128
_MOST_LOOKS: Final = 16
# Who has asked for less than others may lag so far behind them, and go first by that much more.
_CREDIT: Final = 4 * 1024
AMONG_OTHERS: Final = 16
"""So many messages of one connection are ordered together, if they came together, while others wait."""
# What is no longer goes by when it would be begun alone.
_SHORT: Final = 1024
# What a message to the room is, besides its text: the one who says it is told of it as all others are; and how much
# less it is behind another one.
_MESSAGE: Final = 3 * STEP
_BEHIND_ANOTHER: Final = 2 * STEP
# What a request is taken to be whose answer may be long, and one of somebody who is not logged in.
_LONG: Final = 8 * 1024
_TO_A_ROOM: Final = 16 * 1024
_NEWCOMER: Final = 4 * 1024


class Turns:
    """Everybody who waits for a turn.

    Args:
        writing: returns about how many seconds it will take to write the messages that were published in this turn.
    """

    def __init__(self, writing: Callable[[], float]) -> None:
        self._writing = writing
        self.newcomers = Share(_NEWCOMER)
        """However many they are, they are served like one of those who are there."""
        self._left = self._granted = TURN
        self._reached = 0
        """When the request that was served last would have been begun if everybody was served at once."""
        self._over = 0
        """When everything that was asked for would be over."""
        self._waiting: list[tuple[int, bool, int, int, int, Connection]] = []
        """When it is each one's turn; among equals, who has asked for one thing is before those who did for many; a
        number that keeps the order; when it would be begun; what it is taken to be."""
        self._numbers = count()

    def __bool__(self) -> bool:
        """True when somebody waits."""
        return bool(self._waiting)

    def allow(self, connection: Connection) -> bool:
        """Tell whether another request of a connection may be done in this turn: also if it goes first in the next."""
        left = self._room()
        if left > 0:
            return True
        if not self._waiting:
            return left > -_FOR_A_BURST and _is_message(connection)
        return left > -_FOR_THE_FIRST and self._goes_first(connection)

    def _goes_first(self, connection: Connection) -> bool:
        turn = _turn_of(self._begun(connection.share), _expected_at_once(connection))
        return (turn, _has_many(connection)) < self._waiting[0][:2]

    def note_looks(self, connection: Connection, looks: int) -> None:
        """Count what came and was no request, or was not carried out yet."""
        self._note(connection.share, _LOOK * (1 + looks))

    def note_noise(self, connection: Connection, size: int) -> None:
        """Count so many bytes that asked for nothing, as pongs do not: somebody is taken to go on with it."""
        share, work = connection.share, _LOOK * (1 + min(_MOST_LOOKS, size // _BYTES_A_LOOK))
        share.usual = max(work, share.usual * 3 // 4)
        self._note(share, work)

    def expect_noise(self, connection: Connection) -> None:
        """Leave room in this turn for as much as somebody brought the last time, who is read again."""
        self._left -= connection.share.usual

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
        share, expected = connection.share, _expected_at_once(connection)
        begun = self._begun(share)
        share.served = begun + expected
        turn, many = _turn_of(begun, expected), _has_many(connection)
        heappush(self._waiting, (turn, many, next(self._numbers), begun, expected, connection))

    def begin(self, steps: int) -> Iterator[Connection]:
        """Begin a turn, and yield those to be served, one request each; who wants more is to be queued again.

        `steps` were done since the last one that nobody here has asked for now: what is late, or comes from elsewhere.
        """
        if not self._waiting and self._left > 0:
            self._reached = self._over + _CREDIT  # nobody has to wait for what anybody had before, and all are equal
        spent = STEP * steps + max(0, self._granted) - self._left
        self._left = max(_FOR_THE_QUEUE, TURN - spent)
        while self._waiting and self._room() > 0:
            *_order, begun, expected, connection = heappop(self._waiting)
            connection.queued = False
            connection.share.served -= expected  # from here on what it is, not what it was taken to be
            self._reached = max(self._reached, begun)
            yield connection
        self._granted = self._left

    def _room(self) -> int:
        """Return how much work there is room for in this turn."""
        return self._left + min(_MOST_MORE, int(_PER_SECOND * self._writing()))

    def _begun(self, share: Share) -> int:
        """Return when the next request would be begun if everybody was served at once."""
        return max(self._reached - _CREDIT, share.served)

    def _note(self, share: Share, work: int) -> None:
        self._left -= work
        share.served = self._begun(share) + work
        self._over = max(self._over, share.served)


def _turn_of(begun: int, expected: int) -> int:
    return begun + max(0, expected - _SHORT)


def _is_message(connection: Connection) -> bool:
    item = connection.waiting[0] if connection.waiting else None
    return isinstance(item, Request) and type(item.command) is SendMessage


def _has_many(connection: Connection) -> bool:
    return len(connection.waiting) > 1 or bool(connection.unread)


def _expected_at_once(connection: Connection) -> int:
    """Return how much work it will be to serve a connection once: messages are served several at a time."""
    expected = expected_of(connection)
    if _has_many(connection) and _is_message(connection):
        behind = (getattr(item, "command", None) for item in connection.waiting[1:AMONG_OTHERS])
        expected += sum(_BEHIND_ANOTHER + len(each.text) for each in behind if type(each) is SendMessage)
    return expected


def expected_of(connection: Connection) -> int:
    """Return how much work the next request will be, as far as that shows before."""
    item = connection.waiting[0] if connection.waiting else None
    match item.command if isinstance(item, Request) else None:
        case SendMessage(text=text, reply_to=None):
            return _MESSAGE + len(text)  # whatever was asked for before
        case ReadHistory() | Search() | ListUsers() | ListRooms():
            work = _LONG
        case OfferFile(room=True):
            work = _TO_A_ROOM
        case SendDirect(to=to) | OfferFile(to=to):
            work = STEP * (1 + 2 * len(to))
        case _:
            work = 0
    return max(work, connection.share.usual)
