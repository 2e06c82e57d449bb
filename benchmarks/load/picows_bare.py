"""The plain way to bring every message to everybody with picows: `python picows_bare.py PORT`.

No chat, no names, no history, no limits. The first message of a client is sent back to it alone: that is its login.
"""

from __future__ import annotations

import asyncio
import sys

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_create_server

MEMBERS: set[WSTransport] = set()


class Bare(WSListener):
    """One client."""

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Take a message."""
        if frame.msg_type == WSMsgType.CLOSE:
            transport.disconnect()
        elif transport not in MEMBERS:
            MEMBERS.add(transport)
            transport.send(WSMsgType.TEXT, frame.get_payload_as_bytes())
        else:
            payload = frame.get_payload_as_bytes()
            for member in MEMBERS:
                member.send(WSMsgType.TEXT, payload)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Forget a client that is gone."""
        MEMBERS.discard(transport)


async def main() -> None:
    """Serve until killed."""
    server = await ws_create_server(lambda _request: Bare(), "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(main())
