"""Files on their way through this node: how far each may go, and what ends one that does not move.

How far a transfer is stands in no journal: it is known where the chunks pass, and nothing that the chat decides hangs
on it. Only its end is a record.

Where sender and receiver are at two nodes, the sender's passes chunks on to the receiver's, which knows how far the
transfer is, and says so again now and then. What is lost in between shows when the next chunk, or the answer to that,
does not begin where the last one ended.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from functools import partial
from typing import Final

from chatcore.chat.chat import Chat
from chatcore.chat.effects import NODE_BITS
from chatcore.chat.kept.model import Session
from chatcore.chat.kept.offers import Stage, Transfer
from chatcore.commands import FinishFile, GrantCredit, SendChunk, Traffic
from chatcore.errors import ErrorCode
from chatcore.events import ChunkReceived, CreditGranted, FileAccepted, ServerEvent
from chatcore.limits import CHUNK_BYTES
from chatcore.ports.clock import Clock
from chatcore.ports.courier import Courier
from chatcore.records import FlowBroken
from chatcore.server.files.parcels import Kind, Parcel, unpack

# After so many seconds without a move the receiver's node says again how far it is: what it said may be lost.
_SAY_AGAIN: Final = 2.0


class FileFlow:
    """Every transfer that runs.

    Args:
        chat: who offers what to whom.
        connections: the numbers of those of this node.
        clock: what time it is.
        tell: sends an event to one connection.
        grant: the same of credit, by the way that the chunks come.
        relay: sends a chunk to one connection, behind what the chat has to say to it.
        propose: takes the end of a transfer.
        courier: the way to the other nodes; None without any.
    """

    def __init__(
        self,
        chat: Chat,
        connections: Container[int | None],
        clock: Clock,
        *,
        tell: Callable[[int, ServerEvent], None],
        grant: Callable[[int, CreditGranted], None],
        relay: Callable[[int, ChunkReceived], None],
        propose: Callable[[FlowBroken], None],
        courier: Courier | None,
    ) -> None:
        self._chat = chat
        self._here = connections
        self._clock = clock
        self._tell = tell
        self._tell_granted = grant
        self._relay = relay
        self._propose = propose
        self._courier = courier

    # What the journal says.

    def begun(self, transfer: Transfer) -> None:
        """Let a transfer run."""
        transfer.moved_at = self._clock.monotonic()
        transfer.asked = False
        transfer.passed_on = transfer.receiver.connection in self._here
        if transfer.passed_on:
            self._watch(transfer, transfer.number)
        elif transfer.offer.sender.connection in self._here:
            self._carry(transfer, Kind.ASK)  # credit may have come before this node knew of it

    def resumed(self, transfer: Transfer) -> None:
        """Have a sender that is back, here or elsewhere, told how far a transfer is."""
        transfer.moved_at = self._clock.monotonic()
        sender_is_here = transfer.offer.sender.connection in self._here
        transfer.asked = sender_is_here and transfer.receiver.connection not in self._here
        if transfer.asked:
            self._carry(transfer, Kind.ASK)
        elif sender_is_here:
            self.tell_again(transfer)
        elif transfer.receiver.connection in self._here:
            self._say_how_far(transfer)

    def tell_again(self, transfer: Transfer) -> None:
        """Tell a sender of this node how far a transfer is, to go on from there; later when another node has to say."""
        connection = transfer.offer.sender.connection
        if connection is None or transfer.asked:
            return
        self._tell(connection, FileAccepted(transfer.offer.file, transfer.user, transfer.number, transfer.offset))
        if transfer.upto > transfer.offset:
            self._tell(connection, CreditGranted(transfer.number, transfer.upto))

    # What keeps a transfer going. What comes too late is no mistake of anybody's.

    def move(self, session: Session, command: Traffic) -> None:
        """Do what a user says about a transfer."""
        if isinstance(command, GrantCredit):
            self._grant(session, command)
        else:
            self._chunk(session, command)

    def _grant(self, session: Session, command: GrantCredit) -> None:
        """Let the sender go further, within the window."""
        transfer = self._chat.files.running(command.transfer)
        if transfer is None or transfer.receiver is not session:
            return
        most = min(transfer.offer.size, transfer.offset + self._chat.limits.file_window_bytes)
        upto = min(command.upto, most)
        if upto > transfer.upto:
            transfer.moved_at = self._clock.monotonic()
            self._granted(transfer, upto)

    def _granted(self, transfer: Transfer, upto: int) -> None:
        transfer.upto = upto
        connection = transfer.offer.sender.connection
        if connection is None:
            return
        if connection in self._here:
            self._tell_granted(connection, CreditGranted(transfer.number, upto))
        else:
            self._say_how_far(transfer)

    def _chunk(self, session: Session, command: SendChunk) -> None:
        """Pass on a chunk. One without credit ends its transfer."""
        transfer = self._chat.files.running(command.transfer)
        if transfer is None or transfer.offer.sender is not session:
            return
        if transfer.asked or not command.data or not _fits(transfer, command.offset, command.data):
            self._break(transfer, ErrorCode.BAD_CHUNK, "a chunk was sent without credit, or out of its order")
        else:
            self._pass_on(transfer, command.data)

    def _pass_on(self, transfer: Transfer, data: bytes) -> None:
        offset = transfer.offset
        transfer.offset += len(data)
        transfer.moved_at = self._clock.monotonic()
        connection = transfer.receiver.connection
        assert connection is not None  # or it would not run
        if connection in self._here:
            self._relay(connection, ChunkReceived(transfer.number, offset, data))
        else:
            self._carry(transfer, Kind.CHUNK, offset, data=data)

    def is_short(self, session: Session, command: FinishFile) -> bool:
        """Tell whether less of a file was passed on to a user than it has, as far as this node can know.

        A user may have come back to it with all of a file that came by another one.
        """
        transfer = self._chat.files.received_by(session, command.file)
        return transfer is not None and transfer.passed_on and transfer.offset != transfer.offer.size

    # Between two nodes.

    def take(self, data: bytes) -> None:
        """Take what another node says of a transfer."""
        parcel = unpack(data)
        transfer = None if parcel is None else self._chat.files.running(parcel.transfer)
        if parcel is None or transfer is None or transfer.offer.sender.connection != parcel.connection:
            return  # one of the two does not know yet what has become of it; both will ask again
        if parcel.kind is Kind.STANDING:
            if parcel.connection in self._here:
                self._heard_how_far(transfer, parcel)
        elif transfer.receiver.connection not in self._here:
            return
        elif parcel.kind is Kind.ASK:
            self._say_how_far(transfer)
        elif not _fits(transfer, parcel.offset, parcel.data):
            self._break(transfer, ErrorCode.CHUNK_LOST, "a part of it was lost between two servers")
        elif parcel.data:
            self._pass_on(transfer, parcel.data)

    def _heard_how_far(self, transfer: Transfer, parcel: Parcel) -> None:
        if transfer.asked:
            transfer.asked = False
            transfer.offset, transfer.upto = parcel.offset, parcel.upto
            self.tell_again(transfer)
        elif parcel.upto > transfer.upto:
            self._granted(transfer, parcel.upto)
        else:  # nothing new: it waits for what this node may have passed on
            self._carry(transfer, Kind.CHUNK, transfer.offset)

    def _say_how_far(self, transfer: Transfer) -> None:
        self._carry(transfer, Kind.STANDING, transfer.offset, transfer.upto)

    def _carry(self, transfer: Transfer, kind: Kind, offset: int = 0, upto: int = 0, data: bytes = b"") -> None:
        sender = transfer.offer.sender.connection
        to = sender if kind is Kind.STANDING else transfer.receiver.connection
        if self._courier is not None and sender is not None and to is not None:
            self._courier.carry(to >> NODE_BITS, Parcel(kind, transfer.number, sender, offset, upto, data).pack())

    # What ends it.

    def _break(self, transfer: Transfer, code: ErrorCode, text: str) -> None:
        """Have a run ended, once."""
        if transfer.broken != transfer.number:
            transfer.broken = transfer.number
            self._propose(FlowBroken(transfer.number, code, text))

    def _watch(self, transfer: Transfer, number: int) -> None:
        """End this run of a transfer when nothing has moved for too long; look again when that may be so."""
        if transfer.stage is not Stage.RUNNING or transfer.number != number:
            return
        idle, now = self._chat.limits.file_idle, self._clock.monotonic()
        sender = transfer.offer.sender.connection
        if sender is None:
            transfer.moved_at = now  # for so long its grace period counts
        elif now >= transfer.moved_at + idle:
            self._break(transfer, ErrorCode.FILE_IDLE, f"nothing moved for {idle:g} seconds")
            return
        elif sender not in self._here and now >= transfer.moved_at + _SAY_AGAIN:
            self._say_how_far(transfer)
        look_at = transfer.moved_at + idle
        if self._courier is not None:
            look_at = min(look_at, now + _SAY_AGAIN)
        self._clock.call_at(look_at, partial(self._watch, transfer, number))


def _fits(transfer: Transfer, offset: int, data: bytes) -> bool:
    """Tell whether a chunk is the next one, and within the credit."""
    return offset == transfer.offset and offset + len(data) <= transfer.upto and len(data) <= CHUNK_BYTES
