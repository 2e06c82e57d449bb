"""What the package offers under the entry point group `chatcore.transports`."""

from __future__ import annotations

from chatcore.ports.transport import Accept, ConnectOptions, Link, Listener, ListenOptions
from chatcore_ws.client import connect
from chatcore_ws.liveness import MachineAnswers, machine_answers
from chatcore_ws.server import listen


class WebSocketTransport:
    """The transport port over WebSocket.

    Args:
        close_timeout: how long the peer may take to answer our Close frame and to hang up, in seconds.
        message_timeout: how long a message may take from its first byte to its last, in seconds.
        machine_answers: how the system is asked whether a peer's machine is there, when its program says nothing.
    """

    def __init__(
        self,
        *,
        close_timeout: float = 5.0,
        message_timeout: float = 30.0,
        machine_answers: MachineAnswers = machine_answers,
    ) -> None:
        self.name = "ws"
        self.schemes: tuple[str, ...] = ("ws", "wss")
        self.default_port = 8765
        self.can_encrypt = True
        self.uses_files = True
        self.close_timeout = close_timeout
        self.message_timeout = message_timeout
        self.machine_answers = machine_answers

    async def listen(self, options: ListenOptions, accept: Accept) -> Listener:
        """Listen; raises `ConfigurationError` with one clear sentence when that is not possible."""
        return await listen(
            options,
            accept,
            close_timeout=self.close_timeout,
            message_timeout=self.message_timeout,
            machine_answers=self.machine_answers,
        )

    async def connect(self, url: str, options: ConnectOptions, accept: Accept) -> Link:
        """Connect; raises `ConnectionFailed` with one clear sentence when that is not possible."""
        return await connect(url, options, accept, self.close_timeout, self.message_timeout)
