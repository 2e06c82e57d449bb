"""Which of the servers that are announced are there: each is asked, some at a time, and shown until it goes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, Generic, TypeVar

MOST: Final = 50
"""So many are shown or asked at a time: anybody on the network may announce as many as they like."""
MOST_WAITING: Final = 1000
"""So many more wait for their turn; of more, those that came last."""

Shown = TypeVar("Shown")


class Looking(Generic[Shown]):
    """What is shown of the names that are announced.

    Args:
        ask: returns what is to be shown of a name, None for nothing; it ends by itself.
        tell: called with all that is shown whenever that changes.
    """

    def __init__(
        self, ask: Callable[[str], Awaitable[Shown | None]], tell: Callable[[tuple[Shown, ...]], None]
    ) -> None:
        self._ask = ask
        self._tell = tell
        self._shown: dict[str, Shown] = {}
        self._asked: dict[str, asyncio.Task[None]] = {}
        self._waiting: dict[str, None] = {}  # in the order in which they came

    def came(self, name: str) -> None:
        """Ask who that is, now or when it is its turn: it is announced, or says something else than before."""
        self._waiting[name] = None
        if len(self._waiting) > MOST_WAITING:
            del self._waiting[next(iter(self._waiting))]
        self._go_on()

    def went(self, name: str) -> None:
        """Show it no more: it is not announced any longer."""
        self._waiting.pop(name, None)
        if name in self._asked:
            self._asked[name].cancel()
        if self._shown.pop(name, None) is not None:
            self._tell(tuple(self._shown.values()))
            self._go_on()

    async def stop(self) -> None:
        """Ask nobody any more."""
        self._waiting.clear()
        asked = list(self._asked.values())
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)

    def _go_on(self) -> None:
        """Ask as many of those that wait as may be asked now."""
        free = MOST - len(self._shown.keys() | self._asked.keys())
        for name in list(self._waiting) if free > 0 else self._waiting.keys() & self._shown.keys():
            if name in self._asked or (free <= 0 and name not in self._shown):
                continue  # who is asked, and says something else by now, is asked again behind that
            free -= name not in self._shown
            del self._waiting[name]
            self._asked[name] = task = asyncio.get_running_loop().create_task(self._look(name))
            task.add_done_callback(partial(self._answered, name))

    async def _look(self, name: str) -> None:
        found = await self._ask(name)
        if found is not None:
            self._shown[name] = found
            self._tell(tuple(self._shown.values()))

    def _answered(self, name: str, _task: asyncio.Task[None]) -> None:
        del self._asked[name]
        self._go_on()
