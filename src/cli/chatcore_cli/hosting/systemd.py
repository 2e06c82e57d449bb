"""What systemd tells a service, and is told by it: sockets that are open already, "ready", signs of life.

Both protocols are a line or two each (sd_notify(3), sd_listen_fds(3)); what is to be had as a library is either C that
has to be built, or not looked after. Without systemd's variables, all of this does nothing.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import time
from collections.abc import MutableMapping
from typing import Final

from chatcore.errors import ConfigurationError

_FIRST_FD: Final = 3


class Service:
    """This process, as a service of systemd.

    Args:
        environ: the variables of the environment; those of systemd are taken out, as they are for this process alone.
    """

    def __init__(self, environ: MutableMapping[str, str]) -> None:
        self._address = environ.pop("NOTIFY_SOCKET", "")
        for_us = environ.pop("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        period = environ.pop("WATCHDOG_USEC", "")
        self._watchdog = int(period) / 2e6 if for_us and period.isdecimal() else 0.0
        self._timer: asyncio.TimerHandle | None = None

    def ready(self) -> None:
        """Say that people can connect, and from now on, as often as is asked for, that the event loop is alive."""
        self._say("READY=1")
        if self._watchdog and self._timer is None:
            self._show_life()

    def reloading(self) -> None:
        """Say that settings are being read again; `ready` ends that."""
        self._say(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self, patience: float) -> None:
        """Say that this is the end, which may take so many seconds."""
        self._say(f"STOPPING=1\nEXTEND_TIMEOUT_USEC={int(patience * 1e6)}")

    def close(self) -> None:
        """Say nothing more."""
        if self._timer is not None:
            self._timer.cancel()

    def _show_life(self) -> None:
        self._say("WATCHDOG=1")
        self._timer = asyncio.get_running_loop().call_later(self._watchdog, self._show_life)

    def _say(self, text: str) -> None:
        if not self._address or sys.platform == "win32":
            return
        # A name that begins with @ is one of the abstract kind (unix(7)).
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
                sock.setblocking(False)
                sock.sendto(text.encode(), address)
        except OSError:
            pass  # the chat does not depend on it


def take_sockets(environ: MutableMapping[str, str]) -> tuple[int, ...]:
    """Return the file descriptors of the sockets that systemd has opened for this process, once.

    Args:
        environ: the variables of the environment; those that tell of them are taken out.

    Raises:
        ConfigurationError: one of them is no socket, or one for somebody who has connected already.
    """
    pid, count = environ.pop("LISTEN_PID", ""), environ.pop("LISTEN_FDS", "")
    environ.pop("LISTEN_FDNAMES", None)
    if pid != str(os.getpid()) or not count.isdecimal():
        return ()
    found = tuple(range(_FIRST_FD, _FIRST_FD + int(count)))
    for fd in found:
        _check_socket(fd)
        os.set_inheritable(fd, False)
    return found


def _check_socket(fd: int) -> None:
    try:
        with socket.socket(fileno=os.dup(fd)) as sock:
            if sock.type is not socket.SOCK_STREAM or not _is_connected(sock):
                return
    except OSError:
        raise ConfigurationError(
            "LISTEN_FDS counts descriptor {fd}, which is no socket; a .socket unit for the server has ListenStream and "
            "ListenDatagram",
            fd=fd,
        ) from None
    raise ConfigurationError("systemd has taken a connection itself; say Accept=no in the .socket unit")


def _is_connected(sock: socket.socket) -> bool:
    try:
        sock.getpeername()
    except OSError:
        return False
    return True
