"""A bot at work: the tasks in which its handlers are called, and what becomes of what they raise."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextvars import Context, copy_context
from dataclasses import dataclass
from typing import Any, Final

from chatcore.aio.client import Client
from chatcore.aio.home import Home
from chatcore.aio.tasks import spawn
from chatcore.bots.handlers import called
from chatcore.events import ClientEvent, FileOffered, Posted, ReactionChanged, RoomModerated
from chatcore.text.names import name_key

Call = tuple[Callable[..., Awaitable[None]], tuple[Any, ...]]
"""A handler, and what it is called with."""

_WAITING: Final = 100  # events that wait per place while a handler is busy; then the bot stops reading

_HANDLERS_END: Final = 1.0  # how long handlers may take to end, in seconds, before the bot logs out without them

_log = logging.getLogger("chatcore.bot")


@dataclass(frozen=True, slots=True)
class Heeds:
    """Of whom else than people a handler wants to hear."""

    own: bool = False
    """Of the bot itself."""
    bots: bool = False
    """Of other bots."""

    def takes(self, event: ClientEvent, chat: Client) -> bool:
        """Tell whether the handler wants to hear of it: who heeds neither never answers what answers by itself."""
        match event:
            case Posted() | FileOffered():
                by = event.sender
            case ReactionChanged() | RoomModerated():
                by = event.by
            case _:
                return True  # nobody does it: it happens
        # Only its own copies carry a cid: its name may have changed since.
        if (isinstance(event, Posted) and event.cid is not None) or name_key(by) == name_key(chat.username):
            return self.own
        return self.bots or not event.bot


class Work:
    """One run of a bot, in the task that this is made in.

    Args:
        username: the bot's, for its log.
        calls: returns what to call for an event.
    """

    def __init__(self, username: str, calls: Callable[[ClientEvent, Client], Iterator[Call]]) -> None:
        self._username = username
        self._calls = calls
        self._queues: dict[str, asyncio.Queue[ClientEvent]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._under_way: set[asyncio.Task[bool]] = set()
        self._main = asyncio.current_task()
        self._home = Home()
        self._wanted: SystemExit | None = None

    async def take(self, event: ClientEvent, chat: Client) -> None:
        """Let an event be handled behind those of the same place; waits while too many wait there."""
        place = event.log if isinstance(event, Posted) else ""
        queue = self._queues.get(place)
        if queue is None:
            queue = self._queues[place] = asyncio.Queue(_WAITING)
            self._tasks.append(spawn(self._handle(queue, chat), name=f"chatcore bot in {place}"))
        await queue.put(event)

    def every(self, seconds: float, handler: Callable[[Client], Awaitable[None]], chat: Client) -> None:
        """Call a handler again and again, from now on. Raises RuntimeError elsewhere than where the bot works."""
        self._home.check("a bot at work")
        self._tasks.append(spawn(self._tick(seconds, handler, chat), name="chatcore bot's timer"))

    async def finish(self) -> None:
        """Wait for the handlers that are at it, for a moment: one of them has closed the client, and goes on."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=_HANDLERS_END)

    async def end(self) -> None:
        """End all handlers."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_HANDLERS_END)

    def raise_if_wanted(self) -> None:
        """Raise what a handler gave to `sys.exit`, if it was that which cancelled the run."""
        if self._wanted is not None and self._main is not None and self._main.uncancel() == 0:
            raise self._wanted

    async def _handle(self, queue: asyncio.Queue[ClientEvent], chat: Client) -> None:
        context = copy_context()
        while True:
            event = await queue.get()
            for handler, arguments in self._calls(event, chat):
                if not await self._call(handler, arguments, context):
                    return

    async def _tick(self, seconds: float, handler: Callable[[Client], Awaitable[None]], chat: Client) -> None:
        loop, context = asyncio.get_running_loop(), copy_context()
        due = loop.time()
        while True:
            # Times that went by while the handler was busy are left out.
            due += seconds * max(1, -((due - loop.time()) // seconds))
            await asyncio.sleep(due - loop.time())
            if not await self._call(handler, (chat,), context):
                return

    async def _call(
        self, handler: Callable[..., Awaitable[None]], arguments: tuple[Any, ...], context: Context
    ) -> bool:
        """Call a handler; returns False when it wants the bot to end.

        It is called in a task of its own. Whoever cancels that, while the handler works or later, ends this call alone.
        What it sets in the context is there for the next call.
        """
        task = asyncio.current_task()
        assert task is not None
        try:
            calling = spawn(self._called(handler, arguments, task), name="chatcore bot's handler", context=context)
            self._under_way.add(calling)
            calling.add_done_callback(self._under_way.discard)
            return await calling
        except asyncio.CancelledError:
            if task.cancelling():
                raise
            return True  # it cancelled itself with the last that it did

    async def _called(
        self, handler: Callable[..., Awaitable[None]], arguments: tuple[Any, ...], caller: asyncio.Task[Any]
    ) -> bool:
        try:
            await called(handler, arguments)
        except SystemExit as error:
            self._wanted = self._wanted or error
            if self._main is not None:
                self._main.cancel()
            return False
        except BaseException as error:
            # What was cancelled by the handler, or elsewhere, raises the same error in it as the end of the run.
            if isinstance(error, asyncio.CancelledError) and caller.cancelling():
                raise
            _log.exception("a handler of the bot %s failed", self._username)
        return True
