"""Readers that are behind, the slow and the returning ones: served from the logs until they have caught up.

A reader that falls behind leaves the fan-out: what is published costs it nothing but its place in each of its logs.
Once it reads, the entries from there on are written, a bounded number per turn; then it is shown the present, as far
as that stands in no log, and is live again (docs/decisions/0005-slow-and-dead.md).

What a reader has been told of its room is two numbers: all entries up to a seq, as they were after so many changes. So
what has become of them since is told before it is told more of them, and nothing is told as it was before that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import takewhile
from typing import Final, NamedTuple, get_args

from chatcore.chat.chat import Chat
from chatcore.chat.effects import Subscribe
from chatcore.chat.requests.reactions import what_became_of
from chatcore.commands import Position
from chatcore.events import (
    Accepted,
    Dismissed,
    FileEvent,
    GapFound,
    HistoryRead,
    LimitsChanged,
    MessagePosted,
    MessagesFound,
    Posted,
    Refused,
    RoomEntered,
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


class _Page(NamedTuple):
    """What was fetched for a reader."""

    key: str
    """Of the log."""
    after: int
    """Behind which seq."""
    since: Position
    """Where the log was when it was asked for: what became of entries later, these may not show."""
    entries: Sequence[Posted | Unreadable]


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
        self._changes: dict[Connection, int] = {}
        """Of those who are behind, after how many changes the entries of their room were as they were told them."""
        self._fetching: set[Connection] = set()
        """Those for whom something is on its way from where it is kept."""
        self._fetched: dict[Connection, _Page] = {}
        """What has come of it."""
        self._moved: set[Connection] = set()
        """Those who are not told yet that they are in another room."""

    def fall_behind(
        self, connection: Connection, known: dict[str, int], *, replay: Mapping[str, int], changes: int
    ) -> None:
        """Serve a reader from the logs from now on, as soon as it is not blocked.

        Args:
            connection: a subscribed one.
            known: the last seq that it got, per log key.
            replay: up to which seq, per log key, what it is told is marked as a replay.
            changes: how many changes of its room's entries it knows.
        """
        assert connection.room is not None  # only the subscribed can be behind
        self._fanout.leave(connection.outlet, connection.room)
        connection.behind = known
        connection.replay = replay
        self._changes[connection] = changes
        connection.seen_changes = self.changes
        if not connection.blocked:
            self.due[connection] = None

    def move(self, connection: Connection, effect: Subscribe) -> None:
        """Go on with other logs, in another room or for another owner: what is told of those that stay is told on."""
        before, replay = connection.behind, connection.replay
        assert before is not None  # or it would just be joined
        stays = effect.room in before
        is_new = not stays or connection in self._moved
        changes = min(self._changes[connection], effect.changes) if stays else effect.changes
        known = {key: min(seq, before.get(key, seq)) for key, seq in {**effect.heads, **effect.missed}.items()}
        replay = {key: replay.get(key, 0) if key in before else head for key, head in effect.heads.items()}
        self.forget(connection)
        self.fall_behind(connection, known, replay=replay, changes=changes)
        if is_new:
            self._moved.add(connection)
        connection.seen_changes = _NEVER  # it is shown where it is when it has caught up

    def forget(self, connection: Connection) -> None:
        """Owe a reader nothing more: it has unsubscribed, or is gone."""
        connection.behind = None
        self._fetched.pop(connection, None)
        self._changes.pop(connection, None)
        self._moved.discard(connection)
        self.due.pop(connection, None)

    def refill(self) -> list[Connection]:
        """Write what those who are due have missed, as much as one turn allows; return those who are live again."""
        budget = _ENTRIES_PER_TURN
        live = []
        for connection in list(self.due):
            del self.due[connection]
            if connection.blocked or connection in self._fetching:
                self._fetched.pop(connection, None)
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
        behind, room = connection.behind, connection.room
        assert behind is not None  # or it would not be due
        assert room is not None  # only the subscribed can be behind
        log = self._chat.log
        if connection in self._moved:
            self._tell_room(connection, room)
        for key in behind:
            replay_to = connection.replay.get(key, 0)
            while behind[key] < log.head(key):
                if key == room:
                    budget = self._tell_changes(connection, room, behind[room], budget)
                if connection in self._fetching or budget <= 0 or connection.blocked:
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
                _write(connection)
        budget = self._tell_changes(connection, room, behind[room], budget)
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

    def _tell_room(self, connection: Connection, room: str) -> None:
        """Tell a reader where it is, and from where on it is told of that room."""
        behind = connection.behind
        assert behind is not None  # or it would not be due
        self._moved.discard(connection)
        position = Position(self._chat.log.position(room).epoch, behind[room], self._changes[connection])
        for event in self._chat.picture(connection.number):
            if isinstance(event, RoomEntered):
                self._tell(connection, replace(event, position=position))
        _write(connection)

    def _tell_changes(self, connection: Connection, room: str, last: int, budget: int) -> int:
        """Tell a reader what has become of entries that it has got, up to the seq `last`.

        Returns what is left of the budget. Not all of it was told when there is none, or something has to be fetched.
        """
        log, known = self._chat.log, self._changes[connection]
        if known == log.changes(room):
            return budget
        for number, seq, emoji, deleted in log.changed(room, known):
            if seq <= last:
                if budget <= 0 or connection.blocked:
                    return budget
                entries = self._entries(connection, room, seq - 1, 1)
                if entries is None:
                    return budget
                entry = entries[0] if entries and entries[0].seq == seq else None
                name = self._chat.log_name(room)
                if deleted and not isinstance(entry, Posted):  # it is not left, or damaged, and is gone all the same
                    entry = MessagePosted(seq=seq, sender="", text="", at=0.0, room=name, deleted=True)
                if isinstance(entry, Posted):
                    self._tell(connection, what_became_of(name, entry, emoji, number))
                    _write(connection)
                budget -= 1
            self._changes[connection] = number
        self._changes[connection] = log.changes(room)
        return budget

    def _entries(
        self, connection: Connection, key: str, after: int, limit: int
    ) -> Sequence[Posted | Unreadable] | None:
        """Return what comes next in a log, as it is now; None when that has to be fetched first."""
        log, page = self._chat.log, self._fetched.pop(connection, None)
        if page is not None and (page.key, page.after) == (key, after):
            entries = self._unchanged(page)
            if entries or not page.entries:
                return entries or log.read(key, after, limit)
        if self._fetch is not None and after + 1 < log.floor(key):
            self._fetching.add(connection)
            self._fetch(key, after, limit, partial(self._take, connection, key, after, log.position(key)))
            return None
        return log.read(key, after, limit)

    def _unchanged(self, page: _Page) -> Sequence[Posted | Unreadable]:
        """Return what was fetched as far as it is so still: without what has changed since, and what comes behind."""
        log = self._chat.log
        now = log.position(page.key)
        if now.epoch != page.since.epoch:
            return ()
        if now.changes == page.since.changes:
            return page.entries
        changed = {each.seq for each in log.changed(page.key, page.since.changes or 0)}
        return list(takewhile(lambda entry: entry.seq not in changed, page.entries))

    def _take(
        self,
        connection: Connection,
        key: str,
        after: int,
        since: Position,
        entries: Sequence[Posted | Unreadable] | None,
    ) -> None:
        self._fetching.discard(connection)
        if connection.behind is not None and not connection.blocked:  # or it is fetched again, as it is by then
            self._fetched[connection] = _Page(key, after, since, entries or ())
            self.due[connection] = None
            self._end_turn()

    def _go_live(self, connection: Connection) -> None:
        self._changes.pop(connection, None)
        if connection.seen_changes != self.changes:
            for event in self._chat.picture(connection.number):
                self._tell(connection, event)
            connection.outlet.send(connection.machine.data_to_send())
        assert connection.room is not None  # only the subscribed can be behind
        self._fanout.join(connection.outlet, connection.room)


def _write(connection: Connection) -> None:
    """Write what a reader was told."""
    frame = connection.link.frame
    connection.link.write(b"".join(frame(payload) for payload in connection.machine.data_to_send()))
