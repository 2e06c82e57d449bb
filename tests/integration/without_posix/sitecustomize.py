"""Takes away from a Python what it lacks on Windows, so that programs show that they do without.

Found on PYTHONPATH by the interpreter itself. What the standard library needs on this system stays; so does what is
looked up by the name of the system, which the type checker goes through (`mypy --platform win32`).
"""

import asyncio
import os
import shutil  # noqa: F401 - before what it imports is gone
import signal
import socket
import subprocess  # noqa: F401
import sys
import tempfile  # noqa: F401

for name in ("curses", "grp", "pty", "pwd", "termios", "tty", "uvloop"):
    sys.modules[name] = None  # type: ignore[assignment]

for owner, names in (
    (signal, "SIGALRM SIGCHLD SIGCONT SIGHUP SIGKILL SIGPIPE SIGQUIT SIGSTOP SIGTSTP SIGUSR1 SIGUSR2 SIGWINCH"),
    (os, "O_CLOEXEC O_DIRECTORY O_NOFOLLOW O_NONBLOCK chown fchown fork getegid getgid killpg"),
    (os, "mkfifo openpty pread pwrite sched_getaffinity setsid"),
    (socket, "AF_NETLINK MSG_DONTWAIT MSG_NOSIGNAL SO_PEERCRED SO_REUSEPORT TCP_INFO TCP_NOTSENT_LOWAT"),
):
    for name in names.split():
        if hasattr(owner, name):
            delattr(owner, name)
if hasattr(os, "process_cpu_count"):  # from Python 3.13 on: on Windows it is that
    os.process_cpu_count = os.cpu_count


def _not_here(*_arguments: object, **_more: object) -> None:
    """The event loop of Windows waits for operations, not for descriptors, and knows no signals."""
    raise NotImplementedError


for name in ("add_reader", "add_signal_handler", "add_writer", "connect_read_pipe", "connect_write_pipe"):
    setattr(asyncio.SelectorEventLoop, name, _not_here)
