"""Files between two real clients, over real sockets, while connections are cut: right in the end, or not there."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from chatcore import Client, Limits, connect
from chatcore.aio.server import Listen
from chatcore.errors import FileError, RequestRefused
from chatcore.events import FileFailed, FileOffered, FileProgressed, FileReceived, FileSent
from chatcore.ports.transport import ConnectOptions, ListenOptions
from chatcore_files import DownloadFolder
from chatcore_files.folder import FolderPart
from tests.patience import PATIENCE
from tests.stores import ChatServer

TRANSPORTS = ("ws", "tcp", "quic")
SIZE = 3 * 2**20 + 17
SIZES = {"ws": SIZE, "tcp": SIZE, "quic": 2**20 + 17}  # what aioquic takes its time for


class Place:
    """A server and where files go."""

    def __init__(self, server: ChatServer, transport: str, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.url = server.urls[0].replace("tcp://", "tcp+chat://")
        key = server.about()[0].get("key_fingerprint") if transport == "quic" else None
        self.options = ConnectOptions(fingerprints=(key,) if key else ())

    @asynccontextmanager
    async def user(self, name: str, **more: Any) -> AsyncIterator[Client]:
        """Give a user with a folder of its own."""
        more.setdefault("files", DownloadFolder(self.folder / name))
        async with connect(self.url, username=name, options=self.options, **more) as client:
            yield client

    def file(self, size: int, name: str = "source.bin") -> Path:
        """Return a new file."""
        path = self.folder / name
        path.write_bytes(random.randbytes(size))
        return path

    def received(self, name: str) -> list[str]:
        """Return what lies in a user's folder under a name that looks complete."""
        folder = self.folder / name
        return sorted(each for each in os.listdir(folder) if not each.endswith(".part")) if folder.exists() else []


@asynccontextmanager
async def place(transport: str, folder: Path, **limits: Any) -> AsyncIterator[Place]:
    """Give a server in this process."""
    options = ListenOptions(port=0, state_dir=str(folder / "state"))
    async with asyncio.timeout(PATIENCE):
        async with ChatServer(listen=[Listen(transport, "chat", options)], limits=Limits(**limits)) as server:
            yield Place(server, transport, folder)


async def next_of(client: Client, *kinds: type[Any]) -> Any:
    """Return the next event of one of these kinds."""
    async for event in client:
        if isinstance(event, kinds):
            return event
    raise AssertionError("the client has ended")


def cut(client: Client) -> None:
    """Cut a client's connection under it."""
    wire = client._life.connection.connection
    if wire is not None:
        wire._link.abort()


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_file_arrives_and_the_chat_goes_on_beside_it(transport: str, tmp_path: Path) -> None:
    """Both sides are told how far it is, and that it is there."""
    async with place(transport, tmp_path) as here, here.user("alice") as alice, here.user("bob") as bob:
        size = SIZES[transport]
        source = here.file(size)
        made = await alice.offer_file(source, to="bob")
        assert made.to == ("bob",)
        offer = await next_of(bob, FileOffered)
        assert (offer.file, offer.sender, offer.name, offer.size) == (made.file, "alice", "source.bin", size)
        await bob.accept_file(offer.file)
        assert {one.state for one in alice.files + bob.files} == {"running"}
        said = [asyncio.create_task(alice.send(str(number))) for number in range(20)]
        received = await next_of(bob, FileReceived)
        assert digest(Path(received.place)) == digest(source)
        assert Path(received.place).parent == tmp_path / "bob"
        sent = await next_of(alice, FileSent)
        assert (sent.file, sent.user, sent.name, sent.size) == (made.file, "bob", "source.bin", size)
        assert all(await asyncio.gather(*said))
        assert (alice.files, bob.files) == ((), ())


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("victim", ["alice", "bob", "both"])
async def test_a_file_survives_every_cut(transport: str, victim: str, tmp_path: Path) -> None:
    """It goes on from where it was, and is never there before it is right."""
    dice = random.Random(f"{transport}{victim}")
    async with place(transport, tmp_path) as here, here.user("alice") as alice, here.user("bob") as bob:
        source = here.file(SIZES[transport])
        await alice.offer_file(source, to="bob")
        await bob.accept_file((await next_of(bob, FileOffered)).file)
        cuts = sorted(dice.randrange(SIZES[transport]) for _ in range(3))

        async def saw() -> None:
            while cuts:
                done = sum(one.done for one in bob.files)
                if bob.connected and alice.connected and done >= cuts[0]:
                    assert here.received("bob") == []
                    del cuts[0]
                    for client in {"alice": [alice], "bob": [bob], "both": [alice, bob]}[victim]:
                        cut(client)
                await asyncio.sleep(0.001)

        sawing = asyncio.create_task(saw())
        received = await next_of(bob, FileReceived, FileFailed)
        sawing.cancel()
        assert isinstance(received, FileReceived), received
        assert digest(Path(received.place)) == digest(source)
        assert here.received("bob") == ["source.bin"]
        assert isinstance(await next_of(alice, FileSent, FileFailed), FileSent)


@pytest.mark.parametrize("transport", ["ws", "tcp"])
async def test_after_a_new_start_of_everything_the_rest_is_sent(transport: str, tmp_path: Path) -> None:
    """What the receiver has is found by the SHA-256 of the new offer."""
    source: Path | None = None
    for run in range(2):
        async with place(transport, tmp_path) as here, here.user("alice") as alice, here.user("bob") as bob:
            source = source or here.file(SIZE)
            await alice.offer_file(source, to="bob")
            await bob.accept_file((await next_of(bob, FileOffered)).file)
            if run:
                began = await next_of(bob, FileProgressed)
                assert began.done > 2**20
                received = await next_of(bob, FileReceived)
                assert digest(Path(received.place)) == digest(source)
            else:
                while bob.files[0].done < 2**20 + 1:
                    await asyncio.sleep(0.001)
                cut(bob)
        assert here.received("bob") == ["source.bin"] * run


async def test_who_is_dropped_by_the_server_learns_why(tmp_path: Path) -> None:
    """A sender that has left takes its offers with it; what came is kept."""
    async with place("ws", tmp_path) as here, here.user("bob") as bob:
        async with here.user("alice") as alice:
            await alice.offer_file(here.file(SIZE), to="bob")
            await bob.accept_file((await next_of(bob, FileOffered)).file)
            while bob.files[0].done < 2**18:
                await asyncio.sleep(0.001)
        failed = await next_of(bob, FileFailed)
        assert (failed.code, failed.sending, failed.user) == ("no_such_file", False, "alice")
        assert len(os.listdir(tmp_path / "bob")) == 1
        assert here.received("bob") == []


async def test_either_side_ends_it(tmp_path: Path) -> None:
    """Declined, cancelled by the sender, cancelled by the receiver: both know, and nothing is left."""
    async with place("ws", tmp_path) as here, here.user("alice") as alice, here.user("bob") as bob:
        source = here.file(SIZE)
        for way, codes in (
            ("decline", ("declined", None)),
            ("sender", ("cancelled_here", "cancelled")),
            ("receiver", ("cancelled", "cancelled_here")),
        ):
            await alice.offer_file(source, to="bob")
            file = (await next_of(bob, FileOffered)).file
            if way == "decline":
                await bob.decline_file(file)
            else:
                await bob.accept_file(file)
                await (alice if way == "sender" else bob).cancel_file(file)
            assert (await next_of(alice, FileFailed)).code == codes[0]
            if codes[1] is not None:
                assert (await next_of(bob, FileFailed)).code == codes[1]
            assert (alice.files, bob.files) == ((), ())
        with pytest.raises(RequestRefused, match="no_such_file"):
            await bob.accept_file(file)
        assert here.received("bob") == []


def slow_folder(path: Path, stop: asyncio.Event) -> DownloadFolder:
    """Return a folder that takes nothing until `stop` is set."""
    loop = asyncio.get_running_loop()

    class SlowPart(FolderPart):
        def append(self, data: bytes) -> None:
            asyncio.run_coroutine_threadsafe(stop.wait(), loop).result()
            super().append(data)

    class SlowFolder(DownloadFolder):
        def open_part(self, sha256: str, size: int) -> FolderPart:
            os.makedirs(self.path, exist_ok=True)
            return SlowPart(self.path, sha256, size)

    return SlowFolder(path)


async def test_a_slow_receiver_slows_its_sender_and_nobody_else(tmp_path: Path) -> None:
    """What it has not taken is not sent; the same file goes to somebody else meanwhile, and so does the chat."""
    stop = asyncio.Event()
    async with (
        place("ws", tmp_path) as here,
        here.user("alice") as alice,
        here.user("slow", files=slow_folder(tmp_path / "slow", stop)) as slow,
        here.user("fast") as fast,
    ):
        source = here.file(SIZE)
        await alice.offer_file(source, room=True)
        for client in (slow, fast):
            await client.accept_file((await next_of(client, FileOffered)).file)
        await next_of(fast, FileReceived)
        await alice.send("hello")
        done = {one.user: one.done for one in alice.files}
        assert done["slow"] <= Limits().file_window_bytes
        stop.set()
        received = await next_of(slow, FileReceived)
        assert digest(Path(received.place)) == digest(source)


async def test_limits_are_refused_before_anything_is_sent(tmp_path: Path) -> None:
    """By the client that knows them, or by the server."""
    async with place("ws", tmp_path, file_bytes=1000) as here, here.user("alice") as alice, here.user("bob") as bob:
        with pytest.raises(RequestRefused, match="too_large"):
            await alice.offer_file(here.file(1001), to="bob")
        with pytest.raises(RequestRefused, match="no_such_user"):
            await alice.offer_file(here.file(1000), to="carol")
        with pytest.raises(FileError, match="nothing"):
            await alice.offer_file(tmp_path / "nothing", to="bob")
        assert (alice.files, bob.files) == ((), ())


async def test_a_file_that_is_one_too_many_is_accepted_again_and_again_until_it_may(tmp_path: Path) -> None:
    """A refusal leaves nothing behind that the next try would find in its way."""
    stop = asyncio.Event()
    async with (
        place("ws", tmp_path, file_transfers=1) as here,
        here.user("alice") as alice,
        here.user("bob", files=slow_folder(tmp_path / "bob", stop)) as bob,
    ):
        offers = []
        for name in ("first", "second"):
            await alice.offer_file(here.file(1000, name), to="bob")
            offers.append((await next_of(bob, FileOffered)).file)
        await bob.accept_file(offers[0])
        for _ in range(4):
            with pytest.raises(RequestRefused, match="file_limit"):
                await bob.accept_file(offers[1])
        stop.set()
        await next_of(alice, FileSent)
        await bob.accept_file(offers[1])
        await next_of(alice, FileSent)
        assert here.received("bob") == ["first", "second"]


async def test_what_is_not_what_was_offered_gets_no_name(tmp_path: Path) -> None:
    """A file that changes while it is sent."""
    async with place("ws", tmp_path) as here, here.user("alice") as alice, here.user("bob") as bob:
        source = here.file(SIZE)
        await alice.offer_file(source, to="bob")
        with source.open("r+b") as file:
            file.seek(SIZE - 1)
            file.write(bytes([source.read_bytes()[-1] ^ 1]))
        await bob.accept_file((await next_of(bob, FileOffered)).file)
        assert (await next_of(bob, FileFailed)).code == "bad_hash"
        assert (await next_of(alice, FileFailed)).code == "bad_hash"
        assert os.listdir(tmp_path / "bob") == []
        await alice.offer_file(source, to="bob")
        source.write_bytes(b"short")
        await bob.accept_file((await next_of(bob, FileOffered)).file)
        assert (await next_of(bob, FileFailed)).code == "disk"
        assert (await next_of(alice, FileFailed)).code == "disk"


async def test_a_receiver_that_cannot_write_says_so(tmp_path: Path) -> None:
    """And the sender is told."""
    (tmp_path / "bob").write_text("a file where the folder should be")
    async with place("ws", tmp_path) as here, here.user("alice") as alice, here.user("bob") as bob:
        await alice.offer_file(here.file(10), to="bob")
        with pytest.raises(FileError, match="is not a folder") as caught:
            await bob.accept_file((await next_of(bob, FileOffered)).file)
        assert isinstance(caught.value.__cause__, FileExistsError)
        assert (await next_of(alice, FileFailed)).code == "disk"


async def test_nothing_of_a_disk_is_told_to_the_other_side(tmp_path: Path) -> None:
    """Neither what the sender cannot read, nor what the receiver cannot write."""
    (tmp_path / "bob").write_text("a file where the folder should be")
    async with place("tcp", tmp_path) as here, here.user("alice") as alice, here.user("bob") as bob:
        await alice.offer_file(here.file(10), to="bob")
        with pytest.raises(FileError, match="is not a folder"):
            await bob.accept_file((await next_of(bob, FileOffered)).file)
        assert (await next_of(alice, FileFailed)).message == ""
        (tmp_path / "bob").unlink()
        source = here.file(SIZE)
        await alice.offer_file(source, to="bob")
        source.write_bytes(b"short")
        await bob.accept_file((await next_of(bob, FileOffered)).file)
        assert (await next_of(bob, FileFailed)).message == ""
        assert "shorter" in (await next_of(alice, FileFailed)).message


async def test_a_file_of_no_bytes_arrives(tmp_path: Path) -> None:
    """Under a name that is nobody's trick, and beside one that is there already."""
    async with place("tcp", tmp_path) as here, here.user("alice") as alice, here.user("bob") as bob:
        for number in range(2):
            await alice.offer_file(here.file(number, ".hidden\u202e"), to="bob")
            await bob.accept_file((await next_of(bob, FileOffered)).file)
            await next_of(bob, FileReceived)
        assert here.received("bob") == ["hidden", "hidden (2)"]
