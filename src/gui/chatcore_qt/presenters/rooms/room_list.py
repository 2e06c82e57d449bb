"""The room list: who is where, and how much of each room was not read yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chatcore.events import ClientEvent, RoomEntered, RoomsChanged, RoomSummary, RoomUnread, UnreadChanged, Welcomed
from chatcore.text.names import name_key
from chatcore_qt.presenters.signals import PerFrame, Signal


@dataclass(frozen=True, slots=True)
class RoomRow:
    """One line of the room list."""

    name: str
    users: int
    unread: int
    mentions: int
    """Unread messages that mention the user, as far as they are known."""
    current: bool


class RoomList:
    """The rooms of the server. `changed` says so at most once per frame.

    What is unread is the difference between the head of a room's log and the `seq` that was read last, less what the
    user said there. The log of a room that the user never entered counts from where it was when the app connected.
    """

    def __init__(self) -> None:
        self.changed: Signal[[]] = Signal()
        self.current = ""
        self.complete = True
        """False when the server has more rooms than it told: ask for them and call `fill`."""
        self._rooms: dict[str, RoomSummary] = {}
        self._read: dict[str, int] = {}
        self._mentions: dict[str, set[int]] = {}
        """What mentions the user, by `seq`, and was not read yet."""
        self._told: dict[str, int] = {}
        """How many the server counts: of the rooms that the user was in, whatever program it was with."""
        self.moved: Signal[[str, int]] = Signal()
        """The user has read a room up to this `seq` here."""
        self._own: dict[str, set[int]] = {}
        """What the user said behind something that was not read yet."""
        self._own_in: dict[str, str] = {}
        """Rooms where something of the user's own stands that is nowhere else, by key."""
        self._default = ""
        self._made: tuple[RoomRow, ...] | None = None  # the lines, until something changes
        self._frames = PerFrame(self.changed.emit)

    @property
    def rows(self) -> tuple[RoomRow, ...]:
        """The lines, the room where everybody starts first, then by name.

        A room that the server does not list, or not yet, is among them as long as something of the user's own stands
        there.
        """
        if self._made is None:
            keys = sorted(self._rooms.keys() | self._own_in, key=lambda key: (key != self._default, key))
            self._made = tuple(self._row(key) for key in keys)
        return self._made

    @property
    def names(self) -> tuple[str, ...]:
        """Their names, in the order of the lines."""
        return tuple(row.name for row in self.rows)

    @property
    def unread(self) -> int:
        """How many messages of all rooms were not read yet."""
        return sum(row.unread for row in self.rows)

    def take(self, event: ClientEvent) -> None:
        """Take what happened."""
        match event:
            case Welcomed():
                self._welcomed(event)
            case RoomEntered(room=room, position=position):
                self._enter(room, position.seq, event.users_count)
                if event.unread is not None and self.is_told(room):
                    self._learn(event.unread)
                self._told.setdefault(name_key(room), 0)
            case RoomsChanged():
                self._changed(event)
            case UnreadChanged(rooms=lines):
                for line in lines:
                    self._learn(line)
            case _:
                return
        self._note()

    def fill(self, rooms: tuple[RoomSummary, ...]) -> None:
        """Take the whole list, read from the server."""
        self.complete = True
        self._rooms = {name_key(room.name): room for room in rooms}
        for key, room in self._rooms.items():
            self._read.setdefault(key, room.seq)
        self._note()

    @property
    def mentions(self) -> int:
        """How many messages of all rooms mention the user and were not read yet."""
        return sum(row.mentions for row in self.rows)

    def is_told(self, room: str) -> bool:
        """Tell whether the server says how far this room was read, and what mentions the user there."""
        return name_key(room) in self._told

    def row(self, room: str) -> RoomRow | None:
        """Return the line of a room; None when there is none."""
        return self._row(name_key(room)) if name_key(room) in self._rooms else None

    def keep(self, rooms: Iterable[str]) -> None:
        """List these rooms, and of those that the server does not list no others."""
        own = {name_key(room): room for room in rooms}
        if own != self._own_in:
            self._own_in = own
            self._note()

    def head(self, room: str) -> int:
        """Return the highest `seq` that a room is known to have."""
        known = self._rooms.get(name_key(room))
        return 0 if known is None else known.seq

    def said(self, room: str, seq: int, *, own: bool = False, mention: bool = False) -> None:
        """Count a message, perhaps before the room list tells of it; one's own are never unread."""
        key = name_key(room)
        known = self._rooms.get(key)
        if known is None or seq > known.seq:
            self._rooms[key] = RoomSummary(room if known is None else known.name, known.users if known else 1, seq)
        if seq > self._read.get(key, 0):
            if mention:
                self._mentions.setdefault(key, set()).add(seq)
            if own:
                self._own.setdefault(key, set()).add(seq)
                self.read(room, self._read.get(key, 0))
        self._note()

    def read(self, room: str, seq: int) -> None:
        """Count a room as read up to `seq`, and what the user said next."""
        key = name_key(room)
        seq = max(seq, self._read.get(key, 0))
        own = self._own.get(key, set())
        while seq + 1 in own:
            seq += 1
        moved = seq > self._read.get(key, 0)
        self._move(key, seq)
        if moved:
            self.moved.emit(room, seq)

    def _move(self, key: str, seq: int) -> None:
        """Count a room as read up to there."""
        self._read[key] = seq
        for kept in (self._own, self._mentions):
            if key in kept:
                kept[key] = {one for one in kept[key] if one > seq}
        if key in self._told and key in self._rooms and seq >= self._rooms[key].seq:
            self._told[key] = 0
        self._note()

    def _learn(self, line: RoomUnread) -> None:
        """Take what the server says: the user may have read the room with another program."""
        key = name_key(line.room)
        known = self._rooms.get(key)
        if known is not None and line.read + line.unread > known.seq:
            self._rooms[key] = RoomSummary(known.name, known.users, line.read + line.unread)
        self._told[key] = line.mentions
        self._move(key, max(line.read, self._read.get(key, 0)))

    def read_up_to(self, room: str) -> int:
        """Return the `seq` up to which a room was read."""
        return self._read.get(name_key(room), 0)

    def begin_anew(self, room: str) -> None:
        """Count the log of a room from 1 again: it was lost."""
        self._forget_read(name_key(room))

    def set_people(self, room: str, users: int) -> None:
        """Set how many are in the present room, before the room list tells it."""
        known = self._rooms.get(name_key(room))
        if known is not None and known.users != users:
            self._rooms[name_key(room)] = RoomSummary(known.name, users, known.seq)
            self._note()

    def reset(self) -> None:
        """Forget everything: the next welcome is another server's."""
        for kept in (self._rooms, self._read, self._mentions, self._told, self._own, self._own_in):
            kept.clear()
        self._default = self.current = ""
        self._note()

    def stop(self) -> None:
        """Say nothing more."""
        self._frames.stop()

    def _welcomed(self, event: Welcomed) -> None:
        self._rooms = {name_key(room.name): room for room in event.rooms}
        self.complete = event.rooms_count <= len(event.rooms)
        if not self._default:
            self._default = name_key(event.room)
        for key, room in self._rooms.items():
            if room.seq < self._read.get(key, 0):
                self._forget_read(key)  # the server is a new one, with new logs
        self._told.clear()
        for line in event.unread:
            self._learn(line)
        for key, room in self._rooms.items():
            self._read.setdefault(key, room.seq)
        self._enter(event.room, event.position.seq, event.users_count)

    def _enter(self, name: str, seq: int, users: int) -> None:
        self.current = name
        known = self._rooms.get(name_key(name))
        self._rooms[name_key(name)] = RoomSummary(name, users, max(seq, known.seq if known else 0))

    def _changed(self, event: RoomsChanged) -> None:
        for room in event.rooms:
            key = name_key(room.name)
            known = self._rooms.get(key)
            # For the present room the list is a little behind.
            seq = max(room.seq, known.seq) if known is not None and key == name_key(self.current) else room.seq
            if known is not None and seq < known.seq:
                self._forget_read(key)  # another room of that name
            self._rooms[key] = RoomSummary(room.name, room.users, seq)
            self._read.setdefault(key, 0)  # a new room, all of which is new
        for name in event.removed:
            key = name_key(name)
            if key == name_key(self.current):
                continue
            self._rooms.pop(key, None)
            self._forget_read(key)
            del self._read[key]

    def _note(self) -> None:
        self._made = None
        self._frames.want()

    def _forget_read(self, key: str) -> None:
        self._made = None
        self._read[key] = 0
        self._mentions.pop(key, None)
        self._told.pop(key, None)
        self._own.pop(key, None)

    def _row(self, key: str) -> RoomRow:
        room = self._rooms.get(key)
        if room is None:
            return RoomRow(self._own_in[key], 0, 0, 0, current=False)
        unread = max(0, room.seq - self._read.get(key, room.seq) - len(self._own.get(key, ())))
        mentions = min(unread, max(len(self._mentions.get(key, ())), self._told.get(key, 0)))
        return RoomRow(room.name, room.users, unread, mentions, key == name_key(self.current))
