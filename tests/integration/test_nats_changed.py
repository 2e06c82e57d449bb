"""What operators change or take away on NATS while a chat is there: it is noticed, and what is advised then helps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, RetentionPolicy

from chatcore.errors import ConfigurationError
from chatcore.ports.archive import Snapshot
from chatcore_nats import NatsStore
from chatcore_nats.asking import ask
from chatcore_nats.connection.connecting import close, connect, jetstream
from chatcore_nats.place import Place, parse_place
from tests.contracts.journal import Follower, batch
from tests.integration.cluster_house import Cluster, cluster
from tests.integration.nats_house import NatsServer, Stores, nats
from tests.patience import PATIENCE

__all__ = ["cluster", "nats"]

SNAPSHOT = "chatcore cluster snapshot"


@asynccontextmanager
async def operating(place: Place) -> AsyncIterator[JetStreamContext]:
    """Be who looks after NATS."""
    client = await connect(place, "operator")
    try:
        yield await jetstream(client, place)
    finally:
        await close(client)


async def follow(store: NatsStore, *positions: int) -> Follower:
    """Follow a chat, which has batches at these positions then, and is all that the archive knows."""
    follower = await Follower(store).start(positions[0] - 1)
    for number in positions:
        follower.journal.propose(batch(number))
    await follower.wait_for(entries=len(positions))
    return follower


@pytest.mark.parametrize(
    ("prefix", "setting", "has"),
    [
        ("", {"retention": RetentionPolicy.INTEREST}, "retention=interest, and a chat needs retention=limits"),
        ("", {"discard": DiscardPolicy.OLD, "max_msgs": 2}, "discard=old, and a chat needs discard=new"),
        ("", {"max_msgs_per_subject": 3}, "max_msgs_per_subject=3, and a chat needs max_msgs_per_subject=-1"),
        ("", {"no_ack": True}, "no_ack=true, and a chat needs no_ack=false"),
        ("", {"max_msg_size": 4096}, "max_msg_size=4096, and a chat needs max_msg_size=262144"),
        ("OBJ_", {"max_age": 3600.0}, "max_age=3600, and a chat needs max_age=0"),
    ],
)
async def test_stream_that_somebody_changes_while_servers_run_is_told_once_and_when_it_is_right_again(
    nats: NatsServer,
    caplog: pytest.LogCaptureFixture,
    prefix: str,
    setting: dict[str, Any],
    has: str,
) -> None:
    """What would have kept a server from starting; it is looked at now and then, and when a snapshot was kept."""
    stores = Stores(nats.fresh_chat())
    store = await stores()
    await follow(store, 1, 2, 3, 4)
    await store.save_snapshot(Snapshot(1, 1.0, []))
    assert store.unsafe is None
    stream = f"{prefix}{stores.place.stream}"
    async with operating(stores.place) as js:
        before = (await js.stream_info(stream)).config
        await js.update_stream(before.evolve(**setting))
        for position in (2, 3):
            await store.save_snapshot(Snapshot(position, 1.0, []))
            assert store.unsafe == (
                f"the stream {stream} at {stores.place.text} has {has}; change that back, and have a "
                f"snapshot kept then: {SNAPSHOT}"
            )
        await js.update_stream(before)
    await store.save_snapshot(Snapshot(4, 1.0, []))
    assert store.unsafe is None
    assert [record.message for record in caplog.records if "safe" in record.message] == ["not_safe", "safe_again"]
    await stores.close()


async def test_server_whose_stream_was_changed_says_so_to_whoever_asks_whether_it_is_ready(cluster: Cluster) -> None:
    """In one sentence, with what is to be done."""
    server = await cluster.server()
    place = parse_place(cluster.address)
    assert server.unready is None
    async with operating(place) as js:
        before = (await js.stream_info(place.stream)).config
        await js.update_stream(before.evolve(discard=DiscardPolicy.OLD))
        alice = await cluster.client(server, "alice")
        await alice.send("hello")
        await ask(place, {"ask": "snapshot"}, PATIENCE, one=True)
        assert str(server.unready).startswith(f"what was said may be lost: the stream {place.stream} at ")
        await js.update_stream(before)
        await ask(place, {"ask": "snapshot"}, PATIENCE, one=True)
    assert server.unready is None


async def test_chat_whose_stream_has_a_gap_goes_on_behind_its_snapshot_when_that_stream_is_taken_away(
    nats: NatsServer,
) -> None:
    """No server is up that could keep another snapshot; users are told that something may be missing."""
    stores = Stores(nats.fresh_chat())
    store = await stores()
    await follow(store, 1, 2, 3, 4, 5)
    await store.save_snapshot(Snapshot(3, 30.0, []))
    await stores.close()
    async with operating(stores.place) as js:
        await js.purge_stream(stores.place.stream)
        refused = await stores()
        await refused.load_snapshot()
        with pytest.raises(ConfigurationError) as told:
            await Follower(refused).start(3)
        removal = f"nats stream rm {stores.place.stream}"
        assert f"entry 4 of its journal is missing; let a server that is up keep a snapshot: {SNAPSHOT}" in str(
            told.value
        )
        assert str(told.value).endswith(f"goes on with what its last snapshot has, if there is one: {removal}")
        await stores.close()
        await js.delete_stream(stores.place.stream)
    store = await stores()
    snapshot = await store.load_snapshot()
    assert snapshot is not None
    assert (snapshot.position, store.lost) == (3, True)
    follower = await follow(store, 4, 5)
    assert follower.positions == [4, 5]
    later = await stores.another()
    await later.load_snapshot()
    assert (await Follower(later).start(3)).entries == follower.entries
    assert follower.entries[0].clock >= 30.0
    await asyncio.gather(later.close(), stores.close())


async def test_chat_without_a_snapshot_begins_anew_when_its_stream_is_taken_away(nats: NatsServer) -> None:
    """There is nothing that it could go on with, and nothing that anybody could miss."""
    stores = Stores(nats.fresh_chat())
    await follow(await stores(), 1, 2)
    await stores.close()
    async with operating(stores.place) as js:
        await js.delete_stream(stores.place.stream)
    store = await stores()
    assert not store.lost
    assert (await follow(store, 1)).positions == [1]
    await stores.close()


async def test_what_was_said_is_there_when_the_stream_was_taken_away_and_the_snapshot_was_not(cluster: Cluster) -> None:
    """The last server that was stopped has kept it; others come as ever."""
    one = await cluster.server()
    alice = await cluster.client(one, "alice")
    await alice.create("python")
    posted = await alice.send("hello")
    await alice.close()
    await one.stop()
    place = parse_place(cluster.address)
    async with operating(place) as js:
        await js.delete_stream(place.stream)
    again, other = await cluster.two()
    bob = await cluster.client(again, "bob")
    await bob.join("python")
    again_posted = await bob.send("there again")
    assert posted is not None
    assert again_posted is not None
    assert again_posted.seq == posted.seq + 1
    carol = await cluster.client(other, "carol")
    await carol.join("python")
    assert [each.text for each in await carol.history()] == ["hello", "there again"]
