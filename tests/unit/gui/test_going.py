"""The app, from room to room: what is written on the way is said where that leads, waits for that, or comes back."""

from __future__ import annotations

import pytest

from chatcore.commands import SendMessage
from chatcore.events import DIRECT_LOG
from chatcore.testing import MemoryNetwork
from chatcore_qt.presenters.chat import ChatPresenter
from chatcore_qt.presenters.conversation import notices
from chatcore_qt.presenters.kept import Kept, KeptSend
from tests.unit.aio.house import Cable, House, in_virtual_time
from tests.unit.gui.desk import desk, messages, said, told, until
from tests.unit.gui.test_kept import CLIENT_ID, Shelf, sit_down


def states(chat: ChatPresenter, room: str) -> list[tuple[str, str]]:
    """Return what stands in a room, and whether it is sent."""
    return [(one.text, one.state) for one in messages(chat.conversations.of_room(room))]


@in_virtual_time
async def test_what_is_typed_behind_a_way_into_a_room_is_said_and_done_there() -> None:
    """At once, before there is an answer: in the old room, others would read it."""
    async with House() as house, desk(house) as chat:
        bob, carol = await house.guests("bob", "carol")
        await bob.create("python")
        for line in ("/create club", "for us", "/topic ours", "/join python", "and for you", "/leave", "for all"):
            chat.submit(line)
        await until(lambda: states(chat, "lobby") == [("for all", "sent")])
        assert [posted.text for posted in await carol.history("lobby")] == ["for all"]
        assert [posted.text for posted in await bob.history("python")] == ["and for you"]
        assert said(chat.conversations.of_room("club")) == ["for us"]
        assert told(chat.conversations.of_room("club")) == ["alice changed the topic of club: ours."]


@in_virtual_time
async def test_what_is_typed_behind_the_end_of_a_room_is_said_and_done_in_the_lobby() -> None:
    """That is where closing it leads, as leaving it does."""
    async with House() as house, desk(house) as chat:
        carol = await house.guest("carol")
        for line in ("/create club", "/close", "for all", "/create den", "for us"):
            chat.submit(line)
        await until(lambda: states(chat, "den") == [("for us", "sent")])
        assert [posted.text for posted in await carol.history("lobby")] == ["for all"]


@in_virtual_time
async def test_end_of_a_room_that_is_not_reached_ends_no_other_one() -> None:
    """Typed ahead, it is meant for where the way leads."""
    async with House() as house, desk(house) as chat:
        chat.submit("/create club")
        await until(lambda: chat.rooms.current == "club")
        for line in ("/join nowhere", "/close", "for all"):
            chat.submit(line)
        club = chat.conversations.of_room("club")
        await until(lambda: club.draft == "for all")
        chat.submit("here after all")
        await until(lambda: states(chat, "club") == [("here after all", "sent")])


@in_virtual_time
@pytest.mark.parametrize("line", ["/close", "/create python", "/join nowhere", "/create lobby", "/join python"])
async def test_what_is_typed_behind_a_way_that_is_refused_comes_back(line: str) -> None:
    async with House() as house, desk(house) as chat:
        bob, carol = await house.guests("bob", "carol")
        await bob.create("python")
        await bob.ban("alice")
        returned: list[str] = []
        chat.returned.connect(lambda _place, text: returned.append(text))
        lobby = chat.conversations.of_room("lobby")
        for each in (line, "one", "/topic two", "three"):
            chat.submit(each)
        await until(lambda: returned)
        assert (lobby.draft, chat.conversations.unsent) == ("one\n/topic two\nthree", 0)
        assert await carol.history("lobby") == ()
        chat.submit("here after all")
        await until(lambda: states(chat, "lobby") == [("here after all", "sent")])


@in_virtual_time
async def test_who_looks_elsewhere_meanwhile_writes_there() -> None:
    async with House() as house:
        cable = Cable(house.network)
        async with desk(house, transport=cable) as chat:
            bob = await house.guest("bob")
            await bob.create("python")
            cable.pull()
            await until(lambda: chat.connection.state == "waiting")
            chat.submit("/join python")
            chat.write_to("bob")
            chat.submit("for bob alone")
            cable.plug()
            await until(lambda: chat.rooms.current == "python" and chat.conversations.unsent == 0)
            assert said(chat.conversations.direct[0]) == ["for bob alone"]
            assert await bob.history("python") == ()


@in_virtual_time
@pytest.mark.parametrize("begun", ["before", "behind"])
async def test_who_writes_to_somebody_when_a_room_is_entered_goes_on_there(begun: str) -> None:
    """Wherever the way began: what is for one person would be said to everybody."""
    async with House(MemoryNetwork(latency=(0.1, 0.1))) as house, desk(house) as chat:
        await (await house.guest("carol")).create("den")
        await house.guest("bob")
        if begun == "before":
            chat.write_to("bob")
        chat.submit("/join den")
        chat.write_to("bob")
        (bob,) = chat.conversations.direct
        bob.draft = "I want to tell you "
        await until(lambda: chat.rooms.current == "den" and not chat.conversations.waiting)
        assert (chat.conversations.shown, bob.draft) == (bob, "I want to tell you ")
        await until(lambda: told(bob) == ["You are in den now."])


@in_virtual_time
async def test_who_asks_for_a_room_beside_somebody_and_writes_nothing_is_shown_it() -> None:
    async with House(MemoryNetwork(latency=(0.1, 0.1))) as house, desk(house) as chat:
        chat.write_to("bob")
        chat.submit("/create den")
        await until(lambda: chat.rooms.current == "den")
        assert chat.conversations.shown is chat.conversations.of_room("den")


@in_virtual_time
@pytest.mark.parametrize("what", ["edit", "reply"])
async def test_who_edits_or_answers_when_a_room_is_entered_goes_on_there(what: str) -> None:
    async with House(MemoryNetwork(latency=(0.1, 0.1))) as house, desk(house) as chat:
        await (await house.guest("bob")).send("what a day")
        chat.submit("indeed")
        await until(lambda: [one.state for one in messages(chat.conversations.shown)] == ["sent", "sent"])
        chat.submit("/create den")
        begin = chat.editing.begin if what == "edit" else chat.replies.begin
        begin(messages(chat.conversations.shown)[what == "edit"].key)
        await until(lambda: chat.rooms.current == "den" and not chat.conversations.waiting)
        assert chat.conversations.shown is chat.conversations.of_room("lobby")
        assert (chat.editing.entry is not None) == (what == "edit")
        await until(lambda: told(chat.conversations.shown)[-1] == "You are in den now.")


@in_virtual_time
async def test_who_writes_to_somebody_goes_on_there_with_the_next_client() -> None:
    """One that leads back into the same room moves nobody."""
    async with House(MemoryNetwork(latency=(0.1, 0.1))) as house, desk(house) as chat:
        chat.write_to("bob")
        await chat.leave()
        chat.attach(await house.guest("alice"))
        await until(lambda: chat.connected and chat.connection.state == "connected")
        assert chat.conversations.shown is chat.conversations.direct[0]


@in_virtual_time
@pytest.mark.parametrize("line", ["", "/join python"])
async def test_what_is_written_without_a_connection_for_a_room_to_go_to_waits_and_is_kept(line: str) -> None:
    """For one that is only read, and behind a command that leads there."""
    shelf = Shelf()
    async with House() as house:
        cable = Cable(house.network)
        bob = await house.guest("bob")
        await bob.create("python")
        chat = await sit_down(house, shelf, transport=cable)
        if not line:
            chat.open("python")
        cable.pull()
        await until(lambda: chat.connection.state == "waiting")
        chat.submit(line)
        chat.submit("one")
        chat.submit("two")
        assert states(chat, "python") == [("one", "pending"), ("two", "pending")]
        assert chat.conversations.unsent == 2
        chat.keeper.write_now()
        (kept,) = shelf.kept.values()
        assert [one.send for one in kept.unsent] == [SendMessage(text, room="python") for text in ("one", "two")]
        cable.plug()
        await until(lambda: states(chat, "python") == [("one", "sent"), ("two", "sent")])
        assert [posted.text for posted in await bob.history("python")] == ["one", "two"]
        assert chat.rooms.current == "python"
        await chat.close()
    assert [kept.unsent for kept in shelf.kept.values()] == [()]


@in_virtual_time
async def test_several_commands_that_have_come_back_are_carried_out_one_by_one() -> None:
    """And what is typed behind them is no part of the last one."""
    async with House() as house, desk(house) as chat:
        (bob,) = await house.guests("bob")
        chat.submit("/create club")
        await until(lambda: chat.rooms.current == "club")
        returned: list[str] = []
        chat.returned.connect(lambda _place, text: returned.append(text))
        chat.submit("/topic chapter 7\n/slow 5\nhalf a\nline")
        await until(lambda: not chat.conversations.waiting)
        assert returned == ["half a\nline"]
        assert chat.client is not None
        assert (chat.client.topic, chat.client.slow) == ("chapter 7", 5)
        chat.submit("/topic chapter 8\n/msg bob psst")
        await until(lambda: said(chat.conversations.direct[0]) == ["psst"])
        await until(lambda: chat.client is not None and chat.client.topic == "chapter 8")
        chat.conversations.show_room()
        chat.submit("/kick\n/msg bob pssst")
        assert returned.pop() == "/kick\n/msg bob pssst"
        chat.submit("/topic chapter 9\n/leave")
        await until(lambda: chat.rooms.current == "lobby")
        chat.submit("/msg bob look:\n/leave\nis a command")
        await until(lambda: said(chat.conversations.direct[0]) == ["psst", "look:\n/leave\nis a command"])
        assert chat.rooms.current == "lobby"
        assert returned == ["half a\nline"]
        assert bob.room == "lobby"


@in_virtual_time
@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("/topic one\n/register\n/identify bob secret1\nhello", "/identify bob secret1\nhello"),
        ("/register\n/identify bob secret1", "/identify bob secret1"),
        ("/identfy secret1\n/topic two\nhello", "/identfy secret1\n/topic two\nhello"),
        ("/topic one\n/identify a b c\n/topic two", "/identify a b c\n/topic two"),
    ],
)
async def test_what_stands_below_commands_stays_in_sight_with_passwords_in_it(text: str, left: str) -> None:
    """On disk there are none."""
    shelf = Shelf()
    async with House() as house:
        chat = await sit_down(house, shelf)
        chat.submit(text)
        assert chat.conversations.of_room("lobby").draft == left
        await chat.close()
    assert not any("secret1" in text for kept in shelf.kept.values() for text in kept.drafts.values())


@in_virtual_time
async def test_what_stands_below_commands_comes_along_where_they_lead() -> None:
    """Be it that the last of them is refused. Until then it stays, and so does what is for one person only."""
    async with House() as house, desk(house) as chat:
        await (await house.guests("bob"))[0].create("python")

        def drafts() -> dict[str, str]:
            return {name: text for (_kind, name), text in chat.conversations.drafts.items()}

        chat.submit("/join python\nhello\nall")
        assert chat.conversations.of_room("lobby").draft == "hello\nall"
        await until(lambda: drafts() == {"python": "hello\nall"})
        chat.conversations.of_room("python").draft = ""
        chat.submit("/leave\nbye")
        await until(lambda: drafts() == {"lobby": "bye"})
        chat.conversations.of_room("lobby").draft = ""
        chat.submit("/join python\n/join nowhere\nhello")
        await until(lambda: drafts() == {"python": "hello"})
        chat.submit("/join nowhere\nhello, python")
        await until(lambda: not chat.conversations.waiting)
        assert drafts() == {"python": "hello, python\nhello"}
        chat.write_to("bob")
        chat.submit("/leave\njust us")
        await until(lambda: chat.rooms.current == "lobby" and not chat.conversations.waiting)
        assert drafts() == {"python": "hello, python\nhello", "bob": "just us"}


@in_virtual_time
async def test_what_stands_below_commands_stays_where_the_user_looks() -> None:
    """At a room to which no way has led: it is not drawn into the one where the user is."""
    async with House() as house, desk(house) as chat:
        await (await house.guests("bob"))[0].create("python")
        chat.open("python")
        chat.submit("/join nowhere\nhello")
        await until(lambda: not chat.conversations.waiting)
        assert chat.conversations.drafts == {("room", "python"): "hello"}
        assert (chat.rooms.current, chat.conversations.shown) == ("lobby", chat.conversations.of_room("python"))


@in_virtual_time
async def test_a_thousand_commands_and_more_may_stand_below_each_other() -> None:
    async with House() as house, desk(house) as chat:
        chat.submit("/help\n" * 1200 + "half a line")
        assert chat.conversations.of_room("lobby").draft == "half a line"


@in_virtual_time
async def test_a_room_with_something_of_ones_own_is_listed_although_the_server_has_none() -> None:
    """Not yet, or not any more: else what one has written there could be read, sent and given up nowhere."""
    shelf = Shelf()
    async with House() as house:
        cable = Cable(house.network)
        chat = await sit_down(house, shelf, transport=cable)
        cable.pull()
        await until(lambda: chat.connection.state == "waiting")
        chat.submit("/create club")
        chat.submit("in club?")
        assert chat.rooms.names == ("lobby", "club")
        chat.open("club")
        assert states(chat, "club") == [("in club?", "pending")]
        await chat.close()
        await until(lambda: not house.server.chat.users)
        chat = await sit_down(house, shelf)
        await until(lambda: chat.rooms.names == ("lobby", "club"))
        chat.open("club")
        await until(lambda: states(chat, "club") == [("in club?", "failed")])
        (failed,) = messages(chat.conversations.of_room("club"))
        chat.conversations.outbox.discard(failed.key)
        assert chat.rooms.names == ("lobby",)
        chat.conversations.of_room("club").draft = "perhaps"
        chat.conversations.show_room()
        assert chat.rooms.names == ("lobby", "club")
        assert chat.is_gone(chat.conversations.of_room("club"))
        await chat.close()


@in_virtual_time
@pytest.mark.parametrize("disconnect", [True, False])
async def test_what_waits_for_a_room_to_go_to_is_lost_by_no_way_of_leaving(disconnect: bool) -> None:
    shelf = Shelf()
    async with House() as house:
        cable = Cable(house.network)
        bob = await house.guest("bob")
        await bob.create("python")
        chat = await sit_down(house, shelf, transport=cable)
        chat.open("python")
        cable.pull()
        await until(lambda: chat.connection.state == "waiting")
        chat.submit("not lost")
        if disconnect:
            await chat.leave()
            assert states(chat, "python") == [("not lost", "failed")]
        await chat.close()
        await chat.keeper.close()
        (kept,) = shelf.kept.values()
        assert [one.send for one in kept.unsent] == [SendMessage("not lost", room="python")]


@in_virtual_time
async def test_what_is_sent_again_to_another_room_waits_in_sight() -> None:
    shelf = Shelf()
    async with House() as house:
        cable = Cable(house.network)
        bob = await house.guest("bob")
        await bob.create("python")
        place = house.url.partition("://")[2]
        left = [KeptSend(SendMessage(text, room=room), 5.0) for text, room in (("a", "python"), ("b", "club"))]
        shelf.kept[place, "alice"] = Kept(CLIENT_ID, {}, tuple(left))
        chat = await sit_down(house, shelf, transport=cable)
        await until(lambda: chat.conversations.outbox.restored == 2)
        cable.pull()
        await until(lambda: chat.connection.state == "waiting")
        chat.send_restored()
        assert (chat.conversations.unsent, chat.conversations.outbox.failed) == (2, [])
        cable.plug()
        await until(lambda: chat.conversations.unsent == 0)
        assert [posted.text for posted in await bob.history("python")] == ["a"]
        await until(lambda: states(chat, "club") == [("b", "sent")])
        await chat.close()


@in_virtual_time
async def test_what_is_sent_again_to_a_room_that_cannot_be_entered_has_failed_again() -> None:
    shelf = Shelf()
    async with House() as house:
        bob = await house.guest("bob")
        await bob.create("python")
        await bob.set_private(True)
        place = house.url.partition("://")[2]
        shelf.kept[place, "alice"] = Kept(CLIENT_ID, {}, (KeptSend(SendMessage("a", room="python"), 5.0),))
        chat = await sit_down(house, shelf)
        await until(lambda: chat.conversations.outbox.restored == 1)
        chat.send_restored()
        await until(lambda: chat.conversations.unsent == 0 and len(chat.conversations.outbox.failed) == 1)
        assert told(chat.conversations.room)[-1] == "python is private: somebody who looks after it has to invite you."
        await chat.close()
        (kept,) = shelf.kept.values()
        assert [one.send.text for one in kept.unsent] == ["a"]


@in_virtual_time
@pytest.mark.parametrize("room", ["lobby", "python"])
async def test_what_is_written_in_a_command_is_kept_until_it_is_carried_out(room: str) -> None:
    """In the room where one is, and in one that is only read; where it is refused, it comes back."""
    shelf = Shelf()
    async with House() as house:
        cable = Cable(house.network)
        bob = await house.guest("bob")
        if room == "python":
            await bob.create("python")
        await bob.send("who comes?")
        chat = await sit_down(house, shelf, transport=cable)
        chat.open(room)
        cable.pull()
        await until(lambda: chat.connection.state == "waiting")
        place = chat.conversations.of_room(room)
        chat.submit("/reply bob I do")
        assert (place.draft, chat.conversations.drafts) == ("", {("room", room): "/reply bob I do"})
        chat.keeper.write_now()
        (kept,) = shelf.kept.values()
        assert kept.drafts == {("room", room): "/reply bob I do"}
        cable.plug()
        await until(lambda: said(place) == ["who comes?", "I do"])
        await until(lambda: not chat.conversations.drafts)
        chat.submit("/reply nobody neither do I")
        await until(lambda: place.draft == "/reply nobody neither do I")
        place.draft = ""
        cable.pull()
        await until(lambda: chat.connection.state == "waiting")
        chat.submit("/reply bob not lost")
        await chat.close()
        await chat.keeper.close()
    assert [kept.drafts for kept in shelf.kept.values()] == [{("room", room): "/reply bob not lost"}]


@in_virtual_time
@pytest.mark.parametrize("way", ["/join python", "/create club", "/leave"])
async def test_what_is_typed_in_a_private_conversation_is_private_whatever_is_under_way(way: str) -> None:
    """On the way into another room, also without a connection: commands about messages are refused as always."""
    async with House() as house:
        cable = Cable(house.network)
        async with desk(house, transport=cable) as chat:
            bob, carol = await house.guests("bob", "carol")
            await carol.create("python")
            await bob.send_direct("alice", "psst")
            await until(lambda: chat.conversations.direct)
            chat.submit("said to all")
            await until(lambda: chat.conversations.unsent == 0)
            place = chat.conversations.direct[0]
            for away in (False, True):
                if away:
                    cable.pull()
                    await until(lambda: chat.connection.state == "waiting")
                chat.conversations.show(place)
                for line in (way, "my pin is 1234", "/edit and 4321"):
                    chat.submit(line)
                if away:
                    cable.plug()
                    await until(lambda: chat.connection.state == "connected")
                await until(lambda: not chat.is_asking)
            assert said(place) == ["psst", "my pin is 1234", "my pin is 1234"]
            assert [one.text for one in await bob.history(DIRECT_LOG)] == said(place)
            assert set(told(place)) >= {notices.no_room_shown()}
            logs = [await carol.history(row.name) for row in chat.rooms.rows]
            assert [one.text for log in logs for one in log] == ["said to all"]
