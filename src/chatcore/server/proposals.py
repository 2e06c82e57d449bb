"""What this node proposes: gathered, numbered, and matched with what the journal delivers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from chatcore.ports.journal import Batch, Entry, Journal
from chatcore.records import NodeUp, Record
from chatcore.server.connection import Connection
from chatcore.server.tickets import Ticket

# How many batches are under way at a time: what comes meanwhile is the next batch, without waiting for any timer.
_UNDER_WAY: Final = 4


@dataclass(slots=True)
class Asked:
    """Who waits for what becomes of a record."""

    connection: Connection
    reply_to: str | None
    command: Any
    paid: float
    """What it has cost already, in tokens."""
    ticket: Ticket | None = None
    """Of a login."""


class Proposals:
    """The way of records from this node to the journal, and back.

    Args:
        journal: what orders them.
        applied: takes each entry, with who asked for its records; nobody for records of other nodes.
        refused: takes who asked for records that the journal does not keep, and why, for people.
        failed: told that the journal cannot go on.
    """

    def __init__(
        self,
        journal: Journal,
        applied: Callable[[Entry, list[Asked | None] | None], None],
        refused: Callable[[list[Asked | None], str], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        self.node = 0
        """The incarnation; 0 as long as the journal has not said it."""
        self._journal = journal
        self._applied = applied
        self._refused = refused
        self._failed = failed
        self._number = 0
        self._nonce = ""
        self._records: list[Record] = []
        self._asked: list[Asked | None] = []
        self._under_way: deque[tuple[int, list[Asked | None]]] = deque()
        self._proposing = False

    async def start(self, after: int, nonce: str, limits: Mapping[str, Any]) -> None:
        """Take part in the chat: from now on what is added is proposed."""
        self._nonce = nonce
        await self._journal.start(after, self._delivered, self._not_kept, self._failed)
        self._number = 1
        self._journal.propose(Batch(0, 1, (NodeUp(nonce, limits),)))

    async def close(self) -> None:
        """Propose what was added, see what becomes of it, and end."""
        self._propose()
        await self._journal.close()

    def add(self, record: Record, asked: Asked | None = None) -> None:
        """Propose a record, with those that are added before `end_turn`."""
        self._records.append(record)
        self._asked.append(asked)
        if self._journal.at_once:
            self._propose()

    def show_life(self) -> None:
        """Propose nothing: only its time counts."""
        if not self._records and not self._under_way:
            self._propose_batch()

    def end_turn(self) -> None:
        """Propose what was added in a turn."""
        self._propose()

    def _propose(self) -> None:
        if self._proposing or not self.node:
            return  # what is delivered at once may add more: that comes behind it
        self._proposing = True
        try:
            while self._records and len(self._under_way) < _UNDER_WAY:
                self._propose_batch()
        finally:
            self._proposing = False

    def _propose_batch(self) -> None:
        records, self._records = self._records, []
        asked, self._asked = self._asked, []
        self._number += 1
        self._under_way.append((self._number, asked))
        self._journal.propose(Batch(self.node, self._number, tuple(records)))

    def _delivered(self, entry: Entry) -> None:
        batch = entry.batch
        asked = None
        if batch.node and batch.node == self.node:
            _number, asked = self._under_way.popleft()
        elif not batch.node and isinstance(batch.records[0], NodeUp) and batch.records[0].nonce == self._nonce:
            self.node = entry.position
        self._applied(entry, asked)
        self._propose()

    def _not_kept(self, batch: Batch, why: str) -> None:
        number, asked = self._under_way.popleft()
        self._number = min(self._number, number - 1)
        self._refused(asked, why)
