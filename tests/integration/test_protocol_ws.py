"""The protocol as somebody sees it who has read docs/protocol and uses another WebSocket library."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import websockets
from websockets.asyncio.client import ClientConnection

from chatcore import Limits
from tests.patience import PATIENCE
from tests.stores import ChatServer

Frame = dict[str, Any]


class Raw:
    """A client that knows nothing but JSON over WebSocket."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.frames: list[Frame] = []

    async def ask(self, **frame: Any) -> Frame:
        """Send a request with an id and return its answer; keeps what came in between."""
        frame["id"] = f"{frame['type']}-{len(self.frames)}"
        await self.socket.send(json.dumps(frame))
        return await self.expect(lambda answer: answer.get("id") == frame["id"])

    async def ask_until(self, fits: Callable[[Frame], bool], **frame: Any) -> Frame:
        """Ask until the answer fits: what one client was told, the server of another may not know yet."""
        async with asyncio.timeout(PATIENCE):
            while not fits(answer := await self.ask(**frame)):
                pass
        return answer

    async def expect(self, wanted: Any) -> Frame:
        """Return the next frame of a type, or that fits; keeps what came in between."""
        fits = wanted if callable(wanted) else lambda frame: frame["type"] == wanted
        async with asyncio.timeout(PATIENCE):
            while True:
                for index, frame in enumerate(self.frames):
                    if fits(frame):
                        return self.frames.pop(index)
                self.frames.append(json.loads(await self.socket.recv()))


def names(users: Frame) -> list[str]:
    """Return who is there, as the answer to `list_users` says."""
    return [user["name"] for user in users["users"]]


@pytest.fixture
def grace() -> float:
    """For how long a session outlives its connection, in seconds."""
    return PATIENCE


@pytest.fixture
async def server(grace: float) -> AsyncIterator[ChatServer]:
    """A server on a free port."""
    limits = Limits.unlimited(grace=grace, rooms_window=0.1)
    async with ChatServer(port=0, limits=limits) as server:
        yield server


@pytest.fixture
async def open_socket(server: ChatServer) -> AsyncIterator[Any]:
    """Opens raw connections, and closes them in the end."""
    opened: list[ClientConnection] = []

    async def connect() -> Raw:
        socket = await websockets.connect(server.urls[0], compression=None)
        opened.append(socket)
        return Raw(socket)

    yield connect
    for socket in opened:
        await socket.close()


async def test_two_raw_clients_log_in_talk_and_move_between_rooms(open_socket: Any) -> None:
    """Part 1 of the protocol, as a conversation."""
    alice, bob = await open_socket(), await open_socket()
    assert (await alice.ask(type="list_rooms"))["code"] == "not_logged_in"
    welcome = await alice.ask(type="login", username="alice")
    assert (welcome["type"], welcome["room"], welcome["users"]) == ("welcome", "lobby", ["alice"])
    assert (await alice.ask(type="login", username="alice"))["code"] == "already_logged_in"
    assert (await bob.ask(type="login", username="ALICE"))["code"] == "name_taken"
    assert (await bob.ask(type="login", username="b"))["code"] == "bad_name"
    assert (await bob.ask(type="login", username="bob"))["users"] == ["alice", "bob"]
    assert "bob" in (await alice.expect(lambda frame: "bob" in frame.get("joined", ())))["joined"]

    first = await alice.ask(type="send_message", text="hello", cid=1)
    second = await alice.ask(type="send_message", text="again", cid=2)
    assert (first["seq"], first["cid"], second["seq"]) == (1, 1, 2)
    seen = await bob.expect("message")
    assert (seen["from"], seen["text"], seen["seq"]) == ("alice", "hello", 1)
    assert "cid" not in seen

    room = await bob.ask(type="create_room", room="python")
    assert (room["type"], room["room"], room["users"], room["position"]["seq"]) == ("room", "python", ["bob"], 0)
    assert (await alice.ask(type="create_room", room="Python"))["code"] == "room_exists"
    assert (await alice.ask(type="join_room", room="nowhere"))["code"] == "no_such_room"
    await alice.expect(lambda frame: frame.get("left") == ["bob"])
    await alice.expect(lambda frame: any(room["name"] == "python" for room in frame.get("rooms", ())))
    assert (await alice.ask(type="join_room", room="python"))["users"] == ["bob", "alice"]
    assert (await bob.ask(type="leave_room"))["room"] == "lobby"

    await bob.ask(type="send_direct", to=["alice"], text="psst")
    assert (await alice.expect("direct"))["text"] == "psst"
    await alice.ask(type="broadcast", text="lunch!")
    assert (await bob.expect("broadcast"))["from"] == "alice"
    assert (await bob.ask(type="whois", username="alice"))["transport"] == "ws"
    assert (await alice.ask(type="rename", username="al"))["type"] == "ok"
    await bob.ask_until(lambda answer: names(answer) == ["al", "bob"], type="list_users")
    history = await bob.ask(type="history", room="lobby", before=2, limit=50)
    assert [entry["text"] for entry in history["messages"]] == ["hello"]
    assert (await bob.ask(type="ping"))["type"] == "pong"
    assert (await bob.ask(type="logout"))["type"] == "ok"
    assert (await bob.expect("bye"))["code"] == "logged_out"
    with pytest.raises(websockets.ConnectionClosedOK):
        await bob.socket.recv()


async def test_unknown_type_keeps_the_connection_and_bad_json_ends_it(open_socket: Any) -> None:
    """A refusal is an answer; what cannot be parsed is the end."""
    alice = await open_socket()
    assert (await alice.ask(type="dance"))["code"] == "unknown_type"
    assert (await alice.ask(type="login", username="alice"))["type"] == "welcome"
    await alice.socket.send("{")
    assert (await alice.expect("error"))["code"] == "bad_json"
    with pytest.raises(websockets.ConnectionClosedError):
        await alice.expect("nothing more")


async def test_a_killed_client_is_back_within_the_grace_period_with_everything_before(open_socket: Any) -> None:
    """A session outlives its connection, with its name, its room and what it missed."""
    alice, bob = await open_socket(), await open_socket()
    welcome = await alice.ask(type="login", username="alice")
    await bob.ask(type="login", username="bob")
    await bob.ask(type="create_room", room="den")
    await alice.ask(type="join_room", room="den")
    alice.socket.transport.abort()
    await bob.ask(type="send_message", text="are you there?")
    await bob.ask(type="send_direct", to=["alice"], text="call me")

    stranger = await open_socket()
    assert (await stranger.ask(type="login", username="alice"))["code"] == "name_taken"
    again = await open_socket()
    back = await again.ask(type="login", username="alice", token=welcome["session"]["token"])
    assert (back["resumed"], back["room"]) == (True, "den")
    missed = [await again.expect(lambda frame: frame.get("replay")) for _ in range(2)]
    assert sorted(frame["text"] for frame in missed) == ["are you there?", "call me"]


@pytest.mark.parametrize("grace", [0.5])
async def test_a_killed_client_is_gone_after_the_grace_period(open_socket: Any) -> None:
    """Its name is free for everybody then."""
    alice, bob, stranger = await open_socket(), await open_socket(), await open_socket()
    await alice.ask(type="login", username="alice")
    assert (await bob.ask(type="login", username="bob"))["users"] == ["alice", "bob"]
    alice.socket.transport.abort()
    await bob.expect(lambda frame: frame.get("left") == ["alice"])
    assert names(await bob.ask(type="list_users")) == ["bob"]
    assert (await stranger.ask(type="login", username="alice"))["type"] == "welcome"


async def test_a_newer_connection_takes_the_session_over_and_the_older_one_is_told(open_socket: Any) -> None:
    """Two connections never speak for one session."""
    old, new = await open_socket(), await open_socket()
    welcome = await old.ask(type="login", username="alice")
    token = welcome["session"]["token"]
    assert (await new.ask(type="login", username="alice", token=token))["resumed"] is True
    assert (await old.expect("bye"))["code"] == "replaced"


@pytest.mark.parametrize("count", [200, pytest.param(1000, marks=pytest.mark.slow)])
async def test_clients_joining_cost_about_a_frame_per_client_and_window(server: ChatServer, count: int) -> None:
    """N clients joining one by one must not cost N² frames; a message reaches all of them."""
    sockets = []
    began = time.monotonic()
    for number in range(count):
        socket = await websockets.connect(server.urls[0], compression=None, ping_interval=None)
        await socket.send(json.dumps({"type": "login", "username": f"user{number}"}))
        sockets.append(socket)
    presence = 0
    async with asyncio.timeout(PATIENCE):
        for socket in sockets:  # what one says is not behind the logins of others, where they come to other servers
            assert json.loads(await socket.recv())["type"] == "welcome"
        await sockets[0].send(json.dumps({"type": "send_message", "text": "hello everybody"}))
        for socket in sockets:
            while (frame := json.loads(await socket.recv()))["type"] != "message":
                presence += frame["type"] == "presence"
    windows = (time.monotonic() - began) / server.limits.presence_window + 2
    assert presence <= count * windows
    for socket in sockets:
        socket.transport.abort()
