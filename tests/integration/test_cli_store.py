"""`chatcore store`: an operator looks after the file, beside a running server and without one."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import signal
import sqlite3
import stat
import subprocess
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chatcore.chat.chat import Chat
from chatcore.chat.kept.room_log import MemoryLog
from chatcore.chat.snapshot import dump
from chatcore.events import BroadcastPosted, DirectPosted, MessagePosted
from chatcore.limits import Limits
from chatcore.ports.archive import Appended, Dropped, Opened, Row, Snapshot
from chatcore_sqlite import SqliteStore
from tests.contracts.archive import said, start
from tests.contracts.journal import Follower
from tests.contracts.journal import batch as messages
from tests.integration.sqlite_house import Stores
from tests.patience import PATIENCE
from tests.unit.cli.guest import guest
from tests.unit.cli.processes import CHATCORE, Server, environment, run, run_here, sentences


def direct(seq: int, text: str, *, own: bool = False) -> DirectPosted:
    """Return a direct message as it stands in a log."""
    return DirectPosted(seq=seq, sender="al", text=text, at=5.5, client="c" if own else None, to=("bob", "carol"))


SAID: list[Row] = [
    Opened("lobby", "e1"),
    Opened("*", "e2"),
    *(Opened(f"@{number}", f"d{number}") for number in (1, 2, 3)),
    Appended("lobby", MessagePosted(seq=1, sender="al", text="a\x1b[31m\u202e\x7f😀", at=1.0, room="Lobby")),
    Appended("*", BroadcastPosted(seq=1, sender="al", text="to all", at=2.0)),
    *(Appended(f"@{number}", direct(1, "psst", own=number == 1)) for number in (1, 2, 3)),
    *(Appended(f"@{number}", direct(2, "psst", own=number == 1)) for number in (1, 2, 3)),
    *(Appended(f"@{number}", direct(3, "hush")) for number in (2, 3)),
]


LIMITS = Limits()
BEGINNING = list(dump(Chat(LIMITS, MemoryLog(LIMITS))))
"""What a snapshot has of a chat in which nothing has happened."""


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[Stores]:
    """Return what opens stores in a fresh file."""
    made = Stores(tmp_path / "chat.db")
    yield made
    await made.close()


async def filled(stores: Stores) -> SqliteStore:
    """Return a store in use, with something of everything in it."""
    store = await stores()
    follower = await Follower(store).start()
    store.keep(SAID)
    for number in (1, 2, 3):
        store.propose(messages(number, "hello"))
    await follower.wait_for(entries=3)
    await store.save_snapshot(Snapshot(2, 1.0, BEGINNING))
    return store


async def chatcore(*args: str) -> tuple[int, str, str]:
    """Run `chatcore store` in a process of its own; return its exit code and what it says."""
    done = await asyncio.to_thread(run, "store", *args)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("in_use", [True, False])
async def test_export_has_every_message_once(in_use: bool, stores: Stores) -> None:
    """As frames of the protocol, in ASCII; a direct message once for all its users, twice when it was said twice."""
    await filled(stores)
    if not in_use:
        await stores.close()
    code, out, err = await chatcore("export", str(stores.path))
    assert (code, err) == (0, "")
    assert out.isascii()
    assert "\x1b" not in out
    lines = [json.loads(line) for line in out.splitlines()]
    assert [(line["type"], line["text"], line["epoch"]) for line in lines[:3]] == [
        ("message", "a\x1b[31m\u202e\x7f😀", "e1"),
        ("broadcast", "to all", "e2"),
        ("direct", "psst", "d1"),
    ]
    assert [line["text"] for line in lines] == ["a\x1b[31m\u202e\x7f😀", "to all", "psst", "psst", "hush"]
    assert lines[0] == {
        "type": "message",
        "room": "Lobby",
        "seq": 1,
        "from": "al",
        "text": "a\x1b[31m\u202e\x7f😀",
        "at": "1970-01-01T00:00:01.000Z",
        "epoch": "e1",
    }
    assert lines[2]["to"] == ["bob", "carol"]


async def test_export_of_nothing_is_nothing(stores: Stores) -> None:
    """An empty store is no error."""
    await stores()
    assert await chatcore("export", str(stores.path)) == (0, "", "")


@pytest.mark.parametrize("in_use", [True, False])
async def test_check_says_what_is_in_a_whole_store(in_use: bool, stores: Stores) -> None:
    """And what a server would have to apply when it starts: what came behind the snapshot."""
    await filled(stores)
    if not in_use:
        await stores.close()
    code, out, err = await chatcore("check", str(stores.path))
    assert (code, err) == (0, "")
    expected = "10 messages in 5 logs, 1 entry of the journal to apply at the next start."
    assert out == f"{stores.path} is whole: {expected}\n"


DAMAGE = {
    "DELETE FROM entry WHERE seq = 2": "entry 2 of the log @1 is missing",
    "DELETE FROM entry WHERE seq = 3": "entry 3 of the log @2 is missing",
    "UPDATE entry SET posted = X'00', sum = NULL WHERE at = 1.0": "entry 1 of the log lobby: this is no entry of a log",
    "DELETE FROM journal WHERE position = 3; INSERT INTO journal VALUES (4, 1, 1, X'00', 0)": "entry 3 of its journal",
    "UPDATE journal SET batch = X'7B7D', sum = NULL": "of its journal: this is no batch",
    "UPDATE snapshot_row SET value = X'7B'": "row 0 of its snapshot",
    "UPDATE entry SET posted = CAST(replace(posted, 'psst', 'past') AS BLOB) WHERE seq = 2": (
        "entry 2 of the log @1: it is not what was written"
    ),
    "UPDATE journal SET batch = CAST(replace(batch, 'hello', 'hallo') AS BLOB)": "journal: it is not what was written",
    "UPDATE snapshot_row SET value = X'20' || value": "row 0 of its snapshot: it is not what was written",
    "UPDATE head SET bytes = bytes + 1 WHERE key = 'lobby'": "entry 1 of the log lobby",
}


@pytest.mark.parametrize("sql", DAMAGE)
async def test_check_finds_what_cannot_be(sql: str, stores: Stores) -> None:
    """Where SQLite itself finds nothing; in one sentence, with exit code 2."""
    await filled(stores)
    await stores.close()
    with contextlib.closing(sqlite3.connect(stores.path)) as db:
        db.executescript(sql)
    done = run_here("store", "check", str(stores.path))
    assert (done.returncode, done.stdout) == (2, "")
    assert DAMAGE[sql] in done.stderr
    assert "put a backup in its place" in done.stderr
    assert done.stderr.count("\n") == 1


async def test_check_finds_a_snapshot_that_no_server_can_begin_with(stores: Stores) -> None:
    """Whoever looks for a backup that is a good one learns it before a server does."""
    store = await filled(stores)
    await store.save_snapshot(Snapshot(2, 1.0, [*BEGINNING, {"row": "room", "name": "den", "members": [7]}]))
    await stores.close()
    done = run_here("store", "check", str(stores.path))
    assert done.returncode == 2
    assert f"the snapshot in the store {stores.path} cannot be read; keep the store and report" in done.stderr


@pytest.mark.parametrize("said", ["😀", "psst"])
async def test_export_gives_nothing_out_that_is_not_what_was_said(said: str, stores: Stores) -> None:
    """It ends there with one sentence: no SQLite notices that the disk has changed a letter."""
    await filled(stores)
    await stores.close()
    with contextlib.closing(sqlite3.connect(stores.path)) as db, db:
        db.execute("UPDATE entry SET posted = CAST(replace(posted, ?, 'past') AS BLOB)", (said,))
    done = run_here("store", "export", str(stores.path))
    assert done.returncode == 2
    assert "past" not in done.stdout
    assert "entry 1 of the log" in done.stderr
    assert "it is not what was written; put a backup in its place" in done.stderr.replace(")", "")


@pytest.mark.parametrize("what", ["check", "export", "vacuum"])
async def test_file_that_is_no_store_is_told_and_left_alone(what: str, stores: Stores) -> None:
    """Not there, somebody else's, damaged."""
    done = run_here("store", what, str(stores.path))
    assert (done.returncode, done.stderr) == (2, f"chatcore: there is no store {stores.path}\n")
    stores.path.write_text("Dear diary,\n" * 1000)
    done = run_here("store", what, str(stores.path))
    assert done.returncode == 2
    assert "no store of chatcore" in done.stderr
    stores.path.unlink()
    await filled(stores)
    await stores.close()
    data = stores.path.read_bytes()
    stores.path.write_bytes(data[:20_000])
    done = run_here("store", what, str(stores.path))
    assert done.returncode == 2
    assert "is damaged" in done.stderr
    assert stores.path.read_bytes() == data[:20_000]


async def test_vacuum_gives_space_back_and_keeps_everything(stores: Stores) -> None:
    """And the file stays its owner's alone."""
    store = await filled(stores)
    store.keep([Opened("python", "e9"), *said("python", 3000)])
    store.keep([Dropped("python")])
    with contextlib.closing(sqlite3.connect(stores.path)) as db:
        async with asyncio.timeout(PATIENCE):
            while db.execute("SELECT count(*) FROM entry").fetchone() != (10,):
                await asyncio.sleep(0.02)
    await stores.close()
    before, told = stores.path.stat().st_size, run_here("store", "export", str(stores.path)).stdout
    done = run_here("store", "vacuum", str(stores.path))
    assert (done.returncode, done.stderr) == (0, "")
    assert "\xa0kB now; it had " in done.stdout
    assert stores.path.stat().st_size < before / 2
    assert stat.S_IMODE(stores.path.stat().st_mode) == 0o600
    assert run_here("store", "export", str(stores.path)).stdout == told
    follower = await Follower(await stores()).start(2)
    assert follower.batches == [messages(3, "hello")]


async def test_vacuum_refuses_a_store_in_use(stores: Stores) -> None:
    """One sentence, and the server notices nothing."""
    follower = await Follower(await stores()).start()
    code, out, err = await chatcore("vacuum", str(stores.path))
    assert (code, out) == (2, "")
    assert err == (
        f"chatcore: a server uses the store {stores.path} at present; stop it first, or choose another file\n"
    )
    follower.journal.propose(messages(1, "hello"))
    await follower.wait_for(entries=1)


async def test_copy_made_by_sqlite_while_a_server_writes_is_a_whole_store(stores: Stores, tmp_path: Path) -> None:
    """What `sqlite3 chat.db ".backup copy.db"` does."""
    store = await filled(stores)
    copy = tmp_path / "copy.db"
    with contextlib.closing(sqlite3.connect(stores.path)) as db, contextlib.closing(sqlite3.connect(copy)) as to:
        for number in range(4, 40):
            store.propose(messages(number, "x" * 5000))
        db.backup(to, pages=5)
    await stores.close()
    assert run_here("store", "check", str(copy)).returncode == 0
    assert run_here("store", "export", str(copy)).stdout == run_here("store", "export", str(stores.path)).stdout
    again = Stores(copy)
    follower = await Follower(await again()).start(2)
    assert follower.batches[0] == messages(3, "hello")
    await again.close()


def test_what_is_read_from_the_environment_is_that_of_the_subcommand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CHATCORE_STORE_CHECK_PATH; what is meant for other commands is no mistake."""
    monkeypatch.setenv("CHATCORE_STORE_CHECK_PATH", str(tmp_path / "none.db"))
    monkeypatch.setenv("CHATCORE_SERVE_PORT", "9000")
    monkeypatch.setenv("CHATCORE_STORE_EXPORT_PATH", "other")
    done = run_here("store", "check")
    place = f"CHATCORE_STORE_CHECK_PATH is {tmp_path / 'none.db'}"
    assert done.stderr == f"chatcore: there is no store {tmp_path / 'none.db'} ({place})\n"


def test_reader_of_an_export_that_leaves_is_no_error(tmp_path: Path) -> None:
    """`chatcore store export chat.db | head -1`."""
    path = tmp_path / "chat.db"

    async def fill() -> None:
        stores = Stores(path)
        store = await stores()
        await start(store)
        store.keep([Opened("lobby", "e"), *said("lobby", 5000)])
        await stores.close()

    asyncio.run(fill())
    reading, writing = os.pipe()
    os.close(reading)
    command = [*CHATCORE, "store", "export", str(path)]
    done = subprocess.run(
        command, stdout=writing, stderr=subprocess.PIPE, env=environment(), check=False, timeout=PATIENCE
    )
    os.close(writing)
    assert done.stderr == b""


def wait_for_export(path: Path, expected: set[tuple[str, str]]) -> None:
    """Wait until a store holds these rooms and texts: what has to go goes in quiet moments."""
    deadline = time.monotonic() + PATIENCE
    while True:
        lines = map(json.loads, run("store", "export", str(path)).stdout.splitlines())
        found = {(line["room"], line["text"]) for line in lines}
        if found == expected:
            return
        assert time.monotonic() < deadline, found


def test_each_room_keeps_what_the_file_with_settings_says_of_it_over_restarts(tmp_path: Path) -> None:
    """A room that the file does not name has the settings of all."""
    path, settings = tmp_path / "chat.db", tmp_path / "chatcore.toml"
    common = f'[serve]\nstore = "sqlite:{path}"\nkeep-messages = 5\n'
    settings.write_text(common + "[serve.rooms.News]\nkeep_messages = 2\n")
    no_other_store = {"CHATCORE_SERVE_STORE": ""}
    with Server("--config", str(settings), env=no_other_store) as server:
        for room in ("lobby", "news"):
            done = run("connect", server.url, "--username", "alice", "--room", room, stdin=b"1\n2\n3\n")
            assert done.returncode == 0, done.stderr
        wait_for_export(path, {("lobby", "1"), ("lobby", "2"), ("lobby", "3"), ("news", "2"), ("news", "3")})
        server.send_signal(signal.SIGTERM)
        assert server.wait() == 0
    settings.write_text(common + "[serve.rooms.lobby]\nkeep-days = 1e-9\n")
    with Server("--config", str(settings), env=no_other_store) as server:
        assert run("connect", server.url, "--username", "alice", "--room", "news", stdin=b"4\n").returncode == 0
        wait_for_export(path, {("news", "2"), ("news", "3"), ("news", "4")})
        server.send_signal(signal.SIGTERM)
        assert server.wait() == 0


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[serve.rooms.help]\nkeep-days = 'x'", "Invalid value for serve.rooms.help.keep-days: 'x' is not a number"),
        ("[serve.rooms.help]\nkeep-days = 1", "rooms in {file} is of no use without a store, like --store sqlite."),
    ],
)
def test_what_cannot_be_said_of_a_room_is_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "chatcore.toml"
    file.write_text(text)
    done = run_here("serve", "--config", str(file))
    assert done.returncode == 2
    assert sentence.format(file=file) in done.stderr
    assert len(sentences(done.stderr)) == 1


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="nobody can limit another process here")
def test_a_limit_for_the_size_of_files_is_as_good_as_a_full_disk(tmp_path: Path) -> None:
    """As `ulimit -f` sets it, or a quota: senders wait, readers read, and all is as before once there is room."""
    path = tmp_path / "chat.db"
    with Server("--store", f"sqlite:{path}") as server, guest(server.url, "alice") as alice:
        alice.say("before")
        free = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
        longest = max(os.path.getsize(file) for file in (path, f"{path}-wal"))
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (longest, free[1]))
        cid, answer = 1, {"type": "message"}
        while answer["type"] == "message":  # there may be some room left in the files as they are
            cid += 1
            alice.send(type="send_message", text="x" * 3000, cid=cid)
            answer = alice.next_frame("message", "error")
        assert (answer["code"], answer["cid"]) == ("unavailable", cid)
        alice.send(type="history", room="lobby", before=2)
        assert [entry["text"] for entry in alice.next_frame("history")["messages"]] == ["before"]
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, free)
        alice.send(type="send_message", text="after", cid=cid)
        assert alice.wait_for_text("after")
        assert not path.with_name("chat.db.probe").exists()
        assert server.err is not None
        server.err.wait_for("not_kept why=.there is no space left on the disk")


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="nobody can limit another process here")
def test_what_is_written_ahead_may_be_as_long_as_a_file_may_be(tmp_path: Path) -> None:
    """The file itself has room still: it goes on by itself, under the same limit."""
    path = tmp_path / "chat.db"
    with Server("--store", f"sqlite:{path}") as server, guest(server.url, "alice") as alice:
        _soft, hard = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (os.path.getsize(f"{path}-wal") + 300_000, hard))
        cid, answer = 0, {"type": "message"}
        while answer["type"] == "message":
            cid += 1
            alice.send(type="send_message", text="x" * 3000, cid=cid)
            answer = alice.next_frame("message", "error")
        assert answer["code"] == "unavailable"
        assert server.err is not None
        server.err.wait_for("kept_again")
        alice.send(type="send_message", text="after", cid=cid)
        assert alice.wait_for_text("after")


def test_new_store_that_is_longer_than_a_file_may_be_finds_no_space(tmp_path: Path) -> None:
    """Not a disk that is broken."""
    limited = ["sh", "-c", 'ulimit -f 40 && exec "$@"', "sh", *CHATCORE, "serve", "--port", "0"]
    store = f"sqlite:{tmp_path / 'chat.db'}"
    done = subprocess.run(
        [*limited, "--store", store], check=False, capture_output=True, text=True, env=environment(), timeout=PATIENCE
    )
    assert done.returncode == 2
    assert "there is no space left on the disk for" in done.stderr
    assert len(sentences(done.stderr)) == 1


def test_a_store_that_fails_ends_the_server_and_says_what_happened(tmp_path: Path) -> None:
    """Whoever looks at the log or the exit code knows; nothing is acknowledged that would not be found again."""
    path = tmp_path / "chat.db"
    with Server("--store", f"sqlite:{path}", "--log-level", "warning") as server, guest(server.url, "alice") as alice:
        alice.say("before")
        path.rename(tmp_path / "elsewhere.db")
        alice.send(type="send_message", text="after", cid=2)
        assert alice.next_frame("message", "bye")["type"] == "bye"
        assert server.wait() == 74
        line, told = sentences(server.said())
        assert "error store_failed why=" in line
        assert "the store was moved or deleted while it was in use" in line
        assert told == "chatcore: The store cannot be written any more, so the server stops; the log says why."


def test_a_store_that_fails_while_the_server_ends_is_told_all_the_same(tmp_path: Path) -> None:
    """Whoever has asked for the end takes 0 for a good one."""
    path = tmp_path / "chat.db"
    store = ("--store", f"sqlite:{path}", "--drain", str(PATIENCE), "--log-level", "info")
    with Server(*store) as server, guest(server.url, "alice") as alice:
        alice.say("before")
        path.rename(tmp_path / "elsewhere.db")
        server.send_signal(signal.SIGTERM)
        assert server.err is not None
        server.err.wait_for("draining")
        alice.send(type="send_message", text="after", cid=2)
        assert alice.next_frame("message", "bye")["type"] == "bye"
        assert server.wait() == 74
        assert sentences(server.said())[-1].startswith("chatcore: The store cannot be written any more")
