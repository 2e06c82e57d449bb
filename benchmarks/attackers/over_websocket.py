"""The attacks over WebSocket."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final

from attackers.floods import REQUESTS
from attackers.users import Frame, Place, User, attack, crowd, everybody_floods


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
                _reader, writer = await asyncio.open_connection(place.host, place.ports["ws"], local_addr=source)
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
    answers = []
    for number in range(200):
        async with User(place, None, source=_address(number)) as other:
            answers.append(await other.ask(type="login", username=f"sq{number}"))
    kept = sum(answer["type"] == "error" for answer in answers)
    assert kept <= 64, f"of the names that one address dropped, {kept} are not free again"
