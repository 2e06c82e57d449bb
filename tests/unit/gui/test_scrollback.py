"""Whatever way one leaves and comes back: the whole history of each room stays within reach, in order."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from chatcore import Client
from chatcore.commands import SendDirect, SendMessage
from chatcore.events import Posted
from chatcore.testing import MemoryNetwork, run
from chatcore_qt.presenters.chat import ChatPresenter
from chatcore_qt.presenters.conversation.conversation import Conversation
from chatcore_qt.presenters.entries.timeline import MessageEntry
from tests.unit.aio.house import Cable, House, in_virtual_time
from tests.unit.gui.desk import desk, messages, said, until

ROOMS = ("lobby", "python")
_LIMITS = {"grace": 20.0}


class Somebody:
    """Alice at the app, and in each room somebody who talks."""

    def __init__(self, chat: ChatPresenter, cable: Cable, network: MemoryNetwork) -> None:
        self.chat = chat
        self.cable = cable
        self.network = network
        self.talkers: dict[str, Client] = {}
        self.houses = AsyncExitStack()
        self.house: House | None = None
        self.made = 0

    async def say(self, room: str, count: int) -> None:
        """Let somebody talk there."""
        talker = self.talkers[room]
        for number in range(count):
            talker.post(SendMessage(f"{room} {number}"))
        await until(lambda: talker.pending == 0)

    async def own(self, count: int) -> None:
        """Talk."""
        for number in range(count):
            self.chat.submit(f"own {number}")

    async def go(self, way: str, room: str, *, patient: bool) -> None:
        """Go to a room, or look into it, and perhaps wait until it is shown."""
        match way:
            case "enter":
                self.chat.enter(room)
            case "join":
                self.chat.submit(f"/join {room}")
            case "preview":
                self.chat.open(room)
            case "create":
                self.made += 1
                self.chat.submit(f"/create room-{self.made}")
        if patient:
            await self.settled()

    async def change(self, room: str, back: int, text: str) -> None:
        """Let somebody edit what they said so many messages ago there, or delete it: by no text."""
        talker = self.talkers[room]
        said = await everything(talker, room)
        theirs = [one for one in said if one.sender == talker.username and not one.deleted]
        if not theirs:
            return
        one = theirs[max(0, len(theirs) - 1 - back)]
        if text:
            await talker.edit_message(one.seq, text, room=room)
        else:
            await talker.delete_message(one.seq, room=room)

    async def change_own(self, text: str) -> None:
        """Edit what was said last, or delete it."""
        if self.chat.editing.step(-1):
            self.chat.submit(text)

    async def away(self, seconds: float, count: int, back: int) -> None:
        """Lose the connection for a while, in which the others talk, and edit and delete what they said before."""
        self.cable.pull()
        for room in ROOMS:
            await self.change(room, back, "edited meanwhile")
            await self.change(room, back + 1, "")
            await self.say(room, count)
        await asyncio.sleep(seconds)
        self.cable.plug()
        await self.settled()

    async def restart(self, count: int) -> None:
        """Let the server lose everything and come back; the others are back first."""
        assert self.house is not None
        self.cable.pull()
        await self.house.server.stop()
        self.house = await self.houses.enter_async_context(House(self.network, port=7, **_LIMITS))
        await until(lambda: all(talker.connected for talker in self.talkers.values()))
        await until(lambda: [talker.room for talker in self.talkers.values()] == list(ROOMS))
        for room in ROOMS:
            await self.say(room, count)
        self.cable.plug()
        await self.settled()

    async def scroll(self, *, patient: bool) -> None:
        """Scroll up by a page, and perhaps wait for it."""
        shown = self.chat.conversations.shown
        if shown is not None:
            self.chat.load_older(shown)
        if patient:
            await self.settled()

    async def settled(self) -> None:
        """Wait until all is said, and the room is read."""
        await until(lambda: self.chat.connection.state == "connected" and self.chat.conversations.unsent == 0)
        await until(lambda: self.chat.client is not None and self.chat.client.connected)
        await asyncio.sleep(1)
        await until(lambda: self.chat.conversations.room and not self.chat.conversations.room.loading)

    async def all_of(self, room: str) -> list[str]:
        """Go there, scroll up to the beginning and return what is to be seen."""
        await self.go("enter", room, patient=True)
        shown = self.chat.conversations.shown
        assert shown is not None
        assert shown.name == room
        await to_the_beginning(self.chat, shown)
        self.chat.conversations.flush()
        # What was written for one room while one was on the way to another is refused, and says so.
        assert {one.state for one in messages(shown) if one.seq is None} <= {"failed"}
        return [seen(one) for one in messages(shown) if one.key == shown.key_of(one.seq or 0)]


async def to_the_beginning(chat: ChatPresenter, shown: Conversation) -> None:
    """Scroll up until there is nothing more."""
    for _page in range(100):
        if shown.complete:
            return
        chat.load_older(shown)
        await until(lambda: not shown.older_wanted and not shown.loading_older)
    raise AssertionError("there is no end of it")


def seen(entry: MessageEntry) -> str:
    """Return what is to be seen of a message."""
    return f"{entry.sender}: {entry.text} {entry.change}"


async def log_of(talker: Client, room: str) -> list[str]:
    """Return what has to be seen of a room: everything that its log has, as it is now."""
    found = await everything(talker, room)
    changes = ["deleted" if one.deleted else "edited" if one.edited else "" for one in found]
    return [f"{one.sender}: {one.text} {change}" for one, change in zip(found, changes, strict=True)]


async def everything(talker: Client, room: str) -> list[Posted]:
    """Return everything that a room's log has."""
    found: list[Posted] = []
    while page := await talker.history(room, after=found[-1].seq if found else 0, limit=200):
        found += page
    return found


_WAYS = ("enter", "join", "preview", "create")
_counts = st.sampled_from((0, 1, 60, 150, 330))
_back = st.sampled_from((0, 50, 120, 300))
_steps = st.one_of(
    st.tuples(st.just("say"), st.sampled_from(ROOMS), _counts),
    st.tuples(st.just("own"), st.integers(1, 3)),
    st.tuples(st.sampled_from(_WAYS), st.sampled_from(ROOMS), st.booleans()),
    st.tuples(st.just("away"), st.sampled_from((0.0, 40.0)), _counts, _back),
    st.tuples(st.just("change"), st.sampled_from(ROOMS), _back, st.sampled_from(("", "edited"))),
    st.tuples(st.just("change own"), st.sampled_from(("", "own, edited"))),
    st.tuples(st.just("restart"), _counts),
    st.tuples(st.just("scroll"), st.booleans()),
)


async def _go_through(steps: list[Any]) -> None:
    network = MemoryNetwork(latency=(0.001, 0.03))
    cable = Cable(network)
    async with House(network, port=7, **_LIMITS) as house, desk(house, transport=cable) as chat:
        alice = Somebody(chat, cable, network)
        alice.house = house
        async with alice.houses:
            for room, name in zip(ROOMS, ("bob", "carol"), strict=True):
                alice.talkers[room] = await house.guest(name)
                await alice.talkers[room].enter(room)
            for step in steps:
                match step:
                    case ("say", room, count):
                        await alice.say(room, count)
                    case ("own", count):
                        await alice.own(count)
                    case (way, room, patient) if way in _WAYS:
                        await alice.go(way, room, patient=patient)
                    case ("away", seconds, count, back):
                        await alice.away(seconds, count, back)
                    case ("change", room, back, text):
                        await alice.change(room, back, text)
                    case ("change own", text):
                        await alice.change_own(text)
                    case ("restart", count):
                        await alice.restart(count)
                    case ("scroll", patient):
                        await alice.scroll(patient=patient)
                    case _:
                        raise AssertionError(step)
            await alice.settled()
            for room in ROOMS:
                seen = await alice.all_of(room)
                assert seen == await log_of(alice.talkers[room], room)
            await chat.close()
            for talker in alice.talkers.values():
                await talker.close()


@settings(max_examples=12, deadline=None)
@given(st.lists(_steps, max_size=6))
@example([("away", 40.0, 330, 0)])
@example([("own", 1), ("enter", "python", True), ("say", "lobby", 150), ("enter", "lobby", True)])
@example([("say", "lobby", 1), ("enter", "python", False), ("enter", "lobby", False), ("say", "lobby", 60)])
@example([("say", "python", 330), ("enter", "python", True), ("restart", 330)])
@example([("say", "lobby", 150), ("scroll", False), ("enter", "python", False), ("say", "lobby", 330)])
@example([("say", "lobby", 330), ("enter", "python", True), ("change", "lobby", 300, ""), ("enter", "lobby", True)])
@example([("say", "lobby", 330), ("preview", "python", True), ("change", "lobby", 300, "edited"), ("scroll", True)])
@example([("restart", 0), ("restart", 330)])
@example([("say", "lobby", 330), ("enter", "python", True), ("scroll", False), ("away", 40.0, 330, 0), ("own", 2)])
def test_whatever_way_one_comes_back_the_whole_history_is_within_reach(steps: list[Any]) -> None:
    run(_go_through(steps))


@in_virtual_time
async def test_very_much_was_said_meanwhile_and_what_could_not_be_sent_is_still_there() -> None:
    async with House() as house, desk(house) as chat:
        bob = await house.guest("bob")
        chat.submit("/msg nobody hello")
        await until(lambda: [one.state for one in messages(chat.conversations.shown)] == ["failed"])
        chat.conversations.show_room()
        await chat.create("python")
        for number in range(1200):
            bob.post(SendMessage(str(number)))
        await until(lambda: bob.pending == 0)
        chat.enter("lobby")
        await until(lambda: chat.rooms.current == "lobby")
        lobby = chat.conversations.room
        assert lobby is not None
        await until(lambda: not lobby.loading and len(said(lobby)) == 100)
        await to_the_beginning(chat, lobby)
        assert said(lobby) == [str(number) for number in range(1200)]


@in_virtual_time
async def test_scrolling_up_while_the_connection_is_lost_shows_more_once_it_is_back() -> None:
    async with House() as house:
        cable = Cable(house.network)
        bob = await house.guest("bob")
        for number in range(150):
            await bob.send(str(number))
        async with desk(house, transport=cable) as chat:
            shown = chat.conversations.shown
            assert shown is not None
            cable.pull()
            await until(lambda: chat.connection.state == "waiting")
            chat.load_older(shown)
            cable.plug()
            await until(lambda: said(shown) == [str(number) for number in range(150)])


@in_virtual_time
async def test_conversation_with_a_user_that_was_closed_has_everything_when_it_is_opened_again() -> None:
    async with House() as house, desk(house) as chat:
        bob = await house.guest("bob")
        for number in range(3):
            bob.post(SendDirect(("alice",), str(number)))
        await until(lambda: len(chat.conversations.direct) == 1)
        await until(lambda: len(said(chat.conversations.direct[0])) == 3)
        chat.conversations.close_direct(chat.conversations.direct[0])
        assert chat.conversations.direct == []
        chat.write_to("bob")
        assert said(chat.conversations.shown) == ["0", "1", "2"]
