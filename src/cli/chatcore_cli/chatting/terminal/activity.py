"""What happens in the rooms that the user is not in, as far as the server tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chatcore.events import RoomSummary, RoomUnread
from chatcore.text.names import name_key
from chatcore.text.safe_text import safe_name

_SHOWN: Final = 4


class Activity:
    """Counts what is unread in each room.

    The server tells that of rooms that the user was in; of others counts what was said since the program began.
    """

    def __init__(self) -> None:
        self._present = ""
        self._read: dict[str, int] | None = None  # by the keys of the rooms; None before the first list

    def look(self, rooms: Mapping[str, RoomSummary], present: str) -> None:
        """Take the room list as it is now; what is said in the present room is seen."""
        self._present = name_key(present)
        first = self._read is None
        before = self._read or {}
        self._read = {}
        for key, room in rooms.items():
            known = room.seq if first or key == self._present else before.get(key, 0)
            self._read[key] = known if known <= room.seq else 0  # with a log that began anew, all of it is new

    def text(self, rooms: Mapping[str, RoomSummary], unread: Mapping[str, RoomUnread]) -> str:
        """Return the rooms with something new; nothing when there is none.

        With the number of messages, and how many of them speak of the user, those first: `python +3 @ 1  qt +8`.
        """
        read = self._read or {}
        news = []
        for key, room in rooms.items():
            told = unread.get(key) or RoomUnread(room.name, 0, room.seq - read.get(key, room.seq), 0)
            if told.unread > 0 and key != self._present:
                news.append((-told.mentions, -told.unread, safe_name(room.name)))
        found = sorted(news)
        shown = [f"{name} +{-count}" + (f" @ {-own}" if own else "") for own, count, name in found[:_SHOWN]]
        return "  ".join([*shown, *(["…"] if len(found) > _SHOWN else [])])
