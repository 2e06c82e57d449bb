"""A server that is stopped, or killed, and started again on its store: everybody and everything is still there."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest

from chatcore import ChatServer, Limits, LoginRefused, RequestRefused, connect
from chatcore.aio.clock import LoopClock
from chatcore.commands import SendMessage
from chatcore.errors import ConfigurationError
from chatcore.events import DirectPosted, MessagePosted
from chatcore.ports.archive import Retention, Snapshot
from chatcore.ports.passwords import SignIn
from chatcore_sqlite import SqliteStore, upkeep
from tests.integration.sqlite_house import SmallDisk, disk
from tests.patience import PATIENCE
from tests.ports import free_port

__all__ = ["disk"]

pytestmark = pytest.mark.asyncio

Life = Callable[..., Any]


@pytest.fixture
def life(tmp_path: Path) -> Life:
    """Return a function that gives one life of a server on the same store, at the same port."""
    port = free_port()

    @asynccontextmanager
    async def begin(**options: Any) -> AsyncIterator[ChatServer]:
        async with ChatServer(port=port, store=f"sqlite:{tmp_path / 'chat.db'}", **options) as server:
            yield server

    return begin


async def test_messages_rooms_and_their_numbers_are_there_again(life: Life) -> None:
    """Under the same epochs and seqs, also those that are not in memory after a start."""
    async with life() as server, connect(server.urls[0], username="alice") as alice:
        await alice.create("python")
        for number in range(1, 301):
            await alice.send(f"m{number}")
        epoch = server.chat.log.position("python").epoch
    async with life() as server, connect(server.urls[0], username="bob") as bob:
        room = await bob.join("python")
        assert (room.position.epoch, room.position.seq) == (epoch, 300)
        newest = await bob.history(limit=3)
        assert [(entry.seq, entry.text) for entry in newest] == [(n, f"m{n}") for n in (298, 299, 300)]
        oldest = await bob.history(before=4, limit=10)
        assert [(entry.seq, entry.text) for entry in oldest] == [(n, f"m{n}") for n in (1, 2, 3)]
        following = await bob.history(after=50, limit=20)
        assert [entry.seq for entry in following] == list(range(51, 71))
        assert (await bob.send("and on")).seq == 301


async def test_a_client_goes_on_over_a_restart_as_over_a_lost_connection(life: Life) -> None:
    """Name, room and what was not acknowledged; what was said while it was away comes, once."""
    async with life() as server:
        url = server.urls[0]
        alice = await connect(url, username="alice").__aenter__()
        bob = await connect(url, username="bob").__aenter__()
        await alice.create("python")
        await bob.join("python")
        await alice.send("before")
    alice.post(SendMessage("while it was away"))
    async with life() as server:
        entry = await asyncio.wait_for(bob_hears(bob, "while it was away"), PATIENCE)
        assert (entry.sender, entry.room) == ("alice", "python")
        assert sorted(server.chat.users) == ["alice", "bob"]
        assert [entry.text for entry in await bob.history()] == ["before", "while it was away"]
        await alice.close()
        await bob.close()


async def bob_hears(client: Any, text: str) -> MessagePosted:
    """Return the message with this text, once it comes."""
    async for event in client:
        if isinstance(event, MessagePosted) and event.text == text:
            return event
    raise AssertionError("the client ended")


async def test_direct_messages_are_their_owners_after_a_restart_and_nobody_elses(life: Life) -> None:
    """A stranger who takes a free name, or is the first to come, reads nothing of them, whatever it asks for."""
    async with life(limits=Limits(grace=0.2)) as server:
        url = server.urls[0]
        async with connect(url, username="alice") as alice, connect(url, username="bob") as bob:
            await alice.send_direct("bob", "secret")
            assert [entry.text for entry in await bob.history("@")] == ["secret"]
    async with life(limits=Limits(grace=0.2)) as server:
        for name in ("carol", "bob", "alice"):
            async with connect(server.urls[0], username=name) as stranger:
                for asked in ({}, {"after": 0}, {"before": 10}):
                    assert not await stranger.history("@", **asked)
                with pytest.raises(RequestRefused, match="no_such_room"):
                    await stranger.history("@1")


async def test_rooms_stay_while_there_is_something_in_them_or_they_are_declared(life: Life) -> None:
    """An empty room in which nobody said anything is gone as ever."""
    async with life(rooms=["help"]) as server, connect(server.urls[0], username="alice") as alice:
        await alice.create("silent")
        await alice.create("python")
        await alice.send("something")
        await alice.leave()
        assert set(server.chat.rooms) == {"lobby", "help", "python"}
    async with life() as server, connect(server.urls[0], username="bob") as bob:
        assert set(server.chat.rooms) == {"lobby", "python"}
        assert {(room.name, room.users) for room in await bob.list_rooms()} == {("lobby", 1), ("python", 0)}


async def test_topics_roles_and_bans_are_there_again_and_a_ban_does_not_come_off(life: Life) -> None:
    """Also in a room that everybody has left."""
    token = "the-token-of-the-operators"
    async with (
        life(operator_token=token) as server,
        connect(server.urls[0], username="alice") as alice,
        connect(server.urls[0], username="bob") as bob,
    ):
        await alice.create("python")
        await bob.join("python")
        await alice.set_topic("Asyncio")
        await alice.ban("bob", 3600, "spam")
        await alice.mute("carol")
        await alice.become_operator(token)
        await alice.ban("mallory", room="lobby")
    async with life(operator_token=token) as server, connect(server.urls[0], username="bob") as bob:
        with pytest.raises(RequestRefused, match="banned"):
            await bob.join("python")
        with pytest.raises(RequestRefused, match="banned"):
            await connect(server.urls[0], username="Mallory")
        async with connect(server.urls[0], username="carol") as carol:
            room = await carol.join("python")
            assert (room.topic, room.role) == ("Asyncio", "muted")
            with pytest.raises(RequestRefused, match="muted"):
                await carol.send("hello")
        await bob.become_operator(token)
        told = [(act.event.room, act.event.act, act.event.target) for act in await bob.list_acts()]
        assert told == [
            ("python", "set_topic", ""),
            ("python", "ban", "bob"),
            ("python", "mute", "carol"),
            ("", "operator", ""),
            ("lobby", "ban", "mallory"),
            ("", "operator", ""),
        ]


async def test_what_was_deleted_is_gone_from_the_file_and_what_was_edited_is_there_as_it_is_now(
    life: Life, tmp_path: Path
) -> None:
    """Also what is no longer in memory, and after a restart that applies the records again."""
    async with AsyncExitStack() as stack:
        async with life() as server:
            alice = await stack.enter_async_context(connect(server.urls[0], username="alice"))
            await alice.send("a-secret-to-delete")
            await alice.send("teh")
            for number in range(3, 300):
                await alice.send(f"m{number}")
            await alice.edit_message(2, "the")
        async with life() as server:
            first = await alice.history(after=0, limit=2)
            assert [(each.text, each.edited) for each in first] == [("a-secret-to-delete", False), ("the", True)]
            await alice.delete_message(1)
            (mark,) = await alice.history(after=0, limit=1)
            assert (mark.seq, mark.text, mark.deleted) == (1, "", True)
            said = await alice.send("and on")
            assert said is not None
            assert said.seq == 300
            await alice.close()
    async with life() as server, connect(server.urls[0], username="bob") as bob:
        (mark,) = await bob.history(after=0, limit=1)
        assert (mark.seq, mark.text, mark.deleted) == (1, "", True)
        with pytest.raises(RequestRefused, match="not_allowed"):
            await bob.delete_message(2)
    db = sqlite3.connect(tmp_path / "chat.db")
    queries = ("SELECT posted FROM entry", "SELECT batch FROM journal", "SELECT value FROM snapshot_row")
    kept = [db.execute(query).fetchall() for query in queries]
    db.close()
    assert "the" in str(kept)
    assert "secret" not in str(kept)


async def test_what_is_too_old_or_too_much_is_not_kept(life: Life) -> None:
    """The oldest go first; numbers go on."""
    async with life(retention=Retention(messages=10)) as server, connect(server.urls[0], username="alice") as alice:
        for number in range(1, 31):
            await alice.send(f"m{number}")
    async with life(retention=Retention(messages=10)) as server, connect(server.urls[0], username="bob") as bob:
        async with asyncio.timeout(PATIENCE):
            while server.chat.log.floor("lobby") < 21:
                assert server._storing is not None
                await server._storing.tidy()
        kept = await bob.history(limit=200)
        assert [entry.text for entry in kept] == [f"m{n}" for n in range(21, 31)]
        assert (await bob.send("next")).seq == 31


async def test_two_servers_do_not_share_a_file(life: Life, tmp_path: Path) -> None:
    """The second one says so, and changes nothing."""
    async with life():
        with pytest.raises(ConfigurationError, match="use"):
            await ChatServer(port=0, store=f"sqlite:{tmp_path / 'chat.db'}").start()


class _FullOnceOpen(SqliteStore):
    """A store whose disk is full when the server is about to begin."""

    async def open(self) -> None:
        await super().open()
        assert self._writer is not None
        self._writer._db.execute("PRAGMA max_page_count = 1")  # as many as there are already


async def test_a_server_that_the_store_has_no_space_for_says_so_and_ends(tmp_path: Path) -> None:
    """As when it comes back after a crash, on a disk that is full by then."""
    store = _FullOnceOpen(str(tmp_path / "chat.db"), LoopClock(asyncio.get_running_loop()))
    server = ChatServer(port=0, store=store, rooms=[f"room{number}" for number in range(5000)])
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(ConfigurationError, match=r"chat\.db cannot be used: there is no space left on the disk"):
            await server.start()
    assert server.urls == []


async def test_a_server_on_a_full_disk_can_be_stopped_and_loses_nothing(disk: SmallDisk) -> None:
    """It does not wait for space to say that it leaves: the next life finds that out, as after a crash."""
    if not disk.is_real:
        return  # what is small fits into a file that may not grow
    port = free_port()
    async with ChatServer(port=port, store=f"sqlite:{disk.stores.path}") as server:
        alice = await connect(server.urls[0], username="alice")
        await alice.send("before")
        disk.fill()
        for number in range(50):
            alice.post(SendMessage(f"{number} {'x' * 200}"))
        async with asyncio.timeout(PATIENCE):
            await server.stop()
    disk.free()
    async with ChatServer(port=port, store=f"sqlite:{disk.stores.path}"), asyncio.timeout(PATIENCE):
        await alice.flush()
        texts = [entry.text for entry in await alice.history(limit=60)]
        assert texts == ["before", *(f"{number} {'x' * 200}" for number in range(50))]
        await alice.close()


async def test_whoever_waits_for_space_on_the_disk_reads_on(disk: SmallDisk) -> None:
    """Rooms, users and what was said, also what is in the file only; what waits comes in its order."""
    if not disk.is_real:
        return  # what is small fits into a file that may not grow
    server = ChatServer(port=0, store=f"sqlite:{disk.stores.path}", limits=Limits(log_messages=5))
    async with server, connect(server.urls[0], username="alice") as alice, asyncio.timeout(PATIENCE):
        for number in range(20):
            await alice.send(f"{number}")
        disk.fill()
        for number in range(20, 70):
            alice.post(SendMessage(f"{number} {'x' * 200}"))
        for _ in range(3):
            assert [room.name for room in await alice.list_rooms()] == ["lobby"]
            assert [user.name for user in await alice.list_users()] == ["alice"]
            assert (await alice.whois("alice")).room == "lobby"
            assert [entry.text for entry in await alice.history(before=4)] == ["0", "1", "2"]
        disk.free()
        await alice.flush()
        newest = [entry.text.split()[0] for entry in await alice.history(limit=60)]
        assert newest == [str(number) for number in range(10, 70)]


async def test_a_file_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    """One sentence, and the file is as it was."""
    path = tmp_path / "photos.db"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE photos (name TEXT)")
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match="no store of chatcore"):
        await ChatServer(port=0, store=f"sqlite:{path}").start()
    assert path.read_bytes() == before


async def test_limits_may_be_others_after_a_restart(life: Life) -> None:
    """What was allowed before is not refused when it is applied again."""
    async with life(limits=Limits(username_chars=20)) as server:
        alice = await connect(server.urls[0], username="a-name-of-twenty-xxx").__aenter__()
        await alice.send("hello")
        await alice.close()
    async with life(limits=Limits(username_chars=5)) as server, connect(server.urls[0], username="bob") as bob:
        assert [(entry.sender, entry.text) for entry in await bob.history()] == [("a-name-of-twenty-xxx", "hello")]


async def test_both_receivers_of_a_direct_message_have_it_after_a_restart(life: Life) -> None:
    """It is one record: all have it or nobody."""
    async with life() as server:
        url = server.urls[0]
        clients = [await connect(url, username=name).__aenter__() for name in ("alice", "bob", "carol")]
        await clients[0].send_direct(["bob", "carol"], "psst")
    async with life():
        for client in clients:
            (entry,) = await asyncio.wait_for(client.history("@"), PATIENCE)
            assert isinstance(entry, DirectPosted)
            assert entry.text == "psst"
            await client.close()


@pytest.mark.parametrize("name", ["\ud83d", 5])
async def test_name_that_cannot_be_written_down_is_refused_and_the_server_goes_on(life: Life, name: Any) -> None:
    """It comes from the program around the server; whoever is killed right behind it has a whole store."""

    async def authenticate(sign_in: SignIn) -> Any:
        return name if sign_in.username == "ann" else sign_in.username

    async with (
        life(authenticate=authenticate) as server,
        connect(server.urls[0], username="bob", account_password="secret") as bob,
    ):
        await bob.send("before")
        with pytest.raises(LoginRefused):
            await connect(server.urls[0], username="ann", account_password="secret")
        assert (await bob.send("after")).seq == 2
        assert server.unready is None
        assert upkeep.check(server.kept_in or "").journal > 0  # it can be read again


async def test_store_of_a_start_that_failed_is_there_for_the_next_one(life: Life, tmp_path: Path) -> None:
    """As when a backup is put in the place of a damaged one; and the damaged one stays as it was."""
    path = tmp_path / "chat.db"
    async with life() as server, connect(server.urls[0], username="alice") as alice:
        await alice.send("hello")
    shutil.copy(path, tmp_path / "backup.db")
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE snapshot_row SET value = ?, sum = NULL WHERE number = 0", (b'["nonsense"]',))
        db.commit()
    damaged = ChatServer(port=0, store=f"sqlite:{path}")
    for _ in range(2):
        with pytest.raises(ConfigurationError, match=r"the snapshot in the store .* cannot be read"):
            await damaged.start()
    await damaged.stop()
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT value FROM snapshot_row WHERE number = 0").fetchone() == (b'["nonsense"]',)
    (tmp_path / "backup.db").replace(path)
    async with life() as server, connect(server.urls[0], username="bob") as bob:
        assert [entry.text for entry in await bob.history()] == ["hello"]


async def test_server_whose_second_start_fails_writes_nothing_over_what_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "chat.db"
    server = ChatServer(port=0, store=f"sqlite:{path}")
    async with server, connect(server.urls[0], username="alice") as alice:
        await alice.send("hello")
    with closing(sqlite3.connect(path)) as db:
        kept = db.execute("SELECT value FROM snapshot_row WHERE number = 0").fetchone()
        db.execute("UPDATE snapshot_row SET value = ?, sum = NULL WHERE number = 0", (b'["nonsense"]',))
        db.commit()
    with pytest.raises(ConfigurationError, match=r"the snapshot in the store .* cannot be read"):
        await server.start()
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE snapshot_row SET value = ? WHERE number = 0", kept)
        db.commit()
    async with server, connect(server.urls[0], username="bob") as bob:
        assert [entry.text for entry in await bob.history()] == ["hello"]


async def test_store_of_a_start_that_was_cancelled_is_there_for_the_next_one(life: Life, tmp_path: Path) -> None:
    """Whatever it was doing at that moment."""
    loading = asyncio.Event()

    class Slow(SqliteStore):
        async def load_snapshot(self) -> Snapshot | None:
            loading.set()
            await asyncio.Event().wait()
            return None

    server = ChatServer(port=0, store=Slow(str(tmp_path / "chat.db"), LoopClock(asyncio.get_running_loop())))
    starting = asyncio.create_task(server.start())
    await asyncio.wait_for(loading.wait(), PATIENCE)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    await server.stop()
    async with life() as other, connect(other.urls[0], username="alice") as alice:
        assert (await alice.send("hello")).seq == 1


async def test_start_may_be_cancelled_at_any_moment(life: Life, tmp_path: Path) -> None:
    """Also while the file is opened, in a thread of its own."""
    for turns in range(0, 40, 3):
        server = ChatServer(port=0, store=f"sqlite:{tmp_path / 'chat.db'}")
        starting = asyncio.create_task(server.start())
        for _ in range(turns):
            await asyncio.sleep(0)
        starting.cancel()
        await asyncio.wait({starting})
        await server.stop()
        async with life():
            pass


async def test_stop_may_be_cancelled_at_any_moment(life: Life, tmp_path: Path) -> None:
    """Alone, or with all tasks there are, as programs do that end; another one gives the store back."""
    for turns, with_all in itertools.product(range(0, 60, 3), (False, True)):
        server = ChatServer(port=0, store=f"sqlite:{tmp_path / 'chat.db'}")
        await server.start()
        stopping = asyncio.create_task(server.stop())
        for _ in range(turns):
            await asyncio.sleep(0)
        for task in asyncio.all_tasks() - {asyncio.current_task()} if with_all else {stopping}:
            task.cancel()
        await asyncio.wait({stopping})
        await server.stop()
        async with life():
            pass
