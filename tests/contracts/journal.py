"""What every `chatcore.ports.journal.Journal` has to keep. Subclass it and say how one is opened."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from chatcore.commands import SendMessage
from chatcore.ports.journal import Batch, Entry, Journal
from chatcore.records import Act
from tests.patience import PATIENCE

OpenJournal = Callable[[], Awaitable[Journal]]


def batch(number: int, *texts: str) -> Batch:
    """Return a batch of messages."""
    return Batch(1, number, tuple(Act(7, SendMessage(text, cid)) for cid, text in enumerate(texts, 1)))


class Follower:
    """Whoever a journal delivers to."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.entries: list[Entry] = []
        self.refused: list[tuple[Batch, str]] = []
        self.failures: list[BaseException] = []
        self.answer: Callable[[Entry], None] = lambda entry: None
        """What is done with an entry, besides noting it."""
        self.on_refusal: Callable[[Batch], None] = lambda batch: None
        """The same with a batch that is refused."""
        self._moved = asyncio.Event()

    async def start(self, after: int = 0) -> Follower:
        """Follow the journal from there on."""
        await self.journal.start(after, self._deliver, self._refuse, self._fail)
        return self

    def _deliver(self, entry: Entry) -> None:
        self.entries.append(entry)
        self._moved.set()
        self.answer(entry)

    def _refuse(self, batch: Batch, why: str) -> None:
        self.refused.append((batch, why))
        self._moved.set()
        self.on_refusal(batch)

    def _fail(self, error: BaseException) -> None:
        self.failures.append(error)
        self._moved.set()

    async def wait_for(self, *, entries: int = 0, refused: int = 0, failures: int = 0) -> None:
        """Wait until so much has come."""
        async with asyncio.timeout(PATIENCE):
            while len(self.entries) < entries or len(self.refused) < refused or len(self.failures) < failures:
                self._moved.clear()
                await self._moved.wait()

    @property
    def batches(self) -> list[Batch]:
        """What was delivered."""
        return [entry.batch for entry in self.entries]

    @property
    def positions(self) -> list[int]:
        """Where it stands."""
        return [entry.position for entry in self.entries]


class JournalContract:
    """The promises of the port. A subclass gives the fixture `open_journal`, which closes what it has opened."""

    @pytest.fixture
    def open_journal(self) -> OpenJournal:
        """Return a function that opens a journal; the second time, where the first one was and is closed."""
        raise NotImplementedError

    @pytest.fixture
    async def follower(self, open_journal: OpenJournal) -> Follower:
        """Return a follower of an empty journal."""
        return await Follower(await open_journal()).start()

    async def test_batches_are_delivered_in_the_order_in_which_they_were_proposed(self, follower: Follower) -> None:
        """Each once, with dense positions from 1; an empty one is one as well."""
        proposed = [batch(number, *["hello"] * (number % 3)) for number in range(1, 41)]
        for each in proposed:
            follower.journal.propose(each)
        await follower.wait_for(entries=40)
        assert follower.batches == proposed
        assert follower.positions == list(range(1, 41))

    async def test_what_is_proposed_on_a_delivery_comes_behind_it(self, follower: Follower) -> None:
        """One at a time, as a node does that waits for its own."""
        follower.answer = lambda entry: (
            follower.journal.propose(batch(entry.position + 1)) if entry.position < 20 else None
        )
        follower.journal.propose(batch(1))
        await follower.wait_for(entries=20)
        assert [each.number for each in follower.batches] == follower.positions == list(range(1, 21))

    async def test_delivers_at_once_or_never_at_once(self, follower: Follower) -> None:
        """As the attribute says: who proposes can rely on it."""
        follower.journal.propose(batch(1))
        assert bool(follower.entries) == follower.journal.at_once
        await follower.wait_for(entries=1)

    async def test_time_is_that_of_the_day_and_the_clock_never_goes_back(self, follower: Follower) -> None:
        """Seconds since 1970, and seconds that the journal has lived."""
        for number in range(1, 11):
            follower.journal.propose(batch(number))
            await follower.wait_for(entries=number)
        clocks = [entry.clock for entry in follower.entries]
        assert clocks == sorted(clocks)
        assert clocks[0] >= 0.0
        assert all(entry.time > 1_500_000_000 for entry in follower.entries)

    async def test_close_delivers_what_was_proposed(self, follower: Follower) -> None:
        """Then it ends; to close it again does nothing."""
        for number in range(1, 6):
            follower.journal.propose(batch(number, "hello"))
        await follower.journal.close()
        assert follower.positions == [1, 2, 3, 4, 5]
        await follower.journal.close()
        assert len(follower.entries) == 5

    async def test_proposing_before_the_start_or_after_the_end_is_a_mistake(self, open_journal: OpenJournal) -> None:
        """It could never be delivered."""
        journal = await open_journal()
        with pytest.raises(RuntimeError):
            journal.propose(batch(1))
        follower = await Follower(journal).start()
        await journal.close()
        with pytest.raises(RuntimeError):
            journal.propose(batch(1))
        assert follower.entries == []


class KeptJournalContract(JournalContract):
    """The promises of a journal that survives its server. A subclass gives the fixtures `fill` and `free` as well."""

    @pytest.fixture
    def fill(self) -> Callable[[], None]:
        """Return a function that leaves no space for a megabyte."""
        raise NotImplementedError

    @pytest.fixture
    def free(self) -> Callable[[], None]:
        """Return a function that makes space again."""
        raise NotImplementedError

    async def test_everything_is_delivered_again_after_a_restart(self, open_journal: OpenJournal) -> None:
        """As it was: batches, positions, times."""
        first = await Follower(await open_journal()).start()
        for number in range(1, 1301):
            first.journal.propose(batch(number, "hello"))
        await first.journal.close()
        again = await Follower(await open_journal()).start()
        assert again.entries == first.entries

    async def test_start_delivers_what_is_behind_a_position(self, open_journal: OpenJournal) -> None:
        """And the next one has the next position."""
        first = await Follower(await open_journal()).start()
        for number in range(1, 11):
            first.journal.propose(batch(number))
        await first.journal.close()
        for after in (7, 10):
            again = await Follower(await open_journal()).start(after)
            assert again.positions == list(range(after + 1, 11))
            await again.journal.close()
        last = await Follower(await open_journal()).start(10)
        last.journal.propose(batch(11))
        await last.wait_for(entries=1)
        assert last.positions == [11]

    async def test_clock_goes_on_after_a_restart_and_stands_still_in_between(self, open_journal: OpenJournal) -> None:
        """A grace period does not pass while nobody can come back."""
        first = await Follower(await open_journal()).start()
        first.journal.propose(batch(1))
        await first.journal.close()
        again = await Follower(await open_journal()).start(1)
        again.journal.propose(batch(2))
        await again.wait_for(entries=1)
        before, after = first.entries[0], again.entries[0]
        assert 0.0 <= after.clock - before.clock < 5.0

    async def test_batch_that_finds_no_space_is_refused_with_all_behind_it(
        self, follower: Follower, open_journal: OpenJournal, fill: Callable[[], None], free: Callable[[], None]
    ) -> None:
        """The next one has its position, once there is space; and nothing of what was refused is ever seen again."""
        follower.journal.propose(batch(1, "before"))
        await follower.wait_for(entries=1)
        fill()
        lost = [batch(2, *["x" * 50_000] * 4), batch(3, "behind it"), batch(4)]
        for each in lost:
            follower.journal.propose(each)
        await follower.wait_for(refused=3)
        assert [refused for refused, _why in follower.refused] == lost
        assert all("space" in why for _batch, why in follower.refused)
        assert follower.positions == [1]
        free()
        follower.journal.propose(batch(2, "after"))
        await follower.wait_for(entries=2)
        assert follower.positions == [1, 2]
        assert follower.failures == []
        await follower.journal.close()
        again = await Follower(await open_journal()).start()
        assert again.batches == [batch(1, "before"), batch(2, "after")]

    async def test_who_is_refused_may_propose_at_once(
        self, follower: Follower, fill: Callable[[], None], free: Callable[[], None]
    ) -> None:
        """While it is told: that one is a new try, and not refused with the others."""
        follower.journal.propose(batch(1))
        await follower.wait_for(entries=1)
        fill()

        def try_again(refused: Batch) -> None:
            if refused.number == 2:
                free()
                follower.journal.propose(batch(2, "again"))

        follower.on_refusal = try_again
        follower.journal.propose(batch(2, *["x" * 50_000] * 4))
        follower.journal.propose(batch(3, "behind it"))
        await follower.wait_for(entries=2, refused=2)
        assert follower.batches == [batch(1), batch(2, "again")]
        assert [refused.number for refused, _why in follower.refused] == [2, 3]
