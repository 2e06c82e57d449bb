"""What may be proposed, and what a request costs. Decided where its connection is, before anything is written down.

A small request costs a token of its session's budget, a message a fraction, a long answer more, by its length. What
comes when there is none left is refused with the time after which it succeeds; a peer that knows no such refusals, or
that had its fill of them, is held back instead: its request waits, and what is behind it with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, get_args

from chatcore.chat.chat import Chat
from chatcore.chat.kept.model import Account, Session
from chatcore.chat.kept.paces import Pace
from chatcore.commands import (
    AcceptFile,
    AccountRequest,
    AttachConnection,
    BecomeOperator,
    CancelFile,
    ChooseWay,
    Command,
    CreateRoom,
    DeclineFile,
    DrainServer,
    DropAccount,
    EditMessage,
    FailFile,
    FinishFile,
    JoinRoom,
    LeaveRoom,
    LogIn,
    LogOut,
    MakeInvitation,
    MarkRead,
    Moderation,
    OfferFile,
    Reacting,
    Read,
    ReadHistory,
    ReloadSettings,
    Rename,
    RevokeInvitation,
    Search,
    Send,
    SendBroadcast,
    SendDirect,
    SendMessage,
    TakeTicket,
    Traffic,
)
from chatcore.errors import ErrorCode, Refusal
from chatcore.events import (
    HistoryRead,
    OfferMade,
    PingAnswered,
    Posted,
    Refused,
    RoomEntered,
    RoomsListed,
    ServerEvent,
    UsersListed,
)
from chatcore.records import Origin
from chatcore.server.admission.budget import Budget, Budgets, take_token
from chatcore.server.admission.token_bucket import TokenBucket

# What requests cost, in tokens; all others cost one.
_LOGIN: Final = 10.0
_SEND: Final = 0.1
_PING: Final = 0.1
_MARK: Final = 0.1
_SEARCH: Final = 5.0
# What is added for each entry, line or name of the answer, and for each user that hears of it.
_ENTRY: Final = 1 / 25
_LINE: Final = 1 / 100
_ROOM_LINE: Final = 1 / 50
_MEMBER: Final = 1 / 150
_RECIPIENT: Final = 1 / 10
_HEARER: Final = 1 / 250
# What is added for a message that comes too soon in a slow room.
_TOO_SOON: Final = 1.0
# What everybody in the room is told of, beside messages.
_TOLD: Final = (Rename, *get_args(Moderation), *get_args(Reacting))
_SENDS: Final = (SendMessage, SendDirect, SendBroadcast)


@dataclass(frozen=True, slots=True)
class Gate:
    """What stands before a kind of request."""

    price: float = 1.0
    """What it costs at least, in tokens."""
    is_free: bool = False
    """True when it costs nothing, however much else was asked for."""
    is_send: bool = False
    is_read: bool = False
    """True when it changes nothing: it is answered where it is asked, and stands in no journal."""
    is_file: bool = False
    """True when it counts among the offers of files and the answers to them."""


GATES: Final[Mapping[type[Command], Gate]] = {
    # What somebody could guess.
    **dict.fromkeys((LogIn, BecomeOperator, AttachConnection, *get_args(AccountRequest)), Gate(_LOGIN)),
    # The last one, and what moves a file, which has windows of its own.
    **dict.fromkeys((LogOut, *get_args(Traffic)), Gate(0.0, is_free=True)),
    **dict.fromkeys(get_args(Send), Gate(_SEND, is_send=True)),
    **dict.fromkeys(get_args(Read), Gate(is_read=True)),
    MarkRead: Gate(_MARK, is_read=True),
    Search: Gate(_SEARCH, is_read=True),
    **dict.fromkeys((OfferFile, AcceptFile, FailFile), Gate(is_file=True)),
    **dict.fromkeys((*get_args(Moderation), *get_args(Reacting)), Gate()),
    **dict.fromkeys((CreateRoom, JoinRoom, LeaveRoom, Rename, DropAccount), Gate()),
    **dict.fromkeys((MakeInvitation, RevokeInvitation, ReloadSettings, DrainServer), Gate()),
    **dict.fromkeys((DeclineFile, CancelFile, FinishFile, TakeTicket, ChooseWay), Gate()),
}


@dataclass(slots=True)
class Allowance:
    """What one guest, or the owner of an account in all sessions, may ask for; or one connection before its login."""

    budget: Budget | None = None
    """None for no limit."""
    pace: Pace | None = None
    """What it goes by; None before the login."""
    before: Budget | None = None
    """What it had before there was no limit, and goes on with once there is one again."""
    sends: TokenBucket | None = None
    """How often it may send; None before it first counts."""
    files: TokenBucket | None = None
    """How often it may offer a file or answer an offer; None before it first counts."""


class Admission:
    """Gives everybody an allowance, and takes from it.

    Args:
        chat: who is logged in, and what was sent before.
    """

    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        self._state = chat.state
        self._budgets = Budgets(chat.limits)
        self._of: dict[Account | int, Allowance] = {}
        """By account, or by the number of a guest's session."""
        chat.state.followers.append(self)

    def change(self, now: float) -> None:
        """Go by the limits that hold now; what was spent before counts on."""
        self._budgets.change(self._chat.limits, now)

    def of_connection(self, origin: Origin, now: float) -> Allowance:
        """Return what a new connection may ask for."""
        return Allowance(self._budgets.of_newcomer(origin, now))

    def of_session(self, session: Session, before: Allowance, now: float) -> Allowance:
        """Return what a session may ask for on the connection that it has now, which had `before`.

        It is what its owner had left elsewhere; or, of a guest who has just shown whose the session is, what he had.
        """
        as_guest = self._of.pop(session.number, None)
        known = self._of.setdefault(session.account or session.number, as_guest or Allowance())
        if known.pace is None:
            self._set_pace(known, session, now)
        elif known.budget is not None and before.budget is not None:
            known.budget.address = before.budget.address
        return known

    def _set_pace(self, allowance: Allowance, session: Session, now: float) -> None:
        """Go by what holds for a user from now on; what was asked for before counts on."""
        pace = allowance.pace = self._state.paces.of(session)
        allowance.before = allowance.budget or allowance.before
        allowance.budget = None
        if pace.requests_per_second:
            allowance.budget = allowance.before or self._budgets.of(session.origin, pace, now)
            allowance.budget.change(pace, now)
            allowance.budget.address = self._budgets.of_place(session.origin.place, now)
        if allowance.sends is not None and pace.messages_per_second:
            allowance.sends.change(pace.messages_per_second, pace.message_burst, now)
        if allowance.files is not None:
            limits = self._chat.limits
            allowance.files.change(limits.file_requests_per_second, limits.file_request_burst, now)

    def lost(self, session: Session) -> None:
        """Keep what a session may ask for: it may come back."""

    def returned(self, session: Session) -> None:
        """Go on with what is kept of it."""

    def ended(self, session: Session) -> None:
        """Forget a session that is over."""
        account = session.account
        self._of.pop(session.number, None)
        if account is not None and all(each is session for each in account.sessions):
            self._of.pop(account, None)

    def check(
        self, allowance: Allowance, session: Session | None, command: Command, gate: Gate, now: float, *, under_way: int
    ) -> None:
        """Raise `Refusal` (`rate_limited`) unless a request may be carried out now.

        `under_way` is how many sends of the same connection the journal has not ordered yet.
        """
        if session is not None and self._state.paces.of(session) is not allowance.pace:
            self._set_pace(allowance, session, now)
        if allowance.budget is not None and not gate.is_free:
            allowance.budget.check(now)
        if session is None or allowance.pace is None:
            return
        if gate.is_send:
            if allowance.pace.messages_per_second and self._is_new(session, command, under_way):
                self._take_send(allowance, allowance.pace, now)
        elif isinstance(command, EditMessage | OfferFile) and allowance.pace.messages_per_second:
            self._take_send(allowance, allowance.pace, now)
        if gate.is_file:
            self._take_file(allowance, now)

    def _is_new(self, session: Session, command: Command, under_way: int) -> bool:
        """Tell whether a send is the next one: what was sent before costs nothing, and uses up nothing."""
        cid = command.cid if isinstance(command, _SENDS) else None
        return cid is None or cid == self._chat.log.last_cid(session.numbers) + under_way + 1

    def pay_answer(self, allowance: Allowance, event: ServerEvent, now: float) -> None:
        """Take what it costs that a machine answers its peer by itself. Raises `Refusal`."""
        if allowance.budget is not None:
            allowance.budget.check(now)
            allowance.budget.spend(_PING if isinstance(event, PingAnswered) else 1.0)

    def pay(self, allowance: Allowance, session: Session | None, command: Command, gate: Gate) -> float:
        """Take what a request costs at least, and return what was taken beside its price.

        What is said is paid for with all who will hear of it: much of it may be on its way to the journal before the
        first of it is answered.
        """
        if allowance.budget is None or not gate.price:
            return 0.0
        paid = self._hearers(session, command) if gate.is_send else 0.0
        allowance.budget.spend(gate.price + paid)
        return paid

    def _hearers(self, session: Session | None, command: Command) -> float:
        """Return what it costs that others hear of what is said."""
        if type(command) is SendMessage:
            return _members(session) * _HEARER
        if isinstance(command, SendDirect):
            return len(command.to) * _RECIPIENT
        return len(self._state.connections) * _HEARER

    def settle(
        self, allowance: Allowance, session: Session | None, command: Command, answer: ServerEvent, paid: float
    ) -> None:
        """Take the rest of what a request costs, now that its answer is known; `paid` was taken beside its price."""
        if allowance.budget is None or isinstance(answer, Posted):
            return
        if paid:
            allowance.budget.spend(-paid)  # nobody has heard of it
        gate = GATES[type(command)]
        came_too_early = isinstance(answer, Refused) and answer.code == ErrorCode.RATE_LIMITED  # and was not paid for
        if not gate.is_free and not came_too_early:
            allowance.budget.spend(self._rest(session, command, answer))

    def _rest(self, session: Session | None, command: Command, answer: ServerEvent) -> float:
        """Return what a request costs beside its price, by its answer."""
        match answer:
            # Forward is the way of a client that catches up, which should not have to wait.
            case HistoryRead(messages=messages) if isinstance(command, ReadHistory) and command.after is None:
                return len(messages) * _ENTRY
            case UsersListed(users=users):
                return len(users) * _LINE
            case RoomsListed(rooms=rooms):
                return len(rooms) * _ROOM_LINE
            case RoomEntered(users=names):
                return len(names) * _MEMBER
            case OfferMade(to=to):
                return len(to) * _RECIPIENT
            case Refused(code=ErrorCode.SLOW_MODE):
                return _TOO_SOON
        return _members(session) * _HEARER if isinstance(command, _TOLD) else 0.0

    def _take_send(self, allowance: Allowance, pace: Pace, now: float) -> None:
        if allowance.sends is None:
            allowance.sends = TokenBucket(pace.messages_per_second, pace.message_burst, now)
        take_token(allowance.sends, now, "messages")

    def _take_file(self, allowance: Allowance, now: float) -> None:
        limits = self._chat.limits
        if allowance.files is None:
            allowance.files = TokenBucket(limits.file_requests_per_second, limits.file_request_burst, now)
        take_token(allowance.files, now, "files")


def held_until(allowance: Allowance, origin: Origin, refusal: Refusal, now: float) -> float | None:
    """Return until when to hold a request back that came too early; None to refuse it."""
    if refusal.code is not ErrorCode.RATE_LIMITED:
        return None
    if not origin.paced and (allowance.budget is None or allowance.budget.is_told(now)):
        return None
    return now + (refusal.retry_after or 0.0)


def _members(session: Session | None) -> int:
    return 0 if session is None or session.room is None else len(session.room.members)
