"""A room that is looked after by a client, and one that is put out of it."""

from __future__ import annotations

from typing import Any

import pytest

from chatcore import Client, ConnectionClosed, LoginRefused, RequestRefused
from chatcore.events import RoomEntered, RoomModerated
from tests.unit.aio.house import House, in_virtual_time, next_of

TOKEN = "a-token-that-nobody-guesses"


async def one(client: Client, kind: type[Any]) -> Any:
    """Return the next event of a kind."""
    return (await next_of(client, kind))[0]


@in_virtual_time
async def test_client_knows_topic_and_role_of_where_it_is() -> None:
    async with House() as house:
        alice, bob = await house.guest("alice"), await house.guest("bob")
        await alice.create("python")
        await bob.join("python")
        assert (alice.role, bob.role) == ("owner", "member")
        await alice.set_topic("Asyncio")
        await alice.set_role("bob", "moderator")
        assert (await one(bob, RoomModerated)).value == "Asyncio"
        assert (await one(bob, RoomModerated)).value == "moderator"
        assert (bob.topic, bob.role) == ("Asyncio", "moderator")
        await alice.mute("bob", 60)
        assert (await one(bob, RoomModerated)).act == "mute"
        assert bob.role == "muted"
        await alice.unmute("bob")
        await next_of(bob, RoomModerated)
        assert bob.role == "moderator"
        await bob.leave()
        assert (bob.topic, bob.role) == ("", "member")


@in_virtual_time
async def test_client_that_is_put_out_of_a_room_goes_on_in_the_lobby() -> None:
    async with House() as house:
        alice, bob = await house.guest("alice"), await house.guest("bob")
        await alice.create("python")
        await bob.join("python")
        await next_of(bob, RoomEntered)
        await alice.ban("bob", reason="spam", address=False)
        assert (await one(bob, RoomModerated)).reason == "spam"
        assert (await one(bob, RoomEntered)).room == "lobby"
        assert bob.room == "lobby"
        said = await bob.send("here I am")
        assert said is not None
        assert said.log == "lobby"
        with pytest.raises(RequestRefused) as caught:
            await bob.join("python")
        assert (caught.value.code, caught.value.values["room"]) == ("banned", "python")
        (line,) = await alice.list_bans()
        assert (line.username, line.act, line.by, line.reason) == ("bob", "ban", "alice", "spam")
        await alice.unban("bob")
        assert (await bob.join("python")).room == "python"
        await alice.kick("bob")
        with pytest.raises(RequestRefused, match="not_allowed"):
            await bob.kick("alice")


@in_virtual_time
async def test_client_waits_by_itself_in_a_slow_room() -> None:
    async with House() as house:
        alice, bob = await house.guest("alice"), await house.guest("bob")
        await alice.create("python")
        await bob.join("python")
        await alice.set_slow(10)
        await one(bob, RoomModerated)
        assert bob.slow == 10
        first, second = await bob.send("one"), await bob.send("two")
        assert first is not None
        assert second is not None
        assert 10 <= second.at - first.at < 12


@in_virtual_time
async def test_client_is_invited_to_a_private_room_that_is_closed_then() -> None:
    async with House() as house:
        alice, bob = await house.guest("alice"), await house.guest("bob")
        await alice.create("python")
        await alice.set_private()
        assert alice.private is True or (await one(alice, RoomModerated)).value is True
        with pytest.raises(RequestRefused, match="room_private"):
            await bob.join("python")
        await alice.invite("bob")
        assert (await one(bob, RoomModerated)).act == "invite"
        await bob.join("python")
        assert bob.private is True
        await alice.close_room("over")
        assert (await one(bob, RoomModerated)).reason == "over"
        assert (await one(bob, RoomEntered)).room == "lobby"


@in_virtual_time
async def test_client_that_is_put_out_of_the_server_does_not_come_back() -> None:
    async with House(operator_token=TOKEN) as house:
        alice, bob = await house.guest("alice"), await house.guest("bob")
        await alice.become_operator(TOKEN)
        assert alice.role == "operator"
        await alice.ban("bob", 3600)
        with pytest.raises(ConnectionClosed, match="you are banned"):
            async for _event in bob:
                pass
        with pytest.raises(LoginRefused) as caught:
            await house.guest("Bob")
        assert caught.value.code == "banned"
        _operator, act = await alice.list_acts()
        assert (act.event.act, act.event.target) == ("ban", "bob")
        with pytest.raises(RequestRefused, match="not_allowed"):
            await (await house.guest("carol")).become_operator("a-guess-of-carol")
