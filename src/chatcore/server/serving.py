"""Serving: what users ask for is done, as much as a turn allows, and the rest later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeGuard

from chatcore.commands import SendMessage
from chatcore.dialects.base import Answer, Request
from chatcore.server.connections.connection import Connection
from chatcore.server.connections.outgoing import Outgoing
from chatcore.server.connections.turns import AMONG_OTHERS, Turns, expected_of
from chatcore.server.journal.proposals import Proposals
from chatcore.server.requests import Requests

# So many messages of one connection are ordered together, if they came together, while nobody waits.
_IN_A_ROW: Final = 32
# So many steps of a turn it is to look for a message, and at it.
_LOOK: Final = 2
# And to be told something as all others are: a step, and one for the bytes. Of those that are ordered together, one.
_ALIKE: Final = 2


class Serving:
    """Serves connections, each in its turn.

    Args:
        turns: how much is done, and who goes first.
        requests: what becomes of a request.
        proposals: takes what changes the chat.
        outgoing: what goes out.
        after: told of a connection that was served.
        end_turn: asks for `serve_queue` at the end of the turn.
    """

    def __init__(
        self,
        turns: Turns,
        requests: Requests,
        proposals: Proposals,
        outgoing: Outgoing,
        *,
        after: Callable[[Connection], None],
        end_turn: Callable[[], None],
    ) -> None:
        self._turns = turns
        self._requests = requests
        self._proposals = proposals
        self._outgoing = outgoing
        self._after = after
        self._end_turn = end_turn
        self._seen = 0
        """Steps that were counted for somebody, or for a turn."""

    @property
    def _steps(self) -> int:
        """How many steps were done so far."""
        outgoing = self._outgoing
        return outgoing.told + outgoing.done + _ALIKE * outgoing.alike + _LOOK * self._requests.looked

    def serve(self, connection: Connection, size: int) -> None:
        """Do what the user asked for, as long as the reader keeps up: as much as a turn allows, the rest later.

        `size` bytes have come. Who has brought nothing but what is only looked at waits for a turn to bring more.
        """
        if connection.queued:
            return
        self._end_turn()
        try:
            if not connection.has_more:
                self._turns.note_noise(connection, size)
                if size and connection.is_read and not self._turns.allow(connection):
                    self._turns.queue(connection)
            while connection.has_more and self._turns.allow(connection):
                self._do_next(connection)
            self._after(connection)
            self._go_on_later(connection)
        except Exception as mistake:
            connection.break_off(mistake)

    def _do_next(self, connection: Connection) -> None:
        """Do what the user asked for next."""
        if not connection.waiting:
            self._turns.note_looks(connection, connection.read_piece())
            return
        before, steps = connection.outlet.own_bytes, self._steps
        # What a journal orders later is counted when it is ordered: till then it is what it is expected to be.
        least = 0 if self._proposals.at_once else expected_of(connection)
        is_room_message = _is_room_message(connection.waiting[0]) and connection.closing is None
        count = self._do_messages(connection) if is_room_message else self._do_one(connection)
        if count:
            connection.waiting += connection.machine.events_received()  # the answer may be what it waited for
            answered = connection.outlet.own_bytes - before
            done = self._steps - steps
            self._seen += done
            if is_room_message and self._proposals.at_once:
                done -= _ALIKE * (count - 1)
            self._turns.note_requests(connection, count, answered, done, least)
            self._outgoing.flush_much(connection)

    def _do_messages(self, connection: Connection) -> int:
        """Do what the user says to the room, a few messages at a time: one batch. Returns how many were not held."""
        waiting, count = connection.waiting, 0
        most = AMONG_OTHERS if self._turns else _IN_A_ROW
        self._proposals.gather()
        try:
            while waiting and count < most:
                item = waiting[0]
                if not _is_room_message(item):
                    break
                del waiting[0]
                self._requests.handle(connection, item)
                if connection.held is not None:
                    waiting.insert(0, item)
                    break
                count += 1
        finally:
            self._proposals.order()
        return count

    def _do_one(self, connection: Connection) -> int:
        """Do one other thing that the user asked for. Returns 0 when it is held."""
        item = connection.waiting.pop(0)
        if isinstance(item, Request):
            if connection.closing is None:  # or it was taken over, or told to go: what it says is void
                self._requests.handle(connection, item)
        elif connection.machine.close_expected() is None:
            self._requests.answer_for_machine(connection, item)
        else:
            connection.tell(item.event, item.reply_to)  # its last words
        if connection.held is not None:
            connection.waiting.insert(0, item)
            return 0
        return 1

    def _go_on_later(self, connection: Connection) -> None:
        """Let a connection that wants more than this turn allows wait for another one."""
        if connection.has_more:
            self._turns.queue(connection)
            self._end_turn()
        elif connection.under_way and connection.awaits_order:
            connection.awaited = True
            connection.pause_reading()

    def serve_queue(self) -> None:
        """Begin another turn with those who wait for it; what it has left is for what comes in next."""
        seen, self._seen = self._seen, self._steps
        for connection in self._turns.begin(self._seen - seen):
            try:
                self._serve_queued(connection)
            except Exception as mistake:
                connection.break_off(mistake)
        if self._turns:
            self._end_turn()

    def _serve_queued(self, connection: Connection) -> None:
        if connection.has_more:
            self._do_next(connection)
        elif connection.is_read:
            self._turns.expect_noise(connection)
        self._after(connection)
        if connection.has_more:
            self._turns.queue(connection)
        elif connection.is_read:
            connection.resume_reading()
        else:
            connection.awaited = bool(connection.under_way)


def _is_room_message(item: Request | Answer) -> TypeGuard[Request]:
    """Tell whether it is said to the room, and nothing has to be looked at before that."""
    return isinstance(item, Request) and type(item.command) is SendMessage and item.command.reply_to is None
