"""The `chat` dialect: the native JSON protocol, described in docs/protocol."""

from __future__ import annotations

from chatcore.dialects.chat.client import ChatClientMachine
from chatcore.dialects.chat.encode import event_frame
from chatcore.dialects.chat.peer import encode_payload
from chatcore.dialects.chat.server import ChatServerMachine
from chatcore.dialects.chat.usual import posted_payload
from chatcore.events import Posted, ServerEvent
from chatcore.limits import Limits


class ChatDialect:
    """Implements `chatcore.dialects.base.Dialect`."""

    name = "chat"
    carries_files = True
    one_copy = True

    def server(self, limits: Limits, *, boundaries: bool, keepalive: bool, now: float) -> ChatServerMachine:
        """Return the server's side of a new connection."""
        return ChatServerMachine(limits, boundaries=boundaries, keepalive=keepalive, now=now)

    def client(self, limits: Limits, *, boundaries: bool, keepalive: bool, now: float) -> ChatClientMachine:
        """Return the client's side of a new connection."""
        return ChatClientMachine(limits, boundaries=boundaries, keepalive=keepalive, now=now)

    def encode(self, event: ServerEvent, *, boundaries: bool) -> bytes:
        """Return the payload that tells an event to everyone alike."""
        if isinstance(event, Posted):
            return posted_payload(event, boundaries=boundaries)
        return encode_payload(event_frame(event), boundaries=boundaries)


dialect = ChatDialect()
