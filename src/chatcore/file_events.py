"""Events about files between users. What the server tells comes first, then what only a client program sees.

A file has the id `file` for as long as the server knows it. Users are called as they were when it was offered.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOffered:
    """Somebody wants to send a file. Told again after a resume; the same `file` is the same offer."""

    file: str
    sender: str
    name: str
    """What its sender calls it: a suggestion."""
    size: int
    """In bytes."""
    sha256: str
    """In hex, lower case."""
    room: str | None = None
    """The room whose members it was offered to; None when it was offered to users by name."""


@dataclass(frozen=True, slots=True)
class OfferMade:
    """Reply to `OfferFile`."""

    file: str
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TransferBegun:
    """Reply to `AcceptFile`: chunks of this transfer begin at `offset`, once there is credit."""

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
    """Client side: how far a transfer has come. At most a few times a second, and when something else changes."""

    file: str
    user: str
    """The other side."""
    name: str
    size: int
    done: int
    """Bytes that are sent, or safe on disk."""
    sending: bool
    rate: float
    """Bytes a second over the last few seconds."""
    left: float | None
    """Seconds that are left at this rate; None when it stands still."""
    state: str
    """`running`, or `paused` while one side has no connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReceived:
    """Client side: a file is complete, checked and in its place."""

    file: str
    user: str
    """Its sender."""
    name: str
    size: int
    place: str
    """Where it is: a path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSent:
    """Client side: a user has the whole file."""

    file: str
    user: str
    name: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFailed:
    """Client side: a file will not come, or not arrive."""

    file: str
    user: str
    """The other side."""
    name: str
    sending: bool
    code: str
    """`declined`, `cancelled`, `disk`, or an error code."""
    message: str
