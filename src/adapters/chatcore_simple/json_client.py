"""The client's side of `simple-json`: our client at other people's servers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from chatcore.commands import Command, ListUsers, LogIn, Send, SendDirect
from chatcore.dialects.echo import IS_ECHO
from chatcore.errors import ErrorCode, Sentence
from chatcore.limits import Limits
from chatcore.ports.transport import CloseReason
from chatcore_simple.client import DUE, LONGEST, SERVER, ClientSide
from chatcore_simple.json_server import object_payload
from chatcore_simple.objects import ObjectScanner

# Under these, servers in the wild put what they want shown, and who said it.
_TEXTS: Final = ("content", "message", "text", "error")
_SENDERS: Final = ("username", "from", "sender", "user", "pseudo")
_GOOD: Final = frozenset({"success", "ok", "succes", "succès"})
_PATIENCE: Final = 10.0
"""After so many seconds a server that says nothing to a message has passed it on, and tells nobody who is there."""


class _Asked(NamedTuple):
    command: Command
    reply_to: str | None
    payload: bytes


class JsonClientMachine(ClientSide):
    """Implements `chatcore.dialects.base.ClientMachine`.

    Asks for one thing at a time: answers carry no id, and many servers take what one `recv` brings for one object.
    """

    def __init__(self, limits: Limits, *, boundaries: bool, now: float, clock: Callable[[], float]) -> None:
        super().__init__(limits, boundaries=boundaries, now=now, clock=clock)
        self._scanner = ObjectScanner(LONGEST)
        self._asked: deque[_Asked] = deque()
        """Without an answer; the first one was sent."""
        self._answer_by: float | None = None
        """When to stop waiting for the answer to it; None as long as nobody has looked at the clock."""

    def receive_data(self, data: bytes) -> None:
        """Take a message, or on a stream the next bytes, cut anywhere."""
        if self._close is not None:
            return
        objects, error = self._scanner.feed(data)
        for found in objects:
            if self._close is None:
                self._receive_object(found)
        if error is not None and self._close is None:
            code = ErrorCode.TOO_LARGE if error.too_large else ErrorCode.BAD_JSON
            self._dismissed(
                code, Sentence("the server sent something unreadable: {why}", why=str(error)), 1.0, CloseReason.BAD_DATA
            )

    def receive_eof(self) -> None:
        """End: nothing more will come, and half an object is worth nothing."""
        self._scanner.clear()

    def get_timer(self) -> float | None:
        """Return when to call `handle_timer`."""
        timers = [super().get_timer()]
        if self._waits:
            timers.append(DUE if self._answer_by is None else self._answer_by)
        return min((timer for timer in timers if timer is not None), default=None)

    def handle_timer(self, now: float) -> None:
        """Stop waiting for an answer that does not come, for what follows waits too."""
        super().handle_timer(now)
        if not self._waits:
            return
        if self._answer_by is None:
            self._answer_by = now + _PATIENCE
        elif now >= self._answer_by:
            command, reply_to, _ = self._next_answered()
            if isinstance(command, Send):
                self._said(command, reply_to)
            else:
                self._refuse(ErrorCode.UNKNOWN_TYPE, Sentence("this server does not tell who is there"), reply_to)

    @property
    def _waits(self) -> bool:
        return self._welcomed and bool(self._asked) and self._close is None

    def _log_in(self) -> None:
        self._request(LogIn(self._username), self._login, {"type": "login", "username": self._username})

    def _log_out(self) -> None:
        self._dismissed(ErrorCode.LOGGED_OUT, "goodbye", None, CloseReason.NORMAL)  # to hang up is the only way

    def _list_users(self, reply_to: str | None) -> None:
        self._request(ListUsers(), reply_to, {"type": "list"})

    def _send(self, command: Send, reply_to: str | None) -> None:
        if isinstance(command, SendDirect):
            self._refuse(ErrorCode.UNKNOWN_TYPE, Sentence("this server has no direct messages"), reply_to, command)
            return
        # Everybody is in the one room, so a message is a broadcast too.
        found = {"type": "message", "username": self._username, "content": command.text}
        self._request(command, reply_to, found)

    def _request(self, command: Command, reply_to: str | None, found: dict[str, Any]) -> None:
        # As those programs do: without a line end.
        self._asked.append(_Asked(command, reply_to, object_payload(found, boundaries=True)))
        if len(self._asked) == 1:
            self._out.append(self._asked[0].payload)

    def _next_answered(self) -> _Asked:
        asked = self._asked.popleft()
        self._answer_by = None
        if self._asked:
            self._out.append(self._asked[0].payload)
        return asked

    def _receive_object(self, found: dict[str, Any]) -> None:
        sender, text = _first(found, _SENDERS), _first(found, _TEXTS)
        match found:
            case {"type": "login"} if not self._welcomed:
                self._dismissed(ErrorCode.FORBIDDEN, IS_ECHO, None, CloseReason.NORMAL)
            case {"status": str(status)} if status.casefold() not in _GOOD:
                self._answered(success=False, message=text)
            case {"users": list(users)}:
                self._answered_with_users([name for name in users if isinstance(name, str)])
            case {"status": str()}:
                self._answered(success=True, message=text)
            case {"type": "message"} if sender and any(key in found for key in _TEXTS):
                self._heard(sender, text)
            case _ if text:
                self._heard(SERVER, text)

    def _answered_with_users(self, users: list[str]) -> None:
        if self._asked and isinstance(self._asked[0].command, ListUsers):
            self._listed(users, self._next_answered().reply_to)
        elif self._welcomed:
            self._picture(users)

    def _answered(self, *, success: bool, message: str) -> None:
        if not self._asked or (success and isinstance(self._asked[0].command, ListUsers)):
            # It answers something else, too late.
            if message:
                self._heard(SERVER, message)
            return
        command, reply_to, _ = self._next_answered()
        if isinstance(command, LogIn):
            self._welcome() if success else self._login_refused(message or "the server refused the login")
        elif isinstance(command, Send) and success:
            self._said(command, reply_to)
        else:
            self._refuse(ErrorCode.FORBIDDEN, message or Sentence("the server refused it"), reply_to, command)


def _first(found: dict[str, Any], keys: tuple[str, ...]) -> str:
    """Return the first text under one of the keys; an empty one if there is none."""
    return next((found[key] for key in keys if isinstance(found.get(key), str)), "")
