"""What is asked about files, and what carries them."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class OfferFile:
    """Offer a file to users, or to everyone else in the room."""

    to: tuple[str, ...]
    """Usernames; nobody when it is offered to the room."""
    room: bool
    """True to offer it to the room."""
    name: str
    """What the receiver may call it."""
    size: int
    """In bytes."""
    sha256: str
    """In hex, lower case."""
    ref: str | None = None
    """What the client calls this offer: while it goes on, the same one with the same `ref` is that offer, repeated."""


@dataclass(frozen=True, slots=True)
class AcceptFile:
    """Ask for a file that was offered, from `offset` on; again after a lost connection."""

    file: str
    """The id that the server gave it."""
    offset: int = 0
    """In bytes, from the beginning of the file."""


@dataclass(frozen=True, slots=True)
class DeclineFile:
    """Say that a file is not wanted."""

    file: str


@dataclass(frozen=True, slots=True)
class CancelFile:
    """End a transfer: its receiver ends its own, the sender all of the file's."""

    file: str


@dataclass(frozen=True, slots=True)
class FinishFile:
    """Say that a file has arrived and that its SHA-256 is right."""

    file: str


@dataclass(frozen=True, slots=True)
class FailFile:
    """Say that a file cannot be received, or not be sent any more."""

    file: str
    code: str
    """Why: the value of an `ErrorCode`."""
    message: str = ""
    """Why, for people."""


@dataclass(frozen=True, slots=True)
class GrantCredit:
    """Allow the bytes before `upto` to come. Not answered."""

    transfer: int
    """Number of the present run of a transfer."""
    upto: int
    """In bytes, from the beginning of the file."""


@dataclass(frozen=True, slots=True)
class SendChunk:
    """Send bytes of a file. Not answered."""

    transfer: int
    """Number of the present run of a transfer."""
    offset: int
    """Where `data` stands, in bytes from the beginning of the file."""
    data: bytes
    """At most `CHUNK_BYTES`."""


@dataclass(frozen=True, slots=True)
class TakeTicket:
    """Ask for what a second connection is recognised by."""


@dataclass(frozen=True, slots=True)
class AttachConnection:
    """Say, instead of a login, that this is the second connection of the session that was given the ticket."""

    ticket: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChooseWay:
    """Let chunks, both ways, go on the second connection from now on; or on the session's own, and close the other."""

    second: bool
