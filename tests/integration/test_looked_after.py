"""All that hosts and moderators have said survives whoever dies: a server with a store, one of several, all of them."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from chatcore import Client, connect
from chatcore.errors import LoginRefused, RequestRefused
from tests.integration.nats_house import NatsServer, nats
from tests.unit.cli.processes import Process

__all__ = ["nats"]

TOKEN = "the-token-of-the-operators"
PASSWORD = "a password that nobody guesses"
ROOMS = ("lobby", "class", "quiet")


def password_of(name: str) -> dict[str, str]:
    """Return what somebody with an account says."""
    return {"account": name, "account_password": PASSWORD}


async def say_everything(url: str, server: Process, settings: Path) -> None:
    """Let a host, a teacher and a helper say all that they can."""
    async with connect(url, username="boss", operator_token=TOKEN) as boss:
        await boss.become_operator(TOKEN)
        for name in ("teacher", "helper", "pupil", "mallory", "noisy"):
            await boss.reset_account(name, PASSWORD, new=True)
        async with (
            connect(url, username="teacher", **password_of("teacher")) as teacher,
            connect(url, username="helper", **password_of("helper")),
            connect(url, username="pupil", **password_of("pupil")),
        ):
            await teacher.create("class")
            await teacher.set_topic("Fractions")
            await teacher.set_role("helper", "moderator")
            await teacher.mute("noisy", 3600, "too loud")
            await teacher.mute("eve")
            await teacher.ban("mallory", 7200, "paper planes")
            await teacher.create("quiet")
            await teacher.set_private()
            await teacher.set_slow(30)
            await teacher.invite("pupil")
        await boss.ban("198.51.100.0/24", 86400, "a network", room="lobby")
        await boss.ban("mallory", room="lobby")
        used = await boss.make_invitation(uses=3, seconds=7200, room="class")
        back = await boss.make_invitation(uses=2)
        await boss.revoke_invitation(back.invitation.number)
        async with connect(url, username="guest", invitation=used.token):
            pass
        await boss.broadcast("good morning")
        await asyncio.to_thread(settings.write_text, "[serve]\nmessage-burst = 7\nbot = ['weather']\n")
        server.send_signal(signal.SIGHUP)
        while (await boss.list_limits())["message_burst"] != 7:
            await asyncio.sleep(0.01)


async def what_is_known(url: str) -> dict[str, Any]:
    """Return all that was said, as the server knows it."""
    async with connect(url, username="boss", operator_token=TOKEN) as boss:
        await boss.become_operator(TOKEN)
        acts = [act for act in await boss.list_acts() if act.event.act != "operator"]
        return {
            "invitations": await boss.list_invitations(),
            "limits": await boss.list_limits(),
            "acts": acts,
            **{f"bans of {room}": await boss.list_bans(room) for room in ROOMS},
            **{name: await _what_is(url, name) for name in ("teacher", "helper", "pupil", "noisy", "mallory")},
        }


async def _what_is(url: str, name: str) -> object:
    """Return what somebody is told of each room, or why not."""
    try:
        async with connect(url, username=name, **password_of(name)) as client:
            return [await _room(client, room) for room in ROOMS]
    except LoginRefused as error:
        return str(error.code)


async def _room(client: Client, room: str) -> object:
    try:
        entered = await client.join(room) if client.room != room else client
    except RequestRefused as error:
        return str(error.code)
    return (entered.topic, entered.role, entered.private, entered.slow)


KNOWN = {
    "teacher": [("", "member", False, 0), ("Fractions", "owner", False, 0), ("", "owner", True, 30)],
    "helper": [("", "member", False, 0), ("Fractions", "moderator", False, 0), "room_private"],
    "pupil": [("", "member", False, 0), ("Fractions", "member", False, 0), ("", "member", True, 30)],
    "noisy": [("", "member", False, 0), ("Fractions", "muted", False, 0), "room_private"],
    "mallory": "banned",
}


@contextmanager
def options(folder: Path, store: str) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Give a file with settings, and the options of a server that has it."""
    token, settings = folder / "token", folder / "chat.toml"
    token.write_text(TOKEN)
    token.chmod(0o600)
    settings.write_text("[serve]\n")
    named = ("--config", str(settings), "--operator-token-file", str(token))
    yield settings, ("serve", "--store", store, "--listen", "ws://127.0.0.1:0", *named)


def url_of(server: Process) -> str:
    """Return where it listens."""
    return str(server.out.wait_for(r"listens on (ws://\S+)")[1])


async def kill(server: Process) -> None:
    """End it without a word."""
    server.send_signal(signal.SIGKILL)
    await asyncio.to_thread(server.wait)


async def test_all_that_was_said_is_there_after_a_kill(tmp_path: Path) -> None:
    with options(tmp_path, f"sqlite:{tmp_path / 'chat.db'}") as (settings, command):
        with Process(*command) as server:
            await say_everything(url_of(server), server, settings)
            before = await what_is_known(url_of(server))
            assert {name: before[name] for name in KNOWN} == KNOWN
            await kill(server)
        with Process(*command) as server:
            assert await what_is_known(url_of(server)) == before
            server.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(server.wait) == 0
        with Process(*command) as server:  # from a snapshot
            assert await what_is_known(url_of(server)) == before


async def test_all_that_was_said_is_at_each_server_of_a_chat_and_there_after_they_were_killed(
    tmp_path: Path, nats: NatsServer
) -> None:
    with options(tmp_path, nats.fresh_chat()) as (settings, command), ExitStack() as stack:
        one, other = (stack.enter_context(Process(*command)) for _ in range(2))
        await say_everything(url_of(one), one, settings)
        before = await what_is_known(url_of(one))
        assert {name: before[name] for name in KNOWN} == KNOWN
        await kill(one)
        assert await what_is_known(url_of(other)) == before
        await kill(other)
        again = stack.enter_context(Process(*command))
        assert await what_is_known(url_of(again)) == before
