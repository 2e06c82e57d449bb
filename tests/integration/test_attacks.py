"""What an attack on a server with default settings costs."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chatcore.dialects.chat.frames import REQUESTS

BENCH = Path(__file__).parents[2] / "benchmarks" / "attacks.py"


@pytest.mark.parametrize("attack", ["send_message from 10 connections", "login and close"])
def test_an_attack_of_a_second_costs_others_no_message(tmp_path: Path, attack: str) -> None:
    """The short version: on each run of the tests."""
    for row in attacked(tmp_path, attack, seconds=1):
        assert row["messages"] > 10
        assert row["memory_mib"] < 32
        assert row["log_lines"] < 600


def test_floods_are_of_every_kind_of_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new kind is flooded with as well."""
    monkeypatch.syspath_prepend(BENCH.parent)
    flooded = importlib.import_module("attackers.floods")
    kinds = {model.model_fields["type"].default for model in REQUESTS} - {"logout"}
    assert set(flooded.REQUESTS) == kinds | {"no_such_type"}
    floods = [each.name for each in flooded.FLOODS]
    assert len(floods) == len(set(floods))
    assert set(floods) >= {
        f"{way}flood of {kind} from {addresses} addresses"
        for kind in flooded.REQUESTS
        for way in ("", "chat over tcp: ")
        for addresses in (1, 50)
    } | {
        f"quic: flood of {kind} from {connections} connections"
        for kind in flooded.REQUESTS
        for connections in (1, 10)
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["search", "send_message"])
def test_a_flood_from_fifty_addresses_costs_others_no_message(tmp_path: Path, kind: str) -> None:
    """What of it is written down is bounded for each address."""
    rows = attacked(tmp_path, f"flood of {kind} from 50 addresses", "--floods", seconds=2)
    assert len(rows) == 2  # over WebSocket and TCP
    for row in rows:
        assert row["messages"] > 10
        assert row["memory_mib"] < 64
        assert row["log_lines"] < 60 * 50 * 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("attack", "lines"),
    [
        ("history from 40 connections, 4 addresses", 2000),
        ("list_users from 10 connections", 2000),
        ("send_message from 10 connections", 2000),
        ("whois without login from 40 connections", 2000),
        ("login and close", 2000),
        # Sixty of a kind at once from each address, and these come from 8 and from 16.
        ("come at once", 4000),
        ("850 names", 6000),
        ("history over quic", 2000),
        ("who do not read over quic", 2000),
        ("streams by the thousand over quic", 2000),
        ("to quic", 2000),
        ("handshakes over quic", 2000),
        ("packets over quic, full of", 2000),
        ("streams over quic, full of", 2000),
        ("websockets full of", 4000),
        ("over tcp, full of", 2000),
    ],
)
def test_an_attack_costs_others_no_message_and_the_server_little(tmp_path: Path, attack: str, lines: int) -> None:
    """Every message of a good pair arrives; memory and log stay small. How long it takes is for `make attacks`."""
    for row in attacked(tmp_path, attack, seconds=6):
        assert row["messages"] > 50
        assert row["memory_mib"] < 32
        assert row["log_lines"] < lines


def attacked(folder: Path, attack: str, *options: str, seconds: int) -> list[dict[str, Any]]:
    """Run an attack; return what was measured. Fails when a message of the good pair did not arrive, or was refused."""
    figures = folder / "figures.json"
    command = [sys.executable, BENCH, "--seconds", str(seconds), "--only", attack, "--json", figures, *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert figures.exists(), done.stdout + done.stderr
    rows: list[dict[str, Any]] = json.loads(figures.read_text())
    assert rows
    return rows
