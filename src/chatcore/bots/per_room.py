"""What a bot remembers of each room."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from chatcore.text.names import name_key

T = TypeVar("T")


class PerRoom(Generic[T]):
    """One thing for each room, made when it is first asked for. `Bot.per_room` gives one.

    ::

        games = bot.per_room(Game)
        games["python"].score += 1  # rooms are the same without regard to case
        del games["python"]  # the next one is a fresh one

    Args:
        make: makes what a room has at first.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: dict[str, T] = {}

    def __getitem__(self, room: str) -> T:
        key = name_key(room)
        if key not in self._made:
            self._made[key] = self._make()
        return self._made[key]

    def __delitem__(self, room: str) -> None:
        self._made.pop(name_key(room), None)

    def forget(self, rooms: Iterable[str]) -> None:
        """Forget what was of rooms that are gone."""
        for room in rooms:
            del self[room]

    def clear(self) -> None:
        """Forget all."""
        self._made.clear()
