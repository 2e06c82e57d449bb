"""What both sides of the `chat` dialect share: framing, strict JSON, ping and pong, the close."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import Any, Final

from chatcore.dialects.chat.chunks import decode_chunk, decode_chunk_head, encode_chunk
from chatcore.dialects.chat.json_text import BadJsonError, decode_object, encode_object
from chatcore.errors import ErrorCode
from chatcore.limits import REQUEST_ID_CHARS, Limits
from chatcore.ports.transport import Binary, CloseReason

# What may stand in blank lines: as `bytes.strip` has it.
_BLANK: Final = re.compile(rb"\s+")


class Peer(ABC):
    """One side of one connection; the subclasses say what frames mean.

    Over a transport that keeps boundaries a message is an object, or a chunk of a file when it is binary; on a stream a
    line is an object (ending in LF), and the bytes of a chunk follow behind the line that announces them
    (docs/protocol).

    Args:
        limits: how long a peer may be silent.
        boundaries: True when each `receive_data` is one whole message, False on a stream of bytes.
        keepalive: True to notice a dead peer by ping and pong.
        now: seconds of the monotonic clock.
        longest: most bytes of an object; a longer one ends the connection.
    """

    __slots__ = (
        "_boundaries",
        "_close",
        "_heard",
        "_keepalive_at",
        "_limits",
        "_longest",
        "_main",
        "_out",
        "_pinged",
        "_second_stream",
    )

    def __init__(self, limits: Limits, *, boundaries: bool, keepalive: bool, now: float, longest: int) -> None:
        self._limits = limits
        self._boundaries = boundaries
        self._longest = longest
        self._main = _NO_STREAM if boundaries else Stream()
        self._second_stream: Stream | None = None
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
        if not self._boundaries:
            self._receive_stream(self._main, data)
        elif type(data) is Binary:
            self._receive_chunk_message(data)
        else:
            self._receive_object(data, self._main)

    @property
    def chunk_left(self) -> int:
        """How many bytes of a chunk come next, on the first stream."""
        head = self._main.chunk
        return 0 if head is None else head[2] - len(self._main.tail)

    def receive_second_stream(self, data: bytes) -> None:
        """Take the next bytes of the second stream, cut anywhere: there are chunks on it and nothing else."""
        self._heard = True
        if self._close is None:
            if self._second_stream is None:
                self._second_stream = Stream()
            self._receive_stream(self._second_stream, data)

    def _receive_chunk_message(self, data: Binary) -> None:
        chunk = decode_chunk(data)
        if chunk is None:
            self._fail(ErrorCode.BAD_JSON, "this binary message is not a chunk of a file", CloseReason.BAD_DATA)
        else:
            self._receive_chunk(*chunk)

    def _receive_stream(self, stream: Stream, data: bytes) -> None:
        start, end = 0, len(data)
        while start < end and self._close is None:
            if stream.chunk is not None:
                start = self._receive_raw(stream, stream.chunk, data, start)
                continue
            stop = data.find(b"\n", start)
            if stop < 0:
                stream.tail += data[start:]
                if len(stream.tail) > self._longest + stream.tail.endswith(b"\r"):
                    self._fail_too_long()
                break
            line = data[start:stop]
            start = stop + 1
            if stream.tail:
                line = bytes(stream.tail) + line
                stream.tail.clear()
            if len(line) > self._longest:
                line = line.removesuffix(b"\r")  # of the line's end, which does not count
            if line.strip() or len(line) > self._longest:
                self._receive_object(line, stream)
            else:
                start = self._behind_blank_lines(data, start)
        if self._close is not None:
            stream.clear()

    def _behind_blank_lines(self, data: bytes, start: int) -> int:
        """Return where the blank lines end that begin there: they are nothing, and cost as much however many they are.

        Lines that may be too long are left to be looked at one by one.
        """
        blank = _BLANK.match(data, start, start + self._longest)
        return start if blank is None else data.rfind(b"\n", start, blank.end()) + 1 or start

    def _receive_raw(self, stream: Stream, head: tuple[int, int, int], data: bytes, start: int) -> int:
        """Take bytes of a chunk; returns where the rest begins."""
        transfer, offset, size = head
        stop = min(len(data), start + size - len(stream.tail))
        stream.tail += data[start:stop]
        if len(stream.tail) == size:
            chunk = bytes(stream.tail)
            stream.clear()
            self._receive_chunk(transfer, offset, chunk)
        return stop

    def receive_eof(self) -> None:
        """End: nothing more will come, and half a line is worth nothing."""
        self._main.clear()
        if self._second_stream is not None:
            self._second_stream.clear()
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

    def excuse(self) -> None:
        """Forgive the silence so far."""
        self._heard = True

    def _send(self, frame: dict[str, Any]) -> None:
        self._out.append(encode_payload(frame, boundaries=self._boundaries))

    def _send_chunk(self, transfer: int, offset: int, data: bytes) -> None:
        self._out.append(encode_chunk(transfer, offset, data, boundaries=self._boundaries))

    def _receive_object(self, data: bytes, stream: Stream) -> None:
        if len(data) > self._longest:
            self._fail_too_long()
            return
        try:
            frame = decode_object(data)
        except BadJsonError as error:
            self._fail(ErrorCode.BAD_JSON, str(error), CloseReason.BAD_DATA)
            return
        kind = frame.get("type")
        if kind == "file_chunk" and not self._boundaries:
            stream.chunk = decode_chunk_head(frame)
            if stream.chunk is None:
                # How many bytes to leave out is not known, so there is no going on.
                self._fail(ErrorCode.BAD_REQUEST, "this is not the head of a chunk", CloseReason.BAD_DATA)
        elif stream is self._second_stream:
            self._fail(ErrorCode.BAD_REQUEST, "only chunks go on the second stream", CloseReason.BAD_DATA)
        elif kind == "ping":
            reply_to = frame.get("id")
            known = isinstance(reply_to, str) and len(reply_to) <= REQUEST_ID_CHARS
            self._pinged_by_peer(reply_to if known else None)
        elif kind != "pong":
            self._receive_frame(frame)

    def _fail_too_long(self) -> None:
        self._fail(ErrorCode.TOO_LARGE, f"an object has at most {self._longest} bytes", CloseReason.TOO_LARGE)

    @abstractmethod
    def _fail(self, code: ErrorCode, message: str, reason: CloseReason) -> None:
        """End the connection because of what the peer sent."""

    @abstractmethod
    def _pinged_by_peer(self, reply_to: str | None) -> None:
        """Answer a ping."""

    @abstractmethod
    def _unresponsive(self) -> None:
        """End the connection because the peer gives no sign of life."""

    @abstractmethod
    def _receive_frame(self, frame: dict[str, Any]) -> None:
        """Take a whole frame that is not a ping or a pong."""

    @abstractmethod
    def _receive_chunk(self, transfer: int, offset: int, data: bytes) -> None:
        """Take a whole chunk of a file."""


class Stream:
    """What came of a stream and is not complete yet."""

    __slots__ = ("chunk", "tail")

    def __init__(self) -> None:
        self.chunk: tuple[int, int, int] | None = None
        """Transfer, offset and size of the chunk that is under way; None between lines."""
        self.tail = bytearray()
        """Of the chunk, or of a line."""

    def clear(self) -> None:
        """Begin anew."""
        self.chunk = None
        self.tail.clear()


# What comes in messages is never in parts.
_NO_STREAM: Final = Stream()


def encode_payload(frame: dict[str, Any], *, boundaries: bool) -> bytes:
    """Return a frame as a payload: an object, with its line end where there are no boundaries."""
    data = encode_object(frame)
    return data if boundaries else data + b"\n"
