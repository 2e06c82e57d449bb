"""What every `chatcore.ports.store.Store` has to keep as an archive. Subclass it and say how one is opened."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatcore.events import BroadcastPosted, DirectPosted, MessagePosted, Posted
from chatcore.ports.archive import Appended, Changed, Dropped, Head, Opened, Reacted, Renewed, Row, Snapshot
from chatcore.ports.journal import Batch
from chatcore.ports.search import Query
from chatcore.ports.store import Store
from chatcore.text.finding.words import sought
from tests.contracts.journal import Follower
from tests.strategies import json_values

OpenStore = Callable[[], Awaitable[Store]]

# Several stores keep one contract, each in a folder of its own.
_SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.differing_executors]


def entry(seq: int, text: str = "hello") -> Posted:
    """Return an entry of the log of a room."""
    return MessagePosted(
        seq=seq, sender="alice", text=text, at=1_795_000_000.0 + seq, client="c", cid=seq, room="Lobby"
    )


def said(key: str, count: int, first: int = 1) -> list[Row]:
    """Return what it does to a log when so much is said."""
    return [Appended(key, entry(seq)) for seq in range(first, first + count)]


async def start(store: Store) -> None:
    """Begin to take what is proposed, and look at nothing of it."""
    await store.start(0, lambda entry: None, lambda batch, why: None, lambda error: None)


class Model:
    """Logs as they have to be: epochs and entries, in memory."""

    def __init__(self) -> None:
        self.logs: dict[str, tuple[str, list[Posted]]] = {}

    def keep(self, rows: list[Row]) -> None:
        """Do what happened."""
        for row in rows:
            if isinstance(row, Opened):
                self.logs[row.key] = (row.epoch, [])
            elif isinstance(row, Dropped):
                del self.logs[row.key]
            else:
                self.logs[row.key][1].append(row.entry)

    def heads(self) -> dict[str, Head]:
        """Return how far they have come."""
        return {key: Head(epoch, len(entries), 1) for key, (epoch, entries) in self.logs.items()}


@st.composite
def histories(draw: st.DrawFn) -> list[list[Row]]:
    """Return what some entries of a journal do to three logs, entry by entry."""
    seqs: dict[str, int] = {}
    history = []
    for number in range(draw(st.integers(1, 12))):
        rows: list[Row] = []
        for key in draw(st.lists(st.sampled_from(["lobby", "@7", "*"]), max_size=4)):
            if key not in seqs:
                rows.append(Opened(key, f"epoch {number} {len(rows)}"))
                seqs[key] = 0
            elif draw(st.integers(0, 5)) == 0:
                rows.append(Dropped(key))
                del seqs[key]
            else:
                count = draw(st.integers(1, 5))
                rows += said(key, count, seqs[key] + 1)
                seqs[key] += count
        history.append(rows)
    return history


class ArchiveContract:
    """The promises of the port. A subclass gives the fixture `open_store`, which closes what it has opened."""

    @pytest.fixture
    def open_store(self) -> OpenStore:
        """Return a function that opens a store; the second time, where the first one was and is closed."""
        raise NotImplementedError

    # What was said.

    async def test_a_log_that_goes_on_under_another_epoch_has_what_it_had(self, open_store: OpenStore) -> None:
        """At once and after a restart, and what is said next follows; a log that is not there is not made."""
        store = await open_store()
        await start(store)
        store.keep([Opened("lobby", "e1"), *said("lobby", 2)])
        store.keep([Renewed("lobby", "e2"), Renewed("nowhere", "e3"), Appended("lobby", entry(3))])
        for again in (False, True):
            if again:
                await store.close()
                store = await open_store()
            assert await store.heads() == {"lobby": Head("e2", 3, 1)}
            assert await store.read("lobby", 0, 10) == [entry(1), entry(2), entry(3)]

    async def test_what_is_kept_is_read_at_once_and_after_a_restart(self, open_store: OpenStore) -> None:
        """Of every kind, as it was."""
        kinds: list[Row] = [
            Opened("lobby", "e1"),
            Opened("@7", "e2"),
            Opened("*", "e3"),
            Appended("lobby", entry(1, "a\u202e\0😀\n")),
            Appended("@7", DirectPosted(seq=1, sender="al", text="psst", at=1.5, client="c", cid=3, to=("bob", "al"))),
            Appended("*", BroadcastPosted(seq=1, sender="al", text="all", at=2.25)),
        ]
        store = await open_store()
        await start(store)
        store.keep(kinds)
        for turn in range(2):
            for row in kinds[3:]:
                assert isinstance(row, Appended)
                assert list(await store.read(row.key, 0, 10)) == [row.entry]
            if turn == 0:
                await store.close()
                store = await open_store()
        assert await store.heads() == {"lobby": Head("e1", 1, 1), "@7": Head("e2", 1, 1), "*": Head("e3", 1, 1)}

    async def test_read_gives_what_comes_after_up_to_the_limit(self, open_store: OpenStore) -> None:
        """`after` is exclusive; nothing is repeated or left out, whether it is stored already or not."""
        store = await open_store()
        await start(store)
        store.keep([Opened("lobby", "e"), *said("lobby", 20)])
        store.propose(Batch(1, 1, ()))
        store.keep(said("lobby", 20, 21))
        seqs = [each.seq for each in await store.read("lobby", 0, 100)]
        assert seqs == list(range(1, 41))
        assert [each.seq for each in await store.read("lobby", 15, 10)] == list(range(16, 26))
        assert [each.seq for each in await store.read("lobby", 38, 10)] == [39, 40]
        assert list(await store.read("lobby", 40, 10)) == []
        assert list(await store.read("lobby", 99, 10)) == []

    async def test_changed_entry_is_read_as_it_is_now_stored_or_not(self, open_store: OpenStore) -> None:
        """What it said before is not found any more; one that is not there changes nothing."""
        store = await open_store()
        await start(store)
        store.keep([Opened("lobby", "e"), *said("lobby", 3)])
        await store.heads()
        store.keep(
            [Changed("lobby", 1, "", deleted=True), *said("lobby", 1, 4), Changed("lobby", 4, "other", deleted=False)]
        )
        store.keep([Changed("lobby", 99, "", deleted=True), Changed("python", 1, "", deleted=True)])
        for _ in range(2):
            found = await store.read("lobby", 0, 9)
            told = [(each.seq, each.text, each.deleted, each.edited) for each in found]
            assert told[0] == (1, "", True, False)
            assert told[3] == (4, "other", False, True)
            assert [seq for seq, *_rest in told] == [1, 2, 3, 4]
            assert await store.heads() == {"lobby": Head("e", 4, 1)}  # by now all of it is stored
        assert [each.seq for each in await store.read("lobby", 0, 9)] == [1, 2, 3, 4]

    async def test_answer_that_comes_after_a_deletion_does_not_have_what_was_deleted(
        self, open_store: OpenStore
    ) -> None:
        """Nobody is told once more that it is gone: not of an entry that is stored, nor of what became of it."""
        store = await open_store()
        await start(store)
        store.keep([Opened("lobby", "e"), *said("lobby", 2)])
        await store.heads()
        store.keep([Changed("lobby", 2, "a mistake", deleted=False), *said("lobby", 1, 3)])
        asked = asyncio.create_task(store.read("lobby", 0, 9))
        await asyncio.sleep(0)
        answered_before = asked.done()
        store.keep([Changed("lobby", seq, "", deleted=True) for seq in (1, 2, 3)])
        assert answered_before or [(each.text, each.deleted) for each in await asked] == [("", True)] * 3

    async def test_reactions_are_read_with_their_entry_stored_or_not(self, open_store: OpenStore) -> None:
        """In their order, each once; one to an entry that is not there changes nothing."""
        store = await open_store()
        await start(store)
        store.keep([Opened("lobby", "e"), *said("lobby", 2)])
        await store.heads()
        store.keep([Reacted("lobby", 1, "👍", "a", False), Reacted("lobby", 1, "👍", "b", False)])
        store.keep([Reacted("lobby", 1, "🎉", "a", False), Reacted("lobby", 1, "👍", "a", True)])
        store.keep([Reacted("lobby", 9, "👍", "a", False), Changed("lobby", 1, "edited", deleted=False)])
        for _ in range(2):
            (first, second) = await store.read("lobby", 0, 9)
            assert isinstance(first, MessagePosted)
            assert [(each.emoji, each.by) for each in first.reactions] == [("👍", ("b",)), ("🎉", ("a",))]
            assert (first.text, second.edited) == ("edited", False)
            assert await store.heads() == {"lobby": Head("e", 2, 1)}  # by now all of it is stored

    async def test_messages_are_found_newest_first_by_words_senders_rooms_and_times(
        self, open_store: OpenStore
    ) -> None:
        """In every room, whatever case and accents; what is changed by what it says now, what is gone not at all."""
        store = await open_store()
        await start(store)
        texts = ["Ein Café am See", "the CAFE opens", "no coffee here", "cafeteria", "今日はカフェ"]
        spoken = [
            MessagePosted(seq=number, sender=sender, text=text, at=float(number), room="lobby")
            for number, (text, sender) in enumerate(zip(texts, ["al", "Bob", "al", "bob", "al"], strict=True), 1)
        ]
        store.keep([Opened("lobby", "e"), *(Appended("lobby", each) for each in spoken)])
        other = MessagePosted(seq=1, sender="al", text="café elsewhere", at=6.0, room="py")
        direct = DirectPosted(seq=1, sender="al", text="café for two", at=7.0, to=("bob",))
        store.keep([Opened("py", "f"), Appended("py", other), Opened("@1", "g"), Appended("@1", direct)])

        async def search(words: str = "", **fields: Any) -> list[str]:
            page = await store.search(Query(sought(words), **fields))
            return [f"{each.key}:{each.entry.seq}" for each in page.found]

        assert await search("cafe") == ["py:1", "lobby:4", "lobby:2", "lobby:1"]
        assert await search("CAFÉ see") == ["lobby:1"]
        assert await search("cafeteria") == ["lobby:4"]
        assert await search("feteria") == []
        assert await search("カフェ") == await search("今日") == ["lobby:5"]
        assert await search("cafe", key="lobby", sender="bob") == ["lobby:4", "lobby:2"]
        assert await search(sender="bob") == ["lobby:4", "lobby:2"]
        assert await search("cafe", hidden=frozenset({"lobby"})) == ["py:1"]
        assert await search("cafe", key="nowhere") == []
        assert await search("cafe", since=2.0, until=4.5) == ["lobby:4", "lobby:2"]
        assert await search(since=5.0) == ["py:1", "lobby:5"]
        assert await search('"cafe" OR NOT *') == []
        store.keep([Changed("lobby", 2, "the tea room", deleted=False), Changed("lobby", 4, "", deleted=True)])
        assert await search("cafe") == ["py:1", "lobby:1"]
        assert await search("tea") == ["lobby:2"]
        store.keep([Reacted("lobby", 2, "👍", "a", False), Dropped("py")])
        assert await search("cafe") == ["lobby:1"]
        assert await search("tea") == ["lobby:2"]

    async def test_search_goes_on_where_a_page_ended(self, open_store: OpenStore) -> None:
        """Nothing is found twice or left out."""
        store = await open_store()
        await start(store)
        store.keep([Opened("lobby", "e"), *said("lobby", 25)])
        seqs: list[int] = []
        page = await store.search(Query((), since=0.0, limit=10))
        seqs += [each.entry.seq for each in page.found]
        while page.before is not None:
            page = await store.search(Query((), since=0.0, limit=10, before=page.before))
            seqs += [each.entry.seq for each in page.found]
        assert seqs == list(range(25, 0, -1))

    @pytest.mark.parametrize("before", ["", "x", "-1", "1.5", "9" * 18, "9" * 19, "9" * 30, "\u0661"])
    async def test_search_goes_on_behind_anything_that_a_peer_says(self, open_store: OpenStore, before: str) -> None:
        """What no page ended with is no mistake of the store: it finds something, or nothing."""
        store = await open_store()
        await start(store)
        store.keep([Opened("lobby", "e"), *said("lobby", 3)])
        page = await store.search(Query((), since=0.0, limit=10, before=before))
        assert [each.entry.seq for each in page.found] in ([3, 2, 1], [])

    async def test_heads_are_those_of_all_that_was_kept(self, open_store: OpenStore) -> None:
        """At any time, whether it is stored already or not: nothing is taken for empty that is not."""
        store = await open_store()
        await start(store)
        store.keep([Opened("lobby", "e1"), Opened("python", "e2"), *said("python", 2)])
        assert await store.heads() == {"lobby": Head("e1", 0, 1), "python": Head("e2", 2, 1)}
        store.keep([*said("lobby", 3), Dropped("python")])
        assert await store.heads() == {"lobby": Head("e1", 3, 1)}
        store.keep([Opened("python", "e3")])
        assert await store.heads() == {"lobby": Head("e1", 3, 1), "python": Head("e3", 0, 1)}

    async def test_log_that_is_not_there_cannot_be_read(self, open_store: OpenStore) -> None:
        """Neither one that never was, nor one that is gone; opened anew, it begins anew."""
        store = await open_store()
        await start(store)
        with pytest.raises(KeyError):
            await store.read("lobby", 0, 1)
        store.keep([Opened("lobby", "e1"), *said("lobby", 3), Opened("python", "e2")])
        assert list(await store.read("python", 0, 1)) == []
        store.keep([Dropped("lobby")])
        with pytest.raises(KeyError):
            await store.read("lobby", 0, 1)
        store.keep([Opened("lobby", "e3"), *said("lobby", 1)])
        assert len(await store.read("lobby", 0, 9)) == 1
        await store.close()
        store = await open_store()
        assert await store.heads() == {"lobby": Head("e3", 1, 1), "python": Head("e2", 0, 1)}
        assert len(await store.read("lobby", 0, 9)) == 1

    @given(history=histories(), stop=st.integers(0, 12))
    @settings(max_examples=25, suppress_health_check=_SHARED)
    def test_same_history_kept_again_changes_nothing(
        self, open_store: OpenStore, history: list[list[Row]], stop: int
    ) -> None:
        """A server that was killed says again what came behind its snapshot, wherever that is."""

        async def follow(store: Store, after: int) -> Follower:
            """Apply the entries of the journal: keep what they did."""
            follower = Follower(store)
            follower.answer = lambda entry: store.keep(history[entry.batch.number - 1]) if entry.batch.number else None
            return await follower.start(after)

        async def keep_it_twice() -> None:
            store = await open_store()
            for key in await store.heads():  # of the example before
                store.keep([Dropped(key)])
            snapshot = await store.load_snapshot()
            first = snapshot.position if snapshot else 0
            follower = await follow(store, first)
            for number in range(1, len(history) + 1):
                store.propose(Batch(1, number, ()))
            await follower.wait_for(entries=len(history))
            await store.close()
            store = await open_store()
            follower = await follow(store, first + min(stop, len(history)))
            store.propose(Batch(1, 0, ()))
            await follower.wait_for(entries=max(0, len(history) - stop) + 1)
            await store.save_snapshot(Snapshot(follower.positions[-1], 0.0, []))
            model = Model()
            for rows in history:
                model.keep(rows)
            await self._is_as(store, model)
            await store.close()
            store = await open_store()
            assert await store.heads() == model.heads()
            await self._is_as(store, model)
            await store.close()

        asyncio.run(keep_it_twice())

    async def _is_as(self, store: Store, model: Model) -> None:
        for key, (_epoch, entries) in model.logs.items():
            assert list(await store.read(key, 0, 1000)) == entries

    # Snapshots.

    async def test_store_begins_without_a_snapshot(self, open_store: OpenStore) -> None:
        """And without logs."""
        store = await open_store()
        assert await store.load_snapshot() is None
        assert await store.heads() == {}

    @given(rows=st.lists(json_values, max_size=5))
    @settings(max_examples=15, suppress_health_check=_SHARED)
    def test_last_snapshot_is_the_one_that_counts(self, open_store: OpenStore, rows: list[object]) -> None:
        """Any JSON comes back as it was, after a restart too."""

        async def save_two() -> None:
            store = await open_store()
            await store.save_snapshot(Snapshot(0, 1.5, ["an", {"older": "one"}] * 10))
            await store.save_snapshot(Snapshot(0, 2.25, rows))
            assert await store.load_snapshot() == Snapshot(0, 2.25, rows)
            await store.close()
            store = await open_store()
            assert await store.load_snapshot() == Snapshot(0, 2.25, rows)
            await store.close()

        asyncio.run(save_two())

    async def test_journal_goes_on_behind_a_snapshot(self, open_store: OpenStore) -> None:
        """Positions and clock too, when nothing of it is left but the snapshot."""
        store = await open_store()
        delivered = []
        await store.start(0, delivered.append, lambda batch, why: None, lambda error: None)
        for number in range(1, 4):
            store.propose(Batch(1, number, ()))
        while len(delivered) < 3:
            await asyncio.sleep(0)
        await store.save_snapshot(Snapshot(3, 1000.0, []))
        await store.close()
        store = await open_store()
        snapshot = await store.load_snapshot()
        assert snapshot is not None
        again = []
        await store.start(snapshot.position, again.append, lambda batch, why: None, lambda error: None)
        assert again == []
        store.propose(Batch(1, 4, ()))
        await store.close()
        assert [each.position for each in again] == [4]
        assert again[0].clock >= 1000.0

    async def test_what_was_kept_before_a_snapshot_is_stored_with_it(self, open_store: OpenStore) -> None:
        """So nobody has to say it again."""
        store = await open_store()
        await start(store)
        store.keep([Opened("lobby", "e"), *said("lobby", 3)])
        await store.save_snapshot(Snapshot(0, 0.0, []))
        assert await store.heads() == {"lobby": Head("e", 3, 1)}
