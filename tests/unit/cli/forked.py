"""What a test starts `chatcore` from: a program that has imported it, and becomes it in a fork.

    python forked.py NUMBER [MODULE]

On the socket of that number come connections, one for each program to start, with its arguments, environment and
streams. Back go its process id and, once it has ended, its exit code; closing the connection before kills it. All
ends with the standard input. MODULE is imported, too.
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
from typing import Any

import chatcore_cli


def _import_all(*more: str) -> None:
    """Import what programs import: the command line, and whatever it finds installed."""
    for module in pkgutil.walk_packages(chatcore_cli.__path__, "chatcore_cli."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    for group in ("transports", "dialects", "stores"):
        for point in entry_points(group=f"chatcore.{group}"):
            point.load()
    for name in ("uvloop", *more):
        import_module(name)
    gc.collect()
    gc.freeze()  # what is there stays, and shared: no fork looks through it, not even in its end


def _wait(listening: socket.socket) -> dict[str, Any]:
    """Fork whenever somebody asks, and return in the fork, with what is wanted of it."""
    woken, waker = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(waker)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    running: dict[int, socket.socket] = {}
    while True:
        ready, _, _ = select.select([0, listening, woken, *running.values()], [], [])
        if woken in ready:
            os.read(woken, 4096)
            _tell_the_end(running)
        for pid, asked in running.items():
            if 0 in ready or asked in ready:  # nobody waits for it any more
                os.kill(pid, signal.SIGKILL)
        if 0 in ready:
            sys.exit()
        if listening not in ready:
            continue
        asked, _ = listening.accept()
        message, streams, _, _ = socket.recv_fds(asked, 2**20, 3)
        if not message:
            asked.close()
            continue
        pid = os.fork()
        if not pid:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            wanted: dict[str, Any] = json.loads(message)
            _take(streams, **wanted["place"])
            for each in (listening, asked, *running.values()):
                each.close()
            for number in (woken, waker, *streams):
                os.close(number)
            return wanted
        for number in streams:
            os.close(number)
        running[pid] = asked
        _tell(asked, pid)


def _tell_the_end(running: dict[int, socket.socket]) -> None:
    while running:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        with running.pop(pid) as asked:
            _tell(asked, os.waitstatus_to_exitcode(status))


def _tell(asked: socket.socket, number: int) -> None:
    with suppress(BrokenPipeError):  # nobody waits for it any more
        asked.send(b"%d" % number)


def _take(
    streams: list[int], env: dict[str, str], folder: str, on_a_terminal: bool = False, umask: int | None = None
) -> None:
    """Have an environment, a folder, a session and streams as a program has them that was just started."""
    os.environ.clear()
    os.environ.update(env)
    os.chdir(folder)
    if umask is not None:
        os.umask(umask)
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
    _import_all(*sys.argv[2:])
    _wanted = _wait(socket.socket(fileno=int(sys.argv[1])))
    sys.argv = _wanted["argv"]
    _script = _wanted.get("script")
    sys.path[0] = os.path.dirname(_script) if _script else os.getcwd()
    runpy.run_module("chatcore_cli", run_name="__main__", alter_sys=not _script)
