"""Files between users of two servers of one chat: as between those of one, whatever becomes of either server."""

from __future__ import annotations

import asyncio
import hashlib
import random
import signal
from pathlib import Path
from typing import Any

import pytest

from chatcore import ChatServer, Client
from chatcore.aio.server import Listen
from chatcore.events import FileFailed, FileOffered, FileReceived, FileSent, MessagePosted
from chatcore.limits import Limits
from chatcore.ports.transport import ListenOptions
from chatcore_files import DownloadFolder
from chatcore_nats.connection.connecting import connect
from chatcore_nats.courier import NatsCourier
from chatcore_nats.place import parse_place
from tests.integration.cluster_house import Cluster, cluster, next_of
from tests.integration.nats_house import HeldNetwork, NatsServer, nats
from tests.integration.test_files import slow_folder
from tests.patience import PATIENCE
from tests.ports import free_port
from tests.stopwatch import Stopwatch
from tests.unit.cli.processes import Server

__all__ = ["cluster", "nats"]

SIZE = 5_000_000


def a_file(folder: Path) -> Path:
    """Return a file of 5 MB."""
    path = folder / "source.bin"
    path.write_bytes(random.randbytes(SIZE))
    return path


def digest(path: str | Path) -> str:
    """Return what tells two files apart."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


async def end_of(client: Client) -> Any:
    """Return how a file ended for a client."""
    async with asyncio.timeout(PATIENCE):
        async for event in client:
            if isinstance(event, FileReceived | FileSent | FileFailed):
                return event
    raise AssertionError("the connection ended before the file")


async def begun(alice: Client, bob: Client, source: Path) -> str:
    """Let alice send a file to bob, and return its id once it is on its way."""
    await alice.offer_file(source, to="bob")
    file: str = (await next_of(bob, FileOffered)).file
    await bob.accept_file(file)
    return file


async def pair(cluster: Cluster, one: ChatServer, other: ChatServer, files: DownloadFolder) -> tuple[Client, Client]:
    """Return alice at one server and bob at the other one."""
    urls = [server.urls[0].replace("tcp://", "tcp+chat://") for server in (one, other)]
    alice = await cluster.client_at(urls[0], "alice", files=DownloadFolder(files.path))
    return alice, await cluster.client_at(urls[1], "bob", files=files)


@pytest.mark.parametrize("transport", ["ws", "tcp"])
async def test_file_arrives_at_a_user_of_another_server_and_the_chat_goes_on_beside_it(
    cluster: Cluster, tmp_path: Path, transport: str
) -> None:
    """Byte for byte, and both sides know."""
    one, other = [await cluster.server(listen=[Listen(transport, "chat", ListenOptions(port=0))]) for _ in range(2)]
    alice, bob = await pair(cluster, one, other, DownloadFolder(tmp_path / "bob"))
    source = a_file(tmp_path)
    await begun(alice, bob, source)
    said = [asyncio.create_task(alice.send(str(number))) for number in range(20)]
    assert all(await asyncio.gather(*said))
    received = await end_of(bob)
    assert isinstance(received, FileReceived), received
    assert digest(received.place) == digest(source)
    assert isinstance(await end_of(alice), FileSent)
    assert (alice.files, bob.files) == ((), ())


async def test_receiver_that_is_slow_at_another_server_is_sent_no_more_than_its_window(
    cluster: Cluster, tmp_path: Path
) -> None:
    """Whatever is under way between the two servers; then it gets the rest."""
    stop = asyncio.Event()
    one, other = await cluster.two(limits=Limits(file_window_bytes=2**19))
    alice, bob = await pair(cluster, one, other, slow_folder(tmp_path / "bob", stop))
    source = a_file(tmp_path)
    await begun(alice, bob, source)
    for number in range(50):
        await alice.send(str(number))
        assert alice.files[0].done <= 2**19
    await next_of(bob, MessagePosted, text="49")
    stop.set()
    received = await end_of(bob)
    assert isinstance(received, FileReceived), received
    assert digest(received.place) == digest(source)


@pytest.mark.parametrize("by_sender", [True, False])
async def test_either_side_calls_it_off_in_the_middle(cluster: Cluster, tmp_path: Path, by_sender: bool) -> None:
    """The other side is told, and nothing of it is left."""
    one, other = await cluster.two()
    alice, bob = await pair(cluster, one, other, slow_folder(tmp_path / "bob", stop := asyncio.Event()))
    file = await begun(alice, bob, a_file(tmp_path))
    async with asyncio.timeout(PATIENCE):
        while not alice.files[0].done:
            await asyncio.sleep(0.01)
    await (alice if by_sender else bob).cancel_file(file)
    stop.set()
    codes = [(await end_of(client)).code for client in (alice, bob)]
    assert codes == (["cancelled_here", "cancelled"] if by_sender else ["cancelled", "cancelled_here"])
    assert not (tmp_path / "bob" / "source.bin").exists()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("killed_is", ["alice", "bob"])
async def test_file_goes_on_when_the_server_of_either_side_is_killed_or_drained(
    cluster: Cluster, tmp_path: Path, killed_is: str, how: signal.Signals
) -> None:
    """Its user comes back at another server, and the rest follows from where the receiver is."""
    ports = free_port(), free_port()
    with Server("--store", cluster.address, "--advertise", f"ws://127.0.0.1:{ports[0]}", port=ports[0]) as killed:
        left = await cluster.server(port=ports[1], advertise=(f"ws://127.0.0.1:{ports[1]}",))
        stop = asyncio.Event()
        urls = dict.fromkeys(("alice", "bob"), left.urls[0])
        urls[killed_is] = await asyncio.to_thread(lambda: killed.url)
        alice = await cluster.client_at(urls["alice"], "alice", files=DownloadFolder(tmp_path / "alice"))
        bob = await cluster.client_at(urls["bob"], "bob", files=slow_folder(tmp_path / "bob", stop))
        source = a_file(tmp_path)
        await begun(alice, bob, source)
        async with asyncio.timeout(PATIENCE):
            while not alice.files[0].done:
                await asyncio.sleep(0.01)
        killed.send_signal(how)
        assert await asyncio.to_thread(killed.wait) == (0 if how == signal.SIGTERM else -signal.SIGKILL)
        stop.set()
        received = await end_of(bob)
    assert isinstance(received, FileReceived), received
    assert digest(received.place) == digest(source)
    assert isinstance(await end_of(alice), FileSent)


@pytest.mark.slow
async def test_receiver_that_does_not_come_back_from_its_dead_server_ends_it(cluster: Cluster, tmp_path: Path) -> None:
    """When its lease and its grace period are over, with a reason."""
    with Server("--store", cluster.address, "--grace", "1") as killed:
        left = await cluster.server(limits=Limits(grace=1.0))
        alice = await cluster.client(left, "alice", files=DownloadFolder(tmp_path / "alice"))
        url = await asyncio.to_thread(lambda: killed.url)
        folder = slow_folder(tmp_path / "bob", stop := asyncio.Event())
        bob = await cluster.client_at(url, "bob", files=folder, reconnect=False)
        await begun(alice, bob, a_file(tmp_path))
        killed.send_signal(signal.SIGKILL)
        stopwatch = Stopwatch()
        failed = await end_of(alice)
        seconds = stopwatch.seconds
        stop.set()
    assert isinstance(failed, FileFailed)
    assert failed.code == "no_such_user"
    assert seconds < 15


async def test_courier_brings_everything_in_order_to_the_number_that_a_node_has_now(nats: NatsServer) -> None:
    """What is for an earlier one comes no more, and what comes while NATS is away is lost."""
    place = parse_place(nats.fresh_chat())
    couriers = [NatsCourier(await connect(place, "test"), place) for _ in range(2)]
    for number in (5, 9):
        told: asyncio.Queue[bytes] = asyncio.Queue()  # what has come for the number before shows nothing of this one
        couriers[1].receive(number, told.put_nowait)
        async with asyncio.timeout(PATIENCE):
            while told.empty():  # it may not be known to NATS yet
                couriers[0].carry(number, b"hello")
                await asyncio.sleep(0.01)
    parts = [bytes([number]) * 100_000 for number in range(100)]
    couriers[0].carry(5, b"too late")
    for part in parts:
        couriers[0].carry(9, part)
    found: list[bytes] = []
    async with asyncio.timeout(PATIENCE):
        while len(found) < len(parts):
            data = await told.get()
            found += [data] if data != b"hello" else []
    assert found == parts
    await asyncio.gather(*(courier.close() for courier in couriers))
    couriers[0].carry(9, b"nobody is there")


async def test_file_whose_chunks_are_lost_between_two_servers_ends_with_that_reason_or_arrives(
    nats: NatsServer, cluster: Cluster, tmp_path: Path
) -> None:
    """NATS keeps nothing of what it carries beside the stream; nothing is ever wrong because of that."""
    async with HeldNetwork(nats) as network:
        one = await cluster.server(store=cluster.address.replace(nats.address, network.address))
        other = await cluster.server()
        alice, bob = await pair(cluster, one, other, slow_folder(tmp_path / "bob", stop := asyncio.Event()))
        source = a_file(tmp_path)
        await begun(alice, bob, source)
        network.cut()
        stop.set()
        end = await end_of(bob)
        if isinstance(end, FileFailed):
            assert end.code == "chunk_lost"
        else:
            assert digest(end.place) == digest(source)
        await one.stop()
