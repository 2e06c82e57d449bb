"""Chunks of files on the wire: binary messages, or lines with bytes behind them, cut anywhere."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.commands import SendChunk
from chatcore.dialects.base import Request
from chatcore.dialects.chat import dialect
from chatcore.dialects.chat.chunks import decode_chunk, encode_chunk
from chatcore.dialects.chat.server import ChatServerMachine
from chatcore.events import ChunkReceived, PingAnswered
from chatcore.limits import CHUNK_BYTES, Limits
from chatcore.ports.transport import Binary, CloseReason

CHUNKS = st.lists(
    st.tuples(st.integers(1, 2**32 - 1), st.integers(0, 2**53), st.binary(min_size=1, max_size=60)), max_size=5
)


def server(*, boundaries: bool) -> ChatServerMachine:
    return dialect.server(Limits(), boundaries=boundaries, keepalive=False, now=0)


@given(CHUNKS)
def test_a_message_is_a_chunk_and_a_chunk_a_message(chunks: list[tuple[int, int, bytes]]) -> None:
    """Both ways."""
    machine = server(boundaries=True)
    for transfer, offset, data in chunks:
        message = encode_chunk(transfer, offset, data, boundaries=True)
        assert type(message) is Binary
        assert decode_chunk(message) == (transfer, offset, data)
        machine.receive_data(message)
    assert machine.events_received() == [Request(SendChunk(*chunk)) for chunk in chunks]


@given(CHUNKS, st.lists(st.integers(0, 600), max_size=12), st.booleans())
def test_a_stream_of_chunks_may_be_cut_anywhere(
    chunks: list[tuple[int, int, bytes]], cuts: list[int], second: bool
) -> None:
    """On the first stream with other lines in between, and on the second one."""
    machine = server(boundaries=False)
    between = b"" if second else b'\n{"type":"ping"}\n'
    stream = b"".join(encode_chunk(*chunk, boundaries=False) + between for chunk in chunks)
    places = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    for start, end in pairwise(places):
        (machine.receive_second_stream if second else machine.receive_data)(stream[start:end])
    events = machine.events_received()
    assert [event for event in events if isinstance(event, Request)] == [Request(SendChunk(*chunk)) for chunk in chunks]
    assert sum(isinstance(event.event, PingAnswered) for event in events if not isinstance(event, Request)) == (
        0 if second else len(chunks)
    )
    assert machine.close_expected() is None


@given(CHUNKS, st.data())
def test_a_machine_says_how_many_bytes_of_a_chunk_come_next(
    chunks: list[tuple[int, int, bytes]], data: st.DataObject
) -> None:
    """On the first stream, wherever that is cut; whatever else comes is no part of one."""
    machine = server(boundaries=False)
    for chunk in chunks:
        message = encode_chunk(*chunk, boundaries=False)
        cut = data.draw(st.integers(0, len(message) - 1))
        machine.receive_data(message[:cut])
        body = len(chunk[2])
        assert machine.chunk_left == (len(message) - cut if cut >= len(message) - body else 0)
        machine.receive_data(message[cut:])
        assert machine.chunk_left == 0
    assert server(boundaries=True).chunk_left == 0


def test_the_two_streams_do_not_mix() -> None:
    """Each has a state of its own."""
    machine = server(boundaries=False)
    first, second = (encode_chunk(number, 0, b"abc" * 9, boundaries=False) for number in (1, 2))
    for one, two in zip(first, second, strict=True):
        machine.receive_data(bytes([one]))
        machine.receive_second_stream(bytes([two]))
    assert [item.command.transfer for item in machine.events_received()] == [1, 2]  # type: ignore[union-attr]


@pytest.mark.parametrize("boundaries", [True, False])
def test_what_one_side_writes_the_other_reads(boundaries: bool) -> None:
    """Server and client."""
    one = server(boundaries=boundaries)
    other = dialect.client(Limits(), boundaries=boundaries, keepalive=False, now=0)
    other.send_command(SendChunk(7, 8, b"up"))
    for payload in other.data_to_send():
        one.receive_data(payload)
    assert one.events_received() == [Request(SendChunk(7, 8, b"up"))]
    one.send_event(ChunkReceived(9, 10, b"down"))
    for payload in one.data_to_send():
        other.receive_data(payload)
    assert [received.event for received in other.events_received()] == [ChunkReceived(9, 10, b"down")]


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\x01",
        b"\x01" + bytes(12),
        b"\x02" + bytes(20),
        b"\x01" + bytes(12 + CHUNK_BYTES + 1),
        b"\x01" + b"\xff" * 12 + b"x",
    ],
    ids=["nothing", "a byte", "no bytes", "another kind", "too long", "too far"],
)
def test_a_message_that_is_no_chunk_ends_the_connection(message: bytes) -> None:
    """A client closes as a server does."""
    for machine in (server(boundaries=True), dialect.client(Limits(), boundaries=True, keepalive=False, now=0)):
        machine.receive_data(Binary(message))
        assert machine.close_expected() is CloseReason.BAD_DATA
        machine.receive_data(encode_chunk(1, 0, b"late", boundaries=True))
        assert len(machine.events_received()) == 1


@pytest.mark.parametrize(
    "head",
    [
        '"transfer":1,"offset":0',
        '"transfer":"1","offset":0,"bytes":1',
        '"transfer":0,"offset":0,"bytes":1',
        '"transfer":4294967296,"offset":0,"bytes":1',
        '"transfer":1,"offset":-1,"bytes":1',
        '"transfer":1,"offset":0,"bytes":0',
        '"transfer":1,"offset":0,"bytes":32769',
        '"transfer":1,"offset":0,"bytes":true',
    ],
)
def test_a_line_that_announces_no_chunk_ends_the_connection(head: str) -> None:
    """How much to leave out cannot be known."""
    machine = server(boundaries=False)
    machine.receive_data(b'{"type":"file_chunk",%b}\nxyz\n' % head.encode())
    assert machine.close_expected() is CloseReason.BAD_DATA
    assert len(machine.events_received()) == 1


def test_in_a_message_an_announced_chunk_is_an_unknown_type() -> None:
    """Over WebSocket there is nothing behind it; the connection stays."""
    machine = server(boundaries=True)
    machine.receive_data(b'{"type":"file_chunk","transfer":1,"offset":0,"bytes":1}')
    (answer,) = machine.events_received()
    assert answer.event.code == "unknown_type"  # type: ignore[union-attr]
    assert machine.close_expected() is None


@given(st.lists(st.binary(max_size=80) | st.sampled_from([b'{"type":"file_chunk","transfer":1,', b'"bytes":9}\n'])))
def test_any_bytes_on_the_second_stream_give_chunks_or_a_clean_close(pieces: list[bytes]) -> None:
    """Nothing is raised."""
    machine = server(boundaries=False)
    for piece in pieces:
        machine.receive_second_stream(piece)
    machine.events_received()
    machine.receive_eof()
    assert machine.close_expected() is not None
