"""Starts `chatcore` within milliseconds, in a fork of a process that has imported it: most of what its tests cost.

It is a process with a session, an environment, streams and a folder of its own, and it ends as an interpreter does.
Where the environment says how an interpreter begins, or in which language, one is started.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias

from tests.unit.cli.forked import FIELD

CHATCORE: Final = (sys.executable, "-m", "chatcore_cli")
# Runs a program as shells do: it is told when its terminal is closed.
_OF_THE_TERMINAL: Final = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
_OF_A_START: Final = ("PYTHON", "LANG", "LC_", "TZ")


class Fork:
    """A running fork, as `subprocess.Popen` has it. Whoever starts one waits for its end.

    Args:
        told: a descriptor, from which the process id and the exit code are read.
    """

    def __init__(self, told: int) -> None:
        self._told = told
        self.pid = int(os.read(told, FIELD))
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return its exit code when it has ended."""
        return self._look(0)

    def wait(self, timeout: float) -> int:
        """Wait for its end, and return its exit code. Raises `subprocess.TimeoutExpired`."""
        code = self._look(timeout)
        if code is None:
            raise subprocess.TimeoutExpired("chatcore", timeout)
        return code

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def _look(self, timeout: float) -> int | None:
        if self.returncode is None and select.select([self._told], [], [], timeout)[0]:
            self.returncode = int(os.read(self._told, FIELD))
            os.close(self._told)
        return self.returncode


Program: TypeAlias = "subprocess.Popen[bytes] | Fork"


def start(
    command: Sequence[str], env: Mapping[str, str], streams: tuple[int, int, int], *, on_a_terminal: bool = False
) -> Program:
    """Start a command with an environment and three streams; on a terminal, that one is the terminal of its session."""
    forker = _forker() if sys.platform == "linux" and tuple(command[: len(CHATCORE)]) == CHATCORE else None
    if forker is not None and _of_a_start(env) == forker.begun:
        place = {"env": dict(env), "folder": os.getcwd(), "on_a_terminal": on_a_terminal}
        return forker.fork(json.dumps({"args": command[len(CHATCORE) :], "place": place}).encode(), streams)
    stdin, stdout, stderr = streams
    return subprocess.Popen(
        [sys.executable, "-ISc", _OF_THE_TERMINAL, *command] if on_a_terminal else command,
        stdin=stdin, stdout=stdout, stderr=stderr, env=env, start_new_session=True,
    )  # fmt: skip


class _Forker:
    """The process that is forked. It ends when this one does.

    Attributes:
        begun: what its environment says of how an interpreter begins.
    """

    def __init__(self, env: Mapping[str, str]) -> None:
        self.begun = _of_a_start(env)
        self._asked, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with other:
            self._process = subprocess.Popen(
                [sys.executable, Path(__file__).with_name("forked.py"), str(other.fileno())],
                stdin=subprocess.PIPE,  # its streams are what those of a program mostly are, and no files
                stdout=subprocess.PIPE,
                env=env,
                pass_fds=[other.fileno()],
                start_new_session=True,
            )
        atexit.register(self._end)

    def fork(self, wanted: bytes, streams: tuple[int, int, int]) -> Fork:
        told, telling = os.pipe()
        socket.send_fds(self._asked, [wanted], [*streams, telling])
        os.close(telling)
        return Fork(told)

    def _end(self) -> None:
        self._asked.close()
        with self._process:
            pass


@cache
def _forker() -> _Forker:
    from tests.unit.cli.processes import environment

    return _Forker(environment())


def _of_a_start(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name.startswith(_OF_A_START)}
