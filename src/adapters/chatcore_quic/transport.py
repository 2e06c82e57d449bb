"""What the package offers under the entry point group `chatcore.transports`."""

from __future__ import annotations

from chatcore.ports.transport import Accept, ConnectOptions, Link, ListenOptions
from chatcore_quic.client import connect
from chatcore_quic.server import QuicListener, listen


class QuicTransport:
    """The transport port over QUIC.

    Args:
        close_timeout: how long the peer may take to acknowledge what was written before `close`, in seconds.
    """

    def __init__(self, *, close_timeout: float = 5.0) -> None:
        self.name = "quic"
        self.schemes: tuple[str, ...] = ("quic", "https")
        self.default_port = 8765
        self.can_encrypt = True
        self.uses_files = False
        self.close_timeout = close_timeout

    async def listen(self, options: ListenOptions, accept: Accept) -> QuicListener:
        """Listen; raises `ConfigurationError` with one clear sentence when that is not possible."""
        return await listen(options, accept, self.close_timeout)

    async def connect(self, url: str, options: ConnectOptions, accept: Accept) -> Link:
        """Connect; raises `ConnectionFailed` with one clear sentence when that is not possible.

        Raises `UntrustedCertificate` when neither an authority nor `options.fingerprints` vouches for the server.
        """
        return await connect(url, options, accept, self.close_timeout)
