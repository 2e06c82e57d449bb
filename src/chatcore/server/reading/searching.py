"""Looking for messages in logs that are in memory: some at a time, so that nobody waits for it.

However many look for something: in each turn one of them is served, one after the other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from typing import Final

from chatcore.chat.state import State
from chatcore.events import MessagePosted
from chatcore.ports.clock import Clock
from chatcore.ports.room_log import RoomLog
from chatcore.ports.search import Found, Page, Query
from chatcore.text.finding import Place, cursor_at, is_wanted, place_at, place_of

Searched = Callable[[Page | None], None]
"""Told what was found; None when that cannot be said at present."""
SearchLogs = Callable[[Query, Searched], None]
"""Looks for messages, and calls back in a later turn."""

# So many entries are looked at in a turn, a millisecond and less, and so many in all for one page.
_IN_A_TURN: Final = 200
_MOST: Final = 10_000
_AT_A_TIME: Final = 50

_Walk = tuple[Place, MessagePosted, Iterator[MessagePosted]]
"""An entry, and those of its log before it."""


class MemorySearch:
    """Looks for messages in the logs of rooms.

    Args:
        state: which rooms there are.
        clock: gives turns.
        mistake: told for the operator of what went wrong that nobody expects.
    """

    def __init__(self, state: State, clock: Clock, mistake: Callable[[Exception], None]) -> None:
        self._state = state
        self._clock = clock
        self._mistake = mistake
        self._under_way: deque[tuple[Iterator[Page | None], Searched]] = deque()
        """The next one is served in the next turn."""

    def search(self, query: Query, done: Searched) -> None:
        """Look for messages, and call back in a later turn."""
        self._wait(self._pages(query), done)

    def _go_on(self) -> None:
        pages, done = self._under_way.popleft()
        if self._under_way:
            self._clock.call_soon(self._go_on)
        try:
            page = next(pages)
        except Exception as mistake:  # whoever asked is told all the same
            self._mistake(mistake)
            done(None)
            return
        if page is None:
            self._wait(pages, done)
        else:
            done(page)

    def _wait(self, pages: Iterator[Page | None], done: Searched) -> None:
        self._under_way.append((pages, done))
        if len(self._under_way) == 1:
            self._clock.call_soon(self._go_on)

    def _pages(self, query: Query) -> Iterator[Page | None]:
        """Yield None for each turn that it takes, and the page at last."""
        log, steps, looked_at, found = self._state.log, 0, 0, list[Found]()
        keys = list(self._state.rooms) if query.key is None else [query.key]
        walks: list[_Walk] = []
        for number, key in enumerate(keys):
            if key not in query.hidden:
                _push(walks, key, _backwards(log, key))
            if number % _IN_A_TURN == _IN_A_TURN - 1:
                yield None
        behind = None if query.before is None else place_at(query.before)
        on_from: str | None = None
        while walks:
            place, entry, rest = heappop(walks)
            _push(walks, place[1], rest)
            steps += 1
            if steps % _IN_A_TURN == 0:
                yield None
            if behind is not None and place <= behind:
                continue  # the page before has it, and going past it costs none of this one
            looked_at += 1
            if is_wanted(query, entry):
                found.append(Found(place[1], entry, cursor_at(place)))
            if query.since is not None and entry.at < query.since:
                break
            if len(found) == query.limit or looked_at >= _MOST:
                on_from = cursor_at(place) if walks else None
                break
        yield Page(found, on_from)


def _push(walks: list[_Walk], key: str, rest: Iterator[MessagePosted]) -> None:
    entry = next(rest, None)
    if entry is not None:
        heappush(walks, (place_of(key, entry), entry, rest))


def _backwards(log: RoomLog, key: str) -> Iterator[MessagePosted]:
    """Yield what is left of a room's log, the newest entry first, whatever goes meanwhile."""
    try:
        seq = log.head(key)
        while seq > 0:
            entries = [each for each in log.read(key, max(0, seq - _AT_A_TIME), _AT_A_TIME) if each.seq <= seq]
            if not entries:
                return
            for each in reversed(entries):
                assert isinstance(each, MessagePosted)  # it is a room's
                yield each
            seq = entries[0].seq - 1
    except KeyError:  # the room is gone
        return
