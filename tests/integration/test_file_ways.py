"""Files beside a chat over QUIC: a second connection carries them where there can be one. Real sockets."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from chatcore import Client, Limits, connect
from chatcore.aio.server import Listen
from chatcore.events import FileFailed, FileOffered, FileProgressed, FileReceived, FileSent, WayChosen
from chatcore.ports.transport import ConnectOptions, ListenOptions
from chatcore_files import DownloadFolder
from chatcore_files.folder import FolderPart
from tests.integration.test_files import cut, digest
from tests.patience import PATIENCE
from tests.stores import ChatServer

SIZE = 2**20 + 17
WORTH_IT = 300_000
"""Size of a small file that is worth a second connection."""


class Place:
    """A server with two transports, and where files go."""

    def __init__(self, server: ChatServer, folder: Path) -> None:
        self.server = server
        self.folder = folder
        told = {each["transport"]: each for each in server.about()}
        self.key = next(str(each["key_fingerprint"]) for each in told.values() if "key_fingerprint" in each)
        self.encrypted = told["ws"]["encrypted"]
        self.ports = {name: each["port"] for name, each in told.items()}

    @asynccontextmanager
    async def user(
        self, name: str, scheme: str = "quic", *, files: DownloadFolder | None = None
    ) -> AsyncIterator[Client]:
        """Give a user with a folder of its own."""
        files = files or DownloadFolder(self.folder / name)
        if scheme == "ws" and self.encrypted:
            scheme = "wss"
        port = self.ports["quic" if scheme in {"quic", "chat"} else "ws"]
        options = ConnectOptions(fingerprints=(self.key,) if scheme != "ws" else (), connect_timeout=PATIENCE)
        where = f"{scheme}://127.0.0.1:{port}"
        async with connect(where, username=name, options=options, files=files) as client:
            yield client

    def file(self, size: int = SIZE) -> Path:
        """Return a new file."""
        path = self.folder / "source.bin"
        path.write_bytes(bytes(index % 251 for index in range(1021)) * (size // 1021 + 1))
        return path


@asynccontextmanager
async def place(
    folder: Path, *, encrypted: bool = False, public_url: str | None = None, **limits: Any
) -> AsyncIterator[Place]:
    """Give a server in this process that offers QUIC and WebSocket."""
    state = str(folder / "state")
    listen = [
        Listen("ws", options=ListenOptions(port=0, state_dir=state, tls_own=encrypted)),
        Listen("quic", options=ListenOptions(port=0, state_dir=state)),
    ]
    async with asyncio.timeout(PATIENCE):
        async with ChatServer(listen=listen, limits=Limits(**limits), public_url=public_url) as server:
            yield Place(server, folder)


class HeldFolder(DownloadFolder):
    """Takes so much in its first writes as is not much of a file, and the rest once it is let go."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.writes = threading.Semaphore(4)

    def open_part(self, sha256: str, size: int) -> FolderPart:
        """Return a part that waits."""
        writes = self.writes

        class HeldPart(FolderPart):
            def append(self, data: bytes) -> None:
                assert writes.acquire(timeout=PATIENCE)
                super().append(data)

        os.makedirs(self.path, exist_ok=True)
        return HeldPart(self.path, sha256, size)

    def let_go(self) -> None:
        """Take everything."""
        self.writes.release(10_000)


class Watch:
    """Everything that a client is told until its file is over."""

    def __init__(self, client: Client) -> None:
        self.ways: list[WayChosen] = []
        self.done = 0
        self.end: FileReceived | FileSent | FileFailed | None = None
        self._client = client
        self._news = asyncio.Event()
        self._task = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        async for event in self._client:
            match event:
                case WayChosen():
                    self.ways.append(event)
                case FileProgressed(done=done):
                    self.done = max(self.done, done)
                case FileOffered():
                    await self._client.accept_file(event.file)
                case FileReceived() | FileSent() | FileFailed():
                    self.end = event
            self._news.set()
            if self.end is not None:
                return

    async def until(self, condition: Any) -> None:
        """Wait until something is so."""
        while not condition():
            self._news.clear()
            await self._news.wait()

    async def over(self) -> None:
        """Wait until the file has arrived, or will not."""
        await self._task
        assert not isinstance(self.end, FileFailed), self.end


def second_of(client: Client) -> Any:
    """Return the second connection of a client, if it has one."""
    return client._life.way._second


async def sent(here: Place, alice: Client, bob: Client, size: int = SIZE) -> tuple[Watch, Watch]:
    """Send a file from one to the other, and return what both were told."""
    source = here.file(size)
    watches = Watch(alice), Watch(bob)
    await alice.offer_file(source, to="bob")
    for watch in watches:
        await watch.over()
    received = watches[1].end
    assert isinstance(received, FileReceived)
    assert digest(Path(received.place)) == digest(source)
    return watches


@pytest.mark.parametrize("scheme", ["quic", "chat"])
@pytest.mark.parametrize("encrypted", [False, True], ids=["ws", "wss"])
async def test_files_take_a_second_connection_and_the_chat_stays_where_it_is(
    encrypted: bool, scheme: str, tmp_path: Path
) -> None:
    """Both sides say which; nobody has asked for it."""
    async with (
        place(tmp_path, encrypted=encrypted) as here,
        here.user("alice", scheme) as alice,
        here.user("bob", scheme) as bob,
    ):
        told = alice.server["files"]
        assert (told["scheme"], told["port"]) == ("wss" if encrypted else "ws", here.ports["ws"])
        for watch in await sent(here, alice, bob):
            assert watch.ways == [WayChosen("wss" if encrypted else "ws", "second", "")]
        assert (alice.transport, bob.transport) == ("quic", "quic")
        assert await alice.send("hello")


@pytest.mark.parametrize("schemes", [("quic", "ws"), ("ws", "quic")], ids="-".join)
async def test_each_side_has_a_way_of_its_own(schemes: tuple[str, str], tmp_path: Path) -> None:
    """Whoever talks over WebSocket needs no second connection."""
    async with place(tmp_path) as here, here.user("alice", schemes[0]) as alice, here.user("bob", schemes[1]) as bob:
        ways = {
            watch_scheme: watch.ways for watch_scheme, watch in zip(schemes, await sent(here, alice, bob), strict=True)
        }
        assert ways == {"ws": [], "quic": [WayChosen("ws", "second", "")]}


@pytest.mark.parametrize("victim", ["alice", "bob", "both", "the chat"])
async def test_a_file_goes_on_when_a_connection_is_lost_in_the_middle(victim: str, tmp_path: Path) -> None:
    """On the first one, until there is another; what has arrived is not sent again, and nothing fails."""
    folder = HeldFolder(tmp_path / "bob")
    async with (
        place(tmp_path, file_window_bytes=64 * 1024) as here,
        here.user("alice") as alice,
        here.user("bob", files=folder) as bob,
    ):
        source = here.file()
        watches = Watch(alice), Watch(bob)
        await alice.offer_file(source, to="bob")
        for watch in watches:
            await watch.until(lambda watch=watch: watch.ways)
            assert watch.end is None
        for client in {"alice": [alice], "bob": [bob], "both": [alice, bob], "the chat": []}[victim]:
            second_of(client)._link.abort()
        if victim == "the chat":
            cut(bob)
        folder.let_go()
        for watch in watches:
            await watch.over()
        received = watches[1].end
        assert isinstance(received, FileReceived)
        assert digest(Path(received.place)) == digest(source)
        lost = [watch.ways[1].why for watch in watches if len(watch.ways) > 1 and watch.ways[1].why != "second"]
        assert lost == ["lost"] * {"alice": 1, "bob": 1, "both": 2, "the chat": 0}[victim]
        assert (alice.transport, bob.transport, alice.connected, bob.connected) == ("quic", "quic", True, True)


async def test_files_stay_with_quic_and_their_user_is_told_when_nothing_answers_where_the_server_says(
    tmp_path: Path,
) -> None:
    """As behind a proxy that is down. The file arrives all the same."""
    nowhere = "wss://127.0.0.1:9"
    async with place(tmp_path, public_url=nowhere) as here, here.user("alice") as alice, here.user("bob") as bob:
        assert alice.server["files"] == {"url": nowhere}
        for watch in await sent(here, alice, bob, WORTH_IT):
            (way,) = watch.ways
            assert (way.transport, way.why) == ("quic", "unreachable")
            assert "127.0.0.1:9" in way.detail


async def test_files_stay_with_quic_when_the_address_has_no_connection_left(tmp_path: Path) -> None:
    """What the server says about it is told."""
    async with place(tmp_path, connections_per_address=2) as here, here.user("alice") as alice, here.user("bob") as bob:
        for watch in await sent(here, alice, bob, WORTH_IT):
            (way,) = watch.ways
            assert (way.transport, way.why) == ("quic", "unreachable")
            assert "429" in way.detail


async def test_a_small_file_is_not_worth_a_second_connection(tmp_path: Path) -> None:
    """It is there before one is."""
    async with place(tmp_path) as here, here.user("alice") as alice, here.user("bob") as bob:
        path = tmp_path / "small.txt"
        path.write_bytes(b"small")
        watches = Watch(alice), Watch(bob)
        await alice.offer_file(path, to="bob")
        for watch in watches:
            await watch.over()
            assert watch.ways == []


async def test_the_second_connection_ends_with_its_client(tmp_path: Path) -> None:
    """Nothing is left at the server."""
    async with place(tmp_path) as here:
        async with here.user("alice") as alice, here.user("bob") as bob:
            await sent(here, alice, bob)
            assert here.server.figures().connections.total() == 4
        while here.server.figures().connections.total():
            await asyncio.sleep(0.01)
        assert not here.server.chat.users
