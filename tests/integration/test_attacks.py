"""What others notice while somebody attacks a server with default settings."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "benchmarks" / "attacks.py"


@pytest.mark.slow
@pytest.mark.parametrize(
    "attack",
    [
        "history from 40 connections, 4 addresses",
        "list_users from 10 connections",
        "send_message from 10 connections",
        "whois without login from 40 connections",
        "login and close",
    ],
)
def test_a_good_pair_hardly_notices_an_attack(tmp_path: Path, attack: str) -> None:
    """A message takes at most three times as long as on an idle server; memory and log stay small."""
    figures = tmp_path / "figures.json"
    command = [sys.executable, BENCH, "--seconds", "6", "--only", attack, "--json", figures]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for row in json.loads(figures.read_text()):
        assert row["memory_mib"] < 32
        assert row["log_lines"] < 1000
