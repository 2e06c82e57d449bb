"""The client's side of the `chat` dialect."""

from __future__ import annotations

from typing import Any, Final

from chatcore.commands import Command, LogIn, SendChunk
from chatcore.dialects.base import Received
from chatcore.dialects.chat.decode import BadFrameError, decode_event
from chatcore.dialects.chat.encode import command_frame
from chatcore.dialects.chat.peer import Peer
from chatcore.dialects.echo import IS_ECHO
from chatcore.errors import ErrorCode, Sentence
from chatcore.events import ChunkReceived, Dismissed
from chatcore.limits import Limits
from chatcore.ports.transport import CloseReason

# What a server may send in one object: it promises 64 KiB, a future one may say more.
_LONGEST: Final = 1024 * 1024
# How our login begins. A server that says it too sends back what it gets, perhaps behind words of its own.
_LOGIN: Final = b'{"type":"login"'
_LOOKED_AT: Final = 1024


class ChatClientMachine(Peer):
    """Implements `chatcore.dialects.base.ClientMachine`."""

    def __init__(self, limits: Limits, *, boundaries: bool, keepalive: bool, now: float) -> None:
        super().__init__(limits, boundaries=boundaries, keepalive=keepalive, now=now, longest=_LONGEST)
        self._events: list[Received] = []
        self._first: bytes | None = None  # what came first behind the login

    def events_received(self) -> list[Received]:
        """Return what the server said, once each."""
        events, self._events = self._events, []
        return events

    def receive_data(self, data: bytes) -> None:
        """Take a message, or on a stream the next bytes, cut anywhere."""
        if self._first is not None and len(self._first) < _LOOKED_AT and self._close is None:
            self._first = (self._first + data)[:_LOOKED_AT]
            if _LOGIN in self._first:
                self._events.append(Received(Dismissed(ErrorCode.FORBIDDEN, IS_ECHO)))
                self._close = CloseReason.NORMAL
                return
        super().receive_data(data)

    def send_command(self, command: Command, reply_to: str | None = None) -> None:
        """Put a command into `data_to_send`."""
        if isinstance(command, SendChunk):
            self._send_chunk(command.transfer, command.offset, command.data)
            return
        if isinstance(command, LogIn):
            self._first = b""
        self._send(command_frame(command, reply_to))

    def _receive_frame(self, frame: dict[str, Any]) -> None:
        try:
            self._events.append(Received(*decode_event(frame)))
        except BadFrameError as error:
            # A newer server may know frames that we do not; one that we know and cannot read is broken.
            if error.code != ErrorCode.UNKNOWN_TYPE:
                self._fail(error.code, error.message, CloseReason.BAD_DATA)

    def _receive_chunk(self, transfer: int, offset: int, data: bytes) -> None:
        self._events.append(Received(ChunkReceived(transfer, offset, data)))

    def _fail(self, code: ErrorCode, message: str, reason: CloseReason) -> None:
        self._events.append(
            Received(Dismissed(code, Sentence("the server sent something unreadable: {why}", why=message), 1.0))
        )
        self._close = reason

    def _pinged_by_peer(self, reply_to: str | None) -> None:
        self._send({"type": "pong"} if reply_to is None else {"type": "pong", "id": reply_to})

    def _unresponsive(self) -> None:
        self._close = CloseReason.POLICY
