"""What happens in the rooms that the user is not in, as far as the room list tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chatcore.events import RoomSummary
from chatcore.text.names import name_key
from chatcore.text.safe_text import safe_name

_SHOWN: Final = 4


class Activity:
    """Counts what was said in each room since the user was there, or since the program began."""

    def __init__(self) -> None:
        self._read: dict[str, int] | None = None  # by the keys of the rooms; None before the first list

    def look(self, rooms: Mapping[str, RoomSummary], present: str) -> None:
        """Take the room list as it is now; what is said in the present room is seen."""
        first = self._read is None
        before = self._read or {}
        self._read = {}
        for key, room in rooms.items():
            known = room.seq if first or key == name_key(present) else before.get(key, 0)
            self._read[key] = known if known <= room.seq else 0  # with a log that began anew, all of it is new

    def text(self, rooms: Mapping[str, RoomSummary]) -> str:
        """Return the rooms with something new, with the number of messages: `python +3`; nothing when there is none."""
        read = self._read or {}
        news = [(room.seq - read.get(key, room.seq), safe_name(room.name)) for key, room in rooms.items()]
        found = sorted((-count, name) for count, name in news if count > 0)
        shown = [f"{name} +{-count}" for count, name in found[:_SHOWN]]
        return "  ".join([*shown, *(["…"] if len(found) > _SHOWN else [])])
