"""What a client asks by itself, and no user waits for: asked before the rest, and again when it came too early."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Final

from chatcore.client.patience import patience_for
from chatcore.commands import Command, LogIn, ReadHistory
from chatcore.dialects.base import Request
from chatcore.errors import ErrorCode
from chatcore.events import Refused

# For so many seconds a login waits on its connection.
_LOGIN_PATIENCE: Final = 5.0


class Own(StrEnum):
    """Kinds of these requests: each is the id that its answer carries."""

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
        self._asked: dict[str | None, Request] = {}  # the last one of each kind

    def begin(self, login: LogIn) -> None:
        """Log in, on a new connection."""
        self.patient_until = None
        self._to_send = [Request(login, Own.LOGIN)]

    def stop(self) -> None:
        """Ask nothing more on this connection."""
        self._to_send.clear()

    def ask(self, command: Command, kind: Own) -> None:
        """Ask for something."""
        self._to_send.append(Request(command, kind))

    def requests_to_send(self) -> list[Request]:
        """Return what to pass on to the server now, once each."""
        out, self._to_send = self._to_send, []
        self._asked |= {request.reply_to: request for request in out}
        return out

    def handle_timer(self, now: float) -> None:
        """Go on after the server asked for patience."""
        if self.patient_until is not None and now >= self.patient_until:
            self.patient_until = None

    def put_off(self, refusal: Refused, kind: str | None, now: float) -> bool:
        """Ask again later if that is why it was refused; tell whether it is."""
        if kind not in self._asked or not _is_for_now(refusal, kind):
            return False
        again = [self._asked[kind]]
        if kind == Own.REFILL:
            self._to_send = [each for each in self._to_send if each.reply_to != Own.REFILL]
            again = [Request(missing, Own.REFILL) for missing in self._refills()]
        self._to_send += again
        self.patient_until = max(self.patient_until or 0.0, now + patience_for(refusal))
        return True


def _is_for_now(refusal: Refused, kind: str | None) -> bool:
    """Tell whether what was refused is to be asked again here; a login that nothing is kept of ends its connection.

    So does one that comes so much too early that the server would not wait for the next one.
    """
    if kind == Own.LOGIN and patience_for(refusal) > _LOGIN_PATIENCE:
        return False
    return refusal.code == ErrorCode.RATE_LIMITED or (refusal.code == ErrorCode.UNAVAILABLE and kind != Own.LOGIN)
