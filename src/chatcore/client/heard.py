"""What a client's user is told: what the server says, and what the client finds out by itself."""

from __future__ import annotations

from dataclasses import dataclass

from chatcore.events import ClientEvent


@dataclass(frozen=True, slots=True)
class Heard:
    """An event, and the id of the request that it answers (what `ClientSession.request` returned), if it does."""

    event: ClientEvent
    reply_to: str | None = None
