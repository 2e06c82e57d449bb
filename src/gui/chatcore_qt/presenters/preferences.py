"""How the user wants the app to be. Whoever hears `changed` keeps it between runs."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from chatcore.text.names import name_key
from chatcore_qt.presenters.signals import Signal


@dataclass
class Preferences:
    """What was chosen, or what is usual. Change it by `set`, so that it is kept."""

    sending_goes_to_end: bool = True
    """Whether the newest message is shown when one sends something while scrolled up."""
    presence: bool = True
    """Whether it is shown who comes and goes."""
    text_size: int = 0
    """By how many points text is larger than usual."""
    language: str = ""
    """Of the app, `en` or `fr`; the system's when it is empty. It counts from the next start on."""
    quiet_rooms: list[str] = field(default_factory=list)
    """Rooms where it is the other way round: a server's `host:port` and the room's name."""

    def __post_init__(self) -> None:
        self.changed: Signal[[]] = Signal()

    def set(self, name: str, value: Any) -> None:
        """Choose something."""
        setattr(self, name, value)
        self.changed.emit()

    def as_saved(self) -> dict[str, Any]:
        """Return all of it, as JSON can hold it."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    def load(self, saved: object) -> None:
        """Take what was saved, as far as it is of the right kind."""
        for one in fields(self):
            value = saved.get(one.name) if isinstance(saved, dict) else None
            if type(value) is type(getattr(self, one.name)):
                setattr(self, one.name, value)

    def hides_presence(self, place: str, room: str) -> bool:
        """Tell whether it is not shown who comes and goes in a room of a server."""
        return self.presence == (_room(place, room) in self.quiet_rooms)

    def hide_presence(self, place: str, room: str, hide: bool) -> None:
        """Choose it for one room."""
        others = [one for one in self.quiet_rooms if one != _room(place, room)]
        self.set("quiet_rooms", [*others, _room(place, room)] if hide == self.presence else others)


def _room(place: str, room: str) -> str:
    return f"{place} {name_key(room)}"
