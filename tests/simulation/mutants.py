"""Nodes that make a mistake: the oracle has to find each of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from chatcore.chat.chat import Chat, Outcome
from chatcore.chat.effects import Close
from chatcore.chat.kept.nodes import Node as Member
from chatcore.chat.kept.nodes import Nodes
from chatcore.chat.kept.room_log import MemoryLog
from chatcore.commands import SendDirect
from chatcore.events import ServerEvent
from chatcore.ports.journal import Batch, Entry
from chatcore.records import Act, Gone, LoggedIn, NodeUp, Record
from tests.simulation.cluster import Parts, Port

_FIRST: Final = 3
"""So many nodes there are at the beginning."""


class _CountsRepetitions(Nodes):
    def counts(self, entry: Entry, quiet: float) -> bool:
        node = self.up.get(entry.batch.node)
        if node is not None and entry.batch.number <= node.number:
            return True
        return super().counts(entry, quiet)


class _CountsSkips(Nodes):
    def counts(self, entry: Entry, quiet: float) -> bool:
        node = self.up.get(entry.batch.node)
        if node is not None and entry.batch.number > node.number + 1:
            node.number = entry.batch.number - 1
        return super().counts(entry, quiet)


class _CountsTheDead(Nodes):
    """Goes on counting after a lease is over."""

    def __init__(self) -> None:
        super().__init__()
        self.ever: dict[int, Member] = {}

    def begin(self, record: NodeUp, entry: Entry) -> None:
        super().begin(record, entry)
        self.ever[entry.position] = self.up[entry.position]

    def counts(self, entry: Entry, quiet: float) -> bool:
        node = self.ever.get(entry.batch.node)
        if node is None or entry.batch.node in self.up:
            return super().counts(entry, quiet)
        if entry.batch.number != node.number + 1:
            return False
        node.number += 1
        return True


class _RenewsWhatIsOver(Nodes):
    def counts(self, entry: Entry, quiet: float) -> bool:
        node = self.up.get(entry.batch.node)
        if node is not None:
            node.until = max(node.until, entry.clock)
        return super().counts(entry, quiet)


class _ExcusesNothing(Nodes):
    def counts(self, entry: Entry, quiet: float) -> bool:
        return super().counts(entry, 0.0)

    def gone(self, entry: Entry, quiet: float) -> list[int]:
        return super().gone(entry, 0.0)


class _GivesNobodyUp(Nodes):
    def gone(self, entry: Entry, quiet: float) -> list[int]:
        return []


def _by_the_wall(entry: Entry) -> Entry:
    return Entry(entry.position, entry.time, entry.time, entry.batch)


class _GoesByTheWall(Nodes):
    def begin(self, record: NodeUp, entry: Entry) -> None:
        super().begin(record, _by_the_wall(entry))

    def counts(self, entry: Entry, quiet: float) -> bool:
        return super().counts(_by_the_wall(entry), quiet)

    def gone(self, entry: Entry, quiet: float) -> list[int]:
        return super().gone(_by_the_wall(entry), quiet)


class _BeginsTwice(Nodes):
    def _begins(self, records: tuple[object, ...]) -> bool:
        return isinstance(records[0], NodeUp)


class RepetitionsCount(Chat):
    """A batch that was ordered twice is applied twice."""

    def __init__(self, *args: Any, **others: Any) -> None:
        super().__init__(*args, **others)
        self.nodes = _CountsRepetitions()


class SkipsCount(Chat):
    """A batch counts although the one before it was lost."""

    def __init__(self, *args: Any, **others: Any) -> None:
        super().__init__(*args, **others)
        self.nodes = _CountsSkips()


class TheDeadCount(Chat):
    """What a node has proposed counts after its lease is over."""

    def __init__(self, *args: Any, **others: Any) -> None:
        super().__init__(*args, **others)
        self.nodes = _CountsTheDead()


class LeasesThatAreOverGoOn(Chat):
    """A batch counts that comes when the lease of its node is over, as long as nobody was there to see it."""

    def __init__(self, *args: Any, **others: Any) -> None:
        super().__init__(*args, **others)
        self.nodes = _RenewsWhatIsOver()


class OutagesAreNotExcused(Chat):
    """Leases run while nobody is heard of."""

    def __init__(self, *args: Any, **others: Any) -> None:
        super().__init__(*args, **others)
        self.nodes = _ExcusesNothing()


class NobodyIsGivenUp(Chat):
    """Who is dead holds its users for ever."""

    def __init__(self, *args: Any, **others: Any) -> None:
        super().__init__(*args, **others)
        self.nodes = _GivesNobodyUp()


class LeasesGoByTheWall(Chat):
    """Leases are counted by a clock that somebody may set."""

    def __init__(self, *args: Any, **others: Any) -> None:
        super().__init__(*args, **others)
        self.nodes = _GoesByTheWall()


class NodesBeginTwice(Chat):
    """What a node begins with counts as often as it was said."""

    def __init__(self, *args: Any, **others: Any) -> None:
        super().__init__(*args, **others)
        self.nodes = _BeginsTwice()


class NobodyIsFenced(Chat):
    """Who resumes does not end the connection before."""

    def _one(self, record: Record, entry: Entry) -> Outcome:
        before = dict(self.state.connections) if isinstance(record, LoggedIn) else {}
        outcome = super()._one(record, entry)
        fenced = {number: session for number, session in before.items() if number not in self.state.connections}
        self.state.connections |= fenced
        return outcome._replace(effects=[each for each in outcome.effects if not (fenced and isinstance(each, Close))])

    def _gone(self, record: Gone) -> None:
        session = self.state.connections.get(record.connection)
        if session is not None and session.connection != record.connection:
            del self.state.connections[record.connection]
        else:
            super()._gone(record)


class DirectMessagesLeak(Chat):
    """A direct message comes into the inbox of somebody else too."""

    def _act(self, record: Act) -> ServerEvent | None:
        command = record.command
        if isinstance(command, SendDirect):
            other = min((name for name in self.state.users if name not in command.to), default=command.to[0])
            record = Act(record.connection, replace(command, to=(*command.to, other)))
        return super()._act(record)


class ReceiptsForgotten(MemoryLog):
    """A snapshot does not have what became of sends."""

    def dump(self) -> Iterator[dict[str, Any]]:
        for row in super().dump():
            yield row | {"last": 0, "receipts": []} if "mark" in row else row


class Hasty(Port):
    """What is proposed is taken for ordered."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._done: set[tuple[int, int]] = set()

    def propose(self, batch: Batch) -> None:
        super().propose(batch)
        if batch.node and (batch.node, batch.number) not in self._done:
            self._done.add((batch.node, batch.number))
            entry = Entry(self.position, self.clock.time(), self.clock.monotonic() + self.journal.ahead, batch)
            self.clock.call_soon(lambda: self.deliver(entry))

    def bring_one(self, entry: Entry) -> None:
        if (entry.batch.node, entry.batch.number) not in self._done:
            super().bring_one(entry)


class Forgetful(Port):
    """One entry of a hundred does not arrive."""

    def bring_one(self, entry: Entry) -> None:
        if self.journal.source.random() > 0.01:
            super().bring_one(entry)


class Evasive(Port):
    """While nothing gets through to the journal, it is said to have no space."""

    def propose(self, batch: Batch) -> None:
        if self.cut and batch.node:
            self.clock.call_soon(lambda: self.refuse(batch, "there is no space"))
        else:
            super().propose(batch)


class SilentAtFirst(Port):
    """What a node begins with is lost, however often it is said."""

    def propose(self, batch: Batch) -> None:
        if batch.node or len(self.journal.ports) <= _FIRST:
            super().propose(batch)


MUTANTS: Final = {
    "repetitions count": Parts(chat=RepetitionsCount),
    "skips count": Parts(chat=SkipsCount),
    "the dead count": Parts(chat=TheDeadCount),
    "leases that are over go on": Parts(chat=LeasesThatAreOverGoOn),
    "outages are not excused": Parts(chat=OutagesAreNotExcused),
    "nobody is given up": Parts(chat=NobodyIsGivenUp),
    "leases go by the wall": Parts(chat=LeasesGoByTheWall),
    "nodes begin twice": Parts(chat=NodesBeginTwice),
    "nobody is fenced": Parts(chat=NobodyIsFenced),
    "direct messages leak": Parts(chat=DirectMessagesLeak),
    "receipts are forgotten": Parts(log=ReceiptsForgotten),
    "acknowledged when proposed": Parts(port=Hasty),
    "entries do not arrive": Parts(port=Forgetful),
    "cut off and full are one": Parts(port=Evasive),
    "later nodes do not begin": Parts(port=SilentAtFirst),
}
