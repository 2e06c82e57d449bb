"""What a request costs, and what becomes of one that came too early.

A small request costs a token of its session's budget, a message a fraction, a long answer more, by its length. What
comes when there is none left is refused with the time after which it succeeds; a peer that knows no such refusals, or
that had its fill of them, is held back instead: its request waits, and what is behind it with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

from chatcore.chat.effects import Deliver, Hold
from chatcore.chat.model import Session
from chatcore.commands import Command, LogIn, LogOut, ReadHistory, Rename, Send, Traffic
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

if TYPE_CHECKING:
    from chatcore.chat.chat import Chat

FREE: Final = (LogOut, *get_args(Traffic))
"""Requests that cost nothing: the last one, and what moves a file, which has windows of its own."""

# What requests cost, in tokens; all others cost one.
_LOGIN: Final = 10.0
_SEND: Final = 0.1
_PING: Final = 0.1
# What is added for each entry, line or name of the answer, and for each user that hears of it.
_ENTRY: Final = 1 / 25
_LINE: Final = 1 / 100
_ROOM_LINE: Final = 1 / 50
_MEMBER: Final = 1 / 150
_RECIPIENT: Final = 1 / 10
_HEARER: Final = 1 / 250


def hold(session: Session, refusal: Refusal, now: float) -> Hold | None:
    """Return what to do instead of refusing a request that came too early; None to refuse it."""
    if refusal.code is not ErrorCode.RATE_LIMITED or session.connection is None:
        return None
    if not session.origin.paced and (session.budget is None or session.budget.is_told(now)):
        return None
    return Hold(session.connection, now + (refusal.retry_after or 0.0))


def cost(chat: Chat, session: Session, command: Command, answer: ServerEvent | None) -> float:
    """Return what a request costs, by what it asked for, what it was answered, and how many users hear of it."""
    match answer:
        case MessagePosted():
            return _SEND + _members(session) * _HEARER
        case BroadcastPosted():
            return _SEND + len(chat.connections) * _HEARER
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
        case Refused(code=ErrorCode.RATE_LIMITED):
            return 0.0
    if isinstance(command, Rename):
        return 1 + _members(session) * _HEARER
    return _LOGIN if isinstance(command, LogIn) else _SEND if isinstance(command, Send) else 1.0


def answer(chat: Chat, connection: int, event: ServerEvent, reply_to: str | None, now: float) -> Deliver | Hold:
    """Let a machine answer its peer by itself, at a price."""
    session = chat.connections.get(connection)
    if session is not None and session.budget is not None:
        try:
            session.budget.check(now)
            session.budget.spend(_PING if isinstance(event, PingAnswered) else 1.0)
        except Refusal as refusal:
            held = hold(session, refusal, now)
            if held is not None:
                return held
            event = Refused(refusal.code, refusal.message, None, refusal.retry_after)
    return Deliver(connection, event, reply_to)


def _members(session: Session) -> int:
    return 0 if session.room is None else len(session.room.members)
