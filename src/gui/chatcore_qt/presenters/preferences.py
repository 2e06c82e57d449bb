"""How the user wants the app to be. Whoever hears `changed` keeps it between runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final, Literal, get_args

from chatcore.text.names import name_key
from chatcore_qt.presenters.signals import Signal

Times = Literal["first", "each", "none"]
"""Beside which messages their time stands: the first of several in a row, each one, or none."""
Notify = Literal["all", "mentions", "none"]
"""Of which messages of a room the user wants to be told."""
TIMES: Final[tuple[Times, ...]] = get_args(Times)
NOTIFY: Final[tuple[Notify, ...]] = get_args(Notify)


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
    times: Times = "first"
    notify: Notify = "mentions"
    """In rooms that have nothing of their own in `notify_rooms`."""
    notify_rooms: dict[str, Notify] = field(default_factory=dict)
    """By a server's `host:port` and the room's name."""
    do_not_disturb: bool = False
    """Whether the user is told of nothing at all, not even of direct messages."""
    sounds: bool = False
    """Whether the computer rings when the user is told of something."""

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
            if type(value) is type(getattr(self, one.name)) and value in _CHOICES.get(one.name, (value,)):
                setattr(self, one.name, value)
        self.notify_rooms = {room: what for room, what in self.notify_rooms.items() if what in NOTIFY}

    def hides_presence(self, place: str, room: str) -> bool:
        """Tell whether it is not shown who comes and goes in a room of a server."""
        return self.presence == (_room(place, room) in self.quiet_rooms)

    def hide_presence(self, place: str, room: str, hide: bool) -> None:
        """Choose it for one room."""
        others = [one for one in self.quiet_rooms if one != _room(place, room)]
        self.set("quiet_rooms", [*others, _room(place, room)] if hide == self.presence else others)

    def notifies(self, place: str, room: str) -> Notify:
        """Return of which messages of a room of a server the user wants to be told."""
        return self.notify_rooms.get(_room(place, room), self.notify)

    def chosen_for(self, place: str, room: str) -> Notify | None:
        """Return what was chosen for this room; None when it is as everywhere."""
        return self.notify_rooms.get(_room(place, room))

    def choose_for(self, place: str, room: str, what: Notify | None) -> None:
        """Choose it for one room; None for as everywhere."""
        others = {one: chosen for one, chosen in self.notify_rooms.items() if one != _room(place, room)}
        self.set("notify_rooms", others if what is None else {**others, _room(place, room): what})


def merged(saved: Mapping[str, Any], before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was saved, with what was changed since `before`: of lists and mappings, what came and what went."""
    new = dict(saved)
    for name, value in now.items():
        was, kept = before.get(name), saved.get(name)
        if was == value:
            continue
        if isinstance(was, dict) and isinstance(value, dict) and isinstance(kept, dict):
            left = {one: what for one, what in kept.items() if one in value or one not in was}
            new[name] = left | {one: what for one, what in value.items() if was.get(one) != what}
        elif isinstance(was, list) and isinstance(value, list) and isinstance(kept, list):
            there = [one for one in kept if one in value or one not in was]
            new[name] = [*there, *(one for one in value if one not in was and one not in there)]
        else:
            new[name] = value
    return new


_CHOICES: Final[dict[str, tuple[str, ...]]] = {"times": TIMES, "notify": NOTIFY, "language": ("", "en", "fr")}


def _room(place: str, room: str) -> str:
    return f"{place} {name_key(room)}"
