"""Servers that share a stream are killed and stopped under load: a short run of `make test-cluster`."""

from __future__ import annotations

from pathlib import Path

from tests.kill.cluster import Plan, run


async def test_nothing_acknowledged_is_lost_doubled_or_reordered_and_all_servers_have_the_same_chat(
    tmp_path: Path,
) -> None:
    """Whichever of them is killed or stopped, and while NATS is away."""
    plan = Plan(faults=2, seed=29, nats=1, nodes=2, clients=4, calm=0.3, stopped=1.0)
    assert await run(plan, tmp_path) == 0
