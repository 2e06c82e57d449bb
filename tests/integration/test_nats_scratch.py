"""What a server among several has on its own disk: nothing of it is left, and when there is no room that is said."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chatcore import ChatServer, connect
from chatcore.errors import ConfigurationError
from chatcore.ports.archive import Snapshot
from chatcore_nats.connection.connecting import close, jetstream
from chatcore_nats.connection.connecting import connect as nats_connect
from chatcore_nats.place import parse_place
from chatcore_nats.scratch import Scratch
from tests.integration.cluster_house import Cluster, cluster
from tests.integration.nats_house import NatsServer, Stores, nats
from tests.integration.sqlite_house import SmallDisk, disk
from tests.integration.test_cli_cluster import asked
from tests.patience import PATIENCE
from tests.unit.cli.processes import Server

__all__ = ["cluster", "disk", "nats"]


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a directory for temporary files."""
    made = tmp_path / "temporary"
    made.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(made))
    return made


@contextmanager
def at_most(size: int) -> Iterator[None]:
    """Let no file get longer."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_a_killed_server_has_left_goes_when_the_next_one_starts(nats: NatsServer, tmp_path: Path) -> None:
    """And nothing of one that runs. Nothing that was said is in it, either."""
    chat, temporary = nats.fresh_chat(), {"TMPDIR": str(tmp_path)}
    with Server("--store", chat, env=temporary) as killed, Server("--store", chat, env=temporary) as running:
        assert killed.url
        assert running.url
        before = set(tmp_path.glob("chatcore-*"))
        assert len(before) == 2
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        assert {each.name for left in before for each in left.iterdir()} == {"lock"}
        with Server("--store", chat, env=temporary) as another:
            assert another.url
            assert len(before & set(tmp_path.glob("chatcore-*"))) == 1
            another.send_signal(signal.SIGTERM)
            assert another.wait() == 0
        running.send_signal(signal.SIGTERM)
        assert running.wait() == 0
    assert list(tmp_path.glob("chatcore-*")) == []


def test_folder_of_somebody_else_is_left_alone(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its name is; and so is what a link leads to."""
    elsewhere = directory / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "lock").touch()
    link = directory / "chatcore-nats-link"
    link.symlink_to(elsewhere)
    foreign = directory / "chatcore-nats-foreign"
    foreign.mkdir()
    (foreign / "lock").touch()
    try:
        os.chown(foreign, os.getuid() + 1, -1)
    except PermissionError:  # who may not give it away has nothing of others' to lose
        foreign = elsewhere
    Scratch().give_up()
    assert link.is_symlink()
    assert (elsewhere / "lock").exists()
    assert (foreign / "lock").exists()


def test_folder_that_an_earlier_version_has_left_goes_too(directory: Path) -> None:
    """It has no lock but that of the store."""
    left = directory / "chatcore-nats-old"
    left.mkdir()
    for name in ("chat.db", "chat.db.lock", "chat.db-wal"):
        (left / name).touch()
    Scratch().give_up()
    assert list(directory.iterdir()) == []


def test_folder_that_a_server_was_killed_over_before_it_had_locked_it_goes_once_it_is_old(directory: Path) -> None:
    """Another one may be about to lock its own, and what is somebody's is no server's."""
    for age in ("new", "old"):
        for holds in ("", "unlocked", "letter"):
            folder = directory / f"chatcore-nats-{age}{holds}"
            folder.mkdir()
            if holds:
                (folder / holds).touch()
            if age == "old":
                before = time.time() - 3700
                os.utime(folder, (before, before))
    Scratch().give_up()
    left = {each.name.removeprefix("chatcore-nats-") for each in directory.iterdir()}
    assert left == {"new", "newunlocked", "newletter", "oldletter"}


def test_directory_for_temporary_files_that_is_not_there_is_named(directory: Path) -> None:
    """And what names another one."""
    directory.rmdir()
    with pytest.raises(ConfigurationError) as refused:
        Scratch()
    assert str(refused.value) == (
        f"the directory for temporary files, {directory}, cannot be used (No such file or directory); "
        "put that right, or set TMPDIR to another"
    )


def test_nowhere_to_write_at_all_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container whose file system is read-only."""
    monkeypatch.setattr(tempfile, "tempdir", None)
    with at_most(0), pytest.raises(ConfigurationError, match="there is none where it may write; set TMPDIR to one"):
        Scratch()


@pytest.mark.parametrize("size", [100, 20_000])
async def test_directory_without_room_for_the_snapshot_is_named(size: int, nats: NatsServer, directory: Path) -> None:
    """Packed or not."""
    stores = Stores(nats.fresh_chat())
    store = await stores()
    await store.save_snapshot(Snapshot(1, 0.0, [{"row": "x" * 1000}]))
    await stores.close()
    with at_most(size), pytest.raises(ConfigurationError) as refused:
        await stores.another()
    assert f"the directory for temporary files, {directory}, cannot be used (File too large)" in str(refused.value)


async def test_directory_without_room_for_anything_is_named(
    nats: NatsServer, disk: SmallDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing was said yet."""
    if not disk.is_real:
        return
    monkeypatch.setattr(tempfile, "tempdir", str(disk.folder))
    disk.fill()
    with pytest.raises(ConfigurationError) as refused:
        await Stores(nats.fresh_chat()).another()
    said = str(refused.value)
    assert f"the directory for temporary files, {disk.folder}, cannot be used (" in said
    assert "no space left" in said.lower()


async def test_server_whose_archive_has_no_room_says_so_wherever_somebody_looks(
    nats: NatsServer, disk: SmallDisk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its users go on: what they say is in the journal, and in memory."""
    if not disk.is_real:
        return
    monkeypatch.setattr(tempfile, "tempdir", str(disk.folder))
    full = f"the directory for temporary files, {disk.folder}, cannot be used (there is no space left on the disk)"
    chat = nats.fresh_chat()
    async with ChatServer(port=0, store=chat) as server, connect(server.urls[0], username="alice") as alice:
        disk.fill()
        async with asyncio.timeout(PATIENCE):
            while server.unready is None:
                await alice.send("x" * 1000)
        assert server.unready.startswith(f"this server archives nothing at present: {full}")
        code, said = await asked("snapshot", chat)
        assert (code, f"no snapshot of {chat} was kept: the directory" in said) == (2, True)
        assert "no space left on the disk" in said
        assert "snapshot_not_kept" in caplog.messages
        disk.free()
        async with asyncio.timeout(PATIENCE):
            while server.unready is not None:
                await alice.send("again")
        assert (await asked("snapshot", chat))[0] == 0


async def test_snapshot_that_nats_has_no_space_for_is_not_kept_and_nats_says_why(
    nats: NatsServer, cluster: Cluster
) -> None:
    """It is not for the disk of the server that this is."""
    await cluster.server()
    place = parse_place(cluster.address)
    client = await nats_connect(place, "operator")
    js = await jetstream(client, place)
    config = (await js.stream_info(f"OBJ_{place.stream}")).config
    await js.update_stream(config.evolve(max_bytes=100))
    code, said = await asked("snapshot", cluster.address)
    assert (code, "the snapshot cannot be kept at nats://" in said) == (2, True)
    assert "maximum bytes exceeded" in said
    await close(client)
