"""Requests: each is answered where it is asked, proposed to the journal, held back, or refused."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Final, get_args

from chatcore.chat.chat import Chat
from chatcore.chat.effects import LineKind
from chatcore.chat.kept.model import Session
from chatcore.chat.requests.permissions import check_at, request_name
from chatcore.commands import (
    AccountRequest,
    BanUser,
    Command,
    DeleteMessage,
    EditMessage,
    FinishFile,
    HostRequest,
    LogIn,
    Position,
    Reacting,
    Read,
    Send,
    SendMessage,
    Traffic,
    WayRequest,
)
from chatcore.dialects.base import Answer, Request
from chatcore.errors import ErrorCode, Refusal
from chatcore.events import Accepted, InvitationMade, Posted, Refused, ServerEvent, Welcomed
from chatcore.limits import ROOM_NAME_MAX
from chatcore.ports.archive import Unreadable
from chatcore.ports.clock import Clock
from chatcore.quick import quick_replace
from chatcore.records import Act, HostActed
from chatcore.server.admission.admission import GATES, Admission, held_until
from chatcore.server.connections.catch_up import Fetch
from chatcore.server.connections.connection import Connection
from chatcore.server.connections.share import Share
from chatcore.server.files.flow import FileFlow
from chatcore.server.files.ways import FileWays
from chatcore.server.journal.proposals import Asked, Proposals
from chatcore.server.operator_log import OperatorLog
from chatcore.server.reading.looking import AboutMessage, looked_at, seq_of
from chatcore.server.reading.marks import Marks
from chatcore.server.reading.reads import Reads
from chatcore.server.reading.searching import SearchLogs
from chatcore.server.signing_in.signing_in import SigningIn
from chatcore.server.signing_in.terms import Secrets
from chatcore.text.names import name_key
from chatcore.text.reasons import refused

# A ban is compared with everybody in its room: so many are as much work as to look for a message.
_MEMBERS_PER_LOOK: Final = 20


class Requests:
    """Decides what becomes of a request, and tells its user.

    Args:
        chat: the chat, as far as the journal has brought it.
        clock: what time it is.
        new_id: gives a fresh unguessable string per call.
        log: takes lines for the operator.
        proposals: takes what changes the chat.
        flow: takes what moves files.
        ways: the ways that files go by.
        tell: tells a connection something, as the answer to a request.
        read_on: told of a connection whose requests need not wait any more.
        fetch: gets what is no longer in memory.
        secrets: what is asked of those who want in.
        search: looks for messages.
        host: has the program that the server runs in do something, and returns which settings count from its next start
            on; raises `Refusal`. None: nobody can.
        hold: lets the requests of a connection wait until that time of the monotonic clock.
    """

    def __init__(
        self,
        chat: Chat,
        clock: Clock,
        *,
        new_id: Callable[[], str],
        log: OperatorLog,
        proposals: Proposals,
        flow: FileFlow,
        ways: FileWays,
        tell: Callable[[Connection, ServerEvent, str | None], None],
        hold: Callable[[Connection, float], None],
        read_on: Callable[[Connection], None],
        fetch: Fetch | None,
        secrets: Secrets,
        search: SearchLogs,
        host: Callable[[HostRequest], tuple[str, ...]] | None,
    ) -> None:
        self.admission = Admission(chat)
        self.marks = Marks(clock, proposals.add)
        self.stopping = False
        """True when nobody gets in any more."""
        self.answers: defaultdict[type[ServerEvent], int] = defaultdict(int)  # quicker than a Counter
        """How many requests were answered with each kind of event."""
        self.refusals: Counter[str] = Counter()
        """How many were refused, by code."""
        self.looked = 0
        """How many messages were looked for that a request is about; and others looked at, by what that is as work."""
        self._chat = chat
        self._sessions = chat.state.connections
        self._clock = clock
        self._log = log
        self._proposals = proposals
        self._flow = flow
        self._ways = ways
        self._tell = tell
        self._hold = hold
        self._read_on = read_on
        self._fetch = fetch
        self._signing_in = SigningIn(
            chat,
            clock,
            new_id=new_id,
            log=log,
            proposals=proposals,
            secrets=secrets,
            before_login=self.marks.tell,
            refuse=self.refuse,
            read_on=self._read_on_after_one,
        )
        self._reads = Reads(
            chat,
            clock,
            proposals=proposals,
            marks=self.marks,
            fetch=fetch,
            search=search,
            answer_with=self._answer_with,
            read_on=self._read_on_after_one,
        )
        self._host = host
        self._handlers: dict[type[Command], Callable[[Asked, Session | None], None]] = {
            **dict.fromkeys(get_args(Send), self._send),
            **dict.fromkeys(get_args(Read), self._reads.read),
            **dict.fromkeys(self._signing_in.handlers, self._sign_in),
            **dict.fromkeys((DeleteMessage, EditMessage, *get_args(Reacting)), self._find_message),
            **dict.fromkeys((*get_args(WayRequest), *get_args(HostRequest)), self._answer_here),
            **dict.fromkeys(get_args(Traffic), self._move_file),
            FinishFile: self._finish_file,
            BanUser: self._ban,
        }
        """What becomes of each kind of request; the chat decides about all others."""

    def handle(self, connection: Connection, request: Request) -> None:
        """Answer a request, propose it, or let it wait."""
        command = request.command
        gate = GATES[type(command)]
        session = self._sessions.get(connection.number)
        allowance, now = connection.allowance, self._clock.monotonic()
        try:
            self.admission.check(allowance, session, command, gate, now, under_way=connection.under_way)
        except Refusal as refusal:
            until = held_until(allowance, connection.origin, refusal, now)
            if until is not None:
                self._hold(connection, until)
            else:
                self._proposals.order()  # what was asked before is answered before
                self.refuse(Asked(connection, request.reply_to, command), refusal)
            return
        asked = Asked(connection, request.reply_to, command)
        if allowance.budget is not None:
            asked.paid = self.admission.pay(allowance, session, command, gate)
        connection.heads = None  # what a record says of its user is newer
        self._handlers.get(type(command), self._propose)(asked, session)

    def _propose(self, asked: Asked, session: Session | None) -> None:
        """Let the chat decide, once the journal has it."""
        self._note_heard(asked, session)
        self.marks.tell()
        asked.connection.begin_request()
        self._proposals.add(Act(asked.connection.number, asked.command), asked)

    def _send(self, asked: Asked, session: Session | None) -> None:
        if type(asked.command) is SendMessage and asked.command.reply_to is not None:
            self._find_message(asked, session)
        else:
            asked.connection.begin_request(is_send=True)
            self._proposals.add(Act(asked.connection.number, asked.command), asked)

    def _note_heard(self, asked: Asked, session: Session | None) -> None:
        """Take note of what a user had been told when something was asked for that may take a while.

        A message is ordered soon, and its record says as much.
        """
        if session is not None:
            asked.connection.heads = self._chat.heads(asked.connection.number)

    def _sign_in(self, asked: Asked, session: Session | None) -> None:
        self._note_heard(asked, session)
        is_login = isinstance(asked.command, LogIn)
        if is_login and self.stopping:
            self.refuse(asked, Refusal(ErrorCode.SHUTTING_DOWN))
        elif is_login and asked.connection.is_second:
            self.refuse(asked, Refusal(ErrorCode.ALREADY_LOGGED_IN))
        else:
            self._signing_in.ask(asked)

    def _move_file(self, asked: Asked, session: Session | None) -> None:
        self._ways.move(asked.connection, asked.command)

    def _finish_file(self, asked: Asked, session: Session | None) -> None:
        if session is not None and self._flow.is_short(session, asked.command):
            self.refuse(asked, Refusal(ErrorCode.BAD_REQUEST, what="file_end"))
        else:
            self._propose(asked, session)

    def _ban(self, asked: Asked, session: Session | None) -> None:
        if session is not None and session.room is not None:
            self.looked += len(session.room.members) // _MEMBERS_PER_LOOK
        self._propose(asked, session)

    def _answer_here(self, asked: Asked, session: Session | None) -> None:
        """Answer what is asked of this node, and not of the chat."""
        command = asked.command
        ask_host, ask_ways = partial(self._ask_host, session), partial(self._ways.answer, asked.connection)
        self._answer_with(asked, partial(ask_host if isinstance(command, HostRequest) else ask_ways, command))

    def _ask_host(self, session: Session | None, command: HostRequest) -> Accepted:
        """Let the program that the server runs in do something, for an operator. Raises `Refusal`."""
        if session is None:
            raise Refusal(ErrorCode.NOT_LOGGED_IN)
        check_at(self._chat.state, session, command, self._clock.time())
        told = {"user": session.name, "request": request_name(command)}
        self._log.note(LineKind.ASKED_OF_HOST, told, session.origin.place)
        if self._host is None:
            raise Refusal(ErrorCode.FORBIDDEN, what="host")
        next_start = self._host(command)
        self._proposals.add(HostActed(request_name(command), session.name, session.origin.address))
        return Accepted(next_start=next_start)

    def _find_message(self, asked: Asked, session: Session | None) -> None:
        """Look here at the message that something is about; the record says to all nodes what was found."""
        if session is None:
            self._propose(asked, session)
            return
        command: AboutMessage = asked.command
        self._note_heard(asked, session)
        log, here = self._chat.log, session.room.name if session.room else ""
        key = name_key(here if isinstance(command, SendMessage) else command.room or here)
        if key not in self._chat.rooms:
            self._proposals.order()
            self.refuse(asked, Refusal(ErrorCode.NO_SUCH_ROOM, name=key[:ROOM_NAME_MAX]))
            return
        asked.connection.begin_request()
        self.looked += 1
        at, floor, seq = log.position(key), log.floor(key), seq_of(command)
        found = partial(self._found_message, asked, key, at)
        if self._fetch is not None and 0 < seq < floor:
            self._fetch(key, seq - 1, 1, found)
        else:
            found(log.read(key, seq - 1, 1))

    def _found_message(self, asked: Asked, key: str, at: Position, found: Sequence[Posted | Unreadable] | None) -> None:
        connection, state, time = asked.connection, self._chat.state, self._clock.time()
        answer: AboutMessage | Accepted | Refusal
        try:
            session = self._chat.session(connection.number)
            answer = looked_at(state, session, asked.command, key=key, at=at, found=found, time=time)
        except Refusal as refusal:
            answer = refusal
        except Exception as mistake:
            answer = self._mistaken(mistake)
        if isinstance(answer, AboutMessage):
            asked.command = answer
            self._proposals.add(Act(connection.number, asked.command), asked)
            return
        connection.end_request()
        self._proposals.order()
        if isinstance(answer, Refusal):
            self.refuse(asked, answer)
        else:
            self.answer(asked, answer)
        self._read_on_after_one(asked)

    def _answer_with(self, asked: Asked, making: Callable[[], ServerEvent | None]) -> None:
        """Answer with what is made, unless it comes later; whatever goes wrong meanwhile is an answer too."""
        try:
            answer = making()
        except Refusal as refusal:
            self.refuse(asked, refusal)
        except Exception as mistake:
            self.refuse(asked, self._mistaken(mistake))
        else:
            if answer is not None:
                self.answer(asked, answer)

    def _mistaken(self, mistake: Exception) -> Refusal:
        """Tell the operator of a mistake of ours; returns what to tell whoever asked."""
        self._log.note_mistake(mistake)
        return Refusal(ErrorCode.INTERNAL)

    def read_on_after(self, askers: Iterable[Asked | None]) -> None:
        """Let those be read again whose requests had to wait for what was under way."""
        for asked in askers:
            if asked is None:
                continue
            connection = asked.connection
            try:
                news = connection.machine.events_received()  # the answer may be what it waited for
            except Exception as mistake:
                connection.break_off(mistake)
                continue
            if news:
                connection.waiting += news
                connection.awaited = True
            if connection.awaited and not (connection.under_way and connection.awaits_order):
                connection.awaited = False
                self._read_on(connection)

    def _read_on_after_one(self, asked: Asked) -> None:
        self.read_on_after((asked,))

    def refuse(self, asked: Asked, refusal: Refusal) -> None:
        """Refuse a request, before it was proposed or because the journal does not keep it."""
        command, number = asked.command, asked.connection.number
        cid = command.cid if isinstance(command, Send) and self._chat.session(number) is not None else None
        self.answer(asked, refused(refusal, cid))

    def answer_for_machine(self, connection: Connection, item: Answer) -> None:
        """Let a machine answer its peer by itself, at a price."""
        allowance, now, event = connection.allowance, self._clock.monotonic(), item.event
        try:
            self.admission.pay_answer(allowance, event, now)
        except Refusal as refusal:
            until = held_until(allowance, connection.origin, refusal, now)
            if until is not None:
                self._hold(connection, until)
                return
            event = refused(refusal)
        if isinstance(event, Refused):
            self.refusals[event.code] += 1
        self._tell(connection, event, item.reply_to)

    def answer(self, asked: Asked, answer: ServerEvent, *, told: bool = False) -> None:
        """Tell somebody what became of a request; `told` when that is told as everybody is told it."""
        connection = asked.connection
        self.answers[type(answer)] += 1
        session = self._sessions.get(connection.number)
        if connection.allowance.budget is not None:
            self.admission.settle(connection.allowance, session, asked.command, answer, asked.paid)
        if told:
            return
        if not isinstance(answer, Posted):
            answer = self._noted(asked, session, answer)
        try:
            self._tell(connection, answer, asked.reply_to)
        except Exception as mistake:  # it cannot be written
            self._log.note_mistake(mistake, connection.whence)
            try:
                self._tell(connection, refused(Refusal(ErrorCode.INTERNAL)), asked.reply_to)
            except Exception as another:  # nor can that
                connection.break_off(another)

    def _noted(self, asked: Asked, session: Session | None, answer: ServerEvent) -> ServerEvent:
        """Take note of an answer that is no message; returns it with the secrets that no record has."""
        connection = asked.connection
        if isinstance(answer, Refused):
            self.refusals[answer.code] += 1
            name = "" if session is None else session.name
            told = {"user": name, "request": request_name(asked.command), "code": str(answer.code)}
            self._log.note_refusal(told, connection.number, connection.origin.place)
        elif session is not None and isinstance(asked.command, LogIn | AccountRequest):
            connection.allowance = self.admission.of_session(session, connection.allowance, self._clock.monotonic())
        if isinstance(answer, Welcomed):
            connection.share = Share()
            if asked.ticket is not None:
                answer = quick_replace(answer, token=asked.ticket.text(answer.token))
        elif isinstance(answer, InvitationMade):
            answer = replace(answer, token=asked.secret)
        return answer
