"""The `echo` dialect: every message comes back as it came. What WebSocket conformance suites talk to."""

from __future__ import annotations

from chatcore.dialects.base import Answer, Request
from chatcore.events import ServerEvent
from chatcore.limits import Limits
from chatcore.ports.transport import CloseReason


class EchoMachine:
    """Both sides of it. Knows no users, so it never asks for anything and is told nothing."""

    def __init__(self) -> None:
        self._out: list[bytes] = []

    def receive_data(self, data: bytes) -> None:
        """Send it back."""
        self._out.append(data)

    def receive_eof(self) -> None:
        """Nothing is left to say."""

    def events_received(self) -> list[Request | Answer]:
        """Nobody asks for anything here."""
        return []

    def send_event(self, event: ServerEvent, reply_to: str | None = None) -> None:
        """Leave it out."""

    def data_to_send(self) -> list[bytes]:
        """Return what is to go back."""
        out, self._out = self._out, []
        return out

    def close_expected(self) -> CloseReason | None:
        """Whoever calls hangs up."""
        return None

    def get_timer(self) -> float | None:
        """No time passes here."""
        return None

    def handle_timer(self, now: float) -> None:
        """Nothing is due."""


class EchoDialect:
    """Implements `chatcore.dialects.base.Dialect`."""

    name = "echo"

    def server(self, limits: Limits, *, boundaries: bool, keepalive: bool, now: float) -> EchoMachine:
        """Return the server's side of a new connection."""
        return EchoMachine()

    def encode(self, event: ServerEvent, *, boundaries: bool) -> bytes | None:
        """Leave it out."""
        return None


dialect = EchoDialect()
