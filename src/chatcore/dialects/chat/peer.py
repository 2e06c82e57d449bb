"""What both sides of the `chat` dialect share: framing, strict JSON, ping and pong, the close."""

from __future__ import annotations

from typing import Any

from chatcore.dialects.chat.json_text import BadJsonError, decode_object, encode_object
from chatcore.errors import ErrorCode
from chatcore.limits import REQUEST_ID_CHARS, Limits
from chatcore.ports.transport import Binary, CloseReason


class Peer:
    """One side of one connection; the subclasses say what frames mean.

    Over a transport that keeps boundaries a message is an object; on a stream a line is one (ending in LF).
    """

    def __init__(self, limits: Limits, *, boundaries: bool, keepalive: bool, now: float, longest: int) -> None:
        self._limits = limits
        self._boundaries = boundaries
        self._longest = longest
        self._tail = bytearray()  # of a line that is not complete yet
        self._out: list[bytes] = []
        self._close: CloseReason | None = None
        self._heard = False
        self._pinged = False
        self._keepalive_at = now + limits.keepalive_interval if keepalive else None

    def receive_data(self, data: bytes) -> None:
        """Take a message, or on a stream the next bytes, cut anywhere."""
        self._heard = True
        if self._close is not None:
            return
        if self._boundaries:
            self._receive_object(data)
            return
        lines = data.split(b"\n")
        if self._tail or len(lines) == 1:
            self._tail += lines[0]
            if len(lines) > 1:
                lines[0] = bytes(self._tail)
                self._tail.clear()
        for line in lines[:-1]:
            if line.strip() or len(line) > self._longest:
                self._receive_object(line)
            if self._close is not None:
                self._tail.clear()
                return
        if len(lines) > 1:
            self._tail += lines[-1]
        if len(self._tail) > self._longest:
            self._fail(ErrorCode.TOO_LARGE, f"an object has at most {self._longest} bytes", CloseReason.TOO_LARGE)
            self._tail.clear()

    def receive_eof(self) -> None:
        """Take note that nothing more will come; half a line is worth nothing."""
        self._tail.clear()
        if self._close is None:
            self._close = CloseReason.NORMAL

    def data_to_send(self) -> list[bytes]:
        """Return the payloads to send, once each."""
        out, self._out = self._out, []
        return out

    def close_expected(self) -> CloseReason | None:
        """Return why the connection is to be closed now, None to keep it."""
        return self._close

    def get_timer(self) -> float | None:
        """Return when to call `handle_timer`; never again once the connection is to be closed."""
        return self._keepalive_at if self._close is None else None

    def handle_timer(self, now: float) -> None:
        """Ask a silent peer for a sign of life; give up on one that gives none."""
        if self._keepalive_at is None or now < self._keepalive_at or self._close is not None:
            return
        if self._heard:
            self._heard = self._pinged = False
            self._keepalive_at = now + self._limits.keepalive_interval
        elif not self._pinged:
            self._pinged = True
            self._send({"type": "ping"})
            self._keepalive_at = now + self._limits.keepalive_timeout
        else:
            self._unresponsive()

    def _send(self, frame: dict[str, Any]) -> None:
        self._out.append(encode_payload(frame, boundaries=self._boundaries))

    def _receive_object(self, data: bytes) -> None:
        if type(data) is Binary:
            self._fail(ErrorCode.BAD_JSON, "a binary message is not JSON", CloseReason.BAD_DATA)
            return
        if len(data) > self._longest:
            message = f"an object has at most {self._longest} bytes"
            self._fail(ErrorCode.TOO_LARGE, message, CloseReason.TOO_LARGE)
            return
        try:
            frame = decode_object(data)
        except BadJsonError as error:
            self._fail(ErrorCode.BAD_JSON, str(error), CloseReason.BAD_DATA)
            return
        kind = frame.get("type")
        if kind == "ping":
            reply_to = frame.get("id")
            known = isinstance(reply_to, str) and len(reply_to) <= REQUEST_ID_CHARS
            self._pinged_by_peer(reply_to if known else None)
        elif kind != "pong":
            self._receive_frame(frame)

    def _fail(self, code: ErrorCode, message: str, reason: CloseReason) -> None:
        """End the connection because of what the peer sent."""
        raise NotImplementedError

    def _pinged_by_peer(self, reply_to: str | None) -> None:
        """Answer a ping."""
        raise NotImplementedError

    def _unresponsive(self) -> None:
        """End the connection because the peer gives no sign of life."""
        raise NotImplementedError

    def _receive_frame(self, frame: dict[str, Any]) -> None:
        """Take a whole frame that is not a ping or a pong."""
        raise NotImplementedError


def encode_payload(frame: dict[str, Any], *, boundaries: bool) -> bytes:
    """Return a frame as a payload: an object, with its line end where there are no boundaries."""
    data = encode_object(frame)
    return data if boundaries else data + b"\n"
