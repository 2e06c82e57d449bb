"""A server that hears of everything late: what one client was told, the others at such a server do not know yet."""

from __future__ import annotations

import asyncio
from typing import Any

from nats.aio.msg import Msg

from chatcore.ports.store import Store
from chatcore_nats import NatsStore
from chatcore_nats.journal import StreamJournal


def hear_late(store: Store | None, seconds: float) -> None:
    """Let a store on NATS deliver its journal so late; other stores stay as they are."""
    if isinstance(store, NatsStore):
        store.make_journal = lambda *arguments: LateJournal(*arguments, seconds=seconds)


class LateJournal(StreamJournal):
    """Hears what the stream says in its order, and each thing `seconds` after it was said."""

    def __init__(self, *arguments: Any, seconds: float) -> None:
        super().__init__(*arguments)
        self._seconds = seconds
        self._said: asyncio.Queue[tuple[float, Msg]] = asyncio.Queue()

    async def start(self, *arguments: Any, **options: Any) -> None:
        """Begin to listen, and start."""
        self._tasks.append(asyncio.create_task(self._listen(), name="hear late"))
        await super().start(*arguments, **options)

    async def heard(self, message: Msg) -> None:
        """Put off what was said."""
        self._said.put_nowait((asyncio.get_running_loop().time() + self._seconds, message))

    async def _listen(self) -> None:
        while True:
            due, message = await self._said.get()
            await asyncio.sleep(due - asyncio.get_running_loop().time())
            await super().heard(message)
