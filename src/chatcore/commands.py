"""Commands: what a user asks of the chat, in the imperative. A dialect makes them from bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from chatcore.message_commands import DeleteMessage as DeleteMessage  # noqa: PLC0414
from chatcore.message_commands import EditMessage as EditMessage  # noqa: PLC0414
from chatcore.message_commands import MarkRead as MarkRead  # noqa: PLC0414
from chatcore.message_commands import React as React  # noqa: PLC0414
from chatcore.message_commands import Search as Search  # noqa: PLC0414
from chatcore.message_commands import Unreact as Unreact  # noqa: PLC0414
from chatcore.way_commands import AttachConnection, ChooseWay, TakeTicket


class Position(NamedTuple):
    """A place in a log: everything up to and including `seq` of `epoch` is known."""

    epoch: str
    """Changes whenever the log may have lost something; positions of different epochs do not compare."""
    seq: int
    """Number of the last known entry, 0 before the first one."""
    changes: int | None = 0
    """How often something has become of entries, as far as that is known too; None when nobody has said."""


@dataclass(frozen=True, slots=True)
class LogIn:
    """Take a username, or take a session back with its token."""

    username: str
    client: str | None = None
    """Persistent random id of the client program, the owner of its `cid`s."""
    token: str | None = None
    """Proof of an earlier login; with it the session is resumed."""
    since: Mapping[str, Position] = field(default_factory=dict)
    """Last known position per log: a room's name, `@` (direct messages) or `*` (broadcasts)."""
    password: str | None = field(default=None, repr=False)
    """That of the account, where there is an `account`; otherwise that of the server, and where it has none, of the
    account that the username belongs to. Never part of a record, and nor is what follows."""
    account: str | None = None
    """Name of the account whose owner logs in."""
    server_password: str | None = field(default=None, repr=False)
    """That of the server, beside one of an account."""
    invitation: str | None = field(default=None, repr=False)
    """What an invitation says, instead of the password of the server."""
    operator_token: str | None = field(default=None, repr=False)
    """That of the operators, who come in without the password of the server and without an account."""
    bot: bool = False
    """True when a program answers by itself, and says so."""


@dataclass(frozen=True, slots=True)
class RegisterAccount:
    """Let the present name be the user's for good, by a password; again with another one to change it."""

    password: str | None = field(default=None, repr=False)
    """A record has none, only what `hashed` says of it; and so it is below."""
    hashed: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Identify:
    """Show that an account is the user's."""

    password: str | None = field(default=None, repr=False)
    account: str | None = None
    """Its name; None for the present name."""
    stamp: int = 0
    """`Account.stamp` of the account whose password it was; found out where it is asked."""


@dataclass(frozen=True, slots=True)
class ResetAccount:
    """Give an account another password, or make one; whoever was in by it is out."""

    username: str
    password: str | None = field(default=None, repr=False)
    hashed: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class MakeInvitation:
    """Make a text that lets people in, to be passed on in a link."""

    uses: int = 1
    """How many logins it is good for."""
    seconds: int | None = None
    """For how long; None for ever."""
    room: str | None = None
    """Name of a room that it opens too, if that is private then."""
    hashed: str = ""
    """What stands in the record instead of the text."""


@dataclass(frozen=True, slots=True)
class RevokeInvitation:
    """Let an invitation let in nobody any more."""

    number: int


@dataclass(frozen=True, slots=True)
class ListInvitations:
    """Ask which invitations there are."""

    after: int = 0
    """Continue behind the one with this number."""


@dataclass(frozen=True, slots=True)
class DropAccount:
    """Let a name belong to nobody any more; whoever was in by its account is out."""

    username: str


@dataclass(frozen=True, slots=True)
class LogOut:
    """End the session now; name and room are given up at once."""


@dataclass(frozen=True, slots=True)
class CreateRoom:
    """Create a room and enter it."""

    room: str


@dataclass(frozen=True, slots=True)
class JoinRoom:
    """Enter a room and leave the present one."""

    room: str
    since: Position | None = None
    """Last known position of that room's log; what came after it is replayed."""


@dataclass(frozen=True, slots=True)
class LeaveRoom:
    """Go back to the default room."""


@dataclass(frozen=True, slots=True)
class SendMessage:
    """Say something in the room the sender is in."""

    text: str
    cid: int | None = None
    """The client's own number of this send: 1, 2, 3, ... over all its sends, of whatever kind."""
    room: str | None = None
    """Where the sender believes to be; the message is refused when that is not so."""
    reply_to: int | None = None
    """Seq of the message of the room that it answers."""
    epoch: str = ""
    """Of the log that this is of, in another one there is no such message; empty for the present one. In a record: of
    that in which it was found, or empty when it was not."""


@dataclass(frozen=True, slots=True)
class SendDirect:
    """Say something to one or several users, wherever they are."""

    to: tuple[str, ...]
    text: str
    cid: int | None = None


@dataclass(frozen=True, slots=True)
class SendBroadcast:
    """Say something to everyone connected."""

    text: str
    cid: int | None = None


@dataclass(frozen=True, slots=True)
class Rename:
    """Change the username and keep everything else."""

    username: str


@dataclass(frozen=True, slots=True)
class ListRooms:
    """Ask which rooms there are."""

    after: str | None = None
    """Continue behind this name."""


@dataclass(frozen=True, slots=True)
class ListUsers:
    """Ask who is there."""

    room: str | None = None
    """A room's name; None for everywhere."""
    after: str | None = None
    """Continue behind this name."""


@dataclass(frozen=True, slots=True)
class WhoIs:
    """Ask about one user."""

    username: str


@dataclass(frozen=True, slots=True)
class ReadHistory:
    """Ask for the newest entries of a log, for older ones (`before`) or for missed ones (`after`)."""

    room: str
    """A log: a room's name, `@` (direct messages) or `*` (broadcasts)."""
    before: int | None = None
    """Only entries with a lower seq; not looked at when there is an `after`."""
    after: int | None = None
    """Only entries with a higher seq, from the oldest of them on."""
    limit: int = 50
    """Most entries in the answer; it may have fewer than there are, by their number or length."""


@dataclass(frozen=True, slots=True)
class SetTopic:
    """Say what a room is about. Of this and what follows, `room` is the room where it counts; None: the present one."""

    topic: str
    """Empty for none."""
    room: str | None = None


@dataclass(frozen=True, slots=True)
class SetRole:
    """Let a user of a room be its `owner`, `moderator` or `member`. A new owner takes the place of the old one."""

    username: str
    role: str
    room: str | None = None


@dataclass(frozen=True, slots=True)
class KickUser:
    """Put a user out of a room; out of the default room, that is out of the server."""

    username: str
    reason: str = ""
    room: str | None = None


@dataclass(frozen=True, slots=True)
class BanUser:
    """Put a user out of a room, and do not let that user in again; by name also one who is not there."""

    username: str
    seconds: int | None = None
    """For how long; None for ever."""
    reason: str = ""
    address: bool = False
    """True to keep out whoever comes from the same network address, too."""
    room: str | None = None


@dataclass(frozen=True, slots=True)
class UnbanUser:
    """Let a user in again."""

    username: str
    room: str | None = None


@dataclass(frozen=True, slots=True)
class MuteUser:
    """Let a user listen only."""

    username: str
    seconds: int | None = None
    """For how long; None for ever."""
    reason: str = ""
    room: str | None = None


@dataclass(frozen=True, slots=True)
class UnmuteUser:
    """Let a user speak again."""

    username: str
    room: str | None = None


@dataclass(frozen=True, slots=True)
class InviteUser:
    """Let a user into a private room."""

    username: str
    room: str | None = None


@dataclass(frozen=True, slots=True)
class SetPrivate:
    """Let nobody in but who is invited, or everybody again; who is there stays and may come back."""

    private: bool
    room: str | None = None


@dataclass(frozen=True, slots=True)
class SetSlow:
    """Let each member say something every so many seconds only; 0 for as they like."""

    seconds: int
    room: str | None = None


@dataclass(frozen=True, slots=True)
class CloseRoom:
    """Put everybody into the default room; the room is gone, and what was said in it."""

    reason: str = ""
    room: str | None = None


@dataclass(frozen=True, slots=True)
class BecomeOperator:
    """Look after the whole server."""

    token: str | None = None
    """What only operators know. A record has none: it was looked at where it came in."""


@dataclass(frozen=True, slots=True)
class ListActs:
    """Ask what was done in rooms, and by whom."""

    after: int = 0
    """Continue behind the one with this number."""


@dataclass(frozen=True, slots=True)
class ListBans:
    """Ask who is banned from a room or muted there."""

    room: str | None = None
    after: int = 0
    """Continue behind the one with this number."""


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
    """What the client calls this offer: one with a `ref` that the session used before is the same offer, repeated."""


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


Send = SendMessage | SendDirect | SendBroadcast
"""What is numbered by a `cid`, appended to a log and acknowledged."""

Read = ListInvitations | ListRooms | ListUsers | WhoIs | ReadHistory | ListBans | ListActs | MarkRead | Search
"""What changes nothing: it is answered where it is asked, and stands in no journal. How far somebody has read is told
to the journal later, for many at a time (`chatcore.records.HaveRead`)."""

Moderation = (
    SetTopic
    | SetRole
    | KickUser
    | BanUser
    | UnbanUser
    | MuteUser
    | UnmuteUser
    | InviteUser
    | SetPrivate
    | SetSlow
    | CloseRoom
    | DeleteMessage
    | EditMessage
)
"""What those do who look after a room."""

FileRequest = OfferFile | AcceptFile | DeclineFile | CancelFile | FinishFile | FailFile
"""What is asked about files and answered."""

Traffic = GrantCredit | SendChunk
"""What keeps a transfer going, without an answer and without its user."""

Reacting = React | Unreact
"""What is put below a message."""

WayRequest = TakeTicket | AttachConnection | ChooseWay
"""What is asked about a second connection, and answered by the node that the session's connection is at."""

AccountRequest = RegisterAccount | Identify | ResetAccount
"""What is asked with a password, which is looked at before anything is proposed."""

Command = (
    LogIn
    | LogOut
    | BecomeOperator
    | AccountRequest
    | DropAccount
    | MakeInvitation
    | RevokeInvitation
    | CreateRoom
    | JoinRoom
    | LeaveRoom
    | Send
    | Rename
    | Moderation
    | Reacting
    | Read
    | FileRequest
    | Traffic
    | WayRequest
)
