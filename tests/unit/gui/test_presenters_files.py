"""Files in the app without its window: offered, accepted, under way, interrupted, over; against a real server."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from chatcore import Client
from chatcore.commands import OfferFile
from chatcore.events import FileOffered, FileReceived, OfferMade
from chatcore.testing import MemoryNetwork
from chatcore_files import DownloadFolder
from chatcore_files.folder import FolderPart
from chatcore_qt.presenters.chat import ChatPresenter
from chatcore_qt.presenters.conversation import notices
from chatcore_qt.presenters.conversation.conversation import Conversation
from chatcore_qt.presenters.conversation.notifications import Attention, notification
from chatcore_qt.presenters.files import texts as file_texts
from chatcore_qt.presenters.files.card import FileCard, Side
from tests.unit.aio.house import Cable, House, in_virtual_time, next_of
from tests.unit.gui.desk import desk, said, told, until

SLOW = (0.05, 0.05)


def file_of(folder: Path, size: int, name: str = "report.pdf") -> Path:
    """Return a new file."""
    path = folder / name
    path.write_bytes(random.randbytes(size))
    return path


async def offers(client: Client, path: Path, **to: Any) -> OfferMade:
    """Let somebody else offer a file."""
    return await client.offer_file(DownloadFolder(path.parent).open_source(str(path)), **to)


def sha256(path: Path | str) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def words(chat: ChatPresenter, at: int = 0) -> str:
    """Return what a card says."""
    return file_texts.detail(chat.files.cards[at], connected=chat.files.connected)


def states(chat: ChatPresenter) -> list[str]:
    """Return how the files are, the latest first."""
    return [card.state for card in chat.files.cards]


async def received(client: Client, folder: Path) -> FileReceived:
    """Accept the next file and wait until it is there."""
    offer: FileOffered = (await next_of(client, FileOffered))[0]
    await client.accept_file(offer.file, DownloadFolder(folder))
    there: FileReceived = (await next_of(client, FileReceived))[0]
    return there


@in_virtual_time
async def test_file_offered_in_the_room_is_accepted_and_complete(tmp_path: Path) -> None:
    async with House() as house, desk(house, downloads=tmp_path / "downloads") as chat:
        bob = await house.guest("bob")
        heard: list[Attention] = []
        chat.conversations.attention.connect(heard.extend)
        path = file_of(tmp_path, 300_000)
        await offers(bob, path, room=True)
        await until(lambda: states(chat) == ["offered"])
        card = chat.files.shown[0]
        assert card.to_answer
        assert words(chat) == "bob offers this file to everyone here (300\xa0kB)."
        await until(lambda: "bob offers report.pdf (300\xa0kB) to everyone here." in told(chat.conversations.room))
        shown = notification(heard)
        assert shown is not None
        assert (shown.title, shown.text) == ("bob offers a file", "report.pdf")
        chat.files.accept(card)
        assert words(chat) == "Asking bob for it (300\xa0kB)."
        await until(lambda: states(chat) == ["done"])
        assert Path(card.place).parent == tmp_path / "downloads"
        assert sha256(card.place) == sha256(path)
        assert words(chat) == "Received from bob (300\xa0kB)."
        chat.files.dismiss(card)
        assert chat.files.cards == []


@in_virtual_time
async def test_file_offered_to_the_user_stands_in_the_conversation_with_its_sender(tmp_path: Path) -> None:
    async with House() as house, desk(house) as chat:
        bob = await house.guest("bob")
        await offers(bob, file_of(tmp_path, 10), to="alice")
        await until(lambda: states(chat) == ["offered"])
        assert chat.files.shown == []
        assert [(one.name, one.unread) for one in chat.conversations.direct] == [("bob", 1)]
        chat.write_to("bob")
        assert chat.files.shown == chat.files.cards
        assert words(chat) == "bob offers you this file (10\xa0B)."
        chat.files.decline(chat.files.cards[0])
        assert chat.files.cards == []
        await until(lambda: not bob.files)


@in_virtual_time
async def test_file_for_the_room_tells_how_many_have_it(tmp_path: Path) -> None:
    async with House() as house, desk(house) as chat:
        bob, carol, dave = await house.guests("bob", "carol", "dave")
        path = file_of(tmp_path, 200_000)
        chat.files.offer([str(path)])
        there = await received(bob, tmp_path / "bob")
        assert sha256(there.place) == sha256(path)
        offer: FileOffered = (await next_of(carol, FileOffered))[0]
        await carol.decline_file(offer.file)
        await until(lambda: {"done", "failed"} <= {side.state for side in chat.files.cards[0].sides.values()})
        assert words(chat) == (
            "Offered to 3 people (200\xa0kB). Received: 1, under way: 0, no answer: 1, not received: 1."
        )
        await until(lambda: "bob has received report.pdf." in told(chat.conversations.room))
        await dave.close()
        await until(lambda: states(chat) == ["done"])
        assert chat.files.cards[0].retry_to == ("dave",)


@in_virtual_time
async def test_declined_file_is_not_pressed_upon_anybody(tmp_path: Path) -> None:
    async with House() as house, desk(house) as chat:
        bob = await house.guest("bob")
        chat.write_to("bob")
        chat.files.offer([str(file_of(tmp_path, 10))])
        offer: FileOffered = (await next_of(bob, FileOffered))[0]
        await bob.decline_file(offer.file)
        await until(lambda: states(chat) == ["failed"])
        assert words(chat) == "bob does not want it."
        assert not chat.files.cards[0].can_retry


@in_virtual_time
async def test_file_over_the_limit_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    async with House(file_bytes=1000) as house, desk(house) as chat:
        bob = await house.guest("bob")
        chat.files.offer([str(file_of(tmp_path, 1001))])
        await until(lambda: states(chat) == ["failed"])
        assert words(chat) == "It is too large (1.0\xa0kB): this server takes files of up to 1.0\xa0kB."
        assert not chat.files.cards[0].can_retry
        await bob.send("still here")
        await until(lambda: said(chat.conversations.room) == ["still here"])
        assert not any(isinstance(event, FileOffered) for event in bob._life.events.held)


@in_virtual_time
async def test_file_is_not_offered_to_whoever_has_taken_a_name_unheard(tmp_path: Path) -> None:
    """It is said that it may be somebody else; dropped once more, it is for that one."""
    async with House() as house, desk(house) as chat:
        bob = await house.guest("bob")
        chat.write_to("bob")
        shown = chat.conversations.shown
        chat.submit("I have something for you")
        await until(lambda: chat.conversations.unsent == 0)
        await bob.create("elsewhere")
        await until(lambda: "bob" not in chat.members.names)
        await bob.rename("robert")
        stranger = await house.guest("bob")
        path = file_of(tmp_path, 10)
        chat.files.offer([str(path)])
        await until(lambda: told(shown) == [notices.in_doubt("bob")])
        assert chat.files.cards == []
        chat.files.offer([str(path)])
        offer: FileOffered = (await next_of(stranger, FileOffered))[0]
        assert offer.name == path.name


@pytest.mark.parametrize("pasted", ["text", "picture"])
@in_virtual_time
async def test_what_was_pasted_for_somebody_who_may_be_another_one_by_now_is_given_back(pasted: str) -> None:
    async with House() as house, desk(house) as chat:
        bob = await house.guest("bob")
        await bob.create("elsewhere")
        await bob.send_direct("alice", "hello")
        await until(lambda: chat.conversations.direct and not chat.is_asking)
        (place,) = chat.conversations.direct
        chat.conversations.show(place)
        await bob.close()
        await asyncio.sleep(1)
        await house.guest("bob")
        back: list[Conversation] = []
        if pasted == "text":
            assert chat.files.offer_text("secret", back.append)
        else:
            assert chat.files.offer_picture(lambda: b"secret", back.append)
        await until(lambda: told(place) == [notices.in_doubt("bob")])
        assert (back, chat.files.cards) == ([place], [])


@in_virtual_time
async def test_what_cannot_be_offered_says_why_and_can_be_tried_again(tmp_path: Path) -> None:
    async with House() as house, desk(house) as chat:
        chat.files.offer([str(file_of(tmp_path, 10))])
        await until(lambda: states(chat) == ["failed"])
        assert words(chat) == "Not offered. Nobody else in this room can receive files now."
        await house.guest("bob")
        chat.files.retry(chat.files.cards[0])
        await until(lambda: states(chat) == ["offered"])
        assert words(chat) == "Offered to bob, who has not answered yet (10\xa0B)."
        chat.files.offer([str(tmp_path), str(tmp_path / "nothing")])
        await until(lambda: states(chat) == ["failed", "failed", "offered"])
        assert words(chat, 1) == "Not offered. This is a folder; put it into an archive first."
        assert words(chat, 0) == f"Not offered. {tmp_path / 'nothing'} cannot be read: No such file or directory."


@pytest.mark.parametrize("name", ["../../x.sh", "C:\\x.sh", "CON", "a\u202egpj.exe", "<b>x</b>", "." * 9, "x" * 250])
def test_hostile_name_is_shown_as_what_it_will_be(name: str, tmp_path: Path) -> None:
    @in_virtual_time
    async def accepts() -> None:
        async with House() as house, desk(house, downloads=tmp_path / "downloads") as chat:
            bob = await house.guest("bob")
            # As a program would that does not clean the name.
            await bob._answer(OfferFile(("alice",), False, name, 4, hashlib.sha256(b"evil").hexdigest()), OfferMade)
            await until(lambda: states(chat) == ["offered"])
            shown = chat.files.cards[0].name
            assert not set(shown) & set("/\u202e")
            assert shown.strip()
            assert not shown.startswith(".")
            assert all(shown in text for text in told(chat.conversations.direct[0]))

    accepts()


@in_virtual_time
async def test_file_waits_for_the_connection_and_goes_on_by_itself(tmp_path: Path) -> None:
    async with House(MemoryNetwork(latency=SLOW)) as house:
        cable = Cable(house.network)
        async with desk(house, downloads=tmp_path / "downloads", transport=cable) as chat:
            bob = await house.guest("bob")
            path = file_of(tmp_path, 2_000_000)
            await offers(bob, path, to="alice")
            await until(lambda: states(chat) == ["offered"])
            card = chat.files.cards[0]
            chat.files.accept(card)
            await until(lambda: card.state == "running" and card.progress > 0.1)
            assert words(chat).startswith("From bob: ")
            assert chat.files.under_way == 1
            cable.pull()
            await until(lambda: card.state == "paused")
            assert words(chat).endswith("Waiting for the connection; then it goes on by itself.")
            assert file_texts.speed_text(card) == ""
            cable.plug()
            await until(lambda: card.state == "done")
            assert sha256(card.place) == sha256(path)


@in_virtual_time
async def test_file_waits_for_the_other_side(tmp_path: Path) -> None:
    async with House(MemoryNetwork(latency=SLOW)) as house, desk(house) as chat:
        cable = Cable(house.network)
        bob = await house.guest("bob", transport=cable)
        path = file_of(tmp_path, 2_000_000)
        chat.write_to("bob")
        chat.files.offer([str(path)])
        offer: FileOffered = (await next_of(bob, FileOffered))[0]
        await bob.accept_file(offer.file, DownloadFolder(tmp_path / "bob"))
        card = chat.files.cards[0]
        await until(lambda: card.progress > 0.1)
        assert words(chat).startswith("To bob: ")
        cable.pull()
        await until(lambda: card.state == "paused")
        assert words(chat).endswith("Waiting for bob; then it goes on by itself.")
        cable.plug()
        await until(lambda: card.state == "done")
        assert words(chat) == "bob has received it (2.0\xa0MB)."


@pytest.mark.unmeasured
@in_virtual_time
async def test_progress_is_shown_at_most_ten_times_a_second(tmp_path: Path) -> None:
    async with House(MemoryNetwork(latency=SLOW)) as house, desk(house, downloads=tmp_path / "downloads") as chat:
        bob = await house.guest("bob")
        for number in range(8):
            await offers(bob, file_of(tmp_path, 1_000_000, f"{number}.bin"), to="alice")
        await until(lambda: states(chat) == ["offered"] * 8)
        changes: list[float] = []
        loop = asyncio.get_running_loop()
        chat.files.changed.connect(lambda: changes.append(loop.time()))
        for card in chat.files.cards:
            chat.files.accept(card)
        await until(lambda: states(chat) == ["done"] * 8)
        assert changes
        assert all(after - before >= 0.099 for before, after in pairwise(changes))


@in_virtual_time
async def test_speed_of_what_stands_still_goes_down(tmp_path: Path) -> None:
    network = MemoryNetwork(latency=SLOW)
    async with House(network) as house, desk(house, downloads=tmp_path / "downloads") as chat:
        bob = await house.guest("bob")
        await offers(bob, file_of(tmp_path, 2_000_000), to="alice")
        await until(lambda: states(chat) == ["offered"])
        card = chat.files.cards[0]
        chat.files.accept(card)
        await until(lambda: card.progress > 0.3)
        assert "left" in file_texts.speed_text(card)
        fast = card.moving[0].rate
        for task in bob._transfers._sending[card.file]._tasks.values():
            task.cancel()  # it gets no further
        await until(lambda: card.moving[0].rate < fast / 3)


@in_virtual_time
async def test_files_are_offered_answered_and_ended_by_commands(tmp_path: Path) -> None:
    async with House(MemoryNetwork(latency=SLOW)) as house, desk(house, downloads=tmp_path / "downloads") as chat:
        bob = await house.guest("bob")
        path = file_of(tmp_path, 2_000_000)
        chat.submit(f"/send bob {path}")
        assert chat.conversations.shown is chat.conversations.direct[0]
        await until(lambda: states(chat) == ["offered"])
        chat.submit("/cancel")
        assert chat.files.cards == []
        await until(lambda: "You have cancelled report.pdf." in told(chat.conversations.shown))
        await until(lambda: not bob.files)
        chat.conversations.show_room()
        chat.submit(f"/send * {path}")
        await until(lambda: states(chat) == ["offered"])
        assert chat.files.cards[0].room
        first = await offers(bob, path, to="alice")
        other = await offers(bob, file_of(tmp_path, 10, "other.txt"), to="alice")
        await until(lambda: len(chat.files.cards) == 3)
        chat.submit("/accept")
        await until(lambda: any(text.startswith("Which one?") for text in told(chat.conversations.shown)))
        chat.submit("/accept nonsense")
        await until(lambda: "There is no such file." in told(chat.conversations.shown))
        chat.submit(f"/decline {other.file}")
        await until(lambda: len(chat.files.cards) == 2)
        chat.submit("/accept")
        await until(lambda: chat.files.cards[0].state == "running")
        chat.submit(f"/cancel {first.file}")
        await until(lambda: [card.sending for card in chat.files.cards] == [True])
        await until(lambda: told(chat.conversations.direct[0]).count("You have cancelled report.pdf.") == 2)
        await until(lambda: not [one for one in bob.files if one.sending])


class Watched(DownloadFolder):
    """Calls back before a file gets its place."""

    def __init__(self, path: Path, watch: Callable[[], object]) -> None:
        super().__init__(path)
        self._watch = watch

    def open_part(self, sha256: str, size: int) -> FolderPart:
        """Open what there is of a file."""
        part = super().open_part(sha256, size)
        finish = part.finish

        def watched(name: str) -> str:
            self._watch()
            return finish(name)

        part.finish = watched  # type: ignore[method-assign] # a part of this folder alone
        return part


@in_virtual_time
async def test_file_that_is_cancelled_while_it_is_checked_is_there_and_says_so(tmp_path: Path) -> None:
    async with House() as house, desk(house) as chat:
        bob = await house.guest("bob")
        chat.files.store = Watched(tmp_path / "downloads", lambda: chat.files.cancel(chat.files.cards[0]))
        await offers(bob, file_of(tmp_path, 300_000), to="alice")
        await until(lambda: states(chat) == ["offered"])
        chat.files.accept(chat.files.cards[0])
        await until(lambda: states(chat) == ["done"])
        assert words(chat) == "Received from bob (300\xa0kB)."
        assert "You have cancelled report.pdf." not in told(chat.conversations.direct[0])


@in_virtual_time
async def test_offer_that_its_sender_took_back_says_so(tmp_path: Path) -> None:
    async with House() as house, desk(house) as chat:
        bob = await house.guest("bob")
        made = await offers(bob, file_of(tmp_path, 10), to="alice")
        await until(lambda: states(chat) == ["offered"])
        await bob.cancel_file(made.file)
        await until(lambda: states(chat) == ["failed"])
        assert words(chat) == "bob has cancelled it."


@in_virtual_time
async def test_offers_end_with_the_session_that_got_them(tmp_path: Path) -> None:
    network = MemoryNetwork()
    async with House(network, port=7) as house, desk(house) as chat:
        bob = await house.guest("bob", reconnect=False)
        await offers(bob, file_of(tmp_path, 10), to="alice")
        await until(lambda: states(chat) == ["offered"])
        await house.server.stop()
        async with House(network, port=7):
            await until(lambda: states(chat) == ["failed"])
            assert words(chat) == "Not received from bob. This file is not on offer any more."
            await chat.close()


@in_virtual_time
async def test_leaving_ends_what_is_on_offer(tmp_path: Path) -> None:
    async with House() as house, desk(house) as chat:
        await house.guest("bob")
        chat.files.offer([str(file_of(tmp_path, 10))])
        await until(lambda: states(chat) == ["offered"])
        await chat.leave()
        assert states(chat) == ["failed"]
        assert words(chat) == "Not sent to bob. The connection is closed."
        chat.files.offer([str(file_of(tmp_path, 10))])
        await until(lambda: states(chat) == ["failed", "failed"])
        assert words(chat) == "Not offered. The connection is closed."


@in_virtual_time
async def test_file_that_was_left_behind_goes_on_where_it_was(tmp_path: Path) -> None:
    """What the question before leaving promises."""
    async with House(MemoryNetwork(latency=SLOW)) as house:
        bob = await house.guest("bob")
        path = file_of(tmp_path, 2_000_000)
        async with desk(house, downloads=tmp_path / "downloads") as chat:
            assert file_texts.left_behind(chat.files.cards) == ""
            await offers(bob, path, to="alice")
            await until(lambda: states(chat) == ["offered"])
            assert file_texts.left_behind(chat.files.cards) == ""
            chat.files.accept(chat.files.cards[0])
            await until(lambda: chat.files.cards[0].progress > 0.3)
            assert "what is here already is kept" in file_texts.left_behind(chat.files.cards)
            await chat.leave()
            assert file_texts.left_behind(chat.files.cards) == ""
        async with desk(house, downloads=tmp_path / "downloads") as chat:
            await offers(bob, path, to="alice")
            await until(lambda: states(chat) == ["offered"])
            card = chat.files.cards[0]
            chat.files.accept(card)
            await until(lambda: card.state == "running")
            assert card.progress > 0.3
            await until(lambda: card.state == "done")
            assert sha256(card.place) == sha256(path)


@pytest.mark.parametrize(
    ("sending", "words"),
    [
        ([False], "what is here already is kept, and when they are offered to you again"),
        ([True, True], "what has arrived is kept, and when you offer them again"),
        ([True, False], "what has arrived is kept, and when they are offered again"),
    ],
)
def test_who_leaves_hears_what_is_lost_and_what_is_not(sending: list[bool], words: str) -> None:
    cards = [FileCard(str(number), Conversation("room", "lobby"), one, "x") for number, one in enumerate(sending)]
    for card in cards:
        card.sides = {"bob": Side("paused", 50)}
    cards.append(FileCard("on offer", Conversation("room", "lobby"), True, "x", sides={"bob": Side()}))
    text = file_texts.left_behind(cards)
    assert text.startswith(f"If you leave now, {len(sending)} files do not arrive; ")
    assert words in text


@in_virtual_time
async def test_folder_that_cannot_be_written_is_told_in_our_words(tmp_path: Path) -> None:
    (tmp_path / "in the way").write_text("a file")
    async with House() as house, desk(house, downloads=tmp_path / "in the way") as chat:
        bob = await house.guest("bob")
        await offers(bob, file_of(tmp_path, 10), to="alice")
        await until(lambda: states(chat) == ["offered"])
        chat.files.accept(chat.files.cards[0])
        await until(lambda: states(chat) == ["failed"])
        assert words(chat).startswith("Not received from bob. ")


@in_virtual_time
async def test_only_the_latest_of_what_is_over_is_kept(tmp_path: Path) -> None:
    async with House(file_bytes=1) as house, desk(house) as chat:
        path = str(file_of(tmp_path, 10))
        for _number in range(40):
            chat.files.offer([path])
            await until(lambda: chat.files.cards[0].over)
        assert len(chat.files.cards) == 21


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0\xa0B"),
        (999, "999\xa0B"),
        (1000, "1.0\xa0kB"),
        (48_200_000, "48.2\xa0MB"),
        (2**31, "2.1\xa0GB"),
        (10**15, "1000\xa0TB"),
    ],
)
def test_sizes_are_told_in_powers_of_a_thousand(size: int, text: str) -> None:
    assert file_texts.size_text(size) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 seconds left"), (75, "75 seconds left"), (600, "10 minutes left"), (1e9, "100 hours left")],
)
def test_time_left_is_about_right(seconds: float, text: str) -> None:
    assert file_texts.left_text(seconds) == text


def test_progress_of_a_file_for_many_is_of_those_who_receive_it() -> None:
    card = FileCard("k", Conversation("room", "lobby"), True, "x", size=100)
    assert card.progress == 0
    card.sides = {"a": Side("running", 50), "b": Side("paused", 100), "c": Side("offered"), "d": Side("done", 100)}
    assert card.state == "running"
    assert card.progress == 0.75
