"""`chatcore cluster`: what an operator of several servers asks."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from chatcore_nats.asking import answer_on, ask
from chatcore_nats.connection.connecting import close, connect
from chatcore_nats.place import parse_place
from tests.integration.cluster_house import Cluster, cluster
from tests.integration.nats_house import NatsServer, nats
from tests.patience import PATIENCE
from tests.ports import free_port
from tests.unit.cli.processes import Server, run

__all__ = ["cluster", "nats"]


async def asked(*words: str, language: str = "") -> tuple[int, str]:
    """Return the exit code and what was said, on both streams."""
    done = await asyncio.to_thread(run, "cluster", *words, env={"LANGUAGE": language})
    return done.returncode, done.stdout + done.stderr


async def test_status_has_a_line_for_each_server(cluster: Cluster) -> None:
    """With what clients are told of it, and how far it is."""
    one = await cluster.server(advertise=("ws://one.example.org:8765",))
    other = await cluster.server()
    await cluster.client(one, "alice")
    code, said = await asked("status", cluster.address)
    assert code == 0
    lines = said.splitlines()
    assert len(lines) == 2
    assert re.match(
        r"\d+ ws://one\.example\.org:8765: version .*, 1 connection, at entry \d+, 0 behind; ready", lines[0]
    )
    assert other.urls[0] in lines[1]
    assert "0 connections" in lines[1]


@pytest.mark.parametrize(
    ("unready", "why", "said"),
    [
        ("nothing comes back from the journal", None, "rien ne revient du journal"),
        ("the server is starting", None, "le serveur démarre"),
        (
            "nothing can be kept: there is no space left in the stream",
            "there is no space left in the stream",
            "rien ne peut être conservé\N{NO-BREAK SPACE}: il n’y a plus de place dans le flux",
        ),
        ("nothing can be kept: because", "because", "rien ne peut être conservé\N{NO-BREAK SPACE}: because"),
        ("of a later version", "another", "of a later version"),
        ("{why.__class__}\x1b[2J", "x", "{why.__class__}\\x1b[2J"),
    ],
)
async def test_state_of_each_server_is_told_in_the_language_of_who_asks(
    nats: NatsServer, unready: str, why: str | None, said: str
) -> None:
    """The servers tell it in English; what this version does not know is told as it stands."""
    place = parse_place(nats.fresh_chat())
    status = {"node": 7, "nodes": 1, "position": 5, "version": "1", "addresses": [], "connections": 0, "behind": 0}

    async def answer(_question: Mapping[str, Any]) -> Mapping[str, Any]:
        return status | {"unready": unready, "unready_why": why}

    client = await connect(place, "test")
    try:
        await answer_on(client, place, answer)
        await client.flush()
        code, line = await asked("status", place.text, language="fr")
    finally:
        await close(client)
    assert code == 0
    assert line.removesuffix("\n").partition("\N{NO-BREAK SPACE}; ")[2] == said


async def test_server_that_hears_nothing_does_not_say_that_it_has_everything(nats: NatsServer) -> None:
    """How much the others have by then is not known there."""
    place = parse_place(nats.fresh_chat())

    async def answer(_question: Mapping[str, Any]) -> Mapping[str, Any]:
        told = {"node": 7, "nodes": 1, "position": 5, "version": "1", "addresses": [], "connections": 0}
        return told | {"behind": None, "unready": "the server is starting"}

    client = await connect(place, "test")
    try:
        await answer_on(client, place, answer)
        await client.flush()
        assert await asked("status", place.text) == (
            0,
            "7 : version 1, 0 connections, at entry 5; the server is starting\n",
        )
    finally:
        await close(client)


async def test_snapshot_is_kept_by_one_of_them(cluster: Cluster) -> None:
    """And another server begins from it."""
    one, other = await cluster.two()
    alice = await cluster.client(one, "alice")
    await alice.send("hello")
    await alice.flush()
    code, said = await asked("snapshot", cluster.address)
    assert code == 0
    assert re.match(r"The snapshot is at entry \d+ of the journal\.", said)
    await asyncio.gather(one.stop(), other.stop())
    again = await cluster.server()
    bob = await cluster.client(again, "bob")
    assert [each.text for each in await bob.history()] == ["hello"]


async def test_drained_server_ends_well(cluster: Cluster) -> None:
    """One that is not there is said so."""
    await cluster.server()
    with Server("--store", cluster.address) as server:
        url = await asyncio.to_thread(lambda: server.url)
        nodes: list[str] = []
        async with asyncio.timeout(PATIENCE):
            while not nodes:  # the other one may not have heard of it yet, and say that it is alone
                _code, said = await asked("status", cluster.address)
                nodes = [line.split()[0] for line in said.splitlines() if url in line]
        code, said = await asked("drain", cluster.address, "999999")
        assert (code, "has the number 999999" in said) == (2, True)
        assert (await asked("drain", cluster.address, *nodes))[0] == 0
        assert await asyncio.to_thread(server.wait) == 0


async def test_snapshot_is_kept_though_the_server_that_should_has_just_died(cluster: Cluster) -> None:
    """The status tells of one that does not answer, as long as it is taken to be there; then the next one keeps it."""
    with Server("--store", cluster.address) as oldest:
        await asyncio.to_thread(lambda: oldest.url)
        await cluster.server()
        oldest.send_signal(signal.SIGKILL)
        code, said = await asked("status", cluster.address)
        assert (code, "1 more server does not answer" in said) == (0, True)
        code, said = await asked("snapshot", cluster.address)
        assert (code, "The snapshot is at entry" in said) == (0, True)


async def test_snapshot_that_is_being_kept_is_the_one_that_is_asked_for(cluster: Cluster) -> None:
    """Whoever asks meanwhile is answered with it."""
    await cluster.server()
    told = await asyncio.gather(*(asked("snapshot", cluster.address) for _ in range(3)))
    assert [code for code, _said in told] == [0, 0, 0]


@pytest.mark.parametrize("question", ["status", "snapshot"])
async def test_nobody_is_waited_for_where_nobody_hears(question: str, nats: NatsServer) -> None:
    """NATS itself says so: however long a snapshot may take."""
    assert await ask(parse_place(nats.fresh_chat()), {"ask": question}, 1_000_000.0, one=question == "snapshot") == []


async def test_doctor_shows_the_other_servers_of_a_chat(cluster: Cluster) -> None:
    """And which of them cannot be reached; what counts is the one that it was asked about."""
    there, gone = (f"ws://127.0.0.1:{free_port()}" for _ in range(2))
    one = await cluster.server()
    await cluster.server(port=int(there.rpartition(":")[2]), advertise=(there, gone))
    done = await asyncio.to_thread(run, "doctor", one.urls[0])
    assert done.returncode == 0
    _own, others = done.stdout.split("The same chat is at these addresses too")
    assert f"ok  {there}: connected" in others
    assert f"NO  {gone}: nothing listens" in others


async def test_nobody_who_answers_is_said(nats: NatsServer) -> None:
    """Nor is it, when NATS is not there."""
    code, said = await asked("status", nats.fresh_chat())
    assert (code, "No server of nats://127.0.0.1" in said) == (1, True)
    code, said = await asked("status", "nats://127.0.0.1:1/chat")
    assert (code, "NATS cannot be reached" in said) == (2, True)
    code, said = await asked("status", "sqlite:chat.db")
    assert code == 2


@pytest.mark.slow
async def test_cluster_of_make_says_how_to_join_it_where_its_usual_port_is_taken() -> None:
    """What it says can be typed as it stands, also where the shell does not find the program."""
    root = Path(__file__).parents[2]
    with ExitStack() as stack:
        with suppress(OSError):  # somebody else has it, which is as good
            stack.enter_context(socket.create_server(("127.0.0.1", 8765)))
        words = [sys.executable, root / "scripts" / "cluster.py"]
        made = await asyncio.create_subprocess_exec(*words, cwd=root, stdout=subprocess.PIPE)
        try:
            assert made.stdout is not None
            told = []
            async with asyncio.timeout(2 * PATIENCE):
                while not told or "Ctrl-C" not in told[-1]:
                    told.append((await made.stdout.readline()).decode())
            (line,) = (line.strip() for line in told if " cluster status " in line)
            status = await asyncio.create_subprocess_shell(line, cwd=root, stdout=subprocess.PIPE)
            said, _ = await status.communicate()
            lines = said.decode().splitlines()
            assert [line.endswith("ready") for line in lines] == [True] * 3
            assert not any("ws://127.0.0.1:8765:" in line for line in lines)
        finally:
            made.send_signal(signal.SIGINT)
            await made.wait()
    assert made.returncode == 0
