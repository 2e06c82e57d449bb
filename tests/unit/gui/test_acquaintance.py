"""Nothing that is written in private goes to whoever has taken the name meanwhile, before the user was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from chatcore import Client
from chatcore.events import DIRECT_LOG
from chatcore_files import DownloadFolder
from chatcore_qt.presenters.chat import ChatPresenter
from chatcore_qt.presenters.conversation import notices
from chatcore_qt.presenters.conversation.conversation import Conversation
from tests.unit.aio.house import Cable, House, in_virtual_time
from tests.unit.aio.test_signing_in import Hasher
from tests.unit.gui.desk import desk, messages, said, told, until
from tests.unit.gui.test_kept import Shelf, sit_down


async def another(house: House, bob: Client) -> Client:
    """Let somebody else come under bob's name, a moment later: by that, two guests differ."""
    await bob.close()
    await asyncio.sleep(1)
    return await house.guest("bob")


async def private(bob: Client, chat: ChatPresenter) -> Conversation:
    """Let bob write to the user, who looks at that then."""
    await bob.send_direct("alice", "hello")
    await until(lambda: chat.conversations.direct and not chat.is_asking)
    chat.write_to("bob")
    return chat.conversations.direct[0]


def texts(folder: Path, *names: str) -> list[str]:
    """Return files."""
    for name in names:
        (folder / name).write_text(name)
    return [str(folder / name) for name in names]


@pytest.mark.parametrize("wanted", ["mf", "fm", "ff", "mm", "cfm", "fc"])
@in_virtual_time
async def test_all_that_waits_for_somebody_is_held_back_where_it_may_be_another_one(
    wanted: str, tmp_path: Path
) -> None:
    async with House() as house:
        cable = Cable(house.network)
        async with desk(house, transport=cable) as chat:
            bob = await house.guest("bob")
            place = await private(bob, chat)
            cable.pull()
            await until(lambda: chat.connection.state == "waiting")
            for number, kind in enumerate(wanted):
                if kind == "f":
                    chat.files.offer(texts(tmp_path, f"{number}.txt", f"more{number}.txt"))
                else:
                    chat.submit("secret" if kind == "m" else "/msg bob secret")
            bob = await another(house, bob)
            cable.plug()
            await until(lambda: chat.connection.state == "connected" and not chat.is_asking)
            assert ([one.text for one in await bob.history(DIRECT_LOG)], chat.files.cards) == ([], [])
            await until(lambda: told(place) == [notices.in_doubt("bob")])
            assert place.draft.count("secret") == wanted.count("m")
            assert [one.state for one in messages(place)[1:]] == ["failed"] * wanted.count("c")


@pytest.mark.parametrize("known", [True, False], ids=["known", "never asked about"])
@pytest.mark.parametrize("same", [True, False], ids=["bob", "another"])
@in_virtual_time
async def test_what_was_on_its_way_when_the_connection_was_lost_is_said_again_to_the_same_person_only(
    same: bool, known: bool
) -> None:
    """Of whom nobody has asked who that is, nobody knows it; the second time whoever has the name is meant."""
    async with House() as house:
        cable = Cable(house.network)
        async with desk(house, transport=cable) as chat:
            bob = await house.guest("bob")
            place = await private(bob, chat)
            await until(lambda: "bob" in chat.members.names)
            chat.submit("one")
            await until(lambda: not chat.is_asking and place.in_sight)
            place.met = place.met if known else None
            chat.submit("two")
            chat.submit("/msg bob three")
            assert chat.client is not None
            assert chat.client.pending == 2
            cable.pull()
            await until(lambda: chat.connection.state == "waiting")
            bob = bob if same else await another(house, bob)
            cable.plug()
            await until(lambda: chat.connection.state == "connected" and not chat.is_asking)
            got = [one.text for one in await bob.history(DIRECT_LOG)]
            there = [(one.text, one.state) for one in messages(place)[2:]]
            if same and known:
                assert got == ["hello", "one", "two", "three"]
                assert there == [("two", "sent"), ("three", "sent")]
                return
            assert got == (["hello", "one"] if same else [])
            assert there == [("two", "failed"), ("three", "failed")]
            assert {one.note for one in messages(place)[2:]} == {
                "Not sent. Somebody else may have the name since the connection was lost."
            }
            await until(lambda: told(place) == [notices.in_doubt("bob")])
            chat.going.retry(chat.conversations.outbox.failed)
            await until(lambda: not chat.is_asking)
            assert [one.text for one in await bob.history(DIRECT_LOG)] == [*got, "two", "three"]


@in_virtual_time
async def test_the_first_line_to_somebody_is_not_said_to_whoever_has_the_name_after_a_loss() -> None:
    """Nothing was said between the two, to know them by."""
    async with House() as house:
        cable = Cable(house.network)
        async with desk(house, transport=cable) as chat:
            bob = await house.guest("bob")
            await until(lambda: "bob" in chat.members.names)
            place = chat.conversations.with_user("bob")
            chat.submit("/msg bob my pin is 1234")
            await asyncio.sleep(0)
            cable.pull()
            await until(lambda: chat.connection.state == "waiting")
            stranger = await another(house, bob)
            cable.plug()
            await until(lambda: chat.connection.state == "connected" and not chat.is_asking)
            await until(lambda: any("may be somebody else now" in text for text in told(place)))
            assert [entry.text for entry in await stranger.history(DIRECT_LOG)] == []


@in_virtual_time
async def test_file_on_its_way_to_be_offered_is_offered_to_nobody_else(tmp_path: Path) -> None:
    async with House() as house:
        cable = Cable(house.network)
        async with desk(house, transport=cable) as chat:
            bob = await house.guest("bob")
            place = await private(bob, chat)
            await until(lambda: "bob" in chat.members.names)
            chat.submit("one")
            await until(lambda: not chat.is_asking and place.in_sight)
            chat.files.offer(texts(tmp_path, "secret.txt"))
            cable.pull()
            await until(lambda: chat.connection.state == "waiting")
            bob = await another(house, bob)
            cable.plug()
            await until(lambda: [card.state for card in chat.files.cards] == ["failed"])
            (card,) = chat.files.cards
            chat.files.retry(card)
            await until(lambda: told(place) == [notices.in_doubt("bob")])
            assert (chat.files.cards, card.can_retry) == ([card], True)


@in_virtual_time
async def test_a_command_that_is_held_back_is_sent_again_to_all_it_was_for_and_not_as_a_text() -> None:
    async with House() as house:
        cable = Cable(house.network)
        async with desk(house, transport=cable) as chat:
            bob, carol = await house.guest("bob"), await house.guest("carol")
            place = await private(bob, chat)
            cable.pull()
            await until(lambda: chat.connection.state == "waiting")
            chat.submit("one")
            chat.submit("/msg bob,carol two")
            bob = await another(house, bob)
            cable.plug()
            await until(lambda: chat.connection.state == "connected" and not chat.is_asking)
            text, place.draft = place.draft, ""
            chat.submit(text)
            chat.going.retry(chat.conversations.outbox.failed)
            await until(lambda: not chat.is_asking)
            assert [one.text for one in await bob.history(DIRECT_LOG)] == ["one", "two"]
            assert [one.text for one in await carol.history(DIRECT_LOG)] == ["two"]


@pytest.mark.parametrize("another_carol", [False, True], ids=["carol", "another"])
@in_virtual_time
async def test_nothing_overtakes_what_waits_for_several_persons(another_carol: bool) -> None:
    """Where that is held back, what is behind it goes on."""
    async with House() as house:
        cable = Cable(house.network)
        async with desk(house, transport=cable) as chat:
            bob, carol = await house.guest("bob"), await house.guest("carol")
            await carol.send_direct("alice", "hello")
            await private(bob, chat)
            await until(lambda: len(chat.conversations.direct) == 2 and not chat.is_asking)
            cable.pull()
            await until(lambda: chat.connection.state == "waiting")
            chat.submit("/msg bob,carol first")
            chat.write_to("bob")
            chat.submit("second")
            if another_carol:
                await carol.close()
                await asyncio.sleep(1)
                await house.guest("carol")
            cable.plug()
            await until(lambda: chat.connection.state == "connected" and not chat.is_asking)
            chat.conversations.flush()
            got = [one.text for one in await bob.history(DIRECT_LOG)]
            assert got == ["hello", *([] if another_carol else ["first"]), "second"]
            assert [one.text for one in messages(chat.conversations.shown) if one.state == "sent"] == got


@in_virtual_time
async def test_a_file_that_failed_is_offered_again_once_it_is_known_to_whom(tmp_path: Path) -> None:
    """Where somebody else has the name by now, its card stays as it was, and the second time it is meant so."""
    async with House() as house, desk(house) as chat:
        bob = await house.guest("bob")
        place = await private(bob, chat)
        chat.files.offer(texts(tmp_path, "secret.txt"))
        await until(lambda: [card.state for card in chat.files.cards] == ["offered"])
        await another(house, bob)
        (card,) = chat.files.cards
        await until(lambda: card.can_retry and "bob" in chat.members.names)
        for _click in range(2):
            chat.files.retry(card)
        assert not card.can_retry
        await until(lambda: told(place) == [notices.in_doubt("bob")])
        assert (chat.files.cards, card.can_retry) == ([card], True)
        chat.files.retry(card)
        await until(lambda: [each.state for each in chat.files.cards] == ["offered"])


@pytest.mark.parametrize("end", ["dismiss", "cancel", "/cancel"])
@in_virtual_time
async def test_a_file_that_waits_to_be_offered_again_is_not_if_one_has_changed_ones_mind(
    end: str, tmp_path: Path
) -> None:
    """Behind it goes what is meant."""
    async with House() as house, desk(house) as chat:
        bob = await house.guest("bob")
        place = await private(bob, chat)
        chat.files.offer(texts(tmp_path, "secret.txt"))
        await until(lambda: [card.state for card in chat.files.cards] == ["offered"])
        bob = await another(house, bob)
        (card,) = chat.files.cards
        await until(lambda: card.can_retry and "bob" in chat.members.names)
        place.in_doubt, place.confirmed = False, True
        chat.files.retry(card)
        assert (card.waits, card.can_cancel) == (True, True)
        chat.submit("meant")
        match end:
            case "dismiss":
                chat.files.dismiss(card)
            case "cancel":
                chat.files.cancel(card)
            case _:
                chat.submit(end)
        left = [] if end == "dismiss" else [card]
        assert (chat.files.cards, card.waits) == (left, False)
        await until(lambda: not chat.is_asking)
        assert [one.text for one in await bob.history(DIRECT_LOG)] == ["meant"]
        assert (chat.files.cards, card.state, card.can_retry) == (left, "failed", True)


@in_virtual_time
async def test_a_file_for_somebody_who_was_not_there_is_not_offered_to_whoever_comes(tmp_path: Path) -> None:
    async with House() as house, desk(house) as chat:
        chat.submit(f"/send bob {texts(tmp_path, 'secret.txt')[0]}")
        await until(lambda: [card.state for card in chat.files.cards] == ["failed"])
        await house.guest("bob")
        chat.files.retry(chat.files.cards[0])
        await until(lambda: told(chat.conversations.shown) == [notices.in_doubt("bob")])
        assert [card.state for card in chat.files.cards] == ["failed"]


@in_virtual_time
async def test_who_has_sent_a_file_and_nothing_else_is_told_from_whoever_comes(tmp_path: Path) -> None:
    async with House() as house, desk(house) as chat:
        bob = await house.guest("bob")
        (mine,) = texts(tmp_path, "mine.txt")
        await bob.offer_file(DownloadFolder(tmp_path).open_source(mine), to=("alice",))
        await until(lambda: chat.files.cards and not chat.is_asking)
        await another(house, bob)
        chat.write_to("bob")
        chat.submit("secret")
        await until(lambda: told(chat.conversations.shown)[-1:] == [notices.in_doubt("bob")])
        assert said(chat.conversations.shown) == []


@in_virtual_time
async def test_what_failed_is_sent_again_once_it_is_known_to_whom() -> None:
    """Several messages at once are held back as one."""
    async with House() as house:
        cable = Cable(house.network)
        async with desk(house, transport=cable) as chat:
            bob = await house.guest("bob")
            place = await private(bob, chat)
            cable.pull()
            await until(lambda: chat.connection.state == "waiting")
            chat.submit("one")
            chat.submit("two")
            await chat.leave()
            assert [one.state for one in messages(place)] == ["sent", "failed", "failed"]
            notes = [one.note for one in messages(place)]
            bob = await another(house, bob)
            cable.plug()
            await until(lambda: len(house.server.chat.users) == 1)
            chat.attach(await house.guest("alice"))
            await until(lambda: chat.connection.state == "connected")
            chat.going.retry(chat.conversations.outbox.failed)
            await until(lambda: told(place)[-1:] == [notices.in_doubt("bob")] and not chat.is_asking)
            assert [one.note for one in messages(place)] == notes
            assert [one.text for one in await bob.history(DIRECT_LOG)] == []
            chat.going.retry(chat.conversations.outbox.failed)
            await until(lambda: [one.state for one in messages(place)] == ["sent"] * 3)
            assert [one.text for one in await bob.history(DIRECT_LOG)] == ["one", "two"]


def typed(chat: ChatPresenter) -> None:
    """Leave a draft."""
    chat.conversations.direct[0].draft = "secret"


def written(chat: ChatPresenter) -> None:
    """Leave a message that waits."""
    chat.submit("secret")


def send_draft(chat: ChatPresenter) -> None:
    """Press Enter."""
    chat.write_to("bob")
    text, chat.conversations.direct[0].draft = chat.conversations.direct[0].draft, ""
    chat.submit(text)


@pytest.mark.parametrize(
    ("left", "send"), [(typed, send_draft), (written, ChatPresenter.send_restored)], ids=["draft", "message"]
)
@pytest.mark.parametrize("owner", [False, True])
@in_virtual_time
async def test_what_an_earlier_run_has_left_goes_to_the_owner_of_the_name_or_is_asked_about(
    left: Callable[[ChatPresenter], None], send: Callable[[ChatPresenter], None], owner: bool
) -> None:
    shelf = Shelf()
    async with House(passwords=Hasher()) as house:
        cable = Cable(house.network)
        bob = await house.guest("bob")
        if owner:
            await bob.register("a secret")
        chat = await sit_down(house, shelf, transport=cable)
        await private(bob, chat)
        cable.pull()
        await until(lambda: chat.connection.state == "waiting")
        left(chat)
        await chat.close()
        if not owner:
            bob = await another(house, bob)
        await until(lambda: [user.name for user in house.server.chat.users.values()] == ["bob"])
        chat = await sit_down(house, shelf)
        await until(lambda: chat.conversations.direct)
        (place,) = chat.conversations.direct
        send(chat)
        await until(lambda: not chat.is_asking)
        chat.conversations.flush()
        got = [one.text for one in await bob.history(DIRECT_LOG)]
        if owner:
            assert (got, told(place)) == (["hello", "secret"], [])
        else:
            assert (got, told(place)) == ([], [notices.in_doubt("bob")])
            assert place.draft == "secret" or [one.state for one in messages(place)] == ["failed"]
        await chat.close()
