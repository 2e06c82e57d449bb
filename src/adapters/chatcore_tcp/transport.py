"""What the package offers under the entry point group `chatcore.transports`."""

from __future__ import annotations

from typing import Final

from chatcore.ports.transport import Accept, ConnectOptions, Link, Listener, ListenOptions
from chatcore_tcp.client import connect
from chatcore_tcp.server import listen

DEFAULT_PORT: Final = 12345
"""Where the coursework programs look for a server."""


class TcpTransport:
    """The transport port over plain TCP: no handshake, no frames, no encryption.

    Args:
        close_timeout: how long the peer may take to read our last words and to hang up, in seconds.
    """

    def __init__(self, *, close_timeout: float = 5.0) -> None:
        self.name = "tcp"
        self.schemes: tuple[str, ...] = ("tcp",)
        self.default_port = DEFAULT_PORT
        """The port of an address that names none."""
        self.uses_files = True
        self.can_encrypt = False
        self.close_timeout = close_timeout

    async def listen(self, options: ListenOptions, accept: Accept) -> Listener:
        """Listen; raises `ConfigurationError` with one clear sentence when that is not possible."""
        return await listen(options, accept, self.close_timeout)

    async def connect(self, url: str, options: ConnectOptions, accept: Accept) -> Link:
        """Connect; raises `ConnectionFailed` with one clear sentence when that is not possible."""
        return await connect(url, options, accept, self.close_timeout, self.default_port)
