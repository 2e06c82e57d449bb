"""Files on their way through this node: how far each may go, and what ends one that does not move.

How far a transfer is stands in no journal: it is known where the chunks pass, and nothing that the chat decides hangs
on it. Only its end is a record.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from chatcore.chat.chat import Chat
from chatcore.chat.kept.model import Session
from chatcore.chat.kept.offers import Stage, Transfer
from chatcore.commands import FinishFile, GrantCredit, SendChunk, Traffic
from chatcore.errors import ErrorCode
from chatcore.events import ChunkReceived, CreditGranted, FileAccepted, ServerEvent
from chatcore.limits import CHUNK_BYTES
from chatcore.ports.clock import Clock
from chatcore.records import FlowBroken


class FileFlow:
    """Every transfer that runs.

    Args:
        chat: who offers what to whom.
        clock: what time it is.
        tell: sends an event to one connection.
        grant: the same of credit, by the way that the chunks come.
        relay: sends a chunk to one connection, behind what the chat has to say to it.
        propose: takes the end of a transfer.
    """

    def __init__(
        self,
        chat: Chat,
        clock: Clock,
        *,
        tell: Callable[[int, ServerEvent], None],
        grant: Callable[[int, CreditGranted], None],
        relay: Callable[[int, ChunkReceived], None],
        propose: Callable[[FlowBroken], None],
    ) -> None:
        self._chat = chat
        self._limits = chat.limits
        self._clock = clock
        self._tell = tell
        self._tell_granted = grant
        self._relay = relay
        self._propose = propose

    def begun(self, transfer: Transfer) -> None:
        """Let a transfer run."""
        transfer.moved_at = self._clock.monotonic()
        self._watch(transfer, transfer.number)

    def resumed(self, transfer: Transfer) -> None:
        """Tell a sender that is back how far a transfer is."""
        transfer.moved_at = self._clock.monotonic()
        connection = transfer.offer.sender.connection
        if connection is None:
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
        most = min(transfer.offer.size, transfer.offset + self._limits.file_window_bytes)
        upto = min(command.upto, most)
        if upto > transfer.upto:
            transfer.upto = upto
            transfer.moved_at = self._clock.monotonic()
            if transfer.offer.sender.connection is not None:
                self._tell_granted(transfer.offer.sender.connection, CreditGranted(transfer.number, upto))

    def _chunk(self, session: Session, command: SendChunk) -> None:
        """Pass on a chunk. One without credit ends its transfer."""
        transfer = self._chat.files.running(command.transfer)
        if transfer is None or transfer.offer.sender is not session:
            return
        size = len(command.data)
        end = command.offset + size
        if command.offset != transfer.offset or end > transfer.upto or not 0 < size <= CHUNK_BYTES:
            text = "a chunk was sent without credit, or out of its order"
            self._propose(FlowBroken(transfer.number, ErrorCode.BAD_CHUNK, text))
            return
        transfer.offset = end
        transfer.moved_at = self._clock.monotonic()
        assert transfer.receiver.connection is not None  # or it would not run
        self._relay(transfer.receiver.connection, ChunkReceived(transfer.number, command.offset, command.data))

    def is_short(self, session: Session, command: FinishFile) -> bool:
        """Tell whether less of a file was passed on to a user than it has."""
        transfer = self._chat.files.received_by(session, command.file)
        return transfer is not None and transfer.offset != transfer.offer.size

    def _watch(self, transfer: Transfer, number: int) -> None:
        """End this run of a transfer when nothing has moved for too long; look again when that may be so."""
        if transfer.stage is not Stage.RUNNING or transfer.number != number:
            return
        idle, now = self._limits.file_idle, self._clock.monotonic()
        if transfer.offer.sender.connection is None:
            transfer.moved_at = now  # for so long its grace period counts
        elif now >= transfer.moved_at + idle:
            text = f"nothing moved for {idle:g} seconds"
            self._propose(FlowBroken(transfer.number, ErrorCode.FILE_IDLE, text))
            return
        self._clock.call_at(transfer.moved_at + idle, partial(self._watch, transfer, number))
