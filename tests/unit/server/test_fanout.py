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
        self.outlet = Outlet(self.link, chat_dialect, self.fanout)


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
    fanout = Fanout(pytest.fail, pytest.fail)
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
    fanout = Fanout(pytest.fail, pytest.fail)
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

    fanout, dialect = Fanout(pytest.fail, pytest.fail), Counting()
    for boundaries in (True, False):
        for _ in range(20):
            link = FakeLink(FakeClock(), boundaries=boundaries)
            fanout.join(Outlet(link, dialect, fanout), "lobby")
    fanout.publish("lobby", message(1), None)
    assert dialect.calls == 2


def test_dialect_that_leaves_an_event_out_gets_nothing() -> None:
    """An echo hears nothing of the chat."""
    fanout = Fanout(pytest.fail, pytest.fail)
    link = FakeLink(FakeClock())
    fanout.join(Outlet(link, echo_dialect, fanout), "lobby")
    fanout.publish("lobby", message(1), None)
    fanout.flush()
    assert link.arrived == []


def test_rooms_without_readers_are_forgotten() -> None:
    """Joining and leaving many rooms leaves nothing behind, and publishing to nobody does no harm."""
    fanout = Fanout(pytest.fail, pytest.fail)
    reader = Reader(True, fanout)
    for number in range(100):
        fanout.join(reader.outlet, f"room{number}")
        fanout.publish(f"room{number}", Accepted(), None)
        fanout.leave(reader.outlet, f"room{number}")
    fanout.publish("room1", Accepted(), None)
    fanout.flush()
    assert len(reader.link.arrived) == 100
    assert fanout._rooms == {}


def test_group_gets_the_frame_of_the_first_of_its_links_that_makes_one() -> None:
    """Those before it are broken off, once the turn has ended; in every room the same."""
    broken: list[Outlet] = []
    fanout = Fanout(pytest.fail, lambda outlet, _mistake: broken.append(outlet))
    readers = [Reader(True, fanout) for _ in range(4)]
    for reader, room in zip(readers, ("lobby", "lobby", "python", "python"), strict=True):
        fanout.join(reader.outlet, room)
    for reader in readers[0], readers[2]:
        reader.link.frame = lambda payload: payload.decode()  # type: ignore[assignment, method-assign, return-value]  # the mistake
    fanout.flush()
    fanout.publish("lobby", message(1), None)
    fanout.publish(None, message(2), None)
    fanout.flush()
    assert set(broken) == {readers[0].outlet}
    assert readers[1].link.arrived == [encoded(message(1), True), encoded(message(2), True)]
    assert readers[3].link.arrived == [encoded(message(2), True)]


def test_link_that_cannot_be_written_to_costs_the_others_nothing_now_or_later() -> None:
    broken: list[Outlet] = []
    fanout = Fanout(pytest.fail, lambda outlet, _mistake: broken.append(outlet))
    readers = [Reader(True, fanout) for _ in range(3)]

    def fail(_frames: bytes) -> None:
        raise OSError("write!")

    readers[1].link.write = fail  # type: ignore[method-assign]  # the mistake
    for reader in readers:
        fanout.join(reader.outlet, "lobby")
    fanout.flush()
    readers[0].outlet.send([b"first"])
    readers[1].outlet.send([b"first"])
    for number in range(1, 4):
        fanout.publish("lobby", message(number), None)
        fanout.flush()
    assert set(broken) == {readers[1].outlet}
    news = [encoded(message(number), True) for number in range(1, 4)]
    assert [readers[0].link.arrived, readers[2].link.arrived] == [[b"first", *news], news]
