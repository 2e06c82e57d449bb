"""Who is in the room, as a client knows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from chatcore.events import PresenceChanged, UserRenamed
from chatcore.text.names import name_key


class Members:
    """The members of one room: of a very large one the first ones, and those who came since.

    Args:
        users: names, in the order that they are shown in.
        count: how many there are.
        bots: names of the bots among them.

    Attributes:
        names: names by their keys.
        bots: the same of the bots, be they among these or not.
    """

    def __init__(self, users: Iterable[str] = (), count: int = 0, bots: Iterable[str] = ()) -> None:
        self.names = {name_key(name): name for name in users}
        self.bots = {name_key(name): name for name in bots}
        self._count = max(count, len(self.names))

    def changed(self, event: PresenceChanged) -> PresenceChanged | None:
        """Take who came and went; returns what of it is news, None when nothing is."""
        complete = self._count <= len(self.names)
        joined = tuple(name for name in event.joined if name_key(name) not in self.names)
        left = tuple(name for name in event.left if not complete or name_key(name) in self.names)
        for name in event.joined:
            self.names[name_key(name)] = name
        for name in event.left:
            self.names.pop(name_key(name), None)
        for name in event.joined + event.left:
            self.bots.pop(name_key(name), None)
        self.bots |= {name_key(name): name for name in event.bots}
        self._count = event.users
        return replace(event, joined=joined, left=left) if joined or left else None

    def renamed(self, event: UserRenamed) -> None:
        """Take another name; the member keeps its place in the order."""
        self.names, self.bots = _renamed(self.names, event), _renamed(self.bots, event)


def _renamed(names: dict[str, str], event: UserRenamed) -> dict[str, str]:
    old = name_key(event.old)
    return {
        name_key(event.new) if key == old else key: event.new if key == old else name for key, name in names.items()
    }
