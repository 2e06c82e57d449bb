"""The end of connections: what their machines ask for last is done, and the chat is told."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from chatcore.chat.chat import Chat
from chatcore.chat.effects import LineKind
from chatcore.dialects.base import Request
from chatcore.errors import ErrorCode
from chatcore.ports.transport import CloseReason, LostReason
from chatcore.records import Gone
from chatcore.server.connections.connection import Connection
from chatcore.server.connections.outgoing import Outgoing
from chatcore.server.files.ways import FileWays
from chatcore.server.journal.proposals import Proposals
from chatcore.server.operator_log import OperatorLog
from chatcore.server.requests import Requests

# So many connections that are lost are forgotten in a turn: two milliseconds.
_AT_A_TIME: Final = 50


class Ending:
    """Ends connections that are lost or given up.

    Args:
        chat: where their sessions are.
        connections: those that there are, by number.
        log: takes lines for the operator.
        proposals: takes what changes the chat.
        requests: does what machines ask for last.
        outgoing: what is on its way to them.
        ways: the ways that files go by.
        end_turn: asks for a `go_on` at the end of the turn.
    """

    def __init__(
        self,
        chat: Chat,
        connections: dict[int, Connection],
        log: OperatorLog,
        proposals: Proposals,
        requests: Requests,
        *,
        outgoing: Outgoing,
        ways: FileWays,
        end_turn: Callable[[], None],
    ) -> None:
        self.bytes_in = 0
        """How many bytes came in on connections that are gone."""
        self._chat = chat
        self._connections = connections
        self._log = log
        self._proposals = proposals
        self._requests = requests
        self._outgoing = outgoing
        self._ways = ways
        self._end_turn = end_turn
        self._lost: deque[tuple[Connection, str]] = deque()
        """Whose links are gone, and who are not forgotten yet: a network that fails takes many at once."""
        self._left = _AT_A_TIME

    def lost(self, connection: Connection, reason: str) -> None:
        """Forget a connection whose link is gone: now, or in a later turn when it is one of many."""
        if self._connections.pop(connection.number, None) is None:
            return  # it was broken off before
        self.bytes_in += connection.bytes_in
        connection.waiting.clear()
        connection.unread = b""
        self._lost.append((connection, reason))
        self._end_turn()
        if not self._outgoing.flushing:  # where those who are written to stay as they are
            self._forget_some()

    def go_on(self) -> None:
        """Forget in another turn more of those that are lost, after those whose link or dialect has made a mistake."""
        self._left = _AT_A_TIME
        for connection, mistake in self._outgoing.take_broken():
            self._break_off(connection, mistake)
        self._forget_some()
        if self._lost:
            self._end_turn()

    def _break_off(self, connection: Connection, mistake: Exception) -> None:
        """Lose a connection: its link may have to be dropped, and need not say that it is gone."""
        self._log.note_mistake(mistake, connection.whence)
        connection.drop()
        connection.connection_lost(LostReason.INTERNAL)

    def end(self) -> None:
        """Forget all that are lost: the node leaves, and what it proposes behind that does not count."""
        self._left = len(self._lost)
        self._forget_some()

    def _forget_some(self) -> None:
        while self._lost and self._left > 0:
            self._left -= 1
            self._forget(*self._lost.popleft())

    def _forget(self, connection: Connection, reason: str) -> None:
        try:
            connection.machine.receive_eof()
            self._last_requests(connection)
        except Exception as mistake:
            self._log.note_mistake(mistake, connection.whence)
        connection.closing = CloseReason.NORMAL
        self._outgoing.forget(connection)
        self._ways.lost(connection)
        if connection.held is not None:
            connection.held.cancel()
        self._log.lost(connection.number, connection.origin.address, connection.origin.place)
        self._tell(connection, reason)

    def _tell(self, connection: Connection, reason: str) -> None:
        """Tell the chat of whose session, or login, the connection was; and the operator of another one."""
        session = self._chat.session(connection.number)
        if session is not None or connection.under_way:
            self._requests.marks.tell()
            heads = connection.heads or {}
            if session is not None and heads:
                heads = {**session.heads, **heads}  # it may be elsewhere since
            self._proposals.add(Gone(connection.number, reason, heads))
            return
        fields = {"user": "", "reason": reason, **connection.whence}
        self._log.note(LineKind.DISCONNECTED, fields, connection.origin.place)

    def given_up(self, connection: Connection, reason: CloseReason) -> None:
        """Close a connection whose machine has waited long enough: what waits for this reader waits in vain."""
        session, origin = self._chat.session(connection.number), connection.origin
        name = "" if session is None else session.name
        why = ErrorCode.UNRESPONSIVE if name else ErrorCode.LOGIN_TIMEOUT
        fields = {"user": name, "reason": why.value, "address": origin.address, "dialect": origin.dialect}
        self._log.note(LineKind.TIMED_OUT, fields)
        connection.waiting.clear()
        connection.unread = b""
        self._last_requests(connection)
        if not connection.under_way:  # or it is closed once the journal has ordered that
            self._outgoing.close(connection, reason)

    def _last_requests(self, connection: Connection) -> None:
        """Do what a machine asks for at the end by itself: one that cannot resume logs its user out."""
        for item in connection.machine.events_received():
            if isinstance(item, Request) and (connection.under_way or self._chat.session(connection.number)):
                self._requests.handle(connection, item)
