"""What a bot remembers of each room."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Final, Generic, TypeVar
from weakref import WeakKeyDictionary

from chatcore.text.names import name_key

T = TypeVar("T")

current_run: Final[ContextVar[object]] = ContextVar("current_run", default=None)
"""The run of a bot that a handler is called in: a bot may be at work at several servers, which have other rooms."""


class PerRoom(Generic[T]):
    """One thing for each room, made when it is first asked for. `Bot.per_room` gives one.

    Each run of the bot has its own: it is found by the handler that asks. Who asks elsewhere has those of the last run.

    ::

        games = bot.per_room(Game)
        games["python"].score += 1  # rooms are the same without regard to case
        del games["python"]  # the next one is a fresh one

    Args:
        make: makes what a room has at first.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._last: dict[str, T] = {}
        self._of_runs: WeakKeyDictionary[object, dict[str, T]] = WeakKeyDictionary()

    @property
    def _made(self) -> dict[str, T]:
        run = current_run.get()
        return self._last if run is None else self._of_runs.get(run, self._last)

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

    def begin(self, run: object) -> None:
        """Have nothing yet for a run that begins."""
        self._of_runs[run] = self._last = {}
