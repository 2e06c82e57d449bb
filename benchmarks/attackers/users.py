"""A user, as plain as can be, over WebSocket; and what an attack is."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

PATIENCE: Final = 60.0

Frame = dict[str, Any]

_ANSWERS: Final = (
    "welcome", "message", "direct", "broadcast", "room", "rooms", "history", "file_offered", "ok", "error",
)  # fmt: skip


class User:
    """One WebSocket connection that speaks the native protocol. `async with User(place, name) as user` logs in.

    Another transport is a subclass, with `connect`, `leave`, `as_message`, `drain` and `hear` of its own.
    """

    def __init__(self, place: Place, name: str | None, *, source: str = "127.0.0.1") -> None:
        self._place = place
        self._name = name
        self._source = source
        self.welcome: Frame = {}
        self.reader: asyncio.StreamReader
        self.writer: asyncio.StreamWriter

    async def __aenter__(self) -> Self:
        try:
            await self.connect()
            if self._name is not None:
                self.send(type="login", username=self._name)
                self.welcome = await self.next("welcome")
        except BaseException:
            self.leave()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self.leave()

    async def connect(self) -> None:
        """Connect; sets `reader` and `writer`."""
        host, port = self._place.host, self._place.ports["ws"]
        self.reader, self.writer = await asyncio.open_connection(host, port, local_addr=(self._source, 0))
        key = base64.b64encode(os.urandom(16)).decode()
        self.writer.write(
            f"GET / HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        await self.reader.readuntil(b"\r\n\r\n")

    def leave(self) -> None:
        """Drop the connection, if there is one."""
        if hasattr(self, "writer"):
            self.writer.transport.abort()

    def as_message(self, **frame: Any) -> bytes:
        """Return a frame as it goes out: a masked text message."""
        payload = json.dumps(frame).encode()
        size = struct.pack("!B", 0x80 | len(payload)) if len(payload) < 126 else struct.pack("!BH", 0xFE, len(payload))
        return b"\x81" + size + bytes(4) + payload

    async def drain(self) -> None:
        """Wait until more is taken."""
        await self.writer.drain()

    async def hear(self) -> bytes:
        """Return the next frame as it came."""
        while True:
            head = await self.reader.readexactly(2)
            size = head[1]
            if size >= 126:
                size = int.from_bytes(await self.reader.readexactly(2 if size == 126 else 8))
            payload = await self.reader.readexactly(size)
            if head[0] == 0x89:  # asked for a sign of life
                self.writer.write(b"\x8a" + bytes((0x80 | size,)) + bytes(4) + payload)
            if head[0] == 0x81:
                return payload

    def send(self, **frame: Any) -> None:
        """Send a request."""
        self.writer.write(self.as_message(**frame))

    async def next(self, *kinds: str) -> Frame:
        """Return the next frame of one of these types."""
        async with asyncio.timeout(PATIENCE):
            while True:
                frame: Frame = json.loads(await self.hear())
                if frame["type"] in kinds:
                    return frame

    async def ask(self, **frame: Any) -> Frame:
        """Send a request and return what answers it; a request that came too early is sent again."""
        while True:
            self.send(**frame, id="asked")
            answer: Frame = {}
            while answer.get("id") != "asked":
                answer = await self.next(*_ANSWERS)
            if answer.get("code") != "rate_limited":
                return answer
            await asyncio.sleep(answer["retry_after"])

    async def enter(self, room: str) -> None:
        """Be in a room that is made when it is not there."""
        for kind in ("join_room", "create_room"):
            self.send(type=kind, room=room)
            if (await self.next("room", "error"))["type"] == "room":
                return

    async def flood(self, *requests: Frame, seconds: float) -> None:
        """Send these again and again, as fast as they are taken, and read whatever comes without looking at it."""
        block = b"".join(self.as_message(**request) for request in requests)
        block *= max(1, 8192 // len(block))
        over = time.monotonic() + seconds
        reading = asyncio.create_task(self.read_away())
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(seconds):
                while time.monotonic() < over:
                    self.writer.write(block)
                    await self.drain()
                    await asyncio.sleep(0)
        reading.cancel()

    async def read_away(self) -> None:
        """Read whatever comes, without looking at it."""
        with contextlib.suppress(OSError):
            while await self.reader.read(2**18):
                pass


@dataclass(frozen=True)
class Place:
    """Where the server is, and for how many seconds to attack it."""

    host: str
    ports: Mapping[str, int]
    """Of `ws` and `quic`, and of TCP by the dialect that is spoken there."""
    seconds: float


@dataclass(frozen=True)
class Attack:
    """What an attacker does.

    Attributes:
        name: what it is called in the table.
        run: does it; returns when its time is over. Fails when somebody else was hurt otherwise than by waiting.
        options: of the server, besides the default ones.
        memory: how many MiB the server may have grown by.
    """

    name: str
    run: Callable[[Place], Awaitable[None]]
    options: tuple[str, ...] = ()
    memory: float = 100.0


ATTACKS: Final[list[Attack]] = []
FLOODS: Final[list[Attack]] = []
"""One kind of request each, from one connection, and from one connection of each of 50 addresses, over WebSocket and
TCP, in every dialect; and over QUIC from 1 connection and from 10."""


def attack(
    name: str, *options: str, memory: float = Attack.memory
) -> Callable[[Callable[[Place], Awaitable[None]]], Callable[..., Any]]:
    """Put a function among the attacks."""

    def add(run: Callable[[Place], Awaitable[None]]) -> Callable[..., Any]:
        ATTACKS.append(Attack(name, run, options, memory))
        return run

    return add


@contextlib.asynccontextmanager
async def crowd(
    place: Place, size: int, *, sources: int = 1, logged_in: bool = True, kind: type[User] = User
) -> AsyncIterator[list[User]]:
    """Give users who come from `sources` addresses in turn. Those that the server does not want are left out."""
    async with contextlib.AsyncExitStack() as stack:
        users = []
        for number in range(size):
            user = kind(place, f"a{number}" if logged_in else None, source=f"127.0.0.{1 + number % sources}")
            with contextlib.suppress(OSError, EOFError):
                users.append(await stack.enter_async_context(user))
        yield users


async def everybody_floods(users: list[User], place: Place, *requests: Frame) -> None:
    """Let all of them send these requests as fast as they can."""
    await asyncio.gather(*(user.flood(*requests, seconds=place.seconds) for user in users))
