"""The server's side of the `chat` dialect: framing, broken bytes, ids, ping and pong, keepalive."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.dialects.base import Answer, Request
from chatcore.dialects.chat.encode import command_frame
from chatcore.dialects.chat.json_text import encode_object
from chatcore.dialects.chat.server import ChatServerMachine
from chatcore.events import PingAnswered, Refused
from chatcore.limits import OBJECT_BYTES, Limits
from chatcore.ports.transport import Binary, CloseReason
from tests.strategies import commands
from tests.unit.dialects.test_json_text import BAD
from tests.unit.playbook import Client, Server

MakeServer = Callable[..., Server]


def machine(*, boundaries: bool, keepalive: bool = False) -> ChatServerMachine:
    """Return the server's side of a new connection."""
    return ChatServerMachine(Limits(), boundaries=boundaries, keepalive=keepalive, now=0.0)


def last_words(client: Client) -> list[tuple[str, str | None]]:
    """Return type and code of everything that came."""
    return [(frame["type"], frame.get("code")) for frame in client.take()]


# Broken bytes.


@pytest.mark.parametrize(
    "data", [data for data in BAD.values() if data.strip() and b"\n" not in data],
    ids=[name for name, data in BAD.items() if data.strip() and b"\n" not in data],
)  # fmt: skip
def test_connection_is_closed_after_an_error_when_it_sends_bad_json(server: Server, data: bytes) -> None:
    """Bytes that are not an object, or one too long, end the connection, logged in or not, and only that one."""
    alice, bob = server.logins("alice", "bob")
    code = "bad_json" if len(data) <= OBJECT_BYTES else "too_large"
    reason = CloseReason.BAD_DATA if code == "bad_json" else CloseReason.TOO_LARGE
    for client in (alice, server.connect()):
        client.send_bytes(data)
        assert last_words(client) == [("error", code)]
        assert client.link.closed is reason
    assert bob.ask("list_rooms")["type"] == "rooms"
    assert bob.take() == []


def test_user_is_in_its_grace_period_after_bad_json(server: Server) -> None:
    """The connection is closed, the session is not: a program with a bug can come back."""
    (alice,) = server.logins("alice")
    alice.send_bytes(b"{")
    alice.drop()
    assert server.login("alice", token=alice.token).welcome["resumed"] is True


def test_nothing_behind_bad_json_is_carried_out(server: Server) -> None:
    """What comes after it in the same bytes is void, what came before is not."""
    alice, bob = server.logins("alice", "bob")
    lines = [b'{"type":"broadcast","text":"before"}', b"nonsense", b'{"type":"broadcast","text":"behind"}']
    for data in lines if alice.link.keeps_boundaries else [b"\n".join(lines) + b"\n"]:
        alice.link.sends(data)
    server.settle()
    assert bob.texts() == ["before"]
    assert last_words(alice) == [("broadcast", None), ("error", "bad_json")]


def test_binary_message_is_bad_json() -> None:
    """The dialect has no binary messages."""
    server = Server(boundaries=True)
    (alice,) = server.logins("alice")
    alice.link.sends(Binary(b'{"type":"list_rooms"}'))
    server.settle()
    assert last_words(alice) == [("error", "bad_json")]


def test_object_of_64_kib_is_taken_and_a_longer_one_is_not(server: Server) -> None:
    """The bound is exact, in bytes."""
    alice, bob = server.logins("alice", "bob")
    start, end = b'{"type":"list_rooms","x":"', b'"}'
    filler = "é".encode() * ((OBJECT_BYTES - len(start) - len(end)) // 2)
    filler += b"x" * (OBJECT_BYTES - len(start) - len(end) - len(filler))
    alice.send_bytes(start + filler + end)
    assert last_words(alice) == [("rooms", None)]
    alice.send_bytes(start + b"x" + filler + end)
    assert last_words(alice) == [("error", "too_large")]
    assert alice.link.closed is CloseReason.TOO_LARGE
    assert bob.link.closed is None


@pytest.mark.parametrize("cuts", [(), (-1,), (-2,), (-2, -1), (1000,)])
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_end_of_a_line_does_not_count_however_it_is_made_and_cut(line_end: bytes, cuts: tuple[int, ...]) -> None:
    """Programs on Windows end lines with two bytes."""
    start, end = b'{"type":"list_rooms","x":"', b'"}'
    for more, answer in ((0, [("rooms", None)]), (1, [("error", "too_large")])):
        server = Server(boundaries=False)
        (alice,) = server.logins("alice")
        line = start + b"x" * (OBJECT_BYTES - len(start) - len(end) + more) + end + line_end
        places = [0, *(cut % len(line) for cut in cuts), len(line)]
        for begin, stop in pairwise(places):
            alice.link.sends(line[begin:stop])
            server.settle()
        assert last_words(alice) == answer


def test_line_without_an_end_is_given_up_in_time() -> None:
    """A stream that never ends its line costs 64 KiB and no more."""
    server = Server(boundaries=False)
    (alice,) = server.logins("alice")
    for _ in range(100):
        alice.link.sends(b'{"a":' + b" " * 1000)
    server.settle()
    assert last_words(alice) == [("error", "too_large")]
    assert alice.link.closed is CloseReason.TOO_LARGE


# Requests that are refused.


def test_unknown_type_is_refused_and_the_connection_stays(server: Server) -> None:
    """A newer client may ask for what this server does not know."""
    (alice,) = server.logins("alice")
    for kind in ("dance", "welcome", "Login", "", "x" * 1000, "\u202e"):
        assert alice.refused(kind) == "unknown_type"
    assert alice.ask("list_rooms")["type"] == "rooms"


@pytest.mark.parametrize("frame", ['{"id":"1"}', '{"id":"1","type":null}', '{"id":"1","type":5}'])
def test_missing_type_is_refused_and_the_connection_stays(server: Server, frame: str) -> None:
    """It is a bad request, answered with its id."""
    (alice,) = server.logins("alice")
    alice.send_bytes(frame.encode())
    error = alice.last()
    assert (error["type"], error["code"], error["id"]) == ("error", "bad_request", "1")
    assert alice.link.closed is None


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("login", {}),
        ("login", {"username": 5}),
        ("login", {"username": "x", "since": []}),
        ("login", {"username": "x", "since": {"lobby": 5}}),
        ("login", {"username": "x", "since": {"lobby": {"epoch": "e", "seq": -1}}}),
        ("login", {"username": "x", "since": {f"r{n}": {"epoch": "e", "seq": 1} for n in range(65)}}),
        ("create_room", {}),
        ("create_room", {"room": None}),
        ("send_message", {}),
        ("send_message", {"text": ["a"]}),
        ("send_direct", {"text": "a"}),
        ("send_direct", {"to": [1], "text": "a"}),
        ("send_direct", {"to": {"bob": 1}, "text": "a"}),
        ("broadcast", {"text": None}),
        ("whois", {}),
        ("rename", {"username": True}),
        ("history", {}),
        ("history", {"room": "lobby", "before": "3"}),
        ("history", {"room": "lobby", "limit": 1.5}),
        ("join_room", {"room": "lobby", "since": {"epoch": "e"}}),
    ],
)
def test_request_with_wrong_fields_is_refused_and_the_connection_stays(
    server: Server, kind: str, fields: dict[str, Any]
) -> None:
    """A field that is missing or of another type is a bad request."""
    (alice,) = server.logins("alice")
    assert alice.refused(kind, **fields) == "bad_request"
    assert alice.link.closed is None


def test_unknown_keys_are_ignored(server: Server) -> None:
    """A newer client may say more than this server knows."""
    (alice,) = server.logins("alice")
    assert alice.ask("send_message", text="hi", mood="good", nested={"a": [None]})["text"] == "hi"


# Ids.


@pytest.mark.parametrize("request_id", ["1", "", "x" * 64, "é😀\u202e\0"])
def test_reply_carries_the_id_of_its_request(server: Server, request_id: str) -> None:
    """Every kind of answer does, and nothing else."""
    alice, bob = server.logins("alice", "bob")
    for kind, fields in (
        ("list_rooms", {}),
        ("send_message", {"text": "hi"}),
        ("join_room", {"room": "nowhere"}),
        ("dance", {}),
        ("whois", {}),
        ("ping", {}),
    ):
        alice.say(kind, id=request_id, **fields)
        assert [frame.get("id") for frame in alice.take()] == [request_id]
    assert all("id" not in frame for frame in bob.take())


def test_request_without_an_id_is_answered_without_one(server: Server) -> None:
    """The id is the client's choice."""
    (alice,) = server.logins("alice")
    for kind in ("list_rooms", "ping", "dance"):
        alice.say(kind)
        assert "id" not in alice.last()


@pytest.mark.parametrize("request_id", ["x" * 65, 5, None, ["1"]])
def test_id_that_is_no_id_does_not_come_back(server: Server, request_id: object) -> None:
    """An id is a string of up to 64 characters; anything else is not repeated, and harms only its request."""
    (alice,) = server.logins("alice")
    for kind in ("list_rooms", "ping", "dance"):
        alice.say(kind, id=request_id)
        assert "id" not in alice.last()
    assert alice.link.closed is None


# Framing.


def test_lines_may_end_in_cr_lf_and_be_empty() -> None:
    """Blank lines mean nothing."""
    server = Server(boundaries=False)
    (alice,) = server.logins("alice")
    alice.link.sends(b'\r\n\n  \n{"type":"list_rooms"}\r\n\n')
    server.settle()
    assert last_words(alice) == [("rooms", None)]


class Counted(bytes):
    """Bytes that count how often somebody looks for the end of a line in them."""

    looks = 0

    def find(self, *args: Any) -> int:
        """Find it."""
        self.looks += 1
        return super().find(*args)


@pytest.mark.parametrize("blank", [b"\n", b"\r\n", b" \t\r\n"])
def test_blank_lines_cost_no_more_for_there_being_many_of_them(blank: bytes) -> None:
    """They ask for nothing, and nobody is charged for them."""
    stream, data = machine(boundaries=False), Counted(blank * 10_000 + b'{"type":"list_rooms"}\n')
    stream.receive_data(data)
    assert [type(each) for each in stream.events_received()] == [Request]
    assert data.looks == 2


@pytest.mark.unmeasured
@given(
    st.lists(
        st.sampled_from([b"\n", b"\r\n", b" ", b" \n", b"\t\x0b\x0c \r\n", b'{"type":"ping"}\n', b"x\n"]), max_size=30
    ),
    st.lists(st.integers(0, 500), max_size=8),
)
def test_blank_lines_are_left_out_however_the_stream_is_cut(lines: list[bytes], places: list[int]) -> None:
    data = b"".join(lines)
    whole = feed([data])
    assert feed(cut(data, places)) == whole
    assert feed([data[place : place + 1] for place in range(len(data))]) == whole


def test_line_of_blanks_behind_another_one_is_too_long_at_the_same_length() -> None:
    for length, close in ((OBJECT_BYTES, None), (OBJECT_BYTES + 1, CloseReason.TOO_LARGE)):
        stream = machine(boundaries=False)
        stream.receive_data(b"\n \n" + b" " * length + b"\n\n")
        assert stream.close_expected() is close


def test_message_may_contain_line_ends_when_the_transport_keeps_boundaries() -> None:
    """Blanks between tokens are JSON's business."""
    server = Server(boundaries=True)
    (alice,) = server.logins("alice")
    alice.link.sends(b'{\n"type":\n"list_rooms"\n}\n')
    server.settle()
    assert last_words(alice) == [("rooms", None)]


valid_lines = st.lists(
    commands.map(command_frame)
    | st.sampled_from([{"type": "ping", "id": "p"}, {"type": "pong"}, {"type": "dance"}, {"type": 5}]),
    min_size=1,
    max_size=6,
).map(lambda frames: b"".join(encode_object(frame) + b"\n" for frame in frames))


def feed(pieces: list[bytes]) -> tuple[list[Request | Answer], list[bytes], CloseReason | None]:
    """Return what a stream machine makes of these pieces."""
    stream = machine(boundaries=False)
    events, out = [], []
    for piece in pieces:
        stream.receive_data(piece)
        events += stream.events_received()
        out += stream.data_to_send()
    return events, out, stream.close_expected()


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """Return `data` in pieces, cut at these places."""
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[start:end] for start, end in pairwise(edges)]


@pytest.mark.unmeasured
@given(valid_lines, st.lists(st.integers(0, 10_000), max_size=8))
def test_requests_are_the_same_however_the_stream_is_cut(data: bytes, places: list[int]) -> None:
    """Whole, byte by byte, or anywhere in between: the same requests, answers and pongs."""
    whole = feed([data])
    assert feed(cut(data, places)) == whole
    assert feed([data[place : place + 1] for place in range(len(data))]) == whole
    assert whole[2] is None


TALK = (
    b'{"type":"login","username":"alice","id":"1"}\n{"type":"create_room","room":"python"}\n'
    b'{"type":"send_message","text":"\xc3\xa9 \xf0\x9f\x98\x80","cid":1}\r\n\n{"type":"whois","username":"bob"}\n'
    b'{"type":"ping","id":"2"}\n{"type":"dance"}\n{"type":"list_rooms","id":"3"}\n{"type":"logout"}\n'
)


@pytest.mark.unmeasured
@given(st.lists(st.integers(0, len(TALK)), max_size=12))
def test_answers_are_the_same_however_the_stream_is_cut(places: list[int]) -> None:
    """A conversation does not depend on how the network cuts it; everything comes in its turn."""

    def talk(pieces: list[bytes]) -> list[dict[str, Any]]:
        server = Server(boundaries=False)
        server.login("bob")
        client = server.connect()
        for piece in pieces:
            client.link.sends(piece)
            server.settle()
        assert server.mistakes() == []
        return [each for each in client.take() if each["type"] != "rooms_changed"]

    assert talk(cut(TALK, places)) == talk([TALK])


# Anything at all.


@given(st.lists(st.binary(max_size=80) | st.text('{}[]":,\n truefalsn0123456789.\\u', max_size=80).map(str.encode)))
def test_any_bytes_give_requests_or_a_clean_close(pieces: list[bytes]) -> None:
    """Nothing is raised, nothing is kept beyond a line, and an error says why before the close."""
    for boundaries in (True, False):
        server_side = machine(boundaries=boundaries)
        for piece in pieces:
            server_side.receive_data(piece)
            assert len(server_side._main.tail) <= OBJECT_BYTES
        events = server_side.events_received()
        server_side.data_to_send()
        if server_side.close_expected() is not None:
            last = events[-1]
            assert isinstance(last, Answer)
            assert isinstance(last.event, Refused)
            assert last.event.code in {"bad_json", "too_large"}
        server_side.receive_eof()
        assert server_side.close_expected() is not None


@pytest.mark.unmeasured
@given(valid_lines, st.data(), st.booleans())
def test_hub_survives_frames_with_bytes_dropped_altered_or_doubled(
    data: bytes, draw: st.DataObject, boundaries: bool
) -> None:
    """A mutated conversation, before and after the login, is answered or closed; nobody else is harmed."""
    bytes_ = bytearray(data)
    for _ in range(draw.draw(st.integers(1, 4), "mutations")):
        place = draw.draw(st.integers(0, len(bytes_)), "place")
        how = draw.draw(st.sampled_from(["drop", "alter", "double"]), "how")
        if how == "drop":
            del bytes_[place : place + draw.draw(st.integers(1, 5), "length")]
        elif how == "alter":
            bytes_[place : place + 1] = draw.draw(st.binary(max_size=2), "bytes")
        else:
            bytes_[place:place] = bytes_[place : place + 20]
    server = Server(boundaries=boundaries)
    bob = server.login("bob")
    for client in (server.login("mallory"), server.connect()):
        pieces = bytes(bytes_).split(b"\n") if boundaries else cut(bytes(bytes_), [7, 50, 51])
        for piece in pieces:
            client.link.sends(piece)
            server.settle()
        for frame in client.take():
            assert frame["type"] != "error" or frame["code"] != "internal"
    assert server.mistakes() == []
    bob.take()
    assert bob.ask("whois", username="bob")["type"] == "user"


# Ping and pong.


def test_ping_is_answered_before_and_after_the_login(server: Server) -> None:
    """Either side may ask for a sign of life."""
    client = server.connect()
    assert client.ask("ping") == {"type": "pong"}
    client.ask("login", username="alice")
    assert client.ask("ping") == {"type": "pong"}


def test_pong_is_not_answered(server: Server) -> None:
    """An answer is no request, asked for or not."""
    (alice,) = server.logins("alice")
    alice.say("pong", id="x")
    assert alice.take() == []
    assert alice.link.closed is None


def make_quiet_client(server: Server) -> Client:
    """Return a logged-in client on a transport that does not notice dead peers."""
    client = server.connect(checks_liveness=False)
    client.welcome = client.ask("login", username="alice")
    server.advance(1.0)
    client.take()
    return client


def test_silent_peer_is_asked_for_a_sign_of_life_and_given_up_without_one(make_server: MakeServer) -> None:
    """A ping after the interval, a bye after the timeout, and the session waits for another connection."""
    server = make_server(keepalive_interval=10.0, keepalive_timeout=5.0)
    client = make_quiet_client(server)
    server.advance(19.5)
    assert client.take() == [{"type": "ping"}]
    server.advance(5.0)
    (bye,) = client.take()
    assert (bye["type"], bye["code"], bye["reconnect_in"]) == ("bye", "unresponsive", 0)
    assert client.link.closed is CloseReason.POLICY
    client.drop()
    assert server.login("alice", token=client.token).welcome["resumed"] is True


@pytest.mark.parametrize("sign", [b'{"type":"pong"}', b'{"type":"list_rooms"}', b'{"type":"dance"}'])
def test_peer_that_gives_a_sign_of_life_stays(make_server: MakeServer, sign: bytes) -> None:
    """Anything that is heard counts."""
    server = make_server(keepalive_interval=10.0, keepalive_timeout=5.0)
    client = make_quiet_client(server)
    for _ in range(200):
        server.advance(1.0)
        if any(frame["type"] == "ping" for frame in client.take()):
            client.send_bytes(sign)
    assert client.link.closed is None


def test_busy_peer_is_not_pinged(make_server: MakeServer) -> None:
    """Who speaks needs not be asked."""
    server = make_server(keepalive_interval=10.0, keepalive_timeout=5.0)
    client = make_quiet_client(server)
    for _ in range(50):
        server.advance(3.0)
        client.ask("list_rooms")
    assert client.take() == []


def test_peer_is_not_pinged_when_its_transport_watches_it(server: Server) -> None:
    """WebSocket has its own pings."""
    (alice,) = server.logins("alice")
    server.advance(1000.0)
    assert alice.take() == []


def test_given_up_connection_costs_no_time_until_it_is_lost(make_server: MakeServer) -> None:
    """A peer that does not let the connection end makes no timer go off again and again."""
    server = make_server(keepalive_interval=10.0, keepalive_timeout=5.0, login_timeout=10.0)
    clients = [make_quiet_client(server), server.connect(checks_liveness=False), server.connect()]
    clients[0].send_bytes(b"nonsense")
    clients[2].send_bytes(b"nonsense")
    server.advance(100.0)
    assert all(client.link.closed is not None for client in clients)
    assert server.clock.timers == 0


def test_end_of_the_stream_closes(boundaries: bool) -> None:
    """After the end nothing is waited for, and half a line is worth nothing."""
    server_side = machine(boundaries=boundaries, keepalive=True)
    server_side.receive_data(b'{"type":"ping"}' if boundaries else b'{"type":"ping"')
    server_side.receive_eof()
    server_side.receive_eof()
    assert server_side.close_expected() is CloseReason.NORMAL
    server_side.receive_data(b'{"type":"list_rooms"}\n')
    assert server_side.events_received() == ([Answer(PingAnswered())] if boundaries else [])
    server_side.handle_timer(1e9)
    assert server_side.get_timer() is None
    assert server_side.data_to_send() == []
