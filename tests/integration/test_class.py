"""A class of thirty over all transports, with a password and a link, and the server starts again in the middle."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from chatcore import Client, Limits, Listen, connect
from chatcore.errors import LoginRefused, RequestRefused
from chatcore.events import MessagePosted, RoomModerated, Welcomed
from chatcore.ports.transport import ConnectOptions, ListenOptions
from tests.integration.cluster_house import next_of
from tests.patience import PATIENCE
from tests.ports import free_port
from tests.stores import LoneServer

TOKEN = "the-token-of-the-operators"
TRANSPORTS = ("ws", "tcp", "quic")
PUPILS = 29


class School:
    """A server that is started at the same ports each time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ports = [free_port() for _ in TRANSPORTS]

    async def open(self) -> None:
        """Start it."""
        listen = [
            Listen(transport, options=ListenOptions(port=port, state_dir=str(self._folder)))
            for transport, port in zip(TRANSPORTS, self._ports, strict=True)
        ]
        self._server = server = LoneServer(
            listen=listen,
            store=f"sqlite:{self._folder / 'chat.db'}",
            limits=Limits(grace=PATIENCE),
            operator_token=TOKEN,
            password="open-sesame",
        )
        await server.start()
        self._urls = server.urls
        self._key = str(server.about()[2]["key_fingerprint"])

    async def close(self) -> None:
        """Stop it."""
        await self._server.stop()

    def at(self, name: str, road: int = 0, **options: Any) -> Any:
        """Let somebody come by one of the transports."""
        transport = road % len(TRANSPORTS)
        trusting = ConnectOptions(fingerprints=self._key if transport == 2 else (), connect_timeout=PATIENCE)
        return connect(self._urls[transport], username=name, options=trusting, **options)

    async def refused(self, name: str, road: int, **options: Any) -> str:
        """Return the code with which somebody is not let in."""
        with pytest.raises(LoginRefused) as caught:
            await self.at(name, road, reconnect=False, **options)
        return str(caught.value.code)


async def test_thirty_meet_and_who_is_removed_does_not_get_back_in_after_a_restart_either(tmp_path: Path) -> None:
    school = School(tmp_path)
    await school.open()
    async with AsyncExitStack() as stack, asyncio.timeout(PATIENCE):
        stack.push_async_callback(school.close)
        teacher: Client = await stack.enter_async_context(school.at("teacher", password="open-sesame"))
        await teacher.become_operator(TOKEN)
        for room in ("group-a", "group-b", "class"):
            await teacher.create(room)
        link = (await teacher.make_invitation(uses=PUPILS, seconds=7200, room="class")).token
        pupils = [
            await stack.enter_async_context(school.at(f"pupil{number}", number, invitation=link))
            for number in range(PUPILS)
        ]
        for road in range(3):
            assert await school.refused("thirtieth", road, invitation=link) == "bad_invitation"
            assert await school.refused("stranger", road) == "wrong_password"
        await asyncio.gather(*(pupil.join("class") for pupil in pupils))
        loud, thrower, others = pupils[0], pupils[2], pupils[3:]
        await teacher.mute("pupil0", 600, "too loud")
        await teacher.ban("pupil2", 3600, "throws paper")
        await next_of(thrower, RoomModerated, act="ban")
        await school.close()
        await school.open()
        await asyncio.gather(*(next_of(pupil, Welcomed, resumed=True) for pupil in [teacher, *pupils]))
        await teacher.send("Good morning")
        await asyncio.gather(*(next_of(pupil, MessagePosted, text="Good morning") for pupil in [loud, *others]))
        assert len(await teacher.list_users("class")) == PUPILS
        with pytest.raises(RequestRefused, match="muted"):
            await loud.send("I am not quiet")
        for name in ("pupil2", "somebody", "another"):
            if name != "pupil2":
                await thrower.rename(name)
            with pytest.raises(RequestRefused, match="banned"):
                await thrower.join("class")
        for road in range(3):
            assert await school.refused("fresh", road, invitation=link) == "bad_invitation"
            assert await school.refused("fresh", road) == "wrong_password"
