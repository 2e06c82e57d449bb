"""What we do with TCP sockets, and what they tell."""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from typing import Any, Final, NamedTuple, Protocol

if sys.platform == "linux":
    import fcntl

    try:
        import termios
    except ImportError:
        termios = None  # type: ignore[assignment]  # not every Python has it


async def accept(loop: asyncio.AbstractEventLoop, sock: socket.socket) -> tuple[socket.socket, Any]:
    """Return the next connection of a listening socket, and where it comes from. Whoever is cancelled has taken none.

    The event loops' own `sock_accept` forgets what it has taken when it is cancelled in that turn: nobody would serve
    it, or hang up. That of Windows does not, and has nothing else.
    """
    while True:
        try:
            client, address = sock.accept()
        except (BlockingIOError, InterruptedError):
            readable = loop.create_future()
            try:
                loop.add_reader(sock, settle, readable)
            except NotImplementedError:
                return await loop.sock_accept(sock)
            try:
                await readable
            finally:
                loop.remove_reader(sock)
        else:
            client.setblocking(False)
            return client, address


def settle(future: asyncio.Future[None]) -> None:
    """Tell whoever waits for a socket that it is ready."""
    if not future.done():
        future.set_result(None)


def prepare_stream(sock: socket.socket, buffer_bytes: int) -> None:
    """Set what both sides want of a TCP socket."""
    sock.setblocking(False)
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hasattr(socket, "TCP_NOTSENT_LOWAT"):
            # The system would take megabytes for a peer that does not read, and we would learn that late.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, buffer_bytes)
    except OSError:
        pass  # gone already; reading will tell


class SocketLike(Protocol):
    """What `tcp_info` needs of a socket."""

    def getsockopt(self, level: int, option: int, size: int, /) -> bytes:
        """Return an option of the socket."""
        ...


class TcpInfo(NamedTuple):
    """What Linux knows about a TCP connection (`struct tcp_info` in linux/tcp.h)."""

    probes: int
    """How many times the peer was asked for a sign of life, or for room, and did not answer."""
    unacknowledged: int
    """How many segments were sent and are not acknowledged."""
    last_sent: int
    """How long ago the last data was sent, in milliseconds."""
    last_acknowledged: int
    """How long ago the last acknowledgement came, in milliseconds."""
    window: int | None
    """For how many bytes the peer says that it has room; None before Linux 5.4."""


_FIN_WAIT2: Final = 5  # linux/tcp_states.h
_INFO: Final = struct.Struct("=3xB20xI16xI8xI")
_WINDOW: Final = struct.Struct("=228xI")


def tcp_info(sock: SocketLike | None) -> TcpInfo | None:
    """Return what the system knows about a connection; None where it does not tell."""
    if sys.platform != "linux" or sock is None:
        return None
    try:
        info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _WINDOW.size)
    except (OSError, TypeError):
        return None
    if len(info) < _INFO.size:
        return None
    probes, unacknowledged, sent, acknowledged = _INFO.unpack_from(info)
    window = _WINDOW.unpack(info)[0] if len(info) >= _WINDOW.size else None
    return TcpInfo(probes, unacknowledged, sent, acknowledged, window)


def has_taken_the_end(sock: SocketLike | None) -> bool:
    """Tell whether the peer's machine has all that was sent, and that nothing more comes; False where nobody knows."""
    if sys.platform != "linux" or sock is None:
        return False
    try:
        return sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == _FIN_WAIT2
    except (OSError, TypeError):
        return False


class Countable(SocketLike, Protocol):
    """What `bytes_read` needs of a socket."""

    def fileno(self) -> int:
        """Return its file descriptor."""
        ...


_RECEIVED: Final = struct.Struct("=128xQ")


def bytes_read(sock: Countable | None) -> int | None:
    """Return how many bytes of a TCP connection have been read so far; None where the system does not tell."""
    if sys.platform != "linux" or sock is None:
        return None
    try:
        info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _RECEIVED.size)
        waiting = _waiting(sock)  # behind the other one: what comes in between is not read either
    except (AttributeError, OSError, TypeError, ValueError):
        return None
    return None if len(info) < _RECEIVED.size else int(_RECEIVED.unpack(info)[0]) - waiting


def _waiting(sock: Countable) -> int:
    """Return how many bytes have come and are not read."""
    if sys.platform == "linux":
        number = bytearray(4)
        fcntl.ioctl(sock.fileno(), termios.FIONREAD, number)
        return int.from_bytes(number, sys.byteorder)
    return 0
