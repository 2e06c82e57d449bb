"""What the servers' sides of both dialects share: requests and answers in their turn, the login, the end."""

from __future__ import annotations

from typing import Final

from chatcore.commands import Command, LogOut
from chatcore.dialects.base import Answer, Request
from chatcore.errors import ErrorCode
from chatcore.events import Dismissed, Refused, ServerEvent, Welcomed
from chatcore.limits import Limits
from chatcore.ports.transport import CloseReason
from chatcore.text.names import name_key

# What requests carry as their id, so that their answers can be told apart.
LOGIN: Final = "login"
LOGOUT: Final = "logout"
MESSAGE: Final = "message"
LIST: Final = "list"
RENAME: Final = "rename"


class ServerSide:
    """One connection of the server; the subclasses read and write. There is no resume: the session ends with it."""

    def __init__(self, limits: Limits, *, boundaries: bool, now: float) -> None:
        self._boundaries = boundaries
        self._out: list[bytes] = []
        self._requests: list[Request | Answer] = []
        self._close: CloseReason | None = None
        self._name = ""
        """The user's name, from the welcome to the end of the session."""
        self._logging_in = False
        self._login_by: float | None = now + limits.login_timeout

    def receive_eof(self) -> None:
        """End: nothing more will come, and whoever vanishes leaves at once."""
        self._end(CloseReason.NORMAL)

    def events_received(self) -> list[Request | Answer]:
        """Return what the user asked for, once each, and what to `send_event` in between."""
        requests, self._requests = self._requests, []
        return requests

    def data_to_send(self) -> list[bytes]:
        """Return the payloads to send, once each."""
        out, self._out = self._out, []
        return out

    def close_expected(self) -> CloseReason | None:
        """Return why the connection is to be closed now, None to keep it."""
        return self._close

    def get_timer(self) -> float | None:
        """Return when to call `handle_timer`; never again once the connection is to be closed."""
        return None if self._close is not None else self._login_by

    def handle_timer(self, now: float) -> None:
        """Send away whoever does not log in."""
        if self._login_by is not None and now >= self._login_by and self._close is None:
            self.send_event(Dismissed(ErrorCode.LOGIN_TIMEOUT, "no login came in time"))
            self._end(CloseReason.POLICY)

    def send_event(self, event: ServerEvent, reply_to: str | None = None) -> None:
        """Put an event for this connection alone into `data_to_send`."""
        if reply_to == LOGIN:
            self._logging_in = False
        if isinstance(event, Welcomed):
            self._name = event.username
            self._login_by = None
        elif isinstance(event, Dismissed) and event.reconnect_in is None:
            self._name = ""  # else its session would go on, which nobody could resume: it ends with the connection
        if reply_to != LOGOUT:
            self._tell(event, reply_to)

    def _tell(self, event: ServerEvent, reply_to: str | None) -> None:
        raise NotImplementedError

    def _is_me(self, name: str) -> bool:
        return name_key(name) == name_key(self._name)

    def _ask(self, command: Command, reply_to: str) -> None:
        self._logging_in |= reply_to == LOGIN
        self._requests.append(Request(command, reply_to))

    def _refuse(self, code: ErrorCode, message: str = "") -> None:
        self._requests.append(Answer(Refused(code, message)))

    def _end(self, reason: CloseReason) -> None:
        """End the connection, and the session with it."""
        if self._close is None:
            self._close = reason
            self._login_by = None
        if self._name or self._logging_in:
            self._name = ""
            self._logging_in = False
            self._requests.append(Request(LogOut(), LOGOUT))
