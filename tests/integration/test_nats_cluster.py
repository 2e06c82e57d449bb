"""Servers on one store are one chat: what is said and done at one is said and done at all of them."""

from __future__ import annotations

import asyncio
import signal

import pytest

from chatcore import ChatServer, connect
from chatcore.aio.links import room_links
from chatcore.commands import SendMessage
from chatcore.errors import ConfigurationError, LoginRefused, RequestRefused
from chatcore.events import (
    ConnectionLost,
    DirectPosted,
    Dismissed,
    MessagePosted,
    PresenceChanged,
    RoomModerated,
    Welcomed,
)
from chatcore.limits import Limits
from tests.integration.cluster_house import Cluster, cluster, next_of, until
from tests.integration.nats_house import nats
from tests.patience import PATIENCE
from tests.ports import free_port
from tests.unit.cli.processes import Server

__all__ = ["cluster", "nats"]


async def test_what_is_said_at_one_server_is_heard_at_the_other(cluster: Cluster) -> None:
    """In the room, to one person, and to everybody."""
    one, other = await cluster.two()
    alice, bob = await cluster.client(one, "alice"), await cluster.client(other, "bob")
    await next_of(alice, PresenceChanged)
    await alice.send("hello")
    await alice.send_direct("bob", "psst")
    await bob.send("hello yourself")
    assert (await next_of(bob, MessagePosted, sender="alice")).text == "hello"
    assert (await next_of(bob, DirectPosted)).text == "psst"
    assert (await next_of(alice, MessagePosted, sender="bob")).text == "hello yourself"
    assert [each.text for each in await bob.history()] == ["hello", "hello yourself"]


async def test_name_that_is_used_at_one_server_is_taken_at_the_other(cluster: Cluster) -> None:
    """Without regard to case, as everywhere."""
    one, other = await cluster.two()
    await cluster.client(one, "alice")
    with pytest.raises(LoginRefused) as refused:
        await cluster.client(other, "ALICE")
    assert refused.value.code == "name_taken"


async def test_members_of_a_room_see_each_other_whatever_server_they_are_at(cluster: Cluster) -> None:
    """Rooms, who is in them, and who looks after them."""
    one, other = await cluster.two()
    alice, bob = await cluster.client(one, "alice"), await cluster.client(other, "bob")
    await alice.create("python")
    await bob.join("python")
    assert {user.name for user in await alice.list_users("python")} == {"alice", "bob"}
    await alice.set_topic("snakes")
    assert (await next_of(bob, RoomModerated)).room == "python"
    await alice.kick("bob")
    assert {user.name for user in await alice.list_users("python")} == {"alice"}


async def test_server_that_comes_later_knows_everything(cluster: Cluster) -> None:
    """Users, rooms and history of those that were there before."""
    one = await cluster.server()
    alice = await cluster.client(one, "alice")
    await alice.create("python")
    for number in range(300):
        await alice.send(f"m{number}")
    await alice.flush()
    other = await cluster.server()
    bob = await cluster.client(other, "bob")
    await bob.join("python")
    found = await bob.history(limit=100)
    assert [each.text for each in found] == [f"m{number}" for number in range(200, 300)]
    await bob.send("hello")
    assert (await next_of(alice, MessagePosted, sender="bob")).text == "hello"


async def test_server_tells_how_it_does_among_the_others(cluster: Cluster) -> None:
    """For whoever looks after it: `/metrics` and `/readyz` are made of this."""
    one, other = await cluster.two()
    await cluster.client(one, "alice")
    for server in (one, other):
        shared = server.figures().shared
        assert shared is not None
        assert (shared.nodes, shared.snapshot_age) == (2, None)
        assert shared.position >= 2
        assert server.unready is None


async def test_chat_goes_on_after_all_servers_were_stopped(cluster: Cluster) -> None:
    """The last one leaves a snapshot."""
    one, other = await cluster.two()
    alice = await cluster.client(one, "alice")
    await alice.create("python")
    await alice.send("hello")
    await alice.flush()
    await alice.close()
    await asyncio.gather(one.stop(), other.stop())
    again = await cluster.server()
    bob = await cluster.client(again, "bob")
    await bob.join("python")
    assert [each.text for each in await bob.history()] == ["hello"]


async def test_direct_messages_are_their_owners_at_every_server_and_nobody_elses(cluster: Cluster) -> None:
    """A stranger who takes a free name, or is the first after all servers were stopped, reads nothing of them."""

    async def read_nothing(server: ChatServer, *names: str) -> None:
        for name in names:
            async with connect(server.urls[0], username=name) as stranger:
                for asked in ({}, {"after": 0}, {"before": 10}):
                    assert not await stranger.history("@", **asked)
                with pytest.raises(RequestRefused, match="no_such_room"):
                    await stranger.history("@1")

    one, other = await cluster.two()
    async with (
        connect(one.urls[0], username="alice") as alice,
        connect(other.urls[0], username="bob") as bob,
    ):
        await alice.send_direct("bob", "secret")
        await next_of(bob, DirectPosted)
        await read_nothing(one, "carol")
        await read_nothing(other, "carol")
    await read_nothing(other, "bob", "alice")
    await asyncio.gather(one.stop(), other.stop())
    await read_nothing(await cluster.server(), "carol", "bob", "alice")


async def test_welcome_tells_where_the_other_servers_are(cluster: Cluster) -> None:
    """As their operators say."""
    one = await cluster.server(advertise=("ws://one.example.org:8765",))
    await cluster.server(advertise=("ws://other.example.org:8765", "wss://other.example.org"))
    alice = await cluster.client(one, "alice")
    assert alice.server["addresses"] == [
        "ws://one.example.org:8765",
        "ws://other.example.org:8765",
        "wss://other.example.org",
    ]


async def test_user_whose_server_is_killed_goes_on_at_another_one_by_itself(cluster: Cluster) -> None:
    """In the session that it had, with what was said meanwhile, and nobody sees it leave."""
    ports = free_port(), free_port()
    with Server("--store", cluster.address, "--advertise", f"ws://127.0.0.1:{ports[0]}", port=ports[0]) as killed:
        left = await cluster.server(port=ports[1], advertise=(f"ws://127.0.0.1:{ports[1]}",))
        bob = await cluster.client(left, "bob")
        url = await asyncio.to_thread(lambda: killed.url)
        alice = await cluster.client_at(url, "alice")
        await alice.send("before")
        await next_of(bob, MessagePosted, text="before")
        killed.send_signal(signal.SIGKILL)
        await next_of(alice, ConnectionLost)
        await bob.send("meanwhile")
        await next_of(alice, Welcomed, resumed=True)
        await alice.send("after")
        async with asyncio.timeout(PATIENCE):
            heard = [event async for event in until(bob, MessagePosted, text="after")]
    assert not [event for event in heard if isinstance(event, PresenceChanged) and event.left]
    told = [each.text for each in await alice.history()]
    assert told == ["before", "meanwhile", "after"]


async def test_users_of_a_server_that_is_stopped_go_on_at_another_one(cluster: Cluster) -> None:
    """At once, and nobody sees them leave."""
    ports = free_port(), free_port()
    one, other = [
        await cluster.server(port=port, advertise=(f"ws://127.0.0.1:{port}",), limits=Limits(grace=60))
        for port in ports
    ]
    alice, bob = await cluster.client(one, "alice"), await cluster.client(other, "bob")
    await one.stop()
    assert (await next_of(alice, Dismissed)).reconnect_in == 0
    await next_of(alice, Welcomed, resumed=True)
    await alice.send("moved")
    heard = [event async for event in until(bob, MessagePosted, text="moved")]
    assert not [event for event in heard if isinstance(event, PresenceChanged) and event.left]
    assert alice.reached == other.urls[0]
    assert room_links(alice)[-1] == f"chatcore://127.0.0.1:{ports[1]}/lobby?via=ws"


async def test_user_who_goes_on_at_another_server_waits_as_long_in_a_slow_room(cluster: Cluster) -> None:
    """What was said at the first one counts at the next."""
    ports = free_port(), free_port()
    one, other = [await cluster.server(port=port, advertise=(f"ws://127.0.0.1:{port}",)) for port in ports]
    teacher, alice = await cluster.client(other, "teacher"), await cluster.client(one, "alice")
    await teacher.create("class")
    await teacher.set_slow(600)
    await alice.join("class")
    await alice.send("one")
    await one.stop()
    await next_of(alice, Welcomed, resumed=True)
    alice.post(SendMessage("two"))
    async with asyncio.timeout(PATIENCE):
        while not other.figures().refusals["slow_mode"]:
            await asyncio.sleep(0.01)
    assert [each.text for each in await teacher.history("class")] == ["one"]


async def test_room_that_one_server_declares_is_there_beside_one_that_declares_none(cluster: Cluster) -> None:
    """Also for whoever comes while another one begins."""
    one = await cluster.server(rooms=["help"])
    alice = await cluster.client(one, "alice")
    other = await cluster.server()
    bob = await cluster.client(other, "bob")
    for who in (alice, bob):
        assert (await who.join("help")).room == "help"


@pytest.mark.slow
async def test_server_that_allows_something_else_is_refused_beside_others(cluster: Cluster) -> None:
    """It says what is not alike; once it is alone, it may."""
    one = await cluster.server()
    with pytest.raises(ConfigurationError, match="have other settings \\(text_bytes\\)"):
        await cluster.server(limits=Limits(text_bytes=100))
    await one.stop()
    await cluster.server(limits=Limits(text_bytes=100))


async def race(one: ChatServer, other: ChatServer, names: list[str]) -> None:
    """Let two people ask for each name at two servers in the same moment: one of them gets it."""

    async def ask_for(server: ChatServer, name: str) -> str:
        try:
            async with connect(server.urls[0], username=name):
                await over.wait()
        except LoginRefused as refused:
            return refused.code
        return "welcome"

    over = asyncio.Event()
    asked = [[asyncio.create_task(ask_for(server, name)) for server in (one, other)] for name in names]
    async with asyncio.timeout(PATIENCE):
        for pair in asked:
            await asyncio.wait(pair, return_when=asyncio.FIRST_COMPLETED)
    over.set()
    for pair in asked:
        assert sorted(await asyncio.gather(*pair)) == ["name_taken", "welcome"]


async def test_one_of_two_gets_a_name_that_both_ask_for_at_two_servers(cluster: Cluster) -> None:
    """Whichever of them comes first in the stream."""
    one, other = await cluster.two(limits=Limits.unlimited())
    await race(one, other, [f"user{number}" for number in range(20)])
