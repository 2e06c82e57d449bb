"""Readers that are behind, the slow and the returning ones: served from the logs until they have caught up.

A reader that falls behind leaves the fan-out: what is published costs it nothing but its place in each of its logs.
Once it reads, the entries from there on are written, a bounded number per turn; then it is shown the present, as far
as that stands in no log, and is live again (docs/decisions/0005-slow-and-dead.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final, get_args

from chatcore.chat.chat import Chat
from chatcore.chat.requests.reactions import what_became_of
from chatcore.events import (
    Accepted,
    Dismissed,
    FileEvent,
    GapFound,
    HistoryRead,
    LimitsChanged,
    MessagesFound,
    Posted,
    Refused,
    ServerEvent,
)
from chatcore.ports.archive import Unreadable
from chatcore.server.connections.connection import Connection
from chatcore.server.connections.fanout import FLUSH_BYTES, Fanout

# How many entries one turn reads from the logs for all readers that are behind: two milliseconds. How many at a time.
_ENTRIES_PER_TURN: Final = 200
_ENTRIES_AT_A_TIME: Final = 50
# Counts like no number of changes.
_NEVER: Final = -1
AT_ONCE: Final = (
    Accepted,
    Dismissed,
    GapFound,
    HistoryRead,
    LimitsChanged,
    MessagesFound,
    Refused,
    *get_args(FileEvent),
)
"""What a reader gets although it is behind, because it stands in no log and in no picture of the present."""


Fetched = Callable[[Sequence[Posted | Unreadable] | None], None]
"""Takes entries of a log; None when they cannot be got."""
Fetch = Callable[[str, int, int, Fetched], None]
"""Gets up to so many entries of a log (by its key) behind a seq, and calls back with them in a later turn."""


class CatchUp:
    """All readers that are behind.

    Args:
        chat: where the logs are.
        fanout: what they leave, and come back to.
        fetch: gets what is no longer in memory; None when nothing is kept elsewhere.
        end_turn: asks for a `refill` at the end of the turn.
        mistake: told for the operator of what cannot be told, and to whom.
    """

    def __init__(
        self,
        chat: Chat,
        fanout: Fanout,
        fetch: Fetch | None,
        end_turn: Callable[[], None],
        mistake: Callable[[Exception, Mapping[str, str]], None],
    ) -> None:
        self.changes = 0
        """Counts what was published that stands in no log: a reader that was behind needs a fresh picture then."""
        self.due: dict[Connection, None] = {}
        """Those who take more at present; the first one is served first."""
        self._chat = chat
        self._fanout = fanout
        self._fetch = fetch
        self._end_turn = end_turn
        self._mistake = mistake
        self._changed: dict[Connection, tuple[int, int]] = {}
        """Of those who are behind, how many changes of their room's entries they know, and up to which seq these."""
        self._fetching: set[Connection] = set()
        """Those for whom something is on its way from where it is kept."""
        self._fetched: dict[Connection, tuple[str, int, Sequence[Posted | Unreadable]]] = {}
        """What has come of it: entries of a log, by its key, behind a seq."""

    def fall_behind(
        self,
        connection: Connection,
        known: dict[str, int],
        *,
        replay: dict[str, int],
        changed: tuple[int, int] | None = None,
    ) -> None:
        """Serve a reader from the logs from now on, as soon as it is not blocked.

        Args:
            connection: a subscribed one.
            known: the last seq that it got, per log key.
            replay: up to which seq, per log key, what it is told is marked as a replay.
            changed: how many changes of its room's entries it knows, and up to which seq these; None: all so far.
        """
        assert connection.room is not None  # only the subscribed can be behind
        self._fanout.leave(connection.outlet, connection.room)
        connection.behind = known
        connection.replay = replay
        self._changed[connection] = changed or (self._chat.log.changes(connection.room), known[connection.room])
        connection.seen_changes = self.changes
        if not connection.blocked:
            self.due[connection] = None

    def move(self, connection: Connection, heads: dict[str, int]) -> None:
        """Go on in another room with a reader that is behind and was put there; `heads` are those of its logs now."""
        assert connection.behind is not None  # or it would just be joined
        known = {key: connection.behind.get(key, head) for key, head in heads.items()}
        self.forget(connection)
        self.fall_behind(connection, known, replay=dict(connection.replay))
        connection.seen_changes = _NEVER  # it is shown where it is when it has caught up

    def forget(self, connection: Connection) -> None:
        """Owe a reader nothing more: it has unsubscribed, or is gone."""
        connection.behind = None
        self._fetched.pop(connection, None)
        self._changed.pop(connection, None)
        self.due.pop(connection, None)

    def refill(self) -> list[Connection]:
        """Write what those who are due have missed, as much as one turn allows; return those who are live again."""
        budget = _ENTRIES_PER_TURN
        live = []
        for connection in list(self.due):
            del self.due[connection]
            if connection.blocked or connection in self._fetching:
                continue  # it comes back when it reads, or has what it waits for
            try:
                budget = self._refill_one(connection, budget)
                if connection.behind is None:
                    self._go_live(connection)
            except Exception as mistake:
                budget -= 1
                connection.break_off(mistake)
                continue
            if connection.behind is None:
                live.append(connection)
            elif not connection.blocked and connection not in self._fetching:
                self.due[connection] = None  # behind the others, for the next turn
            if budget <= 0:
                break
        return live

    def _refill_one(self, connection: Connection, budget: int) -> int:
        """Write up to `budget` entries to a reader; returns what is left of the budget."""
        behind = connection.behind
        assert behind is not None  # or it would not be due
        log = self._chat.log
        for key in behind:
            replay_to = connection.replay.get(key, 0)
            while behind[key] < log.head(key):
                if budget <= 0 or connection.blocked:
                    return budget
                after = behind[key]
                entries = self._entries(connection, key, after, min(budget, _ENTRIES_AT_A_TIME))
                if entries is None:
                    return budget
                size, told = 0, 0
                last = entries[-1].seq if entries else log.head(key)
                for entry in entries:
                    if isinstance(entry, Unreadable):
                        continue
                    self._tell_gap(connection, key, entry.seq - 1)
                    if not self._tell(connection, replace(entry, replay=True) if entry.seq <= replay_to else entry):
                        continue  # a gap like what cannot be read
                    behind[key] = entry.seq
                    size += len(entry.text)
                    told += 1
                    if size > FLUSH_BYTES:
                        break  # long ones are written by fewer at a time
                else:
                    self._tell_gap(connection, key, last)
                budget -= max(1, told)
                frame = connection.link.frame
                connection.link.write(b"".join(frame(payload) for payload in connection.machine.data_to_send()))
        budget = self._tell_changes(connection, connection.room, budget)
        if budget > 0 and not connection.blocked and connection not in self._fetching:
            connection.behind = None
        return budget

    def _tell(self, connection: Connection, event: ServerEvent) -> bool:
        """Tell a reader something, and return whether that was possible: if not, it goes on with what is next."""
        try:
            connection.machine.send_event(event)
        except Exception as mistake:
            self._mistake(mistake, connection.whence)
            return False
        return True

    def _tell_gap(self, connection: Connection, key: str, last: int) -> None:
        """Tell a reader that it will never have what it has not got of a log, up to the seq `last`."""
        behind = connection.behind
        assert behind is not None  # or it would not be due
        if behind[key] < last:
            epoch = self._chat.log.position(key).epoch
            self._tell(connection, GapFound(self._chat.log_name(key), epoch, behind[key] + 1, last))
            behind[key] = last

    def _tell_changes(self, connection: Connection, room: str | None, budget: int) -> int:
        """Tell a reader what has become of entries that it had already; returns what is left of the budget."""
        log = self._chat.log
        assert room is not None  # only the subscribed can be behind
        known, upto = self._changed[connection]
        for number, seq, emoji, _deleted in log.changed(room, known):
            if budget <= 0 or connection.blocked:
                return budget
            if seq <= upto:
                entries = self._entries(connection, room, seq - 1, 1)
                if entries is None:
                    return budget
                if entries and entries[0].seq == seq and not isinstance(entries[0], Unreadable):
                    self._tell(connection, what_became_of(self._chat.log_name(room), entries[0], emoji, number))
                    frame = connection.link.frame
                    connection.link.write(b"".join(frame(payload) for payload in connection.machine.data_to_send()))
                budget -= 1
            self._changed[connection] = number, upto
        self._changed[connection] = log.changes(room), upto
        return budget

    def _entries(
        self, connection: Connection, key: str, after: int, limit: int
    ) -> Sequence[Posted | Unreadable] | None:
        """Return what comes next in a log; None when that has to be fetched first."""
        fetched = self._fetched.pop(connection, None)
        if fetched is not None and fetched[:2] == (key, after):
            return fetched[2] or self._chat.log.read(key, after, limit)
        if self._fetch is not None and after + 1 < self._chat.log.floor(key):
            self._fetching.add(connection)
            self._fetch(key, after, limit, partial(self._take, connection, key, after))
            return None
        return self._chat.log.read(key, after, limit)

    def _take(
        self, connection: Connection, key: str, after: int, entries: Sequence[Posted | Unreadable] | None
    ) -> None:
        self._fetching.discard(connection)
        if connection.behind is not None:
            self._fetched[connection] = (key, after, entries or ())
            if not connection.blocked:
                self.due[connection] = None
                self._end_turn()

    def _go_live(self, connection: Connection) -> None:
        self._changed.pop(connection, None)
        if connection.seen_changes != self.changes:
            for event in self._chat.picture(connection.number):
                self._tell(connection, event)
            connection.outlet.send(connection.machine.data_to_send())
        assert connection.room is not None  # only the subscribed can be behind
        self._fanout.join(connection.outlet, connection.room)
