"""A file that comes: the machine does what its table says, and whatever happens it arrives right, once, or says why."""

from __future__ import annotations

import errno
import hashlib
import random
from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chatcore.client.files.receiving import IncomingFile
from chatcore.client.files.receiving_jobs import AskForRest, LetGo, OpenPart, PutInPlace, Tell, Write
from chatcore.client.files.receiving_state import RECEIVING, ReceivingState, ReceivingTrigger
from chatcore.commands import FailFile, FinishFile, GrantCredit
from chatcore.errors import ConnectionClosed, FileError, RequestRefused
from chatcore.events import ChunkReceived, FileFailed, FileOffered, FileProgressed, FileReceived, TransferBegun

S, T = ReceivingState, ReceivingTrigger
DATA = random.Random(7).randbytes(50_000)
NOW = 100.0


def offered(data: bytes = DATA) -> IncomingFile:
    """Return the machine of a file that was offered."""
    sha256 = hashlib.sha256(data).hexdigest()
    return IncomingFile(FileOffered(file="f", sender="alice", name="a.bin", size=len(data), sha256=sha256))


# What happens, by the names of the table.
HAPPENS: dict[ReceivingTrigger, Callable[[IncomingFile], None]] = {
    T.ACCEPTED: lambda file: file.accept(None),
    T.OPENED: lambda file: file.opened(0),
    T.BEGUN: lambda file: file.begun(TransferBegun("f", 5, 0), NOW),
    T.POSTPONED: lambda file: file.failed(RequestRefused("file_limit", "later")),
    T.CHUNK_CAME: lambda file: file.chunk(ChunkReceived(5, 0, b"first"), NOW),
    T.SENDER_LOST: lambda file: file.sender_lost(NOW),
    T.LOST: lambda file: file.lost(NOW),
    T.DRAINED: lambda file: file.written(NOW),
    T.COMPLETED: lambda file: file.written(NOW),
    T.GIVEN_UP: lambda file: file.give_up("cancelled", ""),
    T.PLACED: lambda file: file.placed("a.bin"),
    T.BROKEN: lambda file: file.failed(FileError("the disk is full")),
    T.LET_GO: lambda file: file.let_go(),
    T.TOLD: lambda file: file.told(),
}
RUNNING = (T.ACCEPTED, T.OPENED, T.BEGUN)
HISTORIES: dict[ReceivingState, tuple[ReceivingTrigger, ...]] = {
    S.OFFERED: (),
    S.OPENING: (T.ACCEPTED,),
    S.ASKING: (T.ACCEPTED, T.OPENED),
    S.RUNNING: RUNNING,
    S.HALTED: (*RUNNING, T.SENDER_LOST),
    S.DRAINING: (*RUNNING, T.CHUNK_CAME, T.LOST),
    S.STOPPING: (*RUNNING, T.CHUNK_CAME, T.GIVEN_UP),
    S.FINISHING: (*RUNNING, T.CHUNK_CAME, T.COMPLETED),
    S.RETURNING: (T.ACCEPTED, T.OPENED, T.POSTPONED),
    S.ENDING: (T.ACCEPTED, T.BROKEN),
    S.TELLING: (T.ACCEPTED, T.BROKEN, T.LET_GO),
    S.OVER: (T.GIVEN_UP,),
}
# What the other side and the network do at any time; the rest are reports of what the machine has asked for.
FROM_OUTSIDE = {T.CHUNK_CAME, T.SENDER_LOST, T.LOST, T.GIVEN_UP}


def in_state(state: ReceivingState, data: bytes = DATA) -> IncomingFile:
    """Return a machine that has come to a state by what may really happen."""
    file = offered(b"first" if state is S.FINISHING else data)
    for trigger in HISTORIES[state]:
        HAPPENS[trigger](file)
    assert file.state is state
    return file


def expected(state: ReceivingState, trigger: ReceivingTrigger) -> ReceivingState | None:
    """Return where the table leads, past states in which there is nothing to do."""
    target = RECEIVING[state].get(trigger)
    if target is S.DRAINING and state is not S.DRAINING:
        return S.ASKING  # nothing was on its way to the disk
    if target is S.STOPPING and state in (S.RUNNING, S.HALTED):
        return S.ENDING
    return target


@pytest.mark.parametrize(("state", "trigger"), list(product(S, T)), ids=lambda each: each.value)
def test_file_moves_as_the_table_says_or_not_at_all(state: ReceivingState, trigger: ReceivingTrigger) -> None:
    """What is not in the table has no effect when it comes from outside, and is a mistake when the driver says it."""
    file = in_state(state)
    target = expected(state, trigger)
    if trigger is T.COMPLETED and target is not None and state is not S.FINISHING:
        file = in_state(state, b"first")
        if state in (S.RUNNING, S.HALTED):
            file.chunk(ChunkReceived(5, 0, b"first"), NOW)
    elif trigger is T.POSTPONED and state is not S.ASKING:
        return  # there a refusal like that is one like others: BROKEN
    elif trigger is T.CHUNK_CAME and state in (S.DRAINING, S.STOPPING, S.FINISHING):
        return  # of no run: nobody passes it on; and out of its order, which gives it up
    if target is not None:
        HAPPENS[trigger](file)
        assert file.state is target
    elif trigger in FROM_OUTSIDE:
        HAPPENS[trigger](file)
        assert file.state in (state, expected(state, T.GIVEN_UP))
    else:
        with pytest.raises((KeyError, AssertionError)):
            HAPPENS[trigger](file)


def test_table_is_whole_and_cannot_be_changed() -> None:
    """It has a row for each state, each is reached, each can be given up, and each comes to its end."""
    assert set(RECEIVING) == set(HISTORIES) == set(S)
    assert all(T.GIVEN_UP in row for row in RECEIVING.values())
    for state in S:
        reached = {state}
        while more := {target for each in reached for target in RECEIVING[each].values()} - reached:
            reached |= more
        assert S.OVER in reached
    assert set(RECEIVING[S.OVER].values()) == {S.OVER}
    with pytest.raises(TypeError):
        RECEIVING[S.OVER] = {}  # type: ignore[index]


@pytest.mark.parametrize("state", [S.OPENING, S.ASKING, S.DRAINING, S.STOPPING, S.FINISHING, S.RETURNING, S.ENDING])
def test_file_that_is_at_work_has_something_to_do(state: ReceivingState) -> None:
    """Nobody waits for nothing."""
    assert in_state(state).job is not None


def failures(file: IncomingFile) -> list[str]:
    """Return the codes of the failures that are shown."""
    return [event.code for event in file.news() if isinstance(event, FileFailed)]


def test_what_nobody_wants_is_gone_before_it_is_told() -> None:
    """Whoever sees that it was cancelled finds nothing on the disk."""
    file = in_state(S.ASKING)
    file.cancel()
    assert file.job == LetGo(keep=False)
    assert failures(file) == []
    file.let_go()
    assert failures(file) == ["cancelled_here"]
    assert file.state is S.OVER


def test_what_is_cancelled_while_its_last_bytes_are_written_is_not_received() -> None:
    """Its user was quicker than its disk."""
    file = in_state(S.RUNNING, b"first")
    file.chunk(ChunkReceived(5, 0, b"first"), NOW)
    file.cancel()
    file.written(NOW)
    assert file.job == LetGo(keep=False)
    file.let_go()
    assert failures(file) == ["cancelled_here"]


def test_what_is_complete_when_its_sender_leaves_is_received() -> None:
    """All of it had come before that."""
    file = in_state(S.RUNNING, b"first")
    file.chunk(ChunkReceived(5, 0, b"first"), NOW)
    file.give_up("no_such_file", "")
    file.written(NOW)
    assert isinstance(file.job, PutInPlace)
    file.placed("here")
    assert [event.place for event in file.news() if isinstance(event, FileReceived)] == ["here"]
    file.let_go()
    assert file.job == Tell(FinishFile("f"))


def test_wrong_content_is_thrown_away_and_told() -> None:
    """By its code: what else there is to say of it is for this side."""
    file = in_state(S.FINISHING)
    file.wrong()
    assert file.job == LetGo(keep=False)
    file.let_go()
    assert failures(file) == ["bad_hash"]
    assert file.job == Tell(FailFile("f", "bad_hash"))


@pytest.mark.parametrize(("number", "code"), [(errno.ENOSPC, "no_space"), (errno.EFBIG, "no_space"), (None, "disk")])
def test_full_disk_is_told_by_its_code(number: int | None, code: str) -> None:
    """However deep the error says so."""
    error = FileError("it cannot be written")
    error.__cause__ = RuntimeError()
    error.__cause__.__cause__ = None if number is None else OSError(number, "x")
    file = in_state(S.OPENING)
    file.failed(error)
    assert file.refusal is error
    file.let_go()
    assert failures(file) == [code]
    assert file.job == Tell(FailFile("f", code))


def test_who_accepts_what_the_client_takes_away_by_its_end_learns_that() -> None:
    """It is no refusal of the server's."""
    file = in_state(S.ASKING)
    file.give_up("closed", "the client was closed")
    assert isinstance(file.refusal, ConnectionClosed)


def test_refused_for_now_can_be_accepted_again_once_the_disk_has_let_go() -> None:
    """Not before, or both tries would open the same part."""
    file = in_state(S.RETURNING)
    assert file.refusal is None
    file.let_go()
    assert (file.state, str(file.refusal)) == (S.OFFERED, "later (file_limit)")
    assert file.status(NOW).state == "offered"
    file.accept(None)
    assert (file.refusal, file.job) == (None, OpenPart())
    assert file.news() == []


def test_mistake_of_a_store_ends_it() -> None:
    """Nobody waits for ever because of it."""
    file = in_state(S.OPENING)
    file.failed(ZeroDivisionError("oops"))
    file.let_go()
    assert failures(file) == ["internal"]
    assert file.job == Tell(FailFile("f", "disk"))  # to the sender, `internal` would be the server's mistake
    file.told()
    assert file.state is S.OVER


def test_empty_file_needs_no_chunk() -> None:
    """It is complete when it begins."""
    file = offered(b"")
    for trigger in RUNNING:
        HAPPENS[trigger](file)
    assert isinstance(file.job, PutInPlace)


class Transfer(RuleBasedStateMachine):
    """A receiver between a disk, a server and a user, who all do as they like."""

    @initialize(
        size=st.sampled_from([0, 1, 1000, len(DATA)]), there=st.integers(0, 1000), window=st.integers(1000, 60_000)
    )
    def begin(self, size: int, there: int, window: int) -> None:
        """Offer it."""
        self.data = DATA[:size]
        self.file = offered(self.data)
        self.window = window
        self.now = NOW
        self.disk = self.data[:there]
        self.open = self.runs = 0
        self.at = self.upto = self.highest = 0  # of the present run: what the server has sent, and may send
        self.connected = True
        self.tampered = False
        self.ends: list[FileReceived | FileFailed] = []
        self.accepted = False
        self.given_up = False

    def heard(self) -> None:
        """Take what the machine says."""
        for news in self.file.news():
            match news:
                case GrantCredit():
                    assert news.transfer == self.runs
                    assert self.upto < news.upto <= min(len(self.data), len(self.disk) + max(self.window, 32 * 1024))
                    self.upto = news.upto
                case FileProgressed():
                    assert news.done == self.file.done <= len(self.data)
                case FileReceived() | FileFailed():
                    self.ends.append(news)
                    assert len(self.ends) == 1

    @precondition(lambda self: self.file.state is S.OFFERED)
    @rule()
    def accept(self) -> None:
        """Let its user want it."""
        self.file.accept(self.window)
        self.accepted = True
        self.heard()

    def job_is(self, *kinds: type) -> bool:
        """Tell what is to be done."""
        return isinstance(self.file.job, kinds)

    @precondition(lambda self: self.file.job is not None)
    @rule()
    def do_the_job(self) -> None:
        """Let it go well."""
        job = self.file.job
        match job:
            case OpenPart():
                self.open += 1
                self.file.opened(len(self.disk))
            case AskForRest():
                assert job.offset == len(self.disk)
                self.connected = True
                self.runs += 1
                self.at = self.upto = job.offset
                self.file.begun(TransferBegun("f", self.runs, job.offset), self.now)
            case Write():
                self.disk += job.data
                self.file.written(self.now)
            case PutInPlace():
                assert len(self.disk) == len(self.data)
                if hashlib.sha256(self.disk).hexdigest() == job.sha256:
                    self.file.placed("place")
                else:
                    self.file.wrong()
            case LetGo():
                self.open = 0
                if not job.keep:
                    self.disk = b""
                self.file.let_go()
            case Tell():
                assert not self.open
                self.file.told()
        self.heard()

    @precondition(lambda self: self.job_is(OpenPart, AskForRest, Write, PutInPlace))
    @rule(error=st.sampled_from(["disk", "file_limit", "no_such_file", "closed", "mistake"]))
    def fail_the_job(self, error: str) -> None:
        """Let it go wrong."""
        asked = self.job_is(AskForRest)
        found: Exception = (
            FileError("the disk is full") if error == "disk" or not asked else RequestRefused(error, "no")
        )
        if error == "closed" and asked:
            found = ConnectionClosed("the client was closed")
        if error == "mistake":
            found = ZeroDivisionError()
        self.given_up |= not (error == "file_limit" and asked and not self.file.started)
        self.file.failed(found)
        self.heard()

    @precondition(lambda self: self.file.number is not None and self.at < self.upto)
    @rule(size=st.integers(1, 9000), wrong=st.sampled_from([False] * 9 + [True]))
    def chunk(self, size: int, wrong: bool) -> None:
        """Let the next bytes come, perhaps not the right ones."""
        data = self.data[self.at : min(self.at + size, self.upto)]
        if wrong:
            data = bytes(byte ^ 1 for byte in data)
            self.tampered = True
        self.file.chunk(ChunkReceived(self.runs, self.at, data), self.now)
        self.at += len(data)
        self.heard()

    @precondition(lambda self: self.file.number is not None)
    @rule(by=st.integers(-5, 5).filter(bool))
    def chunk_out_of_order(self, by: int) -> None:
        """Let the server break the rules."""
        self.file.chunk(ChunkReceived(self.runs, self.at + by, b"x"), self.now)
        self.given_up = True
        self.heard()

    @rule()
    def lose(self) -> None:
        """Cut the connection."""
        self.file.lost(self.now)
        self.heard()

    @rule()
    def lose_the_sender(self) -> None:
        """Cut the sender's."""
        self.file.sender_lost(self.now)
        self.heard()

    @rule(cancel=st.booleans())
    def give_up(self, cancel: bool) -> None:
        """Let one side end it."""
        self.given_up = True
        if cancel:
            self.file.cancel()
        else:
            self.file.give_up("cancelled", "")
        self.heard()

    @rule(seconds=st.floats(0, 20))
    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    @invariant()
    def holds_together(self) -> None:
        """There is work exactly where the table says that somebody works."""
        if not hasattr(self, "file"):
            return
        file = self.file
        assert file.done == len(self.disk) or file.state not in (S.RUNNING, S.HALTED, S.DRAINING, S.FINISHING)
        assert (file.number is not None) == (file.state in (S.RUNNING, S.HALTED))
        if file.state in (S.OFFERED, S.OVER):
            assert file.job is None
            assert not self.open
        elif file.state not in (S.RUNNING, S.HALTED):
            assert file.job is not None
        if file.state is S.OVER:
            assert len(self.ends) == 1
            assert self.open == 0

    def teardown(self) -> None:
        """From wherever it is, it comes to its end, and to the right one."""
        if not hasattr(self, "file"):
            return
        for _step in range(1000):
            if self.file.state is S.OFFERED and self.accepted:
                self.accept()
            elif self.file.job is not None:
                self.do_the_job()
            elif self.file.number is not None and self.at < self.upto:
                self.chunk(60_000, False)
            else:
                break
        if not self.accepted:
            return
        assert self.file.state is S.OVER
        (end,) = self.ends
        if isinstance(end, FileReceived):
            assert self.disk == self.data
        else:
            assert self.given_up or self.tampered


TestTransfer = Transfer.TestCase
