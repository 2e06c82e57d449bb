"""The conformance script finds what is wrong with a server or a client, and nothing else."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path

import pytest

from chatcore import Listen, MessagePosted, connect
from chatcore.ports.transport import ConnectOptions, ListenOptions
from tests.integration.conformance_clients import MISTAKES, SCHEMA, Careful, Frame
from tests.patience import PATIENCE
from tests.stores import ChatServer

SCRIPT = Path(__file__).parents[2] / "examples" / "conformance.py"
CERTS = Path(__file__).parent / "certs"
CA = CERTS / "ca.pem"


@asynccontextmanager
async def started(*arguments: object) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start the script, and let nothing of it stay."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, SCRIPT, *map(str, arguments), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(PATIENCE):
            yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def outcome(process: asyncio.subprocess.Process) -> tuple[int | None, str]:
    """Wait until it ends; returns its exit code and what it has said. Nothing goes wrong in it."""
    said, complaints = await process.communicate()
    assert complaints == b""
    return process.returncode, said.decode()


async def waiting(process: asyncio.subprocess.Process) -> str:
    """Return the address where it waits for a client."""
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode()
    assert line.startswith("waiting for a client at "), line
    return line.split()[-1]


# A server.


@pytest.mark.parametrize("transport", ["ws", "wss", "tcp"])
async def test_our_server_conforms(transport: str) -> None:
    """Every check holds, and every frame is as the schema says."""
    tls: Frame = {"tls_cert": str(CERTS / "server.pem"), "tls_key": str(CERTS / "server.key")}
    options = ListenOptions(host="localhost", port=0, **(tls if transport == "wss" else {}))
    async with (
        ChatServer(listen=[Listen(transport.replace("wss", "ws"), "chat", options)]) as server,
        started(server.urls[0], "--schema", SCHEMA, "--pem", CA) as process,
    ):
        code, said = await outcome(process)
    assert code == 0, said
    assert "FAILED" not in said


@pytest.mark.parametrize("transport", ["ws", "tcp"])
async def test_a_server_that_speaks_otherwise_does_not_conform(transport: str) -> None:
    """An echo is no chat."""
    async with ChatServer(transport=transport, port=0, dialect="echo") as server, started(server.urls[0]) as process:
        code, said = await outcome(process)
    assert code == 1
    assert not any(line.startswith("ok") for line in said.splitlines())


class Told:
    """A connection that brings frames."""

    def __init__(self, *frames: Frame) -> None:
        self._frames = list(frames)

    def recv(self, timeout: float) -> str:
        """Return the next one."""
        return json.dumps(self._frames.pop(0))


def test_a_fresh_picture_may_come_before_what_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy server sends one behind a replay; an answer to nothing is a mistake."""
    monkeypatch.syspath_prepend(SCRIPT.parent)
    conformance = import_module("conformance")
    room, message = {"type": "room", "room": "lobby"}, {"type": "message", "text": "live"}
    guest = conformance.Guest(Told(room, {"type": "rooms", "rooms": []}, message), lambda frame: None)
    assert guest.hear("message") == message
    guest = conformance.Guest(Told({**room, "id": "q"}, message), lambda frame: None)
    with pytest.raises(conformance.Failure, match="came instead of message"):
        guest.hear("message")


async def test_what_cannot_be_checked_is_told_in_one_sentence(tmp_path: Path) -> None:
    """With the exit code 2."""
    with socket.create_server(("127.0.0.1", 0)) as taken, socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        used, free = (f"127.0.0.1:{each.getsockname()[1]}" for each in (taken, nobody))
        (tmp_path / "no.json").write_text("[1]")
        attempts = {
            (f"ws://{free}",): "cannot be reached: Connection refused",
            (f"tcp://{free}",): "cannot be reached: Connection refused",
            ("tcp://127.0.0.1",): "'tcp://127.0.0.1' is not an address like ws://",
            ("http://127.0.0.1:1",): "is not an address like ws://",
            (f"tcp://{used}", "--client"): "Address already in use",
            (f"ws://{used}", "--client"): "Address already in use",
            (f"wss://{free}", "--client"): "needs --pem FILE",
            (f"wss://{free}", "--pem", tmp_path / "none"): "there is no file",
            (f"tcp://{free}", "--schema", tmp_path / "no.json"): "is not the schema of the protocol",
        }
        complaints = await asyncio.gather(*map(complaint_about, attempts))
    for told, sentence in zip(complaints, attempts.values(), strict=True):
        assert sentence in told
        assert told.count("\n") == 1


async def complaint_about(arguments: tuple[object, ...]) -> str:
    """Return what it says when it cannot check anything."""
    async with started(*arguments) as process:
        said, complaint = await process.communicate()
    assert (process.returncode, said) == (2, b""), (arguments, complaint)
    return complaint.decode()


# A client.


@pytest.mark.parametrize("transport", ["ws", "wss", "tcp"])
async def test_our_client_conforms(transport: str, tmp_path: Path) -> None:
    """Whatever trouble the server makes; everything is shown once, in order."""
    pem = tmp_path / "server.pem"
    pem.write_bytes((CERTS / "server.pem").read_bytes() + (CERTS / "server.key").read_bytes())
    place = f"{transport}://localhost:0"
    async with started("--client", place, "--schema", SCHEMA, "--pem", pem) as process:
        url = await waiting(process)
        async with connect(url, username="alice", options=ConnectOptions(tls_ca=str(CA))) as alice:
            sent = await asyncio.gather(*map(alice.send, ("one", "two", "three")))
            assert [posted and posted.seq for posted in sent] == [None, 4, 2]
            heard = []
            async for event in alice:
                if isinstance(event, MessagePosted):
                    heard.append(event.text)
                    if event.text == "three":
                        break
        code, said = await outcome(process)
    assert heard == ["first", "second", "third", "two", "fifth", "fifty-fifth", "anew", "three"]
    assert code == 0, said


async def verdict_on(client: Careful, *arguments: object) -> tuple[int | None, str]:
    """Let the script check a client."""
    async with started("--client", "tcp+chat://127.0.0.1:0", *arguments) as process:
        host, port = (await waiting(process)).removeprefix("tcp://").split(":")
        await client.live(host, int(port))
        return await outcome(process)


async def test_a_client_that_makes_no_mistake_conforms() -> None:
    """Although it is a simple one; and what it is sent is as the schema says."""
    code, said = await verdict_on(Careful(), "--schema", SCHEMA)
    assert code == 0, said


async def test_the_mistakes_of_clients_are_found() -> None:
    """Each of them is told in one sentence."""
    some = asyncio.Semaphore(6)  # a client that waits because the machine is busy makes another mistake

    async def verdict(client: type[Careful]) -> tuple[int | None, str]:
        async with some:
            return await verdict_on(client())

    verdicts = await asyncio.gather(*map(verdict, MISTAKES))
    for (client, sentence), (code, said) in zip(MISTAKES.items(), verdicts, strict=True):
        assert code == 1, (client, said)
        assert sentence in said.splitlines()[-1], client
