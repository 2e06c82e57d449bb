"""Large files, and programs that are killed in the middle of them."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.processes import CHATCORE, Server, environment

ROOT = Path(__file__).parents[2]
MEBIBYTE = 2**20
SIZES = {"ws": 24 * MEBIBYTE, "tcp": 24 * MEBIBYTE, "quic": 6 * MEBIBYTE}
ROUNDS = 40


@pytest.mark.slow
@pytest.mark.parametrize("transport", ["ws", "tcp", "quic"])
def test_a_gibibyte_arrives_and_costs_the_server_no_memory(transport: str, tmp_path: Path) -> None:
    """As `benchmarks/files.py` does it, with every side a process of its own; the times are for there."""
    figures = tmp_path / "figures.json"
    command = [sys.executable, ROOT / "benchmarks" / "files.py", "--size", "1024", "--transports", transport]
    subprocess.run([*command, "--json", figures], check=True, cwd=ROOT, timeout=1200)
    (row,) = json.loads(figures.read_text())["rows"]
    assert row["hash_matches"]
    assert row["server_grew_mib"] < 8


@pytest.mark.slow
@pytest.mark.parametrize("transport", ["ws", "tcp", "quic"])
@pytest.mark.parametrize("victim", ["sender", "receiver", "server"])
def test_whoever_is_killed_there_is_never_a_wrong_or_partial_file(victim: str, transport: str, tmp_path: Path) -> None:
    """Killed at random points, started again, until it is there."""
    dice = random.Random(f"{victim} {transport}")
    source, downloads = tmp_path / "source.bin", tmp_path / "in"
    source.write_bytes(random.randbytes(SIZES[transport]))
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    kept = []
    for round_ in range(ROUNDS):
        with ExitStack() as ended:
            server = ended.enter_context(Server("--transport", transport, "--state-dir", str(tmp_path / "state")))
            killed: dict[str, Any] = {
                "receiver": _start(ended, server.url, "taker", "--accept-files", "--downloads", str(downloads)),
                "server": server,
            }
            killed["sender"] = _start(ended, server.url, "giver", "--commands", say=f"/send taker {source}\n")
            limit = time.monotonic() + (dice.uniform(0.2, 2.0) if round_ < ROUNDS // 2 else 60)
            while time.monotonic() < limit and not _complete(downloads):
                time.sleep(0.02)
            killed[victim].send_signal(signal.SIGKILL)
        for name in _complete(downloads):
            assert hashlib.sha256((downloads / name).read_bytes()).hexdigest() == digest
            return
        kept.append(sum(each.stat().st_size for each in downloads.glob(".*.part")))
        assert kept == sorted(kept), "what was there is not used again"
    raise AssertionError(f"not there after {ROUNDS} rounds: {kept}")


def _complete(folder: Path) -> list[str]:
    """Return what has a name that looks complete."""
    return [each for each in os.listdir(folder) if not each.startswith(".")] if folder.exists() else []


def _start(ended: ExitStack, url: str, name: str, *options: str, say: str = "") -> subprocess.Popen[bytes]:
    """Start a client whose input stays open."""
    command = [*CHATCORE, "connect", url, "--username", name, "--retry-for", "1", "--json", *options]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment()
    )
    ended.callback(process.wait)
    ended.callback(process.kill)
    assert process.stdin is not None
    ended.enter_context(process.stdin)
    assert process.stdout is not None
    ended.enter_context(process.stdout)
    process.stdout.readline()  # it is logged in
    process.stdin.write(say.encode())
    process.stdin.flush()
    return process
