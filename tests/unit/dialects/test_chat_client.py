"""The client's side of the `chat` dialect: what it makes of a server's bytes, good and bad, and of its silence."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.commands import JoinRoom, ListRooms, Position, SendMessage
from chatcore.dialects.base import Received
from chatcore.dialects.chat import dialect
from chatcore.dialects.chat.client import ChatClientMachine
from chatcore.dialects.chat.encode import event_frame
from chatcore.dialects.chat.json_text import encode_object
from chatcore.events import Accepted, Dismissed, MessagePosted, Refused, ServerEvent
from chatcore.limits import Limits
from chatcore.ports.transport import Binary, CloseReason
from tests.strategies import server_events
from tests.unit.dialects.test_json_text import BAD

LONGEST = 1024 * 1024
OK = b'{"type":"ok","id":"1"}'


def machine(*, boundaries: bool = True, keepalive: bool = False) -> ChatClientMachine:
    """Return the client's side of a new connection."""
    return dialect.client(Limits(), boundaries=boundaries, keepalive=keepalive, now=0.0)


def sent(client: ChatClientMachine) -> list[dict[str, Any]]:
    """Return the frames that the client sends."""
    return [json.loads(payload) for payload in client.data_to_send()]


# What is understood.


def test_events_come_out_with_the_ids_that_they_answer(boundaries: bool) -> None:
    """Once each."""
    client = machine(boundaries=boundaries)
    for event, reply_to in [(Accepted(7), "r1"), (Refused("no_such_room", "no"), "r2"), (Accepted(), None)]:
        client.receive_data(encode_object(event_frame(event, reply_to=reply_to)) + b"\n" * (not boundaries))
    assert client.events_received() == [
        Received(Accepted(7), "r1"),
        Received(Refused("no_such_room", "no"), "r2"),
        Received(Accepted(), None),
    ]
    assert client.events_received() == []
    assert client.close_expected() is None


def test_values_of_a_refusal_are_a_server_s_and_bounded() -> None:
    """What they are is for whoever shows them to see; what is no object, or none of its values, is left out."""
    frame = {"type": "error", "code": "bad_name", "message": "no"}
    bounds = {"shortest": 2, "longest": 12.5, "name": "x" * 255}
    for found, kept in [
        (bounds, bounds),
        (bounds | {"name": "x" * 256, "list": [1], "null": None, "object": {"a": 1}}, {"shortest": 2, "longest": 12.5}),
        ({str(number): number for number in range(1000)}, {str(number): number for number in range(16)}),
        ({}, {}),
        *((other, {}) for other in (None, 7, "shortest", ["shortest", 2], True)),
    ]:
        client = machine()
        client.receive_data(encode_object(frame | {"values": found}))
        assert client.events_received() == [Received(Refused("bad_name", "no", values=kept), None)]
        assert client.close_expected() is None


def test_refusal_without_values_has_no_key_for_them() -> None:
    assert "values" not in event_frame(Refused("no_such_room", "no"))
    frame = event_frame(Refused("no_such_room", "no", values={"name": "x"}))
    assert frame["values"] == {"name": "x"}


def test_commands_go_out_as_frames(boundaries: bool) -> None:
    """One payload each; on a stream each has its line end."""
    client = machine(boundaries=boundaries)
    client.send_command(SendMessage("é\n", 3, "lobby"), "s3")
    client.send_command(JoinRoom("python", Position("e", 7)))
    payloads = client.data_to_send()
    assert [json.loads(payload) for payload in payloads] == [
        {"type": "send_message", "text": "é\n", "cid": 3, "room": "lobby", "id": "s3"},
        {"type": "join_room", "room": "python", "since": {"epoch": "e", "seq": 7, "changes": 0}},
    ]
    assert [payload.count(b"\n") for payload in payloads] == [0 if boundaries else 1] * 2
    assert client.data_to_send() == []


@pytest.mark.parametrize(
    "frame", ['{"type":"dance"}', '{"type":"","id":"1"}', '{"type":"login","username":"x"}', '{"type":"pong"}']
)
def test_frame_of_an_unknown_type_is_left_out(frame: str) -> None:
    """A newer server may know more; what comes behind it counts."""
    client = machine()
    client.receive_data(frame.encode())
    client.receive_data(OK)
    assert client.events_received() == [Received(Accepted(), "1")]
    assert client.close_expected() is None
    assert client.data_to_send() == []


def test_unknown_fields_of_a_known_frame_are_left_out() -> None:
    """They may come with a newer server too."""
    client = machine()
    client.receive_data(b'{"type":"ok","id":"1","mood":"fine"}')
    assert client.events_received() == [Received(Accepted(), "1")]


def test_object_of_a_mebibyte_is_read_and_a_longer_one_is_not(boundaries: bool) -> None:
    """Servers promise 64 KiB; a future one may say more."""
    start, end = b'{"type":"ok","x":"', b'"}'
    filler = b"x" * (LONGEST - len(start) - len(end))
    client = machine(boundaries=boundaries)
    client.receive_data(start + filler + end + b"\n" * (not boundaries))
    assert client.events_received() == [Received(Accepted(), None)]
    client.receive_data(start + b"x" + filler + end + b"\n" * (not boundaries))
    (goodbye,) = client.events_received()
    assert isinstance(goodbye.event, Dismissed)
    assert goodbye.event.code == "too_large"
    assert client.close_expected() is CloseReason.TOO_LARGE


# What is broken.


BROKEN: dict[str, tuple[bytes, str]] = {
    "a cid that is text": (b'{"type":"ok","cid":"seven"}', "bad_request"),
    "a welcome without anything": (b'{"type":"welcome"}', "bad_request"),
    "a time that is none": (b'{"type":"broadcast","seq":1,"from":"bob","text":"hi","at":"now"}', "bad_request"),
    "no type": (b"{}", "bad_request"),
    "a type that is no text": (b'{"type":5}', "bad_request"),
    "a web page": (b"<html>", "bad_json"),
    "a binary message": (Binary(OK), "bad_json"),
    **{name: (data, "bad_json") for name, data in BAD.items() if len(data) < LONGEST},
}


@pytest.mark.parametrize(("data", "code"), BROKEN.values(), ids=BROKEN.keys())
def test_connection_is_given_up_when_a_frame_is_broken(data: bytes, code: str) -> None:
    """With a goodbye that says so and when to try again; nothing behind it counts."""
    client = machine()
    client.receive_data(OK)
    client.receive_data(data)
    client.receive_data(OK)
    first, goodbye = client.events_received()
    assert first == Received(Accepted(), "1")
    assert isinstance(goodbye.event, Dismissed)
    assert (goodbye.event.code, goodbye.event.reconnect_in) == (code, 1.0)
    assert goodbye.event.message.startswith("the server sent something unreadable: ")
    assert client.close_expected() is CloseReason.BAD_DATA
    assert client.get_timer() is None


def test_line_without_an_end_is_given_up_in_time() -> None:
    """A server that never ends its line costs a mebibyte and no more."""
    client = machine(boundaries=False)
    for _ in range(17):
        client.receive_data(b"x" * 65_536)
    (goodbye,) = client.events_received()
    assert isinstance(goodbye.event, Dismissed)
    assert goodbye.event.code == "too_large"
    assert client.close_expected() is CloseReason.TOO_LARGE


def test_end_of_the_stream_closes(boundaries: bool) -> None:
    """Half a line is worth nothing."""
    client = machine(boundaries=boundaries, keepalive=True)
    client.receive_data(OK)
    client.receive_eof()
    client.receive_eof()
    assert client.close_expected() is CloseReason.NORMAL
    assert client.events_received() == ([Received(Accepted(), "1")] if boundaries else [])
    client.receive_data(b"\n" + OK + b"\n")
    assert client.events_received() == []
    assert client.get_timer() is None


@given(st.lists(st.binary(max_size=80) | st.text('{}[]":,\n truefalsn0123456789.\\u', max_size=80).map(str.encode)))
def test_any_bytes_give_events_or_a_clean_close(pieces: list[bytes]) -> None:
    """Nothing is raised, and a goodbye says why before the close."""
    for boundaries in (True, False):
        client = machine(boundaries=boundaries)
        for piece in pieces:
            client.receive_data(piece)
        events = client.events_received()
        if client.close_expected() is not None:
            assert isinstance(events[-1].event, Dismissed)
            assert events[-1].event.code in {"bad_json", "bad_request"}


@given(server_events, st.data())
def test_frame_with_bytes_dropped_altered_or_doubled_gives_an_event_or_a_clean_close(
    event: ServerEvent, data: st.DataObject
) -> None:
    """A mutated server raises nothing here."""
    frame = bytearray(encode_object(event_frame(event, reply_to="1")))
    place = data.draw(st.integers(0, len(frame)), "place")
    how = data.draw(st.sampled_from(["drop", "alter", "double"]), "how")
    if how == "drop":
        del frame[place : place + data.draw(st.integers(1, 5), "length")]
    elif how == "alter":
        frame[place : place + 1] = data.draw(st.binary(max_size=2), "bytes")
    else:
        frame[place:place] = frame[place : place + 20]
    client = machine()
    client.receive_data(bytes(frame))
    assert len(client.events_received()) <= 1


@given(st.lists(server_events, max_size=4), st.lists(st.integers(0, 10_000), max_size=8))
def test_events_are_the_same_however_the_stream_is_cut(events: list[ServerEvent], places: list[int]) -> None:
    """Whole, byte by byte, or anywhere in between."""
    data = b"".join(encode_object(event_frame(event, reply_to="1")) + b"\r\n\n" for event in events)

    def feed(pieces: list[bytes]) -> list[Received]:
        client = machine(boundaries=False)
        for piece in pieces:
            client.receive_data(piece)
        assert client.close_expected() is None
        return client.events_received()

    whole = feed([data])
    assert len(whole) == len(events)
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    assert feed([data[start:end] for start, end in pairwise(edges)]) == whole
    assert feed([data[place : place + 1] for place in range(len(data))]) == whole


# Signs of life.


@pytest.mark.parametrize(
    ("ping", "pong"),
    [
        ({"type": "ping"}, {"type": "pong"}),
        ({"type": "ping", "id": "7"}, {"type": "pong", "id": "7"}),
        ({"type": "ping", "id": 7}, {"type": "pong"}),
        ({"type": "ping", "id": "x" * 65}, {"type": "pong"}),
    ],
)
def test_ping_is_answered(boundaries: bool, ping: dict[str, Any], pong: dict[str, Any]) -> None:
    """At once, and nobody is shown anything."""
    client = machine(boundaries=boundaries)
    client.receive_data(encode_object(ping) + b"\n" * (not boundaries))
    assert sent(client) == [pong]
    assert client.events_received() == []


def test_silent_server_is_asked_for_a_sign_of_life_and_given_up_without_one() -> None:
    """A ping after 10 seconds, and the end 5 seconds later: without an event, as nobody has said anything."""
    client = machine(keepalive=True)
    assert client.get_timer() == 10.0
    client.handle_timer(9.9)
    assert sent(client) == []
    client.handle_timer(10.0)
    assert sent(client) == [{"type": "ping"}]
    assert client.get_timer() == 15.0
    client.handle_timer(15.0)
    assert client.events_received() == []
    assert client.close_expected() is CloseReason.POLICY
    assert client.get_timer() is None
    client.handle_timer(20.0)
    assert client.events_received() == []


@pytest.mark.parametrize("sign", [b'{"type":"pong"}', OK, b'{"type":"dance"}'])
def test_server_that_gives_a_sign_of_life_stays(sign: bytes) -> None:
    """Anything that is heard counts."""
    client = machine(keepalive=True)
    for second in range(0, 200, 10):
        client.handle_timer(float(second))
        if sent(client):
            client.receive_data(sign)
    assert client.close_expected() is None


def test_server_is_not_pinged_when_its_transport_watches_it() -> None:
    """WebSocket has its own pings."""
    client = machine(keepalive=False)
    assert client.get_timer() is None
    client.handle_timer(1e9)
    client.send_command(ListRooms(), "1")
    assert sent(client) == [{"type": "list_rooms", "id": "1"}]


def test_message_is_the_same_when_it_is_encoded_for_everybody(boundaries: bool) -> None:
    """What the server encodes once, every client understands."""
    event = MessagePosted(seq=1, sender="bob", text="hi", at=1.5, room="lobby")
    client = machine(boundaries=boundaries)
    client.receive_data(dialect.encode(event, boundaries=boundaries))
    assert client.events_received() == [Received(event, None)]
