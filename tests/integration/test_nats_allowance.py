"""What NATS takes away from a server that runs, and gives back; and limits of its users and accounts."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from chatcore import ChatServer
from chatcore.errors import FileError
from chatcore.ports.archive import Snapshot
from chatcore.ports.journal import BatchTooLarge
from chatcore_nats import NatsStore
from chatcore_nats.asking import ask
from chatcore_nats.connection.connecting import LEAST_PAYLOAD, close, connect
from chatcore_nats.place import parse_place
from tests.contracts.journal import Follower, batch
from tests.integration.nats_credentials import NatsUsers
from tests.integration.nats_house import HeldNetwork, NatsServer, Stores, nats_server
from tests.integration.test_nats_entrance import HEARD, following, permit, permitting, why_not
from tests.integration.test_nats_operation import changed
from tests.patience import PATIENCE
from tests.stopwatch import Stopwatch


def allow(nats: NatsServer, path: Path, subscribe: Sequence[str]) -> None:
    """Let the user of NATS hear that, and nothing else, from now on."""
    permit(path, subscribe=subscribe)
    nats.process.send_signal(signal.SIGHUP)


async def logged(caplog: pytest.LogCaptureFixture, word: str, times: int) -> list[str]:
    """Wait until that is so often in the log of the server; return why, each."""
    async with asyncio.timeout(PATIENCE):
        while caplog.messages.count(word) < times:
            await asyncio.sleep(0.02)
    fields = [getattr(each, "fields", {}) for each in caplog.records if each.getMessage() == word]
    return sorted(str(each.get("why", "")) for each in fields)


async def test_server_hears_again_what_nats_has_taken_away_and_given_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What operators ask, and files of other servers. That it did not is said once, and so is that it does."""
    with permitting(tmp_path) as (nats, chat):
        stores, carried = Stores(chat), asyncio.Event()
        store = await stores()
        await store.answer(lambda question: asyncio.sleep(0, {"node": 7, "nodes": 1}))
        store.receive(7, lambda data: carried.set())
        allow(nats, tmp_path / "nats.conf", HEARD[:1])
        nodes, files = reversed(await logged(caplog, "not_heard", 2))
        assert 'violation for subscription to "chatcore.school.nodes"' in nodes
        assert 'violation for subscription to "chatcore.school.files.7"' in files
        allow(nats, tmp_path / "nats.conf", HEARD)
        await logged(caplog, "heard_again", 2)
        store.carry(7, b"a part of a file")
        async with asyncio.timeout(PATIENCE):
            await carried.wait()
        assert [each["node"] for each in await ask(stores.place, {"ask": "status"}, PATIENCE)] == [7]
        assert [caplog.messages.count(word) for word in ("not_heard", "heard_again")] == [2, 2]
        await stores.close()


async def test_server_hears_its_journal_again_that_nats_has_taken_away_for_a_moment(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What is said there, what the stream says of its own, and what comes back of what it asks JetStream."""
    with permitting(tmp_path) as (nats, chat):
        async with following(chat, 10 * PATIENCE) as (_client, follower):
            allow(nats, tmp_path / "nats.conf", HEARD[1:])
            await logged(caplog, "not_heard", 1)
            allow(nats, tmp_path / "nats.conf", HEARD)
            await logged(caplog, "heard_again", 1)
            follower.journal.propose(batch(1))
            await follower.wait_for(entries=1)
            await changed(chat, max_msg_size=400)
            follower.journal.propose(batch(2, "x" * 500))
            await follower.wait_for(refused=1)
            assert not follower.failures


async def test_server_hears_its_journal_again_when_somebody_has_paused_its_consumer(tmp_path: Path) -> None:
    """NATS goes on to show that it is there, and nothing comes."""
    with nats_server(tmp_path / "nats") as nats:
        chat = nats.fresh_chat()
        async with following(chat, 10 * PATIENCE) as (client, follower):
            js, stream = client.jetstream(), parse_place(chat).stream
            (consumer,) = await js.consumers_info(stream)
            assert (await js.pause_consumer(stream, consumer.name, "2100-01-01T00:00:00Z")).paused
            follower.journal.propose(batch(1))
            await follower.wait_for(entries=1)
            assert (follower.batches, follower.failures) == ([batch(1)], [])


async def test_nothing_is_asked_for_again_once_a_connection_is_closed(tmp_path: Path) -> None:
    """As that of who has asked in vain whether it may hear."""
    with permitting(tmp_path, subscribe=HEARD[:1]) as (_nats, chat):
        client = await connect(parse_place(chat), "test")
        await client.subscribe("chatcore.school.nodes")
        async with asyncio.timeout(PATIENCE):
            while not client.forbidden:
                await asyncio.sleep(0.01)
        asking = {each for each in client.under_way() if each.get_name().startswith("ask NATS again")}
        assert len(asking) == 1
        await close(client)
        assert all(each.done() for each in asking)


@asynccontextmanager
async def opened(address: str) -> AsyncIterator[tuple[NatsStore, Follower]]:
    """Give a store, and who follows it."""
    stores = Stores(address)
    try:
        store = await stores()
        yield store, await Follower(store).start()
    finally:
        await stores.close()


TOO_SHORT = "let this server send 262144 bytes in a message, and a chat needs that (maximum payload violation); raise"


@pytest.mark.parametrize(("of_account", "of_user"), [({"payload": 4096}, {}), ({}, {"payload": LEAST_PAYLOAD - 1})])
async def test_user_or_account_of_nats_that_may_send_short_messages_only_is_said_so_at_the_start(
    of_account: dict[str, int], of_user: dict[str, int], tmp_path: Path
) -> None:
    """NATS says nothing of it beforehand, and ends the connection then."""
    users = NatsUsers(tmp_path, **of_account)
    users.renew(**of_user)
    with nats_server(tmp_path, "-c", str(users.settings)) as nats:
        assert TOO_SHORT in await why_not(f"{nats.fresh_chat()}?creds={users.credentials}")


async def test_user_of_nats_needs_no_longer_messages_than_the_guide_says(tmp_path: Path) -> None:
    """However long those of the server may be: what is more comes in several."""
    users = NatsUsers(tmp_path)
    users.renew(payload=LEAST_PAYLOAD)
    with nats_server(tmp_path, "-c", str(users.settings)) as nats:
        async with opened(f"{nats.fresh_chat()}?creds={users.credentials}") as (store, follower):
            with pytest.raises(BatchTooLarge):
                store.propose(batch(1, "x" * 131_000, "y" * 131_000))
            store.propose(batch(1, "x" * 131_000, "y" * 129_000))
            await follower.wait_for(entries=1)


@pytest.mark.parametrize("what", ["batch", "file"])
async def test_server_ends_when_nats_takes_short_messages_only_by_now(what: str, tmp_path: Path) -> None:
    """What is longer would go again for ever, and NATS end the connection each time."""
    users = NatsUsers(tmp_path)
    with nats_server(tmp_path, "-c", str(users.settings)) as nats:
        async with (
            HeldNetwork(nats) as network,
            opened(f"{network.address}/chat?creds={users.credentials}") as (store, follower),
        ):
            users.renew(payload=4096)
            network.cut()
            async with asyncio.timeout(PATIENCE):
                while not follower.failures:
                    if what == "batch":
                        store.propose(batch(1, "x" * 5000))
                    else:
                        store.carry(7, bytes(5000))
                    await asyncio.sleep(0.05)
            assert TOO_SHORT in str(follower.failures[0])


async def test_user_of_nats_needs_as_many_subscriptions_as_the_guide_says(tmp_path: Path) -> None:
    """Where they are fewer, that is said at once, in the words of NATS."""
    users = NatsUsers(tmp_path)
    with nats_server(tmp_path, "-c", str(users.settings)) as nats:
        chat = f"{nats.fresh_chat()}?creds={users.credentials}"
        users.renew(subs=3)
        stopwatch = Stopwatch(nats.process.pid)
        assert "does not allow what a chat needs (maximum subscriptions exceeded); the guide" in await why_not(chat)
        assert stopwatch.seconds < 5
        users.renew(subs=4)
        async with ChatServer(port=0, store=chat):
            assert len(await ask(parse_place(chat), {"ask": "status"}, PATIENCE)) == 1


async def test_account_of_nats_that_takes_no_more_connections_is_said_to_be_that(tmp_path: Path) -> None:
    """It is there, and so is the address right."""
    users = NatsUsers(tmp_path, conn=2)
    with nats_server(tmp_path, "-c", str(users.settings)) as nats:
        chat = f"{nats.fresh_chat()}?creds={users.credentials}"
        async with ChatServer(port=0, store=chat):
            assert await why_not(chat) == (
                f"NATS at {parse_place(chat).text} takes no more connections (maximum account active connections "
                "exceeded); a server needs two of them, and chatcore cluster one more: raise that limit"
            )


async def test_server_hears_again_what_a_limit_of_subscriptions_has_kept_from_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """NATS does not say which it was."""
    settings = tmp_path / "nats.conf"
    settings.write_text("jetstream: enabled\nmax_subscriptions: 5\n")
    with nats_server(tmp_path / "nats", "-c", str(settings)) as nats:
        client = await connect(parse_place(nats.fresh_chat()), "test")
        try:
            some = [await client.subscribe(f"some.{number}") for number in range(5)]
            more = await client.subscribe("more")
            assert "(maximum subscriptions exceeded)" in (await logged(caplog, "not_heard", 1))[0]
            await some[0].unsubscribe()
            await logged(caplog, "heard_again", 1)
            await client.publish("more", b"")
            assert (await more.next_msg(PATIENCE)).subject == "more"
        finally:
            await close(client)


async def test_server_that_may_not_trim_its_stream_says_so_at_once_and_ends_as_fast_as_others(tmp_path: Path) -> None:
    """It cannot be tried at the start: JetStream would do it. The snapshot is kept all the same."""
    with permitting(tmp_path, denied='"$JS.API.STREAM.PURGE.>"') as (nats, chat):
        stores = Stores(chat)
        store = await stores()
        await store.save_snapshot(Snapshot(1, 1.0, []))
        stopwatch = Stopwatch(nats.process.pid)
        with pytest.raises(FileError) as refused:
            await store.save_snapshot(Snapshot(2, 2.0, []))
        assert stopwatch.seconds < 5
        assert 'permissions violation for publish to "$JS.API.STREAM.PURGE.' in str(refused.value)
        await stores.close()
        again = await stores()
        snapshot = await again.load_snapshot()
        assert snapshot is not None
        assert snapshot.position == 2
        await stores.close()


async def test_whatever_is_asked_for_at_a_time_ends_when_nats_does_not_allow_it(tmp_path: Path) -> None:
    """Whichever of them began or ended first."""
    with permitting(tmp_path, denied='"not.allowed"') as (_nats, chat):
        client = await connect(parse_place(chat), "test")
        begun, over = asyncio.Semaphore(0), asyncio.Event()

        async def ask_for(until: asyncio.Event) -> None:
            async with client.until_forbidden():
                begun.release()
                await until.wait()

        first = asyncio.create_task(ask_for(over))
        await begun.acquire()
        second, third = [asyncio.create_task(ask_for(asyncio.Event())) for _ in range(2)]
        await begun.acquire()
        await begun.acquire()
        over.set()
        await first
        for _ in range(2):
            await client.publish("not.allowed", b"")
        ended, left = await asyncio.wait({second, third}, timeout=PATIENCE)
        assert not left
        assert all(isinstance(each.exception(), TimeoutError) for each in ended)
        assert any("not.allowed" in words for words in client.forbidden)
        await close(client)
