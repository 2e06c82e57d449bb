"""The short ways for the usual frames of the `chat` dialect: they say what the long ones do."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.commands import Command, SendBroadcast, SendDirect, SendMessage
from chatcore.dialects.chat.codec.times import moment
from chatcore.dialects.chat.decode import BadFrameError, decode_request
from chatcore.dialects.chat.encode import command_frame, event_frame
from chatcore.dialects.chat.json_text import BadJsonError, decode_object, encode_object
from chatcore.dialects.chat.usual import decode_send, posted_payload
from chatcore.events import DirectPosted, MessagePosted, Posted
from tests.strategies import cids, entries, json_values, room_names, texts, usernames

request_ids = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=64)


def read_closely(data: bytes) -> tuple[Command, str | None] | None:
    """Return the request in `data`, None when it is refused."""
    try:
        return decode_request(decode_object(data))
    except (BadJsonError, BadFrameError):
        return None


# Members of objects, as text: those of a send, good and bad, and others.
_TEXT = st.sampled_from(['"hi"', '"a:b"', r'"\""', r'"\u003a"', r'"\ud83d"', r'"\ud83d\ude00"', '"\x01"', "1", "null"])
_MEMBERS = st.one_of(
    st.sampled_from(["send_message", "send_direct", "broadcast", "ping", "a:b"]).map(lambda kind: f'"type":"{kind}"'),
    st.one_of(_TEXT, texts.map(json.dumps)).map(lambda text: f'"text":{text}'),
    st.sampled_from(["1", "01", "-1", "0", "1.0", "1e3", "NaN", "true", "null", '"1"', str(2**53), str(2**53 + 1)]).map(
        lambda cid: f'"cid": {cid}'
    ),
    st.sampled_from(["1", "0", "-1", "1.0", "null", '"1"', str(2**53 + 1)]).map(lambda seq: f'"reply_to":{seq}'),
    st.sampled_from(['"a"', '"a:b"', '""', "null", "1", f'"{"x" * 80}"']).map(lambda epoch: f'"epoch":{epoch}'),
    st.sampled_from(['"lobby"', '"a:b"', "null", "7", "{}"]).map(lambda room: f'"room":{room}'),
    st.sampled_from(['"x"', "null", '""', '":"', "[]", f'"{"x" * 65}"']).map(lambda reply_to: f'"id" :{reply_to}'),
    st.sampled_from(['["bo"]', '"bo"', '["a:b"]', "[]", "[1]", "[" * 20 + "]" * 20]).map(lambda to: f'"to":{to}'),
    st.sampled_from(['"more":1', '"more":NaN', '"more":1e999', f'"more":{2**60}', '":":":"', '"cid":1', '"more"']),
    json_values.map(lambda value: f'"more":{json.dumps(value)}'),
)


@st.composite
def written_sends(draw: st.DrawFn) -> bytes:
    """Return what is a send at first sight, and perhaps none; some with a wrong byte."""
    kind = draw(st.sampled_from(["send_message", "send_direct", "broadcast"]))
    members = [f'"type":"{kind}"', *draw(st.lists(_MEMBERS, max_size=5))]
    data = bytearray(("{" + draw(st.sampled_from([",", ", ", " ,\n"])).join(members) + "}").encode())
    if draw(st.integers(0, 3)) == 0:
        data[draw(st.integers(0, len(data) - 1))] = draw(st.sampled_from([*b'":,\\{}[] \xff\x00']))
    return bytes(data) + draw(st.sampled_from([b"", b" \n", b"}", b"\x00"]))


@given(written_sends())
def test_a_send_that_is_taken_the_short_way_is_read_so_closely_too(data: bytes) -> None:
    """No strictness is lost: repeated keys, numbers, surrogates, depth, whatever is in keys that nobody knows."""
    found = decode_send(data)
    assert found is None or found == read_closely(data)


sends = (
    st.builds(
        SendMessage,
        text=texts,
        cid=st.none() | cids,
        room=st.none() | room_names,
        reply_to=st.none() | st.integers(1, 2**53),
        epoch=st.just("") | st.text("ab", max_size=8),
    )
    | st.builds(SendDirect, st.lists(usernames, max_size=4).map(tuple), texts, st.none() | cids)
    | st.builds(SendBroadcast, texts, st.none() | cids)
)


@given(sends, request_ids.filter(lambda text: ":" not in (text or "")), st.booleans())
def test_what_clients_send_goes_the_short_way(send: Command, reply_to: str | None, blanks: bool) -> None:
    """Whether they leave a blank behind commas and colons or not; only control characters need a closer look."""
    frame = command_frame(send, reply_to)
    data = json.dumps(frame, ensure_ascii=False).encode() if blanks else encode_object(frame)
    assert decode_send(data) == (None if b"\\u" in data else (send, reply_to))


@pytest.mark.parametrize(
    "data",
    [
        b'{"type":"send_message","text":"a","text":"b"}',
        b'{"type":"send_message","text":"a:b","text":"c"}',
        b'{"type":"send_message","text":"c","text":"a:b"}',
        b'{"type":"send_message","text":"c","type":"send_message"}',
        b'{"type":"send_message","text":"\\u003a","more":NaN}',
        b'{"type":"send_message","text":"c","more":NaN}',
        b'{"type":"send_message","text":"c","more":9007199254740993}',
        b'{"type":"send_message","text":"c","":1,"":2}',
        b'{"type":"send_message","text":"\\ud83d"}',
        b'{"type":"send_message","text":"c"}{}',
        b'{"type":"send_message"}',
        b'{"type":"broadcast","text":"a","cid":1.0}',
        b'{"type":"broadcast","text":"\xff"}',
        b'{"type":"send_message","text":"\xff"}',
        b'{"type":"send_message","text":"\xed\xa0\x80"}',
        b'{"type":"send_message","text":"hi","room":"\xff"}',
        b'{"type":"send_message","text":"hi","cid":01}',
        b'{"type":"send_message","text":"hi","cid":0}',
        b'{"type":"send_message","text":"a\nb"}',
        b'{"type":"send_message","text":"hi"}\n}',
        b'{"type":"logout"}',
    ],
)
def test_what_is_not_as_usual_is_looked_at_closely(data: bytes) -> None:
    """There it is taken, or refused with a reason."""
    assert decode_send(data) is None


@given(st.lists(st.tuples(entries, request_ids, st.booleans(), st.booleans()), max_size=6))
def test_an_entry_is_written_as_every_frame_is(told: list[tuple[Posted, str | None, bool, bool]]) -> None:
    """To everybody, and in the sender's copy, in whatever order."""
    for event, reply_to, own, boundaries in told:
        entry = replace(event, client="mine") if own else event
        for numbers in ("mine", None):
            frame = event_frame(entry, numbers=numbers, reply_to=reply_to)
            end = b"" if boundaries else b"\n"
            written = posted_payload(entry, boundaries=boundaries, numbers=numbers, reply_to=reply_to)
            assert written == encode_object(frame) + end


def test_a_sender_reads_the_time_that_everybody_else_does() -> None:
    """The copies of one entry differ in their ends only."""
    event = MessagePosted(seq=1, sender="al", text="hi", at=1.25, client="mine", cid=7, room="lobby")
    public = posted_payload(event, boundaries=True)
    assert posted_payload(event, boundaries=True, numbers="mine", reply_to="x") == public[:-1] + b',"cid":7,"id":"x"}'
    assert posted_payload(replace(event, text="ho"), boundaries=True) != public


def test_a_direct_message_names_all_its_receivers() -> None:
    """As a list, in their order."""
    event = DirectPosted(seq=1, sender="al", text="hi", at=0.0, to=("bo", "cy"))
    assert json.loads(posted_payload(event, boundaries=True))["to"] == ["bo", "cy"]


@given(st.integers(0, 4_000_000_000_000))
def test_a_time_is_written_to_its_millisecond(milliseconds: int) -> None:
    """Neither the one before nor the one behind."""
    written = moment(milliseconds / 1000)
    assert written.endswith(f".{milliseconds % 1000:03d}Z")
