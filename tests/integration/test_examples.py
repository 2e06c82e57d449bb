"""Every example runs as it stands, and those that extend chatcore keep the contracts of what they extend."""

from __future__ import annotations

import asyncio
import resource
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore import Limits, Listen, LoginRefused, MessagePosted, connect
from chatcore.commands import LogIn, SendMessage
from chatcore.errors import ConfigurationError, ConnectionClosed
from chatcore.events import Refused
from chatcore.ports.transport import ConnectOptions, Link, ListenOptions, LostReason, Transport
from chatcore.testing import MemoryNetwork
from chatcore.text.reasons import CONNECTION_LOST
from chatcore_tcp import TcpTransport
from examples import echo_bot, quiz_bot
from examples.json_lines_store import HEAD, JsonLinesStore
from examples.shout_dialect import dialect as shout
from examples.unix_transport import UnixTransport
from tests.contracts.archive import ArchiveContract
from tests.contracts.journal import JournalContract
from tests.contracts.transport import Meet, TransportContract, User
from tests.patience import PATIENCE
from tests.stores import ChatServer, LoneServer
from tests.unit.cli.processes import run_here

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """Where a server listens."""
    async with ChatServer(port=0) as server:
        yield server.urls[0]


async def _start(name: str, *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, str(EXAMPLES / name), *arguments, stdout=asyncio.subprocess.PIPE
    )


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    await process.communicate()


async def test_the_echo_bot_answers_over_a_real_connection(url: str) -> None:
    """Seven lines are a bot."""
    process = await _start("echo_bot.py", url)
    try:
        async with connect(url, username="alice") as alice, asyncio.timeout(PATIENCE):
            while "echo" not in alice.members:
                await anext(alice)
            await alice.send("!echo hello")
            async for event in alice:
                if isinstance(event, MessagePosted) and event.sender == "echo":
                    assert event.text == "hello"
                    break
    finally:
        await _stop(process)


def test_bots_that_are_examples_pass_their_own_tests() -> None:
    """Which need neither a server nor time."""
    echo_bot.test_the_bot_repeats_what_it_is_asked_to()
    quiz_bot.test_who_knows_it_has_a_point()
    quiz_bot.test_nobody_waits_for_ever()


async def test_say_hello_prints_what_is_said_until_goodbye(url: str) -> None:
    """The loop of the library in its shortest form."""
    process = await _start("say_hello.py", url)
    try:
        async with connect(url, username="alice") as alice, asyncio.timeout(PATIENCE):
            while "hello" not in alice.members:
                await anext(alice)
            await alice.send("goodbye")
            assert process.stdout is not None
            lines = (await process.stdout.read()).decode().splitlines()
            assert "alice: goodbye" in lines
            assert await process.wait() == 0
    finally:
        await _stop(process)


@pytest.mark.parametrize("name", ["embedded_server.py", "tested_bot.py"])
def test_an_example_that_needs_no_server_runs_and_ends(name: str) -> None:
    """It exits with 0 and says nothing on stderr."""
    done = subprocess.run(
        [sys.executable, EXAMPLES / name],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
    )
    assert (done.returncode, done.stderr) == (0, "")


# A transport, a dialect and a store of one's own.


@pytest.fixture
def _installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Offer the dialect of the examples as an installed package does."""
    about = tmp_path / "shout-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: shout\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[chatcore.dialects]\nshout = examples.shout_dialect:dialect\n")
    monkeypatch.syspath_prepend(str(tmp_path))


class TestUnixTransport(TransportContract):
    """The contract; where it speaks of ports and addresses, the same with the path of a socket."""

    @pytest.fixture
    def transport(self) -> Transport:
        """Return the transport."""
        return UnixTransport()

    @pytest.fixture
    def listening(self, tmp_path: Path) -> ListenOptions:
        """Return options to listen with."""
        return ListenOptions(host=str(tmp_path / "chat.sock"), keepalive_interval=60)

    async def test_link_describes_itself_when_it_is_made(self, meet: Meet) -> None:
        """The client knows the path; the server knows that it is somebody on this machine."""
        client, server = await (await meet()).join()
        assert client.link.address.endswith("/chat.sock")
        assert server.link.address == "this machine"

    async def test_listener_tells_the_real_port_when_any_will_do(self, meet: Meet, tmp_path: Path) -> None:
        """A path is a path."""
        assert (await meet()).listener.url == f"unix://{tmp_path}/chat.sock"

    async def test_second_listener_is_refused_when_the_port_is_taken(
        self, meet: Meet, transport: Transport, listening: ListenOptions
    ) -> None:
        """A path that somebody listens at, or that is another kind of file."""
        meeting = await meet()
        with pytest.raises(ConfigurationError, match=r"chat\.sock is in use by another program$"):
            await transport.listen(listening, User)
        for host, why in ((__file__, "in use"), ("/no/such/folder", "No such file")):
            with pytest.raises(ConfigurationError, match=why):
                await transport.listen(replace(listening, host=host), User)
        client, _server = await meeting.join()
        client.say(b"still here")

    async def test_connection_is_refused_when_there_are_too_many(self, meet: Meet) -> None:
        """There are no words for it before anybody knows the dialect: the link is lost at once."""
        meeting = await meet(max_connections=1)
        client, server = await meeting.join()
        refused: list[User] = []

        def accept(link: Link) -> User:
            refused.append(User(link))
            return refused[0]

        await meeting.transport.connect(meeting.listener.url, ConnectOptions(), accept)
        assert await refused[0].leaves() == LostReason.CLOSED_BY_PEER
        client.link.abort()
        await server.leaves()
        await meeting.join()


def test_path_of_any_letters_is_the_host_of_a_transport_that_listens_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no name of the network, and what is right for the server is so for `config check`."""
    about = tmp_path / "unix-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: unix\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[chatcore.transports]\nunix = examples.unix_transport:transport\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    path = f"/home/éric/{'a' * 60}/chat.sock"
    done = run_here("config", "check", "--transport", "unix", "--host", path)
    assert (done.returncode, done.stderr) == (0, "")


async def test_users_of_a_unix_socket_and_of_websocket_are_in_one_room(tmp_path: Path) -> None:
    """With the client's own reconnecting and acknowledging on top."""
    unix = UnixTransport()
    places = [
        Listen(unix, "chat", ListenOptions(host=str(tmp_path / "chat.sock"))),
        Listen(options=ListenOptions(port=0)),
    ]
    async with (
        asyncio.timeout(PATIENCE),
        LoneServer(listen=places) as server,
        connect(server.urls[0], username="ursula", transport=unix) as ursula,
        connect(server.urls[1], username="wendy") as wendy,
    ):
        assert (await ursula.whois("wendy")).transport == "ws"
        assert (await wendy.whois("ursula")).transport == "unix"
        await ursula.send("hello")
        async for event in wendy:
            if isinstance(event, MessagePosted):
                assert (event.sender, event.text) == ("ursula", "hello")
                break


@given(st.lists(st.binary(max_size=30) | st.sampled_from([b"alice\n", b"\r\n", b"hello "]), max_size=10), st.booleans())
def test_shouters_may_send_any_bytes_cut_anywhere(pieces: list[bytes], boundaries: bool) -> None:
    """Nothing raises, and on a stream only the bytes count, not how they were cut."""

    def asked(pieces: list[bytes]) -> list[object]:
        machine = shout.server(Limits(), boundaries=boundaries, keepalive=False, now=0.0)
        found: list[object] = []
        for piece in pieces:
            machine.receive_data(piece)
            found += machine.events_received()
        machine.receive_eof()
        return found + machine.events_received()

    found = asked(pieces)
    if not boundaries:
        joined = b"".join(pieces)
        assert asked([joined]) == found == asked([joined[at : at + 1] for at in range(len(joined))])


def test_shouter_says_nothing_twice_when_the_connection_ends() -> None:
    """What has not come back is told of, for a server like this would say it a second time."""
    machine = shout.client(Limits(), boundaries=False, keepalive=False, now=0.0)
    machine.send_command(LogIn("bob"), "login")
    machine.receive_data(b"WELCOME BOB\n")
    machine.send_command(SendMessage("one", cid=1))
    machine.send_command(SendMessage("two", cid=2))
    machine.receive_data(b"BOB: ONE\n")
    machine.events_received()
    machine.receive_eof()
    (lost,) = machine.events_received()
    assert isinstance(lost.event, Refused)
    assert (lost.event.code, lost.event.cid) == (CONNECTION_LOST, 2)


@pytest.mark.usefixtures("_installed")
async def test_shouters_talk_with_everybody_else() -> None:
    """With nc on one side and the library's own client on the other."""
    places = [Listen(TcpTransport(), "shout", ListenOptions(port=0)), Listen(options=ListenOptions(port=0))]
    async with ChatServer(listen=places) as server, asyncio.timeout(PATIENCE):
        port = int(server.urls[0].rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        async with connect(server.urls[1], username="wendy") as wendy:

            async def hears(line: str) -> None:
                assert (await reader.readline()).decode() == f"{line}\n"

            writer.write(b"WENDY\n")
            await hears("NAME_TAKEN: THE NAME WENDY IS TAKEN")
            writer.write(b"NED\nhel")
            await hears("WELCOME NED")
            writer.write(b"lo\n")
            await hears("NED: HELLO")
            async for event in wendy:
                if isinstance(event, MessagePosted):
                    assert (event.sender, event.text) == ("NED", "hello")
                    break
            await wendy.send("hello\nNED: I never said this")
            await hears("WENDY: HELLO NED: I NEVER SAID THIS")
            writer.close()
            await writer.wait_closed()
            while "NED" in wendy.members:
                await anext(wendy)


@pytest.mark.usefixtures("_installed")
async def test_our_client_shouts_too() -> None:
    """The client's side: acknowledged by what comes back; a name in use is a refused login."""
    network = MemoryNetwork(boundaries=False)
    async with ChatServer(transport=network, dialect="shout", port=0) as server, asyncio.timeout(PATIENCE):
        url = server.urls[0]
        async with (
            connect(url, username="ann", transport=network, dialect="shout") as ann,
            connect(url, username="ned", transport=network, dialect="shout") as ned,
        ):
            posted = await ann.send("hello")
            assert posted is not None
            assert (posted.sender, posted.text) == ("ANN", "HELLO")
            async for event in ned:
                if isinstance(event, MessagePosted):
                    assert event.text == "HELLO"
                    break
            with pytest.raises(LoginRefused, match="name_taken"):
                await connect(url, username="ann", transport=network, dialect="shout")


def test_whoever_says_no_name_is_sent_away() -> None:
    """And whoever sends a line without an end."""
    machine = shout.server(Limits(login_timeout=5), boundaries=False, keepalive=False, now=100.0)
    assert machine.get_timer() == 105.0
    machine.handle_timer(104.0)
    assert machine.close_expected() is None
    machine.handle_timer(105.0)
    assert machine.close_expected() is not None
    machine = shout.server(Limits(), boundaries=False, keepalive=False, now=0.0)
    machine.receive_data(b"x" * 70_000)
    assert machine.close_expected() is not None


class _JsonLines:
    """Opens stores in one file, one after the other, and closes the last one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.last: JsonLinesStore | None = None

    async def __call__(self) -> JsonLinesStore:
        await self.close()
        store = self.last = JsonLinesStore(self.path)
        await store.open()
        return store

    async def close(self) -> None:
        if self.last is not None:
            await self.last.close()
            self.last = None


class TestJsonLinesJournal(JournalContract):
    """The promises of a journal."""

    @pytest.fixture
    async def open_journal(self, tmp_path: Path) -> AsyncIterator[_JsonLines]:
        """Return a function that opens the file."""
        stores = _JsonLines(tmp_path / "chat.jsonl")
        yield stores
        await stores.close()


class TestJsonLinesArchive(ArchiveContract):
    """The promises of an archive."""

    @pytest.fixture
    async def open_store(self, tmp_path: Path) -> AsyncIterator[_JsonLines]:
        """Return a function that opens the file."""
        stores = _JsonLines(tmp_path / "chat.jsonl")
        yield stores
        await stores.close()


@pytest.mark.parametrize("torn", [b"", b'["appended", "lobby", {"mess'])
async def test_what_was_acknowledged_is_there_after_a_restart(tmp_path: Path, torn: bytes) -> None:
    """The same seq, the same epoch, and a repeated send is still known, whatever the last line looks like."""
    path, network = tmp_path / "chat.jsonl", MemoryNetwork()
    epochs = set()
    for turn in range(3):
        server = ChatServer(transport=network, port=0, store=JsonLinesStore(path, sync=True))
        async with server, connect(server.urls[0], username="alice", client_id="a" * 20, transport=network) as alice:
            posted = await alice.send(f"number {turn}")
            assert posted is not None
            assert (posted.seq, posted.cid) == (turn + 1, turn + 1)
            assert [each.text for each in await alice.history()] == [f"number {n}" for n in range(turn + 1)]
            epochs.add(server.chat.log.position("lobby").epoch)
        path.write_bytes(path.read_bytes() + torn)
    assert len(epochs) == 1


async def test_full_disk_ends_the_server_and_what_was_acknowledged_is_there_later(tmp_path: Path) -> None:
    """The line that found no space is gone, and those before it are whole; and nobody waits for an answer for ever."""
    path, network = tmp_path / "chat.jsonl", MemoryNetwork()
    server = ChatServer(transport=network, port=0, store=JsonLinesStore(path))
    await server.start()
    alice = await connect(server.urls[0], username="alice", transport=network, reconnect=False)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 20_000, before[1]))
    said = 0
    try:
        async with asyncio.timeout(PATIENCE):
            with suppress(ConnectionClosed):
                while await alice.send("x" * 1000):
                    said += 1
            await server.failed.wait()
            assert server.unready == "the store cannot be written any more"
            await alice.close()
            await server.stop()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert said > 3
    async with (
        ChatServer(transport=network, port=0, store=JsonLinesStore(path)) as again,
        connect(again.urls[0], username="bob", transport=network) as bob,
    ):
        assert len(await bob.history()) in (said, said + 1)  # one may be kept, and its answer lost


@pytest.mark.parametrize("line", [b"{", b"5", b'["news"]', b'["appended", "nowhere", {}]', b'["entry", 1]'])
async def test_file_that_is_damaged_or_not_there_is_said_in_a_sentence(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "chat.jsonl"
    path.write_bytes(HEAD + line + b"\ntorn")
    with pytest.raises(ConfigurationError, match="is damaged in line 2; put a backup in its place"):
        await JsonLinesStore(path).open()
    assert path.read_bytes() == HEAD + line + b"\ntorn"
    with pytest.raises(ConfigurationError, match="cannot be used: No such file or directory"):
        await JsonLinesStore(tmp_path / "nowhere" / "chat.jsonl").open()


@pytest.mark.parametrize(
    "content", [b"Dear diary", b"Dear\ndiary", b'["a", "b"]', b'["entry", 1]\n{', b"SQLite format 3\0\n\0"]
)
async def test_file_of_somebody_else_stays_as_it_is(tmp_path: Path, content: bytes) -> None:
    """Wherever its last line ends."""
    path = tmp_path / "diary"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match="diary is no store of chatcore; give another file"):
        await JsonLinesStore(path).open()
    assert path.read_bytes() == content


@pytest.mark.parametrize("begun", [0, 1, len(HEAD) - 1])
async def test_file_that_was_hardly_begun_is_as_good_as_none(tmp_path: Path, begun: int) -> None:
    """The machine stopped before anybody was told that something is there."""
    path = tmp_path / "chat.jsonl"
    path.write_bytes(HEAD[:begun])
    for _ in range(2):
        store = JsonLinesStore(path)
        await store.open()
        await store.close()
        assert path.read_bytes() == HEAD


def test_no_store_is_given_the_file_of_another_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that needs a place asks for it, as the one that the guide shows does; `sqlite` has its own."""
    about = tmp_path / "lines-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: lines\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[chatcore.stores]\nlines = examples.json_lines_store:store\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    file = tmp_path / "chat.db"
    file.write_bytes(b"SQLite format 3\0 and no line end")
    for place in ("", ":"):
        done = run_here("serve", "--state-dir", str(tmp_path), "--store", f"lines{place}")
        assert done.returncode == 2
        assert "a store of JSON lines needs the path of its file" in done.stderr
    done = run_here("serve", "--state-dir", str(tmp_path), "--store", f"lines:{file}")
    assert f"{file} is no store of chatcore; give another file" in done.stderr
    assert file.read_bytes() == b"SQLite format 3\0 and no line end"


async def test_only_its_owner_reads_the_file(tmp_path: Path) -> None:
    """There are direct messages in it."""
    store = JsonLinesStore(tmp_path / "chat.jsonl")
    await store.open()
    await store.close()
    assert (tmp_path / "chat.jsonl").stat().st_mode & 0o077 == 0


async def test_nobody_reads_the_direct_messages_of_somebody_else_after_a_restart(tmp_path: Path) -> None:
    """Whoever logs in first, and whatever place in a log is asked for: an inbox ends with its session."""
    path, network = tmp_path / "chat.jsonl", MemoryNetwork()
    async with ChatServer(transport=network, port=0, store=JsonLinesStore(path)) as server:
        url = server.urls[0]
        async with (
            connect(url, username="alice", transport=network) as alice,
            connect(url, username="bob", transport=network),
        ):
            await alice.send_direct("bob", "for bob alone")
    async with ChatServer(transport=network, port=0, store=JsonLinesStore(path)) as server:
        for name in ("mallory", "bob", "alice"):
            async with connect(server.urls[0], username=name, transport=network) as reader:
                for place in ({"after": 0}, {"before": 2**53}, {}):
                    assert not await reader.history("@", **place)


def test_every_example_is_run() -> None:
    """A new example needs a test here."""
    assert sorted(each.name for each in EXAMPLES.glob("*.py")) == [
        "conformance.py",  # test_conformance.py runs it
        "conformance_client.py",
        "conformance_wire.py",
        "echo_bot.py",
        "embedded_server.py",
        "json_lines_store.py",
        "quiz_bot.py",
        "say_hello.py",
        "shout_dialect.py",
        "tested_bot.py",
        "unix_transport.py",
    ]
