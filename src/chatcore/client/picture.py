"""What a client knows by what the server has told: its user, the room, the room list, what is read, the limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chatcore.client.members import Members
from chatcore.client.reading import Reading
from chatcore.client.renames import Renames
from chatcore.client.seen_logs import SeenLogs
from chatcore.events import (
    LimitsChanged,
    Posted,
    ReactionChanged,
    RoomEntered,
    RoomModerated,
    RoomsChanged,
    RoomSummary,
    RoomUnread,
    UnreadChanged,
    UserRenamed,
    Welcomed,
)
from chatcore.text.names import name_key

News = UserRenamed | RoomModerated | ReactionChanged | UnreadChanged | RoomsChanged | LimitsChanged
"""What is shown as it is, and known from then on."""


class Picture:
    """The chat as its user sees it at present, but for what is said."""

    def __init__(self, username: str) -> None:
        self.username = username
        self.room = ""
        self.lobby = ""
        """The default room, once a login has led there."""
        self.topic = ""
        """Of the room."""
        self.role = "member"
        """What the user is there."""
        self.private = False
        """True when only who is invited may come in."""
        self.slow = 0
        """Seconds that a member has to wait between two messages there."""
        self.rooms: dict[str, RoomSummary] = {}
        """The room list, by the keys of the names."""
        self._members = Members()
        self._logs = SeenLogs()
        self._renames = Renames()
        self._reading = Reading()
        self._limits: Mapping[str, Any] = {}

    @property
    def members(self) -> Mapping[str, str]:
        """Who is in the room: names by their keys."""
        return self._members.names

    @property
    def bots(self) -> Mapping[str, str]:
        """Who in the room is a bot: names by their keys."""
        return self._members.bots

    @property
    def unread(self) -> Mapping[str, RoomUnread]:
        """How far each room is read that the user was in, by the keys of their names."""
        return self._reading.rooms

    def name_now(self, posted: Posted) -> str | None:
        """Return the name that the sender of something has by now, as far as rooms have told; None as in `Renames`."""
        return self._renames.name_now(posted, self._logs.positions)

    def limit(self, name: str) -> int | None:
        """Return a limit that the server has told; None when it has not, or something that makes no sense."""
        told = self._limits.get(name)
        return told if type(told) is int and told > 0 else None

    def _see_room(self, event: Welcomed | RoomEntered) -> None:
        self.room, self.topic, self.role = event.room, event.topic, event.role
        self.private, self.slow = event.private, event.slow
        self._members = Members(event.users, event.users_count, event.bots)
        if isinstance(event, Welcomed) and not event.resumed:
            self.lobby = event.room

    def _see(self, event: News) -> None:
        match event:
            case UserRenamed():
                if name_key(event.old) == name_key(self.username):
                    self.username = event.new
                self._members.renamed(event)
                self._renames.note(event, self._logs.positions)
            case RoomModerated() if name_key(event.room) == name_key(self.room):
                self._see_moderated(event)
            case UnreadChanged():
                self._reading.learn(event.rooms)
            case RoomsChanged():
                self._reading.grew(event.rooms)
                self._reading.forget(event.removed)
                self.rooms.update({name_key(room.name): room for room in event.rooms})
                for name in event.removed:
                    self.rooms.pop(name_key(name), None)
            case LimitsChanged():
                self._limits = event.limits

    def _see_moderated(self, event: RoomModerated) -> None:
        match event.act, event.value:
            case "set_topic", str(topic):
                self.topic = topic
            case "set_private", bool(private):
                self.private = private
            case "set_slow", int(seconds):
                self.slow = seconds
            case "set_role" | "mute" | "unmute", str(role) if name_key(event.target) == name_key(self.username):
                self.role = role
