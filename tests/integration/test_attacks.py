"""What an attack on a server with default settings costs."""

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
def test_an_attack_costs_others_no_message_and_the_server_little(tmp_path: Path, attack: str) -> None:
    """Every message of a good pair arrives; memory and log stay small. How long it takes is for `make attacks`."""
    figures = tmp_path / "figures.json"
    command = [sys.executable, BENCH, "--seconds", "6", "--only", attack, "--json", figures]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert figures.exists(), done.stdout + done.stderr
    for row in json.loads(figures.read_text()):
        assert row["messages"] > 50
        assert row["memory_mib"] < 32
        assert row["log_lines"] < 2000
