"""A store on NATS: where it is, what it says when it cannot be used, and how another server begins from it."""

from __future__ import annotations

import asyncio
import gzip
import shutil
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, cast

import pytest
from nats.js import JetStreamContext
from nats.js.api import (
    ConsumerConfig,
    ConsumerInfo,
    DiscardPolicy,
    ObjectMeta,
    RetentionPolicy,
    StorageType,
    StreamConfig,
    StreamInfo,
    StreamState,
)

from chatcore.errors import ConfigurationError
from chatcore.events import MessagePosted
from chatcore.ports.archive import Appended, Head, Opened, Renewed, Snapshot
from chatcore.ports.journal import Batch
from chatcore_nats.connection.connecting import close, connect, jetstream
from chatcore_nats.journal import StreamJournal
from chatcore_nats.place import parse_place
from chatcore_nats.shortness import Shortness
from chatcore_nats.stream import VERSION, _config, open_stream
from tests.contracts.journal import Follower, batch
from tests.integration.nats_house import HeldNetwork, NatsServer, Stores, nats, nats_server
from tests.patience import PATIENCE

__all__ = ["nats"]


def said(key: str, count: int) -> list[Appended]:
    """Return what it does to a log when so much is said."""
    return [
        Appended(key, MessagePosted(seq=seq, sender="al", text="hello", at=1.0, client="c", cid=seq, room="Lobby"))
        for seq in range(1, count + 1)
    ]


# The address.


def test_address_names_servers_chat_and_how_to_get_in() -> None:
    """Ports are the usual one when they are left out; secrets are not told anybody."""
    place = parse_place("//anna:se%40cret@one,[::1]:4333/school?replicas=3&ca=ca.pem&creds=me.creds")
    assert place.servers == ("nats://one:4222", "nats://[::1]:4333")
    assert (place.chat, place.replicas, place.ca, place.creds, place.tls) == ("school", 3, "ca.pem", "me.creds", True)
    assert (place.user, place.password) == ("anna", "se@cret")
    assert place.text == "nats://one:4222,[::1]:4333/school"
    assert "cret" not in repr(place)


def test_login_of_one_word_is_a_token() -> None:
    """As in the addresses of NATS itself."""
    place = parse_place("//s3cret@one/school")
    assert (place.user, place.password) == (None, "s3cret")


@pytest.mark.parametrize(
    ("options", "tls"),
    [("", False), ("?tls=yes", True), ("?tls=first", True), ("?tls=no", False), ("?cert=me.pem&key=me.key", True)],
)
def test_tls_is_there_when_it_is_asked_for_or_something_is_said_of_it(options: str, tls: bool) -> None:
    """Nobody names an authority and wants no encryption."""
    assert parse_place(f"//one/school{options}").tls is tls


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("", "names no server"),
        ("chat.db", "names no server"),
        ("///school", "names no server"),
        ("//one", "the name of the chat"),
        ("//one/", "the name of the chat"),
        ("//one/a/b", "the name of the chat"),
        ("//one/a.b", "the name of the chat"),
        ("//one/a*", "the name of the chat"),
        ("//one/" + "a" * 33, "the name of the chat"),
        ("//one:port/chat", "port"),
        ("//one:70000/chat", "ort"),
        ("//one,,two/chat", "is no server"),
        ("//one/chat?replicas=0", "replicas"),
        ("//one/chat?replicas=9", "replicas"),
        ("//one/chat?replicas=many", "replicas"),
        ("//one/chat?color=red", "color is none of"),
        ("//one/chat?replicas=1&replicas=3", "each option stands there once"),
        ("//one/chat?tls=perhaps", "tls is yes, first or no"),
        ("//one/chat?tls=no&ca=ca.pem", "of no use without tls"),
        ("//one/chat?key=me.key", "key is of no use without cert"),
        ("//one:0/chat", "is no server"),
        ("//u:secret@one,u:secret@two/chat", "stands once, in front of all servers"),
        ("//u:secr@et@one/chat", "with %40 for an @"),
        ("//u:secr/et@one/chat", "%2F for a /"),
        ("//u:1/secret@one/chat", "%2F for a /"),
        ("//u:1?secret@one/chat", "%3F for a "),
        ("//u:1/x?secret=x@one/chat", "%3F for a "),
        ("//u:secr#et@one/chat", "%23 for a #"),
        ("//one/chat#x", "nothing stands behind a #"),
        ("//[one/chat", "others have %XX"),
        ("//u:\uff1asecret@one/chat", "others have %XX"),
        ("//u:x[secret]@one/chat", "others have %XX"),
        ("//u:sec\nret@one/chat", "a line end"),
    ],
)
def test_address_that_leads_nowhere_is_refused_with_an_example(address: str, why: str) -> None:
    """Before anything is connected to."""
    with pytest.raises(ConfigurationError, match=why) as refused:
        parse_place(address)
    assert "secr" not in str(refused.value)
    assert "nats://127.0.0.1:4222/CHAT" in str(refused.value)


# What cannot be used.


async def why_not(address: str) -> str:
    """Return why a store cannot be opened."""
    with pytest.raises(ConfigurationError) as refused:
        await Stores(address)()
    return str(refused.value)


async def test_server_that_is_not_there_is_said_in_one_sentence() -> None:
    """With what to do about it."""
    why = await why_not("nats://127.0.0.1:1/chat")
    assert why.startswith("NATS cannot be reached at nats://127.0.0.1:1/chat")
    assert "start nats-server -js there" in why


async def test_nats_without_jetstream_is_said_in_one_sentence(tmp_path: Path) -> None:
    """The commonest mistake: it is off unless it is asked for."""
    with nats_server(tmp_path, "--name", "plain") as server:
        assert "has no JetStream" in await why_not(server.fresh_chat())


async def test_account_of_nats_without_jetstream_is_said_to_be_that(tmp_path: Path) -> None:
    """NATS has it, for another account."""
    settings = tmp_path / "nats.conf"
    accounts = (
        f"{name}: {{ {has} users: [{{ user: {name}, password: secret }}] }}"
        for name, has in (("A", "jetstream: enabled,"), ("B", ""))
    )
    settings.write_text(f"jetstream: {{}}\naccounts: {{ {', '.join(accounts)} }}\n")
    with nats_server(tmp_path / "two", "-c", str(settings)) as server:
        why = await why_not(server.fresh_chat().replace("//", "//B:secret@"))
        assert "is not for this account of NATS" in why
        assert "write jetstream: enabled into its account" in why


async def test_nats_that_wants_to_know_who_connects_is_said_to(tmp_path: Path) -> None:
    """It is not that something wrong was shown."""
    with nats_server(tmp_path, "-js", "--user", "chat", "--pass", "secret") as server:
        why = await why_not(server.fresh_chat())
        assert "wants to know who connects, and the address does not say it" in why


async def test_nats_whose_messages_are_too_small_for_a_chat_is_said_in_one_sentence(tmp_path: Path) -> None:
    """A request that does not fit would never be kept."""
    settings = tmp_path / "nats.conf"
    settings.write_text("jetstream: {}\nmax_payload: 8KB\n")
    with nats_server(tmp_path / "small", "-c", str(settings)) as server:
        assert "takes messages of 8192 bytes at most, and a chat needs 262144" in await why_not(server.fresh_chat())


async def test_wrong_credentials_are_said_in_one_sentence(tmp_path: Path) -> None:
    """Another password, no token; the right ones let in."""
    with nats_server(tmp_path, "-js", "--user", "anna", "--pass", "secret") as server:
        for login in ("anna:wrong@", "token@"):
            why = await why_not(f"nats://{login}127.0.0.1:{server.port}/chat")
            assert "does not take these credentials" in why
            assert "wrong" not in why
        stores = Stores(f"nats://anna:secret@127.0.0.1:{server.port}/chat")
        await stores()
        await stores.close()


async def test_file_with_credentials_that_is_not_there_is_said(nats: NatsServer, tmp_path: Path) -> None:
    """Whatever the server would have said."""
    missing = tmp_path / "none.pem"
    why = await why_not(f"{nats.fresh_chat()}?ca={missing}")
    assert "the certificates for" in why
    assert f"{missing}: No such file or directory" in why


@pytest.mark.parametrize(
    ("metadata", "why"),
    [(None, "is no chat of chatcore"), ({"chatcore_version": str(VERSION + 1)}, "another version of chatcore")],
)
async def test_stream_of_somebody_else_or_another_version_is_left_alone(
    nats: NatsServer, metadata: dict[str, str] | None, why: str
) -> None:
    """And said so."""
    address = nats.fresh_chat()
    place = parse_place(address)
    client = await connect(place, "test")
    js = await jetstream(client, place)
    await js.add_stream(StreamConfig(name=place.stream, subjects=[place.subject], metadata=metadata))
    before = await js.stream_info(place.stream)
    assert why in await why_not(address)
    assert (await js.stream_info(place.stream)).config == before.config
    await close(client)


@pytest.mark.parametrize(
    ("setting", "found", "needed"),
    [
        ({"retention": RetentionPolicy.INTEREST}, "retention=interest", "retention=limits"),
        ({"retention": RetentionPolicy.WORK_QUEUE}, "retention=workqueue", "retention=limits"),
        ({"storage": StorageType.MEMORY}, "storage=memory", "storage=file"),
        ({"discard": DiscardPolicy.OLD}, "discard=old", "discard=new"),
        ({"discard": DiscardPolicy.OLD, "max_msgs_per_subject": 3}, "discard=old", "discard=new"),
        ({"max_msgs_per_subject": 3}, "max_msgs_per_subject=3", "max_msgs_per_subject=-1"),
        ({"no_ack": True}, "no_ack=true", "no_ack=false"),
        ({"max_msg_size": 4096}, "max_msg_size=4096", "max_msg_size=262144"),
    ],
)
async def test_stream_that_would_not_keep_what_is_said_is_refused(
    nats: NatsServer, setting: dict[str, Any], found: str, needed: str
) -> None:
    """Somebody has copied it, or changed it while nobody was there: later, messages would be gone that were kept."""
    address = nats.fresh_chat()
    place = parse_place(address)
    client = await connect(place, "test")
    js = await jetstream(client, place)
    await js.add_stream(_config(place).evolve(**setting))
    assert f"has {found}, and a chat needs {needed}" in await why_not(address)
    await close(client)


async def test_stream_that_lets_nobody_read_is_said_in_the_words_of_nats(nats: NatsServer) -> None:
    """And in no others."""
    address = nats.fresh_chat()
    place = parse_place(address)
    client = await connect(place, "test")
    js = await jetstream(client, place)
    await js.add_stream(_config(place).evolve(max_consumers=1))
    await js.add_consumer(place.stream, config=ConsumerConfig(deliver_subject="elsewhere"))
    store = await Stores(address)()
    with pytest.raises(ConfigurationError, match="cannot be used: maximum consumers limit reached"):
        await store.start(0, lambda entry: None, lambda batch, why: None, lambda error: None)
    await store.close()
    await close(client)


@pytest.mark.parametrize(
    ("setting", "found", "needed"),
    [
        ({"storage": StorageType.MEMORY}, "storage=memory", "storage=file"),
        ({"max_age": 3600.0}, "max_age=3600", "max_age=0"),
        ({"no_ack": True}, "no_ack=true", "no_ack=false"),
    ],
)
async def test_bucket_that_would_not_keep_snapshots_is_refused(
    nats: NatsServer, setting: dict[str, Any], found: str, needed: str
) -> None:
    """The stream is trimmed for them."""
    address = nats.fresh_chat()
    await (await Stores(address)()).close()
    place = parse_place(address)
    client = await connect(place, "test")
    js = await jetstream(client, place)
    config = (await js.stream_info(f"OBJ_{place.stream}")).config
    await js.delete_stream(f"OBJ_{place.stream}")
    await js.add_stream(config.evolve(**setting))
    assert f"OBJ_{place.stream} at" in await why_not(address)
    assert f"has {found}, and a chat needs {needed}" in await why_not(address)
    await close(client)


async def test_more_replicas_than_servers_are_refused(nats: NatsServer) -> None:
    """JetStream says so itself."""
    assert "does not keep the chat" in await why_not(f"{nats.fresh_chat()}?replicas=3")


# Several at once.


async def test_all_that_follow_get_the_same_entries(nats: NatsServer) -> None:
    """Whoever has proposed them: positions, times, clocks."""
    stores = Stores(nats.fresh_chat())
    followers = [await Follower(await stores.another()).start() for _ in range(3)]
    for number in range(1, 21):
        for node, follower in enumerate(followers, 1):
            follower.journal.propose(Batch(node, number, ()))
    for follower in followers:
        await follower.wait_for(entries=60)
    assert followers[0].entries == followers[1].entries == followers[2].entries
    for node in (1, 2, 3):
        assert [each.number for each in followers[0].batches if each.node == node] == list(range(1, 21))
    for follower in followers:
        await follower.journal.close()


async def test_batch_that_is_proposed_again_before_it_came_back_comes_once_or_twice_but_in_order(
    nats: NatsServer,
) -> None:
    """As a node does that has heard nothing for a while; the chat counts each number once."""
    stores = Stores(nats.fresh_chat())
    follower = await Follower(await stores()).start()
    batches = [batch(number, "hello") for number in range(1, 5)]
    for each in batches + batches:
        follower.journal.propose(each)
    await follower.wait_for(entries=4)
    await follower.journal.close()
    assert list(dict.fromkeys(each.number for each in follower.batches)) == [1, 2, 3, 4]


async def test_batch_that_the_stream_does_not_take_is_refused_with_its_words(nats: NatsServer) -> None:
    """As where somebody has bound the length of its messages: it would be sent again for ever."""
    stores = Stores(nats.fresh_chat())
    follower = await Follower(await stores()).start()
    client = await connect(stores.place, "test")
    js = await jetstream(client, stores.place)
    info = await js.stream_info(stores.place.stream)
    await js.update_stream(info.config.evolve(max_msg_size=400))
    long, short = batch(1, "x" * 500), batch(1, "short")
    follower.journal.propose(long)
    await follower.wait_for(refused=1)
    assert [(each, "message size exceeds" in why) for each, why in follower.refused] == [(long, True)]
    follower.journal.propose(short)
    await follower.wait_for(entries=1)
    await follower.journal.close()
    await close(client)
    assert follower.batches == [short]


async def test_what_is_no_batch_at_all_is_passed_over_by_all(nats: NatsServer) -> None:
    """One message of whoever may publish there does not end the chat; one of a newer version does, here."""
    stores = Stores(nats.fresh_chat())
    first, second = [await Follower(await stores.another()).start() for _ in range(2)]
    client = await connect(stores.place, "test")
    js = await jetstream(client, stores.place)
    for words in (b"", b"hello", b"[1]", b"{}"):
        await js.publish(stores.place.subject, words)
    await js.publish(stores.place.subject, b"", headers={"Status": "100"})
    first.journal.propose(batch(1, "hello"))
    for follower in (first, second):
        await follower.wait_for(entries=1)
        assert [(entry.position, entry.batch) for entry in follower.entries] == [(6, batch(1, "hello"))]
    later = await Follower(await stores.another()).start()
    assert later.entries == first.entries
    await js.publish(stores.place.subject, b'{"v": 1000}')
    await first.wait_for(failures=1)
    assert "newer chatcore" in str(first.failures[0])
    for follower in (first, second, later):
        await follower.journal.close()
    await close(client)


@pytest.mark.slow
async def test_stream_that_is_away_twice_for_a_moment_has_lost_nothing(nats: NatsServer, tmp_path: Path) -> None:
    """As while its servers elect a leader: only one that stays away is taken to be lost."""
    stores = Stores(nats.fresh_chat())
    other = await Follower(await stores()).start()
    with nats_server(tmp_path / "empty") as empty:
        async with HeldNetwork(nats) as network:
            place = parse_place(stores.address.replace(nats.address, network.address))
            client, there = await connect(place, "test"), await connect(parse_place(empty.fresh_chat()), "another")
            js, its = await jetstream(client, place), await jetstream(there, place)
            follower = await Follower(StreamJournal(client, js, place, loss=5.0)).start()
            for number in (1, 2):
                asked = (await its.account_info()).api.errors
                network.lead_to(empty)
                async with asyncio.timeout(PATIENCE):
                    while (await its.account_info()).api.errors == asked:
                        await asyncio.sleep(0.01)
                    away = asyncio.get_running_loop().time()
                    other.journal.propose(batch(number))
                    await other.wait_for(entries=number)
                    network.lead_to(nats)
                    await follower.wait_for(entries=number)
                    while asyncio.get_running_loop().time() < away + 6:
                        await asyncio.sleep(0.25)
            assert follower.failures == []
            await follower.journal.close()
            await close(client)
            await close(there)
    await stores.close()


class Wavering:
    """JetStream while its servers go up and down: how far its stream goes, and no consumer."""

    def __init__(self) -> None:
        self.last = 0

    async def stream_info(self, _stream: str) -> StreamInfo:
        """Say how far it goes."""
        return StreamInfo(
            StreamConfig(), StreamState(messages=0, bytes=0, first_seq=1, last_seq=self.last, consumer_count=0)
        )

    async def add_consumer(self, _stream: str, **_config: object) -> ConsumerInfo:
        """Have no leader who could."""
        raise TimeoutError


async def test_stream_that_was_there_in_between_is_not_lost_where_nobody_delivers_it(nats: NatsServer) -> None:
    """Each moment in which it is short counts by itself."""
    place = parse_place(nats.fresh_chat())
    client, js, failures = await connect(place, "test"), Wavering(), list[BaseException]()
    journal = StreamJournal(client, cast(JetStreamContext, js), place, loss=0.0)
    journal.position, journal._running, journal._fail = 5, True, failures.append
    for last in (4, 5, 4, 5, 4):
        js.last = last
        with suppress(TimeoutError):
            await journal._ask_anew()
        assert not failures
    await journal._ask_anew()
    assert "has lost what was in it" in str(failures[0])
    await close(client)


def test_stream_is_lost_when_it_stays_short_for_as_long_as_that() -> None:
    """Not where nobody knows how it was meanwhile."""
    shortness = Shortness(30.0)
    assert [now for now in range(45) if shortness.is_loss(100 + now)] == list(range(31, 45))
    shortness = Shortness(30.0)
    assert not shortness.is_loss(100)
    assert [now for now in range(40, 80) if shortness.is_loss(100 + now)] == list(range(71, 80))


# Without the end of its stream, as after a power failure of all machines.


class RolledBack:
    """NATS that comes back without what it has acknowledged last."""

    def __init__(self, folder: Path, network: HeldNetwork, stack: ExitStack) -> None:
        self._folder = folder
        self._network = network
        self._stack = stack
        self._last = stack.enter_context(nats_server(folder / "0"))
        self._network.lead_to(self._last)
        self.stores = Stores(f"{network.address}/school")

    def remember(self) -> None:
        """Let what is there now be what is on the disk."""
        self._last.process.terminate()
        self._last.process.wait(PATIENCE)
        shutil.copytree(self._last.folder / "data", self._folder / "kept")
        self._come_back("1")

    def forget(self) -> None:
        """Let all machines be without power for a moment."""
        self._last.process.kill()
        self._come_back("2")

    def _come_back(self, name: str) -> None:
        shutil.copytree(self._folder / "kept", self._folder / name / "data")
        self._last = self._stack.enter_context(nats_server(self._folder / name))
        self._network.lead_to(self._last)


@pytest.fixture
async def rolled_back(nats: NatsServer, tmp_path: Path) -> AsyncIterator[RolledBack]:
    """Give such a NATS."""
    with ExitStack() as stack:
        async with HeldNetwork(nats) as network:
            yield RolledBack(tmp_path, network, stack)


@asynccontextmanager
async def following(stores: Stores, loss: float = 10 * PATIENCE) -> AsyncIterator[tuple[StreamJournal, Follower]]:
    """Follow the journal of a chat."""
    client = await connect(stores.place, "test")
    journal = StreamJournal(client, await jetstream(client, stores.place), stores.place, loss=loss)
    try:
        yield journal, await Follower(journal).start()
    finally:
        await journal.close(answered=False)
        await close(client)


async def keep(follower: Follower, *batches: Batch) -> None:
    """Propose batches until they are there: what is said while there is no connection is not sent later."""
    async with asyncio.timeout(PATIENCE):
        for each in batches:
            while each not in follower.batches:
                follower.journal.propose(each)
                await asyncio.sleep(0.05)


async def test_stream_without_its_end_is_noticed_whatever_others_have_said_there_since(rolled_back: RolledBack) -> None:
    """They would be two chats from then on, which know nothing of each other."""
    store = await rolled_back.stores()
    other = await Follower(store).start()
    async with following(rolled_back.stores) as (_journal, follower):
        await keep(other, batch(1))
        await follower.wait_for(entries=1)
        rolled_back.remember()
        await keep(other, batch(2))
        await follower.wait_for(entries=2)
        rolled_back.forget()
        async with following(rolled_back.stores) as (_another, restarted):
            await keep(restarted, *(Batch(2, number, ()) for number in range(5)))
            await follower.wait_for(failures=1)
            assert str(follower.failures[0]) == f"the stream of {rolled_back.stores.place.text} has lost what was in it"
            assert follower.batches == [batch(1), batch(2)]
            assert not restarted.failures
    await rolled_back.stores.close()


async def test_server_alone_notices_that_the_stream_is_without_its_end(rolled_back: RolledBack) -> None:
    """What it says itself goes where something else has been; until it is sure, it does not say that it has it all."""
    store = await rolled_back.stores()
    async with following(rolled_back.stores) as (journal, follower):
        rolled_back.remember()
        await keep(follower, batch(1), batch(2))
        rolled_back.forget()
        async with asyncio.timeout(PATIENCE):
            while journal.pending is not None:
                await asyncio.sleep(0.02)
            while not follower.failures:
                follower.journal.propose(batch(3))
                assert journal.pending is None
                await asyncio.sleep(0.05)
        assert "has lost what was in it" in str(follower.failures[0])
        assert follower.batches == [batch(1), batch(2)]
    await store.close()


async def test_batch_that_was_acknowledged_and_is_not_there_is_noticed(rolled_back: RolledBack) -> None:
    """Nothing else has come from where it was; it would be waited for, for ever."""
    store = await rolled_back.stores()
    async with following(rolled_back.stores) as (journal, follower):
        rolled_back.remember()
        journal._tries.add(batch(1), b"it")
        journal._tries.stored(1)  # and then NATS was without power
        rolled_back.forget()
        async with following(rolled_back.stores) as (_another, restarted):
            await keep(restarted, Batch(2, 1, ()))
            await follower.wait_for(failures=1)
            assert "has lost what was in it" in str(follower.failures[0])
    await store.close()


async def test_server_does_not_begin_from_a_snapshot_of_what_the_stream_has_lost(nats: NatsServer) -> None:
    """Also when the stream goes further by then: the snapshot is kept elsewhere, and may be there still."""
    stores = Stores(nats.fresh_chat())
    store = await stores()
    follower = await Follower(store).start()
    for number in (1, 2):
        store.propose(batch(number))
    await follower.wait_for(entries=2)
    await store.save_snapshot(Snapshot(2, 1.0, []))
    again = await stores.another()
    await again.load_snapshot()
    assert (await Follower(again).start(2)).entries == []
    client = await connect(stores.place, "test")
    bucket = await (await jetstream(client, stores.place)).object_store(stores.place.stream)
    headers = (await bucket.get_info("snapshot")).headers or {}
    meta = ObjectMeta(name="snapshot", headers=headers | {"stamp": str(int(headers["stamp"]) - 1)})
    found = (await bucket.get("snapshot")).data
    assert found is not None
    await bucket.put("snapshot", found, meta)
    refused = await stores.another()
    await refused.load_snapshot()
    with pytest.raises(ConfigurationError, match="has lost what was in it"):
        await Follower(refused).start(2)
    await close(client)
    await asyncio.gather(store.close(), again.close(), refused.close())


async def test_rooms_go_on_under_other_epochs_once_when_the_stream_has_lost_its_end(rolled_back: RolledBack) -> None:
    """Whoever notices it ends; whoever starts then knows it, until one of them has seen to it."""
    store = await rolled_back.stores()
    assert not store.lost
    follower = await Follower(store).start()
    rolled_back.remember()
    await keep(follower, batch(1), batch(2))
    rolled_back.forget()
    async with asyncio.timeout(PATIENCE):
        while not follower.failures:
            store.propose(batch(3))
            await asyncio.sleep(0.05)
    assert "has lost what was in it" in str(follower.failures[0])
    store = await rolled_back.stores()
    beside = await rolled_back.stores.another()
    assert (store.lost, beside.lost) == (True, True)
    seen = Follower(beside)
    seen.answer = lambda entry: beside.keep([Renewed("lobby", "e2")] if entry.batch == Batch(4, 1, ()) else [])
    follower = await Follower(store).start()
    await keep(follower, Batch(4, 1, ()))
    store.keep([Renewed("lobby", "e2")])
    await seen.start()
    assert (store.lost, beside.lost) == (False, False)
    async with asyncio.timeout(PATIENCE):
        while (later := await rolled_back.stores.another()).lost:
            await later.close()
    await asyncio.gather(later.close(), beside.close(), rolled_back.stores.close())


@pytest.mark.slow
async def test_stream_that_ends_before_its_snapshot_is_known_to_have_lost_something(nats: NatsServer) -> None:
    """Also when somebody has taken that snapshot away, so that the chat can begin from the stream alone."""
    stores = Stores(nats.fresh_chat())
    store = await stores()
    follower = await Follower(store).start()
    await keep(follower, batch(1))
    await store.save_snapshot(Snapshot(3, 3.0, []))
    refused = await stores()
    assert not refused.lost
    with pytest.raises(ConfigurationError, match="ends before its snapshot"):
        await Follower(refused).start(3)
    client = await connect(stores.place, "somebody")
    bucket = await (await jetstream(client, stores.place)).object_store(stores.place.stream)
    await stores.close()
    await bucket.delete("snapshot")
    assert (await stores()).lost
    await close(client)
    await stores.close()


# Snapshots.


async def test_another_server_begins_from_the_snapshot_and_what_came_behind_it(nats: NatsServer) -> None:
    """With all that was said before it, though it has never heard of it; and at the same time of the journal."""
    stores = Stores(nats.fresh_chat())
    first = await stores.another()
    follower = await Follower(first).start()
    for number in range(1, 4):
        first.propose(batch(number))
    await follower.wait_for(entries=3)
    first.keep([Opened("lobby", "e1"), *said("lobby", 500)])
    await first.save_snapshot(Snapshot(3, follower.entries[-1].clock, [{"row": "chat"}]))
    first.propose(batch(4))
    await follower.wait_for(entries=4)

    second = await stores.another()
    snapshot = await second.load_snapshot()
    assert snapshot == Snapshot(3, follower.entries[2].clock, [{"row": "chat"}])
    assert await second.heads() == {"lobby": Head("e1", 500, 1)}
    assert [each.seq for each in await second.read("lobby", 400, 3)] == [401, 402, 403]
    behind = await Follower(second).start(3)
    assert behind.entries == follower.entries[3:]
    await asyncio.gather(first.close(), second.close())


@pytest.mark.parametrize(
    "data",
    [b"no gzip", gzip.compress(b"no store of ours"), gzip.compress(b"SQLite format 3\0")[:-4]],
    ids=["not packed", "no store", "cut off"],
)
async def test_snapshot_that_is_damaged_is_said_and_the_next_one_takes_its_place(nats: NatsServer, data: bytes) -> None:
    """As when somebody has put something else there; the stream is not trimmed for it."""
    stores = Stores(nats.fresh_chat())
    store = await stores()
    follower = await Follower(store).start()
    store.propose(batch(1))
    store.propose(batch(2))
    await follower.wait_for(entries=2)
    client = await connect(stores.place, "somebody")
    js = await jetstream(client, stores.place)
    bucket = await js.object_store(stores.place.stream)
    await bucket.put("snapshot", data, ObjectMeta(name="snapshot", headers={"position": "abc"}))
    with pytest.raises(ConfigurationError) as refused:
        await stores.another()
    assert str(refused.value) == f"the snapshot at {stores.place.text} cannot be read: it is damaged"
    await store.save_snapshot(Snapshot(1, 1.0, []))
    other = await stores.another()
    assert await other.load_snapshot() == Snapshot(1, 1.0, [])
    assert (await Follower(other).start(1)).positions == [2]
    await close(client)
    await asyncio.gather(other.close(), store.close())


async def test_snapshots_are_kept_again_where_their_bucket_was_deleted(nats: NatsServer) -> None:
    """Whoever is up does that; whoever starts meanwhile is told what to do."""
    stores = Stores(nats.fresh_chat())
    store = await stores()
    follower = await Follower(store).start()
    for number in range(1, 4):
        store.propose(batch(number))
    await follower.wait_for(entries=3)
    await store.save_snapshot(Snapshot(2, 2.0, []))
    client = await connect(stores.place, "somebody")
    js = await jetstream(client, stores.place)
    await js.purge_stream(stores.place.stream, seq=2)
    await js.delete_stream(f"OBJ_{stores.place.stream}")
    await store.save_snapshot(Snapshot(3, 3.0, []))
    other = await stores.another()
    assert await other.load_snapshot() == Snapshot(3, 3.0, [])
    await js.delete_stream(f"OBJ_{stores.place.stream}")
    lost = await stores.another()
    with pytest.raises(ConfigurationError, match=r"is missing; .* keep a snapshot: chatcore cluster snapshot; or"):
        await Follower(lost).start()
    await close(client)
    await asyncio.gather(lost.close(), other.close(), store.close())


async def test_stream_keeps_what_is_behind_the_snapshot_before_the_last_one(nats: NatsServer) -> None:
    """Whoever reads that one finds what comes behind it; whoever is older than that is told."""
    address = nats.fresh_chat()
    stores = Stores(address)
    store = await stores()
    follower = await Follower(store).start()
    for number in range(1, 31):
        store.propose(batch(number))
    await follower.wait_for(entries=30)
    await store.save_snapshot(Snapshot(10, 1.0, []))
    await store.save_snapshot(Snapshot(20, 2.0, []))
    await store.save_snapshot(Snapshot(15, 1.5, []))  # of a server that is slower: the later one stays
    place = parse_place(address)
    client = await connect(place, "test")
    js = await jetstream(client, place)
    await open_stream(client, js, place)
    assert (await js.stream_info(place.stream)).state.first_seq == 10
    await close(client)
    late = await stores.another()
    snapshot = await late.load_snapshot()
    assert snapshot is not None
    assert snapshot.position == 20
    behind = await Follower(late).start(20)
    assert behind.positions == list(range(21, 31))
    await late.close()
    lost = await stores.another()
    with pytest.raises(ConfigurationError, match="entry 1 of its journal is missing"):
        await lost.start(0, lambda entry: None, lambda batch, why: None, lambda error: None)
    await lost.close()
    await store.close()
