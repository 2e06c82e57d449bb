"""Every exit from a connection that is only half made, or that nobody closed: no name and no link stays behind."""

from __future__ import annotations

import asyncio
import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from chatcore import connect
from chatcore.testing import MemoryNetwork, run
from tests.unit.aio.house import Connection, Frame, House, Puppet, in_virtual_time


@pytest.mark.parametrize("after", [step / 1000 for step in range(0, 40, 2)])
@in_virtual_time
async def test_name_is_free_when_connecting_is_cancelled_at_any_moment(after: float) -> None:
    """Before the link, behind the login, at the welcome: the way there takes ten milliseconds each time."""
    async with House(MemoryNetwork(latency=(0.01, 0.01))) as house:
        connecting = asyncio.create_task(house.guest("alice"))
        await asyncio.sleep(after)
        connecting.cancel()
        await asyncio.gather(connecting, return_exceptions=True)
        if connecting.cancelled():
            assert not house.network.links
            assert not house.server.chat.users
        await house.guest("alice2")


@in_virtual_time
async def test_second_cancellation_ends_the_goodbye() -> None:
    """Whoever does not want to wait for a server that says nothing need not."""

    def answer(frame: Frame, connection: Connection) -> None:
        if frame["type"] == "login":
            connection.welcome()

    async with Puppet(answer) as puppet:
        alice = await connect(puppet.url, username="alice", transport=puppet.network)
        start = asyncio.get_running_loop().time()
        closing = asyncio.create_task(alice.close())
        await asyncio.sleep(0.1)
        closing.cancel()
        await asyncio.gather(closing, return_exceptions=True)
        assert asyncio.get_running_loop().time() - start < 0.2
        await asyncio.sleep(3)
        assert not puppet.network.links


@in_virtual_time
async def test_close_takes_at_most_five_seconds() -> None:
    """At a server that neither acknowledges nor says goodbye."""

    def answer(frame: Frame, connection: Connection) -> None:
        if frame["type"] == "login":
            connection.welcome()

    async with Puppet(answer) as puppet:
        alice = await connect(puppet.url, username="alice", transport=puppet.network)
        sending = asyncio.create_task(alice.send("hello"))
        await asyncio.sleep(0)
        start = asyncio.get_running_loop().time()
        await alice.close()
        assert asyncio.get_running_loop().time() - start == pytest.approx(5, abs=0.1)
        await asyncio.gather(sending, return_exceptions=True)


@in_virtual_time
async def test_error_inside_the_context_logs_out() -> None:
    """Whatever it is."""
    async with House() as house:
        for error in (ValueError, SystemExit, GeneratorExit, asyncio.CancelledError):
            with pytest.raises(error):
                async with connect(house.url, username="alice", transport=house.network):
                    raise error
            assert not house.server.chat.users


@in_virtual_time
async def test_client_that_nobody_closed_warns_and_logs_out_when_it_is_collected() -> None:
    """What goes on in the background does not keep it alive."""
    async with House() as house:
        alice = await connect(house.url, username="alice", transport=house.network)
        await anext(alice)
        with pytest.warns(ResourceWarning, match=r"the client of memory://\S+ was not closed"):
            del alice
        await asyncio.sleep(1)
        assert not house.network.links
        assert not house.server.chat.users


def test_client_whose_loop_is_closed_under_it_leaves_nothing_behind() -> None:
    """The program is wrong, and ends all the same."""
    network = MemoryNetwork()

    async def main() -> None:
        async with House(network) as house:
            alice = await connect(house.url, username="alice", transport=network)
            asyncio.get_running_loop().call_soon(kept.append, alice)
            await asyncio.sleep(0)
            for task in asyncio.all_tasks() - {asyncio.current_task()}:  # as asyncio.run does at its end
                task.cancel()
            await asyncio.sleep(1)
            assert not house.server.chat.users

    kept: list[object] = []
    run(main())
    kept.clear()


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickle.dumps])
@in_virtual_time
async def test_client_is_not_copied(copied: Callable[[Any], object]) -> None:
    """The end of the copy was the end of the client."""
    async with House() as house:
        alice = await house.guest("alice")
        with pytest.raises(TypeError, match=r"^a client is one session, and there is no copy of it$"):
            copied(alice)
        assert await alice.send("goes on")
