"""What a way to a server is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from chatcore.events import TransportChosen
from chatcore.ports.transport import Accept


class Route(Protocol):
    """A way to a server, to be gone as often as connections are lost."""

    @property
    def url(self) -> str:
        """Where the present connection leads, or the last one."""
        ...

    async def connect(self, accept: Accept) -> TransportChosen | None:
        """Connect; returns which transport it was when there was a choice.

        Raises `ConnectionFailed`: `CertificateChanged` when the server is not the one that is known.
        """
        ...

    def learn(self, server: Mapping[str, Any]) -> None:
        """Remember what the server says of itself on the present connection (`Welcomed.server`)."""
        ...
