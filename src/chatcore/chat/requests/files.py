"""Files between users, on the server: who offered what to whom, and how far each transfer may go. Nothing is stored.

A file on offer has one `Transfer` per user that it was offered to. Whoever accepts gets a number for it, and with the
number credit can be granted: the sender may send up to an offset, the server passes on what keeps to it. A number
ends with the receiver's connection, so that what is still under way under it is recognised and dropped; the receiver
comes back by accepting again from the offset that it has. Offers and transfers end with the sessions of either side.
"""

from __future__ import annotations

import re
from collections import deque
from typing import Final, NamedTuple

from chatcore.chat.effects import Deliver, FlowBegun, FlowResumed, LineKind
from chatcore.chat.kept.model import Session
from chatcore.chat.kept.offers import Offer, Offers, Stage, Transfer
from chatcore.chat.slow_mode import take_turn
from chatcore.chat.state import State
from chatcore.commands import (
    AcceptFile,
    CancelFile,
    DeclineFile,
    FailFile,
    FinishFile,
    OfferFile,
)
from chatcore.errors import ErrorCode, Refusal
from chatcore.events import (
    Accepted,
    FileAccepted,
    FileBroken,
    FileCancelled,
    FileDeclined,
    FileDelivered,
    FileNews,
    FileOffered,
    FilePaused,
    OfferMade,
    ServerEvent,
    TransferBegun,
)
from chatcore.limits import FILE_NAME_BYTES
from chatcore.records import BOUNDS_FILES_BY_WHAT_HOLDS, TELLS_OFFERS_APART
from chatcore.text.file_names import is_sane_name
from chatcore.text.names import name_key

# Their names have to fit into the answer to an offer.
_MOST_RECEIVERS: Final = 1000
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_CODE: Final = re.compile(r"[a-z_]{1,32}")
_MESSAGE_CHARS: Final = 200
_EPOCH_CHARS: Final = 3
_LOST_SECONDS: Final = 60.0
"""What was told so long before a connection was lost has arrived: in that time a silent one is given up."""
_MOST_TOLD: Final = 64


class _Told(NamedTuple):
    """How a file ended, as its sender was told."""

    news: FileNews
    at: float


class Files:
    """Every file that is on offer."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.ids = 0
        """How many files were offered."""
        self.epoch = ""
        """In front of the ids: after a restart no file is called as one was before."""
        self.numbers = 0
        """How many transfers began to run."""
        self.offers = Offers()
        self.per_address_at_start = state.limits.file_transfers_per_address
        """As the last node began. It is no part of the chat: only what was recorded before keeps to it."""
        self._told: dict[Session, deque[_Told]] = {}
        """What senders were told last, which may be lost with their connections. Nothing hangs on it: a node that
        begins later does not know it, and no snapshot has it."""

    def __len__(self) -> int:
        """Return how many files are on offer."""
        return len(self.offers)

    # Requests.

    def offer(self, session: Session, command: OfferFile) -> ServerEvent:
        """Offer a file. Raises `Refusal`."""
        limits = self._state.limits
        mine = self.offers.of(session)
        for known in mine.values():
            if command.ref is not None and known.ref == command.ref and self._is_repeated(known, command):
                return self._made(known)  # the answer to the first try was lost
        if not is_sane_name(command.name):
            raise Refusal(ErrorCode.BAD_NAME, name_bytes=FILE_NAME_BYTES)
        if not _SHA256.fullmatch(command.sha256) or command.size < 0:
            raise Refusal(ErrorCode.BAD_REQUEST, what="file_form")
        if command.size > limits.file_bytes:
            raise Refusal(ErrorCode.TOO_LARGE, file_bytes=limits.file_bytes)
        if not limits.file_offers:
            raise Refusal(ErrorCode.FILE_LIMIT, what="no_files")
        receivers = self._receivers(session, command)
        if len(mine) >= limits.file_offers:
            raise Refusal(ErrorCode.FILE_LIMIT, file_offers=limits.file_offers)
        place = session.origin.place
        if not self._fit(place, len(receivers)):
            raise Refusal(ErrorCode.FILE_LIMIT, what="address")
        if self.offers.transfers + len(receivers) > limits.file_transfers_in_all:
            raise Refusal(ErrorCode.FILE_LIMIT, what="server")
        room = session.room.name if command.room and session.room is not None else None
        if room is not None:
            take_turn(self._state, session, session.room)
        self.epoch = self.epoch or self._state.new_id("files")[:_EPOCH_CHARS]
        self.ids += 1
        offer = Offer(
            file=f"{self.epoch}{self.ids}",
            sender=session,
            sender_name=session.name,
            name=command.name,
            size=command.size,
            sha256=command.sha256,
            room=room,
            ref=command.ref,
            asked_for=command.to if self._state.moment.rules >= TELLS_OFFERS_APART else None,
            place=place,
        )
        self.offers.add(offer, receivers)
        offered = _offered(offer)
        for receiver in receivers:
            self._tell(receiver, offered)
        self._state.note(
            LineKind.FILE_OFFERED, session, user=session.name, file=offer.file, size=offer.size, to=len(receivers)
        )
        return self._made(offer)

    def accept(self, session: Session, command: AcceptFile) -> ServerEvent:
        """Begin a transfer, or go on with one. Raises `Refusal`."""
        transfer = self._offered_to(session, command.file)
        offer = transfer.offer
        if not 0 <= command.offset <= offer.size:
            raise Refusal(ErrorCode.BAD_REQUEST, size=offer.size)
        if transfer.stage is Stage.OFFERED:
            most = self._state.limits.file_transfers
            if self.offers.busy(session) >= most:
                raise Refusal(ErrorCode.FILE_LIMIT, file_transfers=most)
            if self.offers.busy(offer.sender) >= most:
                raise Refusal(ErrorCode.FILE_LIMIT, name=offer.sender.name, file_transfers=most)
        self.numbers += 1
        number = self.numbers
        self.offers.run(transfer, number, command.offset)
        self._tell(offer.sender, FileAccepted(offer.file, transfer.user, number, command.offset))
        self._state.emit(FlowBegun(transfer))
        self._state.note(LineKind.FILE_ACCEPTED, session, user=session.name, file=offer.file, offset=command.offset)
        return TransferBegun(offer.file, number, command.offset)

    def decline(self, session: Session, command: DeclineFile) -> ServerEvent:
        """Take a user off an offer. Raises `Refusal`."""
        transfer = self._offered_to(session, command.file)
        self._over(transfer, FileDeclined(command.file, transfer.user), None)
        return Accepted()

    def cancel(self, session: Session, command: CancelFile) -> ServerEvent:
        """End a transfer, or an offer and all its transfers. Raises `Refusal`."""
        offer = self.offers.of(session).get(command.file)
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
        if transfer.stage is Stage.OFFERED:
            raise Refusal(ErrorCode.BAD_REQUEST, what="file_end")
        self._over(transfer, FileDelivered(command.file, transfer.user), None)
        self._state.note(
            LineKind.FILE_DELIVERED, session, user=session.name, file=command.file, size=transfer.offer.size
        )
        return Accepted()

    def fail(self, session: Session, command: FailFile) -> ServerEvent:
        """Take note that one side cannot go on. Raises `Refusal`."""
        code = command.code if _CODE.fullmatch(command.code) else ErrorCode.INTERNAL.value
        message = command.message[:_MESSAGE_CHARS]
        offer = self.offers.of(session).get(command.file)
        if offer is None:
            transfer = self._offered_to(session, command.file)
            self._over(transfer, FileBroken(command.file, transfer.user, code, message), None)
        else:
            for transfer in list(offer.transfers.values()):
                self._over(transfer, None, FileBroken(offer.file, offer.sender_name, code, message))
        self._state.note(LineKind.FILE_FAILED, session, user=session.name, file=command.file, code=code)
        return Accepted()

    def break_off(self, number: int, code: str, message: str) -> None:
        """End a transfer that cannot go on, through nobody's word."""
        transfer = self.offers.running.get(number)
        if transfer is None:
            return
        offer = transfer.offer
        self._state.note(LineKind.FILE_FAILED, transfer.receiver, user=transfer.user, file=offer.file, code=code)
        self._over(
            transfer,
            FileBroken(offer.file, transfer.user, code, message),
            FileBroken(offer.file, offer.sender_name, code, message),
        )

    # What the nodes that pass the chunks on have to know.

    def running(self, number: int) -> Transfer | None:
        """Return the transfer that runs under a number."""
        return self.offers.running.get(number)

    def received_by(self, session: Session, file: str) -> Transfer | None:
        """Return what becomes of a file that is on offer to a user."""
        return self.offers.to(session).get(file)

    # What happens to sessions.

    def lost(self, session: Session) -> None:
        """Take note that a session has lost its connection."""
        told = self._told.get(session)
        while told and told[0].at < self._state.moment.clock - _LOST_SECONDS:
            told.popleft()
        for transfer in self.offers.to(session).values():
            self._suspend(transfer)
        for offer in self.offers.of(session).values():
            for transfer in offer.transfers.values():
                if transfer.stage is Stage.RUNNING:
                    self._tell(transfer.receiver, FilePaused(offer.file, offer.sender_name))

    def returned(self, session: Session) -> None:
        """Tell a session on a new connection where its files are, and again what it may not have heard."""
        for each in self._told.pop(session, ()):
            self._tell_end(session, each.news)
        for transfer in self.offers.to(session).values():
            self._suspend(transfer)
            self._tell(session, _offered(transfer.offer))
        for offer in list(self.offers.of(session).values()):
            for news in self.offers.take_ended(offer):
                self._tell_end(session, news)
            for transfer in offer.transfers.values():
                if transfer.stage is Stage.RUNNING:
                    self._state.emit(FlowResumed(transfer))
                elif transfer.stage is Stage.WAITING:
                    self._tell(session, FilePaused(offer.file, transfer.user))

    def ended(self, session: Session) -> None:
        """Take note that a session is over, and everything that it offers or receives with it."""
        self._told.pop(session, None)
        for transfer in list(self.offers.to(session).values()):
            text = f"{transfer.user} has left"
            self._over(transfer, FileBroken(transfer.offer.file, transfer.user, ErrorCode.NO_SUCH_USER, text), None)
        for offer in list(self.offers.of(session).values()):
            gone = FileBroken(offer.file, offer.sender_name, ErrorCode.NO_SUCH_FILE, f"{offer.sender_name} has left")
            self.offers.take_ended(offer)  # there is nobody left to tell
            for transfer in list(offer.transfers.values()):
                self._over(transfer, None, gone)

    # Helpers.

    def _fit(self, place: str, count: int) -> bool:
        """Tell whether the files of one place may have so many more transfers."""
        most = self._state.limits.file_transfers_per_address
        if self._state.moment.rules < BOUNDS_FILES_BY_WHAT_HOLDS:
            most = self.per_address_at_start
        return not most or not place or self.offers.places[place] + count <= most

    def _is_repeated(self, known: Offer, command: OfferFile) -> bool:
        """Tell whether that offer is asked for again: a later program may call another one by the same `ref`."""
        if self._state.moment.rules < TELLS_OFFERS_APART:
            return True
        file, room = (known.name, known.size, known.sha256), known.room is not None
        if (command.name, command.size, command.sha256) != file or command.room is not room:
            return False
        return known.asked_for is None or known.asked_for == command.to

    def _receivers(self, session: Session, command: OfferFile) -> list[Session]:
        state = self._state
        if command.room:
            assert session.room is not None  # gate: logged in
            members = session.room.members
            # Who is away may not come back, and a name costs nothing.
            found = [each for each in members if each is not session and each.connection is not None]
            found = [each for each in found if each.origin.carries_files]
            if not found:
                raise Refusal(ErrorCode.NO_SUCH_USER, what="file_receiver")
            if len(found) > _MOST_RECEIVERS:
                raise Refusal(ErrorCode.TOO_LARGE, file_receivers=_MOST_RECEIVERS)
            return found
        if len(command.to) > state.limits.recipients:
            raise Refusal(ErrorCode.TOO_LARGE, file_receivers=state.limits.recipients)
        named = {name_key(name): state.find_user(name) for name in command.to}  # all or nobody
        named.pop(session.key, None)
        if not named:
            raise Refusal(ErrorCode.BAD_REQUEST, what="no_file_receiver")
        for receiver in named.values():
            if not receiver.origin.carries_files:
                raise Refusal(ErrorCode.NO_FILES, name=receiver.name)
        return list(named.values())

    def _made(self, offer: Offer) -> OfferMade:
        return OfferMade(offer.file, tuple(transfer.user for transfer in offer.transfers.values()))

    def _offered_to(self, session: Session, file: str) -> Transfer:
        transfer = self.offers.to(session).get(file)
        if transfer is None:
            raise Refusal(ErrorCode.NO_SUCH_FILE)
        return transfer

    def _tell(self, session: Session, event: FileNews) -> None:
        if session.connection is not None:
            self._state.emit(Deliver(session.connection, event))

    def _suspend(self, transfer: Transfer) -> None:
        if transfer.stage is Stage.RUNNING:
            self.offers.suspend(transfer)
            self._tell(transfer.offer.sender, FilePaused(transfer.offer.file, transfer.user))

    def _over(self, transfer: Transfer, to_sender: FileNews | None, to_receiver: FileNews | None) -> None:
        """End a transfer. A sender that is away is told when it is back; a receiver finds out by asking."""
        sender = transfer.offer.sender
        self.offers.end(transfer, to_sender if sender.connection is None else None)
        if to_receiver is not None:
            self._tell(transfer.receiver, to_receiver)
        if to_sender is not None and sender.connection is not None:
            self._tell_end(sender, to_sender)

    def _tell_end(self, sender: Session, news: FileNews) -> None:
        """Tell a sender how a file ended, and remember that for as long as it may be lost on its way."""
        self._tell(sender, news)
        told = self._told.setdefault(sender, deque(maxlen=_MOST_TOLD))
        told.append(_Told(news, self._state.moment.clock))


def _offered(offer: Offer) -> FileOffered:
    return FileOffered(
        file=offer.file,
        sender=offer.sender_name,
        name=offer.name,
        size=offer.size,
        sha256=offer.sha256,
        room=offer.room,
        bot=offer.sender.is_bot,
    )
