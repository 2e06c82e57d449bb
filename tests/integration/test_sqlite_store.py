"""A store in a file: who may have it, what it is like, what happens to it on bad days."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import random
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from chatcore.aio.clock import LoopClock
from chatcore.errors import ConfigurationError, FileError
from chatcore.events import MessagePosted
from chatcore.ports.archive import Appended, Changed, Dropped, Opened, Reacted, Retention, Snapshot, Unreadable
from chatcore.ports.journal import Batch
from chatcore.ports.search import Query
from chatcore.text.finding.words import sought
from chatcore_sqlite import SqliteStore, upkeep
from chatcore_sqlite.names import mounted
from chatcore_sqlite.place import open_to_read, passing, take
from tests.contracts.archive import said, start
from tests.contracts.journal import Follower
from tests.contracts.journal import batch as messages
from tests.integration.sqlite_house import SmallDisk, Stores, disk
from tests.integration.sqlite_writer import SNAPSHOT_EVERY, batch
from tests.patience import PATIENCE

__all__ = ["disk"]

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[Stores]:
    """Return what opens stores in a fresh file."""
    made = Stores(tmp_path / "chat.db")
    yield made
    await made.close()


@pytest.fixture
async def full_store(stores: Stores) -> Path:
    """Return the file of a store that has something in it, and is closed."""
    store = await stores()
    await start(store)
    store.keep([Opened("lobby", "e"), *said("lobby", 2000)])
    store.propose(messages(1, "hello"))
    await stores.close()
    return stores.path


def contents(folder: Path) -> dict[str, bytes]:
    """Return all files of a folder, but for the locks."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".lock"}


def length(path: Path) -> int:
    """Return how many bytes a file has."""
    return path.stat().st_size


# The file.


async def test_file_is_for_its_owner_alone_and_all_there_is_when_it_is_closed(stores: Stores) -> None:
    """Messages are letters: nobody else reads them, nor what SQLite puts beside them."""
    store = await stores()
    await start(store)
    store.propose(messages(1, "hello"))
    assert modes(stores.path.parent) == dict.fromkeys(
        ("chat.db", "chat.db-wal", "chat.db-shm", "chat.db.lock"), "0o600"
    )
    await stores.close()
    assert set(contents(stores.path.parent)) == {"chat.db"}


def modes(folder: Path) -> dict[str, str]:
    """Return who may do what with the files of a folder, in octal."""
    return {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in folder.iterdir()}


@pytest.mark.skipif(sys.platform == "win32", reason="it has no such modes")
async def test_copy_that_was_put_in_place_is_for_its_owner_alone_too(full_store: Path, stores: Stores) -> None:
    """`sqlite3 chat.db ".backup copy.db"` makes one that all may read; what is left beside it after a crash as well."""
    shutil.copyfile(os.devnull, f"{full_store}-wal")
    os.chmod(full_store, 0o644)
    os.chmod(f"{full_store}-wal", 0o664)
    await start(await stores())
    assert modes(full_store.parent) == dict.fromkeys(("chat.db", "chat.db-wal", "chat.db-shm", "chat.db.lock"), "0o600")
    await stores.close()
    os.chmod(full_store, 0o640)
    upkeep.check(str(full_store))
    assert modes(full_store.parent)["chat.db"] == "0o640"
    upkeep.vacuum(str(full_store))
    assert modes(full_store.parent)["chat.db"] == "0o600"


async def test_empty_file_and_a_link_are_as_good_as_a_name(tmp_path: Path) -> None:
    """As `mktemp` makes one; the link stays a link."""
    (tmp_path / "real.db").touch()
    (tmp_path / "chat.db").symlink_to(tmp_path / "real.db")
    stores = Stores(tmp_path / "chat.db")
    await start(await stores())
    await stores.close()
    await stores()
    await stores.close()
    assert (tmp_path / "chat.db").is_symlink()
    assert (tmp_path / "real.db").stat().st_size > 0


@pytest.mark.parametrize("data", [b"Dear diary", b"1234\n", b"0" * 22, b"0 1"])
async def test_name_beside_the_store_that_somebody_else_has_is_left_alone(data: bytes, stores: Stores) -> None:
    """As `poetry.lock` is, beside a store called poetry: it is told, and nothing is made or changed."""
    stores.path.with_name("chat.db.lock").write_bytes(data)
    with pytest.raises(ConfigurationError, match=r"chat.db.lock is no file of chatcore, .* give another file"):
        await stores()
    assert [(each.name, each.read_bytes()) for each in stores.path.parent.iterdir()] == [("chat.db.lock", data)]


async def test_files_that_are_called_nearly_like_the_store_stay(stores: Stores) -> None:
    """None of them is in the way when it is made, nor when a disk is looked at."""
    others = {f"chat.db{rest}": b"Dear diary" for rest in (".new", ".probe", ".old", "2")}
    for name, data in others.items():
        stores.path.with_name(name).write_bytes(data)
    await start(await stores())
    await stores.close()
    failure = sqlite3.OperationalError()
    failure.sqlite_errorcode = sqlite3.SQLITE_IOERR_WRITE
    assert passing(failure, str(stores.path)) is None
    assert {name: data for name, data in contents(stores.path.parent).items() if name != "chat.db"} == others


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("step", ["sqlite3.connect", "sqlite3.connect/handle", "os.rename"])
async def test_what_a_server_had_begun_that_was_killed_is_taken_away(step: str, stores: Stores) -> None:
    """At whatever it was while it made its store."""
    killed = f"""
import os, signal, sys
from chatcore_sqlite.place import take
sys.addaudithook(lambda event, _: os.kill(os.getpid(), signal.SIGKILL) if event == {step!r} else None)
take({str(stores.path)!r})
"""
    for _ in range(2):
        making = await asyncio.create_subprocess_exec(sys.executable, "-c", killed)
        assert await making.wait() == -signal.SIGKILL
    assert len(list(stores.path.parent.iterdir())) == 2
    await start(await stores())
    await stores.close()
    assert sorted(each.name for each in stores.path.parent.iterdir()) == ["chat.db", "chat.db.lock"]


@pytest.mark.parametrize("name", ["n" * 243, "聊" * 81])
async def test_name_of_a_store_may_be_as_long_as_it_may_for_sqlite(name: str, stores: Stores) -> None:
    """Which has files of its own beside it: what is put beside it besides is no longer."""
    stores.path = stores.path.with_name(name)
    await start(await stores())
    await stores.close()
    await start(await stores())


async def test_lock_that_a_power_failure_has_emptied_is_as_good_as_none(full_store: Path, stores: Stores) -> None:
    """The file system may have kept how long it was, and nothing else."""
    full_store.with_name("chat.db.lock").write_bytes(bytes(21))
    await start(await stores())


async def test_second_server_is_told_that_the_store_is_in_use(stores: Stores) -> None:
    """In the same process or in another one; once the first is closed the next one has it."""
    await stores()
    other = Stores(stores.path)
    with pytest.raises(ConfigurationError, match="a server uses the store"):
        await other()
    program = [sys.executable, "-m", "tests.integration.sqlite_writer", str(stores.path)]
    told = await asyncio.to_thread(subprocess.run, program, cwd=ROOT, check=False, capture_output=True, text=True)
    assert "a server uses the store" in told.stderr
    await stores.close()
    await other()
    await other.close()


@pytest.mark.skipif(sys.platform == "win32", reason="a file that is open cannot be deleted there")
async def test_second_server_is_kept_away_although_somebody_has_deleted_the_lock(stores: Stores) -> None:
    """And so is `vacuum`; the first one goes on."""
    follower = await Follower(await stores()).start()
    stores.path.with_name("chat.db.lock").unlink()
    for other in (Stores(stores.path), Stores(stores.path)):  # the second one finds the lock of the first try
        with pytest.raises(ConfigurationError, match="a server uses the store"):
            await other()
    with pytest.raises(ConfigurationError, match="a server uses the store"):
        upkeep.vacuum(str(stores.path))
    follower.journal.propose(messages(1, "hello"))
    await follower.wait_for(entries=1)


@pytest.mark.skipif(sys.platform == "win32", reason="that is no file system with such links")
async def test_file_with_two_names_is_no_store(stores: Stores) -> None:
    """What is beside it under the one name, what was said last among that, is not there under the other."""
    follower = await Follower(await stores()).start()
    other = stores.path.with_name("other.db")
    other.hardlink_to(stores.path)
    with pytest.raises(ConfigurationError, match=r"other.db has 2 names \(hard links\)"):
        await Stores(other)()
    with pytest.raises(ConfigurationError, match="has 2 names"):
        upkeep.vacuum(str(other))
    follower.journal.propose(messages(1, "hello"))
    await follower.wait_for(entries=1)
    await stores.close()
    with pytest.raises(ConfigurationError, match=r"chat.db has 2 names .*; remove the others, or copy the file"):
        await stores()
    assert {path.name for path in stores.path.parent.iterdir()} == {"chat.db", "chat.db.lock", "other.db"}
    other.unlink()
    await stores()


@pytest.fixture
def unchangeable(full_store: Path) -> Iterator[Path]:
    """Return a store whose file nobody may write to, whoever it is, in a folder where everything may be made."""
    if shutil.which("chattr") is None:
        pytest.skip("files cannot be made so here")
    done = subprocess.run(["chattr", "+i", full_store], check=False, capture_output=True)
    if done.returncode:
        pytest.skip(f"files cannot be made so here: {done.stderr!r}")
    yield full_store
    subprocess.run(["chattr", "-i", full_store], check=True)


@pytest.fixture
def of_another(full_store: Path) -> Iterator[Path]:
    """Return a store that one may read, and not write to: who may write everywhere is somebody else meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder).resolve() / "chat.db"
        shutil.copy(full_store, path)
        path.chmod(0o444)
        Path(folder).chmod(0o777)
        user = os.geteuid()
        if user == 0:
            os.seteuid(65534)
        try:
            yield path
        finally:
            os.seteuid(user)


def test_store_that_one_has_no_right_to_write_to_is_refused_for_that(of_another: Path) -> None:
    """Who has made it as another user looks for that, and not for a disk that is read-only."""
    before = contents(of_another.parent)
    with pytest.raises(ConfigurationError, match="cannot be used: Permission denied"):
        take(str(of_another))
    assert contents(of_another.parent) == before


async def test_store_that_is_read_only_is_refused_and_left_as_it_was(unchangeable: Path, stores: Stores) -> None:
    """At the start, and not when the first thing is to be kept; nothing is left beside it."""
    before = contents(unchangeable.parent)
    with pytest.raises(ConfigurationError, match="cannot be used: it, or its folder, is read-only"):
        await stores()
    assert contents(unchangeable.parent) == before


@pytest.fixture
def mounted_alone(tmp_path: Path) -> Iterator[Path]:
    """Return where a file `chat.db` is mounted, and nothing beside it, as in a container that is given only that."""
    inside = tmp_path / "inside of it" / "chat.db"
    inside.parent.mkdir()
    inside.touch()
    outside = tmp_path / "outside.db"
    outside.touch()
    command = ["mount", "--bind", str(outside), str(inside)]
    if sys.platform != "linux" or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("nothing can be mounted here")
    yield inside
    subprocess.run(["umount", str(inside)], check=True)


async def test_file_that_is_mounted_alone_is_no_store(mounted_alone: Path) -> None:
    """Whether there is something in it or not; and nothing is put beside it."""
    for _ in range(2):
        with pytest.raises(ConfigurationError, match=r"chat.db is mounted as a single file.*; mount its folder"):
            await Stores(mounted_alone)()
        assert os.listdir(mounted_alone.parent) == ["chat.db"]
        outside = Stores(mounted_alone.parents[1] / "real.db")
        await outside()
        await outside.close()
        shutil.copyfile(outside.path, mounted_alone)


def test_mounts_are_told_by_their_names(tmp_path: Path) -> None:
    """As the system writes them; one that tells nothing has none."""
    table = tmp_path / "mountinfo"
    table.write_bytes(b"22 1 8:1 / / rw - ext4 a rw\n40 22 8:1 /x/c.db /y/a\\040b\\134c.db rw - ext4 a rw\n\n")
    assert mounted(str(table)) == set()
    table.write_bytes(table.read_bytes().rstrip(b"\n"))
    assert mounted(str(table)) == {"/", "/y/a b\\c.db"}
    assert mounted(str(tmp_path / "nothing")) == set()


async def test_server_that_was_killed_leaves_no_lock(stores: Stores) -> None:
    """The system gives it up with the process."""
    async with _writer(stores.path) as (process, lines):
        await anext(lines)
        process.kill()
        await process.wait()
    await stores()


async def test_new_store_is_not_made_beside_what_is_left_of_another(stores: Stores) -> None:
    """SQLite would put what is left of the old one into the new one."""
    async with _writer(stores.path) as (process, lines):
        await anext(lines)
        process.kill()
        await process.wait()
    stores.path.unlink()
    with pytest.raises(ConfigurationError, match=r"chat.db is missing, and .*chat.db-wal is what is left of it"):
        await stores()
    assert not stores.path.exists()
    stores.path.with_name("chat.db-wal").unlink()
    await stores()


@pytest.mark.parametrize("rest", ["-wal", "-wal and lock"])
async def test_store_notices_that_its_write_ahead_log_was_removed_after_a_crash(rest: str, stores: Stores) -> None:
    """As one that has less than was acknowledged: it was there before, and is noticed once."""
    async with _writer(stores.path) as (process, lines):
        for _ in range(5):
            await anext(lines)
        process.kill()
        await process.wait()
    assert not (await stores()).lost
    await stores.close()
    async with _writer(stores.path) as (process, lines):
        for _ in range(5):
            await anext(lines)
        process.kill()
        await process.wait()
    _leave_the_file_alone(stores.path, with_lock=rest != "-wal and lock")
    assert (await stores()).lost
    store = await stores()
    assert not store.lost


async def test_store_notices_that_an_older_copy_was_put_in_its_place(stores: Stores) -> None:
    """And none of it when the copy has all that there was."""
    store = await stores()
    follower = await Follower(store).start()
    for number, name in ((1, "older.db"), (2, "newer.db")):
        store.propose(messages(number, "hello"))
        await follower.wait_for(entries=number)
        await store.copy(stores.path.with_name(name))
    await stores.close()
    for name, lost in (("newer.db", False), ("older.db", True)):
        stores.path.with_name(name).replace(stores.path)
        assert (await stores()).lost == lost


def _leave_the_file_alone(path: Path, *, with_lock: bool) -> None:
    for rest in ("-wal", "-shm", *(() if with_lock else (".lock",))):
        path.with_name(path.name + rest).unlink(missing_ok=True)


# What is not ours, or not whole.


def _written_by_a_newer_one(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")


def _somebody_elses(path: Path) -> None:
    path.unlink()
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE letters (text)")
        db.commit()


def _with_another_index(path: Path) -> None:
    """Damage what a server finds out only when it writes."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE found_config SET k = 'vbrsead' WHERE k = 'version'")
        db.commit()


def _without_the_name_of_a_log(path: Path) -> None:
    """Damage a row of a table, and not the index of it."""
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"lobbye", b"lobbze"))


def _overwritten(first: int, data: bytes) -> Callable[[Path], None]:
    def overwrite(path: Path) -> None:
        whole = path.read_bytes()
        path.write_bytes(whole[:first] + data + whole[first + len(data) :])

    return overwrite


SPOILT = {
    "no store": lambda path: path.write_bytes(b"Dear diary,\n" * 1000),
    "zeros": lambda path: path.write_bytes(bytes(8192)),
    "somebody else's": _somebody_elses,
    "newer": _written_by_a_newer_one,
    "without a head": _overwritten(0, bytes(100)),
    "cut in its head": lambda path: path.write_bytes(path.read_bytes()[:60]),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:20_000]),
    "damaged in its head": _overwritten(44, b"\xff" * 4),
    "damaged at its beginning": _overwritten(100, b"\xff" * 8),
    "damaged in the middle": _overwritten(100_000, random.Random(1).randbytes(8192)),
    "damaged in its index of words": _with_another_index,
    "damaged in the name of a log": _without_the_name_of_a_log,
    "damaged at its end": lambda path: _overwritten(path.stat().st_size - 4096, b"\xa5" * 4096)(path),
}
SAYS = {"newer": "newer chatcore", "no store": "no store", "zeros": "no store", "somebody else's": "no store"} | {
    "without a head": "no store"
}


@pytest.mark.parametrize("how", SPOILT)
async def test_file_that_cannot_be_used_is_told_in_one_sentence_and_left_as_it_was(how: str, full_store: Path) -> None:
    """Nothing in it is changed, and nothing is left beside it."""
    SPOILT[how](full_store)
    before = contents(full_store.parent)
    with pytest.raises(ConfigurationError, match=SAYS.get(how, "damaged .*; put a backup in its place")) as told:
        await Stores(full_store)()
    assert str(full_store) in str(told.value)
    assert "\n" not in str(told.value)
    assert contents(full_store.parent) == before


async def test_journal_with_a_hole_is_damaged(full_store: Path) -> None:
    """To go on without an entry would be another chat."""
    with contextlib.closing(sqlite3.connect(full_store)) as db:
        db.execute("INSERT INTO journal SELECT position + 2, time, clock, batch, sum FROM journal")
        db.commit()
    stores = Stores(full_store)
    with pytest.raises(ConfigurationError, match="entry 2 of its journal is missing"):
        await start(await stores())
    await stores.close()


async def test_batch_that_cannot_be_read_is_damage(full_store: Path) -> None:
    """And one of a newer version says so."""
    for data, says in ((b"{}", "no batch"), (b'{"v":99}', "newer chatcore")):
        with contextlib.closing(sqlite3.connect(full_store)) as db:
            db.execute("UPDATE journal SET batch = ?, sum = NULL", (data,))
            db.commit()
        stores = Stores(full_store)
        with pytest.raises(ConfigurationError, match=says):
            await start(await stores())
        await stores.close()


async def test_entry_that_cannot_be_read_keeps_nobody_from_finding_the_others(full_store: Path) -> None:
    """Who asked would be told to ask again later, for ever."""
    with contextlib.closing(sqlite3.connect(full_store)) as db:
        db.execute("UPDATE entry SET posted = ? WHERE seq = 1999", (b'{"type',))
        db.commit()
    stores = Stores(full_store)
    page = await (await stores()).search(Query(sought("hello"), limit=3))
    assert [each.entry.seq for each in page.found] == [2000, 1998, 1997]
    await stores.close()


async def test_damaged_entries_are_said_and_keep_nobody_from_the_others(full_store: Path) -> None:
    """No entry, another one, none, one that no client could read, another letter; a change of one ends nothing."""
    with contextlib.closing(sqlite3.connect(full_store)) as db:
        db.execute("UPDATE entry SET posted = x'7b00ff' WHERE seq = 7")
        db.execute("UPDATE entry SET posted = (SELECT posted FROM entry WHERE seq = 1) WHERE seq = 8")
        db.execute("DELETE FROM entry WHERE seq = 9")
        odd = ('"at":', '"reply_to":0,"at":')
        db.execute("UPDATE entry SET posted = CAST(replace(posted, ?, ?) AS BLOB), sum = NULL WHERE seq = 10", odd)
        db.execute("UPDATE entry SET posted = CAST(replace(posted, 'hello', 'hallo') AS BLOB) WHERE seq = 11")
        db.commit()
    store = await Stores(full_store)()
    follower = await Follower(store).start()
    found = await store.read("lobby", 5, 7)
    assert [each.seq for each in found] == [6, 7, 8, 9, 10, 11, 12]
    assert [each.seq for each in found if isinstance(each, Unreadable)] == [7, 8, 9, 10, 11]
    store.keep([Reacted("lobby", seq, "👍", "a", removed=False) for seq in (7, 11)])
    store.keep([Changed("lobby", 7, "", deleted=True)])
    store.propose(messages(2, "hello"))
    await follower.wait_for(entries=2)
    assert [*await store.read("lobby", 6, 1), *await store.read("lobby", 10, 1)] == [Unreadable(7), Unreadable(11)]
    await store.close()


def _overwritten_in_place(path: Path, first: int, data: bytes) -> None:
    """Do what a disk does, and no program that asks for locks."""
    with path.open("r+b") as file:
        file.seek(first)
        file.write(data)


async def test_page_that_is_damaged_while_a_server_runs_keeps_nobody_from_the_others(full_store: Path) -> None:
    """SQLite reads nothing behind it: each entry is asked for by itself then."""
    page = contents(full_store.parent)["chat.db"].rindex(b'"seq":1500,') // 4096
    store = await Stores(full_store)()
    await start(store)
    _overwritten_in_place(full_store, page * 4096, b"\xa5" * 4096)
    found = await store.read("lobby", 0, 2000)
    lost = [each.seq for each in found if isinstance(each, Unreadable)]
    assert [each.seq for each in found] == list(range(1, 2001))
    assert 0 < len(lost) < 200
    await store.close()


async def test_vacuum_leaves_what_is_damaged_as_it_was(full_store: Path) -> None:
    """Written anew, it would look whole."""
    for sql in ("UPDATE entry SET posted = x'7b' WHERE seq = 7", "DELETE FROM entry WHERE seq = 9"):
        with contextlib.closing(sqlite3.connect(full_store)) as db:
            db.execute(sql)
            db.commit()
        before = contents(full_store.parent)
        with pytest.raises(ConfigurationError, match=r"damaged \(entry 7 of the log lobby"):
            upkeep.vacuum(str(full_store))
        assert contents(full_store.parent) == before


# Where it cannot be.


async def test_place_that_cannot_be_used_is_told_in_one_sentence(tmp_path: Path) -> None:
    """In a file, a folder, a device."""
    (tmp_path / "file").touch()
    for path, says in (
        (tmp_path / "file" / "chat.db", "file is not a folder"),
        (tmp_path / "file" / "in" / "chat.db", "there is no folder"),
        (tmp_path, "is not a file"),
        (Path(os.devnull), "is not a file"),
        (Path("a\0b"), "is not a file"),
    ):
        with pytest.raises(ConfigurationError, match=says):
            await Stores(path)()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no such pipes")
@pytest.mark.parametrize("rest", ["", "-wal", "-shm", ".lock"])
async def test_pipe_in_the_place_of_a_file_keeps_nobody_waiting(rest: str, stores: Stores) -> None:
    """Neither a server nor whoever looks at the store: nothing comes out of it."""
    await start(await stores())
    await stores.close()
    pipe = stores.path.with_name(stores.path.name + rest)
    pipe.unlink(missing_ok=True)
    os.mkfifo(pipe)
    with pytest.raises(ConfigurationError, match=f"{pipe} is not a file; the store needs one of its own"):
        await stores()
    if rest != ".lock":
        with pytest.raises(ConfigurationError, match=f"{pipe} is not a file"):
            open_to_read(str(stores.path))


@contextlib.contextmanager
def _nobody() -> Iterator[None]:
    """Be somebody who may do nothing that has to be allowed, unless one is that anyway."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


@pytest.mark.skipif(sys.platform == "win32", reason="nobody changes who he is there")
async def test_while_its_folder_may_not_be_looked_into_nothing_is_kept_and_reads_go_on(stores: Stores) -> None:
    """Somebody has set a mode: the files are there, and it goes on once they can be seen."""
    follower = await Follower(store := await stores()).start()
    store.keep([Opened("lobby", "e"), *said("lobby", 3)])
    store.propose(messages(1, "hello"))
    await follower.wait_for(entries=1)
    folder = stores.path.parent
    folder.chmod(0)
    try:
        with _nobody():
            store.propose(messages(2, "lost"))
            await follower.wait_for(refused=1)
            assert [entry.seq for entry in await store.read("lobby", 0, 9)] == [1, 2, 3]
    finally:
        folder.chmod(0o700)
    assert "may not look into its folder" in follower.refused[0][1]
    store.propose(messages(2, "again"))
    await follower.wait_for(entries=2)
    assert follower.batches == [messages(1, "hello"), messages(2, "again")]


@pytest.fixture
def shown() -> Iterator[Path]:
    """Return a folder in one that everybody may look into."""
    folder = Path(tempfile.mkdtemp(prefix="chatcore-"))
    yield folder
    folder.chmod(0o700)
    shutil.rmtree(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="nobody changes who he is there")
@pytest.mark.parametrize("mode", [0, 0o444])
async def test_store_that_one_may_not_write_to_is_told_so(mode: int, shown: Path) -> None:
    """Nor need its lock be one's own to look at; what one may read can be looked at."""
    stores = Stores(shown / "chat.db")
    await start(await stores())
    await stores.close()
    for file, its in ((stores.path, mode), (stores.path.with_name("chat.db.lock"), 0), (stores.path.parent, 0o555)):
        file.chmod(its)
    with _nobody():
        with pytest.raises(ConfigurationError, match=r"cannot be used: (Permission|it, or its folder)"):
            await stores()
        if mode:
            open_to_read(str(stores.path)).close()


async def test_disk_that_has_become_read_only_is_no_error_that_stays(disk: SmallDisk) -> None:
    """SQLite says only that it could not write; what could be written before is there."""
    if not disk.is_real:
        return  # a mode is no such disk
    disk.forbid()
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_WRITE
    assert passing(error, str(disk.stores.path)) == "it, or its folder, is read-only"
    assert passing(error, os.devnull) is None


def test_file_system_without_locks_is_refused(tmp_path: Path) -> None:
    """Two servers could not be kept apart there."""

    def no_lock(descriptor: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    with pytest.raises(ConfigurationError, match=r"has no locks.* local disk"):
        take(str(tmp_path / "chat.db"), no_lock)


async def test_store_of_a_server_that_was_killed_is_read_without_any_space(disk: SmallDisk) -> None:
    """Nor where nobody may write: `check` and `export` need neither, with a write-ahead log and without its index."""
    if not disk.is_real:
        return  # a limit of a server's own is no full disk for others
    async with _writer(disk.stores.path) as (process, lines):
        for _ in range(50):
            await anext(lines)
        process.kill()
        await process.wait()
    disk.folder.joinpath("chat.db-shm").unlink()
    disk.fill()
    path = str(disk.stores.path)
    found = upkeep.check(path)
    trimmed = sum(len(batch(number).records) for number in range(1, SNAPSHOT_EVERY + 1))
    assert found.journal >= 50 or found.messages >= trimmed  # it may have gone on for long until it was dead
    assert len(list(upkeep.export(path))) == found.messages
    assert disk.folder.joinpath("chat.db-wal").stat().st_size > 0
    disk.forbid()
    assert upkeep.check(path) == found


async def test_disk_that_is_full_at_the_start_is_told(disk: SmallDisk) -> None:
    """For a new store, and for one that was there."""
    if not disk.is_real:
        return  # a limit of a file that is not there yet does not exist
    await disk.stores()
    await disk.stores.close()
    disk.fill()
    for name in ("chat.db", "new.db"):
        with pytest.raises(ConfigurationError, match=r"no space left on the disk .*make room first"):
            await Stores(disk.folder / name)()
    disk.free()
    await disk.stores()
    await disk.stores.close()


async def test_read_only_disk_is_told(disk: SmallDisk) -> None:
    """A server cannot run on it; what is there can be read."""
    store = await disk.stores()
    await start(store)
    store.keep([Opened("lobby", "e"), *said("lobby", 3)])
    await disk.stores.close()
    disk.forbid()
    for name in ("chat.db", "new.db"):
        with pytest.raises(ConfigurationError, match=r"cannot be used: (Read-only|Permission|it, or its folder)"):
            await Stores(disk.folder / name)()
    with contextlib.closing(open_to_read(str(disk.stores.path))) as db:
        assert db.execute("SELECT count(*) FROM entry").fetchone() == (3,)


# Bad days.


async def test_while_the_disk_is_full_reads_go_on_and_nothing_that_was_said_is_lost(disk: SmallDisk) -> None:
    """What was delivered before is kept, although what applying it made could not be stored at first."""
    store = await disk.stores()
    follower = await Follower(store).start()
    store.propose(messages(1, "hello"))
    await follower.wait_for(entries=1)
    store.keep([Opened("lobby", "e"), *said("lobby", 30)])
    store.propose(messages(2, "hello"))
    await follower.wait_for(entries=2)
    disk.fill()
    store.keep(said("lobby", 1000, 31))
    store.propose(messages(3, *["x" * 50_000] * 20))
    await follower.wait_for(refused=1)
    assert "space" in follower.refused[0][1]
    assert [entry.seq for entry in await store.read("lobby", 0, 5000)] == list(range(1, 1031))
    with pytest.raises(FileError, match=r"space|not stored yet"):
        await store.save_snapshot(Snapshot(2, 0.0, ["x" * 100_000] * 10))
    disk.free()
    store.propose(messages(3, "again"))
    await follower.wait_for(entries=3)
    await store.save_snapshot(Snapshot(3, 1.0, []))
    await disk.stores.close()
    store = await disk.stores()
    assert (await store.heads())["lobby"].seq == 1030
    assert len(await store.read("lobby", 0, 5000)) == 1030


async def test_what_found_no_space_is_stored_by_itself_once_there_is_some(disk: SmallDisk) -> None:
    """Although nobody says anything any more: whoever reads the file from outside finds it."""
    store = await disk.stores()
    follower = await Follower(store).start()
    store.propose(messages(1, "hello"))
    await follower.wait_for(entries=1)
    disk.fill()
    store.keep([Opened("lobby", "e"), *said("lobby", 4000)])
    store.propose(messages(2, *["x" * 50_000] * 20))
    await follower.wait_for(refused=1)
    with contextlib.closing(open_to_read(str(disk.stores.path))) as db:
        assert db.execute("SELECT count(*) FROM entry").fetchone() == (0,)
    disk.free()
    await _tidied(store, lambda db: db.execute("SELECT count(*) FROM entry").fetchone() == (4000,), disk.stores.path)


async def test_asking_for_heads_again_and_again_keeps_nothing_from_going(tmp_path: Path) -> None:
    """It is quiet all the same."""
    stores = Stores(tmp_path / "chat.db", Retention(messages=10))
    store = await stores()
    await start(store)
    store.keep([Opened("lobby", "e"), *said("lobby", 30)])
    async with asyncio.timeout(PATIENCE):
        while (await store.heads())["lobby"].floor < 21:
            pass
    await stores.close()


async def test_batch_behind_a_refused_one_is_refused_although_there_is_space_again(disk: SmallDisk) -> None:
    """It was proposed by somebody who did not know yet: its number is not the next one any more."""
    store = await disk.stores()
    follower = await Follower(store).start()
    disk.fill()
    store.propose(messages(1, *["x" * 50_000] * 20))
    assert store._writer is not None
    deadline = time.monotonic() + PATIENCE
    while not store._writer._refusals and time.monotonic() < deadline:
        pass  # without a turn of the event loop, which would hear of it
    disk.free()
    store.propose(messages(2, "behind it"))
    await follower.wait_for(refused=2)
    store.propose(messages(1, "again"))
    await follower.wait_for(entries=1)
    again = await Follower(await disk.stores()).start()
    assert again.batches == follower.batches == [messages(1, "again")]


async def test_another_program_that_writes_for_long_makes_refusals_that_pass(stores: Stores) -> None:
    """As somebody with a shell of SQLite might; nothing is kept of what is refused."""
    follower = await Follower(await stores()).start()
    with contextlib.closing(sqlite3.connect(stores.path, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        follower.journal.propose(messages(1, "hello"))
        await follower.wait_for(refused=1)
        assert "another program" in follower.refused[0][1]
        db.execute("ROLLBACK")
    follower.journal.propose(messages(1, "again"))
    await follower.wait_for(entries=1)
    assert follower.batches == [messages(1, "again")]


async def test_after_an_error_of_the_disk_nothing_is_said_any_more(stores: Stores) -> None:
    """What was delivered before is there; what came after it was neither delivered nor refused."""
    async with _writer(stores.path, "100") as (process, lines):
        told = [line async for line in lines]
        await process.wait()
    assert told[-1].startswith(f"failed the store {stores.path} cannot be written any more: the disk reports an error")
    follower = await Follower(await stores()).start()
    acknowledged = [tuple(map(int, line.split())) for line in told[:-1]]
    assert len(acknowledged) >= 100
    known = {entry.position: entry.batch.number for entry in follower.entries}
    assert [(position, known.get(position, number)) for position, number in acknowledged] == acknowledged


async def test_entry_that_is_not_the_next_one_of_its_log_ends_the_store(stores: Stores) -> None:
    """Something before it was never kept: to pass over it would lose all that comes after it, without a word."""
    follower = await Follower(store := await stores()).start()
    store.keep([Opened("lobby", "e"), *said("lobby", 3), *said("lobby", 1, 5)])
    await follower.wait_for(failures=1)
    assert "'lobby' is at 3, so its next entry is not 5" in str(follower.failures[0])


@pytest.mark.parametrize("name", ["chat.db", "chat.db-wal"])
async def test_store_that_is_moved_or_deleted_while_it_is_in_use_ends(name: str, stores: Stores) -> None:
    """Nothing is acknowledged that the next server would not find."""
    follower = await Follower(await stores()).start()
    follower.journal.propose(messages(1, "hello"))
    await follower.wait_for(entries=1)
    (stores.path.parent / name).rename(stores.path.parent / "elsewhere")
    follower.journal.propose(messages(2, "hello"))
    await follower.wait_for(failures=1)
    assert "moved or deleted" in str(follower.failures[0])
    assert follower.positions == [1]


@pytest.mark.parametrize("part", [0.0, 0.5])
@pytest.mark.parametrize("busy", [True, False])
async def test_store_that_is_cut_short_while_it_is_in_use_ends(busy: bool, part: float, stores: Stores) -> None:
    """Nothing more is acknowledged, and whoever looks after it is told at once, not at the end."""
    store = await stores()
    follower = await Follower(store).start()
    store.keep([Opened("lobby", "e"), *said("lobby", 500)])
    store.propose(messages(1, "hello"))
    await follower.wait_for(entries=1)
    await store.heads()
    os.truncate(stores.path, int(length(stores.path) * part))
    if busy:
        store.propose(messages(2, "hello"))
    await follower.wait_for(failures=1)
    assert "cut short while it was in use" in str(follower.failures[0])
    assert len(follower.entries) == 1


async def test_store_that_another_program_makes_smaller_goes_on(stores: Stores) -> None:
    """`VACUUM` is no misuse."""
    store = await stores()
    follower = await Follower(store).start()
    with contextlib.closing(sqlite3.connect(stores.path)) as db:
        db.execute("CREATE TABLE much AS SELECT randomblob(1000000)")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        store.propose(messages(1, "hello"))
        await follower.wait_for(entries=1)
        before = length(stores.path)
        db.execute("DROP TABLE much")
        db.execute("VACUUM")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert length(stores.path) < before
    for number in (2, 3):
        store.propose(messages(number, "hello"))
        await follower.wait_for(entries=number)
    assert not follower.failures


@pytest.mark.parametrize("busy", [True, False])
async def test_store_into_which_another_program_puts_a_copy_while_it_is_in_use_ends(busy: bool, stores: Stores) -> None:
    """As `.restore` does. Nothing more is acknowledged, and the next server knows that the store had come further."""
    store = await stores()
    follower = await Follower(store).start()
    store.keep([Opened("lobby", "e"), *said("lobby", 3)])
    store.propose(messages(1, "hello"))
    await follower.wait_for(entries=1)
    copy = stores.path.with_name("copy.db")
    with contextlib.closing(sqlite3.connect(stores.path)) as db, contextlib.closing(sqlite3.connect(copy)) as target:
        db.backup(target)
    store.propose(messages(2, "said since"))
    await follower.wait_for(entries=2)
    with contextlib.closing(sqlite3.connect(stores.path)) as db, contextlib.closing(sqlite3.connect(copy)) as source:
        source.backup(db)
    if busy:
        store.propose(messages(3, "lost"))
    await follower.wait_for(failures=1)
    assert "another program put something else into the store" in str(follower.failures[0])
    assert follower.positions == [1, 2]
    assert (await stores()).lost


async def test_database_of_sqlite_in_memory_is_no_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor a file of that name, which nobody meant."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match=":memory: is no file; without a store, a chat is in memory"):
        await Stores(Path(":memory:"))()
    assert not contents(tmp_path)


async def test_store_whose_folder_is_removed_ends_although_nobody_says_anything(stores: Stores) -> None:
    """Who reads on would read what is nowhere any more."""
    follower = await Follower(await stores()).start()
    stores.path.parent.rename(stores.path.parent.with_name("elsewhere"))
    await follower.wait_for(failures=1)
    assert "moved or deleted" in str(follower.failures[0])


@contextlib.asynccontextmanager
async def _writer(path: Path, *more: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, AsyncIterator[str]]]:
    """Run the program that proposes, and give the lines that it says."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.integration.sqlite_writer", str(path), *more,
        cwd=ROOT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    stdout = process.stdout
    assert stdout is not None

    async def lines() -> AsyncIterator[str]:
        while line := await stdout.readline():
            if line.endswith(b"\n"):  # or it was killed in the middle of it
                yield line.decode().strip()

    try:
        yield process, lines()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.parametrize("turn", range(2))
async def test_whatever_was_delivered_survives_being_killed(turn: int, stores: Stores) -> None:
    """At any moment, several times in a row; and what is there is what was proposed, in its order, once."""
    chance = random.Random(turn)
    acknowledged: dict[int, int] = {}
    for _ in range(3):
        stop = chance.randrange(1, 400)
        async with _writer(stores.path) as (process, lines):
            count = 0
            async for line in lines:
                position, number = map(int, line.split())
                acknowledged[position] = number
                count += 1
                if count == stop:
                    process.kill()  # what it says until it is dead counts as well
    assert all(position == number for position, number in acknowledged.items())

    store = await stores()
    snapshot = await store.load_snapshot()
    first = snapshot.position if snapshot else 0
    follower = await Follower(store).start(first)
    assert follower.positions == list(range(first + 1, first + 1 + len(follower.entries)))
    assert follower.batches == [batch(position) for position in follower.positions]
    assert first + len(follower.entries) >= max(acknowledged)
    head = (await store.heads())["lobby"]
    entries = await store.read("lobby", 0, head.seq + 10)
    assert [entry.seq for entry in entries] == list(range(1, head.seq + 1))
    if snapshot:
        assert head.seq >= snapshot.rows[1]


# What has to go.


async def _tidied(store: object, done: Callable[[sqlite3.Connection], bool], path: Path) -> None:
    """Wait until the file is as it should be."""
    with contextlib.closing(open_to_read(str(path))) as db:
        async with asyncio.timeout(PATIENCE):
            while not done(db):
                await asyncio.sleep(0.02)


async def test_entries_beyond_the_retention_go_by_themselves_and_the_newest_stay(tmp_path: Path) -> None:
    """The head stays too: a reader is told which are missing."""
    stores = Stores(tmp_path / "chat.db", Retention(messages=100, rooms={"python": Retention(messages=5)}))
    store = await stores()
    await start(store)
    store.keep([Opened("lobby", "e1"), Opened("python", "e2"), *said("python", 20), *said("lobby", 1800)])
    store.propose(Batch(1, 1, ()))
    count = "SELECT count(*) FROM entry"
    await _tidied(store, lambda db: db.execute(count).fetchone() == (100,), stores.path)
    heads = await store.heads()
    assert heads["lobby"].seq == 1800
    assert heads["python"].seq == 20
    assert heads["python"].floor >= 16
    seqs = [entry.seq for entry in await store.read("lobby", 0, 5000)]
    assert seqs == list(range(heads["lobby"].floor, 1801))
    await stores.close()
    store = await stores()
    assert await store.heads() == heads
    await stores.close()


async def test_old_entries_go_while_nobody_says_anything(tmp_path: Path) -> None:
    """The time is that of the day. A store is looked through at the start, and then every minute."""
    stores = Stores(tmp_path / "chat.db", Retention(seconds=3600.0))
    store = await stores()
    await start(store)
    now = store._clock.time()
    ages = {1: 7200.0, 2: 3700.0, 3: 1800.0, 4: 0.0}
    rows = [
        Appended("lobby", MessagePosted(seq=seq, sender="al", text="hi", at=now - age, room="lobby"))
        for seq, age in ages.items()
    ]
    store.keep([Opened("lobby", "e"), *rows])
    await store.heads()
    store = await stores()
    await start(store)
    await _tidied(store, lambda db: db.execute("SELECT floor FROM head").fetchone() == (3,), stores.path)
    async with asyncio.timeout(PATIENCE):  # what the file has not, it is told a moment later
        while [entry.seq for entry in await store.read("lobby", 0, 10)] != [3, 4]:
            await asyncio.sleep(0.01)
    await stores.close()


class _SetClock(LoopClock):
    """A clock that somebody sets."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self.ahead = 0.0
        real = self.time
        self.time = lambda: real() + self.ahead


async def test_clock_that_is_a_year_ahead_for_a_while_deletes_nothing(tmp_path: Path) -> None:
    """Nobody could bring it back."""
    clock = _SetClock(asyncio.get_running_loop())
    store = SqliteStore(str(tmp_path / "chat.db"), clock, Retention(seconds=3600.0))
    await store.open()
    follower = await Follower(store).start()
    store.keep([Opened("lobby", "e"), Appended("lobby", replace(said("lobby", 1)[0].entry, at=clock.time()))])
    for number, ahead in enumerate((0.0, 365 * 86_400.0, 0.0), 1):
        clock.ahead = ahead
        store.propose(messages(number, "hello"))
        await follower.wait_for(entries=number)
    assert (await store.heads())["lobby"].floor == 1
    await store.close()


async def test_one_start_with_a_clock_that_is_years_ahead_deletes_nothing(tmp_path: Path) -> None:
    """Nor does one after a quiet week, within its first hour."""
    stores = Stores(tmp_path / "chat.db", Retention(seconds=3600.0))
    store = await stores()
    await start(store)
    now = store._clock.time()
    store.keep([Opened("lobby", "e"), Appended("lobby", replace(said("lobby", 1)[0].entry, at=now - 60.0))])
    await store.heads()
    assert store.doubted == 0.0
    await stores.close()
    clock = _SetClock(asyncio.get_running_loop())
    clock.ahead = 20 * 365 * 86_400.0
    ahead = SqliteStore(str(tmp_path / "chat.db"), clock, Retention(seconds=3600.0))
    await ahead.open()
    follower = await Follower(ahead).start()
    ahead.propose(messages(1, "hello"))
    await follower.wait_for(entries=1)
    assert ahead.doubted > 19 * 365 * 86_400.0
    assert (await ahead.heads())["lobby"].floor == 1
    await ahead.close()
    store = await stores()
    await store.start(1, lambda entry: None, lambda batch, why: None, lambda error: None)
    store.propose(messages(2, "hello"))
    assert (await store.heads())["lobby"].floor == 1
    await stores.close()


async def test_dropped_logs_and_what_a_snapshot_stands_for_leave_the_file(stores: Stores) -> None:
    """Little by little, in quiet moments."""
    store = await stores()
    follower = await Follower(store).start()
    store.keep([Opened("lobby", "e"), *said("lobby", 1700)])
    for number in range(1, 1201):
        store.propose(messages(number))
    await follower.wait_for(entries=1200)
    store.keep([Dropped("lobby")])
    await store.save_snapshot(Snapshot(1100, 1.0, []))
    count = "SELECT (SELECT count(*) FROM journal), (SELECT count(*) FROM entry), (SELECT count(*) FROM head)"
    await _tidied(store, lambda db: db.execute(count).fetchone() == (100, 0, 0), stores.path)
    await stores.close()
    again = await Follower(await stores()).start(1100)
    assert again.positions == list(range(1101, 1201))


# The index of words.


def _of_version(version: int, path: Path) -> None:
    """Make of a store what an earlier chatcore has left: no checksums, no index, no numbers in its entries."""
    sql = "".join(f"ALTER TABLE {table} DROP COLUMN sum;" for table in ("journal", "entry", "snapshot_row"))
    if version == 1:
        sql += "DROP TABLE found; ALTER TABLE entry DROP COLUMN number;"
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.executescript(f"{sql} PRAGMA user_version = {version}")


@pytest.mark.parametrize("version", [1, 2])
async def test_store_of_an_earlier_version_gets_an_index_and_keeps_everything(version: int, stores: Stores) -> None:
    """Deleted messages are not found, and what is said from then on is."""
    store = await stores()
    await start(store)
    store.keep([Opened("lobby", "e"), *said("lobby", 3), Changed("lobby", 2, "", deleted=True), Opened("*", "f")])
    await stores.close()
    _of_version(version, stores.path)
    store = await stores()
    assert [each.seq for each in await store.read("lobby", 0, 9)] == [1, 2, 3]
    store.keep(said("lobby", 1, 4))
    page = await store.search(Query(sought("hello")))
    assert [each.entry.seq for each in page.found] == [4, 3, 1]
    assert upkeep.check(str(stores.path)).messages == 4
    await stores.close()
    with contextlib.closing(sqlite3.connect(stores.path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (3,)


@pytest.mark.parametrize("version", [1, 2])
async def test_an_earlier_version_can_be_looked_at_without_being_changed(version: int, stores: Stores) -> None:
    """As a backup is, beside the present store."""
    store = await stores()
    await start(store)
    store.keep([Opened("lobby", "e"), *said("lobby", 3)])
    await stores.close()
    _of_version(version, stores.path)
    before = stores.path.read_bytes()
    assert upkeep.check(str(stores.path)).messages == 3
    assert len(list(upkeep.export(str(stores.path)))) == 3
    assert stores.path.read_bytes() == before


async def test_what_is_kept_no_longer_is_not_found_and_check_sees_when_the_index_has_other_messages(
    stores: Stores,
) -> None:
    """Retention, rooms that are gone and deleted messages leave nothing behind."""
    stores.retention = Retention(messages=5)
    store = await stores()
    await start(store)
    store.keep([Opened("lobby", "e"), *said("lobby", 20), Opened("py", "f"), *said("py", 4), Dropped("py")])
    async with asyncio.timeout(PATIENCE):
        while (await store.heads())["lobby"].floor < 16:  # in a quiet moment
            await asyncio.sleep(0.01)
    page = await store.search(Query(sought("hello")))
    assert [each.entry.seq for each in page.found] == [20, 19, 18, 17, 16]
    await stores.close()
    assert upkeep.check(str(stores.path)).messages == 5
    with contextlib.closing(sqlite3.connect(stores.path)) as db:
        db.execute("DELETE FROM found WHERE rowid = (SELECT max(rowid) FROM found)")
        db.commit()
    with pytest.raises(ConfigurationError, match="index of words has other messages than its logs"):
        upkeep.check(str(stores.path))
