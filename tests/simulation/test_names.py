"""Two people ask for one name, at two nodes, in the same moment: one of them gets it."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import Any

import pytest

from chatcore.dialects.chat import dialect
from tests.simulation.cluster import ClusterJournal, Node, Parts
from tests.unit.fakes import FakeClock, FakeLink

# How often to look for the answers, each a tenth of a second later: what overtakes another one is said again.
_TURNS = 50


class Pair:
    """Two nodes of one chat, which see what is ordered at different moments."""

    def __init__(self, seed: int) -> None:
        self.clock = FakeClock()
        journal = ClusterJournal(self.clock, random.Random(seed))
        journal.well = True
        self.nodes = [Node(journal, name, Parts(), lambda node: None, None) for name in ("one", "other")]
        self.clock.advance(1)

    def ask_for(self, name: str) -> list[dict[str, Any]]:
        """Ask for a name at both nodes, in the same turn; return what each of the two is told first."""
        links = []
        for node in self.nodes:
            link = FakeLink(self.clock)
            link.handler = node.switchboard.accept(dialect, link)
            link.sends(json.dumps({"type": "login", "username": name}).encode())
            links.append(link)
        for _ in range(_TURNS):
            if all(link.arrived for link in links):
                break
            self.clock.advance(0.1)
        told = [json.loads(link.arrived[0]) for link in links]
        for link, answer in zip(links, told, strict=True):
            if answer["type"] == "welcome":
                link.sends(b'{"type": "logout"}')
        self.clock.advance(0.1)
        return told


def race(times: int, seed: int) -> Counter[int]:
    """Return how often which of the two got the name, after so many races."""
    pair, winners = Pair(seed), Counter[int]()
    for number in range(times):
        told = pair.ask_for(f"user{number}")
        kinds = [answer["type"] for answer in told]
        assert sorted(kinds) == ["error", "welcome"], told
        assert told[kinds.index("error")]["code"] == "name_taken"
        winners[kinds.index("welcome")] += 1
        assert (
            len({node.digest() for node in pair.nodes}) == 1
            or pair.nodes[0].chat.position != pair.nodes[1].chat.position
        )
    return winners


def test_one_of_two_gets_a_name_that_both_ask_for_at_two_nodes() -> None:
    """Whoever comes first in the journal: now this one, now that one."""
    winners = race(150, seed=1)
    assert min(winners[0], winners[1]) > 30


@pytest.mark.slow
def test_it_is_so_ten_thousand_times() -> None:
    """In ten runs, so that no log grows too long."""
    assert sum((race(1_000, seed) for seed in range(10)), Counter[int]()).total() == 10_000
