"""Attacks with few bytes that take long to look at, and ask for little: on WebSocket, and over TCP in every dialect."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Final

from attackers.floods import LOGINS
from attackers.users import Place, User, attack

_CONNECTIONS: Final = 10


async def _again_and_again(place: Place, flood: Callable[[int], Awaitable[None]]) -> None:
    """Let so many connections flood; one that is closed comes again."""

    async def one(number: int) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(place.seconds):
                while True:
                    with contextlib.suppress(OSError, EOFError):
                        await flood(number)
                    await asyncio.sleep(0)

    await asyncio.gather(*map(one, range(_CONNECTIONS)))


async def _write_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, some: bytes) -> None:
    """Write the same bytes as fast as they are taken, until the server hangs up."""

    async def read_away() -> None:
        while await reader.read(2**18):
            pass

    block = some * max(1, 65536 // len(some))
    async with asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(read_away())
        while not reading.done():
            writer.write(block)
            await writer.drain()


def _frames(name: str, frames: bytes) -> None:
    @attack(f"websockets full of {name}")
    async def _run(place: Place) -> None:
        async def flood(number: int) -> None:
            user = User(place, None, source=f"127.0.0.{2 + number}")
            async with user:
                with contextlib.suppress(ExceptionGroup):
                    await _write_on(user.reader, user.writer, frames)

        await _again_and_again(place, flood)


def _bytes(dialect: str, name: str, some: bytes, *, logged_in: bool = True) -> None:
    @attack(f"{dialect} over tcp, full of {name}")
    async def _run(place: Place) -> None:
        async def flood(number: int) -> None:
            source = (f"127.0.0.{2 + number}", 0)
            reader, writer = await asyncio.open_connection(place.host, place.ports[dialect], local_addr=source)
            try:
                writer.write(LOGINS[dialect](f"little{number}") if logged_in else b"")
                with contextlib.suppress(ExceptionGroup):
                    await _write_on(reader, writer, some)
            finally:
                writer.transport.abort()

        await _again_and_again(place, flood)


_frames("pongs", b"\x8a\x81" + bytes(5))
_frames("empty binary messages", b"\x82\x80" + bytes(4))
_frames("small fragments", b"\x01\x80" + bytes(4) + b"\x80\x80" + bytes(4))
_frames("empty messages", b"\x81\x80" + bytes(4))
_bytes("chat", "empty objects", b"{}\n")
_bytes("chat", "empty lines", b"\n")
_bytes("simple-json", "empty objects", b"{}")
_bytes("simple-json", "nothing between objects", b"\0")
_bytes("simple-text", "empty lines", b"\n")
_bytes("simple-text", "commands before the login", b"/pseudo\n", logged_in=False)
_bytes("simple-text", "what is no text", b"\xff\n")
