"""The `echo` dialect: every message comes back as it came. What WebSocket conformance suites talk to."""

from __future__ import annotations

from typing import Final

from chatcore.commands import Command
from chatcore.dialects.base import Answer, Received, Request
from chatcore.errors import Sentence
from chatcore.events import ServerEvent
from chatcore.limits import Limits
from chatcore.ports.transport import CloseReason

IS_ECHO: Final = Sentence("this is an echo server and no chat: it sends back what it gets")
"""What the other dialects say of a server that returns their login."""


class _Machine:
    """What both sides share: they know no users and no time."""

    def __init__(self) -> None:
        self._out: list[bytes] = []

    def receive_eof(self) -> None:
        """Nothing is left to say."""

    def data_to_send(self) -> list[bytes]:
        """Return what is to be sent."""
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


class EchoServerMachine(_Machine):
    """The server's side: sends back what it gets."""

    def receive_data(self, data: bytes) -> None:
        """Send it back."""
        self._out.append(data)

    def events_received(self) -> list[Request | Answer]:
        """Nobody asks for anything here."""
        return []

    def send_event(self, event: ServerEvent, reply_to: str | None = None) -> None:
        """Leave it out."""


class EchoClientMachine(_Machine):
    """The client's side: there is nothing in an echo that a chat could show."""

    def receive_data(self, data: bytes) -> None:
        """Leave it out."""

    def events_received(self) -> list[Received]:
        """Nobody says anything here."""
        return []

    def send_command(self, command: Command, reply_to: str | None = None) -> None:
        """Leave it out."""


class EchoDialect:
    """Implements `chatcore.dialects.base.Dialect`."""

    name = "echo"
    has_login = False

    def server(self, limits: Limits, *, boundaries: bool, keepalive: bool, now: float) -> EchoServerMachine:
        """Return the server's side of a new connection."""
        return EchoServerMachine()

    def client(self, limits: Limits, *, boundaries: bool, keepalive: bool, now: float) -> EchoClientMachine:
        """Return the client's side of a new connection."""
        return EchoClientMachine()

    def encode(self, event: ServerEvent, *, boundaries: bool) -> bytes | None:
        """Leave it out."""
        return None


dialect = EchoDialect()
