"""The servers that take part, and how long each is taken to be there: counted in the journal, so alike everywhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from chatcore.ports.journal import Entry
from chatcore.records import UNSAID_RULES, NodeUp


@dataclass(slots=True)
class Node:
    """A server that takes part."""

    nonce: str
    number: int
    """Of its last batch."""
    lease: float = 0.0
    """For how long it is there after a batch of its own, in seconds; 0 for ever."""
    until: float = 0.0
    """When that is over, by the journal's clock."""
    addresses: tuple[str, ...] = ()
    """Where clients connect to it."""
    rules: int = UNSAID_RULES
    rooms: tuple[str, ...] = ()
    """Names of the rooms that are always there because of it."""

    def __post_init__(self) -> None:
        # JSON has lists only.
        self.addresses, self.rooms = tuple(self.addresses), tuple(self.rooms)


MOST_ADDRESSES: Final = 256
"""That are remembered, of nodes that are gone too."""


@dataclass(slots=True)
class Nodes:
    """All that are up. What does not count changes nothing here, nor anywhere else."""

    up: dict[int, Node] = field(default_factory=dict)
    """By incarnation."""
    addresses: dict[str, None] = field(default_factory=dict)
    """Where clients connect to those that are up, and to those that were and may come back; the latest come last. It
    is no part of the chat: a node that has begun later knows fewer."""

    def counts(self, entry: Entry, quiet: float) -> bool:
        """Take note of a batch, and tell whether it counts: it is the next one of a node that is there.

        `quiet` is how long nothing has counted before it, in seconds.
        """
        batch = entry.batch
        if not batch.node:
            return self._begins(batch.records)
        node = self.up.get(batch.node)
        if node is None or batch.number != node.number + 1:
            return False
        if node.lease:
            if entry.clock > node.until + _excused(node, quiet):
                return False
            node.until = entry.clock + node.lease
        node.number = batch.number
        return True

    def _begins(self, records: tuple[object, ...]) -> bool:
        """Tell whether this is the record of one node that begins, and was not said before."""
        record = records[0] if len(records) == 1 else None
        return isinstance(record, NodeUp) and all(node.nonce != record.nonce for node in self.up.values())

    def begin(self, record: NodeUp, entry: Entry) -> None:
        """Let a node take part."""
        node = Node(
            record.nonce,
            entry.batch.number,
            record.lease,
            entry.clock + record.lease,
            record.addresses,
            record.rules,
            record.rooms,
        )
        self.take(entry.position, node)

    def take(self, incarnation: int, node: Node) -> None:
        """Have a node among those that are up."""
        self.up[incarnation] = node
        for address in node.addresses:
            self.addresses.pop(address, None)
            self.addresses[address] = None
        for address in list(self.addresses)[:-MOST_ADDRESSES]:
            del self.addresses[address]

    def gone(self, entry: Entry, quiet: float) -> list[int]:
        """Return the incarnations whose lease is over when an entry counts."""
        for incarnation, node in self.up.items():
            if incarnation != entry.batch.node:
                node.until += _excused(node, quiet)
        return [incarnation for incarnation, node in self.up.items() if node.lease and node.until < entry.clock]


def _excused(node: Node, quiet: float) -> float:
    """Return how much longer a lease lasts: when nobody at all was heard, it was the journal that was not there."""
    return quiet if quiet > node.lease / 2 else 0.0
