"""A store whose pages are damaged one after the other: whatever is left of it, no request is left without an answer."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from chatcore import ChatServer, Client, Limits, connect
from chatcore.commands import SendMessage
from chatcore.errors import ConfigurationError, ConnectionClosed, RequestRefused
from chatcore.testing import MemoryNetwork
from tests.patience import PATIENCE

LIMITS = Limits(requests_per_second=0)
PAGE = 4096
SEED = 1
REFUSALS = {"unreadable", "no_such_message", "not_allowed"}

Damage = Callable[[random.Random, bytes], bytes]


def _noise(chance: random.Random, page: bytes) -> bytes:
    first = chance.randrange(PAGE - 200)
    return page[:first] + chance.randbytes(200) + page[first + 200 :]


def _bits(chance: random.Random, page: bytes) -> bytes:
    damaged = bytearray(page)
    for place in chance.choices(range(PAGE), k=12):
        damaged[place] ^= 1 << chance.randrange(8)
    return bytes(damaged)


def _letters(chance: random.Random, page: bytes) -> bytes:
    """Put other letters and digits in the place of some: what is a text stays one."""
    damaged = bytearray(page)
    places = [place for place, byte in enumerate(page) if chr(byte).isalnum() and byte < 128]
    for place in chance.sample(places, min(20, len(places))):
        damaged[place] = ord(chance.choice("0123456789" if chr(page[place]).isdigit() else "abcdefgh"))
    return bytes(damaged)


def serve(path: Path, network: MemoryNetwork) -> ChatServer:
    """Return a server with a store."""
    return ChatServer(transport=network, port=0, store=f"sqlite:{path}", limits=LIMITS)


@pytest.fixture
async def whole(tmp_path: Path) -> Path:
    """Return the file of a store in which something was said."""
    path, network = tmp_path / "chat.db", MemoryNetwork()
    async with serve(path, network) as server, connect(server.urls[0], username="alice", transport=network) as alice:
        for number in range(400):
            alice.post(SendMessage(f"hello {number}", reply_to=None if number < 300 else 1))
        await alice.flush()
        for seq in range(5, 200, 40):
            await alice.react(seq, "👍")
    return path


def asked(bob: Client) -> list[Awaitable[object]]:
    """Ask for everything that has to be read."""
    return [
        *(bob.history(before=before, limit=50) for before in range(1, 402, 50)),
        bob.search("hello"),
        bob.react(20, "👍"),
        bob.send("yes", reply_to=30),
        bob.delete_message(40),
        bob.create("rust"),
        bob.join("lobby"),
    ]


async def _are_answered(server: ChatServer, network: MemoryNetwork) -> None:
    """Ask a server, and have an answer to each request, unless its store has failed and it said so to the operator."""
    async with asyncio.timeout(PATIENCE):
        async with connect(server.urls[0], username="bob", transport=network, reconnect=False) as bob:
            for answer in await asyncio.gather(*asked(bob), return_exceptions=True):
                if isinstance(answer, ConnectionClosed):
                    assert server.failed.is_set()
                elif isinstance(answer, BaseException):
                    assert isinstance(answer, RequestRefused), answer
                    assert answer.code in REFUSALS, answer


def copies(whole: Path, damage: Damage) -> Iterator[Path]:
    """Yield copies of a store: in each of them a page is damaged."""
    data, chance = whole.read_bytes(), random.Random(SEED)
    for page in [*range(1, 13), *range(13, len(data) // PAGE, 8)]:  # the first of each table, and some of the others
        place = slice(page * PAGE, (page + 1) * PAGE)
        path = whole.with_name(f"{page}.db")
        path.write_bytes(data[: place.start] + damage(chance, data[place]) + data[place.stop :])
        yield path


@pytest.mark.parametrize("damage", [_noise, _bits, _letters])
async def test_whatever_page_of_a_store_is_damaged_every_request_is_answered(damage: Damage, whole: Path) -> None:
    """With what there is, with a refusal; or the server does not start, and says why."""
    started = 0
    for path in copies(whole, damage):
        network = MemoryNetwork()
        try:
            async with serve(path, network) as server:
                started += 1
                await _are_answered(server, network)
        except ConfigurationError:
            continue
    assert started
