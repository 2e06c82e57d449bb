"""A file that goes: the machine does what its table says, and each user gets in order what it granted."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chatcore.client.files.sending import READ_AT_A_TIME, Delivery, OutgoingFile
from chatcore.client.files.sending_state import SENDING, SendingState, SendingTrigger
from chatcore.errors import FileError
from chatcore.events import (
    CreditGranted,
    FileAccepted,
    FileBroken,
    FileCancelled,
    FileDeclined,
    FileDelivered,
    FileFailed,
    FilePaused,
    FileProgressed,
    FileSent,
    OfferMade,
)
from chatcore.limits import CHUNK_BYTES

S, T = SendingState, SendingTrigger
DATA = random.Random(8).randbytes(3 * CHUNK_BYTES + 5)
NOW = 100.0


def offered(*users: str) -> OutgoingFile:
    """Return the machine of a file that is offered."""
    return OutgoingFile(OfferMade("f", users), "a.bin", len(DATA))


HAPPENS: dict[SendingTrigger, Callable[[OutgoingFile], object]] = {
    T.ACCEPTED: lambda file: file.take(FileAccepted("f", "bob", 5, 0), NOW),
    T.GRANTED: lambda file: file.grant(CreditGranted(5, 10)),
    T.RECEIVER_LOST: lambda file: file.take(FilePaused("f", "bob"), NOW),
    T.LOST: lambda file: file.lost(NOW),
    T.DELIVERED: lambda file: file.take(FileDelivered("f", "bob"), NOW),
    T.GIVEN_UP: lambda file: file.take(FileCancelled("f", "bob"), NOW),
}
HISTORIES: dict[SendingState, tuple[SendingTrigger, ...]] = {
    S.OFFERED: (),
    S.RUNNING: (T.ACCEPTED,),
    S.PAUSED: (T.ACCEPTED, T.LOST),
    S.OVER: (T.DELIVERED,),
}


@pytest.mark.parametrize(("state", "trigger"), list(product(S, T)), ids=lambda each: each.value)
def test_delivery_moves_as_the_table_says_or_not_at_all(state: SendingState, trigger: SendingTrigger) -> None:
    """All of it comes from outside, so what is not in the table has no effect."""
    file = offered("bob")
    to = file.deliveries["bob"]
    for each in (*HISTORIES[state], trigger):
        HAPPENS[each](file)
    assert to.state is SENDING[state].get(trigger, state)
    assert file.over == to.over


def test_table_is_whole_and_cannot_be_changed() -> None:
    """Whatever happens can end, and the end is the end."""
    assert set(SENDING) == set(HISTORIES) == set(S)
    assert all(row[T.GIVEN_UP] is S.OVER for state, row in SENDING.items() if state is not S.OVER)
    assert not SENDING[S.OVER]
    with pytest.raises(TypeError):
        SENDING[S.OVER] = {}  # type: ignore[index]


def test_credit_that_came_ahead_of_where_the_same_run_goes_on_is_kept() -> None:
    """They come by two connections; credit of another run is worth nothing."""
    file = offered("bob")
    to = file.deliveries["bob"]
    file.take(FileAccepted("f", "bob", 5, 0), NOW)
    file.grant(CreditGranted(5, 20))
    file.take(FileAccepted("f", "bob", 5, 10), NOW)
    file.grant(CreditGranted(5, 15))
    to.has_read(10, DATA[10:])
    chunk = to.next_chunk(NOW)
    assert chunk is not None
    assert (chunk.offset, chunk.data) == (10, DATA[10:20])
    file.take(FileAccepted("f", "bob", 6, 12), NOW)
    assert to.to_read() is None
    assert to.next_chunk(NOW) is None


def test_each_of_many_is_told_of_for_itself() -> None:
    """Delivered, declined, cancelled, broken, given up here."""
    file = offered("ann", "bob", "cid", "dan", "eva")
    file.take(FileDelivered("f", "ann"), NOW)
    file.take(FileDeclined("f", "bob"), NOW)
    file.take(FileCancelled("f", "cid"), NOW)
    file.take(FileBroken("f", "dan", "file_idle", "nothing moved"), NOW)
    file.take(FileDelivered("f", "ann"), NOW)
    assert not file.over
    file.give_up("cancelled_here", "")
    assert file.over
    assert [(event.user, getattr(event, "code", "sent")) for event in file.news()] == [
        ("ann", "sent"),
        ("bob", "declined"),
        ("cid", "cancelled"),
        ("dan", "file_idle"),
        ("eva", "cancelled_here"),
    ]


def test_file_that_cannot_be_read_is_over_for_everybody() -> None:
    """The server is told, once there is something to tell."""
    file = offered("bob", "cid")
    file.failed(FileError("it cannot be read"))
    assert file.over
    assert file.unreadable
    assert [event.code for event in file.news() if isinstance(event, FileFailed)] == ["disk", "disk"]
    file = offered()
    file.failed(FileError("it cannot be read"))
    assert not file.unreadable


class Transfer(RuleBasedStateMachine):
    """A sender between a disk, a server, and two users, who all do as they like."""

    def __init__(self) -> None:
        super().__init__()
        self.file = offered("bob", "cid")
        self.everybody = dict(self.file.deliveries)
        self.now = NOW
        self.runs = 0
        self.next: dict[str, int] = {}  # where the next chunk of the present run has to begin
        self.upto: dict[str, int] = {}
        self.ends: list[str] = []

    def heard(self) -> None:
        """Take what the machine says."""
        for news in self.file.news():
            if isinstance(news, FileProgressed):
                assert news.done == self.everybody[news.user].offset
                assert news.state == self.everybody[news.user].state.value
            else:
                assert isinstance(news, FileSent | FileFailed)
                assert news.user not in self.ends
                self.ends.append(news.user)

    def waiting(self) -> list[Delivery]:
        """Return those that wait for it."""
        return list(self.file.deliveries.values())

    users = st.sampled_from(["bob", "cid", "eve"])

    @rule(user=users, offset=st.sampled_from([0, 1, CHUNK_BYTES, len(DATA)]))
    def accept(self, user: str, offset: int) -> None:
        """Let a user want it from there on."""
        self.runs += 1
        self.next[user] = self.upto[user] = offset
        self.file.take(FileAccepted("f", user, self.runs, offset), self.now)
        self.heard()

    @rule(number=st.integers(0, 20), more=st.sampled_from([1, 1000, CHUNK_BYTES, 10**9]))
    def grant(self, number: int, more: int) -> None:
        """Let credit come, perhaps of an old run."""
        to = next((to for to in self.waiting() if to.number == number), None)
        upto = more + (0 if to is None else self.upto[to.user])
        assert self.file.grant(CreditGranted(number, upto)) is to
        if to is not None:
            self.upto[to.user] = min(upto, len(DATA))
        self.heard()

    @rule(user=users)
    def pause(self, user: str) -> None:
        """Cut a user's connection."""
        self.file.take(FilePaused("f", user), self.now)
        self.heard()

    @rule()
    def lose(self) -> None:
        """Cut ours."""
        self.file.lost(self.now)
        self.heard()

    @rule(user=users, seconds=st.floats(0, 5))
    def send(self, user: str, seconds: float) -> None:
        """Send one chunk, and read what has to be read."""
        self.now += seconds
        to = self.everybody.get(user)
        if to is None:
            return
        offset = to.to_read()
        if offset is not None:
            assert self.file.next_chunk(to, self.now) is None
            to.has_read(offset, DATA[offset : offset + READ_AT_A_TIME])
        chunk = self.file.next_chunk(to, self.now)
        if chunk is not None:
            assert chunk.transfer == to.number
            assert chunk.offset == self.next[user]
            assert 0 < len(chunk.data) <= CHUNK_BYTES
            self.next[user] += len(chunk.data)
            assert self.next[user] <= self.upto[user]
            assert chunk.data == DATA[chunk.offset : self.next[user]]
        elif to.state is S.RUNNING:
            assert self.next[user] == self.upto[user]
        self.heard()

    @precondition(lambda self: self.waiting())
    @rule(kind=st.sampled_from([FileDelivered, FileDeclined, FileCancelled]), data=st.data())
    def end(self, kind: type[FileDelivered | FileDeclined | FileCancelled], data: st.DataObject) -> None:
        """Let it be over for one of them."""
        user = data.draw(st.sampled_from([to.user for to in self.waiting()]))
        self.file.take(kind("f", user), self.now)
        self.heard()
        assert user in self.ends

    @invariant()
    def holds_together(self) -> None:
        """A run has a number, and who is over is gone."""
        for to in self.everybody.values():
            assert (to.number is not None) == (to.state is S.RUNNING)
            assert to.over == (to.user not in self.file.deliveries) == (to.user in self.ends)
            if to.over:
                assert (to.to_read(), to.next_chunk(self.now)) == (None, None)
        assert len(self.file.statuses(self.now)) == len(self.file.deliveries)


TestTransfer = Transfer.TestCase
