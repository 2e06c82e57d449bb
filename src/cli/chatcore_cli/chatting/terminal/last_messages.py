"""What was said last in a room that the user enters, shown before what comes from now on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Final

from chatcore.aio.asking import last_messages
from chatcore.aio.client import Client
from chatcore.errors import ChatcoreError, RequestRefused
from chatcore.text.names import name_key
from chatcore.text.slash import HISTORY_LINES
from chatcore_cli.chatting.showing.render import Line, Renderer
from chatcore_cli.chatting.terminal.screen import Screen

# How long they may take to come; what was said since waits behind them.
_PATIENCE: Final = 5.0
# So many unread ones are shown by themselves.
_UNREAD: Final = 200


class LastMessages:
    """Shows the last messages of each room once, as it is entered.

    Args:
        client: whom to ask for them.
        renderer: turns them into lines.
        screen: where these are shown.
        start: starts what asks for them.
    """

    def __init__(
        self,
        client: Client,
        renderer: Renderer,
        screen: Screen,
        start: Callable[[Coroutine[Any, Any, None]], asyncio.Task[object]],
    ) -> None:
        self._client = client
        self._renderer = renderer
        self._screen = screen
        self._start = start
        self._room = ""  # key of the room that was entered last
        self._asking: asyncio.Task[object] | None = None

    def recall(self, room: str, head: int) -> None:
        """Show those of a room that the user has entered, up to the one with the number `head`."""
        if name_key(room) == self._room:
            return
        self._room = name_key(room)
        if self._asking is not None:
            self._asking.cancel()  # what is still being asked for was said in a room that is left by now
            self._screen.let_go()
        if head:
            self._screen.hold()
            self._asking = self._start(self._ask(room, head))

    async def _ask(self, room: str, head: int) -> None:
        lines: list[Line] = []
        known = self._client.unread.get(name_key(room))
        unread = 0 if known is None else known.unread
        count = max(HISTORY_LINES, min(unread, _UNREAD))
        # What cannot be shown is not worth a word; /history asks again.
        with suppress(ChatcoreError, TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                found = await last_messages(self._client, room, count, before=head + 1)
            lines = self._renderer.recalled(found, 0 if known is None else known.read, unread)
            read_up_to(self._client, room, head)
        self._screen.let_go(*lines)


def read_up_to(client: Client, room: str, seq: int) -> None:
    """Let what is shown be read on every program of the user."""
    with suppress(RequestRefused):  # a name that is none, of a server that does not keep to the rules
        client.mark_read(seq, room=room)
