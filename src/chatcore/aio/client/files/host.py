"""What files need of their client."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from chatcore.commands import Command, Traffic
from chatcore.errors import ChatcoreError
from chatcore.events import ClientEvent

_Reply = TypeVar("_Reply")


class Ask(Protocol):
    """How the server is asked."""

    async def __call__(self, command: Command, kind: type[_Reply]) -> _Reply:
        """Return its answer, over as many connections as it takes. Raises `RequestRefused`, `ConnectionClosed`."""
        ...


class Way(Protocol):
    """The way that files go by (`chatcore.aio.client.files.way.FileWay`)."""

    @property
    def takes_chunks(self) -> bool:
        """False while a chunk that is written would only wait here, or be lost."""
        ...

    def pass_on(self, command: Traffic) -> None:
        """Send what keeps a transfer going."""
        ...

    def wanted(self, size: int) -> None:
        """Have the quickest way for a file of that size, which begins or goes on."""
        ...


@dataclass(frozen=True, slots=True)
class FileHost:
    """What files need of their client.

    Attributes:
        ask: asks the server.
        check_open: raises `ConnectionClosed` once the client has ended.
        show: shows an event to whoever uses the client.
        way: what goes to the server without an answer.
    """

    ask: Ask
    check_open: Callable[[], None]
    show: Callable[[ClientEvent], None]
    way: Way

    def report(self, what: str, error: Exception) -> None:
        """Let a mistake of ours, or of a store's or a source's, be seen."""
        if not isinstance(error, ChatcoreError):
            asyncio.get_running_loop().call_exception_handler({"message": what, "exception": error})
