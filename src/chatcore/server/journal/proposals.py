"""What this node proposes: gathered, numbered, and matched with what the journal delivers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Final, Protocol

from chatcore.errors import Sentence
from chatcore.ports.journal import Batch, BatchTooLarge, Entry, Journal
from chatcore.records import Confirmed, NodeUp, Record
from chatcore.server.connections.connection import Connection
from chatcore.server.journal.tickets import Ticket

# How many batches are under way at a time: what comes meanwhile is the next batch, without waiting for any timer.
_UNDER_WAY: Final = 4


@dataclass(slots=True)
class Asked:
    """Who waits for what becomes of a record."""

    connection: Connection
    reply_to: str | None
    command: Any
    ticket: Ticket | None = None
    """Of a login."""
    secret: str = ""
    """What the answer tells, and no record does."""
    paid: float = 0.0
    """What was taken for it of the budget, beside its price."""


class Follower(Protocol):
    """Who carries out what the journal says (`chatcore.server.journal_side.JournalSide`)."""

    def applied(self, entry: Entry, askers: list[Asked | None] | None) -> bool:
        """Take an entry, with who asked for its records; nobody for those of other nodes. Tells whether it counts."""
        ...

    def not_kept(self, askers: list[Asked | None], why: str) -> None:
        """Take who asked for records that the journal does not keep, and why, for people."""
        ...

    def mistaken(self, askers: list[Asked | None], mistake: Exception) -> None:
        """Take who asked for records that the journal cannot take, because somebody has made a mistake."""
        ...

    def failed(self, error: BaseException) -> None:
        """Take note that the journal cannot go on."""
        ...


class Proposals:
    """The way of records from this node to the journal, and back.

    Args:
        journal: what orders them.
        end_turn: asks for `end_turn` at the end of the turn.
    """

    def __init__(self, journal: Journal, end_turn: Callable[[], None]) -> None:
        self.node = 0
        """The incarnation; 0 as long as the journal has not said it."""
        self.heard = 0
        """How many batches of this node have come back, and count, or were refused: so often the journal answered."""
        self.unbegun: str | None = None
        """Why the journal did not keep that this node begins, for people."""
        self._journal = journal
        self.at_once = journal.at_once
        """True when what is added is delivered before `add` returns."""
        self._follower: Follower
        self._end_turn = end_turn
        self._number = 0
        self._first: Batch | None = None
        self._up: Callable[[], None] = lambda: None
        self._settled: Callable[[], None] | None = None
        self._again: list[Record] = []
        """What nobody asked for and was not kept; it goes first."""
        self._records: list[Record] = []
        self._asked: list[Asked | None] = []
        self._under_way: deque[tuple[Batch, list[Asked | None]]] = deque()
        self._gathering = False
        self._proposing = False

    @property
    def under_way(self) -> int:
        """How many batches were proposed and have not come back."""
        return len(self._under_way)

    async def start(self, after: int, record: Callable[[], NodeUp], up: Callable[[], None], follower: Follower) -> None:
        """Follow the journal behind the position `after`; call `up` when what is added counts, or never will.

        What `record` returns then, it begins with.
        """
        self._up = up
        self._follower = follower
        await self._journal.start(after, self._delivered, self._not_kept, follower.failed)
        self.begin(record())

    def begin(self, record: NodeUp) -> None:
        """Begin an incarnation; nothing becomes of anything that was proposed or added before."""
        self.forget()
        self._number = 1
        self._first = Batch(0, 1, (record,))
        self._journal.propose(self._first)

    def settle(self, settled: Callable[[], None]) -> None:
        """Propose what was added, and call back when it is known what becomes of all of it.

        What is not kept from now on is not proposed again: the next life of this node finds it out, as after a crash.
        """
        self._settled = settled
        self._again.clear()
        if not self.node:
            self.give_up()
        self._propose()
        self._tell_settled()

    def give_up(self) -> None:
        """Take note that the journal cannot go on: nothing becomes of anything any more."""
        self.forget()
        self._up()
        self._tell_settled()

    def forget(self) -> None:
        """Let nothing become of anything that was proposed or added."""
        self.node = 0
        self._first = None
        self._under_way.clear()
        self._again.clear()
        self._records.clear()
        self._asked.clear()

    def _tell_settled(self) -> None:
        if self._settled is not None and not self._under_way and not self._records:
            settled, self._settled = self._settled, None
            settled()

    def add(self, record: Record, asked: Asked | None = None) -> None:
        """Propose a record, with those that are added before `end_turn`."""
        self._records.append(record)
        self._asked.append(asked)
        if not self.at_once:
            self._end_turn()
        elif not self._gathering:
            self.order()

    def gather(self) -> None:
        """Let what is added from now on be one batch, until `order`."""
        self._gathering = True

    def order(self) -> None:
        """Propose what was gathered: now, and not at the end of the turn, when the journal delivers at once."""
        self._gathering = False
        if self._proposing or not self.at_once:
            return
        self._proposing = True
        try:
            while self.node and (self._again or self._records):  # what is delivered may add more: that comes behind it
                self._propose_batch()
        finally:
            self._proposing = False

    def show_life(self) -> None:
        """Propose nothing: only its time counts."""
        if not self._again and not self._records and not self._under_way:
            self._propose_batch()

    def insist(self) -> None:
        """Propose again what has not come back, all of it in its order; without any of that, show life."""
        if not self.node:
            if self._first is not None:
                self._journal.propose(self._first)
        elif self._under_way:
            for batch, _asked in self._under_way:
                self._journal.propose(batch)
        else:
            self._propose_batch()

    def end_turn(self) -> None:
        """Propose what was added in a turn."""
        self._propose()

    def _propose(self) -> None:
        while self.node and (self._again or self._records) and len(self._under_way) < _UNDER_WAY:
            self._propose_batch()

    def _propose_batch(self) -> None:
        records, self._records = self._records, []
        asked, self._asked = self._asked, []
        if self._again:
            asked = [*repeat(None, len(self._again)), *asked]
            records, self._again = self._again + records, []
        self._number += 1
        while True:
            batch = Batch(self.node, self._number, tuple(records))
            self._under_way.append((batch, asked))
            try:
                self._journal.propose(batch)
            except Exception as error:  # of many records, one is not fit for a journal: the others do not suffer by it
                if not self._under_way or self._under_way[-1][0] is not batch:
                    raise  # it was taken, and delivered
                self._under_way.pop()
                if len(records) <= 1:
                    self._number -= 1
                    self._not_taken(asked, error)
                    return
                half = len(records) // 2
                self._records, self._asked = records[half:] + self._records, asked[half:] + self._asked
                records, asked = records[:half], asked[:half]
            else:
                return

    def _not_taken(self, asked: list[Asked | None], error: Exception) -> None:
        if isinstance(error, BatchTooLarge):
            self._follower.not_kept(asked, Sentence("a request is larger than an entry of the journal may be"))
        else:
            self._follower.mistaken(asked, error)

    def _delivered(self, entry: Entry) -> None:
        batch = entry.batch
        if not (batch.node or self.node) and self._first is not None and batch.records == self._first.records:
            self.node = entry.position
            self.heard += 1
            self._follower.applied(entry, None)
            if self.node:  # or the other nodes do not take it
                self._up()
            return
        # Or it is of another node, or a repetition.
        mine = batch.node == self.node and self._under_way and self._under_way[0][0].number == batch.number
        proposed = self._under_way.popleft() if mine else None
        counts = self._follower.applied(entry, None if proposed is None else proposed[1])
        if proposed is not None and counts:
            self.heard += 1
        elif proposed is not None and self._settled is None:
            self._under_way.appendleft(proposed)  # it came when the lease was over; once more, it may count
        if not self.at_once:
            self._propose()
        if self._settled is not None:
            self._tell_settled()

    def _not_kept(self, batch: Batch, why: str) -> None:
        if not batch.node and not self.heard:
            self.unbegun = why
            self.give_up()
            return
        self.heard += 1
        if not batch.node:  # it has been up before, and insists
            self._follower.not_kept([], why)
            return
        if not self._under_way:
            return  # it was given up before
        _batch, asked = self._under_way.popleft()
        self._number = min(self._number, batch.number - 1)
        if self._settled is None:
            # What nobody asked for happened all the same: it is proposed again, before what comes next.
            self._again += [record for record, who in zip(batch.records, asked, strict=True) if _is_news(record, who)]
        self._follower.not_kept(asked, why)
        self._tell_settled()


def _is_news(record: Record, asked: Asked | None) -> bool:
    """Tell whether this has happened and is said by nobody again; `Confirmed` is, with whatever is read next."""
    return asked is None and not isinstance(record, Confirmed)
