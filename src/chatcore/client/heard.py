"""What a client's user is told: what the server says, and what the client finds out by itself."""

from __future__ import annotations

from chatcore.events import ClientEvent
from chatcore.quick import dataclass


@dataclass(frozen=True, slots=True)
class Heard:
    """An event, and the id of the request that it answers (what `ClientSession.request` returned), if it does."""

    event: ClientEvent
    reply_to: str | None = None
