"""Many nodes over one journal that delays, repeats, loses and stops: nothing acknowledged is lost, on any of them."""

from __future__ import annotations

import pytest

from tests.simulation.mutants import MUTANTS
from tests.simulation.world import run


@pytest.mark.parametrize("seed", range(6))
def test_nothing_is_lost_doubled_reordered_or_leaked_whatever_happens_to_nodes_and_journal(seed: int) -> None:
    """And when all is well again, everybody is answered and has been shown everything."""
    result = run(seed)
    assert result.problems == []
    assert result.acks > 100
    assert result.kills > 0


@pytest.mark.parametrize("seed", range(100, 104))
def test_it_is_so_too_where_somebody_kicks_bans_and_mutes_the_others(seed: int) -> None:
    """Roles, bans and topics are the same on all nodes, at every position that they share."""
    result = run(seed, looked_after=True)
    assert result.problems == []
    assert result.acks > 50


# Which check has to find it.
_FOUND = {
    "repetitions count": "exactly once",
    "skips count": "liveness",
    "the dead count": "holder",
    "leases that are over go on": "lease",
    "outages are not excused": "lease",
    "nobody is given up": "lease",
    "leases go by the wall": "lease",
    "nodes begin twice": "holder",
    "nobody is fenced": "fenced",
    "direct messages leak": "direct",
    "receipts are forgotten": "equal",
    "acknowledged when proposed": "exactly once",
    "entries do not arrive": "equal",
    "cut off and full are one": "apart",
    "later nodes do not begin": "liveness",
}
# With how many seeds at most. It is far from every run that a node dies while it lets somebody in.
_SEEDS = 20


@pytest.mark.parametrize("mutant", MUTANTS)
def test_oracle_finds_what_is_wrong(mutant: str) -> None:
    """Each mistake by the check that is there for it."""
    assert any(_FOUND[mutant] in run(seed, MUTANTS[mutant]).checks for seed in range(_SEEDS))


def test_same_seed_gives_the_same_run() -> None:
    """What was found once can be looked at again."""
    assert run(11) == run(11)
