"""Who is in the room, in the order of the alphabet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from chatcore.events import ClientEvent, PresenceChanged, RoomEntered, UserRenamed, Welcomed
from chatcore.names import name_key
from chatcore_qt.presenters.changes import FRAME, Frames, Signal

# Qt lays a list out anew as a whole: that of a crowd is changed a few times a second only.
_LARGE: Final = 1000
_SLOWER: Final = 0.25


class Members:
    """The members of the present room. `changed` says so at most once per frame."""

    def __init__(self) -> None:
        self.changed: Signal[[]] = Signal()
        self.room = ""
        self.count = 0
        """How many there are; more than are listed while a long list is still being read."""
        self._names: dict[str, str] = {}
        self._sorted: tuple[str, ...] | None = ()
        self._frames = Frames(self.changed.emit)

    @property
    def names(self) -> tuple[str, ...]:
        """Their names, sorted without regard to case."""
        if self._sorted is None:
            self._sorted = tuple(self._names[key] for key in sorted(self._names))
        return self._sorted

    @property
    def complete(self) -> bool:
        """False when there are more than are listed: ask the server and call `fill`."""
        return len(self._names) >= self.count

    def take(self, event: ClientEvent) -> None:
        """Take what happened."""
        match event:
            case Welcomed() | RoomEntered():
                self.room = event.room
                self._names = {name_key(name): name for name in event.users}
                self.count = max(event.users_count, len(self._names))
            case PresenceChanged(room=room) if name_key(room) == name_key(self.room):
                self._names.update({name_key(name): name for name in event.joined})
                for name in event.left:
                    self._names.pop(name_key(name), None)
                self.count = max(event.users, len(self._names))
            case UserRenamed(old=old, new=new) if name_key(old) in self._names:
                del self._names[name_key(old)]
                self._names[name_key(new)] = new
            case _:
                return
        self._touched()

    def fill(self, names: Iterable[str]) -> None:
        """Take the whole list, read from the server."""
        self._names = {name_key(name): name for name in names}
        self.count = len(self._names)
        self._touched()

    def stop(self) -> None:
        """Say nothing more."""
        self._frames.stop()

    def _touched(self) -> None:
        self._sorted = None
        self._frames.interval = FRAME if len(self._names) < _LARGE else _SLOWER
        self._frames.want()
