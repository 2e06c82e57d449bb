"""The app without its window: rooms, members, conversations and the connection, against a real server."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

import pytest

from chatcore import connect
from chatcore.commands import SendMessage
from chatcore.errors import CertificateChanged, UntrustedCertificate
from chatcore.events import DIRECT_LOG, PresenceChanged, UserRenamed
from chatcore.testing import MemoryNetwork
from chatcore_qt.presenters.chat import ChatPresenter
from chatcore_qt.presenters.conversation import notices
from chatcore_qt.presenters.conversation.notifications import Attention, notification
from chatcore_qt.presenters.entries.timeline import GapEntry
from chatcore_qt.presenters.rooms.members import Difference, MemberList
from tests.unit.aio.house import Cable, Connection, Frame, House, Puppet, in_virtual_time
from tests.unit.aio.test_signing_in import Hasher
from tests.unit.gui.desk import desk, messages, said, time_of_day, told, until


@in_virtual_time
async def test_what_others_say_appears_in_order() -> None:
    async with House() as house, desk(house) as chat:
        bob = await house.guest("bob")
        for number in range(30):
            await bob.send(f"message {number}")
        await until(lambda: len(said(chat.conversations.shown)) == 30)
        assert said(chat.conversations.shown) == [f"message {number}" for number in range(30)]
        await until(lambda: told(chat.conversations.shown) == ["bob joined."])


@in_virtual_time
async def test_whoever_comes_and_goes_is_told_by_what_they_did_last() -> None:
    """However often that was, and however the name is written by then: who has come back is nobody who left."""
    async with House() as house, desk(house) as chat:
        carol = await house.guest("carol")
        for name in ("bob", "Bob"):
            bob = await house.guest(name)
            await until(lambda told_now=f"carol, {name} joined.": told(chat.conversations.shown) == [told_now])
            await bob.close()
            await until(lambda told_now=f"carol joined. {name} left.": told(chat.conversations.shown) == [told_now])
        await carol.close()
        await until(lambda: told(chat.conversations.shown) == ["Bob, carol left."])
        await house.guests("bob", "carol")
        await until(lambda: told(chat.conversations.shown) == ["bob, carol joined."])
        assert chat.members.names == ("alice", "bob", "carol")


@in_virtual_time
async def test_what_was_deleted_or_edited_is_marked() -> None:
    """At once for those who are there; and for who comes later, or back, as it is read."""
    async with House() as house, desk(house) as chat:
        bob = await house.guest("bob")
        posted = [await bob.send(text) for text in ("a slip", "teh", "stays")]
        await until(lambda: len(said(chat.conversations.shown)) == 3)
        await bob.delete_message(posted[0].seq)
        await bob.edit_message(posted[1].seq, "the")
        now = ["(deleted)", "the (edited)", "stays"]
        await until(lambda: said(chat.conversations.shown) == now)
        async with desk(house, "carol") as later:
            assert said(later.conversations.shown) == now


@in_virtual_time
async def test_what_was_deleted_or_edited_mentions_whom_it_names_by_then() -> None:
    """As it does for whoever comes later; nobody mentions themselves."""
    async with House() as house, desk(house) as chat:
        bob = await house.guest("bob")
        posted = [await bob.send(text) for text in ("hey alice", "a slip, alice", "hey all")]
        chat.submit("mine")
        await until(lambda: len(said(chat.conversations.shown)) == 4)
        await bob.edit_message(posted[0].seq, "hey bob")
        await bob.delete_message(posted[1].seq)
        await bob.edit_message(posted[2].seq, "hey Alice")
        chat.submit("/edit I, alice")
        now = [("hey bob", False), ("", False), ("hey Alice", True), ("I, alice", False)]
        await until(lambda: [(one.text, one.mentions) for one in messages(chat.conversations.shown)] == now)


@in_virtual_time
async def test_own_message_is_pending_until_the_server_has_it() -> None:
    async with House(MemoryNetwork(latency=(0.1, 0.1))) as house, desk(house) as chat:
        chat.submit("hello")
        assert [(one.text, one.state, one.own) for one in messages(chat.conversations.shown)] == [
            ("hello", "pending", True)
        ]
        assert chat.conversations.unsent == 1
        await until(lambda: chat.conversations.unsent == 0)
        await until(lambda: messages(chat.conversations.shown)[0].state == "sent")
        assert said(chat.conversations.shown) == ["hello"]


@in_virtual_time
async def test_seconds_are_counted_while_the_server_asks_for_patience() -> None:
    """And what waits goes out by itself then, be it said or asked."""
    async with House(messages_per_second=0.1, message_burst=1) as house, desk(house) as chat:
        assert (chat.patience, chat.is_asking) == (0, False)
        chat.submit("one")
        chat.submit("two")
        await until(lambda: chat.patience)
        assert 9 <= chat.patience <= 10
        await asyncio.sleep(5)
        assert (4 <= chat.patience <= 5, chat.is_asking) == (True, True)
        await until(lambda: chat.conversations.unsent == 0)
        assert (chat.patience, said(chat.conversations.shown)) == (0, ["one", "two"])
        await chat.leave()
        assert chat.patience == 0


@in_virtual_time
async def test_own_messages_stand_among_the_others_as_in_the_log() -> None:
    async with House(MemoryNetwork(latency=(0.01, 0.2))) as house, desk(house) as chat:
        bob = await house.guest("bob")
        for number in range(10):
            chat.submit(f"mine {number}")
            await bob.send(f"yours {number}")
        await until(lambda: len(messages(chat.conversations.shown)) == 20 and chat.conversations.unsent == 0)
        await until(lambda: all(one.state == "sent" for one in messages(chat.conversations.shown)))
        log = await bob.history(limit=50)
        assert said(chat.conversations.shown) == [posted.text for posted in log]


@in_virtual_time
async def test_what_the_server_refuses_is_shown_as_failed_and_can_be_sent_again() -> None:
    async with House() as house, desk(house) as chat:
        chat.submit("/msg bob are you there?")
        await until(lambda: messages(chat.conversations.shown)[0].state == "failed")
        failed = messages(chat.conversations.shown)[0]
        assert failed.note == "Not sent. There is no user called bob."
        bob = await house.guest("bob")
        chat.conversations.outbox.retry(failed.key)
        await until(lambda: messages(chat.conversations.shown)[0].state == "sent")
        assert said(chat.conversations.shown) == ["are you there?"]
        assert bob.connected


@in_virtual_time
async def test_what_failed_can_be_given_up() -> None:
    async with House() as house, desk(house) as chat:
        chat.submit("/msg bob are you there?")
        await until(lambda: messages(chat.conversations.shown)[0].state == "failed")
        chat.conversations.outbox.discard(messages(chat.conversations.shown)[0].key)
        assert said(chat.conversations.shown) == []


@in_virtual_time
async def test_text_that_is_too_long_is_kept_as_failed() -> None:
    async with House() as house, desk(house) as chat:
        chat.submit("x" * 70_000)
        assert [one.state for one in messages(chat.conversations.shown)] == ["failed"]


@in_virtual_time
async def test_room_that_is_entered_shows_what_was_said_there() -> None:
    async with House() as house, desk(house) as chat:
        bob = await house.guest("bob")
        await bob.create("python")
        for number in range(150):
            await bob.send(f"message {number}")
        await until(lambda: "python" in chat.rooms.names)
        chat.enter("python")
        await until(lambda: chat.conversations.shown is not None and chat.conversations.shown.name == "python")
        await until(lambda: len(said(chat.conversations.shown)) == 100)
        python = chat.conversations.shown
        assert python is not None
        assert said(python) == [f"message {number}" for number in range(50, 150)]
        chat.load_older(python)
        await until(lambda: len(said(python)) == 150)
        assert said(python) == [f"message {number}" for number in range(150)]
        assert python.complete


@in_virtual_time
async def test_messages_of_other_rooms_are_counted_and_read_on_entering() -> None:
    async with House() as house, desk(house) as chat:
        chat.conversations.set_seen(focused=True, at_end=True)
        bob = await house.guest("bob")
        await bob.create("python")
        for _number in range(7):
            await bob.send("news")
        await until(lambda: {row.name: row.unread for row in chat.rooms.rows}.get("python") == 7)
        assert [(row.name, row.users, row.current) for row in chat.rooms.rows] == [
            ("lobby", 1, True),
            ("python", 1, False),
        ]
        chat.enter("python")
        await until(lambda: chat.rooms.current == "python" and chat.rooms.rows[1].unread == 0)
        await until(lambda: said(chat.conversations.shown) == ["news"] * 7)


@in_virtual_time
async def test_first_unread_line_stands_where_the_user_looked_away() -> None:
    async with House() as house, desk(house) as chat:
        chat.conversations.set_seen(focused=True, at_end=True)
        bob = await house.guest("bob")
        await bob.send("seen")
        await until(lambda: said(chat.conversations.shown) == ["seen"])
        chat.conversations.set_seen(focused=False, at_end=True)
        await bob.send("not seen")
        await bob.send("not seen either")
        await until(lambda: len(said(chat.conversations.shown)) == 3)
        shown = chat.conversations.shown
        assert shown is not None
        assert shown.timeline.unread_after == messages(shown)[0].key
        assert chat.rooms.rows[0].unread == 2
        chat.conversations.set_seen(focused=True, at_end=True)
        assert chat.rooms.rows[0].unread == 0
        assert shown.timeline.unread_after == messages(shown)[0].key
        chat.submit("I am back")
        assert shown.timeline.unread_after is None


@in_virtual_time
async def test_direct_messages_have_a_conversation_with_each_user() -> None:
    async with House() as house, desk(house) as chat:
        bob, carol = await house.guests("bob", "carol")
        heard: list[Attention] = []
        chat.conversations.attention.connect(heard.extend)
        await bob.send_direct("alice", "psst")
        await carol.send_direct("alice", "hello")
        await until(lambda: len(heard) == 2)
        assert [(one.name, one.unread) for one in chat.conversations.direct] == [("bob", 1), ("carol", 1)]
        chat.write_to("bob")
        chat.conversations.set_seen(focused=True, at_end=True)
        assert [one.unread for one in chat.conversations.direct] == [0, 1]
        chat.submit("what is it?")
        await until(lambda: [one.state for one in messages(chat.conversations.shown)] == ["sent", "sent"])
        assert said(chat.conversations.shown) == ["psst", "what is it?"]
        chat.conversations.close_direct(chat.conversations.direct[0])
        assert chat.conversations.shown is chat.conversations.room


@in_virtual_time
async def test_what_is_typed_in_a_private_conversation_changes_nothing_in_the_room() -> None:
    """Commands about messages are refused there: they would publish what is private. The line is given back."""
    async with House() as house, desk(house) as chat:
        bob = await house.guest("bob")
        await bob.send("good morning")
        chat.submit("said to all")
        await until(lambda: said(chat.conversations.shown) == ["good morning", "said to all"])
        returned: list[str] = []
        chat.returned.connect(lambda _place, text: returned.append(text))
        chat.write_to("bob")
        lines = ["/edit my pin is 4321", "/delete", "/reply bob not for all", "/react \u2764\ufe0f bob"]
        for line in lines:
            chat.submit(line)
        await until(lambda: len(told(chat.conversations.shown)) == len(lines))
        assert (returned, set(told(chat.conversations.shown))) == (lines, {notices.no_room_shown()})
        chat.submit("and that is all")
        await until(lambda: said(chat.conversations.shown) == ["and that is all"] and chat.conversations.unsent == 0)
        assert [(one.text, one.edited) for one in await bob.history("lobby")] == [
            ("good morning", False),
            ("said to all", False),
        ]


@in_virtual_time
async def test_private_conversation_goes_with_whoever_takes_another_name() -> None:
    """Also one that was closed, and what could not be sent there; nothing of it comes to whoever takes the old name."""
    async with House() as house, desk(house) as chat:
        bob = await house.guest("bob")
        chat.write_to("bob")
        bobs = chat.conversations.shown
        assert bobs is not None
        chat.submit("my pin is 1234")
        await until(lambda: [one.state for one in messages(bobs)] == ["sent"])
        chat.conversations.close_direct(bobs)
        await bob.rename("robert")
        await until(lambda: told(bobs) == ["bob is now called robert."])
        stranger = await house.guest("bob")
        await stranger.send_direct("alice", "who is that?")
        await until(lambda: [said(one) for one in chat.conversations.direct] == [["who is that?"]])
        chat.write_to("robert")
        assert chat.conversations.shown is bobs
        chat.submit("still between us")
        await until(lambda: [one.state for one in messages(bobs)] == ["sent", "sent"])
        assert [one.text for one in await stranger.history(DIRECT_LOG)] == ["who is that?"]
        assert [one.text for one in await bob.history(DIRECT_LOG)] == ["my pin is 1234", "still between us"]


@in_virtual_time
async def test_whoever_takes_the_name_of_somebody_else_is_not_written_to_by_mistake() -> None:
    """It is said that it may be another one, and what was typed is given back; the second time it is sent."""
    async with House() as house, desk(house) as chat:
        bob, carol = await house.guests("bob", "carol")
        returned: list[str] = []
        chat.returned.connect(lambda _place, text: returned.append(text))
        await carol.send_direct("alice", "hello")
        chat.write_to("bob")
        shown = chat.conversations.shown
        chat.submit("my pin is 1234")
        await until(lambda: [one.state for one in messages(shown)] == ["sent"])
        await bob.close()
        await until(lambda: "bob" not in chat.members.names)
        await carol.rename("bob")
        await until(lambda: told(shown) == ["carol is now called bob."])
        assert (chat.conversations.direct, said(shown)) == ([shown], ["hello", "my pin is 1234"])
        for _time in range(2):
            chat.submit("and now 4321")
        assert returned == ["and now 4321"]
        await until(lambda: notices.in_doubt("bob") in told(shown))
        await until(lambda: said(shown)[2:] == ["and now 4321"] and chat.conversations.unsent == 0)
        assert [one.text for one in await carol.history(DIRECT_LOG)] == ["hello", "and now 4321"]


@in_virtual_time
async def test_whoever_comes_under_a_name_that_nobody_had_is_not_written_to_by_mistake() -> None:
    """What failed for want of somebody of that name is sent again when that is wanted twice."""
    async with House() as house, desk(house) as chat:
        bob = await house.guest("bob")
        await bob.create("elsewhere")
        await bob.rename("robert")
        chat.write_to("bob")
        shown = chat.conversations.shown
        chat.submit("my pin is 1234")
        await until(lambda: [one.state for one in messages(shown)] == ["failed"])
        stranger = await house.guest("bob")
        chat.retry(messages(shown)[0].key)
        await until(lambda: told(shown) == [notices.in_doubt("bob")])
        assert await stranger.history(DIRECT_LOG) == ()
        chat.retry(messages(shown)[0].key)
        await until(lambda: [one.state for one in messages(shown)] == ["sent"])


@pytest.mark.parametrize("came", ["before", "after"])
@in_virtual_time
async def test_whoever_has_taken_a_name_unheard_is_not_written_to_by_mistake(came: str) -> None:
    """In a room where the user was not: the server is asked who has the name, and all that was typed is given back."""
    async with House() as house, desk(house) as chat:
        bob = await house.guest("bob")
        await asyncio.sleep(1)  # it is by the moment of their logins that two guests differ
        stranger = await house.guest("carol") if came == "before" else None
        returned: list[str] = []
        chat.returned.connect(lambda _place, text: returned.append(text))
        chat.write_to("bob")
        shown = chat.conversations.shown
        chat.submit("my pin is 1234")
        await until(lambda: [one.state for one in messages(shown)] == ["sent"])
        await bob.create("elsewhere")
        await until(lambda: "bob" not in chat.members.names)
        await bob.rename("robert")
        if stranger is None:
            stranger = await house.guest("bob")
        else:
            await stranger.join("elsewhere")
            await stranger.rename("bob")
        for text in ("and now", "//4321"):
            chat.submit(text)
        await until(lambda: told(shown) == [notices.in_doubt("bob")])
        assert returned == ["and now\n//4321"]
        assert (said(shown), chat.conversations.unsent) == (["my pin is 1234"], 0)
        chat.submit("are you bob?")
        chat.submit("so you are not")
        await until(lambda: chat.conversations.unsent == 0)
        assert [one.text for one in await stranger.history(DIRECT_LOG)] == ["are you bob?", "so you are not"]


@pytest.mark.parametrize("begun_by", ["her", "/msg anna hello"])
@in_virtual_time
async def test_whoever_was_there_before_and_takes_a_name_is_not_written_to_by_mistake(begun_by: str) -> None:
    """A session says nothing of the name: one can wait elsewhere, and take the names that become free."""
    async with House() as house, desk(house) as chat:
        stranger = await house.guest("zed")
        await stranger.create("elsewhere")
        await asyncio.sleep(1)
        anna = await house.guest("anna")
        if begun_by == "her":
            await anna.send_direct("alice", "hello")
        else:
            chat.submit(begun_by)
        await until(lambda: chat.conversations.direct and not chat.is_asking)
        await asyncio.sleep(1)
        await anna.close()
        await stranger.rename("anna")
        place = chat.conversations.direct[0]
        chat.conversations.show(place)
        chat.submit("my pin is 1234")
        await until(lambda: place.draft == "my pin is 1234")
        assert (said(place), chat.conversations.unsent) == (["hello"], 0)
        assert await stranger.history(DIRECT_LOG) == ()


@pytest.mark.parametrize("begun_by", ["her", "/msg anna hello", "/msg anna hello while she is away"])
@in_virtual_time
async def test_whoever_comes_again_by_an_account_of_that_name_is_the_same(begun_by: str) -> None:
    async with House(passwords=Hasher()) as house, desk(house) as chat:
        anna = await house.guest("anna")
        await anna.register("a secret")
        if begun_by == "her":
            await anna.send_direct("alice", "hello")
        elif "away" in begun_by:
            await anna.close()
        if begun_by != "her":
            chat.submit(begun_by)
        await until(lambda: chat.conversations.direct and not chat.is_asking)
        await anna.close()
        await asyncio.sleep(1)
        anna = await house.guest("anna", account_password="a secret")
        place = chat.conversations.direct[0]
        chat.conversations.show(place)
        chat.submit("and again")
        await until(lambda: not chat.is_asking)
        assert (said(place)[1:], told(place), place.draft) == (["and again"], [], "")


@in_virtual_time
async def test_whoever_is_elsewhere_and_the_same_is_written_to_without_a_question() -> None:
    async with House() as house, desk(house) as chat:
        bob, carol = await house.guests("bob", "carol")
        for one in (bob, carol):
            await one.create(f"{one.username}s")
        await bob.send_direct("alice", "hello")
        chat.submit("/msg carol hello")
        await until(lambda: len(chat.conversations.direct) == 2 and not chat.is_asking)
        for place in chat.conversations.direct:
            chat.conversations.show(place)
            chat.submit("and again")
            await until(lambda: not chat.is_asking)
            assert (said(place), told(place)) == (["hello", "and again"], [])


@pytest.mark.parametrize("stays", [True, False])
@in_virtual_time
async def test_what_is_written_while_the_connection_is_away_waits_for_who_it_is_by_then(stays: bool) -> None:
    """Whoever has taken the name meanwhile gets nothing; that is said where the user looks by then, too."""
    async with House() as house:
        cable = Cable(house.network)
        async with desk(house, transport=cable) as chat:
            bob = await house.guest("bob")
            await bob.send_direct("alice", "hello")
            await until(lambda: chat.conversations.direct and not chat.is_asking)
            place = chat.conversations.direct[0]
            cable.pull()
            await until(lambda: chat.connection.state == "waiting")
            chat.conversations.show(place)
            chat.submit("my pin is 1234")
            assert [one.state for one in messages(place)] == ["sent", "pending"]
            chat.conversations.show_room()
            if not stays:
                await bob.close()
                await asyncio.sleep(1)
                bob = await house.guest("bob")
            cable.plug()
            await until(lambda: chat.connection.state == "connected" and not chat.is_asking)
            got = [one.text for one in await bob.history(DIRECT_LOG)]
            if stays:
                assert (got, told(place)) == (["hello", "my pin is 1234"], [])
            else:
                assert (got, place.draft) == ([], "my pin is 1234")
                await until(lambda: told(place) == [notices.in_doubt("bob")])
                await until(lambda: notices.in_doubt("bob") in told(chat.conversations.room))


@in_virtual_time
async def test_what_one_said_under_another_name_stays_ones_own() -> None:
    """Also when it is read again; and what others say, or have said, by one's names does not become it."""
    async with House() as house:
        first = await house.guest("alison")
        await first.send("said by the first alison")
        await first.close()
        async with desk(house) as chat:
            chat.conversations.set_seen(focused=True, at_end=True)
            bob = await house.guest("bob")
            chat.submit("mine")
            await until(lambda: chat.conversations.unsent == 0)
            await bob.send_direct("alice", "hello")
            chat.submit("/msg bob in private")
            await until(lambda: chat.conversations.unsent == 0)
            chat.submit("/nick alison")
            await until(lambda: chat.username == "alison")
            stranger = await house.guest("alice")
            await stranger.send_direct("alison", "I am another one")
            for number in range(150):
                await stranger.send(f"message {number}")
            chat.conversations.show_room()
            room = chat.conversations.of_room("lobby")
            await until(lambda: len(said(room)) == 152)
            chat.messages.history.renew(room, None)  # which forgets what can be read again
            await until(lambda: len(said(room)) == 100)
            chat.load_older(room)
            await until(lambda: len(said(room)) == 152)
            assert [one.text for one in messages(room) if one.own] == ["mine"]
            talks = {one.name: [(each.text, each.own) for each in messages(one)] for one in chat.conversations.direct}
            assert talks == {
                "bob": [("hello", False), ("in private", True)],
                "alice": [("I am another one", False)],
            }


@in_virtual_time
async def test_answer_typed_in_a_room_that_is_only_read_stands_in_that_room() -> None:
    """Whoever answers there enters it, like whoever says something."""
    async with House() as house, desk(house) as chat:
        bob, carol = await house.guests("bob", "carol")
        await bob.create("python")
        await bob.send("who comes?")
        await carol.send("another matter")
        await until(lambda: "python" in chat.rooms.names)
        chat.open("python")
        chat.submit("/reply bob I do")
        await until(lambda: chat.rooms.current == "python")
        await until(lambda: said(chat.conversations.shown) == ["who comes?", "I do"])
        assert [one.text for one in await bob.history("lobby")] == ["another matter"]


@in_virtual_time
async def test_mention_calls_for_attention_only_while_the_user_looks_away() -> None:
    async with House() as house, desk(house) as chat:
        bob = await house.guest("bob")
        heard: list[list[Attention]] = []
        chat.conversations.attention.connect(heard.append)
        await bob.send("Alice, look")
        await until(lambda: any(heard))
        shown = notification(heard[-1])
        assert shown is not None
        assert (shown.title, shown.text) == ("bob mentioned you in lobby", "Alice, look")
        chat.conversations.set_seen(focused=True, at_end=True)
        await bob.send("alice again")
        await until(lambda: len(said(chat.conversations.shown)) == 2)
        assert len(heard) == 1
        assert [one.mentions for one in messages(chat.conversations.shown)] == [True, True]


@in_virtual_time
async def test_members_follow_who_comes_and_goes() -> None:
    async with House() as house, desk(house) as chat:
        clients = await house.guests("Zoe", "bob", "carol")
        await until(lambda: chat.members.names == ("alice", "bob", "carol", "Zoe"))
        await clients[1].rename("adam")
        await until(lambda: chat.members.names == ("adam", "alice", "carol", "Zoe"))
        await clients[0].close()
        await until(lambda: chat.members.names == ("adam", "alice", "carol"))
        assert chat.rooms.rows[0].users == 3


@in_virtual_time
async def test_who_comes_and_goes_is_told_as_a_difference() -> None:
    async with House() as house, desk(house) as chat:
        told: list[Difference | None] = []
        chat.members.differ.connect(told.append)
        await until(lambda: told == [None])
        bob = await house.guest("bob")
        await until(lambda: told[1:] == [{"bob": "bob"}])
        await bob.rename("adam")
        await until(lambda: told[2:] == [{"bob": None, "adam": "adam"}])
        await bob.close()
        await until(lambda: told[3:] == [{"adam": None}])
        await chat.create("python")
        await until(lambda: told[4:] == [None])


@in_virtual_time
async def test_member_list_longer_than_a_frame_is_completed() -> None:
    async with House(names_per_frame=5) as house:
        await house.guests(*(f"guest{number}" for number in range(20)))
        async with desk(house) as chat:
            await until(lambda: len(chat.members.names) == 21)


@in_virtual_time
async def test_who_comes_and_goes_while_a_long_member_list_is_read_is_known_when_it_was() -> None:
    """Its parts are of different moments; what is read of a room is nothing once that was entered anew."""
    async with House() as house:
        entered = await (await house.guest("anna")).create("den")
        members = MemberList()
        members.take(replace(entered, users=("anna", "bob"), users_count=5))
        heard = members.begin()
        members.take(PresenceChanged("den", ("adam",), ("carol",), 5))
        members.take(UserRenamed("dora", "doris"))
        members.take(PresenceChanged("elsewhere", ("zed",), ("bob",), 1))
        members.fill(("anna", "bob", "carol", "dora", "eve"), heard)
        assert members.names == ("adam", "anna", "bob", "doris", "eve")
        assert members.complete
        heard = members.begin()
        members.take(replace(entered, users=("anna",), users_count=1))
        members.fill(("anna", "bob"), heard)
        assert members.names == ("anna",)
        members.stop()


@in_virtual_time
async def test_room_list_longer_than_a_frame_is_completed() -> None:
    async with House(rooms_per_frame=2) as house:
        for number, guest in enumerate(await house.guests("bob", "carol", "dave", "eve")):
            await guest.create(f"room{number}")
        async with desk(house) as chat:
            await until(lambda: chat.rooms.names == ("lobby", "room0", "room1", "room2", "room3"))


@in_virtual_time
async def test_lost_connection_is_told_with_the_time_of_the_next_try_and_nothing_is_lost() -> None:
    async with House() as house:
        cable = Cable(house.network)
        async with desk(house, transport=cable) as chat:
            bob = await house.guest("bob")
            states: list[str] = []
            chat.connection_changed.connect(lambda: states.append(chat.connection.state))
            cable.pull()
            await until(lambda: chat.connection.state == "waiting")
            assert chat.seconds_left >= 0
            chat.submit("typed while away")
            await bob.send("said while away")
            assert [one.state for one in messages(chat.conversations.shown)] == ["pending"]
            cable.plug()
            await until(lambda: chat.connection.state == "connected" and chat.conversations.unsent == 0)
            await until(lambda: said(chat.conversations.shown) == ["said while away", "typed while away"])
            assert "trying" in states
            assert told(chat.conversations.shown)[-1] == "The connection is back."


def test_next_try_is_counted_down_to_for_a_moment_without_asyncio_too() -> None:
    """Timers of Qt still come when the loop is stopped for good."""
    chats: list[ChatPresenter] = []

    @in_virtual_time
    async def lose() -> None:
        async with House() as house:
            cable = Cable(house.network)
            async with desk(house, transport=cable) as chat:
                cable.pull()
                await until(lambda: chat.connection.state == "waiting" and chat.seconds_left >= 5)
                chats.append(chat)

    lose()
    assert 0 < chats[0].seconds_left < 100


@in_virtual_time
async def test_stranger_in_the_servers_place_is_told_once_and_the_app_waits_for_the_server() -> None:
    async with House() as house:
        cable = Cable(house.network)
        async with desk(house, transport=cable) as chat:
            cable.pull(UntrustedCertificate("nobody vouches for it"))
            await until(lambda: chat.connection.state == "waiting" and chat.seconds_left >= 5)
            chat.submit("typed while away")
            cable.plug()
            await until(lambda: said(chat.conversations.shown) == ["typed while away"])
            await until(lambda: told(chat.conversations.shown)[-1] == "The connection is back.")
            lost, stranger, _back = told(chat.conversations.shown)
            assert lost == "The connection is lost. The peer vanished."
            assert "not the server that you know" in stranger


@in_virtual_time
async def test_pause_between_tries_ends_when_the_user_does_not_want_to_wait() -> None:
    async with House() as house:
        cable = Cable(house.network)
        async with desk(house, transport=cable) as chat:
            chat.reconnect_now()
            assert chat.connection.state == "connected"
            cable.pull()
            await until(lambda: chat.connection.state == "waiting" and chat.seconds_left >= 5)
            cable.plug()
            pressed = asyncio.get_running_loop().time()
            chat.reconnect_now()
            assert chat.connection.state == "trying"
            chat.reconnect_now()
            await until(lambda: chat.connection.state == "connected")
            assert asyncio.get_running_loop().time() - pressed < 2


@in_virtual_time
async def test_restarted_server_is_gone_back_to_and_the_lost_log_is_told() -> None:
    network = MemoryNetwork()
    async with House(network, port=7) as house:
        cable = Cable(network)
        async with desk(house, transport=cable) as chat:
            bob = await house.guest("bob", reconnect=False)
            await chat.create("python")
            await until(lambda: chat.rooms.current == "python" and not chat.conversations.shown.loading)  # type: ignore[union-attr]
            chat.submit("before")
            await until(lambda: chat.conversations.unsent == 0)
            assert bob.connected
            await bob.send_direct(chat.client.username, "psst")  # type: ignore[union-attr]
            await until(lambda: len(chat.conversations.direct) == 1)
            await house.server.stop()
            await until(lambda: chat.connection.state == "waiting")
            shown: list[str] = []
            chat.conversations.shown_changed.connect(lambda: shown.append(chat.conversations.shown.name))  # type: ignore[union-attr]
            async with House(network, port=7):
                await until(
                    lambda: chat.connection.state == "connected" and chat.client and chat.client.room == "python"
                )
                chat.submit("after")
                await until(lambda: said(chat.conversations.shown) == ["before", "after"])
                await until(lambda: chat.conversations.unsent == 0)
                assert notices.begun_anew() in told(chat.conversations.shown)
                assert "Direct messages from while you were away may be lost." in told(chat.conversations.shown)
                assert shown == []
                await chat.close()


@in_virtual_time
async def test_gap_is_shown_where_messages_are_lost() -> None:
    async with House(log_messages=5, store="memory") as house:
        cable = Cable(house.network)
        async with desk(house, transport=cable) as chat:
            bob = await house.guest("bob")
            await bob.send("one")
            await until(lambda: said(chat.conversations.shown) == ["one"])
            cable.pull()
            for number in range(20):
                await bob.send(f"missed {number}")
            cable.plug()
            await until(lambda: len(said(chat.conversations.shown)) == 6)
            assert chat.conversations.shown is not None
            gaps = [one.missing for one in chat.conversations.shown.timeline.entries if isinstance(one, GapEntry)]
            assert gaps == [15]


@in_virtual_time
async def test_typed_text_fails_visibly_once_the_connection_has_ended_for_good() -> None:
    async with House() as house:
        cable = Cable(house.network)
        async with desk(house, transport=cable, reconnect=False) as chat:
            cable.pull()
            await until(lambda: chat.connection.state == "ended")
            chat.submit("too late")
            assert [(one.state, one.note) for one in messages(chat.conversations.shown)] == [
                ("failed", "Not sent: there is no connection.")
            ]
            cable.plug()
            chat.attach(await house.guest("alice2"))
            await until(lambda: chat.connection.state == "connected")
            chat.conversations.outbox.retry(messages(chat.conversations.shown)[0].key)
            await until(lambda: [one.state for one in messages(chat.conversations.shown)] == ["sent"])


@in_virtual_time
async def test_commands_are_answered_in_the_conversation() -> None:
    async with House() as house, desk(house) as chat:
        await house.guest("bob")
        await until(lambda: "bob" in chat.members.names)
        for command, answer in [
            ("/rooms", "lobby: 2 people"),
            ("/who", "bob in lobby"),
            ("/list", "alice in lobby"),
            ("/whois bob", "bob is in lobby"),
            ("/whois nobody", "There is no user called nobody."),
            ("/join nowhere", "There is no room called nowhere."),
            ("/help", "/whois NAME: see where a user is"),
            ("/nik al", "did you mean /nick?"),
            ("/send bob", "This is how to write it: /send NAME[,NAME...] FILE"),
            ("/accept", "There is no such file."),
            ("/nick", "This is how to write it: /nick NAME"),
            ("/nick al", "alice is now called al."),
        ]:
            chat.submit(command)
            await until(lambda answer=answer: any(answer in text for text in told(chat.conversations.shown)))  # type: ignore[misc]
        assert chat.username == "al"
        assert chat.members.names == ("al", "bob")


@in_virtual_time
async def test_broadcast_appears_in_the_room_that_is_open() -> None:
    async with House() as house, desk(house) as chat:
        bob = await house.guest("bob")
        await bob.broadcast("lunch")
        chat.submit("/msgall coming")
        await until(lambda: [one.kind for one in messages(chat.conversations.room)] == ["broadcast", "broadcast"])
        await until(lambda: all(one.state == "sent" for one in messages(chat.conversations.room)))
        assert said(chat.conversations.room) == ["lunch", "coming"]


@in_virtual_time
async def test_refused_room_says_why() -> None:
    async with House() as house, desk(house) as chat:
        assert await chat.create("lobby") == "There is a room called lobby already."
        rule = "A name has 1 to 32 letters of one script, digits, _ or -."
        assert await chat.create("no good") == f"There is a space in 'no good'. {rule}"
        assert await chat.create("good") is None
        await until(lambda: chat.rooms.current == "good")


@in_virtual_time
async def test_words_are_completed() -> None:
    async with House() as house, desk(house) as chat:
        await house.guest("bob")
        await until(lambda: "bob" in chat.members.names)
        assert chat.complete("bo").candidates == ("bob: ",)
        assert chat.complete("/jo").candidates == ("/join ",)
        assert chat.complete("/join lo").candidates == ("lobby",)


@pytest.mark.unmeasured
@in_virtual_time
async def test_flood_is_gathered_into_few_changes() -> None:
    async with House() as house, desk(house) as chat:
        bob = await house.guest("bob")
        assert chat.conversations.shown is not None
        changes: list[object] = []
        chat.conversations.shown.timeline.observe(changes.append)
        for number in range(1000):
            bob.post(SendMessage(str(number)))
        await until(lambda: len(said(chat.conversations.shown)) == 1000)
        assert len(changes) < 10


@in_virtual_time
async def test_reason_that_the_server_gives_for_closing_is_told_in_our_words() -> None:
    async with House() as house, desk(house) as chat:
        await house.server.stop()
        await until(lambda: chat.connection.state == "waiting")
        await until(lambda: told(chat.conversations.room) == ["The connection is lost. The server is shutting down."])


@in_virtual_time
async def test_connection_that_was_taken_over_ends_with_the_reason() -> None:
    def answer(frame: Frame, connection: Connection) -> None:
        if frame["type"] == "login":
            connection.welcome(positions={"lobby": {"epoch": "e", "seq": 1}})
        elif frame["type"] == "history":
            connection.say("bye", code="replaced", message="replaced")
            connection.hang_up()

    async with Puppet(answer) as puppet:
        chat = ChatPresenter("downloads", time_of_day)
        chat.attach(await connect(puppet.url, username="alice", transport=puppet.network))
        await until(lambda: chat.connection.state == "ended")
        assert chat.connection.reason == "You connected from somewhere else."
        await chat.close()


@in_virtual_time
async def test_the_last_reason_is_told_while_it_tries_and_in_the_end() -> None:
    """And not what the server said before."""
    async with House() as house:
        cable = Cable(house.network)
        async with desk(house, transport=cable) as chat:
            changed = CertificateChanged("this is another key", "house:1", "aa", "bb", "cc")
            cable.pull(changed)
            await until(lambda: chat.connection.state == "waiting" and chat.seconds_left >= 5)
            assert chat.connection.reason == "This is another key."
            await until(lambda: chat.connection.state == "trying")
            assert chat.connection.reason == "This is another key."


@in_virtual_time
async def test_goodbye_of_a_server_is_not_the_reason_of_what_happens_later() -> None:
    network = MemoryNetwork()
    async with House(network, port=7) as house:
        cable = Cable(network)
        async with desk(house, transport=cable) as chat:
            await house.server.stop()
            await until(lambda: chat.connection.state == "waiting")
            assert chat.connection.reason == "The server is shutting down."
            cable.pull()
            await until(lambda: chat.connection.reason == "The cable is out.")


@in_virtual_time
async def test_who_is_put_out_of_a_room_while_they_write_says_nothing_elsewhere() -> None:
    """The room stays in sight, and says what was done; what was written for it is said there, or not at all."""
    async with House() as house, desk(house) as chat:
        bob, carol = await house.guests("bob", "carol")
        await bob.create("club")

        async def put_out(act: Coroutine[Any, Any, object]) -> None:
            chat.submit("/join club")
            await until(lambda: chat.rooms.current == "club")
            await act
            await until(lambda: chat.rooms.current == "lobby")

        for act, what in (
            (bob.kick("alice"), "bob put alice out of club."),
            (bob.ban("alice"), "bob banned alice from club."),
        ):
            await put_out(act)
            shown = chat.conversations.shown
            assert (shown, chat.conversations.previewed) == (chat.conversations.of_room("club"), shown)
            await until(lambda shown=shown, what=what: told(shown)[-1:] == [what])
            await until(lambda shown=shown: chat.names_in(shown) == ("bob",))
        returned: list[str] = []
        chat.returned.connect(lambda _place, text: returned.append(text))
        chat.submit("as I was saying")
        await until(lambda: returned)
        assert (returned, await carol.history("lobby")) == (["as I was saying"], ())
        await until(lambda: told(chat.conversations.shown)[-1] == "You are banned from club.")
        await bob.unban("alice")
        await put_out(bob.close_room())
        assert chat.conversations.previewed is chat.conversations.of_room("club")
        chat.enter("lobby")
        assert chat.conversations.previewed is None


@in_virtual_time
@pytest.mark.parametrize(("act", "why"), [("kick", []), ("ban", ["You are banned from club."]), ("close_room", [])])
async def test_who_is_put_out_of_a_room_while_away_is_told_on_coming_back(act: str, why: list[str]) -> None:
    """As far as it is known: the server says later neither by whom nor why."""
    async with House() as house:
        cable = Cable(house.network)
        async with desk(house, transport=cable) as chat:
            bob, carol = await house.guests("bob", "carol")
            await bob.create("club")
            chat.submit("/join club")
            await until(lambda: chat.rooms.current == "club")
            club = chat.conversations.shown
            cable.pull()
            await until(lambda: chat.connection.state == "waiting")
            chat.submit("as I was saying")
            await (bob.close_room() if act == "close_room" else getattr(bob, act)("alice"))
            cable.plug()
            await until(lambda: chat.connection.state == "connected")
            assert (chat.conversations.previewed, chat.members.room) == (club, "lobby")
            await until(lambda: messages(club)[-1].state == "failed")
            assert messages(club)[-1].note.startswith("Not sent. ")
            news = ["The connection is back.", "You are in lobby now; you are no longer in club.", *why]
            await until(lambda: told(club)[-len(news) :] == news)
            assert await carol.history("lobby") == ()


@in_virtual_time
async def test_who_has_asked_to_go_elsewhere_before_the_connection_was_lost_was_not_put_out() -> None:
    async with House() as house:
        cable = Cable(house.network)
        async with desk(house, transport=cable) as chat:
            bob = await house.guest("bob")
            await bob.create("club")
            lobby = chat.conversations.shown
            chat.submit("/join club")
            (alice,) = (user for user in house.server.chat.users.values() if user.name == "alice")
            async with asyncio.timeout(60):
                while alice.room.name != "club":
                    await asyncio.sleep(0)  # and the answer is lost with the connection
            cable.pull()
            await until(lambda: chat.connection.state == "waiting")
            assert chat.conversations.room is lobby
            cable.plug()
            await until(lambda: chat.conversations.shown is chat.conversations.of_room("club"))
            assert not any("no longer" in text for text in told(lobby))


@in_virtual_time
async def test_without_a_connection_a_dialog_says_so_and_a_click_that_it_waits() -> None:
    async with House() as house:
        cable = Cable(house.network)
        async with desk(house, transport=cable) as chat:
            bob = await house.guest("bob")
            await bob.create("club")
            await until(lambda: "club" in chat.rooms.names)
            cable.pull()
            await until(lambda: chat.connection.state == "waiting")
            assert await chat.create("python") == "There is no connection."
            chat.enter("club")
            chat.describe("bob")
            chat.conversations.flush()
            assert told(chat.conversations.shown)[-2:] == [
                "Waits for the connection: /join club",
                "Waits for the connection: /whois bob",
            ]
            assert chat.conversations.waiting == 0  # nothing was written that could be lost
            cable.plug()
            await until(lambda: chat.rooms.current == "club")


@in_virtual_time
async def test_what_is_done_to_somebody_elsewhere_is_told_where_they_look() -> None:
    """An invitation, above all: to a room where they have been, or not."""
    async with House() as house, desk(house) as chat:
        (bob,) = await house.guests("bob")
        await bob.create("club")
        await bob.set_private(True)
        await bob.invite("alice")
        await until(lambda: told(chat.conversations.shown)[-1:] == ["bob invites alice to club."])
        chat.submit("/join club")
        await until(lambda: chat.rooms.current == "club")
        chat.submit("/leave")
        await until(lambda: chat.rooms.current == "lobby")
        chat.write_to("bob")
        await bob.mute("alice", reason="come back first")
        await until(lambda: told(chat.conversations.shown)[-1:] == ["bob muted alice in club: come back first."])


@in_virtual_time
async def test_who_is_put_out_of_a_room_goes_on_reading_what_they_read() -> None:
    """And is told there: what is written to one person does not end up in the lobby."""
    async with House() as house, desk(house) as chat:
        bob = await house.guest("bob")
        await bob.create("club")
        chat.enter("club")
        await until(lambda: chat.rooms.current == "club")
        chat.write_to("bob")
        await bob.kick("alice")
        await until(lambda: chat.rooms.current == "lobby")
        shown = chat.conversations.shown
        assert shown is chat.conversations.direct[0]
        await until(lambda: told(shown) == ["bob put alice out of club."])
        chat.submit("why?")
        await until(lambda: said(shown) == ["why?"])
        assert await bob.history("lobby") == ()
