"""Servers and clients at a link-local address: `python -m tests.integration.zoned_house DIRECTORY`.

In a network of its own, where `lo` has the address fe80::1. Prints what every client was told.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from chatcore import connect
from chatcore.aio.server import Listen
from chatcore.ports.transport import ListenOptions
from chatcore_cli.hosting.running import loop_factory
from chatcore_tls.known_servers import KnownServersFile
from tests.stores import ChatServer


async def main(state: Path) -> None:
    """Let somebody in by every transport, with the zone written in both ways."""
    options = ListenOptions(host="fe80::1%lo", port=0, state_dir=str(state))
    own = ListenOptions(host="fe80::1%lo", port=0, state_dir=str(state), tls_own=True)
    places = [Listen("ws", options=options), Listen("ws", options=own), Listen("quic", options=options)]
    known = KnownServersFile(state / "known_servers")
    async with ChatServer(listen=[*places, Listen("tcp", options=options)]) as server:
        for number, url in enumerate(server.urls):
            for spelling in (url, url.replace("%", "%25")):
                async with connect(spelling, username=f"user{number}", known_servers=known) as chat:
                    await chat.send("hello")
                print("hello from", spelling.rpartition(":")[0])
    print(*(line.rpartition(":")[0] for line in known.path.read_text().splitlines()))


for factory in (None, loop_factory()):
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(main(Path(sys.argv[1])))
