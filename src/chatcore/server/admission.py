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
from chatcore.chat.model import Room, Session
from chatcore.chat.roles import Role
from chatcore.commands import (
    AcceptFile,
    AccountRequest,
    BecomeOperator,
    CancelFile,
    Command,
    CreateRoom,
    DeclineFile,
    DropAccount,
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
    Rename,
    RevokeInvitation,
    Search,
    Send,
    SendBroadcast,
    SendDirect,
    SendMessage,
    Traffic,
)
from chatcore.errors import ErrorCode, Refusal
from chatcore.events import (
    BroadcastPosted,
    DirectPosted,
    HistoryRead,
    MessagePosted,
    PingAnswered,
    Refused,
    RoomEntered,
    RoomsListed,
    ServerEvent,
    UsersListed,
)
from chatcore.file_events import OfferMade
from chatcore.records import Origin
from chatcore.server.budget import Budget, Budgets, take_token
from chatcore.server.token_bucket import TokenBucket
from chatcore.way_commands import AttachConnection, ChooseWay, TakeTicket

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
_SENDS: Final = (SendMessage, SendDirect, SendBroadcast)
# In so many slow rooms a session may have said something before that is forgotten.
_SLOW_ROOMS: Final = 64


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
    **dict.fromkeys((MakeInvitation, RevokeInvitation), Gate()),
    **dict.fromkeys((DeclineFile, CancelFile, FinishFile, TakeTicket, ChooseWay), Gate()),
}


@dataclass(slots=True)
class Allowance:
    """What one session may ask for, or one connection before its login."""

    budget: Budget | None = None
    """None for no limit."""
    sends: TokenBucket | None = None
    """How often it may send; None before it first counts."""
    files: TokenBucket | None = None
    """How often it may offer a file or answer an offer; None before it first counts."""
    said: dict[str, float] | None = None
    """When it last said something in a slow room, by the room's key; None before the first time."""


class Admission:
    """Gives everybody an allowance, and takes from it.

    Args:
        chat: who is logged in, and what was sent before.
    """

    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        self._limits = chat.limits
        self._budgets = Budgets(chat.limits)
        self._of_sessions: dict[int, Allowance] = {}
        """By the numbers of the sessions."""
        chat.state.followers.append(self)

    def of_connection(self, origin: Origin, now: float) -> Allowance:
        """Return what a new connection may ask for."""
        return Allowance(self._budgets.of(origin, now, logged_in=False))

    def of_session(self, session: Session, before: Allowance, now: float) -> Allowance:
        """Return what a session may ask for on the connection that it has now, which had `before`."""
        known = self._of_sessions.get(session.number)
        if known is None:
            known = self._of_sessions[session.number] = Allowance(self._budgets.of(session.origin, now, logged_in=True))
        elif known.budget is not None and before.budget is not None:
            known.budget.address = before.budget.address
        return known

    def lost(self, session: Session) -> None:
        """Keep what a session may ask for: it may come back."""

    def returned(self, session: Session) -> None:
        """Go on with what is kept of it."""

    def ended(self, session: Session) -> None:
        """Forget a session that is over."""
        self._of_sessions.pop(session.number, None)

    def check(
        self, allowance: Allowance, session: Session | None, command: Command, gate: Gate, now: float, *, under_way: int
    ) -> None:
        """Raise `Refusal` (`rate_limited`) unless a request may be carried out now.

        `under_way` is how many sends of the same connection the journal has not ordered yet.
        """
        if allowance.budget is not None and not gate.is_free:
            allowance.budget.check(now)
        if session is None:
            return
        if gate.is_send:
            room = session.room
            slow = room is not None and room.slow and isinstance(command, SendMessage)
            if room is not None and slow and self._is_new(session, command, under_way):
                self._check_pace(allowance, session, room, now)
            limited = self._limits.messages_per_second and not session.is_operator
            if limited and self._is_new(session, command, under_way):
                self._take_send(allowance, now)
        elif gate.is_file:
            if isinstance(command, OfferFile) and self._limits.messages_per_second:
                self._take_send(allowance, now)
            self._take_file(allowance, now)

    def _check_pace(self, allowance: Allowance, session: Session, room: Room, now: float) -> None:
        """Raise `Refusal` (`slow_mode`) when a member of a slow room says something too soon after the last time."""
        if room.role_of(session, self._chat.state.moment.time) >= Role.MODERATOR:
            return
        said = {} if allowance.said is None else allowance.said
        wait = said.get(room.key, now - room.slow) + room.slow - now
        if wait > 0:
            if allowance.budget is not None:
                allowance.budget.spend(1.0)
            raise Refusal(ErrorCode.SLOW_MODE, retry_after=round(wait, 3), room=room.name, seconds=room.slow)
        if len(said) >= _SLOW_ROOMS:
            said.clear()
        said[room.key] = now
        allowance.said = said

    def _is_new(self, session: Session, command: Command, under_way: int) -> bool:
        """Tell whether a send is the next one: what was sent before costs nothing, and uses up nothing."""
        cid = command.cid if isinstance(command, _SENDS) else None
        return cid is None or cid == self._chat.log.last_cid(session.numbers) + under_way + 1

    def pay_answer(self, allowance: Allowance, event: ServerEvent, now: float) -> None:
        """Take what it costs that a machine answers its peer by itself. Raises `Refusal`."""
        if allowance.budget is not None:
            allowance.budget.check(now)
            allowance.budget.spend(_PING if isinstance(event, PingAnswered) else 1.0)

    def pay(self, allowance: Allowance, gate: Gate) -> None:
        """Take what a request costs at least."""
        if allowance.budget is not None and gate.price:
            allowance.budget.spend(gate.price)

    def settle(self, allowance: Allowance, session: Session | None, command: Command, answer: ServerEvent) -> None:
        """Take the rest of what a request costs, now that its answer is known."""
        if allowance.budget is None:
            return
        if isinstance(answer, MessagePosted):
            allowance.budget.spend(_members(session) * _HEARER)
            return
        gate = GATES[type(command)]
        came_too_early = isinstance(answer, Refused) and answer.code == ErrorCode.RATE_LIMITED  # and was not paid for
        if not gate.is_free and not came_too_early:
            allowance.budget.spend(self._cost(session, command, answer, gate) - gate.price)

    def _cost(self, session: Session | None, command: Command, answer: ServerEvent, gate: Gate) -> float:
        match answer:
            case BroadcastPosted():
                return _SEND + len(self._chat.state.connections) * _HEARER
            case DirectPosted(to=to):
                return _SEND + len(to) * _RECIPIENT
            # Forward is the way of a client that catches up, which should not have to wait.
            case HistoryRead(messages=messages) if isinstance(command, ReadHistory) and command.after is None:
                return 1 + len(messages) * _ENTRY
            case UsersListed(users=users):
                return 1 + len(users) * _LINE
            case RoomsListed(rooms=rooms):
                return 1 + len(rooms) * _ROOM_LINE
            case RoomEntered(users=names):
                return 1 + len(names) * _MEMBER
            case OfferMade(to=to):
                return 1 + len(to) * _RECIPIENT
        if isinstance(command, Rename | Moderation):
            return 1 + _members(session) * _HEARER
        return gate.price

    def _take_send(self, allowance: Allowance, now: float) -> None:
        limits = self._limits
        if allowance.sends is None:
            allowance.sends = TokenBucket(limits.messages_per_second, limits.message_burst, now)
        take_token(allowance.sends, now, "messages")

    def _take_file(self, allowance: Allowance, now: float) -> None:
        limits = self._limits
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
