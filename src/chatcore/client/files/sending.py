"""One file that goes, as its sender sees it: to one user or to many, to each at the speed that it grants.

Pure. Whoever drives it reads what `to_read` says, sends what `next_chunk` returns, carries out `news` after every call,
and passes on what comes.
"""

from __future__ import annotations

from typing import Final

from chatcore.client.files.pace import PROGRESS_SECONDS, Rate
from chatcore.client.files.sending_state import SENDING, SendingState, SendingTrigger
from chatcore.commands import SendChunk
from chatcore.errors import ErrorCode, FileError
from chatcore.events import (
    CreditGranted,
    FileAccepted,
    FileBroken,
    FileCancelled,
    FileDeclined,
    FileDelivered,
    FileEnd,
    FileFailed,
    FilePaused,
    FileProgressed,
    FileSent,
    FileState,
    OfferMade,
)
from chatcore.limits import CHUNK_BYTES

READ_AT_A_TIME: Final = 8 * CHUNK_BYTES

_S = SendingState
_T = SendingTrigger


SendingNews = FileAccepted | FilePaused | FileDelivered | FileDeclined | FileCancelled | FileBroken
"""What the server says of a file and one of the users that it is offered to."""


class Delivery:
    """The way of a file to one user. `now` is the time in seconds of the monotonic clock.

    Args:
        user: who it is offered to.
        size: of the file, in bytes.
    """

    def __init__(self, user: str, size: int) -> None:
        self.user = user
        self.state = SendingState.OFFERED
        self.number: int | None = None
        """Of the present run; None while there is none."""
        self.offset = 0
        """How many bytes have gone, or were there already."""
        self.rate: Rate | None = None
        self.told_at = 0.0
        """When people were told last how far it is."""
        self._size = size
        self._upto = 0
        self._data = b""
        self._data_at = 0

    @property
    def over(self) -> bool:
        """True when nothing more goes."""
        return self.state is _S.OVER

    def move(self, trigger: SendingTrigger) -> None:
        """Go on to the next state; only while it runs there is a run."""
        self.state = SENDING[self.state][trigger]
        if self.state is not _S.RUNNING:
            self.number = None

    def begin(self, event: FileAccepted, now: float) -> None:
        """Begin a run where its user wants it."""
        self.move(_T.ACCEPTED)
        if event.transfer != self.number:  # credit of the same run may have come ahead of this, by another way
            self._upto = 0
        self.number = event.transfer
        self.offset = event.offset
        self._upto = max(self._upto, event.offset)
        self.rate = Rate(event.offset, now)

    def grant(self, event: CreditGranted) -> None:
        """Take credit for the present run."""
        self.move(_T.GRANTED)
        self._upto = max(self._upto, min(event.upto, self._size))

    def to_read(self) -> int | None:
        """Return from which byte on the file is to be read; None when there is something to send, or no credit."""
        if not self._may_send() or 0 <= self.offset - self._data_at < len(self._data):
            return None
        return self.offset

    def has_read(self, offset: int, data: bytes) -> None:
        """Take what was read from there on."""
        self._data_at, self._data = offset, data

    def next_chunk(self, now: float) -> SendChunk | None:
        """Return what to send next, once; None when it has to be read first, or there is no credit."""
        if self.to_read() is not None or not self._may_send():
            return None
        assert self.number is not None
        start = self.offset - self._data_at
        data = self._data[start : start + min(self._upto - self.offset, CHUNK_BYTES)]
        chunk = SendChunk(self.number, self.offset, data)
        self.offset += len(data)
        if self.rate is not None:
            self.rate.moved(self.offset, now)
        return chunk

    def _may_send(self) -> bool:
        return self.state is _S.RUNNING and self.offset < self._upto


class OutgoingFile:
    """A file that this client offers. `now` is the time in seconds of the monotonic clock.

    Args:
        made: the server's answer to the offer.
        name: what it is called.
        size: in bytes.
    """

    def __init__(self, made: OfferMade, name: str, size: int) -> None:
        self.file = made.file
        self.size = size
        self.deliveries = {user: Delivery(user, size) for user in made.to}
        """Who waits for it, or has not answered, by username."""
        self.unreadable = False
        """True when the server has to be told that it cannot be read."""
        self._name = name
        self._news: list[FileProgressed | FileSent | FileFailed] = []

    @property
    def over(self) -> bool:
        """True when nobody waits for it any more."""
        return not self.deliveries

    def news(self) -> list[FileProgressed | FileSent | FileFailed]:
        """Return what to show, once each, in order."""
        news, self._news = self._news, []
        return news

    def statuses(self, now: float) -> list[FileProgressed]:
        """Return how far it is, for each user."""
        return [self._status(each, now) for each in self.deliveries.values()]

    # What comes.

    def take(self, event: SendingNews, now: float) -> None:
        """Take what the server says of one of its users; of others it is no news."""
        to = self.deliveries.get(event.user)
        if to is None:
            return
        match event:
            case FileAccepted():
                to.begin(event, now)
                self._show_progress(to, now)
            case FilePaused():
                to.move(_T.RECEIVER_LOST)
                self._show_progress(to, now)
            case FileDelivered():
                to.move(_T.DELIVERED)
                del self.deliveries[to.user]
                self._news.append(FileSent(file=self.file, user=to.user, name=self._name, size=self.size))
            case FileDeclined():
                self._fail(to, FileEnd.DECLINED, "")
            case FileCancelled():
                self._fail(to, FileEnd.CANCELLED, "")
            case FileBroken():
                self._fail(to, event.code, event.message)

    def grant(self, event: CreditGranted) -> Delivery | None:
        """Take credit; returns whose it is, None when it is not for one of these users."""
        for to in self.deliveries.values():
            if to.number == event.transfer:
                to.grant(event)
                return to
        return None

    def lost(self, now: float) -> None:
        """Pause what runs: the connection is gone."""
        for to in self.deliveries.values():
            running = to.state is _S.RUNNING
            to.move(_T.LOST)
            if running:
                self._show_progress(to, now)

    def give_up(self, code: str, message: str) -> None:
        """End it for everybody."""
        for to in list(self.deliveries.values()):
            self._fail(to, code, message)

    def failed(self, error: Exception) -> None:
        """End it for everybody: it cannot be read, or its source has a mistake."""
        self.unreadable = not self.over
        if isinstance(error, FileError):
            self.give_up(ErrorCode.DISK, error.sentence)
        else:
            self.give_up(ErrorCode.INTERNAL, repr(error))

    # What goes.

    def next_chunk(self, to: Delivery, now: float) -> SendChunk | None:
        """Return what to send to one user next, once; None when it has to be read first, or there is no credit."""
        chunk = to.next_chunk(now)
        if chunk is not None and now - to.told_at >= PROGRESS_SECONDS:
            self._show_progress(to, now)
        return chunk

    # Helpers.

    def _fail(self, to: Delivery, code: str, message: str) -> None:
        to.move(_T.GIVEN_UP)
        del self.deliveries[to.user]
        self._news.append(
            FileFailed(file=self.file, user=to.user, name=self._name, sending=True, code=str(code), message=message)
        )

    def _status(self, to: Delivery, now: float) -> FileProgressed:
        rate = to.rate if to.state is _S.RUNNING else None
        return FileProgressed(
            file=self.file,
            user=to.user,
            name=self._name,
            size=self.size,
            done=to.offset,
            sending=True,
            rate=0.0 if rate is None else rate.rate(now),
            left=None if rate is None else rate.left(self.size, now),
            state=FileState(to.state.value),
        )

    def _show_progress(self, to: Delivery, now: float) -> None:
        to.told_at = now
        self._news.append(self._status(to, now))
