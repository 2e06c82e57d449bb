"""Servers on one store are one chat: what is said and done at one is said and done at all of them."""

from __future__ import annotations

import asyncio

import pytest

from chatcore.errors import LoginRefused
from chatcore.events import DirectPosted, MessagePosted, PresenceChanged
from chatcore.room_events import RoomModerated
from tests.integration.cluster_house import Cluster, cluster, next_of
from tests.integration.nats_house import nats

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
