"""The courseworks' conversations over real sockets, cut at every byte and glued together; everybody in one room."""

from __future__ import annotations

import asyncio
import json
import random
import re
import socket
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any

import pytest

from chatcore import Client, Limits, connect
from chatcore.aio.plugins import load_transport
from chatcore.aio.server import Listen
from chatcore.errors import ConfigurationError, ErrorCode, RequestRefused
from chatcore.events import Posted
from chatcore.ports.transport import ListenOptions
from tests.patience import PATIENCE
from tests.stopwatch import Stopwatch
from tests.stores import ChatServer

GREETING = "Bienvenue dans le Chat tapez /pseudo si vous voulez vous connecter"
PROMPT = "tapez le pseudo que vous voulez utiliser pour le chat :"
# How long nothing at all may come, in seconds; a crowd on a busy machine has long turns.
_SILENCE = 120.0
PATIENT = dict.fromkeys(("handshake_timeout", "keepalive_timeout", "stall_timeout"), _SILENCE)
SENT = {"status": "success", "message": "Message envoyé à tous les clients"}


class Raw:
    """A raw socket: bytes out, lines in."""

    def __init__(self, url: str) -> None:
        host, _, port = url.partition("://")[2].rpartition(":")
        self._place = (host, int(port))
        self._loop = asyncio.get_running_loop()
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._unread = b""
        self.over = False

    async def __aenter__(self) -> Raw:
        await self._loop.sock_connect(self.socket, self._place)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.socket.close()

    async def sends(self, *parts: bytes) -> None:
        """Send bytes, one packet per part."""
        for part in parts:
            await self._loop.sock_sendall(self.socket, part)
            if len(parts) > 1:
                await asyncio.sleep(0)

    async def line(self) -> str:
        """Return the next line."""
        while b"\n" not in self._unread:
            async with asyncio.timeout(_SILENCE):
                data = await self._loop.sock_recv(self.socket, 65536)
            if not data:
                self.over = True
                raise EOFError
            self._unread += data
        line, _, self._unread = self._unread.partition(b"\n")
        return line.decode()

    async def lines(self, count: int) -> list[str]:
        """Return the next lines."""
        return [await self.line() for _ in range(count)]

    async def objects(self, count: int) -> list[Any]:
        """Return the next objects."""
        return [json.loads(line) for line in await self.lines(count)]

    async def ends(self) -> None:
        """Wait until the server hangs up, after nothing else."""
        with pytest.raises(EOFError):
            assert await self.line() == "nothing"


class House:
    """A server that listens on WebSocket and on TCP with both dialects."""

    def __init__(self, server: ChatServer) -> None:
        self.server = server
        self.ws, self.json, self.text = server.urls[:3]
        self.quic = server.urls[3] if len(server.urls) > 3 else None
        self._stack = AsyncExitStack()

    async def raw(self, url: str) -> Raw:
        """Return a connected raw socket."""
        return await self._stack.enter_async_context(Raw(url))

    async def json_user(self, name: str) -> Raw:
        """Return a logged-in user."""
        raw = await self.raw(self.json)
        await raw.sends(json.dumps({"type": "login", "username": name}).encode())
        assert await raw.objects(1) == [{"status": "success", "message": f"Bienvenue, {name}"}]
        return raw

    async def text_user(self, name: str) -> Raw:
        """Return a logged-in user."""
        raw = await self.raw(self.text)
        await raw.sends(f"/pseudo\n{name}\n".encode())
        assert await raw.lines(3) == [GREETING, PROMPT, f"Bienvenue {name}"]
        return raw

    async def guest(self, url: str, name: str, **options: Any) -> Client:
        """Return a user of our own client."""
        return await self._stack.enter_async_context(connect(url, username=name, **options))

    def users(self) -> list[str]:
        """Return who is logged in."""
        return sorted(session.name for session in self.server.chat.users.values())

    async def until_users(self, *names: str) -> None:
        """Wait until nobody else is logged in."""
        async with asyncio.timeout(PATIENCE):
            while self.users() != sorted(names):
                await asyncio.sleep(0.005)

    async def close(self) -> None:
        """Let everybody go, and stop."""
        await self._stack.aclose()
        await self.server.stop()


OpenHouse = Callable[..., Awaitable[House]]


@pytest.fixture
async def open_house() -> AsyncIterator[OpenHouse]:
    """Return a function that opens a house."""
    houses: list[House] = []

    async def open_house(*more: Listen, patient: bool = False, **limits: Any) -> House:
        anywhere = ListenOptions(port=0, **(PATIENT if patient else {}))  # type: ignore[arg-type]  # all are floats
        listen = [
            Listen("ws", "chat", anywhere),
            Listen("tcp", "simple-json", anywhere),
            Listen("tcp", "simple-text", anywhere),
            *more,
        ]
        server = ChatServer(listen=listen, limits=Limits.unlimited(**limits))
        await server.start()
        houses.append(House(server))
        return houses[-1]

    yield open_house
    for house in houses:
        await house.close()


def cuts(data: bytes) -> list[list[bytes]]:
    """Return the bytes whole, cut in two at every place, and byte by byte."""
    halves = [[data[:at], data[at:]] for at in range(1, len(data))]
    return [[data], *halves, [data[at : at + 1] for at in range(len(data))]]


# The conversations of the protocol.


async def test_json_conversation_is_held_to_the_letter_however_it_is_cut(open_house: OpenHouse) -> None:
    """Login, message, list: every request cut at every byte, and all of them glued together."""
    house = await open_house()
    eve = await house.json_user("eve")
    login = b'{"type": "login", "username": "zoe"}'
    message = '{"type": "message", "username": "zoe", "content": "Hello tout le monde! é{\\"}"}'.encode()
    listing = b'{"type": "list"}'
    answers = [
        '{"status": "success", "message": "Bienvenue, zoe"}',
        '{"status": "success", "message": "Message envoyé à tous les clients"}',
        '{"status": "success", "users": ["eve", "zoe"]}',
    ]
    heard = '{"type": "message", "username": "zoe", "content": "Hello tout le monde! é{\\"}"}'
    whole = login + message + listing
    glued = [whole, login + b"\n" + message + b" \r\n" + listing]
    ways = [[*cut, message, listing] for cut in cuts(login)]
    ways += [[login, *cut, listing] for cut in cuts(message)]
    ways += [[login, message, *cut] for cut in cuts(listing)]
    ways += [[each] for each in glued] + [[whole[at : at + 1] for at in range(len(whole))]]
    for way in ways:
        async with Raw(house.json) as zoe:
            await zoe.sends(*way)
            assert await zoe.lines(3) == answers
            assert await eve.line() == heard
        await house.until_users("eve")


async def test_text_conversation_is_held_to_the_letter_however_it_is_cut(open_house: OpenHouse) -> None:
    """From the greeting to the goodbye: the whole cut at every byte, byte by byte, and with CR LF."""
    house = await open_house()
    eve = await house.text_user("eve")
    said = "/pseudo\nzoe\n/list\nbonjour à tous\nmsg eve juste pour toi\npong\n/quit\n".encode()
    answers = [
        GREETING,
        PROMPT,
        "Bienvenue zoe",
        "Les personnes connectées sont : -eve, -zoe",
        "Deconnexion",
    ]
    for way in [*cuts(said), [said.replace(b"\n", b"\r\n")]]:
        async with Raw(house.text) as zoe:
            await zoe.sends(*way)
            assert await zoe.lines(5) == answers
            await zoe.ends()
        public, private, gone = await eve.lines(3)
        assert re.fullmatch(r"\[\d\d\.\d\d\.\d\d\]-zoe: bonjour à tous", public)
        assert private == "zoe vous a envoyé un message privé : juste pour toi"
        assert gone == "Déconnection de zoe"
        await house.until_users("eve")


async def test_text_client_that_waits_for_each_prompt_is_served(open_house: OpenHouse) -> None:
    """The greeting comes first, unasked; names are refused as written."""
    house = await open_house()
    await house.text_user("eve")
    zoe = await house.raw(house.text)
    assert await zoe.line() == GREETING
    await zoe.sends(b"/pseudo\n")
    assert await zoe.line() == PROMPT
    await zoe.sends(b"z\n")
    assert await zoe.line() == "Rentrez un pseudo correct"
    await zoe.sends(b"eve\n")
    assert await zoe.line() == "Attention ce pseudo existe deja"
    await zoe.sends(b"zoe\n")
    assert await zoe.line() == "Bienvenue zoe"


async def test_program_that_shuts_down_its_side_still_gets_its_answers(open_house: OpenHouse) -> None:
    """As `printf ... | nc` does; then the user is gone."""
    house = await open_house()
    bob = await house.raw(house.json)
    await bob.sends(b'{"type": "login", "username": "bob"}{"type": "message", "content": "hi"}')
    bob.socket.shutdown(socket.SHUT_WR)
    assert await bob.objects(2) == [{"status": "success", "message": "Bienvenue, bob"}, SENT]
    await bob.ends()
    await house.until_users()
    house = await open_house()  # where nobody is told yet that bob has gone
    zoe = await house.raw(house.text)
    await zoe.sends(b"/pseudo\nzoe\n/list")  # printf ends no line
    zoe.socket.shutdown(socket.SHUT_WR)
    assert await zoe.lines(4) == [GREETING, PROMPT, "Bienvenue zoe", "Les personnes connectées sont : -zoe"]
    await zoe.ends()
    await house.until_users()


@pytest.mark.parametrize("kind", ["json", "text"])
async def test_user_who_vanishes_leaves_the_list_at_once(open_house: OpenHouse, kind: str) -> None:
    """Far earlier than any timeout, and the name is free again."""
    house = await open_house()
    for _ in range(3):
        user = await (house.json_user("bob") if kind == "json" else house.text_user("bob"))
        stopwatch = Stopwatch()
        user.socket.close()
        await house.until_users()
        assert stopwatch.seconds < 2


@pytest.mark.parametrize("sent", [b"hello?", b"[]", b"5"])
async def test_json_user_is_dropped_for_what_begins_no_object(open_house: OpenHouse, sent: bytes) -> None:
    """After an error; the others stay."""
    house = await open_house()
    bob, eve = await house.json_user("bob"), await house.json_user("eve")
    await bob.sends(sent)
    assert await bob.objects(1) == [{"status": "error", "message": "Ceci n'est pas un objet JSON"}]
    await bob.ends()
    await house.until_users("eve")
    await eve.sends(b'{"type": "message", "content": "alone"}')
    assert await eve.objects(1) == [SENT]


async def test_ping_without_a_pong_ends_in_a_disconnect(open_house: OpenHouse) -> None:
    """Whoever answers stays."""
    house = await open_house(keepalive_interval=0.4, keepalive_timeout=0.4)
    silent, polite = await house.text_user("silent"), await house.text_user("polite")

    async def answer() -> None:
        while True:
            assert await polite.line() in ("ping", "Déconnection de silent")
            await polite.sends(b"pong\n")

    answering = asyncio.ensure_future(answer())
    assert await silent.lines(3) == ["ping", "ping", "Deconnexion"]
    await silent.ends()
    await house.until_users("polite")
    answering.cancel()
    await asyncio.gather(answering, return_exceptions=True)


async def test_peers_that_never_log_in_are_sent_away(open_house: OpenHouse) -> None:
    """Silent ones, and those that send a byte now and then."""
    house = await open_house(login_timeout=1.0)
    silent = await house.raw(house.json)
    dawdler = await house.raw(house.text)
    for byte in b"/pseudo":
        await dawdler.sends(bytes([byte]))
        await asyncio.sleep(0.05)
    assert await dawdler.lines(2) == [GREETING, "Deconnexion"]
    await dawdler.ends()
    assert (await silent.objects(1))[0]["status"] == "error"
    await silent.ends()


async def test_newline_of_others_cannot_forge_a_line(open_house: OpenHouse) -> None:
    """Of a text user everything stands in one line; of a JSON user in one object."""
    house = await open_house()
    bob, eve = await house.text_user("bob"), await house.json_user("eve")
    alice = await house.guest(house.ws, "alice")
    await alice.send('hi\nDeconnexion\r\nping\u2028x\n{"type": "message"}')
    assert (await bob.line())[10:] == '-alice: hi Deconnexion ping x {"type": "message"}'
    (found,) = await eve.objects(1)
    assert found["content"] == 'hi\nDeconnexion\r\nping\u2028x\n{"type": "message"}'


async def test_user_is_described_to_others(open_house: OpenHouse) -> None:
    """Room, transport and dialect, in the list and by whois."""
    house = await open_house()
    await house.text_user("bob")
    await house.json_user("eve")
    alice = await house.guest(house.ws, "alice")
    assert [(user.name, user.room) for user in await alice.list_users()] == [
        ("alice", "lobby"),
        ("bob", "lobby"),
        ("eve", "lobby"),
    ]
    bob, eve = await alice.whois("bob"), await alice.whois("eve")
    assert (bob.transport, bob.dialect, bob.room) == ("tcp", "simple-text", "lobby")
    assert (eve.transport, eve.dialect, eve.connected) == ("tcp", "simple-json", True)


@pytest.mark.parametrize("dialect", ["simple-json", "simple-text"])
async def test_our_own_client_talks_to_our_own_server(open_house: OpenHouse, dialect: str) -> None:
    """Login, messages both ways, the list, a name in use, logout."""
    house = await open_house()
    url = (house.json if dialect == "simple-json" else house.text).replace("tcp://", f"tcp+{dialect}://")
    alice = await house.guest(house.ws, "alice")
    async with connect(url, username="bob") as bob:
        posted = await bob.send("hello")
        assert posted is not None
        await said(alice, ["hello"])
        await alice.send("hi")
        await said(bob, ["hello", "hi"])
        assert [user.name for user in await bob.list_users()] == ["alice", "bob"]
        if dialect == "simple-text":
            await bob.rename("robert")
            assert bob.username == "robert"
            with pytest.raises(RequestRefused) as refused:
                await bob.rename("Alice")
            assert refused.value.code == ErrorCode.NAME_TAKEN
            await house.until_users("alice", "robert")
    await house.until_users("alice")


async def said(client: Client, texts: list[str]) -> None:
    """Wait for these texts."""
    found: list[str] = []
    async with asyncio.timeout(PATIENCE):
        async for event in client:
            if isinstance(event, Posted):
                found.append(event.text)
                if len(found) == len(texts):
                    break
    assert found == texts


# Everybody in one room.


async def meet_in_one_room(house: House, counts: Sequence[int], each: int, options: dict[str, Any]) -> None:
    """Let so many users of each kind say so much, and check that everybody hears everything of the others once."""
    jsons = [await house.json_user(f"j{number}x") for number in range(counts[0])]
    texts = [await house.text_user(f"t{number}x") for number in range(counts[1])]
    clients = [await house.guest(house.ws, f"w{number}x", **options) for number in range(counts[2])]
    if house.quic is not None:
        clients += [await house.guest(house.quic, f"q{number}x", **options) for number in range(counts[3])]
    names = [f"j{n}x" for n in range(counts[0])] + [f"t{n}x" for n in range(counts[1])]
    names += [client.username for client in clients]
    everything = Counter(f"{name} says {number}" for name in names for number in range(each))

    async def json_user(raw: Raw, name: str) -> Counter[str]:
        for number in range(each):
            text = f"{name} says {number}"
            await raw.sends(json.dumps({"type": "message", "username": "x", "content": text}).encode())
        found = await raw.objects(sum(everything.values()))
        assert found.count(SENT) == each
        heard = [one for one in found if one != SENT]
        assert all(one["content"].startswith(f"{one['username']} says ") for one in heard)
        return Counter(one["content"] for one in heard) + Counter(f"{name} says {n}" for n in range(each))

    async def text_user(raw: Raw, name: str) -> Counter[str]:
        await raw.sends("".join(f"{name} says {number}\n" for number in range(each)).encode())
        heard: Counter[str] = Counter()
        while sum(heard.values()) < sum(everything.values()) - each:
            line = await raw.line()
            if line == "ping":
                await raw.sends(b"pong\n")
            else:
                match = re.fullmatch(r"\[\d\d\.\d\d\.\d\d\]-(\w+): (\1 says \d+)", line)
                assert match is not None, line
                heard[match[2]] += 1
        return heard + Counter(f"{name} says {n}" for n in range(each))

    async def client(one: Client) -> Counter[str]:
        sending = asyncio.gather(*(one.send(f"{one.username} says {number}") for number in range(each)))
        heard: Counter[str] = Counter()
        async for event in one:
            if isinstance(event, Posted):
                heard[event.text] += 1
                if sum(heard.values()) == sum(everything.values()):
                    break
        await sending
        return heard

    order = [
        *(json_user(raw, f"j{number}x") for number, raw in enumerate(jsons)),
        *(text_user(raw, f"t{number}x") for number, raw in enumerate(texts)),
        *(client(one) for one in clients),
    ]
    random.Random(1).shuffle(order)
    for heard in await asyncio.gather(*order):
        assert heard == everything


def quic(tmp_path: Any) -> tuple[list[Listen], dict[str, Any]]:
    """Return where to listen for QUIC, if it is installed, and how to connect there and elsewhere.

    Everybody shares one event loop: nobody is gone only because an answer takes long.
    """
    from chatcore.ports.transport import ConnectOptions
    from tests.integration.test_quic_transport import CA, CERT, KEY

    patient = ConnectOptions(tls_ca=CA, connect_timeout=_SILENCE, login_timeout=_SILENCE, keepalive_timeout=_SILENCE)
    options = {"options": patient}
    try:
        load_transport("quic")
    except ConfigurationError:
        return [], options
    at = ListenOptions(port=0, tls_cert=CERT, tls_key=KEY, state_dir=str(tmp_path), **PATIENT)  # type: ignore[arg-type]  # all are floats
    return [Listen("quic", "chat", at)], options


async def test_everybody_in_one_room_hears_everything_once(open_house: OpenHouse, tmp_path: Any) -> None:
    """A few of each kind."""
    listen, options = quic(tmp_path)
    house = await open_house(*listen, patient=True, keepalive_timeout=_SILENCE, login_timeout=_SILENCE)
    await meet_in_one_room(house, (5, 5, 5, 2), 5, options)


@pytest.mark.slow
async def test_three_hundred_and_twenty_in_one_room_hear_everything_once(open_house: OpenHouse, tmp_path: Any) -> None:
    """A hundred of each kind and twenty over QUIC."""
    listen, options = quic(tmp_path)
    house = await open_house(*listen, patient=True, keepalive_timeout=_SILENCE, login_timeout=_SILENCE)
    await meet_in_one_room(house, (100, 100, 100, 20), 5, options)
