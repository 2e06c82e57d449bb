"""Programs on a Python that lacks what Windows has not: modules, signals, and most of the event loop."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from chatcore_sqlite.hold import lock_first_byte
from tests.unit.cli.processes import Process, Server, run

PATH = str(Path(__file__).parent / "without_posix")


def lacking(home: Path) -> dict[str, str]:
    """Return the environment of such a Python, with a home of its own."""
    return {"PYTHONPATH": PATH, "HOME": str(home)}


def test_server_and_clients_talk_and_hand_over_a_file(tmp_path: Path) -> None:
    """Over WebSocket and QUIC, with a store; the server ends as it is told to."""
    env = lacking(tmp_path)
    places = ("--transport", "ws", "--transport", "quic", "--tls", "--store", "sqlite")
    sent = tmp_path / "sent.bin"
    sent.write_bytes(os.urandom(200_000))
    with Server(*places, "--state-dir", str(tmp_path / "server"), env=env) as server:
        link = server.out.wait_for(r"chatcore://\S+")[0]
        downloads = tmp_path / "downloads"
        options = ("--accept-files", "--downloads", str(downloads), "--stay", "--json")
        with Process("connect", f"{link}&via=wss", "--username", "bob", *options, env=env) as bob:
            bob.out.wait_for('"welcome"')
            lines = f"hello\n/send bob {sent}\n".encode()
            done = run("connect", f"{link}&via=quic", "--username", "alice", "--commands", stdin=lines, env=env)
            assert done.returncode == 0, done.stderr
            bob.out.wait_for('"text": "hello"')
            bob.out.wait_for('"file_received"')
            assert (downloads / "sent.bin").read_bytes() == sent.read_bytes()
            bob.send_signal(signal.SIGTERM)
            assert bob.wait() == 128 + signal.SIGTERM
        server.send_signal(signal.SIGTERM)
        assert server.wait() == 0
        assert "Traceback" not in server.said()
        assert "rror" not in server.said()


def test_lock_of_windows_is_one_byte_that_somebody_else_may_have() -> None:
    """`msvcrt.locking` refuses with EACCES; the store is in use then, and nothing is wrong with it."""
    asked: list[tuple[int, int, int]] = []
    lock_first_byte(7, lambda *arguments: asked.append(arguments), 2)
    assert asked == [(7, 2, 1)]

    def taken(*_arguments: int) -> None:
        raise PermissionError(13, "Permission denied")

    with pytest.raises(BlockingIOError):
        lock_first_byte(7, taken, 2)
