"""A chat in a store: loaded, fetched from, tidied and left, and what becomes of a store that has no space or fails."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from chatcore import ChatServer, Client, GapFound, Limits, LoginRefused, MessagePosted, RequestRefused, connect
from chatcore.commands import SendMessage
from chatcore.errors import ConfigurationError, FileError
from chatcore.events import Posted, ReactionChanged
from chatcore.ports.archive import Appended, Row, Snapshot
from chatcore.ports.journal import Batch
from chatcore.testing import MemoryNetwork, run
from tests.unit.aio.house import in_virtual_time
from tests.unit.aio.store_house import MemoryStore
from tests.unit.odd_entries import DIRECT, MESSAGE, PAST

LIMITS = Limits(requests_per_second=0)


def serve(network: MemoryNetwork, store: MemoryStore, port: int = 7) -> ChatServer:
    """Return a server that keeps its chat in a store."""
    return ChatServer(transport=network, port=port, store=store, limits=LIMITS)


async def say(client: Client, first: int, last: int) -> None:
    """Say numbers, and wait until all are acknowledged."""
    for number in range(first, last + 1):
        client.post(SendMessage(str(number)))
    await client.flush()


async def numbers(client: Client, count: int) -> list[int]:
    """Return so many of the messages that come, as numbers; a gap is none."""
    found: list[int] = []
    while len(found) < count:
        event = await anext(client)
        assert not isinstance(event, GapFound)
        if isinstance(event, MessagePosted):
            found.append(int(event.text))
    return found


async def refusal_of(asked: Awaitable[object]) -> str:
    """Return the code with which something is refused."""
    with pytest.raises(RequestRefused) as refused:
        await asked
    return refused.value.code


async def seen(client: Client, first: int, last: int) -> tuple[set[int], set[int]]:
    """Return which of the messages between two numbers come, and which are told to be lost."""
    found, lost = set[int](), set[int]()
    while len(found | lost) < last - first + 1:
        event = await anext(client)
        if isinstance(event, GapFound):
            lost |= set(range(event.first, event.last + 1))
        elif isinstance(event, MessagePosted):
            found.add(event.seq)
    return found, lost


@in_virtual_time
async def test_history_that_is_not_in_memory_any_more_is_fetched() -> None:
    """Backwards, forwards and in the order of the questions; only what is needed."""
    network, store = MemoryNetwork(), MemoryStore()
    async with serve(network, store) as server, connect(server.urls[0], username="alice", transport=network) as alice:
        await say(alice, 1, 300)
    async with serve(network, store) as server, connect(server.urls[0], username="bob", transport=network) as bob:
        store.reads = 0
        assert [entry.text for entry in await bob.history(limit=3)] == ["298", "299", "300"]
        assert store.reads == 0
        asked = [bob.history(before=11), bob.history(after=40, limit=5), bob.history(limit=1)]
        older, middle, newest = await asyncio.gather(*asked)
        assert [int(entry.text) for entry in older] == list(range(1, 11))
        assert [int(entry.text) for entry in middle] == list(range(41, 46))
        assert [entry.text for entry in newest] == ["300"]
        assert store.reads == 2


@in_virtual_time
async def test_messages_that_are_not_in_memory_any_more_are_answered_and_reacted_to() -> None:
    """What they are about is fetched, and what is said right behind stands behind."""
    network, store = MemoryNetwork(), MemoryStore()
    async with serve(network, store) as server, connect(server.urls[0], username="alice", transport=network) as alice:
        await say(alice, 1, 300)
    async with serve(network, store) as server, connect(server.urls[0], username="bob", transport=network) as bob:
        answer, _behind = await asyncio.gather(bob.send("yes", reply_to=3), bob.send("behind"))
        assert isinstance(answer, MessagePosted)
        assert (answer.seq, answer.reply_to) == (301, 3)
        await bob.react(3, "👍")
        await bob.react(3, "👍")
        (old,) = await bob.history(after=2, limit=1)
        assert isinstance(old, MessagePosted)
        assert [(each.emoji, each.count, each.mine) for each in old.reactions] == [("👍", 1, True)]
        await bob.unreact(3, "👍")
        await bob.delete_message(301)
        for seq in (301, 999):
            with pytest.raises(RequestRefused, match="no such message"):
                await bob.send("no", reply_to=seq)
        assert await bob.send("last") is not None


@in_virtual_time
async def test_messages_are_looked_for_in_the_store() -> None:
    """All of them, also those that are not in memory, and as they are now."""
    network, store = MemoryNetwork(), MemoryStore()
    async with serve(network, store) as server, connect(server.urls[0], username="alice", transport=network) as alice:
        await alice.send("the first one")
        await say(alice, 1, 300)
    async with serve(network, store) as server, connect(server.urls[0], username="bob", transport=network) as bob:
        page = await bob.search("first")
        assert [(each.seq, each.room, each.sender) for each in page.messages] == [(1, "lobby", "alice")]
        assert page.before is None
        page = await bob.search(sender="alice", limit=100)
        assert page.before is not None
        more = await bob.search(sender="alice", limit=100, before=page.before)
        assert [each.seq for each in (*page.messages, *more.messages)] == list(range(301, 101, -1))
        (said,) = (await bob.search("first")).messages
        moment = datetime.fromtimestamp(said.at, UTC)
        page = await bob.search("first", since=moment, until=moment + timedelta(seconds=1))
        assert [each.seq for each in page.messages] == [1]
        assert (await bob.search("first", until=datetime.fromtimestamp(0, UTC))).messages == ()
        with pytest.raises(RequestRefused, match="a time is before the year 1"):
            await bob.search("first", since=datetime.min)
        store.broken = True
        assert await refusal_of(bob.search("first")) == "unreadable"
        store.broken = False
        assert len((await bob.search("first")).messages) == 1


@in_virtual_time
async def test_a_reader_gets_what_it_missed_from_the_store_and_then_what_is_said_now() -> None:
    """All of it, once, without a gap, although the server had it not in memory."""
    network, store = MemoryNetwork(), MemoryStore()
    server = serve(network, store)
    await server.start()
    bob = await connect(server.urls[0], username="bob", transport=network).__aenter__()
    async with connect(server.urls[0], username="alice", transport=network) as alice:
        await say(alice, 1, 1)
        assert await numbers(bob, 1) == [1]
    await server.stop()
    async with serve(network, store, port=8) as other, connect(other.urls[0], username="al", transport=network) as al:
        await say(al, 2, 500)
    async with serve(network, store):
        assert await numbers(bob, 499) == list(range(2, 501))
        await bob.close()


@in_virtual_time
async def test_who_was_away_is_told_what_became_of_messages_that_are_not_in_memory() -> None:
    """After two restarts: as they are now, before what was missed."""
    network, store = MemoryNetwork(), MemoryStore()
    server = serve(network, store)
    await server.start()
    bob = await connect(server.urls[0], username="bob", transport=network).__aenter__()
    async with connect(server.urls[0], username="alice", transport=network) as alice:
        await say(alice, 0, 250)
    assert await numbers(bob, 251) == list(range(251))
    await server.stop()
    async with (
        serve(network, store, port=8) as other,
        connect(other.urls[0], username="al", transport=network) as al,
    ):
        await al.react(1, "👍")
        await say(al, 251, 252)
    async with serve(network, store):
        event = await anext(bob)
        while not isinstance(event, ReactionChanged):
            event = await anext(bob)
        assert (event.seq, event.emoji, event.count, event.change) == (1, "👍", 1, 1)
        assert await numbers(bob, 2) == [251, 252]
        await bob.close()


@in_virtual_time
async def test_what_the_store_does_not_give_is_refused_and_no_silence() -> None:
    """What is in memory is there all the same."""
    network, store = MemoryNetwork(), MemoryStore()
    async with serve(network, store) as server, connect(server.urls[0], username="alice", transport=network) as alice:
        await say(alice, 1, 300)
    async with serve(network, store) as server, connect(server.urls[0], username="bob", transport=network) as bob:
        store.broken = True
        assert await refusal_of(bob.history(before=50, limit=10)) == "unreadable"
        with pytest.raises(RequestRefused):
            await bob.history("nowhere")
        assert len(await bob.history(limit=100)) == 100


@in_virtual_time
async def test_damaged_entries_are_refused_and_keep_nobody_from_those_around_them() -> None:
    """Nothing becomes of them any more."""
    network, store = MemoryNetwork(), MemoryStore()
    async with serve(network, store) as server, connect(server.urls[0], username="alice", transport=network) as alice:
        await say(alice, 1, 300)
    store.damaged = {20, 21, 22, 290}
    async with serve(network, store) as server, connect(server.urls[0], username="bob", transport=network) as bob:
        assert [entry.seq for entry in await bob.history(before=26, limit=8)] == [18, 19, 23, 24, 25]
        assert [entry.seq for entry in await bob.history(limit=12)] == [289, *range(291, 301)]
        for asked in (bob.history(before=23, limit=3), bob.history(after=20, limit=1), bob.delete_message(21)):
            assert await refusal_of(asked) == "unreadable"
        assert await refusal_of(bob.send("yes", reply_to=21)) == "no_such_message"
        assert [entry.seq for entry in await bob.history(after=22, limit=2)] == [23, 24]


ODD: Final[dict[str, Posted]] = {
    **{name: replace(MESSAGE, **{"seq": 20, **fields}) for name, fields in PAST.items()},
    "an entry of another room": replace(MESSAGE, seq=20, room="rust"),
    "an entry of another kind": replace(DIRECT, seq=20),
    "an entry that was given already": replace(MESSAGE, seq=3),
    "an entry that nobody has said yet": replace(MESSAGE, seq=10**30),
}


@in_virtual_time
async def test_what_no_client_could_read_is_refused_like_what_is_damaged() -> None:
    """Whatever is asked for, and all that is around it is given: the connection goes on."""
    network, store = MemoryNetwork(), MemoryStore()
    async with serve(network, store) as server, connect(server.urls[0], username="alice", transport=network) as alice:
        await say(alice, 1, 300)
    async with serve(network, store) as server, connect(server.urls[0], username="bob", transport=network) as bob:
        for name, odd in ODD.items():
            store.odd = {20: odd}
            assert [entry.seq for entry in await bob.history(before=23, limit=4)] == [19, 21, 22], name
            assert [entry.seq for entry in await bob.history(after=18, limit=3)] == [19, 21], name
            for asked in (bob.history(after=19, limit=1), bob.delete_message(20), bob.react(20, "👍")):
                assert await refusal_of(asked) == "unreadable", name
            assert await refusal_of(bob.send("yes", reply_to=20)) == "no_such_message", name
            found = (await bob.search("20", limit=100)).messages
            assert all(each.seq != 20 for each in found), name


@in_virtual_time
async def test_a_reader_that_was_away_is_told_what_no_client_could_read_as_a_gap() -> None:
    """And gets the rest."""
    network, store = MemoryNetwork(), MemoryStore()
    server = serve(network, store)
    await server.start()
    bob = await connect(server.urls[0], username="bob", transport=network).__aenter__()
    async with connect(server.urls[0], username="alice", transport=network) as alice:
        await say(alice, 1, 1)
        assert await numbers(bob, 1) == [1]
    await server.stop()
    async with serve(network, store, port=8) as other, connect(other.urls[0], username="al", transport=network) as al:
        await say(al, 2, 400)
    for place, odd in enumerate(ODD.values(), 1):
        store.odd[2 * place] = replace(odd, seq=2 * place) if odd.seq == 20 else odd
    async with serve(network, store):
        assert await seen(bob, 2, 400) == (set(range(2, 401)) - set(store.odd), set(store.odd))
        await bob.close()


@in_virtual_time
async def test_a_mistake_while_something_is_read_leaves_nobody_waiting(caplog: pytest.LogCaptureFixture) -> None:
    """Whoever asked is refused, whoever was away is told of a gap, and the operator that it was a mistake."""
    network, store = MemoryNetwork(), MemoryStore()
    server = serve(network, store)
    await server.start()
    carol = await connect(server.urls[0], username="carol", transport=network).__aenter__()
    await server.stop()
    async with serve(network, store, port=8) as other, connect(other.urls[0], username="al", transport=network) as al:
        await say(al, 1, 300)
    async with serve(network, store) as server, connect(server.urls[0], username="bob", transport=network) as bob:
        store.mistake = TypeError("this is no number")
        assert await seen(carol, 1, 300) == (set(range(101, 301)), set(range(1, 101)))
        for asked in (bob.history(before=50), bob.search("1"), bob.react(3, "👍"), bob.delete_message(3)):
            assert await refusal_of(asked) == "unreadable"
        assert {record.message for record in caplog.records if record.levelname == "ERROR"} == {"internal_error"}
        store.mistake = None
        assert len(await bob.history(before=50, limit=5)) == 5
        await carol.close()
        store.mistake = TypeError("this cannot be dumped")
    assert server.urls == []  # it has ended all the same


@in_virtual_time
async def test_the_operator_is_told_once_a_second_what_is_damaged(caplog: pytest.LogCaptureFixture) -> None:
    """Whoever asks for it may ask again and again."""
    network, store = MemoryNetwork(), MemoryStore()
    async with serve(network, store) as server, connect(server.urls[0], username="alice", transport=network) as alice:
        await say(alice, 1, 300)
    store.damaged = {20, 21}
    async with serve(network, store) as server, connect(server.urls[0], username="bob", transport=network) as bob:
        for _ in range(3):
            assert await refusal_of(bob.history(before=22, limit=2)) == "unreadable"
        store.broken = True
        await asyncio.sleep(1)
        assert await refusal_of(bob.search("hello")) == "unreadable"
    told = [record.fields for record in caplog.records if record.message == "unreadable"]
    assert told == [
        {"log": "lobby", "seq": 20, "entries": 2, "why": "it is damaged"},
        {"why": "the disk reports an error"},
    ]


@in_virtual_time
async def test_a_reader_is_told_what_it_never_gets_because_it_is_damaged_and_gets_the_rest() -> None:
    """Also when more is damaged than is read at a time."""
    network, store = MemoryNetwork(), MemoryStore()
    server = serve(network, store)
    await server.start()
    bob = await connect(server.urls[0], username="bob", transport=network).__aenter__()
    async with connect(server.urls[0], username="alice", transport=network) as alice:
        await say(alice, 1, 1)
        assert await numbers(bob, 1) == [1]
    await server.stop()
    async with serve(network, store, port=8) as other, connect(other.urls[0], username="al", transport=network) as al:
        await say(al, 2, 500)
    store.damaged = {5, *range(20, 130), 200}
    async with serve(network, store):
        assert await seen(bob, 2, 500) == (set(range(2, 501)) - store.damaged, store.damaged)
        await bob.close()


@in_virtual_time
async def test_when_a_store_has_less_than_was_acknowledged_all_logs_go_on_under_other_epochs() -> None:
    """Who knows more of them begins anew; what is there is there, and so it is after the next start."""
    network, store = MemoryNetwork(), MemoryStore()
    async with serve(network, store) as server, connect(server.urls[0], username="alice", transport=network) as alice:
        await say(alice, 1, 3)
        before = server.chat.log.position("lobby").epoch
    store.lost = True
    async with serve(network, store) as server, connect(server.urls[0], username="bob", transport=network) as bob:
        after = server.chat.log.position("lobby").epoch
        assert after != before
        assert server.chat.log.position("*").epoch == (await store.heads())["*"].epoch
        assert [entry.text for entry in await bob.history()] == ["1", "2", "3"]
        await say(bob, 4, 4)
    store.lost = False
    async with serve(network, store) as server:
        assert server.chat.log.position("lobby").epoch == after
        assert (await store.heads())["lobby"].epoch == after


@in_virtual_time
async def test_what_is_kept_no_longer_is_let_go_in_memory_too_and_so_are_empty_rooms() -> None:
    """The server looks now and then; a room with members stays, whatever is kept of it."""
    network, store = MemoryNetwork(), MemoryStore()
    async with serve(network, store) as server, connect(server.urls[0], username="alice", transport=network) as alice:
        for room in ("python", "rust"):
            await alice.create(room)
            await say(alice, 1, 3)
        store.floors = {"python": 4, "rust": 3}
        await asyncio.sleep(31)
        assert set(server.chat.rooms) == {"lobby", "rust"}
        assert [entry.seq for entry in await alice.history()] == [3]
        store.floors["rust"] = 4
        await asyncio.sleep(31)
        assert set(server.chat.rooms) == {"lobby", "rust"}


@in_virtual_time
async def test_server_that_cannot_keep_what_was_ordered_by_a_mistake_ends_as_with_a_store_that_failed() -> None:
    """It does not go on with good health, and answers nobody: another start applies what is in the journal."""

    class Mistaken(MemoryStore):
        def keep(self, rows: Sequence[Row]) -> None:
            if any(isinstance(row, Appended) and row.entry.text == "mistake" for row in rows):
                raise RuntimeError("a mistake of ours")
            super().keep(rows)

    network, store = MemoryNetwork(), Mistaken()
    async with serve(network, store) as server, connect(server.urls[0], username="alice", transport=network) as alice:
        await alice.send("hello")
        alice.post(SendMessage("mistake"))
        alice.post(SendMessage("behind it"))
        await server.failed.wait()
        assert server.unready == "the store cannot be written any more"
        began = asyncio.get_running_loop().time()
        await server.stop()
        assert asyncio.get_running_loop().time() - began < 3
    store.__class__ = MemoryStore
    await server.start()
    assert server.unready is None
    assert not server.failed.is_set()
    await server.stop()
    async with serve(network, store, 8) as server, connect(server.urls[0], username="bob", transport=network) as bob:
        assert [entry.text for entry in await bob.history()] == ["hello", "mistake", "behind it"]


@in_virtual_time
async def test_operator_is_told_of_a_clock_that_nothing_is_deleted_by(caplog: pytest.LogCaptureFixture) -> None:
    """Once, at the start; a store that looks at no clock says nothing."""
    network, store = MemoryNetwork(), MemoryStore()
    for doubted in (0.0, 7300 * 86_400.0):
        store.doubted = doubted
        async with serve(network, store):
            pass
    told = [record for record in caplog.records if record.message == "clock_doubted"]
    assert [(record.levelname, vars(record)["fields"]) for record in told] == [("WARNING", {"days": 7300})]


def test_what_is_kept_no_longer_leaves_the_journal_within_an_hour_and_what_is_deleted_at_once() -> None:
    """By a snapshot that stands for it; one that nobody waits for is not made."""

    async def some_hours() -> None:
        network, store = MemoryNetwork(), MemoryStore()
        async with (
            serve(network, store) as server,
            connect(server.urls[0], username="alice", transport=network) as alice,
        ):
            await say(alice, 1, 3)
            await alice.delete_message(1)
            await asyncio.sleep(60)
            assert store.snapshot is not None
            await asyncio.sleep(3700)
            await say(alice, 4, 6)
            first = store.snapshot
            await asyncio.sleep(3700)
            assert store.snapshot is first
            store.floors["lobby"] = 3
            await asyncio.sleep(3500)
            assert store.snapshot is first
            await asyncio.sleep(200)
            assert store.snapshot.position > first.position

    run(some_hours())


@in_virtual_time
async def test_a_snapshot_is_made_now_and_then_so_that_little_is_applied_again() -> None:
    """And at the end; one that finds no space is tried again."""
    network, store = MemoryNetwork(), MemoryStore()
    server = serve(network, store)
    async with server, connect(server.urls[0], username="alice", transport=network) as alice:
        await say(alice, 1, 3)
        assert store.snapshot is None
        assert server._storing is not None
        server._storing._snapshot_at = -20_000
        await say(alice, 4, 4)
        await asyncio.sleep(1)
        assert store.snapshot is not None
        assert store.snapshot.position > 0
    assert store.snapshot.position == len(store.entries)


@in_virtual_time
async def test_a_snapshot_that_finds_no_space_is_tried_again_until_what_was_deleted_is_gone() -> None:
    """Soon after there is some, with nothing else to make one for."""
    network, store = MemoryNetwork(), MemoryStore()
    async with (
        serve(network, store) as server,
        connect(server.urls[0], username="alice", transport=network) as alice,
    ):
        await alice.send("a mistake")
        await alice.delete_message(1)
        store.full = "there is no space left"
        await asyncio.sleep(100)
        assert store.snapshot is None
        store.full = ""
        await asyncio.sleep(60)
        assert store.snapshot is not None
        assert store.snapshot.position == len(store.entries)


class CountingStore(MemoryStore):
    """A store that counts how often a snapshot was to be kept."""

    tries = 0

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        """Count, and keep it."""
        self.tries += 1
        await super().save_snapshot(snapshot)


def test_a_snapshot_that_finds_no_space_is_tried_less_and_less_often() -> None:
    """Each costs as much as if there were some: twice as long between two, up to an hour."""

    async def a_day() -> None:
        network, store = MemoryNetwork(), CountingStore()
        async with (
            serve(network, store) as server,
            connect(server.urls[0], username="alice", transport=network) as alice,
        ):
            await alice.send("a mistake")
            await alice.delete_message(1)
            store.full = "there is no space left"
            await asyncio.sleep(3600)
            assert 5 <= store.tries <= 8
            await asyncio.sleep(24 * 3600)
            assert store.tries <= 8 + 25
            store.full = ""
            await asyncio.sleep(3700)
            assert store.snapshot is not None

    run(a_day())


@in_virtual_time
async def test_sends_wait_while_nothing_is_kept_and_nobody_gets_in_meanwhile() -> None:
    """Whoever is there reads on; a login is refused for now. Sends are acknowledged in order once there is space."""
    network, store = MemoryNetwork(), MemoryStore()
    async with serve(network, store) as server, connect(server.urls[0], username="alice", transport=network) as alice:
        store.full = "there is no space left on the disk"
        for number in range(1, 6):
            alice.post(SendMessage(str(number)))
        await asyncio.sleep(5)
        assert store.logs["lobby"][1] == []
        before = asyncio.get_running_loop().time()
        assert [room.name for room in await alice.list_rooms()] == ["lobby"]
        assert await alice.history() == ()
        assert (await alice.whois("alice")).room == "lobby"
        assert asyncio.get_running_loop().time() - before < 0.2  # what only reads does not wait for it
        with pytest.raises(LoginRefused, match="unavailable"):
            await connect(server.urls[0], username="bob", transport=network, reconnect=False).__aenter__()
        store.full = ""
        await alice.flush()
        assert [entry.text for entry in store.logs["lobby"][1]] == ["1", "2", "3", "4", "5"]


@in_virtual_time
async def test_a_store_without_space_for_the_beginning_is_one_sentence() -> None:
    """Nothing listens then."""
    store = MemoryStore()
    store.full = "there is no space left on the disk"
    server = serve(MemoryNetwork(), store)
    with pytest.raises(ConfigurationError, match="no space left"):
        await server.start()
    assert server.urls == []


@pytest.mark.parametrize("rows", [[{"row": "chat"}], [{"row": "nothing"}], [7]])
@in_virtual_time
async def test_a_snapshot_that_cannot_be_read_is_one_sentence(
    rows: list[object], caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing listens then; what it is for whoever has to repair it is in the log, for nothing need be damaged."""
    store = MemoryStore()
    store.snapshot = Snapshot(1, 0.0, rows)
    server = serve(MemoryNetwork(), store)
    with pytest.raises(ConfigurationError, match=r"cannot be read; keep the store .* or put a backup in its place"):
        await server.start()
    assert server.urls == []
    assert {record.message for record in caplog.records if record.levelname == "ERROR"} == {"internal_error"}


class DeadStore(MemoryStore):
    """A store that cannot take the first entry."""

    def propose(self, batch: Batch) -> None:
        """Fail for good."""
        self.fail()


@in_virtual_time
async def test_a_store_that_fails_at_the_beginning_is_one_sentence() -> None:
    """What it says itself is in the log."""
    server = serve(MemoryNetwork(), DeadStore())
    with pytest.raises(ConfigurationError, match="the store cannot be written to; its own message is in the log"):
        await server.start()
    assert server.failed.is_set()


class ForbiddenStore(MemoryStore):
    """A store that cannot take the first entry, and says why."""

    def propose(self, batch: Batch) -> None:
        """Fail for good."""
        self._fail(FileError("nobody may write there"))


@in_virtual_time
async def test_a_store_that_says_why_it_fails_at_the_beginning_says_it_to_whoever_starts_the_server() -> None:
    """Nobody has to look into the log for that."""
    server = serve(MemoryNetwork(), ForbiddenStore())
    with pytest.raises(ConfigurationError, match=r"the store .* cannot be used: nobody may write there"):
        await server.start()


@in_virtual_time
async def test_a_store_that_fails_ends_the_server() -> None:
    """Everybody is told goodbye, and whoever runs it knows by `failed`."""
    network, store = MemoryNetwork(), MemoryStore()
    server = serve(network, store)
    await server.start()
    alice = connect(server.urls[0], username="alice", transport=network, reconnect=False)
    async with alice as client:
        assert not server.failed.is_set()
        assert server.kept_in == store.place
        store.fail()
        await asyncio.wait_for(server.failed.wait(), 1)
        await asyncio.sleep(5)
        assert not client.connected
    await server.stop()


class MuteStore(MemoryStore):
    """A store on a disk that hangs from some moment on: neither an error nor an end comes."""

    mute = False

    def _order(self, batch: Batch) -> None:
        if not self.mute:
            super()._order(batch)


@in_virtual_time
async def test_a_store_that_says_nothing_does_not_keep_the_server_from_its_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It waits for some seconds, and whoever runs it is told."""
    store = MuteStore()
    server = serve(MemoryNetwork(), store)
    await server.start()
    store.mute = True
    start = asyncio.get_running_loop().time()
    await server.stop()
    assert 5 <= asyncio.get_running_loop().time() - start <= 10
    (record,) = [each for each in caplog.records if each.message == "store_failed"]
    assert getattr(record, "fields", None) == {"why": "it does not answer"}
    await server.stop()


@in_virtual_time
async def test_a_place_for_a_store_that_has_none_is_no_place_that_is_ignored() -> None:
    """Whoever names one wants to find something there."""
    with pytest.raises(ConfigurationError, match="the store memory has no place"):
        await ChatServer(transport=MemoryNetwork(), port=0, store="memory:chat.db").start()


@in_virtual_time
async def test_a_name_that_no_room_can_have_is_refused_at_the_start() -> None:
    """With one sentence that says what would be one."""
    server = ChatServer(transport=MemoryNetwork(), port=0, rooms=["two words"])
    with pytest.raises(ConfigurationError, match="no name of a room"):
        await server.start()


@in_virtual_time
async def test_a_store_that_nobody_offers_is_told_with_those_there_are() -> None:
    """By name, as transports and dialects are."""
    with pytest.raises(ConfigurationError, match=r"there is no store called 'paper', only .*sqlite"):
        await ChatServer(transport=MemoryNetwork(), port=0, store="paper:x").start()


@pytest.mark.parametrize(
    ("name", "given", "why"),
    [
        ("heads", None, "AttributeError: 'NoneType' object has no attribute 'get'"),
        ("heads", OSError("heads!"), "OSError: heads!"),
        ("read", None, "TypeError: 'NoneType' object is not iterable"),
        ("read", OSError("read!"), "OSError: read!"),
        ("load_snapshot", {}, "load_snapshot returned dict, and no Snapshot"),
    ],
    ids=ascii,
)
@in_virtual_time
async def test_mistake_of_whoever_has_made_a_store_is_not_told_as_damage(name: str, given: object, why: str) -> None:
    """Whoever is told to put a backup in its place throws away good data."""
    network, store = MemoryNetwork(), MemoryStore()
    async with serve(network, store) as server, connect(server.urls[0], username="alice", transport=network) as alice:
        await say(alice, 1, 3)

    async def mistaken(*_args: object) -> object:
        if isinstance(given, Exception):
            raise given
        return given

    setattr(store, name, mistaken)
    with pytest.raises(ConfigurationError) as caught:
        await serve(network, store).start()
    assert str(caught.value) == f"the store memory of the test cannot be used: {why}"
    delattr(store, name)
    async with serve(network, store) as server, connect(server.urls[0], username="bob", transport=network) as bob:
        assert [entry.text for entry in await bob.history()] == ["1", "2", "3"]


@in_virtual_time
async def test_store_that_gives_nothing_back_keeps_no_start_waiting_for_ever() -> None:
    """One whose `propose` has nothing in it, say."""
    network, store = MemoryNetwork(), MemoryStore()
    store.propose = lambda batch: None  # type: ignore[method-assign] # the mistake
    server = serve(network, store)
    with pytest.raises(ConfigurationError) as caught:
        await server.start()
    why = "nothing came back of what it was given, for 60 s"
    assert str(caught.value) == f"the store memory of the test cannot be used: {why}"
    del store.propose
    async with server, connect(server.urls[0], username="bob", transport=network) as bob:
        assert (await bob.send("hello")).seq == 1
