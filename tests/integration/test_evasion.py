"""Who is somebody else, or is put out, comes in by no dialect and no transport, nor by starting the server again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from chatcore import Limits, Listen
from chatcore.aio.plugins import load_transport
from chatcore.ports.transport import ConnectOptions, Link, ListenOptions, Lost
from tests.patience import PATIENCE
from tests.stores import LoneServer

TOKEN = "the-token-of-the-operators"
CLIENT = "the-client-id-of-"
ROADS = ["ws", "tcp", "quic", "tcp+simple-json", "tcp+simple-text"]


class Passwords:
    """Makes what is no hash. Implements `chatcore.ports.passwords.PasswordHasher`."""

    def hash(self, password: str) -> str:
        """Turn it round."""
        return password[::-1]

    def verify(self, password: str, hashed: str) -> bool:
        """Turn it round again."""
        return password[::-1] == hashed


class Talk:
    """One connection, and all that was heard on it."""

    def __init__(self) -> None:
        self.heard = ""
        self._news = asyncio.Event()
        self._lost = False
        self._ids = count(1)

    async def connect(self, url: str, key: str) -> None:
        """Open it."""
        options = ConnectOptions(fingerprints=(key,) if url.startswith("quic") else (), connect_timeout=PATIENCE)
        await load_transport(url.partition(":")[0]).connect(url, options, self._accept)

    def _accept(self, link: Link) -> Talk:
        self.link = link
        return self

    def data_received(self, payload: bytes) -> None:
        """Keep what came."""
        self.heard += payload.decode() + "\n" * self.link.keeps_boundaries
        self._news.set()

    def writing_paused(self) -> None:
        """Go on: it is little."""

    def writing_resumed(self) -> None:
        """Go on."""

    def connection_lost(self, reason: Lost) -> None:
        """Wait for nothing any more."""
        self._lost = True
        self._news.set()

    def say(self, text: str) -> None:
        """Say a line, or a message."""
        self.link.write(self.link.frame((text if self.link.keeps_boundaries else f"{text}\n").encode()))

    async def until(self, *words: str, since: int = 0) -> str:
        """Return the lines that were heard from there on, once one of these is in them, or nothing more can come."""
        async with asyncio.timeout(PATIENCE):
            while True:
                lines = self.heard[since : self.heard.rfind("\n") + 1]
                if self._lost or any(word in lines for word in words):
                    return lines
                self._news.clear()
                await self._news.wait()

    async def ask(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Ask for something in the native protocol, and return the answer."""
        number = f"r{next(self._ids)}"
        self.say(json.dumps({"type": kind, "id": number, **fields}))
        heard = await self.until(f'"id":"{number}"')
        answer: dict[str, Any] = next(
            frame for frame in map(json.loads, heard.splitlines()) if frame.get("id") == number
        )
        return answer

    async def code(self, kind: str, **fields: Any) -> str:
        """Return the code with which something is refused."""
        return str((await self.ask(kind, **fields)).get("code"))


class House:
    """A server that keeps its chat, at which one road leads to the native protocol, and another one to be tried."""

    def __init__(self, folder: Path, road: str, stack: AsyncExitStack) -> None:
        self._folder = folder
        self._road = road.partition("+")
        self._stack = stack
        self.kept: dict[str, Any] = {}
        """What a thief may have of somebody."""

    @property
    def dialect(self) -> str:
        """What is spoken on the road."""
        return self._road[2] or "chat"

    async def start(self) -> None:
        """Start it, where it was before."""
        options = ListenOptions(port=0, state_dir=str(self._folder))
        listen = [Listen("ws", options=options), Listen(self._road[0], self.dialect, options)]
        limits = Limits(connections_per_address=0, grace=PATIENCE, operators=("leader",), bots=("weather",))
        self._server = LoneServer(
            listen=listen, store=f"sqlite:{self._folder / 'chat.db'}", limits=limits, operator_token=TOKEN,
            passwords=Passwords(),
        )  # fmt: skip
        await self._server.start()
        about = self._server.about()
        self._key = str(about[1].get("key_fingerprint", ""))
        self._ports = [each["port"] for each in about]

    async def stop(self) -> None:
        """Stop it."""
        await self._server.stop()

    async def talk(self, *, road: bool) -> Talk:
        """Connect."""
        transport = self._road[0] if road else "ws"
        talk = Talk()
        await talk.connect(f"{transport}://127.0.0.1:{self._ports[road]}", self._key)
        self._stack.callback(talk.link.abort)
        return talk

    async def user(self, name: str, **fields: Any) -> Talk:
        """Give somebody who is logged in, in the native protocol."""
        talk = await self.talk(road=False)
        welcome = await talk.ask("login", username=name, client=CLIENT + name, **fields)
        assert welcome["type"] == "welcome", welcome
        self.kept[name] = welcome["session"]["token"]
        return talk

    async def comes(self, name: str, **fields: Any) -> tuple[Talk, str]:
        """Ask to be let in by the road that is tried; returns what is heard."""
        talk = await self.talk(road=True)
        if self.dialect == "chat":
            answer = await talk.ask("login", username=name, **fields)
            return talk, answer.get("code", answer["type"])
        if self.dialect == "simple-json":
            talk.say(json.dumps({"type": "login", "username": name}))
            return talk, await talk.until("status")
        await talk.until("/pseudo")
        talk.say("/pseudo")
        await talk.until("tapez le pseudo")
        talk.say(name)
        return talk, await talk.until("Bienvenue " + name, "existe deja", "banni", "correct")


SAID: dict[str, dict[str, str]] = {
    "chat": {},
    "simple-json": {
        "name_taken": "déjà pris",
        "name_registered": "déjà pris",
        "name_confusable": "ressemble trop",
        "banned": "Vous êtes banni d'ici",
    },
    "simple-text": {
        "name_taken": "existe deja",
        "name_registered": "existe deja",
        "name_confusable": "existe deja",
        "banned": "Vous êtes banni d'ici",
    },
}
"""What the dialects say instead of codes."""

NAMES = {
    "alice": "name_taken",
    "ALICE": "name_taken",
    "aIice": "name_confusable",
    "zoe": "name_registered",
    "zOE": "name_registered",
    "z0e": "name_confusable",
    "leader": "name_taken",
    "LEADER": "name_taken",
    "Ieader": "name_confusable",
    "Weather": "name_taken",
    "mallory": "banned",
    "MALLORY": "banned",
    "MaIlory": "banned",
    "ma11ory": "banned",
    "evil": "banned",
}
"""What nobody is called who has only the name of somebody."""


async def people(house: House) -> Talk:
    """Let come who is robbed, and who is put out; returns the operator."""
    boss = await house.user("boss", operator_token=TOKEN)
    await boss.ask("operator", token=TOKEN)
    early = await house.user("alice")
    house.kept["alice, before"] = house.kept["alice"]
    await early.ask("logout")
    alice = await house.user("alice")
    await alice.ask("send_message", text="I am alice")
    alice.link.abort()
    for name in ("zoe", "evil", "loud"):
        each = await house.user(name)
        await each.ask("register", password=f"the password of {name}")
        await each.ask("logout")
    await boss.ask("ban", username="evil")
    await boss.ask("create_room", room="class")
    await boss.ask("set_role", username="boss", role="owner")
    quiet = await house.user("quiet")
    await quiet.ask("join_room", room="class")
    for name in ("quiet", "loud"):
        await boss.ask("mute", username=name)
    await boss.ask("create_room", room="private")
    kicked = await house.user("kicked")
    await kicked.ask("join_room", room="private")
    await boss.ask("set_private", private=True)
    await boss.ask("kick", username="kicked")
    for each in (quiet, kicked):
        await each.ask("logout")
    for name, uses, room in (("used up", 1, "private"), ("taken back", 5, "private"), ("elsewhere", 9, "class")):
        made = await boss.ask("make_invitation", uses=uses, room=room)
        house.kept[name] = made["token"]
        if name == "used up":
            await (await house.user("guest", invitation=made["token"])).ask("logout")
        elif name == "taken back":
            await boss.ask("revoke_invitation", number=made["invitation"]["number"])
    return boss


async def banned(house: House, boss: Talk) -> None:
    """Put out for good who has come in by the road, and sits there."""
    mallory, heard = await house.comes("mallory", client=CLIENT + "mallory")
    assert heard == "welcome" or "Bienvenue" in heard
    if house.dialect == "chat":
        house.kept["mallory"] = json.loads(mallory.heard.splitlines()[0])["session"]["token"]
    before = len(mallory.heard)
    await boss.ask("ban", username="mallory", room="lobby")
    put_out = '"type":"bye","code":"banned"' if house.dialect == "chat" else "mallory a été banni de lobby par boss"
    assert put_out in await mallory.until(put_out, since=before)


async def try_names(house: House) -> None:
    """Try what every dialect can say: a name, at the login and as another one for oneself."""
    said = SAID[house.dialect]
    for name, code in NAMES.items():
        talk, heard = await house.comes(name)
        assert said.get(code, code) in heard, name
        talk.link.abort()
    if house.dialect == "simple-json":  # which cannot rename
        return
    talk, _heard = await house.comes("stranger")
    for name, code in NAMES.items():
        if house.dialect == "chat":
            assert await talk.code("rename", username=name) == code, name
        else:
            before = len(talk.heard)
            talk.say("/pseudo")
            await talk.until("tapez le pseudo", since=before)
            before = len(talk.heard)
            talk.say(name)
            assert said[code] in await talk.until(said[code], f"Bienvenue {name}", since=before), name
    talk.link.abort()


def refused_so(code: str) -> set[str]:
    """Return how that may be refused: whoever has just guessed a token of the operators waits before the next guess."""
    return {code, "rate_limited"} if code == "not_allowed" else {code}


async def try_secrets(house: House) -> None:
    """Try what the native protocol can say besides."""
    kept, own = house.kept, CLIENT + "mallory"
    logins: list[tuple[str, str, dict[str, Any]]] = [
        ("name_taken", "alice", {"token": "guessed.token"}),
        ("name_taken", "alice", {"token": kept["alice"].partition(".")[0]}),
        ("name_taken", "alice", {"token": kept["alice"][:-1]}),
        ("name_taken", "alice", {"token": kept["alice, before"], "client": CLIENT + "alice"}),
        ("name_taken", "alice", {"client": CLIENT + "alice"}),
        ("name_registered", "zoe", {"token": kept["zoe"], "client": CLIENT + "zoe"}),
        ("banned", "mallory", {"token": kept["mallory"], "client": own}),
        ("banned", "stranger", {"token": kept["mallory"], "client": own}),
        ("banned", "stranger", {"client": own}),
        ("banned", "stranger", {"client": own, "invitation": kept["elsewhere"]}),
        ("banned", "stranger", {"account": "evil", "password": "the password of evil"}),
        ("bad_invitation", "stranger", {"invitation": kept["used up"]}),
        ("bad_invitation", "stranger", {"invitation": kept["taken back"]}),
        ("bad_invitation", "stranger", {"invitation": "guessed"}),
        ("not_allowed", "stranger", {"operator_token": "the-token-of-other-operators"}),
        ("not_allowed", "leader", {"operator_token": ""}),
    ]
    for code, name, fields in logins:
        talk, heard = await house.comes(name, **fields)
        assert heard in refused_so(code), (name, fields)
        talk.link.abort()
    guest, heard = await house.comes("visitor", invitation=kept["elsewhere"])
    assert heard == "welcome"
    assert await guest.code("join_room", room="private") == "room_private"
    assert await guest.code("operator", token="the-token-of-other-operators") in refused_so("not_allowed")
    ticket = (await guest.ask("file_ticket"))["ticket"]
    second = await house.talk(road=True)
    assert await second.code("file_attach", ticket=f"{ticket}x") == "not_allowed"
    guest.link.abort()
    for fields in ({"client": CLIENT + "quiet"}, {"account": "loud", "password": "the password of loud"}):
        quiet, heard = await house.comes("other", **fields)
        assert heard == "welcome"
        assert (await quiet.ask("join_room", room="CLASS"))["role"] == "muted"
        assert await quiet.code("send_message", text="I am not quiet") == "muted"
        assert await quiet.code("rename", username="louder") == "muted"
        await quiet.ask("logout")
    kicked, heard = await house.comes("another", client=CLIENT + "kicked")
    assert heard == "welcome"
    assert await kicked.code("join_room", room="private") == "room_private"
    assert await kicked.code("identify", account="zoe", password="the password of evil") == "not_identified"


@asynccontextmanager
async def opened(folder: Path, road: str) -> AsyncIterator[House]:
    """Give a server with everybody who is robbed, and put out."""
    async with AsyncExitStack() as stack:
        house = House(folder, road, stack)
        await house.start()
        stack.push_async_callback(house.stop)
        await banned(house, await people(house))
        yield house


async def try_all(house: House) -> None:
    """Try everything that can be said by the road."""
    await try_names(house)
    if house.dialect == "chat":
        await try_secrets(house)


@pytest.mark.parametrize("road", [*ROADS, "ws+simple-json", "ws+simple-text", "quic+simple-json", "quic+simple-text"])
async def test_nobody_is_somebody_else_and_who_is_put_out_stays_out(road: str, tmp_path: Path) -> None:
    async with opened(tmp_path, road) as house:
        await try_all(house)


@pytest.mark.parametrize("road", ROADS)
async def test_nobody_is_somebody_else_after_a_restart_either(road: str, tmp_path: Path) -> None:
    async with opened(tmp_path, road) as house:
        await house.stop()
        await house.start()
        await try_all(house)
