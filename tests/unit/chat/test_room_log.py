"""The room log in memory keeps the contract, and its own bounds."""

from __future__ import annotations

import json
import weakref
from collections import Counter
from itertools import count

import pydantic_core
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chatcore.chat.kept.room_log import MemoryLog
from chatcore.events import MessagePosted
from chatcore.limits import Limits
from tests.contracts.room_log import MakeLog, RoomLogContract, entry

clients = st.sampled_from([f"client {number}" for number in range(30)])


class TestMemoryLog(RoomLogContract):
    """The contract, on `MemoryLog`."""

    @pytest.fixture
    def make_log(self) -> MakeLog:
        """Return the class itself."""
        return MemoryLog


class Text(str):
    """A text that can be watched."""


def test_dropped_entries_are_let_go_at_once() -> None:
    """An entry that the bounds push out takes no memory any more."""
    log = MemoryLog(Limits(log_messages=4))
    log.open("lobby", "e1")
    watched = []
    for seq in range(1, 12):
        text = Text(f"text {seq}")
        watched.append(weakref.ref(text))
        log.append("lobby", MessagePosted(seq=seq, sender="al", text=text, at=0.0, room="lobby"))
        del text
        assert sum(ref() is not None for ref in watched) <= 4


def test_client_that_was_silent_longest_is_forgotten_first() -> None:
    """Who sends again is remembered longer."""
    log = MemoryLog(Limits(total_log_bytes=200_000))
    for client in ("first", "second", *map(str, range(10))):
        log.refuse(client, 1, "forbidden")
    log.refuse("first", 2, "forbidden")
    others = count()
    while log.last_cid("second"):
        log.refuse(f"other {next(others)}", 1, "forbidden")
    assert log.last_cid("first") == 2


def test_bytes_of_a_log_are_what_was_counted_when_they_came() -> None:
    """A text that takes more memory later is given back as what it was counted: the sum comes out at 0 again."""
    log = MemoryLog(Limits(log_messages=4))
    log.open("lobby", "e1")
    for seq in range(1, 40):
        text = f"text {seq} é😀"
        log.append("lobby", MessagePosted(seq=seq, sender="al", text=text, at=0.0, room="lobby"))
        assert json.dumps(text, ensure_ascii=False).encode()
        assert pydantic_core.to_json(text)  # keeps the UTF-8 form beside the text
        assert 0 < log.bytes < 4 * 1000
    log.drop("lobby")
    assert log.bytes == 0


def test_receipts_and_marks_count_into_the_bound() -> None:
    """However many clients number their sends, all of it takes what it may."""
    limits = Limits(total_log_bytes=500_000)
    log = MemoryLog(limits)
    log.open("lobby", "e1")
    head = 0
    for client in range(200):
        log.hold(f"client {client}")
        for cid in range(1, 65):
            head += 1
            log.append("lobby", entry(head, client=f"client {client}", cid=cid))
            assert log.bytes <= limits.total_log_bytes
        log.release(f"client {client}", "192.0.2.1")
    assert log.last_cid("client 199") == 64
    assert log.head("lobby") == head
    assert log.floor("lobby") < head, "half of it at least is for what was said"


def test_what_was_said_keeps_half_of_the_memory_when_clients_with_a_session_take_the_rest() -> None:
    """Their marks cannot be dropped, and a room in which nothing is left is of no use to them."""
    log = MemoryLog(Limits(total_log_bytes=100_000))
    log.open("lobby", "e1")
    head = 0
    for client in range(30):
        log.hold(f"client {client}")
        for cid in range(1, 65):
            head += 1
            log.append("lobby", entry(head, client=f"client {client}", cid=cid))
    assert all(log.last_cid(f"client {client}") == 64 for client in range(30))
    assert all(log.receipt(f"client {client}", 1) for client in range(30))
    assert head - log.floor("lobby") > 50


def test_clients_that_begin_a_session_make_room_for_what_is_known_of_them() -> None:
    """As those that say something do."""
    limits = Limits(total_log_bytes=40_000)
    log = MemoryLog(limits)
    log.open("lobby", "e1")
    for seq in range(1, 100):
        log.append("lobby", entry(seq, "é" * 400))
    for client in range(20):
        log.hold(f"client {client}")
        assert log.bytes <= limits.total_log_bytes


def test_what_is_taken_back_at_a_start_keeps_to_the_bounds_too() -> None:
    """Of each log, and of all together; the newest stay."""
    limits = Limits(log_messages=10, total_log_bytes=100_000)
    log = MemoryLog(limits, archived=True)
    for number in range(100):
        key = f"room {number}"
        log.load({"log": key, "epoch": "e", "head": 200})
        log.fill(key, [entry(seq, "x" * 1000) for seq in range(1, 201)])
        assert log.bytes <= limits.total_log_bytes
        assert len(log.read(key, 0, 200)) <= 10
        assert log.head(key) == 200
    log.load({"log": "last", "epoch": "e", "head": 3})
    log.fill("last", [entry(seq, "short") for seq in range(1, 4)])
    assert [each.seq for each in log.read("last", 0, 9)] == [1, 2, 3]


def test_reactions_count_into_the_bounds() -> None:
    """What grows below a message pushes older ones out, as a message does."""
    limits = Limits(log_bytes=20_000)
    log = MemoryLog(limits)
    log.open("lobby", "e1")
    for seq in range(1, 31):
        log.append("lobby", entry(seq))
    for number in range(150):
        log.react("lobby", 30, "👍", f"user {number}", removed=False)
        assert log.bytes <= limits.log_bytes + 1000
    assert [each.seq for each in log.read("lobby", 0, 99)][-1] == 30


@given(
    sizes=st.lists(st.lists(st.integers(0, 3000), max_size=8), min_size=1, max_size=40),
    total=st.integers(4_000, 60_000),
)
def test_the_longest_logs_give_way_to_the_others(sizes: list[list[int]], total: int) -> None:
    """Where one lost something, none is longer by more than the entry that it lost last."""
    log = MemoryLog(Limits(total_log_bytes=total))
    keys = [f"room {number}" for number in range(len(sizes))]
    for key in keys:
        log.open(key, "e")
    for key, texts in zip(keys, sizes, strict=True):
        for seq, size in enumerate(texts, 1):
            before = {each: log.floor(each) for each in keys}
            log.append(key, entry(seq, "x" * size))
            assert log.bytes <= total
            taken = {each: sum(400 + len(left.text) for left in log.read(each, 0, 99)) for each in keys}
            for each, floor in before.items():
                if log.floor(each) > floor:
                    assert taken[each] + 400 + 3000 >= max(taken.values())


class MarkMachine(RuleBasedStateMachine):
    """Clients with sessions and without, more of them than there is room for."""

    def __init__(self) -> None:
        super().__init__()
        self.log = MemoryLog(Limits(total_log_bytes=40_000))
        self.log.open("lobby", "e1")
        self.held: dict[str, list[int | None]] = {}
        """What every client with a session has sent in it: the seq of the entry, None when it was refused."""
        self.first: dict[str, int] = {}
        """Highest cid at the beginning of the session."""

    @rule(client=clients)
    def log_in(self, client: str) -> None:
        """Begin a session: what is known is the past, or nothing."""
        self.log.hold(client)
        self.held.setdefault(client, [])
        self.first.setdefault(client, self.log.last_cid(client))

    @precondition(lambda self: self.held)
    @rule(data=st.data(), times=st.integers(1, 20), good=st.booleans(), text=st.sampled_from(["hello", "é" * 900]))
    def send(self, data: st.DataObject, times: int, good: bool, text: str) -> None:
        """Number some sends."""
        client = data.draw(st.sampled_from(sorted(self.held)))
        for _ in range(times):
            cid = self.log.last_cid(client) + 1
            if good:
                seq = self.log.head("lobby") + 1
                self.log.append("lobby", entry(seq, text, client=client, cid=cid))
                self.held[client].append(seq)
            else:
                self.log.refuse(client, cid, "forbidden")
                self.held[client].append(None)

    @precondition(lambda self: self.held)
    @rule(data=st.data(), place=st.sampled_from(["192.0.2.1", "192.0.2.2", ""]))
    def log_out(self, data: st.DataObject, place: str) -> None:
        """End a session: its numbers are known at once afterwards."""
        client = data.draw(st.sampled_from(sorted(self.held)))
        last = self.log.last_cid(client)
        del self.held[client], self.first[client]
        self.log.release(client, place)
        assert self.log.last_cid(client) in (last, 0)

    @invariant()
    def nothing_of_a_session_is_doubled_or_missing(self) -> None:
        """Its highest cid is the last one sent, and of the last 64 it is known what became of them."""
        for client, sent in self.held.items():
            first = self.first[client]
            assert self.log.last_cid(client) == first + len(sent)
            for cid, seq in list(enumerate(sent, first + 1))[-64:]:
                receipt = self.log.receipt(client, cid)
                assert receipt is not None
                assert receipt.seq == (seq or 0)

    @invariant()
    def what_is_counted_is_there(self) -> None:
        """The counters are the sums that they stand for, and marks without a session keep to their part."""
        log = self.log
        assert log._ring_bytes == sum(sum(ring.sizes[ring.first :]) for ring in log._rings.values())
        assert log.mark_bytes == sum(mark.bytes for mark in log._marks.values())
        assert log._parted_bytes == sum(log._marks[client].bytes for client in log._parted) <= 40_000 // 8
        assert set(log._marks) == set(log._parted) | set(self.held)
        assert log._crowds == Counter(log._parted.values())
        assert log._ring_bytes <= max(40_000 - log.mark_bytes, 20_000)


TestMarks = MarkMachine.TestCase
