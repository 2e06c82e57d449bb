"""Stands for `chatcore` where a shell finds its programs: it has `chatcore` started in a fork, and ends as that ends.

    python -IS stand_in.py ADDRESS BEGUN COMMAND NAME ARGUMENT ...

ADDRESS is where one asks for forks (see `starting`), BEGUN what their environment says of how an interpreter begins:
in another one COMMAND is run. NAME is where the shell found this. Quick to begin, it imports nothing that is
installed.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

_OF_A_START: Final = ("PYTHON", "LANG", "LC_", "TZ")
_PASSED_ON: Final = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2)


def of_a_start(env: Mapping[str, str]) -> dict[str, str]:
    """Return what an environment says of how an interpreter begins, and in which language."""
    return {name: value for name, value in env.items() if name.startswith(_OF_A_START)}


def ask(address: str, streams: Sequence[int], **wanted: Any) -> socket.socket:
    """Ask for a fork; on the connection come its process id and, once it has ended, its exit code. Its end kills it."""
    asked = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    asked.connect(f"\0{address}")
    socket.send_fds(asked, [json.dumps(wanted).encode()], streams)
    return asked


def _stand_in(address: str, script: str, argv: list[str]) -> int:
    """Have a program run in this one's place, and return its exit code. Signals reach it as soon as it is there."""
    passed_on = [number for number in _PASSED_ON if signal.getsignal(number) is not signal.SIG_IGN]
    signal.pthread_sigmask(signal.SIG_BLOCK, passed_on)
    os.umask(umask := os.umask(0))
    place = {"env": dict(os.environ), "folder": os.getcwd(), "umask": umask}
    with ask(address, (0, 1, 2), argv=argv, script=script, place=place) as asked:
        os.close(0)  # it is the other one that reads and writes: its peers see when it stops
        os.close(1)
        pid = int(asked.recv(16))
        for number in passed_on:
            signal.signal(number, lambda number, _frame: os.kill(pid, number))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, passed_on)
        return int(asked.recv(16))


if __name__ == "__main__":
    _address, _begun, _words, *_argv = sys.argv[1:]
    _command = json.loads(_words)
    if of_a_start(os.environ) != json.loads(_begun):
        os.execvp(_command[0], [*_command, *_argv[1:]])
    _code = _stand_in(_address, _command[-1], _argv)
    if _code < 0:
        signal.signal(-_code, signal.SIG_DFL)
        os.kill(os.getpid(), -_code)
    os._exit(_code)  # its streams are closed
