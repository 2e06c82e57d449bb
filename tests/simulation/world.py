"""One run: nodes, people, what happens to them, and what is to be seen when all is well again."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.simulation.cluster import LEASE, ClusterJournal, Node, Parts
from tests.simulation.oracle import Oracle
from tests.simulation.people import Operator, Person
from tests.unit.fakes import FakeClock

_NAMES: Final = ("ann", "bob", "cleo", "dan", "eve")
_TWINS: Final = ("twin", "twin")
_NODES: Final = 3
# How long everything goes wrong, in seconds; how long until all nodes that are not there are given up after that; for
# how long only proposals are lost, late and repeated then; and how long it may take until all is well in the end.
_CHAOS: Final = 24.0
# The last words of a node that is killed may come after two leases, and be its life for one more.
_RECOVERY: Final = 13.0
_CALM: Final = 8.0
_PATIENCE: Final = 40.0
# A node that hears nothing sends its users away half a second before its lease is over, or at the beat after that.
_SENT_AWAY: Final = LEASE + 0.5
# How many entries may be on their way to a node, and how long until they are there and nodes were compared again.
_ON_THE_WAY: Final = 10
_COMPARED: Final = 10.0


@dataclass
class Result:
    """What came of a run."""

    problems: list[str]
    acks: int
    kills: int
    entries: int

    @property
    def checks(self) -> set[str]:
        """The names of the checks that found something."""
        return {problem.partition(":")[0] for problem in self.problems}


class World:
    """Everything that happens for a seed."""

    def __init__(self, seed: int, parts: Parts, *, looked_after: bool) -> None:
        self._source = random.Random(seed)
        self._clock = FakeClock()
        self._parts = parts
        self._journal = ClusterJournal(self._clock, self._source)
        self._oracle = Oracle({*_NAMES, *_TWINS})
        self._nodes: list[Node] = []
        self._started = self._kills = 0
        self._calm = False
        for _ in range(_NODES):
            self._start_node()
        self._people = [
            (Operator if looked_after and key == _NAMES[0] else Person)(
                key, name, self._journal, self._living, self._oracle
            )
            for key, name in [(name, name) for name in _NAMES] + [(f"twin{n}", name) for n, name in enumerate(_TWINS)]
        ]

    def run(self) -> Result:
        """Let it all happen."""
        self._later(1.0, 3.0, self._go_wrong)
        self._clock.advance(_CHAOS)
        self._calm_down()
        self._clock.advance(_RECOVERY)
        up = self._up()
        self._clock.advance(_CALM)
        if self._up() != up:
            self._oracle.found.append(f"steady: nodes that were there were given up, of {up} {self._up()} are left")
        self._heal()
        end = self._clock.now + _PATIENCE
        while self._unwell() and self._clock.now < end:
            self._clock.advance(1.0)
        oracle = self._oracle
        oracle.found += [f"liveness: {problem}" for problem in self._unwell()]
        self._clock.advance(_COMPARED)
        for node in self._living():
            oracle.look_at(node)
        return Result(oracle.found, oracle.acks, self._kills, len(self._journal.entries))

    # What goes wrong.

    def _later(self, least: float, most: float, callback: Callable[[], None]) -> None:
        self._clock.call_at(self._clock.now + self._source.uniform(least, most), callback)

    def _go_wrong(self) -> None:
        if self._calm:
            return
        self._later(0.5, 3.0, self._go_wrong)
        source, journal = self._source, self._journal
        match source.choice(["kill", "last words", "cut", "outage", "jump", "set"]):
            case "kill":
                self._kill(source.choice(self._living()))
            case "last words":
                node = source.choice(self._living())
                node.port.last_words = lambda: self._kill(node)
            case "cut":
                node = source.choice(self._living())
                if node.port.cut_since is None:
                    node.port.cut_since = self._clock.now
                self._later(0.5, 8.0, lambda: self._mend(node))
            case "outage":
                journal.leaderless_until = self._clock.now + source.uniform(0.5, 8.0)
            case "jump":
                journal.ahead += source.uniform(0.0, 6.0)
            case _:
                journal.set_by += source.uniform(-3600.0, 3600.0)

    def _kill(self, node: Node) -> None:
        if not node.clock.alive:
            return
        self._kills += 1
        node.kill()
        for person in self._people:
            if person.wire is not None and person.wire.node is node:
                person.lost(person.wire)
        if len(self._living()) < 2:
            self._start_node()
        else:
            self._later(0.5, 4.0, self._start_node)

    def _mend(self, node: Node) -> None:
        since, node.port.cut_since = node.port.cut_since, None
        if since is not None and self._clock.now > since + _SENT_AWAY and node.clock.alive:
            self._oracle.found += [
                f"apart: {person.key} is still at {node.name}, which has heard nothing since {since:.1f}"
                for person in self._people
                if person.session.logged_in and person.wire is not None and person.wire.node is node
            ]
        node.port.bring(len(self._journal.entries))

    def _start_node(self) -> None:
        if len(self._living()) >= _NODES:
            return
        self._started += 1
        others = [node for node in self._living() if node.serves]
        of = self._source.choice(others) if others and self._source.random() < 0.7 else None
        self._nodes.append(Node(self._journal, f"node{self._started}", self._parts, self._oracle.compare, of))

    def _living(self) -> list[Node]:
        return [node for node in self._nodes if node.clock.alive]

    # And when all is well.

    def _up(self) -> list[int]:
        """Return which incarnations are up."""
        return list(self._living()[0].chat.nodes.up)

    def _calm_down(self) -> None:
        self._calm = True
        self._journal.leaderless_until = 0.0
        for node in self._living():
            node.port.last_words = None
            self._mend(node)

    def _heal(self) -> None:
        self._journal.well = True
        self._journal.spread = 0.0
        for person in self._people:
            person.talks = False

    def _unwell(self) -> list[str]:
        """Return what is not as it should be."""
        nodes = self._living()
        behind = len(self._journal.entries) - min(node.port.position for node in nodes)
        found = [] if behind < _ON_THE_WAY else ["a node is not where the journal is"]
        found += [f"{node.name} has not begun" for node in nodes if node.switchboard.node not in node.chat.nodes.up]
        log = nodes[0].chat.log
        here = [person for person in self._people if person.wire is not None and person.session.logged_in]
        names = {person.username for person in here}
        found += [f"{name} is not here" for name in sorted(self._oracle.usernames - names)]
        found += [] if len(here) == len(names) else ["a name has two holders"]
        for person in here:
            session = person.session
            if session.unanswered:
                found.append(f"{person.key} waits for {session.unanswered} answers")
            room = session.room
            shown = self._oracle.last_shown(person.key, room)
            head = log.position(room).seq
            if shown != head:
                found.append(f"{person.key} is at {shown} of {room}, which is at {head}")
        return found


def run(seed: int, parts: Parts | None = None, *, looked_after: bool = False) -> Result:
    """Return what comes of a seed; `looked_after`: somebody kicks, bans and mutes the others."""
    return World(seed, parts or Parts(), looked_after=looked_after).run()
