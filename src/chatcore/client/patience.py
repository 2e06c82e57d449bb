"""What a client holds back because the server wants it later: no more than what would be refused until then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from chatcore.commands import Command, Read, SendBroadcast, SendMessage
from chatcore.errors import ErrorCode
from chatcore.events import ClientEvent, LimitsChanged, Refused, RoomEntered, RoomModerated, ServerEvent
from chatcore.text.names import name_key

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


def slow_room(refusal: Refused) -> str | None:
    """Return the room that is too slow for what was refused; None where the server does not say it."""
    room = refusal.values.get("room")
    return name_key(room) if isinstance(room, str) and room else None


def _room_of(command: Command) -> str | None:
    """Return the room that a message is for; None where that is not known, and for everything else."""
    return name_key(command.room) if isinstance(command, SendMessage) and command.room else None


class Patience:
    """Until when what has to wait. `now` is the time in seconds of the monotonic clock."""

    def __init__(self) -> None:
        self.all_until: float | None = None
        self.changes_until: float | None = None
        """What only reads goes on, ahead of them."""
        self._rooms_until: dict[str | None, float] = {}
        """What is said in these slow rooms waits, by their keys; None where the server has not said which one it is.

        Everything else goes on, ahead of it: its user can leave, for one.
        """

    @property
    def until(self) -> float | None:
        """When everything goes on; None when it is waiting for nothing."""
        return max(self._times(), default=None)

    @property
    def next(self) -> float | None:
        """When something goes on."""
        return min(self._times(), default=None)

    def _times(self) -> list[float]:
        times = (self.all_until, self.changes_until, *self._rooms_until.values())
        return [each for each in times if each is not None]

    @property
    def is_for_some(self) -> bool:
        """Whether something has to wait that something else need not wait for."""
        return self.changes_until is not None or bool(self._rooms_until)

    def holds(self, command: Command) -> bool:
        """Tell whether this has to wait, which need not be all."""
        if self.changes_until is not None and not isinstance(command, Read):
            return True
        if not self._rooms_until or not isinstance(command, _SAID_IN_ROOMS):
            return False
        # What is said to everybody counts in the lobby and where its user is, and no other room is slow for long here.
        return None in self._rooms_until or _room_of(command) in (None, *self._rooms_until)

    def holds_each(self, commands: Iterable[Command]) -> Iterator[bool]:
        """Tell of each of some commands, in their order, whether it has to wait: also for one that stands before it.

        A message whose room is not known yet may be for the same as those behind it.
        """
        behind_such = False
        for command in commands:
            held = self.holds(command) or (behind_such and isinstance(command, SendMessage))
            behind_such |= held and isinstance(command, SendMessage) and _room_of(command) is None
            yield held

    def wait(self, refusal: Refused, command: Command, now: float) -> bool:
        """Wait as long as the server wants that has refused a command; tell whether something need not wait."""
        until = now + patience_for(refusal)
        if refusal.code == ErrorCode.SLOW_MODE and isinstance(command, _SAID_IN_ROOMS):
            room = _room_of(command) or slow_room(refusal)
            self._rooms_until[room] = max(self._rooms_until.get(room, 0.0), until)
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
        self._rooms_until = {room: until for room, until in self._rooms_until.items() if now < until}

    def heard(self, event: ServerEvent | ClientEvent) -> None:
        """Try at once what waits for something that may be over by what the server says."""
        if isinstance(event, LimitsChanged):
            self.end()
        elif isinstance(event, RoomEntered):
            self._rooms_until.clear()
        elif isinstance(event, RoomModerated) and event.act in _SPEEDS_UP:
            for room in (name_key(event.room), None):
                self._rooms_until.pop(room, None)

    def end(self) -> None:
        """Wait for nothing any more."""
        self.all_until = self.changes_until = None
        self._rooms_until.clear()


def _is_about_changes(refusal: Refused) -> bool:
    """Tell whether the server refuses for now what changes something, and would answer a question."""
    if refusal.code == ErrorCode.RATE_LIMITED:
        return refusal.values.get("what") in _OWN_LIMITS
    return refusal.code in {ErrorCode.SLOW_MODE, ErrorCode.UNAVAILABLE}
