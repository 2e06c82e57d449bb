"""What those ask for who look after a room or the server."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SetTopic:
    """Say what a room is about. Of this and what follows, `room` is the room where it counts; None: the present one."""

    topic: str
    """Empty for none."""
    room: str | None = None


@dataclass(frozen=True, slots=True)
class SetRole:
    """Let a user of a room be its `owner`, `moderator` or `member`. A new owner takes the place of the old one."""

    username: str
    role: str
    room: str | None = None


@dataclass(frozen=True, slots=True)
class KickUser:
    """Put a user out of a room; out of the default room, that is out of the server."""

    username: str
    reason: str = ""
    room: str | None = None


@dataclass(frozen=True, slots=True)
class BanUser:
    """Put a user out of a room, and do not let that user in again; by name also one who is not there."""

    username: str
    seconds: int | None = None
    """For how long; None for ever."""
    reason: str = ""
    address: bool = False
    """True to keep out whoever comes from the same network address, too."""
    room: str | None = None


@dataclass(frozen=True, slots=True)
class UnbanUser:
    """Let a user in again."""

    username: str
    room: str | None = None


@dataclass(frozen=True, slots=True)
class MuteUser:
    """Let a user listen only."""

    username: str
    seconds: int | None = None
    """For how long; None for ever."""
    reason: str = ""
    room: str | None = None


@dataclass(frozen=True, slots=True)
class UnmuteUser:
    """Let a user speak again."""

    username: str
    room: str | None = None


@dataclass(frozen=True, slots=True)
class InviteUser:
    """Let a user into a private room."""

    username: str
    room: str | None = None


@dataclass(frozen=True, slots=True)
class SetPrivate:
    """Let nobody in but who is invited, or everybody again; who is there stays and may come back."""

    private: bool
    room: str | None = None


@dataclass(frozen=True, slots=True)
class SetSlow:
    """Let each member say something every so many seconds only; 0 for as they like."""

    seconds: int
    room: str | None = None


@dataclass(frozen=True, slots=True)
class CloseRoom:
    """Put everybody into the default room; the room is gone, and what was said in it."""

    reason: str = ""
    room: str | None = None


@dataclass(frozen=True, slots=True)
class ListActs:
    """Ask what was done in rooms, and by whom."""

    after: int = 0
    """Continue behind the one with this number."""


@dataclass(frozen=True, slots=True)
class ListBans:
    """Ask who is banned from a room or muted there."""

    room: str | None = None
    after: int = 0
    """Continue behind the one with this number."""
