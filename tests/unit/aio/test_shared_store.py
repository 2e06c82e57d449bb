"""A server that is one of several on a store: what operators ask it, and when it sends people elsewhere."""

from __future__ import annotations

import asyncio

import pytest

from chatcore import ChatServer, Limits, __version__, connect
from chatcore.errors import ConfigurationError, Sentence
from chatcore.testing import MemoryNetwork
from tests.unit.aio.house import in_virtual_time
from tests.unit.aio.store_house import MemoryStore, SharedMemoryStore


def serve(network: MemoryNetwork, store: MemoryStore) -> ChatServer:
    """Return a server that others know by its address."""
    limits = Limits(requests_per_second=0)
    return ChatServer(transport=network, port=7, store=store, limits=limits, advertise=["memory://one:7"])


@in_virtual_time
async def test_operator_asks_how_a_server_does() -> None:
    """What it says is what its figures say."""
    network, store = MemoryNetwork(), SharedMemoryStore()
    async with serve(network, store) as server, connect(server.urls[0], username="alice", transport=network) as alice:
        await alice.send("hello")
        store.late = 3
        status = await store.ask({"ask": "status"})
        shared = server.figures().shared
        assert status is not None
        assert shared is not None
        assert {name: status[name] for name in ("nodes", "position", "behind", "snapshot_age")} == {
            "nodes": 1,
            "position": shared.position,
            "behind": 3,
            "snapshot_age": None,
        }
        assert {name: status[name] for name in ("version", "addresses", "connections", "users", "unready")} == {
            "version": __version__,
            "addresses": ("memory://one:7",),
            "connections": 1,
            "users": 1,
            "unready": None,
        }
        assert (shared.nodes, shared.behind, shared.snapshot_age) == (1, 3, None)


@in_virtual_time
async def test_operator_is_told_why_a_server_takes_nobody_with_what_its_store_says_apart() -> None:
    """Whoever asks may speak another language."""
    network, store = MemoryNetwork(), SharedMemoryStore()
    async with serve(network, store) as server, connect(server.urls[0], username="alice", transport=network) as alice:
        store.full = "there is no space"
        async with asyncio.TaskGroup() as sending:
            sending.create_task(alice.send("hello"))
            await asyncio.sleep(0.1)
            status = await store.ask({"ask": "status"})
            assert status is not None
            assert status["unready"] == server.unready == "nothing can be kept: there is no space"
            assert status["unready_why"] == "there is no space"
            store.full = ""


@in_virtual_time
async def test_operator_has_a_snapshot_kept_and_compares_what_servers_have() -> None:
    """Equal chats have equal digests; one that cannot be kept is told."""
    network, store = MemoryNetwork(), SharedMemoryStore()
    async with serve(network, store) as server, connect(server.urls[0], username="alice", transport=network) as alice:
        first, again = [await store.ask({"ask": "digest"}) for _ in range(2)]
        assert first == again
        await alice.send("hello")
        assert await store.ask({"ask": "digest"}) != first
        told = await store.ask({"ask": "snapshot"})
        assert told is not None
        assert told["kept"] is True
        assert store.snapshot is not None
        assert store.snapshot.position == told["position"]
        store.full = "there is no space left"
        told = await store.ask({"ask": "snapshot"})
        assert told is not None
        assert told["kept"] is False
        store.full = ""


@in_virtual_time
@pytest.mark.parametrize("asked", [1, 2])
async def test_snapshot_that_is_asked_for_is_kept_before_a_server_that_stops_keeps_its_last(asked: int) -> None:
    """One after the other, and the operator is told so."""
    store = SharedMemoryStore()
    async with serve(MemoryNetwork(), store) as server:
        store.slow = 1.0
        asking = [asyncio.create_task(store.ask({"ask": "snapshot"})) for _ in range(asked)]
        await asyncio.sleep(0.5)
        await server.stop()
    told = [await each for each in asking]
    assert [each and (each["kept"], each["why"]) for each in told] == [(True, None)] * asked
    assert store.snapshot is not None
    assert store.snapshot.position == len(store.entries)


@in_virtual_time
async def test_operator_is_told_once_why_a_server_archives_nothing_or_keeps_no_snapshot(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Nobody who says something hears of it: the journal has it."""
    caplog.set_level("INFO")
    store = SharedMemoryStore()
    async with serve(MemoryNetwork(), store) as server:
        store.full = "there is no space left"
        for _ in range(3):
            told = await store.ask({"ask": "snapshot"})
            assert told is not None
            assert "there is no space left" in told["why"]
        store.full, store.unarchived = "", Sentence("the disk is full")
        await asyncio.sleep(90)
        assert server.unready == "this server archives nothing at present: the disk is full"
        store.unarchived = None
        assert server.unready is None
        store.unsafe = Sentence("the journal forgets")
        assert server.unready == "what was said may be lost: the journal forgets"
        store.unsafe = None
        await asyncio.sleep(60)
        told = await store.ask({"ask": "snapshot"})
        assert told is not None
        assert (told["kept"], told["why"]) == (True, None)
    said = [
        record for record in caplog.records if record.message in {"not_archived", "snapshot_not_kept", "kept_again"}
    ]
    assert [(each.message, each.levelname) for each in said] == [
        ("snapshot_not_kept", "WARNING"),
        ("not_archived", "WARNING"),
        ("kept_again", "WARNING"),
    ]


@in_virtual_time
async def test_operator_ends_the_one_server_that_is_named() -> None:
    """Another number is somebody else's, and what nobody knows is not answered."""
    store = SharedMemoryStore()
    async with serve(MemoryNetwork(), store) as server:
        status = await store.ask({"ask": "status"})
        assert status is not None
        assert status["node"] == 1
        for other in (2, True, "1", None):
            assert await store.ask({"ask": "drain", "node": other}) is None
        assert await store.ask({"ask": "dance"}) is None
        assert not server.drained.is_set()
        assert await store.ask({"ask": "drain", "node": status["node"]}) is not None
        assert server.drained.is_set()
    assert await store.ask({"ask": "status"}) is None  # it has ended


@in_virtual_time
async def test_server_that_is_behind_or_hears_nothing_takes_nobody() -> None:
    """And says why, to whoever runs it."""
    store = SharedMemoryStore()
    async with serve(MemoryNetwork(), store) as server:
        assert server.unready is None
        store.late = 1_001
        assert server.unready == "this server is behind the others"
        store.late, store.deaf = 0, True
        async with asyncio.timeout(60):
            while server.unready is None:
                await asyncio.sleep(1)
            assert server.unready == "this server is behind the others"
            while server.unready == "this server is behind the others":
                await asyncio.sleep(1)
        assert server.unready == "nothing comes back from the journal"
        store.deaf = False
        async with asyncio.timeout(60):
            while server.unready is not None:
                await asyncio.sleep(1)


@in_virtual_time
async def test_age_of_a_snapshot_is_told() -> None:
    """Never below nothing: the clock of whoever has kept it may be ahead."""
    network, store = MemoryNetwork(), SharedMemoryStore()
    async with serve(network, store) as server:
        store.kept_at = 0.0
        shared = server.figures().shared
        assert shared is not None
        assert shared.snapshot_age is not None
        assert shared.snapshot_age > 0
        store.kept_at = 1e12
        shared = server.figures().shared
        assert shared is not None
        assert shared.snapshot_age == 0


@pytest.mark.parametrize("store", ["memory", MemoryStore()])
def test_address_that_no_other_server_is_told_is_refused(store: str | MemoryStore) -> None:
    """Where a store is for one server alone, there are none whose clients could come here."""

    async def main() -> None:
        server = ChatServer(transport=MemoryNetwork(), store=store, advertise=["memory://one:7"])
        with pytest.raises(ConfigurationError, match=r"advertise is of no use: the store .* is for one server alone"):
            await server.start()

    asyncio.run(main())
