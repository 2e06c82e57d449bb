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


MUTANTS: Final = {
    "repetitions count": Parts(chat=RepetitionsCount),
    "skips count": Parts(chat=SkipsCount),
    "the dead count": Parts(chat=TheDeadCount),
    "nobody is fenced": Parts(chat=NobodyIsFenced),
    "direct messages leak": Parts(chat=DirectMessagesLeak),
    "receipts are forgotten": Parts(log=ReceiptsForgotten),
    "acknowledged when proposed": Parts(port=Hasty),
    "entries do not arrive": Parts(port=Forgetful),
}
