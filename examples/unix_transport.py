"""A transport of one's own: chats over Unix sockets, for programs on one machine that share a folder.

    server:  ChatServer(listen=[Listen(UnixTransport(), "chat", ListenOptions(host="/run/chat.sock"))])
    client:  connect("unix:///run/chat.sock", username="alice", transport=UnixTransport())

It keeps the promises of `chatcore.ports.transport`; tests/integration/test_examples.py runs the contract tests on it.
"""

from __future__ import annotations

import asyncio
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from chatcore import ConfigurationError, ConnectionFailed
from chatcore.ports.transport import (
    WRITE_SECONDS,
    Accept,
    CloseReason,
    ConnectOptions,
    LinkHandler,
    ListenOptions,
    Lost,
    LostReason,
)

LINGER = 5.0  # how many seconds a peer may take to read the rest after `close`


class UnixLink(asyncio.Protocol):
    """One connection: an asyncio protocol on one side, `chatcore.ports.transport.Link` on the other."""

    transport = "unix"
    keeps_boundaries = False  # a stream of bytes
    checks_liveness = True  # when a process ends, the system tells its peer at once
    key_fingerprint: str | None = None
    format = "unix"
    write_seconds = WRITE_SECONDS  # those of a socket

    def __init__(self, buffer_bytes: int, accept: Accept, gone: Callable[[UnixLink], None]) -> None:
        self.address = ""
        self._buffer_bytes = buffer_bytes
        self._accept = accept
        self._gone = gone
        self._socket: asyncio.Transport
        self._user: LinkHandler
        self._ended: Lost | None = None
        self._paused = False
        self._lost = False

    # For its user.

    def frame(self, payload: bytes) -> bytes:
        """Return the payload as it is: a stream has no frames."""
        return payload

    def write(self, frames: bytes) -> None:
        """Hand over bytes; without effect once the link is closed."""
        if self._ended is None:
            self._socket.write(frames)

    def pause_reading(self) -> None:
        """Stop handing over data."""
        if not self._paused and self._ended is None:
            self._paused = True
            self._socket.pause_reading()

    def resume_reading(self) -> None:
        """Hand over data again."""
        if self._paused and self._ended is None:
            self._paused = False
            self._socket.resume_reading()

    def close(self, reason: CloseReason, message: str = "") -> None:
        """Close after everything written so far; a stream has no words for the reason."""
        if self._ended is None:
            self._ended = Lost(LostReason.CLOSED_HERE)
            self._socket.close()  # writes the rest first
            asyncio.get_running_loop().call_later(LINGER, self.abort)

    def abort(self) -> None:
        """Drop the connection at once."""
        self._ended = self._ended or Lost(LostReason.DROPPED_HERE)
        if not self._lost:
            self._socket.abort()

    # For asyncio.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Get a user."""
        self._socket = cast("asyncio.Transport", transport)
        self._socket.set_write_buffer_limits(high=self._buffer_bytes)
        self.address = transport.get_extra_info("peername") or "this machine"
        self._user = self._accept(self)

    def data_received(self, data: bytes) -> None:
        """Hand over what came."""
        if self._ended is not None:
            return
        try:
            self._user.data_received(data)
        except BaseException:
            self._ended = Lost(LostReason.INTERNAL)  # asyncio drops the connection, and reports the mistake
            raise

    def pause_writing(self) -> None:
        """Take note that more than `buffer_bytes` wait."""
        self._user.writing_paused()

    def resume_writing(self) -> None:
        """Take note that there is room again."""
        if self._ended is None:
            self._user.writing_resumed()

    def connection_lost(self, error: Exception | None) -> None:
        """Take note that the link is gone: the last thing that the user hears."""
        self._lost = True
        self._ended = self._ended or Lost(LostReason.CLOSED_BY_PEER)
        self._gone(self)
        user = self._user
        del self._user  # or they would keep each other from going
        user.connection_lost(self._ended)


class UnixListener:
    """Implements `chatcore.ports.transport.Listener`."""

    def __init__(self, options: ListenOptions, accept: Accept) -> None:
        self.path = Path(options.host)
        self.url = f"unix://{self.path}"
        self._options = options
        self._accept = accept
        self._links: set[UnixLink] = set()
        self._server: asyncio.Server
        self._nobody = asyncio.Event()
        self._nobody.set()

    async def start(self) -> None:
        """Listen. Raises `ConfigurationError`."""
        if _answers(self.path):
            raise ConfigurationError(f"{self.path} is in use by another program")
        try:
            loop = asyncio.get_running_loop()
            self._server = await loop.create_unix_server(self._admit, self.path)
        except OSError as error:
            raise ConfigurationError(f"cannot listen at {self.path}: {error.strerror}") from error

    def about(self) -> dict[str, Any]:
        """Return what a client may want to know before it connects."""
        return {"transport": "unix", "encrypted": False}

    def stop_accepting(self) -> None:
        """Take no new connections; the present ones stay."""
        if self._server.is_serving():
            self._server.close()
            self.path.unlink(missing_ok=True)

    async def wait_closed(self) -> None:
        """Stop accepting and wait until every connection is gone."""
        self.stop_accepting()
        await self._nobody.wait()

    def _admit(self) -> asyncio.Protocol:
        if self._options.connections.total >= self._options.max_connections:
            return _Refusal()
        link = UnixLink(self._options.buffer_bytes, self._accept, self._forget)
        self._links.add(link)
        self._options.connections.add(files=1)
        self._nobody.clear()
        return link

    def _forget(self, link: UnixLink) -> None:
        if link in self._links:
            self._links.remove(link)
            self._options.connections.remove(files=1)
        if not self._links:
            self._nobody.set()


class UnixTransport:
    """Implements `chatcore.ports.transport.Transport`. `ListenOptions.host` is the path of the socket."""

    name = "unix"
    schemes: tuple[str, ...] = ("unix",)
    default_port = 0
    can_encrypt = False
    uses_files = True

    async def listen(self, options: ListenOptions, accept: Accept) -> UnixListener:
        """Listen; raises `ConfigurationError` with one clear sentence when that is not possible."""
        listener = UnixListener(options, accept)
        await listener.start()
        return listener

    async def connect(self, url: str, options: ConnectOptions, accept: Accept) -> UnixLink:
        """Connect; raises `ConnectionFailed` with one clear sentence when that is not possible."""
        place = urlsplit(url)
        if place.scheme != "unix" or place.netloc or not place.path:
            raise ConnectionFailed(f"{url!r} is not the address of a Unix socket, like unix:///run/chat.sock")
        link = UnixLink(options.buffer_bytes, accept, lambda _link: None)
        try:
            async with asyncio.timeout(options.connect_timeout):
                await asyncio.get_running_loop().create_unix_connection(lambda: link, place.path)
        except OSError as error:
            raise ConnectionFailed(f"nothing listens at {url} ({error.strerror or 'no answer in time'})") from error
        return link


class _Refusal(asyncio.Protocol):
    """Hangs up on a connection that is one too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.Transport", transport).abort()


def _answers(path: Path) -> bool:
    """Tell whether a server listens there; asyncio would take the place of one without asking."""
    if not path.exists():
        return False
    with socket.socket(socket.AF_UNIX) as probe:
        return not stat.S_ISSOCK(path.stat().st_mode) or probe.connect_ex(str(path)) == 0


transport = UnixTransport()
