"""Ports for servers that are started at one that is known before, or once more where they were."""

from __future__ import annotations

import os
import random
import socket
from contextlib import suppress
from itertools import count
from typing import Final

# Below those that systems give away by themselves (Linux from 32768 on, others from 49152): neither who asks for any
# port, nor a connection, takes one of these while its server is away. Each process of pytest-xdist has its own ones.
_FIRST: Final = 10_000
_EACH: Final = 1_300
_WORKER: Final = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 16
_BLOCKED: Final = 10_080  # by browsers (Fetch, section 2.9): it is some amateurs' protocol of old
_turns = count(random.SystemRandom().randrange(_EACH))


def free_port() -> int:
    """Return a port that is free, for TCP and for UDP, and stays so."""
    while True:
        port = _FIRST + _WORKER * _EACH + next(_turns) % _EACH
        if port == _BLOCKED:
            continue
        with suppress(OSError), socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", port))
            udp.bind(("127.0.0.1", port))
            return port
