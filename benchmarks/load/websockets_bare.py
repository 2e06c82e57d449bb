"""The plain way to bring every message to everybody with websockets: `python websockets_bare.py PORT`.

No chat, no names, no history, no limits. The first message of a client is sent back to it alone: that is its login.
"""

from __future__ import annotations

import asyncio
import sys

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve

MEMBERS: set[ServerConnection] = set()


async def talk(member: ServerConnection) -> None:
    """Serve one client."""
    await member.send(await member.recv())
    MEMBERS.add(member)
    try:
        async for message in member:
            broadcast(MEMBERS, message)
    finally:
        MEMBERS.discard(member)


async def main() -> None:
    """Serve until killed."""
    async with serve(talk, "127.0.0.1", int(sys.argv[1]), compression=None) as server:
        await server.serve_forever()


with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(main())
