"""Entries that somebody takes out of the stream: a server that needs them says so, and others go on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from nats.js import JetStreamContext

from chatcore.errors import ConfigurationError
from chatcore.ports.archive import Snapshot
from chatcore.ports.journal import Batch
from chatcore_nats.connection.connecting import close, connect, jetstream
from chatcore_nats.journal import StreamJournal
from chatcore_nats.place import parse_place
from tests.contracts.journal import Follower, batch
from tests.integration.nats_house import HeldNetwork, NatsServer, Stores, nats

__all__ = ["nats"]


@asynccontextmanager
async def operating(stores: Stores) -> AsyncIterator[JetStreamContext]:
    """Be who looks after NATS."""
    client = await connect(stores.place, "operator")
    try:
        yield await jetstream(client, stores.place)
    finally:
        await close(client)


async def follow(stores: Stores, entries: int) -> Follower:
    """Follow a chat, which has so many entries then."""
    follower = await Follower(await stores.another()).start()
    for number in range(1, entries + 1):
        follower.journal.propose(batch(number))
    await follower.wait_for(entries=entries)
    return follower


@pytest.mark.parametrize("position", [3, 5], ids=["in the middle", "last"])
async def test_server_that_starts_says_which_entry_is_missing(nats: NatsServer, position: int) -> None:
    """As where somebody has deleted one message of the stream: with a snapshot behind it, further servers start."""
    stores = Stores(nats.fresh_chat())
    follower = await follow(stores, 5)
    async with operating(stores) as js:
        await js.delete_msg(stores.place.stream, position)
    refused = await stores.another()
    with pytest.raises(ConfigurationError) as told:
        await Follower(refused).start()
    assert str(told.value) == (
        f"the store {stores.place.text} cannot be used: entry {position} of its journal is missing; "
        "let a server that is up keep a snapshot: chatcore cluster snapshot; or, when none is up, take the stream "
        "away, and the chat goes on with what its last snapshot has, if there is one: "
        f"nats stream rm {stores.place.stream}"
    )
    await refused.close()
    store = follower.journal
    await store.save_snapshot(Snapshot(5, 1.0, []))  # type: ignore[attr-defined]  # it is a store
    later = await stores.another()
    await later.load_snapshot()
    behind = await Follower(later).start(5)
    follower.journal.propose(batch(6))
    await behind.wait_for(entries=1)
    await asyncio.gather(later.close(), store.close())


async def test_server_starts_from_a_snapshot_whose_own_entry_is_missing(nats: NatsServer) -> None:
    """It needs what is behind it, and nothing else."""
    stores = Stores(nats.fresh_chat())
    follower = await follow(stores, 5)
    store = follower.journal
    await store.save_snapshot(Snapshot(3, 1.0, []))  # type: ignore[attr-defined]  # it is a store
    async with operating(stores) as js:
        await js.delete_msg(stores.place.stream, 3)
    later = await stores.another()
    await later.load_snapshot()
    assert (await Follower(later).start(3)).positions == [4, 5]
    await asyncio.gather(later.close(), store.close())


async def test_server_that_was_away_while_an_entry_was_deleted_ends(nats: NatsServer) -> None:
    """It cannot know what that was; when it is started again, it is told what to do."""
    stores = Stores(nats.fresh_chat())
    follower = await follow(stores, 1)
    async with HeldNetwork(nats) as network:
        place = parse_place(stores.address.replace(nats.address, network.address))
        client = await connect(place, "test")
        journal = StreamJournal(client, await jetstream(client, place), place)
        away = await Follower(journal).start()
        network.hold()
        for number in range(2, 5):
            follower.journal.propose(Batch(2, number, ()))
        await follower.wait_for(entries=4)
        async with operating(stores) as js:
            await js.delete_msg(stores.place.stream, 3)
        network.cut()
        network.let_go()
        await away.wait_for(failures=1)
        assert "went on without it; start it again" in str(away.failures[0])
        await journal.close(answered=False)
        await close(client)
    await follower.journal.close()
