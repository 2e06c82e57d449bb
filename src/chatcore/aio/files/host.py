"""What files need of their client."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from chatcore.aio.client_connection import CurrentConnection
from chatcore.commands import Command
from chatcore.events import ClientEvent

_Reply = TypeVar("_Reply")


class Ask(Protocol):
    """How the server is asked."""

    async def __call__(self, command: Command, kind: type[_Reply]) -> _Reply:
        """Return its answer, over as many connections as it takes. Raises `RequestRefused`, `ConnectionClosed`."""
        ...


@dataclass(frozen=True, slots=True)
class FileHost:
    """What files need of their client.

    Attributes:
        ask: asks the server.
        show: shows an event to whoever uses the client.
        connection: the connection that there is at present.
    """

    ask: Ask
    show: Callable[[ClientEvent], None]
    connection: CurrentConnection
