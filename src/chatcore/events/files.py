"""Events about files between users. What the server tells comes first, then what only a client program sees.

A file has the id `file` for as long as the server knows it. Users are called as they were when it was offered.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class FileState(StrEnum):
    """How a file is with one user, for as long as it is not over."""

    OFFERED = "offered"
    """It was not accepted yet."""
    RUNNING = "running"
    PAUSED = "paused"
    """One side has no connection."""


class FileEnd(StrEnum):
    """How a file may end beside a mistake, which has a `chatcore.errors.ErrorCode`."""

    DECLINED = "declined"
    CANCELLED = "cancelled"
    """By the other side."""
    CANCELLED_HERE = "cancelled_here"
    CLOSED = "closed"
    """The client has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOffered:
    """Somebody wants to send a file: answer with `Client.accept_file(event.file)` or `Client.decline_file`.

    A server tells it again after a resume, where the same `file` is the same offer; a client shows it once.

    Attributes:
        file: its id.
        sender: username of who wants to send it.
        name: what its sender calls it: a suggestion, and a stranger's text.
        size: in bytes.
        sha256: of the whole file, in hex, lower case.
        room: the room whose members it was offered to; None when it was offered to users by name.
        bot: True when a bot offers it.
    """

    file: str
    sender: str
    name: str
    size: int
    sha256: str
    room: str | None = None
    bot: bool = False


@dataclass(frozen=True, slots=True)
class OfferMade:
    """Reply to `OfferFile`.

    Attributes:
        file: the id that the file has from now on.
        to: usernames of those who were asked.
    """

    file: str
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TransferBegun:
    """Reply to `AcceptFile`: chunks of this transfer begin at `offset` (in bytes), once there is credit."""

    file: str
    transfer: int
    offset: int


@dataclass(frozen=True, slots=True)
class FileAccepted:
    """To the sender: a user wants the file, from `offset` on. Ends an earlier transfer of it to the same user."""

    file: str
    user: str
    transfer: int
    offset: int


@dataclass(frozen=True, slots=True)
class CreditGranted:
    """To the sender: the bytes before `upto` may be sent."""

    transfer: int
    upto: int


@dataclass(frozen=True, slots=True)
class ChunkReceived:
    """To the receiver: the next bytes of a file."""

    transfer: int
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class FilePaused:
    """The other side has lost its connection; the transfer goes on when it is back."""

    file: str
    user: str


@dataclass(frozen=True, slots=True)
class FileDeclined:
    """To the sender: a user does not want the file."""

    file: str
    user: str


@dataclass(frozen=True, slots=True)
class FileCancelled:
    """The other side does not want to go on."""

    file: str
    user: str


@dataclass(frozen=True, slots=True)
class FileDelivered:
    """To the sender: a user has the whole file, and its SHA-256 is right."""

    file: str
    user: str


@dataclass(frozen=True, slots=True)
class FileBroken:
    """A transfer, or an offer, is over because of a mistake, a limit, or because the other side is gone."""

    file: str
    user: str
    """The other side."""
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class TicketGiven:
    """Reply to `TakeTicket`.

    Attributes:
        ticket: a secret, good for one second connection of this session.
        seconds: for how long.
    """

    ticket: str = field(repr=False)
    seconds: float


@dataclass(frozen=True, slots=True)
class ConnectionAttached:
    """Reply to `AttachConnection`: the session that was given the ticket may choose this way for its files."""


FileEvent = (
    FileOffered
    | OfferMade
    | TransferBegun
    | FileAccepted
    | CreditGranted
    | ChunkReceived
    | FilePaused
    | FileDeclined
    | FileCancelled
    | FileDelivered
    | FileBroken
    | TicketGiven
    | ConnectionAttached
)
"""What a server tells a client about files."""


FileNews = (
    FileOffered
    | FileAccepted
    | CreditGranted
    | FilePaused
    | FileDeclined
    | FileCancelled
    | FileDelivered
    | FileBroken
    | ChunkReceived
)
"""The same without what answers a request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileProgressed:
    """Client side: how far a transfer has come. At most twice a second, and when it begins, pauses or goes on.

    Attributes:
        file: the file's id.
        user: the other side, by the name that it had at the time of the offer.
        name: what the file is called.
        size: in bytes.
        done: how many bytes are sent, or are on this side's disk.
        sending: True at the sender, False at the receiver.
        rate: bytes a second over the last few seconds; 0.0 unless it runs.
        left: seconds that are left at this rate; None when it stands still.
        state: `running`, or `paused` while one side has no connection; in `Client.files` also `offered`, which means
            that it was not accepted yet. A text, too: `one.state == "paused"`.
    """

    file: str
    user: str
    name: str
    size: int
    done: int
    sending: bool
    rate: float
    left: float | None
    state: FileState


@dataclass(frozen=True, slots=True)
class WayChosen:
    """Client side: by which way the bytes of files go, where the chat itself goes over QUIC, which is slow with them.

    Attributes:
        transport: URL scheme: `wss` or `ws` of a second connection, or that of the chat.
        why: `second`; `unreachable` when there can be no second connection, `lost` when it was lost.
        detail: why there is none, for people; empty when there is one.
    """

    transport: str
    why: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReceived:
    """Client side: a file is complete, its SHA-256 is right, and it is in its place.

    Attributes:
        file: the file's id.
        user: its sender, by the name that it had at the time of the offer.
        name: what its sender calls it: a stranger's text.
        size: in bytes.
        place: where it is: with a folder, the path of the file, whose name may be another one.
    """

    file: str
    user: str
    name: str
    size: int
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSent:
    """Client side: a user has the whole file, and has checked its SHA-256.

    Attributes:
        file: the file's id.
        user: its receiver, by the name that it had at the time of the offer.
        name: what it is called.
        size: in bytes.
    """

    file: str
    user: str
    name: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFailed:
    """Client side: a file will not come, or not arrive.

    A receiver keeps what has come of it, and goes on there when the same file is offered again; not after
    `cancelled_here` and `bad_hash`.

    Attributes:
        file: the file's id.
        user: the other side, by the name that it had at the time of the offer.
        name: what the file is called.
        sending: True at the sender, False at the receiver.
        code: `declined` or `cancelled` by the other side, `cancelled_here`, `closed` with the client, or a
            `chatcore.errors.ErrorCode`: `disk`, `bad_hash`, `file_idle`, `no_such_user`, ...
        message: more of it, for people; often empty.
    """

    file: str
    user: str
    name: str
    sending: bool
    code: str
    message: str
