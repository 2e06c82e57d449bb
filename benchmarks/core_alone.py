"""Measures what a message costs from the bytes that a socket gave to those that it takes, without any socket.

python benchmarks/core_alone.py --members 2 --batch 1,8,32
python benchmarks/core_alone.py --calls 60           the functions that each message calls, and how often
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import pstats
import statistics
import time
from pathlib import Path
from typing import Any, cast

import uvloop
from flame import flame_graph, sampled
from websockets.frames import apply_mask

from chatcore import ChatServer, Limits
from chatcore_ws.server import WsListener, WsServerLink

REQUEST = (
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


class Nowhere(asyncio.Transport):
    """Takes what is written, and counts it."""

    def __init__(self) -> None:
        super().__init__()
        self.written = 0

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return where the peer is."""
        return ("127.0.0.1", 1) if name == "peername" else default

    def write(self, data: Any) -> None:
        """Take bytes."""
        self.written += len(data)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Have none."""

    def pause_reading(self) -> None:
        """Read no more."""
        raise AssertionError("it should keep up")

    def resume_reading(self) -> None:
        """Read on."""

    def get_write_buffer_size(self) -> int:
        """Return how much waits: nothing."""
        return 0

    def is_closing(self) -> bool:
        """Tell whether it is closed: never."""
        return False

    def abort(self) -> None:
        """End."""


Nowhere.__module__ = "uvloop.loop"  # its writes need no care


def masked(text: str) -> bytes:
    """Return the frame in which a client sends a text of 126 bytes to 64 KiB, or a shorter one."""
    data, mask = text.encode(), b"\x12\x34\x56\x78"
    head = bytes((0x81, 0x80 | len(data))) if len(data) < 126 else b"\x81\xfe" + len(data).to_bytes(2, "big")
    return head + mask + apply_mask(data, mask)


async def room(listener: WsListener, members: int) -> list[WsServerLink]:
    """Let members join."""
    links = []
    for number in range(members):
        link = WsServerLink(listener, asyncio.get_running_loop().time() + 5, refuse=None)
        listener.links.add(link)
        link.connection_made(Nowhere())
        link.data_received(REQUEST)
        await asyncio.sleep(0)
        link.data_received(masked(f'{{"type":"login","username":"user{number}"}}'))
        await asyncio.sleep(0)
        links.append(link)
    await asyncio.sleep(0.2)
    return links


async def run(link: WsServerLink, messages: int, batch: int, numbered: bool, first: int) -> float:
    """Send messages, `batch` of them in each read; returns CPU seconds."""
    reads = []
    for start in range(first, first + messages, batch):
        texts = (
            f'{{"type":"send_message","text":"hello everybody in this room, this is message {n} @@@@"'
            + (f',"cid":{n}' if numbered else "")
            + "}"
            for n in range(start, start + batch)
        )
        reads.append(b"".join(map(masked, texts)))
    begin = time.process_time()
    for read in reads:
        link.data_received(read)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    return time.process_time() - begin


def tell_calls(profile: cProfile.Profile, messages: int, most: int) -> None:
    """Print the functions of ours that a message calls, and how often."""
    found: dict[Any, Any] = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    rows = sorted(((row[1] / messages, key) for key, row in found.items()), reverse=True)
    ours = [
        (calls, key) for calls, key in rows if "/src/" in key[0] or "/websockets/" in key[0] or key[0] == "<string>"
    ]
    print(f"{sum(calls for calls, _ in ours):.1f} calls per message")
    for calls, (file, line, name) in ours[:most]:
        if calls > 0.01:
            print(f"{calls:8.2f}  {'/'.join(Path(file).parts[-2:])}:{line} {name}")


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--members", type=int, default=2)
    parser.add_argument("--batch", default="1,8,32")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--messages", type=int, default=3200)
    parser.add_argument("--numbered", action="store_true")
    parser.add_argument("--calls", type=int, default=0, help="so many functions that each message calls")
    parser.add_argument("--flame", type=Path, help="also draw where the time goes, for the last of the batches")
    options = parser.parse_args()
    limits = Limits(requests_per_second=0, messages_per_second=0)
    server = ChatServer(limits=limits, port=0)
    async with server:
        listener = cast(WsListener, server._listening._opened[0].listener)
        links = await room(listener, options.members)
        sender, first = links[0], 1
        for batch in map(int, options.batch.split(",")):
            costs = []
            for _ in range(options.rounds):
                costs.append(await run(sender, options.messages, batch, options.numbered, first) / options.messages)
                first += options.messages
            print(
                f"{options.members} members, {batch:2} messages a read: {min(costs) * 1e6:6.2f} µs CPU per message "
                f"at least, {statistics.median(costs) * 1e6:6.2f} as a median"
            )
            if options.calls:
                profile = cProfile.Profile(builtins=False)
                profile.enable()
                await run(sender, options.messages, batch, options.numbered, first)
                profile.disable()
                first += options.messages
                tell_calls(profile, options.messages, options.calls)
        if options.flame:
            with sampled() as stacks:
                await run(sender, options.messages * 10, batch, options.numbered, first)
            options.flame.write_text(flame_graph(stacks, f"A message, {batch} of which came in one read"))
        for link in links:
            link.connection_lost(None)


with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(main())
