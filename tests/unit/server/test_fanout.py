"""Every connection gets its frames in the order of the effects, whoever else gets them."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatcore.dialects.chat import dialect as chat_dialect
from chatcore.dialects.echo import dialect as echo_dialect
from chatcore.events import Accepted, MessagePosted, ServerEvent
from chatcore.server.connections.fanout import Fanout, Outlet
from tests.unit.fakes import FakeClock, FakeLink


def message(number: int) -> MessagePosted:
    """Return an event that can be told from others."""
    return MessagePosted(seq=number, sender="al", text=f"m{number}", at=0.0, room="lobby")


def encoded(event: ServerEvent, boundaries: bool) -> bytes:
    """Return what arrives of an event."""
    return chat_dialect.encode(event, boundaries=boundaries).rstrip(b"\n")


@dataclass(eq=False)
class Reader:
    """An outlet, and the naive model of what it gets."""

    boundaries: bool
    fanout: Fanout
    room: str | None = None
    expected: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.link = FakeLink(FakeClock(), boundaries=self.boundaries)
        self.outlet = Outlet(self.link, chat_dialect, self.fanout.mixed)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("publish"), st.sampled_from(["lobby", "python", None]), st.none() | st.integers(0, 2)),
        st.tuples(st.just("send"), st.integers(0, 2), st.integers(1, 3)),
        st.tuples(st.just("join"), st.integers(0, 2), st.sampled_from(["lobby", "python"])),
        st.tuples(st.just("leave"), st.integers(0, 2), st.none()),
        st.tuples(st.just("flush"), st.none(), st.none()),
    ),
    min_size=5,
    max_size=50,
)


@pytest.mark.unmeasured
@settings(max_examples=5 * settings().max_examples)
@given(steps, st.lists(st.booleans(), min_size=3, max_size=3))
def test_reader_gets_frames_in_the_order_of_effects_however_they_are_mixed(
    moves: list[tuple[str, object, object]], kinds: list[bool]
) -> None:
    """Own frames, the group's and everyone's, with joins, leaves and flushes anywhere, arrive as in a plain list."""
    fanout = Fanout(pytest.fail)
    readers = [Reader(boundaries, fanout) for boundaries in kinds]
    number = 0
    for move, first, second in moves:
        if move == "publish":
            number += 1
            skip = readers[second] if isinstance(second, int) else None
            room = first if isinstance(first, str) else None
            fanout.publish(room, message(number), None if skip is None else skip.outlet)
            for reader in readers:
                if reader is not skip and reader.room is not None and room in {None, reader.room}:
                    reader.expected.append(encoded(message(number), reader.boundaries))
        elif move == "flush":
            fanout.flush()
            assert all(reader.link.arrived == reader.expected for reader in readers)
            assert fanout.waiting_bytes == 0
        else:
            assert isinstance(first, int)
            reader = readers[first]
            if move == "send":
                assert isinstance(second, int)
                for _ in range(second):
                    number += 1
                    payload = chat_dialect.encode(message(number), boundaries=reader.boundaries)
                    reader.outlet.send([payload])
                    reader.expected.append(encoded(message(number), reader.boundaries))
            else:
                if reader.room is not None:
                    fanout.leave(reader.outlet, reader.room)
                    reader.room = None
                if move == "join":
                    assert isinstance(second, str)
                    fanout.join(reader.outlet, second)
                    reader.room = second
    fanout.flush()
    assert [reader.link.arrived for reader in readers] == [reader.expected for reader in readers]


def test_turn_costs_one_write_per_reader_however_much_was_said() -> None:
    """Frames of one turn are written with one call."""
    fanout = Fanout(pytest.fail)
    readers = [Reader(True, fanout) for _ in range(3)]
    for reader in readers:
        fanout.join(reader.outlet, "lobby")
    fanout.flush()
    for number in range(1, 11):
        fanout.publish("lobby", message(number), readers[0].outlet)
        readers[0].outlet.send([b"own copy"])
    fanout.flush()
    assert [reader.link.writes for reader in readers] == [1, 1, 1]
    assert len(readers[0].link.arrived) == len(readers[1].link.arrived) == 10


def test_event_is_encoded_once_for_all_of_a_dialect() -> None:
    """A thousand readers cost one encoding, of each kind of framing."""

    class Counting:
        name = "chat"
        calls = 0

        def encode(self, event: ServerEvent, *, boundaries: bool) -> bytes:
            self.calls += 1
            return chat_dialect.encode(event, boundaries=boundaries)

        server = staticmethod(chat_dialect.server)
        client = staticmethod(chat_dialect.client)

    fanout, dialect = Fanout(pytest.fail), Counting()
    for boundaries in (True, False):
        for _ in range(20):
            link = FakeLink(FakeClock(), boundaries=boundaries)
            fanout.join(Outlet(link, dialect, fanout.mixed), "lobby")
    fanout.publish("lobby", message(1), None)
    assert dialect.calls == 2


def test_dialect_that_leaves_an_event_out_gets_nothing() -> None:
    """An echo hears nothing of the chat."""
    fanout = Fanout(pytest.fail)
    link = FakeLink(FakeClock())
    fanout.join(Outlet(link, echo_dialect, fanout.mixed), "lobby")
    fanout.publish("lobby", message(1), None)
    fanout.flush()
    assert link.arrived == []


def test_rooms_without_readers_are_forgotten() -> None:
    """Joining and leaving many rooms leaves nothing behind, and publishing to nobody does no harm."""
    fanout = Fanout(pytest.fail)
    reader = Reader(True, fanout)
    for number in range(100):
        fanout.join(reader.outlet, f"room{number}")
        fanout.publish(f"room{number}", Accepted(), None)
        fanout.leave(reader.outlet, f"room{number}")
    fanout.publish("room1", Accepted(), None)
    fanout.flush()
    assert len(reader.link.arrived) == 100
    assert fanout._rooms == {}
