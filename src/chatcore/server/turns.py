"""Turns: how much of what a connection asks for is done before all others have had theirs.

Work is counted in bytes of answers, where each request is some work at least. What is more than a turn of the event
loop allows waits in a queue, and so does what stands behind it on the same connection, which is not read meanwhile.
From the queue everybody is served one request at a time. Those who want long answers have a queue of their own:
whoever says something does not wait behind them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final

from chatcore.server.connection import Connection

# Work in a turn, in bytes of answers: of one connection, and of all together by the kind of their requests.
_PER_CONNECTION: Final = 16 * 1024
_SHORT: Final = 16 * 1024
_LONG: Final = 16 * 1024
# What a request is at least, and what something is that is looked at without being one.
_REQUEST: Final = 256
_LOOK: Final = 64


class Turns:
    """Everybody who waits for a turn."""

    def __init__(self) -> None:
        self._number = 0
        self._short: deque[Connection] = deque()
        self._long: deque[Connection] = deque()
        self._short_work = 0
        self._long_work = 0

    def __bool__(self) -> bool:
        """True when somebody waits."""
        return bool(self._short or self._long)

    def allow(self, connection: Connection) -> bool:
        """Tell whether the next request of a connection may be done in this turn."""
        work = connection.work if connection.turn == self._number else 0
        if connection.wants_long_answer:
            return work < _PER_CONNECTION and self._long_work < _LONG
        # The first one is done at once, whatever the others do: there are only so many connections.
        return not work or (work < _PER_CONNECTION and self._short_work < _SHORT)

    def note_looks(self, connection: Connection, count: int) -> None:
        """Count what came and was no request, or was not carried out yet."""
        self._note(connection, _LOOK * (1 + count), long=False)

    def note_request(self, connection: Connection, answered: int, *, long: bool) -> None:
        """Count a request that was carried out, by the bytes of its answer."""
        self._note(connection, _REQUEST + answered, long=long)

    def is_over_for(self, connection: Connection) -> bool:
        """Tell whether a connection has had its turn."""
        return connection.turn == self._number and connection.work >= _PER_CONNECTION

    def queue(self, connection: Connection) -> None:
        """Let a connection wait for another turn."""
        connection.queued = True
        (self._long if connection.wants_long_answer else self._short).append(connection)

    def begin(self) -> Iterator[Connection]:
        """Begin a turn, and yield those to be served from the queue; who wants more is to be queued again."""
        self._number += 1
        self._short_work = self._long_work = 0
        for queue in (self._short, self._long):
            had_theirs = []
            while queue:
                connection = queue.popleft()
                if self.is_over_for(connection):
                    had_theirs.append(connection)
                elif self.allow(connection):
                    connection.queued = False
                    yield connection
                else:
                    queue.appendleft(connection)
                    break
            queue.extend(had_theirs)

    def _note(self, connection: Connection, work: int, *, long: bool) -> None:
        if connection.turn != self._number:
            connection.turn = self._number
            connection.work = 0
        connection.work += work
        if long:
            self._long_work += work
        else:
            self._short_work += work
