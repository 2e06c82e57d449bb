"""Servers that share a stream are killed and stopped under load: a short run of `make test-cluster`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kill import names
from tests.kill.cluster import Plan, run


async def test_nothing_acknowledged_is_lost_doubled_or_reordered_and_all_servers_have_the_same_chat(
    tmp_path: Path,
) -> None:
    """Whichever of them is killed or stopped, and while NATS is away."""
    plan = Plan(faults=2, seed=29, nats=1, nodes=2, clients=4, calm=0.3, stopped=1.0)
    assert await run(plan, tmp_path) == 0


@pytest.mark.slow
async def test_rolling_upgrade_under_load_loses_nothing_and_nobody_is_seen_leaving(tmp_path: Path) -> None:
    """One server after the other, as the guide says."""
    plan = Plan(faults=0, rolling=1, seed=30, nats=1, nodes=2, clients=4)
    assert await run(plan, tmp_path) == 0


@pytest.mark.slow
async def test_one_of_two_gets_a_name_that_both_ask_for_at_two_servers_hundreds_of_times(tmp_path: Path) -> None:
    """A short run of `make names`."""
    assert await names.run(400, tmp_path) == 0
