"""What a test starts `chatcore` from: a program that has imported it, and becomes it in a fork.

    python forked.py NUMBER

On the socket of that number come, for each program to start, its arguments and environment, and four descriptors: its
streams, and a pipe that is told its process id and, once it has ended, its exit code.
"""

from __future__ import annotations

import gc
import io
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import sys
from contextlib import suppress
from importlib import import_module
from importlib.metadata import entry_points
from typing import Final

import chatcore_cli

FIELD: Final = 16
"""Bytes of each number that is told."""


def _import_all() -> None:
    """Import what programs import: the command line, and whatever it finds installed."""
    for module in pkgutil.walk_packages(chatcore_cli.__path__, "chatcore_cli."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    for group in ("transports", "dialects", "stores"):
        for point in entry_points(group=f"chatcore.{group}"):
            point.load()
    import_module("uvloop")
    gc.collect()
    gc.freeze()  # what is there stays, and shared: no fork looks through it, not even in its end


def _wait(asked: socket.socket) -> list[str]:
    """Fork whenever somebody asks, and return in the fork, with its arguments. Ends when nobody can ask any more."""
    woken, waker = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(waker)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    running: dict[int, int] = {}
    while True:
        ready, _, _ = select.select([asked, woken], [], [])
        if woken in ready:
            os.read(woken, 4096)
            _tell_the_end(running)
        if asked not in ready:
            continue
        message, given, _, _ = socket.recv_fds(asked, 2**20, 4)
        if not message:
            sys.exit()
        pid = os.fork()
        if not pid:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            wanted = json.loads(message)
            _take(given[:3], **wanted["place"])
            asked.close()
            for number in (woken, waker, *given, *running.values()):
                os.close(number)
            return list(wanted["args"])
        for number in given[:3]:
            os.close(number)
        running[pid] = given[3]
        os.write(given[3], b"%-*d" % (FIELD, pid))


def _tell_the_end(running: dict[int, int]) -> None:
    while running:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        with suppress(BrokenPipeError):  # nobody waits for it
            os.write(running[pid], b"%-*d" % (FIELD, os.waitstatus_to_exitcode(status)))
        os.close(running.pop(pid))


def _take(streams: list[int], env: dict[str, str], folder: str, on_a_terminal: bool) -> None:
    """Have an environment, a folder, a session and streams as a program has them that was just started."""
    os.environ.clear()
    os.environ.update(env)
    os.chdir(folder)
    sys.path[0] = folder
    os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    if on_a_terminal:
        import fcntl
        import termios

        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    assert isinstance(sys.stdout, io.TextIOWrapper)
    sys.stdout.reconfigure(line_buffering=sys.stdout.isatty())


if __name__ == "__main__":
    _import_all()
    sys.argv[1:] = _wait(socket.socket(fileno=int(sys.argv[1])))
    runpy.run_module("chatcore_cli", run_name="__main__", alter_sys=True)
