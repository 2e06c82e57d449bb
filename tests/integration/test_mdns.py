"""Servers that are announced on a local network, and found there: over the loopback, in real datagrams."""

from __future__ import annotations

import asyncio
import os

import pytest

from chatcore.text.invitation import Invitation
from chatcore_cli.hosting.announcing import lan_addresses
from chatcore_mdns import Nearby, announced, nearby_servers
from tests.patience import PATIENCE
from tests.unit.cli.processes import Server, run

HERE = ["127.0.0.1"]
KEY = "3f8a" * 16


class Told:
    """What is told of the servers nearby: of ours only, for other tests have theirs."""

    def __init__(self, *names: str) -> None:
        self._names = names
        self._news: asyncio.Queue[list[Nearby]] = asyncio.Queue()

    def __call__(self, found: tuple[Nearby, ...]) -> None:
        """Take note of it."""
        self._news.put_nowait([one for one in found if one.name in self._names])

    async def until(self, count: int) -> list[Nearby]:
        """Wait until so many of them are there."""
        while len(found := await self._news.get()) != count:
            pass
        return found


async def test_announced_server_is_found_with_its_link_until_it_goes() -> None:
    """By the name for people, and with the key that it is recognised by."""
    told = Told("chatcore on émile's laptop local")
    link = f"chatcore://192.168.1.5:8765/lobby?key={KEY}"
    async with asyncio.timeout(PATIENCE), nearby_servers(told, HERE):
        async with announced("chatcore on émile's laptop.local", link, 8765, HERE, HERE):
            (found,) = await told.until(1)
            assert found.invitation == Invitation("chat://192.168.1.5:8765", "lobby", KEY)
        await told.until(0)


@pytest.mark.parametrize("name", ["", " . ", "\t\x7f"], ids=ascii)
async def test_server_is_announced_though_nothing_of_its_name_can_be_one(name: str) -> None:
    async with asyncio.timeout(PATIENCE), announced(name, "chatcore://192.168.1.5:1/lobby", 1, HERE, HERE):
        pass  # under a name that others may have, too


async def test_server_is_announced_by_what_of_its_name_can_be_one() -> None:
    """Neither control characters nor half a character."""
    who = os.getpid()
    told = Told(f"{who} a b ?")
    async with (
        asyncio.timeout(PATIENCE),
        announced(f" {who}\ta\x7fb.\ud800", "chatcore://192.168.1.5:1/lobby", 1, HERE, HERE),
        nearby_servers(told, HERE),
    ):
        await told.until(1)


async def test_what_leads_nowhere_is_not_told() -> None:
    """Anybody may announce anything."""
    told = Told("bad", "worse", "good")
    async with (
        asyncio.timeout(PATIENCE),
        announced("bad", "chatcore://evil/a b", 1, HERE, HERE),
        announced("worse", "javascript:alert(1)", 1, HERE, HERE),
        announced("good", "chatcore://192.168.1.5:1/lobby", 1, HERE, HERE),
        nearby_servers(told, HERE),
    ):
        assert [one.name for one in await told.until(1)] == ["good"]


@pytest.mark.skipif(not lan_addresses(), reason="there is no network here to announce anything on")
async def test_server_is_announced_when_asked_to() -> None:
    """Those nearby come in by what is announced."""
    told: asyncio.Queue[tuple[Nearby, ...]] = asyncio.Queue()
    with Server("--host", "0.0.0.0", "--announce", "--no-web") as server:
        port = server.port
        async with asyncio.timeout(PATIENCE), nearby_servers(told.put_nowait):
            while not any(one.invitation.url.endswith(f":{port}") for one in await told.get()):
                pass


def test_server_that_only_this_computer_reaches_is_not_announced() -> None:
    done = run("serve", "--port", "0", "--announce")
    assert done.returncode == 2
    assert done.stderr == "chatcore: --announce is of no use: only this computer can reach the server.\n"
