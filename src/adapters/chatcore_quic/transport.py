"""What the package offers under the entry point group `chatcore.transports`."""

from __future__ import annotations

import os

from chatcore.ports.transport import Accept, ConnectOptions, Link, ListenOptions
from chatcore_quic.client import connect
from chatcore_quic.server import QuicListener, listen


class QuicTransport:
    """The transport port over QUIC.

    Args:
        close_timeout: how long the peer may take to acknowledge what was written before `close`, in seconds.
        state_dir: where a server without a certificate keeps its own key; the user's state directory when left out,
            or what `CHATCORE_STATE_DIR` names.
    """

    def __init__(self, *, close_timeout: float = 5.0, state_dir: str | os.PathLike[str] | None = None) -> None:
        self.name = "quic"
        self.schemes: tuple[str, ...] = ("quic", "https")
        self.close_timeout = close_timeout
        self.state_dir = state_dir

    async def listen(self, options: ListenOptions, accept: Accept) -> QuicListener:
        """Listen; raises `ConfigurationError` with one clear sentence when that is not possible."""
        return await listen(options, accept, self.close_timeout, self.state_dir)

    async def connect(self, url: str, options: ConnectOptions, accept: Accept) -> Link:
        """Connect; raises `ConnectionFailed` with one clear sentence when that is not possible.

        `options.extra["fingerprint"]` pins the server's certificate: the SHA-256 of the certificate or of its key,
        in hex, or several of them. Without it the certificate has to be signed by an authority.
        """
        return await connect(url, options, accept, self.close_timeout)
