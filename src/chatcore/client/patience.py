"""What a client holds back because the server wants it later: no more than what would be refused until then."""

from __future__ import annotations

from typing import Final

from chatcore.commands import Command, Read, SendBroadcast, SendMessage
from chatcore.errors import ErrorCode
from chatcore.events import ClientEvent, LimitsChanged, Refused, RoomEntered, RoomModerated, ServerEvent

# Kinds of requests whose own limit has nothing to do with reading; the limit of all requests does.
_OWN_LIMITS: Final = frozenset({"messages", "files"})
# What a slow room lets wait.
_SAID_IN_ROOMS: Final = (SendMessage, SendBroadcast)
# What makes somebody wait less in a slow room, or not at all.
_SPEEDS_UP: Final = frozenset({"set_slow", "set_role"})
_SHORTEST_WAIT: Final = 0.05
_USUAL_WAIT: Final = 1.0


def patience_for(refusal: Refused) -> float:
    """Return for how many seconds the server wants not to be asked, by its refusal."""
    return max(_SHORTEST_WAIT, refusal.retry_after or _USUAL_WAIT)


class Patience:
    """Until when what has to wait. `now` is the time in seconds of the monotonic clock."""

    def __init__(self) -> None:
        self.all_until: float | None = None
        self.changes_until: float | None = None
        """What only reads goes on, ahead of them."""
        self.room_until: float | None = None
        """What is said in a slow room waits; everything else goes on, ahead of it: its user can leave, for one."""

    @property
    def until(self) -> float | None:
        """When everything goes on; None when it is waiting for nothing."""
        return max(self._times(), default=None)

    @property
    def next(self) -> float | None:
        """When something goes on."""
        return min(self._times(), default=None)

    def _times(self) -> list[float]:
        times = (self.all_until, self.changes_until, self.room_until)
        return [each for each in times if each is not None]

    @property
    def is_for_some(self) -> bool:
        """Whether something has to wait that something else need not wait for."""
        return self.changes_until is not None or self.room_until is not None

    def holds(self, command: Command) -> bool:
        """Tell whether this has to wait, which need not be all."""
        if self.changes_until is not None and not isinstance(command, Read):
            return True
        return self.room_until is not None and isinstance(command, _SAID_IN_ROOMS)

    def wait(self, refusal: Refused, command: Command, now: float) -> bool:
        """Wait as long as the server wants that has refused a command; tell whether something need not wait."""
        until = now + patience_for(refusal)
        if refusal.code == ErrorCode.SLOW_MODE and isinstance(command, _SAID_IN_ROOMS):
            self.room_until = max(self.room_until or 0.0, until)
            return True
        if isinstance(command, Read) or not _is_about_changes(refusal):
            self.all_until = max(self.all_until or 0.0, until)
            return False
        self.changes_until = max(self.changes_until or 0.0, until)
        return True

    def handle_timer(self, now: float) -> None:
        """Go on with what has waited long enough."""
        if self.all_until is not None and now >= self.all_until:
            self.all_until = None
        if self.changes_until is not None and now >= self.changes_until:
            self.changes_until = None
        if self.room_until is not None and now >= self.room_until:
            self.room_until = None

    def heard(self, event: ServerEvent | ClientEvent) -> None:
        """Try at once what waits for something that may be over by what the server says."""
        if isinstance(event, LimitsChanged):
            self.end()
        elif isinstance(event, RoomEntered) or (isinstance(event, RoomModerated) and event.act in _SPEEDS_UP):
            self.room_until = None

    def end(self) -> None:
        """Wait for nothing any more."""
        self.all_until = self.changes_until = self.room_until = None


def _is_about_changes(refusal: Refused) -> bool:
    """Tell whether the server refuses for now what changes something, and would answer a question."""
    if refusal.code == ErrorCode.RATE_LIMITED:
        return refusal.values.get("what") in _OWN_LIMITS
    return refusal.code in {ErrorCode.SLOW_MODE, ErrorCode.UNAVAILABLE}
