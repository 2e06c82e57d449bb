"""One file that comes, as its receiver sees it: asked for, paid with credit, written, checked, put in its place.

Pure. Whoever drives it does what `job` says, one thing at a time, and reports how that went; carries out `news` after
every call; and passes on what comes. A report that fits another job than the present one is a mistake of the driver.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass
from typing import Final

from chatcore.client.files.pace import PROGRESS_SECONDS, Rate, Window
from chatcore.client.files.receiving_jobs import AskForRest, Job, LetGo, OpenPart, PutInPlace, Tell, Write
from chatcore.client.files.receiving_state import RECEIVING, ReceivingState, ReceivingTrigger
from chatcore.commands import FailFile, FinishFile, GrantCredit
from chatcore.errors import ConnectionClosed, ErrorCode, FileError, RequestRefused, Sentence
from chatcore.events import (
    ChunkReceived,
    FileEnd,
    FileFailed,
    FileOffered,
    FileProgressed,
    FileReceived,
    FileState,
    TransferBegun,
)
from chatcore.limits import CHUNK_BYTES

# EFBIG too: more than the file system, or a limit of this user's, lets a file have.
_NO_SPACE: Final = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})
_DEFAULT_WINDOW: Final = 4 * CHUNK_BYTES

_OUT_OF_ORDER: Final = Sentence("the server sent a chunk out of its order")
_ANOTHER: Final = Sentence("what arrived is not what was offered")


_S = ReceivingState
_T = ReceivingTrigger


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why it will not come."""

    code: str
    message: str
    error: Exception | None = None
    """What was raised."""
    told: bool = True
    """False when the sender has to be told."""
    keep: bool = True
    """False when what there is of it is of no use."""


class IncomingFile:
    """A file that was offered to this client. `now` is the time in seconds of the monotonic clock.

    Args:
        offer: what was offered.
    """

    def __init__(self, offer: FileOffered) -> None:
        self.offer = offer
        self.state = ReceivingState.OFFERED
        self.number: int | None = None
        """Of the present run; None while there is none."""
        self.done = 0
        """How many bytes are on the disk."""
        self.job: Job | None = None
        """What is to be done now. Only `AskForRest` may be given up for another one before it is done."""
        self.started = False
        """True once it was on its way."""
        self.refusal: Exception | None = None
        """Why it did not start when it was accepted, to be raised for whoever accepted it."""
        self._news: list[FileProgressed | FileReceived | FileFailed | GrantCredit] = []
        self._chunks: list[bytes] = []
        self._end = 0  # where the next chunk has to begin
        self._granted = 0
        self._window = Window(_DEFAULT_WINDOW)
        self._rate = Rate(0, 0.0)
        self._told_at: float | None = None
        self._failure: _Failure | None = None
        self._postponed: RequestRefused | None = None
        self._place: str | None = None

    @property
    def over(self) -> bool:
        """True when it is not to go on."""
        return self.state in (_S.STOPPING, _S.ENDING, _S.TELLING, _S.OVER)

    @property
    def settling(self) -> bool:
        """True while what has arrived gets its place, and its sender is told."""
        return self.state in (_S.FINISHING, _S.ENDING, _S.TELLING)

    @property
    def at_work(self) -> bool:
        """False before it is accepted, and when it is over."""
        return self.state not in (_S.OFFERED, _S.OVER)

    def news(self) -> list[FileProgressed | FileReceived | FileFailed | GrantCredit]:
        """Return what to show and what to send without an answer, once each, in order."""
        news, self._news = self._news, []
        return news

    def status(self, now: float) -> FileProgressed:
        """Return how far it is."""
        offer = self.offer
        running = self.state in (_S.RUNNING, _S.FINISHING)
        offered = self.state in (_S.OFFERED, _S.RETURNING)
        return FileProgressed(
            file=offer.file,
            user=offer.sender,
            name=offer.name,
            size=offer.size,
            done=self.done,
            sending=False,
            rate=self._rate.rate(now) if running else 0.0,
            left=self._rate.left(offer.size, now) if running else None,
            state=FileState.RUNNING if running else FileState.OFFERED if offered else FileState.PAUSED,
        )

    # What its user wants, what the server says, and what becomes of the connection.

    def accept(self, window: int | None) -> None:
        """Begin; `window` is how many bytes the server lets be under way, None when it has not told."""
        self.refusal = None
        self._window = Window(window or _DEFAULT_WINDOW)
        self._move(_T.ACCEPTED)
        self.job = OpenPart()

    def cancel(self) -> None:
        """End it; nobody wants what is there. Without effect when it is complete or over."""
        self._give_up(_Failure(FileEnd.CANCELLED_HERE, "", keep=False))

    def give_up(self, code: str, message: str) -> None:
        """End it, and keep what is there for another time. Without effect when it is complete or over."""
        self._give_up(_Failure(code, message, ConnectionClosed(message) if code == FileEnd.CLOSED else None))

    def chunk(self, event: ChunkReceived, now: float) -> None:
        """Take a chunk of the present run."""
        if event.offset != self._end or not event.data or self._end + len(event.data) > self._granted:
            self._give_up(_Failure(ErrorCode.BAD_CHUNK, _OUT_OF_ORDER, told=False))
            return
        halted = self.state is _S.HALTED
        self._move(_T.CHUNK_CAME)
        self._end += len(event.data)
        self._chunks.append(event.data)
        self._window.arrived(self._end, now)
        if halted:
            self._show_progress(now)
        self._go_on()

    def sender_lost(self, now: float) -> None:
        """Halt until chunks come again: the sender's connection is gone."""
        if self.state is _S.RUNNING:
            self._move(_T.SENDER_LOST)
            self._show_progress(now)

    def lost(self, now: float) -> None:
        """Ask for the rest once what has come is written: the connection is gone."""
        if self.number is not None:
            self._move(_T.LOST)
            self.number = None
            self._show_progress(now)
            self._go_on()

    # How the job went.

    def opened(self, done: int) -> None:
        """Take how many bytes there are on the disk."""
        self.done = done
        self.job = None
        self._move(_T.OPENED)
        if self.state is _S.ENDING:
            self._end_here()
        else:
            self.job = AskForRest(done)

    def begun(self, event: TransferBegun, now: float) -> None:
        """Take the server's word that it comes."""
        self.job = None
        self._move(_T.BEGUN)
        self.number = event.transfer
        self._end = self._granted = self.done
        self._rate = Rate(self.done, now)
        self.started = True
        self._grant(now)
        self._show_progress(now)
        self._go_on()

    def written(self, now: float) -> None:
        """Go on when what was to be written is on the disk."""
        assert isinstance(self.job, Write)
        self.done += len(self.job.data)
        self.job = None
        self._rate.moved(self.done, now)
        if self.number is not None:
            self._grant(now)
            if self._told_at is None or now - self._told_at >= PROGRESS_SECONDS:
                self._show_progress(now)
        self._go_on()

    def placed(self, place: str) -> None:
        """Take where it is."""
        self._place = place
        self.job = None
        self._move(_T.PLACED)
        self._end_here()

    def wrong(self) -> None:
        """End it: what arrived is not what was offered."""
        self._broken(_Failure(ErrorCode.BAD_HASH, _ANOTHER, told=False, keep=False))

    def let_go(self) -> None:
        """Go on when the disk has let go of it."""
        self.job = None
        self._move(_T.LET_GO)
        self._gone()

    def told(self) -> None:
        """Be over: the server knows how it ended, or never will."""
        self.job = None
        self._move(_T.TOLD)

    def failed(self, error: Exception) -> None:
        """Take what was raised instead of what the job was to bring."""
        match error:
            case FileError():
                self._broken(_Failure(_code_of(error), error.sentence, error, told=False))
            case RequestRefused(code=ErrorCode.FILE_LIMIT) if self.state is _S.ASKING and not self.started:
                self._move(_T.POSTPONED)  # there are too many just now, and later there may not be
                self._postponed = error
                self.job = LetGo(keep=True)
            case RequestRefused():
                self._broken(_Failure(error.code, error.message, error))
            case ConnectionClosed():
                self._broken(_Failure(FileEnd.CLOSED, error.sentence, error))
            case _:  # a mistake of ours, or of the store's: nobody may wait for ever because of it
                self._broken(_Failure(ErrorCode.INTERNAL, repr(error), error, told=False))

    # Helpers.

    def _move(self, trigger: ReceivingTrigger) -> None:
        self.state = RECEIVING[self.state][trigger]

    def _give_up(self, failure: _Failure) -> None:
        before = self.state
        self._move(_T.GIVEN_UP)
        if self.state is before:
            return
        self.number = None
        self._failure = failure
        if not failure.keep:
            self._chunks.clear()
        if self.state is not _S.STOPPING:
            self._end_here()
        elif before is not _S.OPENING:
            self._go_on()

    def _broken(self, failure: _Failure) -> None:
        self.job = None
        self._move(_T.BROKEN)
        if self.state is _S.ENDING:
            self._failure = self._failure or failure
            self._end_here()
        else:
            self._gone()

    def _go_on(self) -> None:
        """Let the disk have what has come; without that, be done, ask again, or end."""
        if self.job is not None:
            return
        wanted = self._failure is None or self._failure.keep
        if self._chunks:
            self.job = Write(b"".join(self._chunks))
            self._chunks.clear()
        elif self.done == self.offer.size and wanted:
            self._move(_T.COMPLETED)
            self.number = self._failure = None
            self.job = PutInPlace(self.offer.name, self.offer.sha256)
        elif self.state is _S.DRAINING:
            self._move(_T.DRAINED)
            self.job = AskForRest(self.done)
        elif self.state is _S.STOPPING:
            self._move(_T.DRAINED)
            self._end_here()

    def _grant(self, now: float) -> None:
        assert self.number is not None
        upto = min(self.offer.size, self.done + self._window.size)
        if upto > self._granted and (upto - self._granted >= self._window.size // 2 or upto == self.offer.size):
            self._granted = upto
            self._window.granted(upto, now)
            self._news.append(GrantCredit(self.number, upto))

    def _end_here(self) -> None:
        """Let the disk let go of it, and show how it ended: what is of no use is gone by then."""
        self.number = None
        keep = self._failure is None or self._failure.keep
        if self.state is _S.ENDING and not isinstance(self.job, LetGo):
            self.job = LetGo(keep)
        if keep or self.state is _S.OVER:
            self._show_end()

    def _gone(self) -> None:
        """Go on when the disk has let go of it."""
        failure = self._failure
        if self.state is _S.OFFERED:
            self.refusal = self._postponed
        elif self.state is _S.TELLING:
            if failure is not None and not failure.keep:
                self._show_end()
            if failure is None:
                self.job = Tell(FinishFile(self.offer.file))
            elif failure.told:
                self.told()
            else:
                # Nothing of this machine; and `internal` would be a mistake of the server's to the other side.
                code = ErrorCode.DISK if failure.code == ErrorCode.INTERNAL else failure.code
                self.job = Tell(FailFile(self.offer.file, code))

    def _show_end(self) -> None:
        offer, failure = self.offer, self._failure
        if failure is None:
            assert self._place is not None
            place = self._place
            self._news.append(
                FileReceived(file=offer.file, user=offer.sender, name=offer.name, size=offer.size, place=place)
            )
            return
        if not self.started:
            self.refusal = failure.error or RequestRefused(failure.code, failure.message)
        self._news.append(
            FileFailed(
                file=offer.file,
                user=offer.sender,
                name=offer.name,
                sending=False,
                code=str(failure.code),
                message=failure.message,
            )
        )

    def _show_progress(self, now: float) -> None:
        self._told_at = now
        self._news.append(self.status(now))


def _code_of(error: BaseException) -> ErrorCode:
    """Return what the other side may know of why a file cannot be written here."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in _NO_SPACE:
            return ErrorCode.NO_SPACE
        cause = cause.__cause__
    return ErrorCode.DISK
