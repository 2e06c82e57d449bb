"""A server in a process of its own, to be killed and measured: `python -m tests.integration.quic_house KIND`."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile

from chatcore.ports.transport import Link, ListenOptions
from chatcore_quic import QuicTransport


class Host:
    """The user of a link: `echo` sends everything back, `deaf` never reads, `mute` reads and says nothing."""

    def __init__(self, link: Link, kind: str) -> None:
        self.link = link
        self.kind = kind
        if kind == "deaf":
            asyncio.get_running_loop().call_soon(link.pause_reading)

    def data_received(self, payload: bytes) -> None:
        """Take data."""
        if self.kind == "echo":
            self.link.write(payload)

    def writing_paused(self) -> None:
        """Leave it to the transport."""

    def writing_resumed(self) -> None:
        """Leave it to the transport."""

    def connection_lost(self, reason: str) -> None:
        """Leave it out."""


async def main(kind: str, **options: float) -> None:
    """Listen, say where, and serve until killed."""
    with tempfile.TemporaryDirectory() as state:
        wanted = ListenOptions(port=0, state_dir=state, **options)  # type: ignore[arg-type]
        listener = await QuicTransport().listen(wanted, lambda link: Host(link, kind))
        print(json.dumps({"url": listener.url, "pin": listener.key_fingerprint}), flush=True)
        while True:
            line = await asyncio.to_thread(sys.stdin.readline)
            if not line:
                break
            links = [link for link in listener.links if link.address]
            print(json.dumps({"links": len(links), "half_open": listener.registry.half_open}), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], **json.loads(sys.argv[2] if len(sys.argv) > 2 else "{}")))
