"""Chunks of files on their way out of the server: behind the chat, and bounded."""

from __future__ import annotations

from collections import deque

from chatcore.ports.transport import Link, SecondStreamLink


class Chunks:
    """The chunks that wait for one connection.

    On a link with two streams nothing waits here: the link puts the chat first. On a link with one stream a chunk
    goes out at the end of a turn, behind what the chat had to say in it, and none while the peer reads too slowly.

    Args:
        link: where they go.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._most = 0
        self._second_stream = link if isinstance(link, SecondStreamLink) else None
        self._waiting: deque[bytes] = deque()
        self._bytes = 0

    def add(self, frames: bytes, most: int) -> bool:
        """Take a chunk's frames; returns False when that is more than a peer that keeps to its windows asks for.

        `most` is how many bytes may wait, here and in the link: once it was more, what was granted then may still come.
        """
        self._most = max(self._most, most)
        if self._second_stream is not None:
            self._second_stream.write_second_stream(frames)
            return self._second_stream.second_stream_bytes <= self._most
        self._waiting.append(frames)
        self._bytes += len(frames)
        return self._bytes <= self._most

    def write_one(self) -> bool:
        """Write what has waited longest; returns whether there is more."""
        if self._waiting:
            frames = self._waiting.popleft()
            self._bytes -= len(frames)
            self._link.write(frames)
        return bool(self._waiting)
