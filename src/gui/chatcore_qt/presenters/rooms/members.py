"""Who is in the room, in the order of the alphabet."""

from __future__ import annotations

from collections.abc import Iterable

from chatcore.events import ClientEvent, PresenceChanged, RoomEntered, UserRenamed, Welcomed
from chatcore.text.names import name_key
from chatcore_qt.presenters.signals import PerFrame, Signal

Difference = dict[str, str | None]
"""Names of members by their keys (`name_key`), None for who is not there any more."""
Heard = list[PresenceChanged | UserRenamed]
"""Who came, went or took another name while a long list was read."""


class MemberList:
    """The members of the present room. Both signals come at most once per frame."""

    def __init__(self) -> None:
        self.changed: Signal[[]] = Signal()
        self.differ: Signal[[Difference | None]] = Signal()
        """In what the names differ from before; None when the list is another one."""
        self.room = ""
        self.count = 0
        """How many there are; more than are listed while a long list is still being read."""
        self._heard: Heard | None = None
        self._names: dict[str, str] = {}
        self._sorted: tuple[str, ...] | None = ()
        self._difference: Difference | None = {}
        self._frames = PerFrame(self._tell)

    @property
    def names(self) -> tuple[str, ...]:
        """Their names, sorted without regard to case."""
        if self._sorted is None:
            self._sorted = tuple(self._names[key] for key in sorted(self._names))
        return self._sorted

    @property
    def complete(self) -> bool:
        """False when there are more than are listed: call `begin`, ask the server and call `fill`."""
        return len(self._names) >= self.count

    def take(self, event: ClientEvent) -> None:
        """Take what happened."""
        match event:
            case Welcomed() | RoomEntered():
                self.room = event.room
                self._heard = None
                self._list(event.users)
                self.count = max(event.users_count, len(self._names))
            case PresenceChanged() | UserRenamed():
                if self._heard is not None:
                    self._heard.append(event)
                self._change(event)
            case _:
                return
        self._frames.want()

    def begin(self) -> Heard:
        """Note what is heard from now on, while the whole list is read from the server; returns it, for `fill`."""
        self._heard = []
        return self._heard

    def fill(self, names: Iterable[str], heard: Heard) -> None:
        """Take the whole list, as it was read part by part, and what was heard meanwhile.

        Unless it is an earlier one: the room was entered anew.
        """
        if heard is self._heard:
            self._list(names)
            for event in heard:
                self._change(event)
            self.count = len(self._names)
            self._frames.want()

    def end(self, heard: Heard) -> None:
        """Take it that the list is not read any more."""
        if heard is self._heard:
            self._heard = None

    def stop(self) -> None:
        """Say nothing more."""
        self._frames.stop()

    def _change(self, event: PresenceChanged | UserRenamed) -> None:
        match event:
            case PresenceChanged(room=room) if name_key(room) == name_key(self.room):
                for name in event.joined:
                    self._put(name)
                for name in event.left:
                    self._drop(name)
                self.count = max(event.users, len(self._names))
            case UserRenamed(old=old, new=new) if name_key(old) in self._names:
                self._drop(old)
                self._put(new)

    def _list(self, names: Iterable[str]) -> None:
        self._names = {name_key(name): name for name in names}
        self._sorted = self._difference = None

    def _put(self, name: str) -> None:
        self._names[name_key(name)] = name
        self._note(name_key(name), name)

    def _drop(self, name: str) -> None:
        self._names.pop(name_key(name), None)
        self._note(name_key(name), None)

    def _note(self, key: str, name: str | None) -> None:
        self._sorted = None
        if self._difference is not None:
            self._difference[key] = name

    def _tell(self) -> None:
        difference, self._difference = self._difference, {}
        self.differ.emit(difference)
        self.changed.emit()
