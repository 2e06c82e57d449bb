"""Files between clients of the library, in virtual time and with disks in memory."""

from __future__ import annotations

import asyncio
import errno
import random
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from itertools import pairwise
from typing import Any, NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatcore import Client, ConfigurationError, RequestRefused, connect
from chatcore.dialects.chat.chunks import encode_chunk
from chatcore.errors import ConnectionClosed, FileError
from chatcore.events import ConnectionLost, FileFailed, FileOffered, FileProgressed, FileReceived, FileSent
from chatcore.testing import MemoryNetwork, MemorySessions, run
from tests.unit.aio.house import Cable, Connection, Frame, House, Puppet, in_virtual_time
from tests.unit.fakes import MemoryFiles, MemoryPart, MemorySource

DATA = random.Random(1).randbytes(300_000)


async def next_of(client: Client, *kinds: type[Any]) -> Any:
    """Return the next event of one of these kinds."""
    async for event in client:
        if isinstance(event, kinds):
            return event
    raise AssertionError("the client has ended")


async def guests(house: House, *names: str, **options: Any) -> list[Any]:
    """Return clients and their files, in turn."""
    found: list[Any] = []
    for name in names:
        files = MemoryFiles()
        files.complete[f"{name}.bin"] = DATA
        found += [await house.guest(name, files=files, **options), files]
    return found


@in_virtual_time
async def test_a_file_arrives_and_both_sides_are_told_how_far_it_is() -> None:
    """With speed and time left, over a way that takes its time."""
    async with House(MemoryNetwork(latency=(0.05, 0.06))) as house:
        alice, _, bob, files = await guests(house, "alice", "bob")
        made = await alice.offer_file("alice.bin", to="bob")
        offer = await next_of(bob, FileOffered)
        assert (offer.file, offer.name, offer.size) == (made.file, "alice.bin", len(DATA))
        assert [one.state for one in bob.files] == ["offered"]
        await bob.accept_file(made.file)
        await bob.accept_file(made.file)  # which it is already
        steps = []
        while not isinstance(event := await next_of(bob, FileProgressed, FileReceived), FileReceived):
            steps.append(event)
        assert (event.user, event.name, event.size, event.place) == ("alice", "alice.bin", len(DATA), "alice.bin")
        assert files.complete["alice.bin"] == DATA
        middle = steps[len(steps) // 2]
        assert 0 < middle.done < len(DATA)
        assert middle.rate > 10_000
        assert middle.left == pytest.approx((len(DATA) - middle.done) / middle.rate, rel=0.5)
        progress = await next_of(alice, FileProgressed)
        assert (progress.sending, progress.user, progress.state) == (True, "bob", "running")
        assert (await next_of(alice, FileSent)).user == "bob"
        assert (alice.files, bob.files) == ((), ())


@in_virtual_time
async def test_a_program_without_a_folder_says_so() -> None:
    """It can send what is no file, and receive nothing."""
    async with House() as house:
        (alice,) = await house.guests("alice")
        bob, _ = await guests(house, "bob")
        with pytest.raises(ConfigurationError, match="no folder"):
            await alice.offer_file("x", to="bob")
        source = MemorySource("a/b\x00c.bin", DATA)
        await alice.offer_file(source, to=["bob"])
        assert (await next_of(bob, FileOffered)).name == "bc.bin"
        await bob.offer_file("bob.bin", to="alice")
        with pytest.raises(ConfigurationError, match="no folder"):
            await alice.accept_file((await next_of(alice, FileOffered)).file)
        files = MemoryFiles()
        await alice.accept_file(alice.files[1].file, files)
        await next_of(alice, FileReceived)
        assert files.complete == {"bob.bin": DATA}
        await alice.close()
        assert source.closed


@in_virtual_time
async def test_a_program_that_goes_on_for_a_killed_one_offers_files_of_its_own() -> None:
    """To whom it says: the offer of the program before, to somebody else, is not taken for its first."""
    sessions = MemorySessions()
    async with House() as house:
        bob, _, carol, files = await guests(house, "bob", "carol")
        cable = Cable(house.network)
        killed = await connect(house.url, username="alice", transport=cable, sessions=sessions, reconnect=False)
        before = await killed.offer_file(MemorySource("a.bin", DATA[:9]), to="bob")
        sessions.crash()
        cable.pull()
        await killed.close()
        alice = await house.guest("alice", sessions=sessions)
        made = await alice.offer_file(MemorySource("b.bin", DATA), to="carol")
        assert (made.to, made.file != before.file) == (("carol",), True)
        assert (await next_of(carol, FileOffered)).name == "b.bin"
        await carol.accept_file(made.file)
        await next_of(alice, FileSent)
        assert files.complete["b.bin"] == DATA
        assert [offered.name for offered in bob.files] == ["a.bin"]


@in_virtual_time
async def test_the_same_content_offered_twice_arrives_twice() -> None:
    """By one user, at once, and by another one under another name: the content is no identity."""
    async with House(MemoryNetwork(latency=(0.02, 0.02))) as house:
        alice, _, carol, _, bob, files = await guests(house, "alice", "carol", "bob")
        for sender, name in ((alice, "x"), (alice, "y"), (carol, "z")):
            await sender.offer_file(MemorySource(name, DATA), to="bob")
        offers = [await next_of(bob, FileOffered) for _ in range(3)]
        await asyncio.gather(*(bob.accept_file(offer.file) for offer in offers))
        assert {(await next_of(bob, FileReceived)).name for _ in offers} == {"x", "y", "z"}
        assert [files.complete[name] == DATA for name in "xyz"] == [True] * 3
        await next_of(carol, FileSent)
        assert (await next_of(alice, FileSent), await next_of(alice, FileSent)) != (None, None)
        assert alice.files == carol.files == bob.files == ()


@in_virtual_time
async def test_an_offer_without_an_answer_is_repeated_as_the_same_one() -> None:
    """The connection breaks before the answer is there; the next offer of the content is another one."""
    refs: list[str] = []

    def answer(frame: Frame, connection: Connection) -> None:
        match frame["type"]:
            case "login":
                connection.welcome(id=frame["id"])
            case "file_offer":
                refs.append(frame["ref"])
                if len(refs) == 1:
                    connection.hang_up()
                else:
                    connection.say("file_offered", id=frame["id"], file=f"f{len(refs)}", to=["bob"])
            case _:
                connection.say("ok", id=frame.get("id"))

    async with (
        Puppet(answer) as puppet,
        connect(puppet.url, username="alice", transport=puppet.network) as alice,
    ):
        made = [await alice.offer_file(MemorySource("x", DATA), to="bob") for _ in range(2)]
        assert [one.file for one in made] == ["f2", "f3"]
        assert refs[0] == refs[1] != refs[2]


@in_virtual_time
async def test_credit_ends_with_its_connection() -> None:
    """The next one has a run of the same number, for which nobody has granted anything."""

    def answer(frame: Frame, connection: Connection) -> None:
        match frame["type"]:
            case "login" if len(puppet.connections) == 1:
                connection.welcome(id=frame["id"])
                connection.say("file_credit", transfer=1, upto=len(DATA))
                connection.hang_up()
            case "login":
                connection.welcome(id=frame["id"])
            case "file_offer":
                connection.say("file_offered", id=frame["id"], file="f1", to=["bob"])
                connection.say("file_accept", file="f1", **{"from": "bob"}, transfer=1, offset=0)
            case _:
                connection.say("ok", id=frame.get("id"))

    async with (
        Puppet(answer) as puppet,
        connect(puppet.url, username="alice", transport=puppet.network) as alice,
    ):
        await next_of(alice, ConnectionLost)
        await alice.offer_file(MemorySource("x", DATA), to="bob")
        await asyncio.sleep(1)
        assert [(one.state, one.done) for one in alice.files] == [("running", 0)]


@in_virtual_time
async def test_news_that_overtake_the_answer_to_an_offer_are_not_lost() -> None:
    """They arrive in one piece with it."""
    async with House() as house:
        alice, _, bob, files = await guests(house, "alice", "bob")

        async def accept_at_once() -> None:
            await bob.accept_file((await next_of(bob, FileOffered)).file)

        accepting = asyncio.create_task(accept_at_once())
        await alice.offer_file("alice.bin", to="bob")
        await accepting
        await next_of(bob, FileReceived)
        assert files.complete["alice.bin"] == DATA


@in_virtual_time
async def test_a_side_without_a_connection_pauses_and_goes_on() -> None:
    """The other side is told, and so is its own user."""
    network = MemoryNetwork(latency=(0.02, 0.02))
    async with House(network) as house:
        cable = Cable(network)
        alice, _, bob, files = await guests(house, "alice", "bob", transport=cable)
        other = Cable(network)
        carol, more = (await guests(house, "carol", transport=other))[:2]
        await alice.offer_file("alice.bin", to=["bob", "carol"])
        for client in (bob, carol):
            await client.accept_file((await next_of(client, FileOffered)).file)
        other.pull()
        await asyncio.sleep(0.05)
        assert {one.user: one.state for one in alice.files} == {"bob": "running", "carol": "paused"}
        assert [one.state for one in carol.files] == ["paused"]
        cable.pull()
        await asyncio.sleep(0.2)
        assert {one.state for one in (*alice.files, *bob.files)} == {"paused"}
        other.plug()
        cable.plug()
        for client, found in ((bob, files), (carol, more)):
            await next_of(client, FileReceived)
            assert found.complete["alice.bin"] == DATA
        assert {(await next_of(alice, FileSent)).user for _ in range(2)} == {"bob", "carol"}


@in_virtual_time
async def test_a_receiver_is_told_that_its_sender_has_no_connection() -> None:
    """It waits, and goes on where it was."""
    network = MemoryNetwork(latency=(0.02, 0.02))
    async with House(network) as house:
        cable = Cable(network)
        (alice, _), (bob, files) = await guests(house, "alice", transport=cable), await guests(house, "bob")
        await alice.offer_file("alice.bin", to="bob")
        await bob.accept_file((await next_of(bob, FileOffered)).file)
        await next_of(bob, FileProgressed)
        cable.pull()
        await asyncio.sleep(0.2)
        assert [one.state for one in bob.files] == ["paused"]
        cable.plug()
        await next_of(bob, FileReceived)
        assert files.complete["alice.bin"] == DATA
        await next_of(alice, FileSent)


@in_virtual_time
async def test_a_server_that_was_started_anew_knows_no_file() -> None:
    """What came is kept, and a new offer goes on from there."""
    network = MemoryNetwork(latency=(0.02, 0.02))
    async with House(network, port=7) as house:
        alice, _, bob, files = await guests(house, "alice", "bob")
        await alice.offer_file("alice.bin", to="bob")
        await bob.accept_file((await next_of(bob, FileOffered)).file)
        while sum(map(len, files.parts.values())) < 100_000:
            await asyncio.sleep(0.01)
        await alice.offer_file("alice.bin", room=True)
        await house.server.stop()
        house.server = type(house.server)(transport=network, port=7)
        await house.server.start()
        for client in (alice, bob):
            failed = await next_of(client, FileFailed)
            assert failed.code == "no_such_file"
        assert len(files.parts) == 1
        assert [one for one in bob.files if one.state != "offered"] == []
        await alice.offer_file("alice.bin", to="bob")
        await bob.accept_file((await next_of(bob, FileOffered)).file)
        while (began := await next_of(bob, FileProgressed)).state != "running":
            pass
        assert began.done > 100_000
        await next_of(bob, FileReceived)
        assert files.complete["alice.bin"] == DATA


@in_virtual_time
async def test_offers_from_before_a_lost_connection_are_not_shown_twice() -> None:
    """Unless one is gone: then it is gone without a word."""
    async with House() as house:
        alice, files = (await guests(house, "alice"))[:2]
        (bob,) = await house.guests("bob")
        files.complete["other.bin"] = b"other"
        first = await alice.offer_file("alice.bin", to="bob")
        second = await alice.offer_file("other.bin", to="bob")
        assert {(await next_of(bob, FileOffered)).file for _ in range(2)} == {first.file, second.file}
        house.network.cut(
            next(
                link
                for link in house.network.links
                if link.peer is not link and bob._life.connection.connection._link is link
            )
        )
        await alice.cancel_file(second.file)
        while not bob.connected:
            await asyncio.sleep(0.1)
        await alice.send("hello")
        await asyncio.sleep(1)
        assert [one.file for one in bob.files] == [first.file]
        assert not [event for event in bob._life.events.held if isinstance(event, FileOffered)]
        with pytest.raises(RequestRefused, match="no_such_file"):
            await bob.accept_file(second.file)
        await bob.decline_file(first.file)
        assert (await next_of(alice, FileFailed)).code == "cancelled_here"
        assert (await next_of(alice, FileFailed)).code == "declined"


@in_virtual_time
async def test_a_disk_that_is_full_ends_it_and_keeps_what_came() -> None:
    """Both sides know why."""
    async with House() as house:
        alice, _, bob, files = await guests(house, "alice", "bob")
        await alice.offer_file("alice.bin", to="bob")
        file = (await next_of(bob, FileOffered)).file
        files.full = True
        await bob.accept_file(file)
        failed = await next_of(bob, FileFailed)
        assert (failed.code, failed.message) == ("disk", "the disk is full")
        told = await next_of(alice, FileFailed)
        assert (told.code, told.message) == ("disk", "")  # what the disk of another user says is not for her


class FullDisk(MemoryFiles):
    """A store whose disk has no room, and whose errors say where it is."""

    def open_part(self, sha256: str, size: int) -> NoReturn:
        """Fail."""
        raise FileError("there is no room in /home/bob") from OSError(errno.ENOSPC, "No space left on device")


@in_virtual_time
async def test_a_disk_without_room_is_told_by_its_code_alone() -> None:
    """Before anything is sent; where the folder is, and what the system said, stays with its user."""
    async with House() as house:
        alice, _ = await guests(house, "alice")
        bob = await house.guest("bob", files=FullDisk())
        await alice.offer_file("alice.bin", to="bob")
        with pytest.raises(FileError, match="/home/bob"):
            await bob.accept_file((await next_of(bob, FileOffered)).file)
        failed = await next_of(bob, FileFailed)
        assert (failed.code, failed.message) == ("no_space", "there is no room in /home/bob")
        told = await next_of(alice, FileFailed)
        assert (told.code, told.message) == ("no_space", "")


@in_virtual_time
async def test_files_end_with_their_client() -> None:
    """Whoever waits is told, and so is the other side."""
    async with House(MemoryNetwork(latency=(0.02, 0.02))) as house:
        alice, _, bob, files = await guests(house, "alice", "bob")
        made = await alice.offer_file("alice.bin", to="bob")
        await next_of(bob, FileOffered)
        await bob.accept_file(made.file)
        await asyncio.sleep(0.2)
        await bob.close()
        assert (await next_of(alice, FileFailed)).code == "no_such_user"
        assert (await next_of(bob, FileFailed)).code == "closed"
        assert len(files.parts) == 1
        for asking in (
            bob.offer_file("bob.bin", to="alice"),
            bob.accept_file(made.file),
            bob.decline_file(made.file),
            bob.cancel_file("no-such-file"),
        ):
            with pytest.raises(ConnectionClosed):
                await asking


@in_virtual_time
async def test_what_waits_for_a_connection_can_be_cancelled() -> None:
    """At once, not when it is back."""
    network = MemoryNetwork()
    cable = Cable(network)
    async with House(network) as house:
        alice, _ = await guests(house, "alice")
        bob, files = await guests(house, "bob", transport=cable)
        made = await alice.offer_file("alice.bin", to="bob")
        await next_of(bob, FileOffered)
        cable.pull()
        await asyncio.sleep(0.1)
        accepting = asyncio.create_task(bob.accept_file(made.file))
        await asyncio.sleep(0.1)
        cancelling = asyncio.create_task(bob.cancel_file(made.file))
        assert (await next_of(bob, FileFailed)).code == "cancelled_here"
        with pytest.raises(RequestRefused):
            await accepting
        assert files.parts == {}
        cable.plug()
        await cancelling


@in_virtual_time
async def test_who_waits_for_a_file_when_the_client_ends_learns_that() -> None:
    """It is no refusal; the offer and what there is of the file are untouched."""
    network = MemoryNetwork()
    cable = Cable(network)
    async with House(network) as house:
        alice, _ = await guests(house, "alice")
        bob, files = await guests(house, "bob", transport=cable)
        made = await alice.offer_file("alice.bin", to="bob")
        await next_of(bob, FileOffered)
        cable.pull()
        await asyncio.sleep(0.1)
        accepting = asyncio.create_task(bob.accept_file(made.file))
        await asyncio.sleep(0.1)
        await bob.close()
        with pytest.raises(ConnectionClosed):
            await accepting
        assert (await next_of(bob, FileFailed)).code == "closed"
        assert (len(files.parts), files.opened) == (1, set())


@in_virtual_time
async def test_a_file_that_is_accepted_too_soon_comes_a_little_later() -> None:
    """The server asks for patience; whoever accepts it just waits."""
    asked: list[float] = []

    def answer(frame: Frame, connection: Connection) -> None:
        match frame["type"]:
            case "login":
                connection.welcome()
                connection.say(
                    "file_offer", file="7", **{"from": "bob"}, name="x", size=0, sha256=sha256(b"").hexdigest()
                )
            case "file_accept":
                asked.append(asyncio.get_running_loop().time())
                if len(asked) < 3:
                    connection.say("error", code="rate_limited", message="slowly", retry_after=2.0, id=frame["id"])
                else:
                    connection.say("file_transfer", file="7", transfer=2, offset=0, id=frame["id"])
            case _:
                connection.say("ok", id=frame.get("id"))

    async with Puppet(answer) as puppet:
        files = MemoryFiles()
        async with connect(puppet.url, username="alice", transport=puppet.network, files=files) as alice:
            await next_of(alice, FileOffered)
            await alice.accept_file("7")
            await next_of(alice, FileReceived)
    assert files.complete == {"x": b""}
    assert [round(after - before) for before, after in pairwise(asked)] == [2, 2]


@in_virtual_time
async def test_a_store_with_a_mistake_ends_one_file_and_is_reported() -> None:
    """Nobody waits for ever because of it, and whoever wrote the store sees it."""

    class Broken(MemoryFiles):
        def open_part(self, sha256: str, size: int) -> NoReturn:
            raise ZeroDivisionError("a mistake")

    reported: list[object] = []
    async with House() as house:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: reported.append(context["exception"]))
        alice, _ = await guests(house, "alice")
        bob = await house.guest("bob", files=Broken())
        await alice.offer_file("alice.bin", to="bob")
        with pytest.raises(ZeroDivisionError):
            await bob.accept_file((await next_of(bob, FileOffered)).file)
        assert (await next_of(bob, FileFailed)).code == "internal"
        assert [type(error) for error in reported] == [ZeroDivisionError]


class Mistaken(MemoryFiles):
    """A store with a mistake in one of its methods."""

    def __init__(self, where: str) -> None:
        super().__init__()
        self.where = where

    def open_part(self, sha256: str, size: int) -> Any:
        part = super().open_part(sha256, size)

        def mistake(*_: object) -> None:
            if self.where != "finish to nowhere":
                raise OSError("a mistake")

        setattr(part, self.where.split()[0], mistake)
        return None if self.where == "nothing" else part


@pytest.mark.parametrize("where", ["read", "append", "finish", "finish to nowhere", "nothing"])
@in_virtual_time
async def test_the_sender_hears_of_the_mistake_of_a_store(where: str) -> None:
    """As of a full disk: whatever ends it ends it for both."""
    reported: list[object] = []
    async with House() as house:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: reported.append(context["exception"]))
        alice, _ = await guests(house, "alice")
        files = Mistaken(where)
        bob = await house.guest("bob", files=files)
        if where == "read":  # there is something to be read
            part = MemoryFiles.open_part(files, sha256(DATA).hexdigest(), len(DATA))
            part.append(DATA[:10])
            part.keep()
        await alice.offer_file("alice.bin", to="bob")
        with suppress(OSError, AttributeError):
            await bob.accept_file((await next_of(bob, FileOffered)).file)
        assert (await next_of(bob, FileFailed)).code == "internal"
        told = await next_of(alice, FileFailed)
        assert (told.code, told.message) == ("disk", "")
        assert (alice.files, bob.files) == ((), ())
        assert len(reported) == 1


@pytest.mark.parametrize("mistake", [OSError("away"), "text", b"too much" * 100_000, None])
@in_virtual_time
async def test_both_hear_of_the_mistake_of_a_source(mistake: Any) -> None:
    """It is a program's own: whatever it raises, or returns."""

    class Source(MemorySource):
        broken = False

        def read(self, offset: int, size: int) -> bytes:
            if not self.broken:
                return super().read(offset, size)
            if isinstance(mistake, Exception):
                raise mistake
            return mistake  # type: ignore[no-any-return] # that is the mistake

        def close(self) -> None:
            raise ZeroDivisionError

    reported: list[object] = []
    async with House() as house:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: reported.append(context["exception"]))
        alice, _, bob, _ = await guests(house, "alice", "bob")
        source = Source("x", DATA)
        made = await alice.offer_file(source, to="bob")
        source.broken = True
        await bob.accept_file(made.file)
        assert (await next_of(alice, FileFailed)).code == "internal"
        assert (await next_of(bob, FileFailed)).code == "disk"
        assert (alice.files, bob.files) == ((), ())
    assert [type(error) for error in reported][-1] is ZeroDivisionError
    assert len(reported) == 2


@in_virtual_time
async def test_a_file_that_cannot_be_read_is_refused_here() -> None:
    """Before anybody hears of it, or when it becomes shorter."""
    async with House() as house:
        alice, _, bob, _ = await guests(house, "alice", "bob")
        with pytest.raises(FileError):
            await alice.offer_file("nothing", to="bob")
        source = MemorySource("x", DATA)
        source.size += 1
        with pytest.raises(FileError, match="shorter"):
            await alice.offer_file(source, to="bob")
        source = MemorySource("x", DATA)
        made = await alice.offer_file(source, to="bob")
        source.data = b""
        await bob.accept_file(made.file)
        assert (await next_of(alice, FileFailed)).code == "disk"
        assert (await next_of(bob, FileFailed)).code == "disk"


@in_virtual_time
async def test_what_is_refused_for_now_can_be_accepted_later() -> None:
    """Too many at a time; what is offered stays offered."""
    async with House(MemoryNetwork(latency=(0.02, 0.02)), file_transfers=1) as house:
        alice, store, bob, files = await guests(house, "alice", "bob")
        store.complete["other.bin"] = b"other"
        made = [await alice.offer_file(name, to="bob") for name in ("alice.bin", "other.bin")]
        await asyncio.sleep(1)
        await bob.accept_file(made[0].file)
        for _try in range(2):  # at once again, too
            with pytest.raises(RequestRefused, match="file_limit"):
                await bob.accept_file(made[1].file)
        assert [one.state for one in bob.files] == ["running", "offered"]
        await next_of(bob, FileReceived)
        await asyncio.sleep(1)
        await bob.accept_file(made[1].file)
        await next_of(bob, FileReceived)
        assert files.complete["other.bin"] == b"other"


@in_virtual_time
async def test_an_offer_declined_while_it_is_under_way_is_cancelled() -> None:
    """And one cancelled before it was accepted is declined."""
    async with House(MemoryNetwork(latency=(0.02, 0.02))) as house:
        alice, store, bob, files = await guests(house, "alice", "bob")
        store.complete["other.bin"] = b"other"
        made = [await alice.offer_file(name, to="bob") for name in ("alice.bin", "other.bin")]
        await asyncio.sleep(1)
        await bob.accept_file(made[0].file)
        await bob.decline_file(made[0].file)
        await bob.cancel_file(made[1].file)
        assert [(await next_of(alice, FileFailed)).code for _ in made] == ["cancelled", "declined"]
        assert files.parts == {}


class Watched(MemoryFiles):
    """A store that calls back before a file gets its place."""

    def __init__(self, watch: Callable[[], object]) -> None:
        super().__init__()
        self._watch = watch

    def open_part(self, sha256: str, size: int) -> MemoryPart:
        """Open what there is of a file."""
        part = super().open_part(sha256, size)
        finish = part.finish

        def watched(name: str) -> str:
            self._watch()
            return finish(name)

        part.finish = watched  # type: ignore[method-assign] # a part of this store alone
        return part


@pytest.mark.parametrize("answer", ["cancel_file", "decline_file"])
@in_virtual_time
async def test_what_is_complete_is_cancelled_no_more_and_both_sides_know_that(answer: str) -> None:
    """While it is checked, too: it was said to the sender that it had been cancelled."""
    asked: list[asyncio.Task[None]] = []
    async with House() as house:
        alice, _ = await guests(house, "alice")
        bob = await house.guest(
            "bob", files=Watched(lambda: asked.append(asyncio.create_task(getattr(bob, answer)(made.file))))
        )
        made = await alice.offer_file("alice.bin", to="bob")
        await next_of(bob, FileOffered)
        await bob.accept_file(made.file)
        assert isinstance(await next_of(bob, FileReceived, FileFailed), FileReceived)
        assert isinstance(await next_of(alice, FileSent, FileFailed), FileSent)
        with pytest.raises(RequestRefused, match="no_such_file"):
            await asked[0]


@in_virtual_time
async def test_a_server_that_keeps_no_rules_does_no_harm() -> None:
    """Chunks that nobody asked for, transfers of files that nobody offered, and what has no end."""

    def answer(frame: Frame, connection: Connection) -> None:
        match frame["type"]:
            case "login":
                connection.welcome(limits={"file_bytes": "many", "file_window_bytes": -1})
                connection.say("file_accept", file="9", **{"from": "bob"}, transfer=1, offset=0)
                connection.say("file_credit", transfer=3, upto=5)
                for kind in ("file_done", "file_pause", "file_decline", "file_cancel"):
                    connection.say(kind, file="9", **{"from": "bob"})
                offer = {"name": "x", "size": 5, "sha256": "a" * 64, "from": "bob"}
                connection.say("file_offer", file="7", **offer)
                connection.say("file_done", file="7", **{"from": "bob"})
                connection.say_bytes(encode_chunk(5, 0, b"early", boundaries=True))
            case "file_accept":
                connection.say("file_transfer", file="7", transfer=2, offset=0, id=frame["id"])
            case "file_credit":
                connection.say_bytes(encode_chunk(2, 3, b"hole", boundaries=True))
            case _:
                connection.say("ok", id=frame.get("id"))

    async with Puppet(answer) as puppet:
        files = MemoryFiles()
        async with connect(puppet.url, username="alice", transport=puppet.network, files=files) as alice:
            await next_of(alice, FileOffered)
            await alice.accept_file("7")
            assert (await next_of(alice, FileFailed)).code == "bad_chunk"
            await asyncio.sleep(1)
            said = [frame for frame in puppet.connections[0].heard if frame["type"] in ("file_cancel", "file_error")]
            assert [(frame["type"], frame["file"]) for frame in said] == [("file_cancel", "9"), ("file_error", "7")]
            puppet.connections[0].hang_up()


@pytest.mark.unmeasured
@settings(max_examples=15)
@given(
    seed=st.integers(0, 2**16),
    drop=st.sampled_from([0.0, 0.005, 0.02]),
    boundaries=st.booleans(),
    latency=st.sampled_from([(0.0, 0.0), (0.001, 0.05)]),
)
def test_whatever_is_cut_every_file_arrives_as_it_was(
    seed: int, drop: float, boundaries: bool, latency: tuple[float, float]
) -> None:
    """From each to each, at the same time, with messages in between."""

    async def main() -> None:
        network = MemoryNetwork(latency=latency, drop=drop, boundaries=boundaries, seed=seed)
        async with asyncio.timeout(3000), House(network, grace=600, keepalive_interval=600) as house:
            found = await guests(house, "ann", "bob", "cid")
            clients, stores = found[::2], found[1::2]
            contents = {f"{client.username}.bin": client.username.encode() + DATA for client in clients}
            for store in stores:
                store.complete = {name: contents[name] for name in store.complete}

            async def take_all(client: Client) -> None:
                left = 2
                async for event in client:
                    if isinstance(event, FileOffered):
                        asking.append(asyncio.create_task(client.accept_file(event.file)))
                    assert not isinstance(event, FileFailed), event
                    left -= isinstance(event, FileReceived)
                    if not left:
                        return

            asking: list[asyncio.Task[None]] = []
            taking = [asyncio.create_task(take_all(client)) for client in clients]
            for client in clients:
                await client.offer_file(f"{client.username}.bin", to=[each.username for each in clients])
                await client.send("there you are")
            await asyncio.gather(*taking)
            await asyncio.gather(*asking)
            for store in stores:
                assert store.complete == contents
                assert store.parts == {}
            network.drop = 0.0

    run(main(), seed=seed)
