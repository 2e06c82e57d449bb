"""A server with a store is killed under load: a short run of what `make test-kill` does for longer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kill.run import Plan, run


async def test_nothing_acknowledged_is_lost_doubled_reordered_or_leaked_when_the_server_is_killed(
    tmp_path: Path,
) -> None:
    """Clients on WebSocket, QUIC and TCP go on by themselves; a process of its own judges what they were told."""
    assert await run(Plan(kills=3, clients=6, life=0.5, patient=False), tmp_path) == 0


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["early", "forgetful"])
async def test_a_store_that_breaks_its_word_is_found_out(fault: str, tmp_path: Path) -> None:
    """It acknowledges before the commit, or begins without its last batches: the oracle says so."""
    assert await run(Plan(kills=3, clients=6, life=0.5, fault=fault), tmp_path) == 1
