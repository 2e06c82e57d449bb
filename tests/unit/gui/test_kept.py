"""What is kept between two runs of the app: drafts, and what could not be sent, once each."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.commands import Send, SendBroadcast, SendDirect, SendMessage
from chatcore_qt.kept_files import KeptFiles
from chatcore_qt.presenters.chat import ChatPresenter
from chatcore_qt.presenters.conversation import notices
from chatcore_qt.presenters.kept import Keeper, Kept, KeptSend, read
from tests.patience import PATIENCE
from tests.unit.aio.house import Cable, House, in_virtual_time
from tests.unit.gui.desk import messages, said, time_of_day, told, until

CLIENT_ID = "a client id of alice"

_texts = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=20)
_sends: st.SearchStrategy[Send] = st.one_of(
    st.builds(SendMessage, _texts, room=_texts),
    st.builds(SendMessage, _texts, room=_texts, reply_to=st.integers(1, 99), epoch=_texts),
    st.builds(lambda to, text: SendDirect(tuple(to), text), st.lists(_texts, min_size=1, max_size=3), _texts),
    st.builds(SendBroadcast, _texts),
)
_kept = st.builds(
    Kept,
    st.just(CLIENT_ID),
    st.dictionaries(st.tuples(st.sampled_from(("room", "direct")), _texts), _texts, max_size=3),
    st.lists(st.builds(KeptSend, _sends, st.floats(0, 2e9), st.none() | st.integers(1, 99)), max_size=3).map(tuple),
    st.dictionaries(st.tuples(_texts, _texts), _texts, max_size=3),
)


@given(_kept)
def test_what_was_saved_is_read_as_it_was(kept: Kept) -> None:
    saved = json.loads(json.dumps(kept.as_saved()))
    assert read(saved or None, lambda: CLIENT_ID) == kept


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(("drafts", "unsent", "edits", "kind", "to", "text", "at")), inner, max_size=4
            )
        ),
    )
)
def test_what_makes_no_sense_is_nothing(saved: Any) -> None:
    kept = read(saved, lambda: CLIENT_ID)
    assert (kept.client_id, kept.unsent) == (CLIENT_ID, ())


def test_files_are_the_users_own_and_gone_when_there_is_nothing_to_keep(tmp_path: Path) -> None:
    files = KeptFiles(tmp_path / "window")
    kept = Kept(CLIENT_ID, {("room", "lobby"): "half a thought"})
    files.save("host:8765", "alice", kept)
    (path,) = files.folder.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(files.folder.stat().st_mode) == 0o700
    assert files.load("HOST:8765", "Alice") == kept
    assert files.load("host:8765", "bob").drafts == files.load("other:8765", "alice").drafts == {}
    files.save("host:8765", "alice", Kept(CLIENT_ID))
    files.release()
    assert list(files.folder.iterdir()) == []


def test_pipe_where_a_file_would_be_is_not_waited_for(tmp_path: Path) -> None:
    """Nobody writes into it."""
    files = KeptFiles(tmp_path)
    os.mkfifo(files.path("host:8765", "alice"))
    assert files.load("host:8765", "alice").drafts == {}
    files.release()


def test_damaged_file_is_put_aside(tmp_path: Path) -> None:
    files = KeptFiles(tmp_path)
    path = files.path("host:8765", "alice")
    path.write_bytes(b"\x00" * 100)
    assert files.load("host:8765", "alice").unsent == ()
    files.release()
    assert [one.suffix for one in tmp_path.iterdir()] == [".damaged"]


def test_each_window_has_a_file_of_its_own_and_the_next_one_finds_what_was_kept_last(tmp_path: Path) -> None:
    """Under one name on one server; a window that has ended, or was killed, has nothing any more."""
    one, two, three = (KeptFiles(tmp_path) for _ in range(3))
    first, second = one.load("host:8765", "alice"), two.load("host:8765", "alice")
    assert first.client_id != second.client_id
    first = Kept(first.client_id, {("room", "lobby"): "of one"})
    second = Kept(second.client_id, {("room", "lobby"): "of two"})
    one.save("host:8765", "alice", first)
    two.save("host:8765", "alice", second)
    assert three.load("host:8765", "alice").drafts == {}
    three.release()
    os.utime(one.path("host:8765", "alice"), (1, 1))
    one.release()
    two.release(but=("HOST:8765", "Alice"))
    assert three.load("host:8765", "alice") == first
    two.release()
    assert one.load("host:8765", "alice") == second
    three.release()
    one.release()
    assert not list(tmp_path.glob("*.lock"))


def test_what_windows_that_are_gone_have_kept_is_together_again(tmp_path: Path) -> None:
    """But for what the server may have: it says so of one client id."""
    lobby, mine, theirs = ("room", "lobby"), (("lobby", "e/1"), "one"), (("lobby", "e/1"), "another")
    early, late = (KeptSend(SendMessage(text, room="lobby"), at) for text, at in (("early", 1.0), ("late", 2.0)))
    under_way = KeptSend(SendMessage("perhaps there", room="lobby"), 1.5, cid=7)
    one, two = KeptFiles(tmp_path), KeptFiles(tmp_path)
    for files, kept in (
        (one, Kept(CLIENT_ID, {lobby: "half a thought"}, (late,), dict([mine]))),
        (two, Kept("another id of alice", {lobby: "and more", ("direct", "bob"): "psst"}, (early,), dict([theirs]))),
    ):
        files.load("host:8765", "alice")
        files.save("host:8765", "alice", kept)
    os.utime(two.path("host:8765", "alice", 1), (1, 1))
    one.release()
    two.release()
    together = one.load("host:8765", "alice")
    assert together == Kept(
        CLIENT_ID,
        {lobby: "half a thought\nand more\nanother", ("direct", "bob"): "psst"},
        (early, late),
        dict([mine]),
    )
    assert two.load("host:8765", "alice").as_saved() == {}
    two.save("host:8765", "alice", Kept("another id of alice", {lobby: "meanwhile"}, (under_way, late)))
    two.release()
    os.utime(two.path("host:8765", "alice", 1), (1, 1))
    one.release()
    left = one.load("host:8765", "alice")
    assert (left.client_id, left.unsent) == ("another id of alice", (early, under_way, late))
    one.save("host:8765", "alice", left.without(7))
    one.release()
    assert one.load("host:8765", "alice").unsent == (early, late)
    one.release()
    assert len(list(tmp_path.iterdir())) == 1


class Shelf:
    """Keeps things in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Kept] = {}

    def load(self, place: str, username: str) -> Kept:
        """Return what is kept."""
        return self.kept.get((place, username), Kept(CLIENT_ID))

    def save(self, place: str, username: str, kept: Kept) -> None:
        """Keep it."""
        self.kept[place, username] = kept

    def release(self, but: tuple[str, str] | None = None) -> None:
        """Nobody else is there."""


async def sit_down(house: House, shelf: Shelf, **options: Any) -> ChatPresenter:
    """Start the app."""
    chat = ChatPresenter("downloads", time_of_day, kept=shelf)
    place = house.url.partition("://")[2]
    kept = chat.keeper.load(place, "alice")
    client = await house.guest("alice", client_id=kept.client_id, repeat_private=False, **options)
    chat.attach(client, kept=kept)
    await until(lambda: chat.conversations.shown is not None and not chat.conversations.shown.loading)
    return chat


@in_virtual_time
async def test_what_was_not_sent_is_offered_the_next_time_and_sent_once() -> None:
    shelf = Shelf()
    async with House() as house:
        cable = Cable(house.network)
        bob = await house.guest("bob")
        chat = await sit_down(house, shelf, transport=cable)
        cable.pull()
        await until(lambda: chat.connection.state == "waiting")
        chat.submit("one")
        chat.submit("/msg bob two")
        chat.conversations.show_room()
        chat.conversations.of_room("lobby").draft = "three"
        await chat.close()
        await until(lambda: [user.name for user in house.server.chat.users.values()] == ["bob"])
        chat = await sit_down(house, shelf)
        await until(lambda: chat.conversations.outbox.restored == 2)
        assert chat.conversations.of_room("lobby").draft == "three"
        assert await bob.history() == ()
        await until(lambda: [(one.text, one.state) for one in messages(chat.conversations.room)] == [("one", "failed")])
        chat.send_restored()
        await until(lambda: [one.state for one in messages(chat.conversations.room)] == ["sent"])
        await until(lambda: chat.conversations.unsent == 0 and chat.conversations.outbox.restored == 0)
        assert [posted.text for posted in await bob.history()] == ["one"]
        (private,) = chat.conversations.direct
        assert (told(private), said(private)) == ([notices.in_doubt("bob")], ["two"])
        chat.retry(messages(private)[0].key)
        await until(lambda: [one.state for one in messages(private)] == ["sent"])
        await chat.close()
    assert [kept.unsent for kept in shelf.kept.values()] == [()]


@in_virtual_time
async def test_a_command_typed_without_a_connection_waits_in_sight_and_is_kept() -> None:
    shelf = Shelf()
    async with House() as house:
        cable = Cable(house.network)
        chat = await sit_down(house, shelf, transport=cable)
        chat.submit("/create club")
        await until(lambda: chat.rooms.current == "club")
        cable.pull()
        await until(lambda: chat.connection.state == "waiting")
        chat.submit("/topic chapter 7")
        chat.submit("/identify secret1")
        chat.conversations.flush()
        assert told(chat.conversations.room)[-2:] == [
            "Waits for the connection: /topic chapter 7",
            "Waits for the connection: /identify",
        ]
        assert chat.conversations.waiting == 2
        chat.conversations.of_room("club").draft = "three"
        await chat.close()
        (kept,) = shelf.kept.values()
        assert kept.drafts == {("room", "club"): "/topic chapter 7\nthree"}
        await until(lambda: not house.server.chat.users)
        chat = await sit_down(house, shelf)
        assert chat.conversations.of_room("club").draft == "/topic chapter 7\nthree"
        await chat.close()


@in_virtual_time
async def test_a_command_is_carried_out_once_the_connection_is_back() -> None:
    async with House() as house:
        cable = Cable(house.network)
        chat = await sit_down(house, Shelf(), transport=cable)
        for line in ("/create python", "/topic chapter 7", "/nick ann"):
            cable.pull()
            chat.submit(line)  # before the loss is known
            await until(lambda: chat.connection.state == "waiting")
            chat.conversations.flush()
            assert f"Waits for the connection: {line}" in told(chat.conversations.shown)
            assert chat.conversations.waiting == 1
            cable.plug()
            await until(lambda: chat.connection.state == "connected" and not chat.conversations.waiting)
        assert (chat.rooms.current, chat.username) == ("python", "ann")
        assert [room.topic for room in house.server.chat.rooms.values()] == ["", "chapter 7"]
        assert chat.conversations.drafts == {}
        await chat.close()


@in_virtual_time
@pytest.mark.parametrize("line", ["/ban bob 2h spam", "/join python", "/edit new words"])
async def test_a_command_comes_back_where_the_connection_ends_for_good_or_is_none(line: str) -> None:
    async with House() as house:
        cable = Cable(house.network)
        chat = await sit_down(house, Shelf(), transport=cable)
        lobby = chat.conversations.of_room("lobby")
        cable.pull()
        await until(lambda: chat.connection.state == "waiting")
        chat.submit(line)
        await chat.leave()
        assert (lobby.draft, chat.conversations.waiting) == (line, 0)
        lobby.draft = ""
        chat.submit(line)
        assert (lobby.draft, chat.conversations.waiting) == (line, 0)
        chat.submit("/identify secret1")
        assert lobby.draft == line


@in_virtual_time
async def test_what_arrived_although_nobody_was_told_is_not_offered_again() -> None:
    shelf = Shelf()
    async with House() as house:
        chat = await sit_down(house, shelf)
        chat.submit("it arrives")
        chat.keeper.write_now()  # as it was when the computer went down
        before = dict(shelf.kept)
        assert [one.cid for kept in before.values() for one in kept.unsent] == [1]
        await until(lambda: chat.conversations.unsent == 0)
        await chat.close()
        shelf.kept = before
        chat = await sit_down(house, shelf)
        chat.submit("the next one")
        await until(lambda: said(chat.conversations.shown) == ["it arrives", "the next one"])
        assert chat.conversations.outbox.restored == 0
        await chat.close()


@in_virtual_time
async def test_message_for_another_room_is_sent_there() -> None:
    shelf = Shelf()
    async with House() as house:
        bob = await house.guest("bob")
        await bob.create("python")
        place = house.url.partition("://")[2]
        shelf.kept[place, "alice"] = Kept(CLIENT_ID, {}, (KeptSend(SendMessage("hello", room="python"), 5.0),))
        chat = await sit_down(house, shelf)
        await until(lambda: chat.conversations.outbox.restored == 1)
        chat.send_restored()
        await until(lambda: chat.rooms.current == "python" and said(chat.conversations.shown) == ["hello"])
        assert [posted.text for posted in await bob.history("python")] == ["hello"]
        await chat.close()


@in_virtual_time
async def test_answer_that_was_not_sent_answers_the_same_message_the_next_time() -> None:
    shelf = Shelf()
    async with House() as house:
        cable = Cable(house.network)
        bob = await house.guest("bob")
        asked = await bob.send("who has the key?")
        assert asked is not None
        chat = await sit_down(house, shelf, transport=cable)
        await until(lambda: said(chat.conversations.shown) == ["who has the key?"])
        cable.pull()
        await until(lambda: chat.connection.state == "waiting")
        chat.replies.begin()
        chat.submit("I have")
        await chat.close()
        await until(lambda: [user.name for user in house.server.chat.users.values()] == ["bob"])
        chat = await sit_down(house, shelf)
        await until(lambda: chat.conversations.outbox.restored == 1)
        chat.send_restored()
        await until(lambda: [one.state for one in messages(chat.conversations.room)] == ["sent", "sent"])
        question, answer = messages(chat.conversations.room)
        assert answer.answers == question.key
        assert [posted.reply_to for posted in await bob.history()] == [None, asked.seq]
        await chat.close()


class Disk(Shelf):
    """Cannot keep anything while something is the matter."""

    def __init__(self, matter: str) -> None:
        super().__init__()
        self.matter = matter

    def save(self, place: str, username: str, kept: Kept) -> None:
        """Fail, or keep it."""
        if self.matter:
            raise OSError(28, self.matter)
        super().save(place, username, kept)


def not_kept(reason: str) -> str:
    """Return what is told then."""
    return f"What is not sent yet cannot be kept on this computer: {reason}."


@pytest.mark.parametrize("ends", [False, True])
@in_virtual_time
async def test_what_could_not_be_written_is_written_once_there_is_room_at_the_end_at_the_latest(ends: bool) -> None:
    async with House() as house:
        disk = Disk("No space left on device")
        chat = await sit_down(house, disk)
        chat.conversations.of_room("lobby").draft = "a thought"
        chat.keeper.want()
        await until(lambda: told(chat.conversations.room) == [not_kept("No space left on device")])
        assert chat.keeper.at_risk() == "No space left on device"
        disk.matter = ""
        if ends:
            await chat.close()
        else:
            await until(lambda: disk.kept)
        assert [kept.drafts for kept in disk.kept.values()] == [{("room", "lobby"): "a thought"}]
        assert chat.keeper.at_risk() == ""
        await chat.close()


@in_virtual_time
async def test_why_nothing_can_be_kept_is_told_once_until_it_is_something_else() -> None:
    async with House() as house:
        disk = Disk("No space left on device")
        chat = await sit_down(house, disk)
        for matter in ("No space left on device", "Read-only file system", "", "Read-only file system"):
            disk.matter = matter
            for text in ("a thought", "another one"):
                chat.conversations.of_room("lobby").draft = f"{text} {matter}"
                chat.keeper.want()
                await asyncio.sleep(60)
        reasons = ("No space left on device", "Read-only file system", "Read-only file system")
        assert told(chat.conversations.room) == [not_kept(reason) for reason in reasons]
        chat.conversations.of_room("lobby").draft = ""
        assert chat.keeper.at_risk() == ""
        await chat.close()


class HangingDisk(Shelf):
    """Does not answer until it is let go on."""

    def __init__(self) -> None:
        super().__init__()
        self.goes_on = threading.Event()
        self.released: list[tuple[str, str] | None] = []

    def save(self, place: str, username: str, kept: Kept) -> None:
        """Hang, and keep it in the end."""
        self.goes_on.wait(PATIENCE)
        super().save(place, username, kept)

    def release(self, but: tuple[str, str] | None = None) -> None:
        """Note it."""
        self.released.append(but)


async def test_disk_that_hangs_is_waited_for_by_nobody_who_leaves() -> None:
    """Whoever does is told that what is typed is lost then, unless the disk answers after all."""
    disk = HangingDisk()
    told: list[str] = []
    keeper = Keeper(disk, lambda: ({("room", "lobby"): "a thought"}, (), {}), told.append)
    keeper.begin("host:8765", "alice", Kept(CLIENT_ID))
    try:
        assert keeper.at_risk() == "the disk does not answer"
        assert (told, disk.kept) == (["the disk does not answer"], {})
        await keeper.close()
        assert disk.released == [("host:8765", "alice")]  # as it began
    finally:
        disk.goes_on.set()
    while not disk.kept:
        await asyncio.sleep(0)


@pytest.mark.parametrize("cid", [1, 2, 3])
def test_only_what_the_server_does_not_have_is_left(cid: int) -> None:
    unsent = tuple(KeptSend(SendMessage(str(number)), 0.0, number) for number in (1, 2, 3))
    left = Kept(CLIENT_ID, {}, unsent).without(cid).unsent
    assert [one.send.text for one in left] == [str(number) for number in range(cid + 1, 4)]
