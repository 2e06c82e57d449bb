"""What is begun, or has its time, and is still to be done, with the next entries of the journal."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from chatcore.chat.kept.model import Room, Session
from chatcore.errors import ErrorCode


@dataclass(slots=True)
class Due:
    """It is done some at a time."""

    graces: list[tuple[float, int, int, Session]] = field(default_factory=list)
    """A heap: when a grace period is over, number of its session, how many connections that had lost, itself."""
    to_put_out: deque[tuple[Session, Room, ErrorCode]] = field(default_factory=deque)
    """Who is still to be put out of a room, and why."""
    to_inherit: dict[Room, None] = field(default_factory=dict)
    """Rooms whose owner is gone, and which are still to get the next one; who waits the longest is the first."""

    def when(self, now: float) -> float | None:
        """Return when the next of it is due, by the journal's clock; None for never."""
        if self.to_put_out or self.to_inherit:
            return now
        return self.graces[0][0] if self.graces else None
