"""Files between users, on the server: who offered what to whom, and how far each transfer may go. Nothing is stored.

A file on offer has one `Transfer` per user that it was offered to. Whoever accepts gets a number for it, and with the
number credit can be granted: the sender may send up to an offset, the server passes on what keeps to it. A number
ends with the receiver's connection, so that what is still under way under it is recognised and dropped; the receiver
comes back by accepting again from the offset that it has. Offers and transfers end with the sessions of either side.
"""

from __future__ import annotations

import re
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Final

from chatcore.chat.budget import take_token
from chatcore.chat.effects import Deliver, Relay
from chatcore.chat.model import Session
from chatcore.chat.offers import Offer, Offers, Stage, Transfer
from chatcore.chat.token_bucket import TokenBucket
from chatcore.commands import (
    AcceptFile,
    CancelFile,
    DeclineFile,
    FailFile,
    FinishFile,
    GrantCredit,
    OfferFile,
    SendChunk,
)
from chatcore.errors import ErrorCode, Refusal
from chatcore.events import Accepted, ServerEvent
from chatcore.file_events import (
    ChunkReceived,
    CreditGranted,
    FileAccepted,
    FileBroken,
    FileCancelled,
    FileDeclined,
    FileDelivered,
    FileNews,
    FileOffered,
    FilePaused,
    OfferMade,
    TransferBegun,
)
from chatcore.limits import CHUNK_BYTES, FILE_NAME_BYTES
from chatcore.text.file_names import is_sane_name
from chatcore.text.names import name_key

if TYPE_CHECKING:
    from chatcore.chat.chat import Chat

# Their names have to fit into the answer to an offer.
_MOST_RECEIVERS: Final = 1000
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_CODE: Final = re.compile(r"[a-z_]{1,32}")
_MESSAGE_CHARS: Final = 200
_EPOCH_CHARS: Final = 3


class Files:
    """Every file that is on offer."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        self._ids = count(1)
        self._epoch = ""
        """In front of the ids: after a restart no file is called as one was before."""
        self._numbers = count(1)
        self._offers = Offers(chat.limits.file_transfers_per_address)

    def __len__(self) -> int:
        """Return how many files are on offer."""
        return len(self._offers)

    # Requests.

    def offer(self, session: Session, command: OfferFile) -> ServerEvent:
        """Offer a file. Raises `Refusal`."""
        self._spend_rate(session)
        limits = self._chat.limits
        mine = self._offers.of(session)
        for known in mine.values():
            if command.ref is not None and known.ref == command.ref:
                return self._made(known)  # the answer to the first try was lost
        if not is_sane_name(command.name):
            text = f"the name of a file has 1 to {FILE_NAME_BYTES} bytes and no control characters"
            raise Refusal(ErrorCode.BAD_NAME, text)
        if not _SHA256.fullmatch(command.sha256) or command.size < 0:
            raise Refusal(ErrorCode.BAD_REQUEST, "a file has a size and a SHA-256 of 64 hex digits in lower case")
        if command.size > limits.file_bytes:
            raise Refusal(ErrorCode.TOO_LARGE, f"a file has at most {limits.file_bytes} bytes here")
        if not limits.file_offers:
            raise Refusal(ErrorCode.FILE_LIMIT, "this server passes on no files")
        receivers = self._receivers(session, command)
        if len(mine) >= limits.file_offers:
            raise Refusal(ErrorCode.FILE_LIMIT, f"you may have {limits.file_offers} files on offer at a time")
        place = session.origin.place
        if not self._offers.places.fits(place, len(receivers)):
            raise Refusal(ErrorCode.FILE_LIMIT, "too many files of your network address are on offer; try again later")
        if self._offers.transfers + len(receivers) > limits.file_transfers_in_all:
            raise Refusal(ErrorCode.FILE_LIMIT, "too many files are on offer here; try again later")
        room = session.room.name if command.room and session.room is not None else None
        self._epoch = self._epoch or self._chat.new_id()[:_EPOCH_CHARS]
        offer = Offer(
            file=f"{self._epoch}{next(self._ids)}",
            sender=session,
            sender_name=session.name,
            name=command.name,
            size=command.size,
            sha256=command.sha256,
            room=room,
            ref=command.ref,
            place=place,
        )
        self._offers.add(offer, receivers)
        for receiver in receivers:
            self._tell(receiver, _offered(offer))
        self._chat.record("file_offered", user=session.name, file=offer.file, size=offer.size, to=len(receivers))
        return self._made(offer)

    def accept(self, session: Session, command: AcceptFile) -> ServerEvent:
        """Begin a transfer, or go on with one. Raises `Refusal`."""
        self._spend_rate(session)
        transfer = self._offered_to(session, command.file)
        offer = transfer.offer
        if not 0 <= command.offset <= offer.size:
            raise Refusal(ErrorCode.BAD_REQUEST, f"the file has {offer.size} bytes")
        if transfer.stage is Stage.OFFERED:
            most = self._chat.limits.file_transfers
            if self._offers.busy(session) >= most:
                raise Refusal(ErrorCode.FILE_LIMIT, f"you may have {most} files on their way at a time")
            if self._offers.busy(offer.sender) >= most:
                text = f"{offer.sender.name} has {most} files on their way already; try again later"
                raise Refusal(ErrorCode.FILE_LIMIT, text)
        number = next(self._numbers)
        self._offers.run(transfer, number, command.offset)
        transfer.moved_at = self._chat.now
        self._tell(offer.sender, FileAccepted(offer.file, transfer.user, number, command.offset))
        self._watch(transfer, number)
        self._chat.record("file_accepted", user=session.name, file=offer.file, offset=command.offset)
        return TransferBegun(offer.file, number, command.offset)

    def decline(self, session: Session, command: DeclineFile) -> ServerEvent:
        """Take a user off an offer. Raises `Refusal`."""
        transfer = self._offered_to(session, command.file)
        self._over(transfer, FileDeclined(command.file, transfer.user), None)
        return Accepted()

    def cancel(self, session: Session, command: CancelFile) -> ServerEvent:
        """End a transfer, or an offer and all its transfers. Raises `Refusal`."""
        offer = self._offers.of(session).get(command.file)
        if offer is None:
            transfer = self._offered_to(session, command.file)
            self._over(transfer, FileCancelled(command.file, transfer.user), None)
        else:
            for transfer in list(offer.transfers.values()):
                self._over(transfer, None, FileCancelled(offer.file, offer.sender_name))
        return Accepted()

    def finish(self, session: Session, command: FinishFile) -> ServerEvent:
        """Take note that a file has arrived. Raises `Refusal`."""
        transfer = self._offered_to(session, command.file)
        if transfer.stage is Stage.OFFERED or transfer.offset != transfer.offer.size:
            raise Refusal(ErrorCode.BAD_REQUEST, "the file was not sent to its end")
        self._over(transfer, FileDelivered(command.file, transfer.user), None)
        self._chat.record("file_delivered", user=session.name, file=command.file, size=transfer.offer.size)
        return Accepted()

    def fail(self, session: Session, command: FailFile) -> ServerEvent:
        """Take note that one side cannot go on. Raises `Refusal`."""
        self._spend_rate(session)
        code = command.code if _CODE.fullmatch(command.code) else ErrorCode.INTERNAL.value
        message = command.message[:_MESSAGE_CHARS]
        offer = self._offers.of(session).get(command.file)
        if offer is None:
            transfer = self._offered_to(session, command.file)
            self._over(transfer, FileBroken(command.file, transfer.user, code, message), None)
        else:
            for transfer in list(offer.transfers.values()):
                self._over(transfer, None, FileBroken(offer.file, offer.sender_name, code, message))
        self._chat.record("file_failed", user=session.name, file=command.file, code=code)
        return Accepted()

    # What keeps a transfer going. What comes too late is no mistake of anybody's.

    def grant(self, session: Session, command: GrantCredit) -> None:
        """Let the sender go further, within the window."""
        transfer = self._offers.running.get(command.transfer)
        if transfer is None or transfer.receiver is not session:
            return
        most = min(transfer.offer.size, transfer.offset + self._chat.limits.file_window_bytes)
        upto = min(command.upto, most)
        if upto > transfer.upto:
            transfer.upto = upto
            transfer.moved_at = self._chat.now
            self._tell(transfer.offer.sender, CreditGranted(transfer.number, upto))

    def chunk(self, session: Session, command: SendChunk) -> None:
        """Pass on a chunk. One without credit ends its transfer."""
        transfer = self._offers.running.get(command.transfer)
        if transfer is None or transfer.offer.sender is not session:
            return
        size = len(command.data)
        end = command.offset + size
        if command.offset != transfer.offset or end > transfer.upto or not 0 < size <= CHUNK_BYTES:
            self._break(transfer, ErrorCode.BAD_CHUNK, "a chunk was sent without credit, or out of its order")
            return
        transfer.offset = end
        transfer.moved_at = self._chat.now
        assert transfer.receiver.connection is not None  # or it would not run
        event = ChunkReceived(transfer.number, command.offset, command.data)
        self._chat.emit(Relay(transfer.receiver.connection, event))

    # What happens to sessions.

    def lost(self, session: Session) -> None:
        """Take note that a session has lost its connection."""
        for transfer in self._offers.to(session).values():
            self._suspend(transfer)
        for offer in self._offers.of(session).values():
            for transfer in offer.transfers.values():
                if transfer.stage is Stage.RUNNING:
                    self._tell(transfer.receiver, FilePaused(offer.file, offer.sender_name))

    def returned(self, session: Session) -> None:
        """Tell a session on a new connection where its files are."""
        for transfer in self._offers.to(session).values():
            self._suspend(transfer)
            self._tell(session, _offered(transfer.offer))
        for offer in list(self._offers.of(session).values()):
            for transfer in list(offer.transfers.values()):
                if transfer.outcome is not None:
                    self._tell(session, transfer.outcome)
                    self._offers.forget(transfer)
                elif transfer.stage is Stage.RUNNING:
                    transfer.moved_at = self._chat.now
                    self._tell(session, FileAccepted(offer.file, transfer.user, transfer.number, transfer.offset))
                    if transfer.upto > transfer.offset:
                        self._tell(session, CreditGranted(transfer.number, transfer.upto))
                elif transfer.stage is Stage.WAITING:
                    self._tell(session, FilePaused(offer.file, transfer.user))

    def ended(self, session: Session) -> None:
        """Take note that a session is over, and everything that it offers or receives with it."""
        for transfer in list(self._offers.to(session).values()):
            text = f"{transfer.user} has left"
            self._over(transfer, FileBroken(transfer.offer.file, transfer.user, ErrorCode.NO_SUCH_USER, text), None)
        for offer in list(self._offers.of(session).values()):
            gone = FileBroken(offer.file, offer.sender_name, ErrorCode.NO_SUCH_FILE, f"{offer.sender_name} has left")
            for transfer in list(offer.transfers.values()):
                if transfer.stage is Stage.OVER:
                    self._offers.forget(transfer)  # its receiver knows, and there is nobody left to tell
                else:
                    self._over(transfer, None, gone)

    # Helpers.

    def _receivers(self, session: Session, command: OfferFile) -> list[Session]:
        chat = self._chat
        if command.room:
            assert session.room is not None  # gate: logged in
            members = session.room.members
            # Who is away may not come back, and a name costs nothing.
            found = [each for each in members if each is not session and each.connection is not None]
            found = [each for each in found if each.origin.carries_files]
            if not found:
                raise Refusal(ErrorCode.NO_SUCH_USER, "nobody else in this room can receive files now")
            if len(found) > _MOST_RECEIVERS:
                raise Refusal(ErrorCode.TOO_LARGE, f"a file goes to at most {_MOST_RECEIVERS} users")
            return found
        if len(command.to) > chat.limits.recipients:
            raise Refusal(ErrorCode.TOO_LARGE, f"a file goes to at most {chat.limits.recipients} named users")
        named = {name_key(name): chat.find_user(name) for name in command.to}  # all or nobody
        named.pop(session.key, None)
        if not named:
            raise Refusal(ErrorCode.BAD_REQUEST, "a file needs somebody else to go to")
        for receiver in named.values():
            if not receiver.origin.carries_files:
                raise Refusal(ErrorCode.NO_FILES, f"the program of {receiver.name} cannot receive files")
        return list(named.values())

    def _made(self, offer: Offer) -> OfferMade:
        return OfferMade(offer.file, tuple(transfer.user for transfer in offer.transfers.values()))

    def _offered_to(self, session: Session, file: str) -> Transfer:
        transfer = self._offers.to(session).get(file)
        if transfer is None:
            raise Refusal(ErrorCode.NO_SUCH_FILE, "this file is not on offer, or not any more")
        return transfer

    def _spend_rate(self, session: Session) -> None:
        limits, now = self._chat.limits, self._chat.now
        if session.file_rate is None:
            session.file_rate = TokenBucket(limits.file_requests_per_second, limits.file_request_burst, now)
        take_token(session.file_rate, now, "too many files at once")

    def _tell(self, session: Session, event: FileNews) -> None:
        if session.connection is not None:
            self._chat.emit(Deliver(session.connection, event))

    def _suspend(self, transfer: Transfer) -> None:
        if transfer.stage is Stage.RUNNING:
            self._offers.suspend(transfer)
            self._tell(transfer.offer.sender, FilePaused(transfer.offer.file, transfer.user))

    def _watch(self, transfer: Transfer, number: int) -> None:
        """End this run of a transfer when nothing has moved for too long; look again when that may be so."""
        if transfer.stage is not Stage.RUNNING or transfer.number != number:
            return
        idle = self._chat.limits.file_idle
        if transfer.offer.sender.connection is None:
            transfer.moved_at = self._chat.now  # for so long its grace period counts
        elif self._chat.now >= transfer.moved_at + idle:
            self._break(transfer, ErrorCode.FILE_IDLE, f"nothing moved for {idle:g} seconds")
            return
        self._chat.call_at(transfer.moved_at + idle, partial(self._watch, transfer, number))

    def _break(self, transfer: Transfer, code: ErrorCode, message: str) -> None:
        offer = transfer.offer
        self._chat.record("file_failed", user=transfer.user, file=offer.file, code=code.value)
        self._over(
            transfer,
            FileBroken(offer.file, transfer.user, code, message),
            FileBroken(offer.file, offer.sender_name, code, message),
        )

    def _over(self, transfer: Transfer, to_sender: FileNews | None, to_receiver: FileNews | None) -> None:
        """End a transfer. A sender that is away is told when it is back; a receiver finds out by asking."""
        self._offers.end(transfer)
        if to_receiver is not None:
            self._tell(transfer.receiver, to_receiver)
        sender = transfer.offer.sender
        if to_sender is not None and sender.connection is None:
            transfer.outcome = to_sender
            return
        if to_sender is not None:
            self._tell(sender, to_sender)
        self._offers.forget(transfer)


def _offered(offer: Offer) -> FileOffered:
    return FileOffered(
        file=offer.file,
        sender=offer.sender_name,
        name=offer.name,
        size=offer.size,
        sha256=offer.sha256,
        room=offer.room,
    )
