"""A WebSocket client that keeps no rule: sends any bytes, and reads when it is told to."""

from __future__ import annotations

import asyncio
import socket
import struct
from types import TracebackType
from typing import Self

from tests.patience import PATIENCE

CONT, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10

REQUEST = (
    "GET / HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{more}\r\n"
)


def request(host: str = "127.0.0.1", *more: str) -> bytes:
    """Return a handshake request with more header lines."""
    return REQUEST.format(host=host, more="".join(f"{line}\r\n" for line in more)).encode()


def frame(
    opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0, masked: bool = True, length: int | None = None
) -> bytes:
    """Return a frame; its parts need not make sense together."""
    size = len(payload) if length is None else length
    head = bytes([fin << 7 | rsv << 4 | opcode])
    bit = masked << 7
    if size < 126:
        head += bytes([bit | size])
    elif size < 65536:
        head += struct.pack("!BH", bit | 126, size)
    else:
        head += struct.pack("!BQ", bit | 127, size)
    if not masked:
        return head + payload
    mask = b"\x12\x34\x56\x78"
    return head + mask + bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))


class Peer:
    """One TCP connection. `async with Peer(url) as peer` connects; `upgrade` does the handshake."""

    def __init__(self, url: str, *, receive_buffer: int | None = None) -> None:
        host, _, port = url.partition("://")[2].rpartition(":")
        self.place = (host, int(port))
        self._loop = asyncio.get_running_loop()
        self.socket = socket.socket()
        self.socket.setblocking(False)
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._unread = b""

    async def __aenter__(self) -> Self:
        await self._loop.sock_connect(self.socket, self.place)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.socket.close()

    async def upgrade(self) -> Self:
        """Do the handshake."""
        await self.send(request())
        head = await self.head()
        assert head.startswith("HTTP/1.1 101 ")
        return self

    async def send(self, data: bytes) -> None:
        """Send bytes; that the server hangs up meanwhile is no mistake."""
        try:
            await self._loop.sock_sendall(self.socket, data)
        except ConnectionError:
            pass

    async def head(self) -> str:
        """Return the head of the HTTP answer."""
        return (await self._until(b"\r\n\r\n")).decode()

    async def frame(self) -> tuple[int, bytes]:
        """Return opcode and payload of the next frame."""
        first, size = await self._exactly(2)
        if size == 126:
            (size,) = struct.unpack("!H", await self._exactly(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", await self._exactly(8))
        return first & 15, await self._exactly(size)

    async def close_code(self) -> int:
        """Read until the Close frame; returns its code."""
        while True:
            opcode, payload = await self.frame()
            if opcode == CLOSE:
                return int.from_bytes(payload[:2], "big")

    async def the_end(self) -> bytes:
        """Read until the server hangs up; returns what came before that."""
        while await self._more():
            pass
        return self._unread

    async def _exactly(self, count: int) -> bytes:
        while len(self._unread) < count:
            if not await self._more():
                raise EOFError("the server hung up")
        data, self._unread = self._unread[:count], self._unread[count:]
        return data

    async def _until(self, mark: bytes) -> bytes:
        while mark not in self._unread:
            if not await self._more():
                raise EOFError("the server hung up")
        data, _, self._unread = self._unread.partition(mark)
        return data + mark

    async def _more(self) -> bool:
        async with asyncio.timeout(PATIENCE):
            try:
                data = await self._loop.sock_recv(self.socket, 65536)
            except ConnectionError:
                data = b""
        self._unread += data
        return bool(data)
