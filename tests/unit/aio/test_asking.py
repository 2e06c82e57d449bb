"""What people type is carried out, and answered unless the answer arrives among the events."""

from __future__ import annotations

import asyncio

import pytest

from chatcore import RequestRefused
from chatcore import commands as c
from chatcore.aio.asking import ask
from chatcore.aio.links import room_links
from chatcore.errors import ConnectionFailed
from chatcore.events import (
    BansListed,
    HistoryRead,
    MessagePosted,
    MessagesFound,
    RoomsListed,
    UserDescribed,
    UsersListed,
)
from chatcore.text.slash import ChangeLast, ReactToLast, ReplyToLast
from tests.unit.aio.house import House, in_virtual_time


@in_virtual_time
async def test_what_is_asked_for_is_answered() -> None:
    """Lists, a user, and so many of the last messages as were asked for, by as many requests as that takes."""
    async with House(history_messages=2) as house:
        alice = await house.guest("alice")
        for number in range(5):
            await alice.send(str(number))
        rooms, users, user = [await ask(alice, each) for each in (c.ListRooms(), c.ListUsers(), c.WhoIs("alice"))]
        assert isinstance(rooms, RoomsListed)
        assert isinstance(users, UsersListed)
        assert isinstance(user, UserDescribed)
        for count, texts in ((3, "234"), (9, "01234")):
            history = await ask(alice, c.ReadHistory("lobby", limit=count))
            assert isinstance(history, HistoryRead)
            assert "".join(entry.text for entry in history.messages) == texts


@in_virtual_time
async def test_more_of_the_history_than_one_request_may_ask_for_is_asked_for_by_several() -> None:
    async with House() as house:
        alice = await house.guest("alice")
        for number in range(1100):
            alice.post(c.SendMessage(str(number)))
        assert (await alice.send("last")).seq == 1101
        for count in (501, 1000, 9999):
            history = await ask(alice, c.ReadHistory("lobby", limit=count))
            assert isinstance(history, HistoryRead)
            texts = [entry.text for entry in history.messages]
            assert texts == [*map(str, range(1100)), "last"][-count:]


@in_virtual_time
async def test_last_messages_are_answered_and_reacted_to_and_messages_are_found() -> None:
    """By whom they are from; without a name, a reaction is to whoever spoke last."""
    async with House() as house:
        alice, bob = await house.guest("alice"), await house.guest("bob")
        await bob.send("who has the key?")
        await alice.send("hm")
        assert await ask(alice, ReplyToLast("lobby", "BOB", "I have")) is None
        await ask(alice, ReactToLast("lobby", "bob", emoji="👍"))
        await ask(bob, ReactToLast("lobby", emoji="🎉"))
        found = await ask(bob, c.Search("have"))
        assert isinstance(found, MessagesFound)
        assert [(each.text, each.reply_to) for each in found.messages] == [("I have", 1)]
        first, _hm, last = await alice.history()
        assert isinstance(first, MessagePosted)
        assert isinstance(last, MessagePosted)
        assert [(each.emoji, each.mine) for each in first.reactions] == [("👍", True)]
        assert [(each.emoji, each.mine) for each in last.reactions] == [("🎉", False)]
        with pytest.raises(RequestRefused, match="no such message"):
            await ask(alice, ReplyToLast("lobby", "nobody", "x"))


@in_virtual_time
async def test_an_emoji_is_taken_back_from_the_last_message_that_one_has_put_it_below() -> None:
    """Whatever was said since, and whoever else has put the same one below a later message."""
    async with House() as house:
        alice, bob = await house.guest("alice"), await house.guest("bob")
        for text in ("one", "two", "three"):
            await bob.send(text)
        for seq in (1, 2):
            await alice.react(seq, "👍")
        await bob.react(3, "👍")

        async def hands_up() -> list[int]:
            return [
                sum(one.count for one in each.reactions)
                for each in await alice.history()
                if isinstance(each, MessagePosted)
            ]

        await ask(alice, ReactToLast("lobby", emoji="👍", back=True))
        assert await hands_up() == [1, 0, 1]
        await ask(alice, ReactToLast("lobby", "BOB", emoji="👍", back=True))
        assert await hands_up() == [0, 0, 1]
        with pytest.raises(RequestRefused, match="no such message"):
            await ask(alice, ReactToLast("lobby", emoji="👍", back=True))


@in_virtual_time
async def test_what_is_told_by_an_event_has_no_answer_of_its_own() -> None:
    """It is done all the same."""
    async with House() as house:
        alice = await house.guest("alice")
        for command, place in (
            (c.CreateRoom("python"), ("python", "alice")),
            (c.Rename("al"), ("python", "al")),
            (c.LeaveRoom(), ("lobby", "al")),
            (c.CreateRoom("rust"), ("rust", "al")),
            (c.JoinRoom("lobby"), ("lobby", "al")),
        ):
            assert await ask(alice, command) is None
            await alice.flush()
            assert (alice.room, alice.username) == place
        with pytest.raises(TypeError, match="is not a request"):
            await ask(alice, c.LogOut())


@in_virtual_time
async def test_the_last_thing_that_somebody_said_is_changed() -> None:
    """One's own, or as a moderator that of somebody else; what was deleted is not the last any more."""
    async with House() as house:
        alice, bob = await house.guest("alice"), await house.guest("bob")
        await alice.create("python")
        await bob.join("python")
        for text in ("one", "two"):
            await alice.send(text)
        await bob.send("spam")
        for wanted in (
            ChangeLast("python", text="2"),
            ChangeLast("python", sender="bob", text=None),
        ):
            assert await ask(alice, wanted) is None
        said = [entry.text for entry in await alice.history("python")]
        assert said == ["one", "2", ""]
        with pytest.raises(RequestRefused) as caught:
            await ask(alice, ChangeLast("python", sender="bob", text=None))
        assert caught.value.code == "no_such_message"


@in_virtual_time
async def test_a_room_is_looked_after() -> None:
    """What is done has no answer of its own; who is banned is a list."""
    async with House() as house:
        alice, bob = await house.guest("alice"), await house.guest("bob")
        await alice.create("python")
        await bob.join("python")
        assert await ask(alice, c.SetTopic("Asyncio")) is None
        assert await ask(alice, c.BanUser("bob")) is None
        bans = await ask(alice, c.ListBans())
        assert isinstance(bans, BansListed)
        assert [(ban.username, bans.room) for ban in bans.bans] == [("bob", "python")]


@in_virtual_time
async def test_no_link_leads_into_the_memory_of_a_program() -> None:
    """A network in memory has no address that somebody else could use."""
    async with House() as house:
        with pytest.raises(ConnectionFailed):
            room_links(await house.guest("alice"))


@in_virtual_time
async def test_message_that_has_yet_to_arrive_is_the_last_one_and_not_the_one_before() -> None:
    """In a slow room it waits, and what changes it waits for it; where it is refused, nothing is changed."""
    async with House() as house:
        bob, alice = await house.guest("bob"), await house.guest("alice")
        await bob.create("python")
        await alice.join("python")
        await bob.moderate(c.SetSlow(30))
        await alice.send("one")
        alice.post(c.SendMessage("tow"))
        changing = asyncio.create_task(ask(alice, ChangeLast("python", text="two")))
        await asyncio.sleep(0)  # it has begun
        alice.post(c.SendMessage("three"))
        await changing
        assert [each.text for each in await alice.history("python")] == ["one", "two", "three"]
        alice.post(c.SendMessage("four"))
        deleting = asyncio.create_task(ask(alice, ChangeLast("python")))
        await bob.moderate(c.MuteUser("alice"))
        with pytest.raises(RequestRefused, match="no_such_message"):
            await deleting
        await ask(bob, ReactToLast("python", emoji="\N{WAVING HAND SIGN}"))
        assert [(each.text, each.deleted) for each in await bob.history("python")] == [
            ("one", False),
            ("two", False),
            ("three", False),
        ]


@in_virtual_time
async def test_answer_is_said_in_the_room_that_it_was_written_for_or_nowhere() -> None:
    """Whoever goes on into another room at once, before what is answered is found, answers nothing there."""
    async with House() as house:
        alice, bob = await house.guests("alice", "bob")
        await bob.send("who comes?")
        await bob.create("python")
        await bob.send("another matter")
        answer = asyncio.create_task(ask(alice, ReplyToLast("lobby", "bob", "I do")))
        await asyncio.sleep(0)
        await alice.join("python")
        with pytest.raises(RequestRefused) as caught:
            await answer
        assert caught.value.code == "not_in_room"
        assert [posted.text for posted in await bob.history("python")] == ["another matter"]
        assert [posted.text for posted in await bob.history("lobby")] == ["who comes?"]
