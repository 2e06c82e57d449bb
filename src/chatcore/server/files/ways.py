"""The ways of files' bytes to and from a session: on its own connection, or on a second one that carries nothing else.

A second connection shows a ticket instead of a login. It belongs to the connection of the session that was given the
ticket, and ends with it; which of the two chunks go by is said on the session's own, in its turn among the requests, so
that both sides know what was lost: what comes by the other way is dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hmac import compare_digest
from typing import Final, NamedTuple

from chatcore.chat.chat import Chat
from chatcore.chat.kept.model import Session
from chatcore.chat.kept.offers import Stage
from chatcore.commands import AttachConnection, ChooseWay, SendChunk, TakeTicket, Traffic, WayRequest
from chatcore.errors import ErrorCode, Refusal
from chatcore.events import Accepted, ConnectionAttached, ServerEvent, TicketGiven
from chatcore.ports.clock import Clock
from chatcore.ports.transport import CloseReason
from chatcore.server.connections.connection import Connection, Way
from chatcore.server.files.flow import FileFlow
from chatcore.server.journal.tickets import hashed

TICKET_SECONDS: Final = 15.0
"""For how long a ticket is good."""
_NUMBER_DIGITS: Final = 20


class _Given(NamedTuple):
    """A ticket that was given out."""

    secret: str
    """Its hash."""
    session: Session
    until: float


_NO_SECRET: Final = hashed("")


class FileWays:
    """Every ticket and every second connection of this node.

    Args:
        chat: who is logged in.
        connections: all of this node's, by number.
        clock: what time it is.
        new_id: gives a fresh unguessable string per call.
        flow: the transfers that run.
        close: closes a connection.
    """

    def __init__(
        self,
        chat: Chat,
        connections: Mapping[int, Connection],
        clock: Clock,
        *,
        new_id: Callable[[], str],
        flow: FileFlow,
        close: Callable[[Connection, CloseReason], None],
    ) -> None:
        self._chat = chat
        self._sessions = chat.state.connections
        self._connections = connections
        self._clock = clock
        self._new_id = new_id
        self._flow = flow
        self._close = close
        self._tickets: dict[int, _Given] = {}
        """The last one of each connection that has asked, by its number."""

    def answer(self, connection: Connection, command: WayRequest) -> ServerEvent:
        """Do what is asked. Raises `Refusal`."""
        if isinstance(command, AttachConnection):
            return self._attach(connection, command)
        session = self._sessions.get(connection.number)
        if session is None:
            raise Refusal(ErrorCode.NOT_LOGGED_IN)
        if isinstance(command, TakeTicket):
            return self._give_ticket(connection, session)
        return self._choose(connection, session, command)

    def move(self, connection: Connection, command: Traffic) -> None:
        """Do what a user says about a transfer; a chunk has to come by the way that its session has chosen."""
        way, number = connection.way, connection.number
        if way is not None:
            if way.carrier is not connection and isinstance(command, SendChunk):
                return
            number = way.main.number
        session = self._sessions.get(number)
        if session is not None:
            self._flow.move(session, command)

    def lost(self, connection: Connection) -> None:
        """Take note that a connection is gone; a second one goes with its session's own."""
        self._tickets.pop(connection.number, None)
        way = connection.way
        if way is not None and way.main is connection:
            self._close(way.second, CloseReason.NORMAL)

    def _give_ticket(self, connection: Connection, session: Session) -> TicketGiven:
        secret = self._new_id()
        self._tickets[connection.number] = _Given(hashed(secret), session, self._clock.monotonic() + TICKET_SECONDS)
        return TicketGiven(f"{connection.number}.{secret}", TICKET_SECONDS)

    def _attach(self, connection: Connection, command: AttachConnection) -> ConnectionAttached:
        if connection.number in self._sessions or connection.way is not None:
            raise Refusal(ErrorCode.ALREADY_LOGGED_IN)
        number, _, secret = command.ticket.partition(".")
        key = int(number) if number.isascii() and number.isdecimal() and len(number) <= _NUMBER_DIGITS else 0
        given = self._tickets.get(key)
        right = compare_digest(hashed(secret), _NO_SECRET if given is None else given.secret)
        if not right or given is None or self._clock.monotonic() >= given.until:
            raise Refusal(ErrorCode.NOT_ALLOWED, what="ticket")
        del self._tickets[key]
        main = self._connections.get(key)
        if main is None or main.closing is not None or self._sessions.get(key) is not given.session:
            raise Refusal(ErrorCode.NOT_ALLOWED, what="ticket")
        if main.way is not None:
            if main.way.chosen:  # its session has to say first that nothing more goes there
                raise Refusal(ErrorCode.BAD_REQUEST)
            self._close(main.way.second, CloseReason.NORMAL)
        connection.way = main.way = Way(main, connection)
        connection.share = main.share
        return ConnectionAttached()

    def _choose(self, connection: Connection, session: Session, command: ChooseWay) -> Accepted:
        way = connection.way
        if command.second:
            if way is None or way.second.closing is not None:
                raise Refusal(ErrorCode.BAD_REQUEST)
            way.chosen = True
        elif way is not None:
            connection.way = None
            self._close(way.second, CloseReason.NORMAL)
        for offer in self._chat.files.offers.of(session).values():
            for transfer in offer.transfers.values():
                if transfer.stage is Stage.RUNNING:
                    self._flow.tell_again(transfer)
        return Accepted()
