"""The server's side of the `chat` dialect."""

from __future__ import annotations

from typing import Any

from chatcore.commands import SendChunk
from chatcore.dialects.base import Answer, Request
from chatcore.dialects.chat.decode import BadFrameError, decode_request
from chatcore.dialects.chat.encode import event_frame
from chatcore.dialects.chat.peer import Peer, Stream
from chatcore.dialects.chat.pictures import picture_object
from chatcore.dialects.chat.usual import decode_send, posted_payload
from chatcore.errors import ErrorCode
from chatcore.events import (
    ChunkReceived,
    ConnectionAttached,
    Dismissed,
    PingAnswered,
    Posted,
    Refused,
    RoomEntered,
    RoomsListed,
    ServerEvent,
    Welcomed,
)
from chatcore.limits import OBJECT_BYTES, Limits
from chatcore.ports.transport import CloseReason


class ChatServerMachine(Peer):
    """Implements `chatcore.dialects.base.ServerMachine`."""

    __slots__ = ("_login_by", "_numbers", "_requests")

    def __init__(self, limits: Limits, *, boundaries: bool, keepalive: bool, now: float) -> None:
        super().__init__(limits, boundaries=boundaries, keepalive=keepalive, now=now, longest=OBJECT_BYTES)
        self._requests: list[Request | Answer] = []
        self._numbers: str | None = None
        self._login_by: float | None = now + limits.login_timeout

    def events_received(self) -> list[Request | Answer]:
        """Return what the user asked for, once each, and what to `send_event` in between."""
        requests, self._requests = self._requests, []
        return requests

    def send_event(self, event: ServerEvent, reply_to: str | None = None) -> None:
        """Put an event for this connection alone into `data_to_send`."""
        if isinstance(event, Posted):
            self._out.append(
                posted_payload(event, boundaries=self._boundaries, numbers=self._numbers, reply_to=reply_to)
            )
            return
        if isinstance(event, ChunkReceived):
            self._send_chunk(event.transfer, event.offset, event.data)
            return
        if isinstance(event, Welcomed):
            self._numbers = event.numbers
        if isinstance(event, Welcomed | ConnectionAttached):
            self._login_by = None
        if isinstance(event, Welcomed | RoomEntered | RoomsListed):
            data = picture_object(event, reply_to)
            self._out.append(data if self._boundaries else data + b"\n")
            return
        self._send(event_frame(event, numbers=self._numbers, reply_to=reply_to))

    def get_timer(self) -> float | None:
        """Return when to call `handle_timer`; never again once the connection is to be closed."""
        if self._close is not None:
            return None
        timers = [timer for timer in (self._login_by, super().get_timer()) if timer is not None]
        return min(timers, default=None)

    def handle_timer(self, now: float) -> None:
        """Send away whoever does not log in or gives no sign of life."""
        if self._login_by is not None and now >= self._login_by and self._close is None:
            self._login_by = None
            self.send_event(Dismissed(ErrorCode.LOGIN_TIMEOUT, "no login came in time"))
            self._close = CloseReason.POLICY
        super().handle_timer(now)

    def _receive_object(self, data: bytes, stream: Stream) -> None:
        send = decode_send(data) if stream is self._main and len(data) <= self._longest else None
        if send is None:
            super()._receive_object(data, stream)
        else:
            self._requests.append(send)

    def _receive_frame(self, frame: dict[str, Any]) -> None:
        try:
            self._requests.append(Request(*decode_request(frame)))
        except BadFrameError as error:
            self._requests.append(Answer(Refused(error.code, error.message, values=error.values), error.reply_to))

    def _receive_chunk(self, transfer: int, offset: int, data: bytes) -> None:
        self._requests.append(Request(SendChunk(transfer, offset, data)))

    def _fail(self, code: ErrorCode, message: str, reason: CloseReason) -> None:
        self._requests.append(Answer(Refused(code, message)))
        self._close = reason

    def _pinged_by_peer(self, reply_to: str | None) -> None:
        self._requests.append(Answer(PingAnswered(), reply_to))

    def _unresponsive(self) -> None:
        self.send_event(Dismissed(ErrorCode.UNRESPONSIVE, "no sign of life", 0))
        self._close = CloseReason.POLICY
