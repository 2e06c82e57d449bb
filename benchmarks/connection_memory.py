"""Says what an idle member is made of: every Python object that the server has more of with a crowd, per member.

The server runs in this process, over real sockets, as `chatcore serve --no-limits` does; the crowd is load/crowd.c.
What is not there before the crowd and is there after fifteen quiet seconds counts, divided by how many came. What is no
Python object (libuv's handles, what memory allocators leave between) is not in it: benchmarks/crowds.py says what a
member takes of the process's memory in all.

    python benchmarks/connection_memory.py
    python benchmarks/connection_memory.py --members 5000 --least 1
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import resource
import sys
import tempfile
from collections import Counter
from pathlib import Path
from types import GeneratorType, MethodType
from typing import Any, Final

import uvloop
from crowds import build_crowd

from chatcore import ChatServer, Listen
from chatcore.limits import Limits
from chatcore.ports.transport import ListenOptions

_QUIET_SECONDS: Final = 15
# Larger dicts, lists and sets than this are the server's own, which all members share.
_OF_ONE: Final = 40


def kind(thing: object) -> str:
    """Return what to call an object in the table."""
    if isinstance(thing, MethodType):
        return f"bound method {thing.__func__.__qualname__}"
    if isinstance(thing, GeneratorType):
        return f"generator {thing.__qualname__}"
    name = f"{type(thing).__module__}.{type(thing).__qualname__}".removeprefix("builtins.")
    if isinstance(thing, dict | list | set):
        return f"{name} of all members" if len(thing) > _OF_ONE else f"{name} with {len(thing)}"
    return name


def count_objects() -> tuple[Counter[str], Counter[str]]:
    """Return how many objects of each kind there are, and how many bytes they take."""
    gc.collect()
    # What the collector does not track (texts, numbers) is found by who refers to it.
    found: dict[int, Any] = {id(each): each for each in gc.get_objects()}
    more = list(found.values())
    while more:
        for each in gc.get_referents(more.pop()):
            if id(each) not in found and not isinstance(each, type):
                found[id(each)] = each
                more.append(each)
    counts: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for each in found.values():
        counts[kind(each)] += 1
        sizes[kind(each)] += sys.getsizeof(each)
    return counts, sizes


async def measure(members: int, least: float) -> None:
    """Let a crowd come, and print the table."""
    logging.disable(logging.INFO)
    place = Listen(options=ListenOptions(port=0, max_connections=members + 100))
    with tempfile.TemporaryDirectory() as folder:
        program = build_crowd(Path(folder))
        async with ChatServer(listen=[place], limits=Limits.unlimited(sessions=members + 100)) as server:
            port = server.urls[0].rpartition(":")[2]
            before = count_objects()
            crowd = await asyncio.create_subprocess_exec(
                *(program, "127.0.0.1", port, str(members), "1"), stdin=asyncio.subprocess.PIPE, stdout=-1
            )
            assert crowd.stdin is not None
            assert crowd.stdout is not None
            crowd.stdin.write(b"join\n")
            await crowd.stdout.readline()
            crowd.stdin.write(b"idle 600\n")
            await asyncio.sleep(_QUIET_SECONDS)
            after = count_objects()
            crowd.kill()
            await crowd.wait()
    counts, sizes = after[0], after[1]
    counts.subtract(before[0])
    sizes.subtract(before[1])
    print(f"| object, of {members:,} members | each has | bytes |\n| --- | ---: | ---: |")
    for name, size in sizes.most_common():
        if size / members >= least:
            print(f"| {name} | {counts[name] / members:.2f} | {size / members:.0f} |")
    print(f"| all objects | | {sum(sizes.values()) / members:.0f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--members", type=int, default=2000)
    parser.add_argument("--least", type=float, default=10.0, help="leave out what takes fewer bytes than this")
    options = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    uvloop.run(measure(options.members, options.least))


if __name__ == "__main__":
    main()
