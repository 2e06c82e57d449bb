"""What whoever looks after several servers sees of each: whether it is behind, and the figures of the journal."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path
from typing import Any, Final

import pytest

from chatcore import ChatServer, Client
from chatcore.events import MessagePosted
from chatcore_metrics import Admin
from chatcore_nats.connection.connecting import close, connect, jetstream
from chatcore_nats.place import parse_place
from tests.integration.cluster_house import Cluster, cluster
from tests.integration.nats_house import HeldNetwork, NatsServer, nats, nats_server
from tests.integration.test_cli_cluster import asked
from tests.integration.test_operation import ask, metrics_of
from tests.patience import PATIENCE
from tests.stopwatch import Stopwatch

__all__ = ["cluster", "nats"]


_TRIES: Final = 4


async def changed(address: str, **changes: Any) -> None:
    """Let an operator of NATS change the stream of a chat."""
    place = parse_place(address)
    client = await connect(place, "operator")
    js = await jetstream(client, place)
    config = (await js.stream_info(place.stream)).config
    await js.update_stream(config.evolve(**changes))
    await close(client)


class Watched:
    """A server with the place where it tells how it does."""

    def __init__(self, server: ChatServer) -> None:
        self.admin = Admin(server, "1.0")

    @property
    def place(self) -> str:
        """Host and port."""
        return self.admin.url.removeprefix("http://")

    async def ready(self) -> tuple[int, str]:
        """Return what `/readyz` says."""
        return await asyncio.to_thread(ask, self.place, "/readyz")

    async def metrics(self) -> dict[str, float]:
        """Return what `/metrics` says."""
        return await asyncio.to_thread(metrics_of, self.place)

    async def __aenter__(self) -> Watched:
        await self.admin.start("127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.admin.stop()


async def test_server_that_is_behind_is_not_ready_until_it_has_caught_up(nats: NatsServer, cluster: Cluster) -> None:
    """Nobody is sent there meanwhile; the figures say how far behind it is."""
    async with HeldNetwork(nats) as network:
        server = await cluster.server(store=cluster.address.replace(nats.address, network.address))
        async with Watched(server) as watched, asyncio.timeout(PATIENCE):
            assert await watched.ready() == (200, "ok\n")
            network.hold()
            while (said := await watched.ready())[0] == 200:
                await asyncio.sleep(0.01)
            assert said in ((503, "this server is behind the others\n"), (503, "nothing comes back from the journal\n"))
            figures = await watched.metrics()
            assert figures["chatcore_journal_lag_seconds"] > 1
            assert figures["chatcore_journal_under_way"] >= 1
            network.let_go()
            while await watched.ready() != (200, "ok\n"):
                await asyncio.sleep(0.01)
            while (figures := await watched.metrics())["chatcore_journal_lag_seconds"] >= 1:
                await asyncio.sleep(0.01)  # it may be held up by the machine, now and then
            assert figures["chatcore_journal_behind"] <= 50
        await server.stop()


async def test_users_read_on_and_are_refused_readily_while_the_stream_listens_to_something_else(
    cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    """It is said what is wrong, once; and all is well when that is repaired."""
    server = await cluster.server()
    alice, bob = await cluster.client(server, "alice"), await cluster.client(server, "bob")
    await alice.send("before")
    subject = parse_place(cluster.address).subject
    async with Watched(server) as watched, asyncio.timeout(PATIENCE):
        await changed(cluster.address, subjects=["something.else"])
        said = asyncio.create_task(alice.send("meanwhile"))
        while (told := await watched.ready())[0] == 200 or "can be kept" not in told[1]:
            await asyncio.sleep(0.01)
        assert f"somebody has changed what the stream listens to; it has to be {subject}" in told[1]
        assert [each.text for each in await bob.history()] == ["before"]
        await changed(cluster.address, subjects=[subject])
        posted = await said
        assert isinstance(posted, MessagePosted)
        while await watched.ready() != (200, "ok\n"):
            await asyncio.sleep(0.01)
    lines = [each.getMessage().split()[0] for each in caplog.records]
    assert [lines.count(kind) for kind in ("not_kept", "kept_again", "cut_off", "disconnected")] == [1, 1, 0, 0]


async def test_figures_tell_of_leases_positions_and_snapshots(cluster: Cluster) -> None:
    """The oldest server keeps the snapshot; all of them know how old it is."""
    one, other = await cluster.two()
    async with Watched(one) as watched, asyncio.timeout(PATIENCE):
        while (first := await watched.metrics())["chatcore_nodes"] != 2:
            await asyncio.sleep(0.01)
        assert "chatcore_snapshot_age_seconds" not in first
        alice = await cluster.client(one, "alice")
        await alice.send("hello")
        await alice.flush()
        assert (await asked("snapshot", cluster.address))[0] == 0
        now = await watched.metrics()
        assert now["chatcore_journal_position"] > first["chatcore_journal_position"]
        assert 0 <= now["chatcore_snapshot_age_seconds"] < PATIENCE
        await other.stop()
        while (await watched.metrics())["chatcore_nodes"] != 1:
            await asyncio.sleep(0.01)


async def seconds_to_stop(server: ChatServer, alice: Client) -> float:
    """Stop a server while somebody waits for what she said to be kept; return how long that took."""
    said = asyncio.create_task(alice.send("is anybody there?"))
    stopwatch = Stopwatch()
    await server.stop()
    seconds = stopwatch.seconds
    await alice.close()
    await asyncio.gather(said, return_exceptions=True)
    return seconds


async def test_server_whose_nats_is_dead_ends_within_five_seconds(cluster: Cluster, tmp_path: Path) -> None:
    """What is not kept is not waited for."""
    with nats_server(tmp_path) as own:
        server = await cluster.server(store=own.fresh_chat())
        alice = await cluster.client(server, "alice")
        own.stop()
        assert await seconds_to_stop(server, alice) < 5


async def test_whatever_a_connection_does_while_it_is_closed_ends(nats: NatsServer) -> None:
    """As at each turn of looking for a server that is gone: it would come back afterwards."""
    for turns in range(40):
        async with HeldNetwork(nats) as network:
            connection = await connect(parse_place(f"{network.address}/chat"), "test")
            network.end()
            for _ in range(turns):
                await asyncio.sleep(0)
            await close(connection)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, f"after {turns} turns: {[task.get_coro() for task in left]}"


def test_connection_that_is_gone_is_closed_whatever_waits_to_be_sent(nats: NatsServer) -> None:
    """As an unsubscription does while there is none; the loop of a server has an error of its own for that."""
    uvloop = pytest.importorskip("uvloop")

    async def close_what_is_gone() -> None:
        connection = await connect(parse_place(nats.fresh_chat()), "test")
        assert connection._transport is not None
        connection._transport.close()  # type: ignore[no-untyped-call]  # nats-py leaves it out
        connection._pending.append(b"PING\r\n")
        connection._pending_data_size = 6
        await close(connection)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(close_what_is_gone())


async def test_connection_that_is_turned_away_leaves_no_socket_open(nats: NatsServer) -> None:
    """However often it tries: each is closed before the next one."""
    async with HeldNetwork(nats) as network:
        connection = await connect(parse_place(f"{network.address}/chat"), "test")
        gc.disable()  # which would close them as well, some time
        try:
            async with asyncio.timeout(PATIENCE):
                network.turn_away()
                while network.came < _TRIES or len(network.turned_away) > 1:
                    await asyncio.sleep(0.01)
        finally:
            gc.enable()
            await close(connection)


async def test_server_to_which_nats_says_nothing_ends_within_five_seconds(nats: NatsServer, cluster: Cluster) -> None:
    """As when the cable is out: the connection is there."""
    async with HeldNetwork(nats) as network:
        server = await cluster.server(store=cluster.address.replace(nats.address, network.address))
        alice = await cluster.client(server, "alice")
        network.hold()
        assert await seconds_to_stop(server, alice) < 5
