"""Attacks a server with default settings, and measures what a good pair beside the attackers notices.

Two users sit in a room of their own; one says something every 20 ms, and what counts is how long it takes to reach the
other. First nobody else is there (idle), then each attack runs in a process of its own. An attack gets through when the
pair's 99th percentile is more than three times that of the idle server, or than a floor below which the machine itself
makes the difference. The table also tells how much the server's memory grew, and how many lines its log got.

Attackers come from other machines; here all are on one. So their process has the lowest priority: what they take away
from the server is its work for them, and not the processor. Whatever else runs here does take it away: the last columns
tell how much of the time the server worked, and how much of it it was ready to and had to wait for a processor. Where
that is more than a few per cent, the figures are those of the machine.

    make attacks
    make attacks ARGS="--seconds 10 --only history --json attacks.json"
    make attacks ARGS="--floods --seconds 30"
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import json
import os
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

CHATCORE: Final = Path(sys.executable).with_name("chatcore")
INTERVAL: Final = 0.02
LOWEST_PRIORITY: Final = 19
TIMES_IDLE: Final = 3.0
FLOOR_MS: Final = 5.0
PATIENCE: Final = 60.0

Frame = dict[str, Any]

_ANSWERS: Final = (
    "welcome", "message", "direct", "broadcast", "room", "rooms", "history", "file_offered", "ok", "error",
)  # fmt: skip


# A user, as plain as can be.


class User:
    """One WebSocket connection that speaks the native protocol. `async with User(place, name) as user` logs in."""

    def __init__(self, place: Place, name: str | None, *, source: str = "127.0.0.1") -> None:
        self._place = place
        self._name = name
        self._source = source
        self.welcome: Frame = {}
        self.reader: asyncio.StreamReader
        self.writer: asyncio.StreamWriter

    async def __aenter__(self) -> Self:
        try:
            return await self._enter()
        except BaseException:
            if hasattr(self, "writer"):
                self.writer.transport.abort()
            raise

    async def _enter(self) -> Self:
        host, port = self._place.host, self._place.port
        self.reader, self.writer = await asyncio.open_connection(host, port, local_addr=(self._source, 0))
        key = base64.b64encode(os.urandom(16)).decode()
        self.writer.write(
            f"GET / HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        await self.reader.readuntil(b"\r\n\r\n")
        if self._name is not None:
            self.send(type="login", username=self._name)
            self.welcome = await self.next("welcome")
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.transport.abort()

    def send(self, **frame: Any) -> None:
        """Send a request."""
        self.writer.write(as_message(**frame))

    async def next(self, *kinds: str) -> Frame:
        """Return the next frame of one of these types."""
        async with asyncio.timeout(PATIENCE):
            while True:
                head = await self.reader.readexactly(2)
                size = head[1]
                if size >= 126:
                    size = int.from_bytes(await self.reader.readexactly(2 if size == 126 else 8))
                payload = await self.reader.readexactly(size)
                if head[0] == 0x89:  # asked for a sign of life
                    self.writer.write(b"\x8a" + bytes((0x80 | size,)) + bytes(4) + payload)
                if head[0] == 0x81:
                    frame: Frame = json.loads(payload)
                    if frame["type"] in kinds:
                        return frame

    async def ask(self, **frame: Any) -> Frame:
        """Send a request and return what answers it; a request that came too early is sent again."""
        while True:
            self.send(**frame, id="asked")
            answer: Frame = {}
            while answer.get("id") != "asked":
                answer = await self.next(*_ANSWERS)
            if answer.get("code") != "rate_limited":
                return answer
            await asyncio.sleep(answer["retry_after"])

    async def enter(self, room: str) -> None:
        """Be in a room that is made when it is not there."""
        for kind in ("join_room", "create_room"):
            self.send(type=kind, room=room)
            if (await self.next("room", "error"))["type"] == "room":
                return

    async def flood(self, *requests: Frame, seconds: float) -> None:
        """Send these again and again, as fast as they are taken, and read whatever comes without looking at it."""
        block = b"".join(as_message(**request) for request in requests)
        block *= max(1, 8192 // len(block))
        over = time.monotonic() + seconds
        reading = asyncio.create_task(self.read_away())
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(seconds):
                while time.monotonic() < over:
                    self.writer.write(block)
                    await self.writer.drain()
                    await asyncio.sleep(0)
        reading.cancel()

    async def read_away(self) -> None:
        """Read whatever comes, without looking at it."""
        with contextlib.suppress(OSError):
            while await self.reader.read(2**18):
                pass


def as_message(**frame: Any) -> bytes:
    """Return a masked text message."""
    payload = json.dumps(frame).encode()
    size = struct.pack("!B", 0x80 | len(payload)) if len(payload) < 126 else struct.pack("!BH", 0xFE, len(payload))
    return b"\x81" + size + bytes(4) + payload


# The attacks.


@dataclass(frozen=True)
class Place:
    """Where the server is, and for how many seconds to attack it."""

    host: str
    port: int
    seconds: float
    streams: Mapping[str, int] = field(default_factory=dict)
    """Ports of TCP, by the dialect that is spoken there."""


@dataclass(frozen=True)
class Attack:
    """What an attacker does.

    Attributes:
        name: what it is called in the table.
        run: does it; returns when its time is over. Fails when somebody else was hurt otherwise than by waiting.
        options: of the server, besides the default ones.
        memory: how many MiB the server may have grown by.
    """

    name: str
    run: Callable[[Place], Awaitable[None]]
    options: tuple[str, ...] = ()
    memory: float = 100.0


ATTACKS: Final[list[Attack]] = []
FLOODS: Final[list[Attack]] = []
"""One kind of request each, from one connection, and from one connection of each of 50 addresses, over WebSocket and
TCP, in every dialect."""


def attack(
    name: str, *options: str, memory: float = Attack.memory
) -> Callable[[Callable[[Place], Awaitable[None]]], Callable[..., Any]]:
    """Put a function among the attacks."""

    def add(run: Callable[[Place], Awaitable[None]]) -> Callable[..., Any]:
        ATTACKS.append(Attack(name, run, options, memory))
        return run

    return add


@contextlib.asynccontextmanager
async def crowd(place: Place, size: int, *, sources: int = 1, logged_in: bool = True) -> AsyncIterator[list[User]]:
    """Give users who come from `sources` addresses in turn. Those that the server does not want are left out."""
    async with contextlib.AsyncExitStack() as stack:
        users = []
        for number in range(size):
            user = User(place, f"a{number}" if logged_in else None, source=f"127.0.0.{1 + number % sources}")
            with contextlib.suppress(OSError, EOFError):
                users.append(await stack.enter_async_context(user))
        yield users


async def everybody_floods(users: list[User], place: Place, *requests: Frame) -> None:
    """Let all of them send these requests as fast as they can."""
    await asyncio.gather(*(user.flood(*requests, seconds=place.seconds) for user in users))


def _history(connections: int, sources: int) -> None:
    @attack(f"history from {connections} connections, {sources} addresses")
    async def run(place: Place) -> None:
        async with crowd(place, connections, sources=sources) as users:
            await users[0].enter("attacked")
            for cid in range(1, 201):
                users[0].send(type="send_message", text="short", cid=cid)
            for user in users:
                await user.enter("attacked")
            await everybody_floods(users, place, {"type": "history", "room": "attacked", "limit": 200})


for _connections, _sources in ((1, 1), (10, 1), (40, 1), (40, 4)):
    _history(_connections, _sources)


def _each_kind(kind: str, **fields: Any) -> None:
    @attack(f"{kind} from 10 connections")
    async def run(place: Place) -> None:
        async with crowd(place, 10, sources=2) as users:
            await everybody_floods(users, place, {"type": kind, **fields})


_each_kind("list_users")
_each_kind("list_rooms")
_each_kind("whois", username="a0")
_each_kind("ping")
_each_kind("send_message", text="x")
_each_kind("send_direct", to=[f"a{number}" for number in range(10)], text="x")
_each_kind("broadcast", text="x")
_each_kind("leave_room")
_each_kind("no_such_type")
_each_kind("file_accept", file="none")


REQUESTS: Final[dict[str, Frame]] = {
    "login": {"username": "a0"}, "create_room": {"room": "attacked"}, "join_room": {"room": "attacked"},
    "leave_room": {}, "send_message": {"text": "x"}, "send_direct": {"to": ["a0"], "text": "x"},
    "broadcast": {"text": "x"},
    "list_rooms": {}, "list_users": {}, "whois": {"username": "a0"}, "rename": {"username": "a0"},
    "history": {"room": "attacked", "limit": 200}, "ping": {}, "pong": {},
    "register": {"password": "not the right one"}, "identify": {"password": "not the right one"},
    "reset_account": {"username": "a0", "password": "another one"},
    "drop_account": {"username": "a0"}, "make_invitation": {}, "revoke_invitation": {"number": 1},
    "list_invitations": {}, "set_topic": {"topic": "x"}, "set_role": {"username": "a0", "role": "owner"},
    "kick": {"username": "a1"}, "ban": {"username": "nobody"}, "unban": {"username": "nobody"},
    "mute": {"username": "nobody"}, "unmute": {"username": "nobody"}, "invite": {"username": "a0"},
    "set_private": {"private": True}, "set_slow": {"seconds": 0}, "close_room": {}, "list_bans": {},
    "delete_message": {"seq": 1}, "edit_message": {"seq": 1, "text": "y"}, "operator": {"token": "x" * 32},
    "list_acts": {}, "list_limits": {}, "reload": {}, "drain": {}, "read": {"seq": 1},
    "react": {"seq": 1, "emoji": "\U0001f44d"},
    "unreact": {"seq": 1, "emoji": "\U0001f44d"}, "search": {"words": "short"},
    "file_offer": {"room": True, "name": "a", "size": 1, "sha256": "ab" * 32}, "file_accept": {"file": "none"},
    "file_decline": {"file": "none"}, "file_cancel": {"file": "none"}, "file_done": {"file": "none"},
    "file_error": {"file": "none", "code": "disk"}, "file_credit": {"transfer": 1, "upto": 1},
    "file_chunk": {"transfer": 1, "offset": 0, "bytes": "AAAA"}, "file_ticket": {}, "file_attach": {"ticket": "none"},
    "file_way": {"second": True}, "no_such_type": {},
}  # fmt: skip
"""Every kind that a client may send on and on: `logout` ends the connection, which another attack does."""


def _flood(kind: str, addresses: int) -> None:
    async def run(place: Place) -> None:
        async with crowd(place, addresses, sources=addresses) as users:
            for user in users:
                await user.enter("attacked")
            users[0].send(type="send_message", text="short")
            await everybody_floods(users, place, {"type": kind, **REQUESTS[kind]})

    FLOODS.append(Attack(f"flood of {kind} from {addresses} addresses", run))


for _addresses in (1, 50):
    for _kind in REQUESTS:
        _flood(_kind, _addresses)


def _as_line(**frame: Any) -> bytes:
    return json.dumps(frame).encode() + b"\n"


_LOGINS: Final[dict[str, Callable[[str], bytes]]] = {
    "chat": lambda name: _as_line(type="login", username=name),
    "simple-json": lambda name: _as_line(type="login", username=name) + _as_line(action="login", username=name),
    "simple-text": lambda name: name.encode() + b"\n",
}
_LINES: Final[dict[str, dict[str, bytes]]] = {
    "chat": {kind: _as_line(type=kind, **fields) for kind, fields in REQUESTS.items()},
    "simple-json": {
        "messages": _as_line(type="message", message="x") + _as_line(action="message", content="x"),
        "no object": b"{{{{\n",
        "something else": _as_line(a=[[[[1]]]]),
    },
    "simple-text": {
        "messages": b"hello\n",
        "private messages": b"/msg good hello\n",
        "lists": b"/list\n",
        "no such command": b"/nonsense\n",
        "long lines": b"x" * 9000 + b"\n",
    },
}
"""What may be sent on and on over TCP, by dialect."""


def _flood_of_lines(dialect: str, kind: str, addresses: int) -> None:
    async def flood(place: Place, number: int) -> None:
        source = (f"127.0.0.{1 + number}", 0)
        reader, writer = await asyncio.open_connection(place.host, place.streams[dialect], local_addr=source)
        name = chr(ord("a") + number % 26) + chr(ord("a") + number // 26) + "x"
        writer.write(_LOGINS[dialect](name))
        lines = _LINES[dialect][kind]
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(place.seconds), asyncio.TaskGroup() as tasks:
                reading = tasks.create_task(_read_away(reader))
                while not reading.done():
                    writer.write(lines * max(1, 4096 // len(lines)))
                    await writer.drain()
                    await asyncio.sleep(0)
        writer.transport.abort()

    async def run(place: Place) -> None:
        await asyncio.gather(*(flood(place, number) for number in range(addresses)))

    FLOODS.append(Attack(f"{dialect} over tcp: flood of {kind} from {addresses} addresses", run))


async def _read_away(reader: asyncio.StreamReader) -> None:
    with contextlib.suppress(OSError):
        while await reader.read(2**18):
            pass


for _addresses in (1, 50):
    for _dialect, _kinds in _LINES.items():
        for _kind in _kinds:
            _flood_of_lines(_dialect, _kind, _addresses)


@attack("history after 0 from 10 connections")
async def _history_forward(place: Place) -> None:
    async with crowd(place, 10) as users:
        for cid in range(1, 201):
            users[0].send(type="send_message", text="short", cid=cid)
        await everybody_floods(users, place, {"type": "history", "room": "lobby", "after": 0, "limit": 200})


@attack("rename, to and fro, from 10 connections")
async def _rename(place: Place) -> None:
    async with crowd(place, 10) as users:
        await asyncio.gather(
            *(
                user.flood(
                    {"type": "rename", "username": f"b{number}"},
                    {"type": "rename", "username": f"a{number}"},
                    seconds=place.seconds,
                )
                for number, user in enumerate(users)
            )
        )


def _to_a_message(name: str, *requests: Frame) -> None:
    """Attack with what is done to a message of one's own: a whole room is told of each of them."""

    @attack(f"{name} from 10 connections, in a room of 100")
    async def run(place: Place) -> None:
        async with crowd(place, 100, sources=4) as users:
            for user in users:
                await user.enter("attacked")
            said = [await user.ask(type="send_message", text="short") for user in users[:10]]
            hearing = [asyncio.create_task(user.read_away()) for user in users[10:]]
            await asyncio.gather(
                *(
                    user.flood(
                        *({**request, _MESSAGE[request["type"]]: own["seq"]} for request in requests),
                        seconds=place.seconds,
                    )
                    for user, own in zip(users, said, strict=False)
                )
            )
            for task in hearing:
                task.cancel()


_MESSAGE: Final = {"send_message": "reply_to", "react": "seq", "unreact": "seq", "edit_message": "seq", "read": "seq"}

_to_a_message("replies", {"type": "send_message", "text": "x"})
_to_a_message("react and unreact", *({"type": kind, "emoji": "\U0001f44d"} for kind in ("react", "unreact")))
_to_a_message("edits, to and fro,", *({"type": "edit_message", "text": text} for text in "yz"))
_to_a_message("reads and messages", {"type": "read"}, {"type": "send_message", "text": "x"})


@attack("bans of one name after the other, in a room of 100")
async def _bans(place: Place) -> None:
    async with crowd(place, 100, sources=4) as users:
        for user in users:
            await user.enter("attacked")
        hearing = [asyncio.create_task(user.read_away()) for user in users[1:]]
        bans = ({"type": "ban", "username": f"nobody{number}"} for number in range(400))
        await users[0].flood(*bans, seconds=place.seconds)
        for task in hearing:
            task.cancel()


@attack("a room of 100 that is closed, again and again")
async def _closed_rooms(place: Place) -> None:
    over = time.monotonic() + place.seconds
    async with crowd(place, 100, sources=4) as users:
        owner, *members = users
        while time.monotonic() < over:
            await owner.ask(type="create_room", room="closed")
            await asyncio.gather(*(member.ask(type="join_room", room="closed") for member in members))
            await owner.ask(type="close_room")


@attack("every kind of request in turn, from 50 addresses")
async def _every_kind(place: Place) -> None:
    async with crowd(place, 50, sources=50) as users:
        for user in users:
            await user.enter("attacked")
        requests = ({"type": kind, **fields} for kind, fields in REQUESTS.items() if kind not in _ELSEWHERE)
        await everybody_floods(users, place, *requests)


_ELSEWHERE: Final = ("create_room", "leave_room", "close_room")


@attack("10 who come back again and again and have missed 1,000 messages")
async def _catch_up(place: Place) -> None:
    over = time.monotonic() + place.seconds

    async def come_back(welcome: Frame, since: Frame, source: str) -> None:
        login = {"type": "login", "username": welcome["username"], "token": welcome["session"]["token"]}
        while time.monotonic() < over:
            with contextlib.suppress(OSError, EOFError, TimeoutError):
                async with User(place, None, source=source) as user:
                    user.send(**login, since=since)
                    if (await user.next("welcome", "error", "bye"))["type"] == "welcome":
                        await user.next("message", "bye")

    async with crowd(place, 10, sources=10) as users:
        for user in users:
            await user.enter("attacked")
        asked = await users[0].ask(type="history", room="attacked", limit=1)
        for _ in range(100):
            await asyncio.gather(*(user.ask(type="send_message", text="one of a thousand") for user in users))
        since = {"attacked": {"epoch": asked["epoch"], "seq": 0}}
        await asyncio.gather(
            *(come_back(user.welcome, since, f"127.0.0.{1 + number}") for number, user in enumerate(users))
        )


@attack("create_room and leave_room from 10 connections")
async def _rooms(place: Place) -> None:
    async with crowd(place, 10) as users:
        await asyncio.gather(
            *(
                user.flood({"type": "create_room", "room": f"r{number}"}, {"type": "leave_room"}, seconds=place.seconds)
                for number, user in enumerate(users)
            )
        )


def _not_logged_in(connections: int, sources: int) -> None:
    @attack(f"whois without login from {connections} connections, {sources} addresses")
    async def run(place: Place) -> None:
        async with crowd(place, connections, sources=sources, logged_in=False) as users:
            await everybody_floods(users, place, {"type": "whois", "username": "alice"})


_not_logged_in(1, 1)
_not_logged_in(40, 2)


@attack("login and close, again and again")
async def _login_and_close(place: Place) -> None:
    over = time.monotonic() + place.seconds
    names = iter(range(10**9))

    async def loop() -> None:
        while time.monotonic() < over:
            with contextlib.suppress(OSError, EOFError, TimeoutError):
                async with User(place, None, source="127.0.0.2") as user:
                    user.send(type="login", username=f"sq{next(names)}")
                    await user.next("welcome", "error", "bye")

    await asyncio.gather(*(loop() for _ in range(4)))


@attack("60 connections of each of 8 addresses that come at once, again and again")
async def _crowds(place: Place) -> None:
    over = time.monotonic() + place.seconds
    names = iter(range(10**9))

    async def come_and_go(source: str) -> None:
        with contextlib.suppress(OSError, EOFError, TimeoutError):
            async with User(place, None, source=source) as user:
                user.send(type="login", username=f"c{next(names)}")
                await user.next("welcome", "error", "bye")

    while time.monotonic() < over:
        await asyncio.gather(*(come_and_go(f"127.0.1.{1 + number % 8}") for number in range(480)))


@attack("list_users among 19,000 names", "--no-limits", "--requests-per-second", "20", "--grace", "600")
async def _list_many(place: Place) -> None:
    async def log_in(numbers: Iterator[int]) -> None:
        for number in numbers:
            async with User(place, f"n{number}", source=f"127.0.{1 + number // 200}.1"):
                pass

    numbers = iter(range(19_000))
    await asyncio.gather(*(log_in(numbers) for _ in range(8)))
    async with crowd(place, 10) as users:
        print("ready", flush=True)
        await everybody_floods(users, place, {"type": "list_users"})


@attack("handshakes of 60 connections from each of 16 addresses, a byte a second")
async def _slow_handshakes(place: Place) -> None:
    over = time.monotonic() + place.seconds
    head = b"GET / HTTP/1.1\r\nHost: " + b"x" * 1000

    async def shake_hands(number: int) -> None:
        source = (f"127.0.2.{1 + number % 16}", 0)
        while time.monotonic() < over:
            with contextlib.suppress(OSError, EOFError):
                _reader, writer = await asyncio.open_connection(place.host, place.port, local_addr=source)
                for byte in head:
                    writer.write(bytes((byte,)))
                    await asyncio.sleep(1)
                    if writer.transport.is_closing() or time.monotonic() > over:
                        break
                writer.transport.abort()

    await asyncio.gather(*(shake_hands(number) for number in range(16 * 60)))


@attack("240 who do not read, in a room where ten say much", memory=60.0)
async def _deaf(place: Place) -> None:
    async with crowd(place, 250, sources=5) as users:
        await asyncio.gather(*(user.enter("attacked") for user in users))
        await everybody_floods(users[:10], place, {"type": "send_message", "text": "x" * 4000})


# Attacks on memory, and on what somebody else has. Each asks for what it is about itself: nobody may be hurt.


def _address(number: int) -> str:
    """Return one of many addresses of this machine, sixty connections each."""
    return f"127.1.{number // 60 // 250}.{1 + number // 60 % 250}"


async def _each_in_turn(place: Place, run: Callable[[int], Awaitable[None]], most: int, at_once: int = 8) -> None:
    """Run something with numbers from 0 up, `at_once` at a time, `most` times or until time is over."""
    over = time.monotonic() + place.seconds
    numbers = iter(range(most))

    async def loop() -> None:
        for number in numbers:
            with contextlib.suppress(OSError, EOFError, TimeoutError):
                await run(number)
            if time.monotonic() > over:
                return

    await asyncio.gather(*(loop() for _ in range(at_once)))


@attack("850 names that come and go, and 100 that offer 16 files each to the room", memory=20.0)
async def _offers(place: Place) -> None:
    async def come_and_go(number: int) -> None:
        async with User(place, f"gone{number}", source=_address(number)) as user:
            await user.ask(type="list_rooms")

    async def offer(number: int, user: User) -> None:
        for file in range(16):
            name = f"{number}-{file}-{'x' * 200}"
            await user.ask(type="file_offer", room=True, name=name, size=1, sha256="ab" * 32)

    await _each_in_turn(place, come_and_go, 850)
    async with crowd(place, 100, sources=4) as users:
        await asyncio.gather(*(offer(number, user) for number, user in enumerate(users)))


@attack("29,000 clients that number 64 sends each and leave", memory=100.0)
async def _marks(place: Place) -> None:
    async def number_and_leave(number: int) -> None:
        async with User(place, None, source=_address(number)) as user:
            await user.ask(type="login", username=f"s{number}", client=f"client-number-{number:08}")
            await user.ask(type="create_room", room=f"s{number}")
            for cid in range(1, 65):
                user.send(type="send_message", text="x", cid=cid)
            await user.ask(type="logout")

    await _each_in_turn(place, number_and_leave, 29_000)


@attack("strangers with one refused send each, while somebody stays with her number")
async def _many_strangers(place: Place) -> None:
    async def come_and_go(number: int) -> None:
        async with User(place, None, source=_address(number)) as user:
            await user.ask(type="login", username=f"s{number}", client=f"client-number-{number:08}")
            await user.ask(type="send_direct", to=["nobody"], text="x", cid=1)
            await user.ask(type="logout")

    async with User(place, None, source="127.2.0.1") as owner:
        await owner.ask(type="login", username="owner", client="the-owners-own-program")
        said = await owner.ask(type="send_message", text="once", cid=1)
        await _each_in_turn(place, come_and_go, 30_010)
        again = await owner.ask(type="send_message", text="once", cid=1)
        assert again["seq"] == said["seq"], f"stored twice: {said} {again}"
        assert (await owner.ask(type="send_message", text="on", cid=2))["type"] == "message"


@attack("a stranger with somebody's client id, while she is away")
async def _poison(place: Place) -> None:
    async with User(place, None, source="127.2.0.1") as owner:
        login = {"type": "login", "username": "owner", "client": "the-owners-own-program"}
        token = (await owner.ask(**login))["session"]["token"]
        assert (await owner.ask(type="send_message", text="one", cid=1))["type"] == "message"
        await owner.ask(type="logout")
    async with User(place, None, source="127.2.0.2") as stranger:
        await stranger.ask(**login)
        for cid in range(1, 10):
            await stranger.ask(type="send_message", text="poison", cid=cid)
        await stranger.ask(type="logout")
    async with User(place, None, source="127.2.0.1") as owner:
        assert (await owner.ask(**login, token=token))["cid"] == 1
        assert (await owner.ask(type="send_message", text="one", cid=1)) == {"type": "ok", "cid": 1, "id": "asked"}
        assert (await owner.ask(type="send_message", text="two", cid=2))["type"] == "message"


@attack("connections from one address, as many as it gets, and names that it drops")
async def _squat(place: Place) -> None:
    async def come_and_go(number: int) -> None:
        async with User(place, f"sq{number}") as user:
            await user.ask(type="list_rooms")

    async with crowd(place, 1000, logged_in=False), User(place, "elsewhere", source="127.2.0.1") as other:
        assert other.welcome["username"] == "elsewhere"
    await _each_in_turn(place, come_and_go, 20_000)
    async with User(place, "sq0", source="127.2.0.1") as other:
        assert other.welcome["username"] == "sq0", "a name that somebody dropped is not free again"


# The measurement.


class Server:
    """A server in a process of its own, with its log in a file."""

    def __init__(self, folder: Path, options: tuple[str, ...]) -> None:
        self._log = folder / "log"
        listens = ("ws", "tcp", *(f"tcp+{dialect}" for dialect in _LINES if dialect != "chat"))
        places = [argument for each in listens for argument in ("--listen", f"{each}://127.0.0.1:0")]
        self._command = [str(CHATCORE), "serve", *places, "--log-format", "json", *options]
        self._process: subprocess.Popen[bytes]
        self.port = 0
        self.streams: dict[str, int] = {}

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=log)
        over = time.monotonic() + PATIENCE
        while not self.port or len(self.streams) < len(_LINES):
            for line in self._log.read_text().splitlines():
                told = json.loads(line)
                if told["event"] == "listening":
                    kind, port = told["url"].partition(":")[0], int(told["url"].rpartition(":")[2])
                    if kind == "ws":
                        self.port = port
                    else:
                        self.streams[told["dialect"]] = port
            if self._process.poll() is not None or time.monotonic() > over:
                sys.exit(f"the server did not start: {self._log.read_text()}")
            time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def memory(self) -> float:
        """What it takes, in MiB."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))

    @property
    def processor(self) -> tuple[float, float]:
        """How many seconds its main thread has worked, and how many it was ready to and had to wait; 0 elsewhere."""
        try:
            worked, waited, _slices = Path(f"/proc/{self._process.pid}/schedstat").read_text().split()
        except OSError:
            return 0.0, 0.0
        return int(worked) / 1e9, int(waited) / 1e9

    @property
    def lines(self) -> int:
        """How many lines its log has."""
        return self._log.read_bytes().count(b"\n")


class GoodPair:
    """Two users in a room of their own."""

    def __init__(self, place: Place) -> None:
        self._alice = User(place, "alice")
        self._bob = User(place, "bob")
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        for user in (self._alice, self._bob):
            await self._stack.enter_async_context(user)
            await user.enter("pair")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def talk(self, goes_on: Callable[[], bool]) -> list[float]:
        """Let one say something every 20 ms for as long as it `goes_on`; return how long each took, in ms."""
        took: list[float] = []

        async def say() -> None:
            when = time.monotonic()
            while goes_on():
                self._alice.send(type="send_message", text=f"{time.monotonic()}")
                when += INTERVAL
                await asyncio.sleep(max(0.0, when - time.monotonic()))
            self._alice.send(type="send_message", text="end")

        async def hear() -> None:
            while (text := (await self._bob.next("message"))["text"]) != "end":
                took.append((time.monotonic() - float(text)) * 1000)

        async def is_not_refused() -> None:
            frame: Frame = {}
            while frame.get("text") != "end":
                frame = await self._alice.next("message", "error", "bye")
                if frame["type"] != "message":
                    sys.exit(f"the good pair was refused: {frame}")

        await asyncio.gather(say(), hear(), is_not_refused())
        return took


def for_seconds(seconds: float) -> Callable[[], bool]:
    """Return what is true for so long."""
    over = time.monotonic() + seconds
    return lambda: time.monotonic() < over


def percentile(values: list[float], share: float) -> float:
    """Return the value that this share of all values does not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


async def measure(wanted: Attack, seconds: float) -> dict[str, Any]:
    """Return what the good pair noticed without and with the attack."""
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder), wanted.options) as server:
        place = Place("127.0.0.1", server.port, seconds, server.streams)
        async with GoodPair(place) as pair:
            idle = await pair.talk(for_seconds(seconds))
            memory, lines = server.memory, server.lines
            attacker = await asyncio.create_subprocess_exec(
                *(sys.executable, __file__, "--attack", wanted.name, "--port", str(server.port)),
                *("--seconds", str(seconds), "--streams", json.dumps(server.streams)),
                stdout=subprocess.PIPE,
            )
            assert attacker.stdout is not None
            await asyncio.wait_for(attacker.stdout.readline(), 300)  # it is ready
            ended = asyncio.create_task(attacker.wait())
            began, (worked, waited) = time.monotonic(), server.processor
            under = await pair.talk(lambda: not ended.done())
            took = time.monotonic() - began
            worked, waited = server.processor[0] - worked, server.processor[1] - waited
            if await ended:
                sys.exit(f"the attack {wanted.name!r} failed")
        idle_p99 = percentile(idle, 0.99)
        p99 = percentile(under, 0.99)
        return {
            "attack": wanted.name,
            "idle_p50_ms": round(statistics.median(idle), 2),
            "idle_p99_ms": round(idle_p99, 2),
            "p50_ms": round(statistics.median(under), 2),
            "p99_ms": round(p99, 2),
            "max_ms": round(max(under), 2),
            "messages": len(under),
            "memory_mib": round(server.memory - memory, 1),
            "log_lines": server.lines - lines,
            "worked_percent": round(100 * worked / took, 1),
            "waited_percent": round(100 * waited / took, 1),
            "held": p99 <= max(TIMES_IDLE * idle_p99, TIMES_IDLE * FLOOR_MS)
            and server.memory - memory <= wanted.memory,
        }


def show(row: dict[str, Any]) -> str:
    """Return a line of the table."""
    return (
        f"{row['attack']:52} {row['idle_p50_ms']:7.2f} {row['idle_p99_ms']:7.2f} {row['p50_ms']:8.2f} "
        f"{row['p99_ms']:8.2f} {row['max_ms']:8.2f} {row['memory_mib']:8.1f} {row['log_lines']:7} "
        f"{row['worked_percent']:5.0f} {row['waited_percent']:5.0f}  "
        f"{'held' if row['held'] else 'GOT THROUGH'}"
    )


async def run_attack(name: str, place: Place) -> None:
    """Attack, in the attacker's process."""
    if hasattr(os, "nice"):
        os.nice(LOWEST_PRIORITY)
    chosen = next(each for each in (*ATTACKS, *FLOODS) if each.name == name)
    if not chosen.options:
        print("ready", flush=True)
    await chosen.run(place)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each attack lasts")
    parser.add_argument("--floods", action="store_true", help="one kind of request after the other, instead")
    parser.add_argument("--only", default="", help="only the attacks with this text in their names")
    parser.add_argument("--json", type=Path, help="also write every figure to this file")
    parser.add_argument("--attack", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--streams", default="{}", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.attack:
        place = Place("127.0.0.1", options.port, options.seconds, json.loads(options.streams))
        asyncio.run(run_attack(options.attack, place))
        return 0
    print(f"An attack gets through when p99 is over {TIMES_IDLE:g} times idle, and over {TIMES_IDLE * FLOOR_MS:g} ms.")
    print(
        f"{'milliseconds':52} {'idle50':>7} {'idle99':>7} {'p50':>8} {'p99':>8} {'max':>8} {'RSS MiB':>8} {'lines':>7} "
        f"{'work%':>5} {'wait%':>5}"
    )
    rows = []
    for chosen in FLOODS if options.floods else ATTACKS:
        if options.only in chosen.name:
            rows.append(asyncio.run(measure(chosen, options.seconds)))
            print(show(rows[-1]), flush=True)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n")
    return 0 if all(row["held"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
