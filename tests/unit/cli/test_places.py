"""Files that wait for their places, in virtual time."""

from __future__ import annotations

import asyncio
from typing import Final

import pytest

from chatcore import Client, RequestRefused
from chatcore.aio.tasks import spawn
from chatcore.events import FileOffered, FileReceived
from chatcore.testing import MemoryNetwork
from chatcore.text.slash import SendPath
from chatcore_cli.chatting.files import FilePlaces
from tests.unit.aio.house import House, in_virtual_time, next_of
from tests.unit.fakes import MemoryFiles, MemorySource

SENDS: Final = SendPath(("bob",), room=False, path="x")


async def with_files(house: House, name: str, size: int = 100) -> tuple[Client, FilePlaces]:
    """Return a user with a file `x`, and the places for it."""
    files = MemoryFiles()
    files.complete["x"] = bytes(size)
    client, places = await house.guest(name, files=files), FilePlaces()

    async def note() -> None:
        async for event in client:
            places.note(event)

    spawn(note(), name="a test's notes")
    return client, places


@in_virtual_time
async def test_file_for_which_nobody_makes_a_place_is_refused_in_the_end() -> None:
    """It is told once that something waits; those behind it wait no more, until something moves."""
    waiting: list[str] = []
    async with House(file_offers=2) as house:
        alice, places = await with_files(house, "alice")
        await with_files(house, "bob")
        loop = asyncio.get_running_loop()
        for _ in range(2):
            await places.send(alice, SENDS, lambda: waiting.append("first"))
        began = loop.time()
        with pytest.raises(RequestRefused, match="file_limit"):
            await places.send(alice, SENDS, lambda: waiting.append("third"))
        assert 50 < loop.time() - began < 70
        began = loop.time()
        with pytest.raises(RequestRefused, match="file_limit"):
            await places.send(alice, SENDS, lambda: waiting.append("fourth"))
        assert loop.time() - began < 1
        assert waiting == ["third"]

        await alice.cancel_file(alice.files[0].file)
        await places.send(alice, SENDS, lambda: waiting.append("fifth"))
        assert waiting == ["third"]


@in_virtual_time
async def test_file_waits_for_its_place_as_long_as_one_before_it_moves() -> None:
    """However long that takes."""
    async with House(MemoryNetwork(latency=(3.0, 3.1)), file_offers=1) as house:
        alice, places = await with_files(house, "alice", 2_000_000)
        bob = await house.guest("bob", files=MemoryFiles())
        began = asyncio.get_running_loop().time()
        await places.send(alice, SENDS, lambda: None)
        await bob.accept_file((await next_of(bob, FileOffered))[0].file)
        await places.send(alice, SENDS, lambda: None)
        assert asyncio.get_running_loop().time() - began > 120


async def received_by(taker: Client, places: FilePlaces, most: int) -> list[tuple[str, float]]:
    """Take all that is offered; return the senders of so many files, and when each was there."""
    received: list[tuple[str, float]] = []
    accepting = []
    async for event in taker:
        places.note(event)
        if isinstance(event, FileOffered):
            accepting.append(spawn(places.accept(taker, event), name="a test's file"))
        if isinstance(event, FileReceived):
            received.append((event.user, asyncio.get_running_loop().time()))
            if len(received) == most:
                break
    return received


async def offer(client: Client, to: str, *, size: int, times: int = 1) -> None:
    """Offer some files, each of another name and content."""
    for number in range(times):
        name = f"{client.username} {number}"
        await client.offer_file(MemorySource(name, name.encode() + bytes(size)), to=to)


@in_virtual_time
async def test_of_many_files_that_wait_for_a_place_one_asks_for_it() -> None:
    """Where all did, there would be more requests than the server takes, and the files come ever more slowly."""
    async with House(MemoryNetwork(latency=(0.01, 0.02)), file_transfers=1) as house:
        taker = await house.guest("taker", files=MemoryFiles())
        for giver in await house.guests("gina", "gerd", "gabi"):
            await offer(giver, "taker", size=10_000, times=14)
        began = asyncio.get_running_loop().time()
        received = await received_by(taker, FilePlaces(), 42)
        assert received[-1][1] - began < 30
        assert house.server.figures().refusals["file_limit"] <= 42


@in_virtual_time
async def test_file_of_a_sender_with_too_many_on_their_way_keeps_no_other_waiting() -> None:
    async with House(MemoryNetwork(latency=(1.0, 1.1)), file_transfers=2) as house:
        busy, other = await house.guests("busy", "other")
        slow, taker = [await house.guest(name, files=MemoryFiles()) for name in ("slow", "taker")]
        await offer(busy, "slow", size=2_000_000, times=2)
        for _ in range(2):
            await slow.accept_file((await next_of(slow, FileOffered))[0].file)
        await offer(busy, "taker", size=100, times=2)
        await offer(other, "taker", size=100)
        began = asyncio.get_running_loop().time()
        first, *rest = await received_by(taker, FilePlaces(), 3)
        assert first[0] == "other"
        assert first[1] - began < 20
        assert [user for user, _ in rest] == ["busy", "busy"]
