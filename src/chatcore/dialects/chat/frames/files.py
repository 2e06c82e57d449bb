"""The frames about files, as pydantic models."""

# Annotations are no texts here: pydantic would compile each of them at every start.

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from chatcore.dialects.chat.frames.base import ByBot, RequestFrame, ServerFrame
from chatcore.limits import CHUNK_BYTES, MAX_INTEGER

FileId = Annotated[str, Field(max_length=64, description="What the server calls the file.")]
Number = Annotated[int, Field(ge=1, le=MAX_INTEGER, description="Number of one run of one transfer; never used again.")]
Offset = Annotated[int, Field(ge=0, le=MAX_INTEGER, description="In bytes, from the beginning of the file.")]
Other = Annotated[str, Field(alias="from", description="The other side, as it was called at the time of the offer.")]
Ref = Annotated[
    str,
    Field(
        max_length=64,
        description="What the sender calls this offer, never used again in its session, also by a later program. The "
        "same offer with the same `ref` is no second one, as long as the first goes on.",
    ),
]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="In hex, lower case.")]


class FileOffer(RequestFrame):
    """Offer a file to users (`to`), or to everyone else in the room (`room`: true). Answered by `file_offered`."""

    type: Literal["file_offer"] = "file_offer"
    to: list[str] | str = Field([])
    room: bool = False
    name: str = Field(description="A suggestion: at most `limits.file_name_bytes` of UTF-8, no control characters.")
    size: Offset
    sha256: Sha256
    ref: Ref | None = None


class FileAccept(RequestFrame):
    """Ask for a file from `offset` on, for the first time or again. Answered by `file_transfer`."""

    type: Literal["file_accept"] = "file_accept"
    file: FileId
    offset: Offset = 0


class FileDecline(RequestFrame):
    """Say that a file is not wanted. Answered by `ok`."""

    type: Literal["file_decline"] = "file_decline"
    file: FileId


class FileCancel(RequestFrame):
    """End a transfer: its receiver ends its own, the sender all of the file's. Answered by `ok`."""

    type: Literal["file_cancel"] = "file_cancel"
    file: FileId


class FileDone(RequestFrame):
    """From the receiver: everything has arrived, and its SHA-256 is right. Answered by `ok`."""

    type: Literal["file_done"] = "file_done"
    file: FileId


class FileError(RequestFrame):
    """From either side: it cannot go on (`bad_hash`, `disk`, `no_space`); name nothing local. Answered by `ok`."""

    type: Literal["file_error"] = "file_error"
    file: FileId
    code: str
    message: str = ""


class FileCredit(RequestFrame):
    """From the receiver: the bytes before `upto` may come. Not answered."""

    type: Literal["file_credit"] = "file_credit"
    transfer: Number
    upto: Offset


class FileChunk(RequestFrame):
    """On a byte stream, both ways: as many raw `bytes` of the file as it says follow behind its line end. Not answered.

    Over WebSocket a chunk is a binary message instead: a byte 1, `transfer` in 4 bytes and `offset` in 8 (both big
    endian), and the bytes of the file.
    """

    sent_by: ClassVar[str] = "both"
    type: Literal["file_chunk"] = "file_chunk"
    transfer: Number
    offset: Offset
    bytes: int = Field(ge=1, le=CHUNK_BYTES)


class FileTicket(RequestFrame):
    """Ask for what a second connection is recognised by. Answered by `file_ticket`."""

    type: Literal["file_ticket"] = "file_ticket"


class FileAttach(RequestFrame):
    """On a new connection, instead of a login: chunks of that session may go here. Answered by `file_attached`."""

    type: Literal["file_attach"] = "file_attach"
    ticket: Annotated[str, Field(max_length=128)]


class FileWay(RequestFrame):
    """On the session's own connection: chunks go on the second one, or here again. Answered by `ok`.

    Before it come `file_accept` and `file_credit` for each file that is under way from this user: how far it is.
    """

    type: Literal["file_way"] = "file_way"
    second: bool


class OfferedFile(ServerFrame):
    """Somebody offers a file. Told again after a resume; the same `file` is the same offer."""

    type: Literal["file_offer"] = "file_offer"
    file: FileId
    sender: str = Field(alias="from")
    name: str = Field(description="A suggestion of the sender's; take directories, devices and the like out of it.")
    size: Offset
    sha256: Sha256
    room: str | None = Field(None, description="Set when it was offered to everyone in that room.")
    bot: ByBot = False


class OfferMade(ServerFrame):
    """The file is on offer: what it is called, and who was asked."""

    type: Literal["file_offered"] = "file_offered"
    file: FileId
    to: list[str]


class TransferBegun(ServerFrame):
    """Grant credit for this number (`file_credit`), and chunks come, from `offset` on."""

    type: Literal["file_transfer"] = "file_transfer"
    file: FileId
    transfer: Number
    offset: Offset


class AcceptedFile(ServerFrame):
    """To the sender: `from` wants the file, from `offset` on, under this number and no earlier one."""

    type: Literal["file_accept"] = "file_accept"
    file: FileId
    user: Other
    transfer: Number
    offset: Offset


class Credit(ServerFrame):
    """To the sender: the bytes before `upto` may be sent."""

    type: Literal["file_credit"] = "file_credit"
    transfer: Number
    upto: Offset


class PausedFile(ServerFrame):
    """The other side has lost its connection: send no more until it goes on."""

    type: Literal["file_pause"] = "file_pause"
    file: FileId
    user: Other


class DeclinedFile(ServerFrame):
    """To the sender: `from` does not want the file."""

    type: Literal["file_decline"] = "file_decline"
    file: FileId
    user: Other


class CancelledFile(ServerFrame):
    """The other side does not want to go on."""

    type: Literal["file_cancel"] = "file_cancel"
    file: FileId
    user: Other


class DeliveredFile(ServerFrame):
    """To the sender: `from` has the whole file, and its SHA-256 is right."""

    type: Literal["file_done"] = "file_done"
    file: FileId
    user: Other


class BrokenFile(ServerFrame):
    """The transfer, or the offer, is over: a limit, a mistake, or the other side is gone."""

    type: Literal["file_error"] = "file_error"
    file: FileId
    user: Other
    code: str
    message: str = ""


class GivenTicket(ServerFrame):
    """A secret, good for one second connection of this session, for so many seconds."""

    type: Literal["file_ticket"] = "file_ticket"
    ticket: str
    seconds: float


class Attached(ServerFrame):
    """This is the second connection of that session: nothing but chunks goes here."""

    type: Literal["file_attached"] = "file_attached"


REQUESTS: tuple[type[RequestFrame], ...] = (
    FileOffer, FileAccept, FileDecline, FileCancel, FileDone, FileError, FileCredit, FileChunk, FileTicket,
    FileAttach, FileWay,
)  # fmt: skip
SERVER_FRAMES: tuple[type[ServerFrame], ...] = (
    OfferedFile, OfferMade, TransferBegun, AcceptedFile, Credit, PausedFile, DeclinedFile, CancelledFile,
    DeliveredFile, BrokenFile, GivenTicket, Attached,
)  # fmt: skip
