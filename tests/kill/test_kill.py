"""A server with a store is killed under load: a short run of what `make test-kill` does for longer."""

from __future__ import annotations

from pathlib import Path

from tests.kill.run import Plan, run


async def test_nothing_acknowledged_is_lost_doubled_reordered_or_leaked_when_the_server_is_killed(
    tmp_path: Path,
) -> None:
    """Clients on WebSocket, QUIC and TCP go on by themselves; a process of its own judges what they were told."""
    assert await run(Plan(kills=3, clients=6, life=0.5), tmp_path) == 0
