"""What a client asks by itself, and no user waits for: asked before the rest, and again when it came too early."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Final

from chatcore.client.patience import patience_for
from chatcore.commands import Command, LogIn, MarkRead, ReadHistory
from chatcore.dialects.base import Request
from chatcore.errors import ErrorCode
from chatcore.events import Refused
from chatcore.text.names import name_key

# For so many seconds a login waits on its connection.
_LOGIN_PATIENCE: Final = 5.0


class Own(StrEnum):
    """Kinds of these requests: each is the id that its answer carries, that of a mark with a number for its room."""

    LOGIN = "login"
    REJOIN = "rejoin"
    REFILL = "refill"
    READ = "read"
    LOGOUT = "logout"


class OwnRequests:
    """The requests of one connection. `now` is the time in seconds of the monotonic clock.

    Args:
        refills: returns what asks for everything that did not come; all of these requests carry one id.
    """

    def __init__(self, refills: Callable[[], Iterable[ReadHistory]]) -> None:
        self.patient_until: float | None = None
        """Nothing is asked before, because one of these came too early."""
        self._refills = refills
        self._to_send: list[Request] = []
        self._asked: dict[str | None, Request] = {}  # the last one of each id
        self._rooms: dict[str, int] = {}  # those that marks were of, by the keys of their names

    def begin(self, login: LogIn) -> None:
        """Log in, on a new connection."""
        self.patient_until = None
        self._to_send = [Request(login, Own.LOGIN)]

    def stop(self) -> None:
        """Ask nothing more on this connection."""
        self._to_send.clear()

    def ask(self, command: Command, kind: Own) -> None:
        """Ask for something."""
        request = Request(command, kind)
        if isinstance(command, MarkRead):
            number = self._rooms.setdefault(name_key(command.room or ""), len(self._rooms) + 1)
            request = Request(command, f"{kind}{number}")
            self._to_send = [each for each in self._to_send if each.reply_to != request.reply_to]  # it goes further
        self._to_send.append(request)

    def requests_to_send(self) -> list[Request]:
        """Return what to pass on to the server now, once each."""
        out, self._to_send = self._to_send, []
        self._asked |= {request.reply_to: request for request in out}
        return out

    def handle_timer(self, now: float) -> None:
        """Go on after the server asked for patience."""
        if self.patient_until is not None and now >= self.patient_until:
            self.patient_until = None

    def put_off(self, refusal: Refused, reply_to: str | None, now: float) -> bool:
        """Ask again later if that is why it was refused; tell whether it is."""
        if reply_to not in self._asked or not _is_for_now(refusal, reply_to):
            return False
        again = [self._asked[reply_to]]
        if reply_to == Own.REFILL:
            self._to_send = [each for each in self._to_send if each.reply_to != Own.REFILL]
            again = [Request(missing, Own.REFILL) for missing in self._refills()]
        elif isinstance(again[0].command, MarkRead) and any(each.reply_to == reply_to for each in self._to_send):
            again = []  # what waits already goes as far
        self._to_send += again
        self.patient_until = max(self.patient_until or 0.0, now + patience_for(refusal))
        return True


def _is_for_now(refusal: Refused, reply_to: str | None) -> bool:
    """Tell whether what was refused is to be asked again here; a login that nothing is kept of ends its connection.

    So does one that comes so much too early that the server would not wait for the next one.
    """
    if reply_to == Own.LOGIN and patience_for(refusal) > _LOGIN_PATIENCE:
        return False
    return refusal.code == ErrorCode.RATE_LIMITED or (refusal.code == ErrorCode.UNAVAILABLE and reply_to != Own.LOGIN)
