"""How far the user has read, as this client knows it: told by the server, and told to it, seldom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from chatcore.commands import MarkRead
from chatcore.events import RoomSummary, RoomUnread
from chatcore.text.names import name_key

# So often the server is told how far the user has read, in seconds.
_WINDOW: Final = 1.0


class Reading:
    """How far each room is read. `now` is the time in seconds of the monotonic clock."""

    def __init__(self) -> None:
        self.rooms: dict[str, RoomUnread] = {}
        """By the keys of their names."""
        self._epochs: dict[str, str] = {}
        """Of the logs that the user has read, where they are known."""
        self._to_tell: dict[str, int] = {}
        self._told_at: float | None = None

    def begin(self, lines: Iterable[RoomUnread]) -> None:
        """Take what the server says at a login. What it does not know yet is told again."""
        before, self.rooms, self._to_tell = self.rooms, {}, {}
        self.learn(lines)
        for key, line in list(self.rooms.items()):
            known = before.get(key)
            if known is not None and line.read < known.read <= line.read + line.unread:
                self.mark(line.room, known.read, self._epochs.get(key, ""))
        self._told_at = None

    def learn(self, lines: Iterable[RoomUnread]) -> None:
        """Take what the server says, which may not have heard yet of what was read last."""
        for line in lines:
            key = name_key(line.room)
            known = self.rooms.get(key)
            self.rooms[key] = line if known is None else _with_what_is_read(line, known.read)

    def grew(self, rooms: Iterable[RoomSummary]) -> None:
        """Take note of what was said, by the room list."""
        for room in rooms:
            self._reaches(name_key(room.name), room.seq)

    def said(self, room: str, seq: int, *, own: bool) -> None:
        """Take note of an entry of the present room. What one says oneself right behind what was read, is read."""
        key = name_key(room)
        line = self.rooms.get(key)
        if line is not None and own and seq == line.read + 1:
            self.rooms[key] = replace(line, read=seq, unread=max(0, line.unread - 1))
        else:
            self._reaches(key, seq)

    def forget(self, rooms: Iterable[str]) -> None:
        """Take note that rooms are gone; those of these names are other ones."""
        for room in rooms:
            for known in (self.rooms, self._to_tell, self._epochs):
                known.pop(name_key(room), None)

    def _reaches(self, key: str, head: int) -> None:
        line = self.rooms.get(key)
        if line is not None and head > line.read + line.unread:
            self.rooms[key] = replace(line, unread=head - line.read)

    def mark(self, room: str, seq: int, epoch: str) -> None:
        """Say how far the user has read; `epoch` is that of the log, or empty."""
        key = name_key(room)
        self._epochs[key] = epoch
        line = self.rooms.get(key)
        if line is not None and seq <= line.read:
            return
        unread = 0 if line is None else max(0, line.read + line.unread - seq)
        self.rooms[key] = RoomUnread(room, seq, unread, 0 if line is None or not unread else line.mentions)
        self._to_tell[key] = seq

    def to_tell(self, now: float) -> list[MarkRead]:
        """Return what to tell the server now, once each."""
        if not self._to_tell or (self._told_at is not None and now < self._told_at + _WINDOW):
            return []
        self._told_at = now
        marks = [MarkRead(seq, self.rooms[key].room, self._epochs.get(key, "")) for key, seq in self._to_tell.items()]
        self._to_tell.clear()
        return marks

    def get_timer(self) -> float | None:
        """Return when there is something to tell; None when there is nothing."""
        return self._told_at + _WINDOW if self._to_tell and self._told_at is not None else None


def _with_what_is_read(line: RoomUnread, read: int) -> RoomUnread:
    """Return what the server says of a room that is read up to `read`, if that is further than it knows."""
    head = line.read + line.unread
    if not line.read < read <= head:
        return line
    return replace(line, read=read, unread=head - read, mentions=min(line.mentions, head - read))
