"""Many whole servers over one journal that does all that a journal may do, in virtual time."""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any, Final

from chatcore.chat.chat import Chat
from chatcore.chat.effects import NODE_BITS
from chatcore.chat.kept.room_log import MemoryLog
from chatcore.chat.snapshot import dump, load
from chatcore.dialects.record_json import decode_batch, encode_batch
from chatcore.limits import Limits
from chatcore.ports.archive import Appended
from chatcore.ports.journal import Batch, Entry
from chatcore.records import LoggedIn
from chatcore.server.journal.tickets import hashed
from chatcore.server.signing_in.terms import Secrets
from chatcore.server.switchboard import Switchboard
from tests.simulation.oracle import Silences
from tests.unit.fakes import FakeClock, FakeTimer
from tests.unit.playbook import waits_for_nothing

LEASE: Final = 4.0
OPERATOR_TOKEN: Final = "the-token-of-the-operators"
ROOMS: Final = ("python", "rust")
LIMITS: Final = Limits.unlimited(grace=15.0)
# At every so many positions the nodes are compared.
_COMPARED: Final = 8


class MortalClock:
    """Implements `chatcore.ports.clock.Clock` for one node: when that is killed, nothing of it happens any more."""

    def __init__(self, clock: FakeClock) -> None:
        self.alive = True
        self.monotonic = clock.monotonic
        self.time = clock.time
        self._clock = clock

    def call_soon(self, callback: Callable[[], None]) -> None:
        """Call back in the next turn."""
        self._clock.call_soon(partial(self._call, callback))

    def call_at(self, when: float, callback: Callable[[], None]) -> FakeTimer:
        """Call back at `when`."""
        return self._clock.call_at(when, partial(self._call, callback))

    def _call(self, callback: Callable[[], None]) -> None:
        if self.alive:
            callback()


class ClusterJournal:
    """The one order of many nodes, kept from the first entry on.

    Proposals reach it late, twice, or never. What it has ordered reaches every node, in order, sooner or later.
    """

    def __init__(self, clock: FakeClock, source: random.Random) -> None:
        self.entries: list[Entry] = []
        self.ports: list[Port] = []
        self.clock = clock
        self.source = source
        self.well = False
        """True when nothing is lost, repeated or late any more."""
        self.spread = 0.03
        """For how many seconds a batch may be on its way, and another one overtake it."""
        self.leaderless_until = 0.0
        """Until then it orders nothing."""
        self.ahead = 0.0
        """How far its clock has jumped, in seconds."""
        self.set_by = 0.0
        """How much the clock on the wall was set, in seconds."""

    def propose(self, batch: Batch) -> None:
        """Order a batch, perhaps."""
        chance = self.source.random
        if self.well:
            self.order_in(self.source.uniform(0, self.spread), batch)
        elif chance() > 0.05:
            for _ in range(1 if chance() > 0.05 else 2):
                self.order_in(
                    self.source.uniform(1.0, 7.0) if chance() < 0.05 else self.source.uniform(0, self.spread), batch
                )

    def order_in(self, seconds: float, batch: Batch) -> None:
        """Order a batch after so long."""
        self.clock.call_at(self.clock.now + seconds, partial(self._order, batch))

    def _order(self, batch: Batch) -> None:
        now = self.clock.now
        if now < self.leaderless_until:
            return
        place = len(self.entries) + 1
        entry = Entry(place, self.clock.time() + self.set_by, now + self.ahead, decode_batch(encode_batch(batch)))
        self.entries.append(entry)
        for port in self.ports:
            self.clock.call_at(now + self.source.uniform(0, 0.05), partial(port.bring, place))


class Port:
    """Implements `chatcore.ports.journal.Journal`: the journal as one node has it."""

    at_once = False

    def __init__(self, journal: ClusterJournal, clock: MortalClock) -> None:
        self.position = 0
        """Of the last entry that was delivered."""
        self.cut_since: float | None = None
        """Since when nothing gets through to the journal and back; None while it does."""
        self.last_words: Callable[[], None] | None = None
        """What happens behind the next login that is proposed, which comes when the lease of its node is over."""
        self.journal = journal
        self.clock = clock
        self.deliver: Callable[[Entry], None] = lambda entry: None
        self.refuse: Callable[[Batch, str], None] = lambda batch, why: None

    @property
    def cut(self) -> bool:
        """True while nothing gets through to the journal and back."""
        return self.cut_since is not None

    async def start(
        self,
        after: int,
        deliver: Callable[[Entry], None],
        refuse: Callable[[Batch, str], None],
        fail: Callable[[BaseException], None],
    ) -> None:
        """Deliver what is there, and from now on what is ordered."""
        self.position = after
        self.deliver, self.refuse = deliver, refuse
        self.journal.ports.append(self)
        self.bring(len(self.journal.entries))

    def bring(self, upto: int) -> None:
        """Deliver everything up to a position that was not delivered yet."""
        while self.clock.alive and not self.cut and self.position < upto:
            self.position += 1
            self.bring_one(self.journal.entries[self.position - 1])

    def bring_one(self, entry: Entry) -> None:
        """Deliver an entry."""
        self.deliver(entry)

    def propose(self, batch: Batch) -> None:
        """Pass a batch on."""
        if self.last_words is not None and any(isinstance(record, LoggedIn) for record in batch.records):
            self.journal.order_in(self.journal.source.uniform(LEASE, 2 * LEASE), batch)
            self.clock.call_soon(self.last_words)
        elif self.clock.alive and not self.cut:
            self.journal.propose(batch)

    async def close(self) -> None:
        """Deliver nothing any more."""
        self.clock.alive = False


@dataclass(frozen=True)
class Parts:
    """What nodes are made of. A mutant has one that makes a mistake."""

    chat: type[Chat] = Chat
    log: type[MemoryLog] = MemoryLog
    port: type[Port] = Port


class Node:
    """A server of its own: begun from the first entry of the journal, or from a snapshot of another one."""

    def __init__(
        self, journal: ClusterJournal, name: str, parts: Parts, compare: Callable[[Node], None], of: Node | None
    ) -> None:
        self.name = name
        self.clock = MortalClock(journal.clock)
        self.log = parts.log(LIMITS, archived=True)
        self.chat = parts.chat(LIMITS, self.log, here=lambda number: number in self.switchboard.connections)
        self.said: list[Appended] = []
        """Everything that ever came into a log."""
        self.sum = 0
        """Of all that."""
        self.mistakes: list[object] = []
        self.silences = Silences(LEASE)
        self.unkept: list[str] = []
        """Where leases were not kept to."""
        self._compare = compare
        if of is not None:
            self._begin_from(of)
        ids = (f"identifier-{name}-{number}" for number in count(1))
        self.port = parts.port(journal, self.clock)
        self.switchboard = Switchboard(
            self.chat,
            self.port,
            self.clock,
            lambda: next(ids),
            self._record,
            keep=self._keep,
            secrets=Secrets(operator_token=hashed(OPERATOR_TOKEN)),
        )
        waits_for_nothing(self.switchboard.start(lease=LEASE, rooms=ROOMS))

    def _begin_from(self, other: Node) -> None:
        load(self.chat, json.loads(json.dumps(list(dump(other.chat)))))
        for key in other.log.opened():
            self.log.fill(key, other.log.read(key, 0, 1_000_000))
        self.said, self.sum = list(other.said), other.sum
        self.silences, self.unkept = other.silences.copy(), list(other.unkept)

    def kill(self) -> None:
        """Let nothing happen any more."""
        self.clock.alive = False

    @property
    def serves(self) -> bool:
        """True when clients get through to it, and it to the journal."""
        return self.clock.alive and not self.port.cut

    def digest(self) -> int:
        """Return what equal nodes have in common."""
        return zlib.crc32(json.dumps([*dump(self.chat), self.sum]).encode())

    def problems(self) -> Iterator[str]:
        """Yield what is never so, at whatever position."""
        connections = self.chat.state.connections
        if len({session.key for session in connections.values()}) < len(connections):
            yield "a name is held by two connections"
        if any(number >> NODE_BITS not in self.chat.nodes.up for number in connections):
            yield "a user is connected to a node that is not there"
        nodes = self.chat.nodes.up.values()
        if len({node.nonce for node in nodes}) < len(nodes):
            yield "a node is there twice"

    def _keep(self) -> None:
        for row in self.log.take_rows():
            if isinstance(row, Appended):
                self.said.append(row)
                self.sum = zlib.crc32(f"{row.key} {row.entry}".encode(), self.sum)
        self.unkept += self.silences.see(self.port.journal.entries[self.port.position - 1], self.chat)
        if self.port.position % _COMPARED == 0:
            self._compare(self)

    def _record(self, what: str, fields: Any) -> None:
        if what == "internal_error":
            self.mistakes.append(fields["error"])
