"""Starts `chatcore` within milliseconds, in a fork of a process that has imported it: most of what its tests cost.

It is a process with a session, an environment, streams and a folder of its own, and it ends as an interpreter does.
Where the environment says how an interpreter begins, or in which language, one is started. Shells find a stand-in for
it on their path, when a test puts one there.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias

from tests.unit.cli import forked, stand_in
from tests.unit.cli.stand_in import ask, of_a_start

CHATCORE: Final = (sys.executable, "-m", "chatcore_cli")
# Runs a program as shells do: it is told when its terminal is closed.
_OF_THE_TERMINAL: Final = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


class Fork:
    """A running fork, as `subprocess.Popen` has it. Whoever starts one waits for its end.

    Args:
        told: the connection on which the process id and the exit code come.
    """

    def __init__(self, told: socket.socket) -> None:
        self._told = told
        self.pid = int(told.recv(16))
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
            with contextlib.suppress(ProcessLookupError):  # it has just ended, and is not told of yet
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def _look(self, timeout: float) -> int | None:
        if self.returncode is None and select.select([self._told], [], [], timeout)[0]:
            with self._told:
                self.returncode = int(self._told.recv(16))
        return self.returncode


Program: TypeAlias = "subprocess.Popen[bytes] | Fork"


def start(
    command: Sequence[str], env: Mapping[str, str], streams: tuple[int, int, int], *, on_a_terminal: bool = False
) -> Program:
    """Start a command with an environment and three streams; on a terminal, that one is the terminal of its session."""
    if sys.platform == "linux" and tuple(command[: len(CHATCORE)]) == CHATCORE and of_a_start(env) == _usual():
        place = {"env": dict(env), "folder": os.getcwd(), "on_a_terminal": on_a_terminal}
        return Fork(ask(_address(env), streams, argv=["chatcore", *command[len(CHATCORE) :]], place=place))
    stdin, stdout, stderr = streams
    return subprocess.Popen(
        [sys.executable, "-ISc", _OF_THE_TERMINAL, *command] if on_a_terminal else command,
        stdin=stdin, stdout=stdout, stderr=stderr, env=env, start_new_session=True,
    )  # fmt: skip


def put_on_path(folder: Path, env: Mapping[str, str], *, within: Sequence[str] = (), window: bool = False) -> Path:
    """Put a `chatcore` into a folder, for processes with that environment, and return its path.

    It stands for the one that is installed, and starts forks of a process that has imported it.

    Args:
        folder: where it is put.
        env: what most of those who start it have in their environment.
        within: the command that runs others as somebody else, or in another network.
        window: whether the window is imported, too.
    """
    words = command = [*within, str(Path(sys.executable).with_name("chatcore"))]
    name = []
    if sys.platform == "linux":
        address = _address(env, tuple(within), window=window)
        begun = json.dumps(of_a_start(env))
        words = [sys.executable, "-IS", stand_in.__file__, address, begun, json.dumps(command)]
        name = ['"$0"']
    path = folder / "chatcore"
    path.write_text(" ".join(["#!/bin/sh\nexec", shlex.join(words), *name, '"$@"\n']))
    path.chmod(0o755)
    return path


@cache
def _usual() -> dict[str, str]:
    from tests.unit.cli.processes import environment

    return of_a_start(environment())


def _address(env: Mapping[str, str], within: tuple[str, ...] = (), *, window: bool = False) -> str:
    """Return where one asks for forks whose interpreter began in an environment like that one."""
    return _forker(tuple(sorted(of_a_start(env).items())), within, window)


@cache
def _forker(begun: tuple[tuple[str, str], ...], within: tuple[str, ...], window: bool) -> str:
    """Start the process that is forked, and return where one asks it. It ends when this one does."""
    env = {name: value for name, value in os.environ.items() if not of_a_start({name: value})} | dict(begun)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
        listening.bind("")  # to an address that nobody has
        listening.listen(64)
        process = subprocess.Popen(
            [
                *within,
                sys.executable,
                forked.__file__,
                str(listening.fileno()),
                *(["chatcore_qt.app"] if window else []),
            ],
            stdin=subprocess.PIPE,  # its streams are what those of a program mostly are, and no files
            stdout=subprocess.PIPE,
            env=env,
            pass_fds=[listening.fileno()],
            start_new_session=True,
        )
        address: bytes = listening.getsockname()
    atexit.register(process.communicate)
    return address[1:].decode()
