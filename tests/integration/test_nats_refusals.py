"""What the stream does not take is refused where nothing of it can be there, also when NATS was away meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from chatcore.ports.journal import Batch
from chatcore_nats.connection.connecting import close, connect, jetstream
from chatcore_nats.journal import StreamJournal
from chatcore_nats.place import parse_place
from tests.contracts.journal import Follower, batch
from tests.integration.nats_house import HeldNetwork, NatsServer, Stores, bound_stream, nats
from tests.patience import PATIENCE

__all__ = ["nats"]


@asynccontextmanager
async def following(nats: NatsServer, network: HeldNetwork, loss: float) -> AsyncIterator[tuple[str, Follower]]:
    """Follow the journal of a chat through a network; its first batch is there. Gives the address beside that."""
    stores = Stores(nats.fresh_chat())
    store = await stores()
    place = parse_place(stores.address.replace(nats.address, network.address))
    client = await connect(place, "test")
    journal = StreamJournal(client, await jetstream(client, place), place, loss=loss)
    try:
        follower = await Follower(journal).start()
        journal.propose(batch(1))
        await follower.wait_for(entries=1)
        yield stores.address, follower
    finally:
        await journal.close(answered=False)
        await close(client)
        await store.close()
        await stores.close()


async def insist(follower: Follower, proposed: Batch, over: Callable[[], object]) -> None:
    """Propose a batch again and again, as a node does that hears nothing of it."""
    async with asyncio.timeout(PATIENCE):
        while not over():
            follower.journal.propose(proposed)
            await asyncio.sleep(0.05)


async def tried(follower: Follower, proposed: Batch, times: int) -> None:
    """Propose a batch until it was sent so often."""
    journal = follower.journal
    assert isinstance(journal, StreamJournal)
    until = journal._tries.sent + times
    await insist(follower, proposed, lambda: journal._tries.sent >= until)


async def test_batch_is_refused_when_each_of_its_tries_was(nats: NatsServer) -> None:
    """None of them is there: whoever waits is told, and once there is space, the next one goes."""
    async with HeldNetwork(nats) as network, following(nats, network, 10 * PATIENCE) as (address, follower):
        bound_stream(address, 0)
        network.hold()
        await tried(follower, batch(2), 3)
        network.let_go()
        await follower.wait_for(refused=1)
        assert follower.refused == [(batch(2), "there is no space left in the stream")]
        bound_stream(address, -1)
        follower.journal.propose(batch(2, "after"))
        await follower.wait_for(entries=2)
        assert follower.batches == [batch(1), batch(2, "after")]


async def test_batch_of_which_a_try_had_no_answer_is_refused_when_all_others_are_for_long(nats: NatsServer) -> None:
    """As when a server of NATS dies: what has not come out of the stream by then is not there."""
    async with HeldNetwork(nats) as network, following(nats, network, 1.0) as (address, follower):
        bound_stream(address, 0)
        network.hold()
        await tried(follower, batch(2), 1)
        network.cut()
        network.let_go()
        await insist(follower, batch(2), lambda: follower.refused)
        assert follower.refused == [(batch(2), "there is no space left in the stream")]
        assert follower.failures == []


async def test_batch_that_is_there_is_not_refused_though_its_answer_was_lost(nats: NatsServer) -> None:
    """Its other tries are, since the stream is full by then."""
    async with HeldNetwork(nats) as network, following(nats, network, 10 * PATIENCE) as (address, follower):
        other = Stores(address)
        beside = await Follower(await other()).start()
        network.hold()
        await tried(follower, batch(2), 1)
        await beside.wait_for(entries=2)
        bound_stream(address, 0)
        network.cut()
        network.let_go()
        await insist(follower, batch(2), lambda: len(follower.entries) == 2)
        assert follower.batches == [batch(1), batch(2)]
        assert follower.refused == []
        await other.close()


async def test_refused_batch_that_comes_all_the_same_ends_the_server(nats: NatsServer) -> None:
    """Before its number is taken: whoever waits for the next one would be told that it was kept."""
    async with HeldNetwork(nats) as network, following(nats, network, 1.0) as (address, follower):
        bound_stream(address, 0)
        network.hold()
        await tried(follower, batch(2), 1)
        network.cut()
        network.let_go()
        await insist(follower, batch(2), lambda: follower.refused)
        bound_stream(address, -1)
        other = Stores(address)
        beside = await Follower(await other()).start()
        beside.journal.propose(batch(2))
        await follower.wait_for(failures=1)
        assert "has taken what it had refused; start the server again" in str(follower.failures[0])
        assert follower.batches == [batch(1)]
        await other.close()
