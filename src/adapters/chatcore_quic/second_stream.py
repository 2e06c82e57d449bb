"""The second stream of a session, for what nothing may wait behind: files.

Each side that has something to write there opens a unidirectional stream of its own. What goes there is given to
aioquic in small pieces: a packet costs some 100 µs, and the chat comes in between.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from aioquic.quic.stream import QuicStreamSender

from chatcore_quic.bounded_quic import taken_of

SECOND_STREAM_BYTES: Final = 256 * 1024
"""Most bytes on the way that the peer has not acknowledged."""
_PIECE: Final = 8 * 1024
"""Most bytes that go to aioquic at a time."""


class SecondStream:
    """What goes out on the second stream, and what came in on the peer's."""

    def __init__(self) -> None:
        self.stream: int | None = None
        """The one that we opened."""
        self.peers_stream: int | None = None
        self.sender: QuicStreamSender | None = None
        self.arrived = bytearray()
        """What came and was not handed over yet; at most a window."""
        self._out: deque[bytes] = deque()
        self._out_bytes = 0

    @property
    def unsent(self) -> int:
        """How many bytes the peer has not acknowledged."""
        return self._out_bytes + self._under_way

    @property
    def taken(self) -> int | None:
        """How many bytes the peer has acknowledged; None: all that it was sent."""
        return None if self.sender is None else taken_of(self.sender)

    @property
    def _under_way(self) -> int:
        sender = self.sender
        return 0 if sender is None else sender._buffer_stop - sender._buffer_start

    @property
    def waits(self) -> bool:
        """True when there is something to write, and room for it."""
        return bool(self._out) and self._under_way < SECOND_STREAM_BYTES

    def add(self, data: bytes) -> None:
        """Take what is to go out."""
        self._out.append(data)
        self._out_bytes += len(data)

    def feed(self) -> None:
        """Give aioquic the next piece."""
        assert self.sender is not None  # it was opened
        room = min(_PIECE, SECOND_STREAM_BYTES - self._under_way)
        while self._out and room > 0:
            part = self._out.popleft()
            if len(part) > room:
                self._out.appendleft(part[room:])
                part = part[:room]
            room -= len(part)
            self._out_bytes -= len(part)
            self.sender.write(part)

    def drop(self) -> None:
        """Forget what was to go out."""
        self._out.clear()
        self._out_bytes = 0
