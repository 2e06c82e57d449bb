"""Users of the simple dialects when their server goes: their programs know of no session, and log in at another one."""

from __future__ import annotations

import asyncio
import json
import signal
from contextlib import suppress

import pytest

from chatcore import Listen
from chatcore.events import PresenceChanged
from chatcore.ports.transport import ListenOptions
from tests.integration.cluster_house import Cluster, cluster, next_of
from tests.integration.nats_house import nats
from tests.integration.test_simple_tcp import Raw
from tests.unit.cli.processes import Process

__all__ = ["cluster", "nats"]

LAST_WORDS = {
    "simple-json": ['{"status": "error", "message": "Le serveur s\'arrête"}'],
    "simple-text": ["Deconnexion"],
}
"""What the server says when it is stopped."""


async def logs_in(raw: Raw, dialect: str, name: str) -> str:
    """Say a name; returns what the server answers to it."""
    if dialect == "simple-json":
        await raw.sends(json.dumps({"type": "login", "username": name}).encode())
        return await raw.line()
    await raw.sends(f"/pseudo\n{name}\n".encode())
    return (await raw.lines(3))[-1]


async def rest_of(raw: Raw) -> list[str]:
    """Return what comes before the server hangs up."""
    lines = []
    with suppress(EOFError, ConnectionError):
        while True:
            lines.append(await raw.line())
    return lines


@pytest.mark.parametrize("how", [signal.SIGTERM, pytest.param(signal.SIGKILL, marks=pytest.mark.slow)])
@pytest.mark.parametrize("dialect", LAST_WORDS)
async def test_user_of_a_server_that_goes_is_gone_with_it_and_logs_in_by_the_same_name_elsewhere(
    cluster: Cluster, how: signal.Signals, dialect: str
) -> None:
    """At once when it is stopped; when it is killed, once the others are sure of that."""
    listen = [Listen("ws", "chat", ListenOptions(port=0)), Listen("tcp", dialect, ListenOptions(port=0))]
    stays = await cluster.server(listen=listen)
    bob = await cluster.client(stays, "bob")
    with Process("serve", "--store", cluster.address, "--listen", f"tcp+{dialect}://127.0.0.1:0") as goes:
        url = (await asyncio.to_thread(goes.out.wait_for, r"listens on (\S+)")).group(1)
        async with Raw(url) as paul:
            assert "Bienvenue" in await logs_in(paul, dialect, "paul")
            await next_of(bob, PresenceChanged, joined=("paul",))
            goes.send_signal(how)
            told = await rest_of(paul)
        await next_of(bob, PresenceChanged, left=("paul",))
        async with Raw(stays.urls[1]) as again:
            assert "Bienvenue" in await logs_in(again, dialect, "paul")
        assert told == (LAST_WORDS[dialect] if how == signal.SIGTERM else [])
        if how == signal.SIGTERM:
            assert await asyncio.to_thread(goes.wait) == 0
