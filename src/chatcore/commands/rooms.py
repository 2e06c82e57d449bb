"""What is asked about rooms, and who is in them."""

from __future__ import annotations

from dataclasses import dataclass

from chatcore.entries import Position


@dataclass(frozen=True, slots=True)
class CreateRoom:
    """Create a room and enter it."""

    room: str


@dataclass(frozen=True, slots=True)
class JoinRoom:
    """Enter a room and leave the present one."""

    room: str
    since: Position | None = None
    """Last known position of that room's log; what came after it is replayed."""


@dataclass(frozen=True, slots=True)
class LeaveRoom:
    """Go back to the default room."""


@dataclass(frozen=True, slots=True)
class ListRooms:
    """Ask which rooms there are."""

    after: str | None = None
    """Continue behind this name."""


@dataclass(frozen=True, slots=True)
class ListUsers:
    """Ask who is there."""

    room: str | None = None
    """A room's name; None for everywhere."""
    after: str | None = None
    """Continue behind this name."""


@dataclass(frozen=True, slots=True)
class WhoIs:
    """Ask about one user."""

    username: str
