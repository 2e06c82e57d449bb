"""Files that wait for their places, in virtual time."""

from __future__ import annotations

import asyncio
from typing import Final

import pytest

from chatcore import Client, RequestRefused
from chatcore.aio.tasks import spawn
from chatcore.events import FileOffered
from chatcore.testing import MemoryNetwork
from chatcore.text.slash import SendPath
from chatcore_cli.chatting.showing.files import Places
from tests.unit.aio.house import House, in_virtual_time, next_of
from tests.unit.fakes import MemoryFiles

SENDS: Final = SendPath(("bob",), room=False, path="x")


async def with_files(house: House, name: str, size: int = 100) -> tuple[Client, Places]:
    """Return a user with a file `x`, and the places for it."""
    files = MemoryFiles()
    files.complete["x"] = bytes(size)
    client, places = await house.guest(name, files=files), Places()

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
