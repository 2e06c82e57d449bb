"""Gathers what makes chats heavy: who came and went, and the counters of the room list.

N people joining a room one by one must cost a frame per window, not a frame per pair (docs/decisions/0005).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from chatcore.chat.model import Room
from chatcore.events import PresenceChanged, RoomsChanged, RoomSummary
from chatcore.limits import Limits

# What a list of usernames may take of a frame that holds another one, or the room list (40 KB at most), beside it.
_NAMES_BYTES: Final = 20_000


class RoomPresence:
    """Joins and leaves of a room: told at once when nothing was told lately, else once per window."""

    def __init__(self, limits: Limits) -> None:
        self._window = limits.presence_window
        self._most = limits.names_per_frame
        self.longest_name = limits.username_chars
        """How long a name may be, in characters: as set, or as one that was allowed all the same."""

    @property
    def names_per_frame(self) -> int:
        """How many usernames a frame lists: as many as set, or as many of the longest ones as fit."""
        return min(self._most, _NAMES_BYTES // (self.longest_name + 3))

    def joined(self, room: Room, key: str, name: str) -> None:
        """Note that somebody came."""
        # No cancelling out: somebody who entered in between knows a picture with or without this member.
        room.left.pop(key, None)
        room.joined[key] = name

    def left(self, room: Room, key: str, name: str) -> None:
        """Note that somebody went."""
        room.joined.pop(key, None)
        room.left[key] = name

    def due(self, room: Room, now: float) -> float | None:
        """Return when the room's next frame is to be told, None when there is nothing to tell."""
        if not room.joined and not room.left:
            return None
        return max(now, room.quiet_until)

    def take(self, room: Room, now: float) -> Iterator[PresenceChanged]:
        """Yield what there is to tell, in frames of bounded size, and begin the next window."""
        joined, left = tuple(room.joined.values()), tuple(room.left.values())
        room.joined, room.left = {}, {}
        room.quiet_until = now + self._window
        most = self.names_per_frame
        for start in range(0, max(len(joined), len(left)), most):
            part = slice(start, start + most)
            yield PresenceChanged(room.name, joined[part], left[part], len(room.members))


class RoomListChanges:
    """Counters of the room list: told at most once per window, as differences."""

    def __init__(self, limits: Limits) -> None:
        self._window = limits.rooms_window
        self._most = limits.rooms_per_frame
        self._changed: dict[str, None] = {}
        self._removed: dict[str, str] = {}
        self._quiet_until = 0.0

    @property
    def waiting(self) -> bool:
        """True when there is something to tell."""
        return bool(self._changed or self._removed)

    def changed(self, key: str) -> None:
        """Note a change of a room's line."""
        self._changed[key] = None
        self._removed.pop(key, None)

    def removed(self, key: str, name: str) -> None:
        """Note that a room is gone."""
        self._changed.pop(key, None)
        self._removed[key] = name

    def due(self, now: float) -> float:
        """Return when the next frame is to be told."""
        return max(now, self._quiet_until)

    def take(self, now: float, summary: Callable[[str], RoomSummary]) -> Iterator[RoomsChanged]:
        """Yield what there is to tell, in frames of bounded size, and begin the next window."""
        keys, removed = list(self._changed), tuple(self._removed.values())
        self._changed, self._removed = {}, {}
        self._quiet_until = now + self._window
        most = self._most
        for start in range(0, max(len(keys), len(removed)), most):
            part = slice(start, start + most)
            yield RoomsChanged(tuple(summary(key) for key in keys[part]), removed[part])
