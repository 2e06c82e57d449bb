"""A peer whose machine dies: `unshare --net python -m tests.integration.tcp_blackhole KIND OPTIONS`, as root.

KIND says what the connection is doing at that moment: `idle` (nothing), `sending` (bytes are under way to the peer),
`full` (the peer has had no room for a while), `slow` (the same, and the machine does not die). Prints what the server
heard of it, and after how many seconds.
"""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys

from chatcore.ports.transport import Link, ListenOptions, Lost
from chatcore_tcp import TcpTransport
from tests.stopwatch import Stopwatch


class Host:
    """The user of the server's link."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.paused = False
        self.lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def data_received(self, payload: bytes) -> None:
        """Leave it out."""

    def writing_paused(self) -> None:
        """Take note that the peer has no room."""
        self.paused = True

    def writing_resumed(self) -> None:
        """Leave it out."""

    def connection_lost(self, reason: Lost) -> None:
        """Take note of the end."""
        self.lost.set_result(reason)


def run(command: str) -> None:
    """Run a command of the system."""
    subprocess.run(command.split(), check=True)


async def main(kind: str, patience: float, options: dict[str, float]) -> None:
    """Connect, let the machine die, and wait for what the server hears."""
    hosts: list[Host] = []

    def accept(link: Link) -> Host:
        hosts.append(Host(link))
        return hosts[0]

    listener = await TcpTransport(close_timeout=0.1).listen(ListenOptions(port=0, **options), accept)  # type: ignore[arg-type]
    loop = asyncio.get_running_loop()
    with socket.socket() as peer:
        peer.setblocking(False)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        await loop.sock_connect(peer, ("127.0.0.1", int(listener.url.rpartition(":")[2])))
        while not hosts:
            await asyncio.sleep(0.01)
        host = hosts[0]
        if kind in ("full", "slow"):
            while not host.paused:
                host.link.write(b"x" * 1000)
                await asyncio.sleep(0)
            await asyncio.sleep(3)
        stopwatch = Stopwatch()
        if kind != "slow":
            await loop.run_in_executor(None, run, "tc qdisc add dev lo root blackhole")
        if kind == "sending":
            host.link.write(b"hello")
        done, _ = await asyncio.wait([host.lost], timeout=patience)
        heard = host.lost.result() if done else None
        print(json.dumps({"heard": heard, "seconds": round(stopwatch.seconds, 1)}), flush=True)
        listener.stop_accepting()
        host.link.abort()
        await listener.wait_closed()


if __name__ == "__main__":
    run("ip link set lo up")
    asyncio.run(main(sys.argv[1], float(sys.argv[2]), json.loads(sys.argv[3] if len(sys.argv) > 3 else "{}")))
