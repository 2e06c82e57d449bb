"""What it takes to ask the server for something."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from chatcore.aio.client import Client
from chatcore_qt.presenters.conversation import notices
from chatcore_qt.presenters.conversation.conversation import Conversation

Start = Callable[[Coroutine[Any, Any, None], Conversation | None], asyncio.Task[None]]
"""Runs a request; what is refused is told in the conversation."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Whom to ask, and how."""

    client: Callable[[], Client | None]
    """Returns the client that is logged in, if one is."""
    start: Start
    tell: Callable[[str], object]
    """Shows a sentence in the conversation that is shown."""

    def connected(self) -> Client | None:
        """Return the client that is connected; say so where there is none."""
        client = self.client()
        if client is None or not client.connected:
            self.tell(notices.no_connection())
            return None
        return client
