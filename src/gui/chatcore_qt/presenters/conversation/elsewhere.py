"""The rooms that the user is not in: nothing of them comes by itself, so their history is read when it has grown."""

from __future__ import annotations

import asyncio
from typing import Final

from chatcore.text.names import name_key
from chatcore_qt.presenters.conversation.conversation import Conversation
from chatcore_qt.presenters.conversation.conversations import Conversations
from chatcore_qt.presenters.conversation.history import History
from chatcore_qt.presenters.rooms.room_list import RoomList, RoomRow
from chatcore_qt.presenters.signals import is_running

_PAUSE: Final = 1.5
"""Seconds between two rooms that nobody looks at. Everybody reads every room, so this bounds what it costs a server."""


class Elsewhere:
    """Follows these rooms: the one that is shown at once; the others one by one, for what mentions the user.

    Args:
        conversations: of the server.
        rooms: tells how far each log is.
        history: reads them.
    """

    def __init__(self, conversations: Conversations, rooms: RoomList, history: History) -> None:
        self._all = conversations
        self._rooms = rooms
        self._history = history
        self._asked: dict[str, int] = {}  # how far each log was when it was read last, the latest behind
        self._timer: asyncio.TimerHandle | None = None
        rooms.changed.connect(self.look)
        conversations.shown_changed.connect(self.look)

    def look(self) -> None:
        """See whether there is anything new, and read it."""
        shown = self._all.previewed
        if shown is not None and not shown.loading and (self._has_grown(shown.name) or not shown.epoch):
            self._read(shown)
        if self._timer is None and is_running():
            self._timer = asyncio.get_running_loop().call_later(_PAUSE, self._due)

    def stop(self) -> None:
        """Read nothing more, and forget what was read."""
        self._asked.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _due(self) -> None:
        self._timer = None
        room = self._next()
        if room is not None:
            self._read(self._all.of_room(room))
            self.look()  # there may be others

    def _next(self) -> str | None:
        """Return the room that was read longest ago, of those with something unread."""
        if not self._history.connected:
            return None
        grown = [row.name for row in self._rooms.rows if self._is_wanted(row) and self._has_grown(row.name)]
        order = {key: number for number, key in enumerate(self._asked, 1)}
        return min(grown, key=lambda name: order.get(name_key(name), 0), default=None)

    def _is_wanted(self, row: RoomRow) -> bool:
        """Tell whether anything for the user may be there; the server says so of the rooms that they were in."""
        if not row.unread or row.current:
            return False
        everything = self._all.preferences.notifies(self._all.place, row.name) == "all"
        return everything or row.mentions > 0 or not self._rooms.is_told(row.name)

    def _has_grown(self, room: str) -> bool:
        return self._rooms.head(room) > self._asked.get(name_key(room), -1)

    def _read(self, conversation: Conversation) -> None:
        key = name_key(conversation.name)
        self._asked.pop(key, None)
        self._asked[key] = self._rooms.head(conversation.name)
        self._history.catch_up(conversation, self._asked[key], live=False)
