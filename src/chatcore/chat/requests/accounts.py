"""Accounts: whose a name is, be it that its owner is away, and what waits for somebody there."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from chatcore.chat.effects import LineKind
from chatcore.chat.kept.model import Account, Room, Session
from chatcore.chat.kept.paces import Pace
from chatcore.chat.kept.roles import Role
from chatcore.chat.requests import naming
from chatcore.chat.requests.written_down import write_down_operator
from chatcore.chat.state import State
from chatcore.errors import ErrorCode, Refusal
from chatcore.events import DIRECT_LOG
from chatcore.records import (
    COUNTS_SESSIONS,
    FINDS_HEIRS,
    KEEPS_DECLARED_NAMES,
    LEAVES_BORNE_NAMES,
    LEAVES_OPERATORS_ROOM,
    LOOKS_BEFORE_IT_ACTS,
    SHARES_NAMES,
    SHARES_WHAT_IS_LEFT,
    LoggedIn,
)
from chatcore.text.names import name_key


def add_account(state: State, name: str, inbox: str, hashed: str, by: Session | None = None) -> Account:
    """Let a name belong to somebody, as a user wants it, or who vouches. Raises `Refusal` (`server_full`)."""
    account = _new_account(state, name, inbox, hashed, by)
    _keep(state, account)
    return account


def _new_account(state: State, name: str, inbox: str, hashed: str, by: Session | None = None) -> Account:
    """Return an account that is not kept yet. Raises `Refusal` (`server_full`)."""
    _check_space(state, by)
    moment = state.moment
    account = Account(name, moment.record, moment.time, inbox, hashed, moment.record)
    account.made_at = _place_of(state, by)
    account.is_operator = state.paces.is_operator(account.key)
    return account


def _keep(state: State, account: Account) -> None:
    state.log.open(account.inbox, state.new_id(account.inbox))
    account.heard = state.log.head(account.inbox)
    state.add_account(account)


def _check_space(state: State, by: Session | None) -> None:
    """Raise `Refusal` (`server_full`) when there may be no more accounts, or no more from there.

    So there are some left for others, from wherever else they are. Operators make as many as they want.
    """
    if by is not None and by.is_operator and state.moment.rules >= LEAVES_OPERATORS_ROOM:
        return
    left = state.limits.accounts - len(state.accounts)
    if left <= 0:
        raise Refusal(ErrorCode.SERVER_FULL, what="accounts")
    place = _place_of(state, by)
    if place and left <= len(state.accounts) and sum(each.made_at == place for each in state.accounts.values()) >= left:
        raise Refusal(ErrorCode.SERVER_FULL, what="share")


def _place_of(state: State, by: Session | None) -> str:
    """Return in the share of which place an account counts; in none, when an operator lets its owner have one."""
    if by is None or by.invited or by.is_operator or state.moment.rules < SHARES_NAMES:
        return ""
    return by.origin.place


def check_new(state: State, session: Session) -> None:
    """Raise `Refusal` unless a user may make the name his own: `server_full`, `forbidden` if the settings name it."""
    if state.paces.is_declared(session.key):  # it comes with more than a name
        raise Refusal(ErrorCode.FORBIDDEN, what="named", name=session.name)
    _check_space(state, session)


def register(state: State, session: Session, hashed: str) -> None:
    """Let the present name of a guest be the user's for good; `check_new` has allowed that."""
    adopt(state, session, add_account(state, session.name, session.inbox, hashed, session))
    state.note(LineKind.REGISTERED, session, user=session.name)


def new_inbox(state: State) -> str:
    """Return the key of a log of direct messages that nobody has."""
    return f"{DIRECT_LOG}{state.new_id(DIRECT_LOG)}"


def account_of(state: State, name: str, stamp: int) -> Account:
    """Return the account whose password was said, as long as that is its password. Raises `Refusal`."""
    account = state.accounts.get(name_key(name))
    if account is None or account.stamp != stamp:
        raise Refusal(ErrorCode.NOT_IDENTIFIED)
    return account


def owner_of_login(state: State, record: LoggedIn) -> Account | None:
    """Return the account whose owner logs in, which may be a new one; None for a guest. Raises `Refusal`."""
    if not record.account:
        if not record.guests:
            raise Refusal(ErrorCode.ACCOUNT_REQUIRED)
        return None
    if record.stamp:
        return account_of(state, record.account, record.stamp)
    known = state.accounts.get(name_key(record.account))
    if known is not None:
        return known
    if state.moment.rules >= LEAVES_BORNE_NAMES:
        naming.check_unborne(state, record.account)
    makes = _new_account if state.moment.rules >= LOOKS_BEFORE_IT_ACTS else add_account
    return makes(state, record.account, new_inbox(state), "")


def check_sessions(state: State, session: Session, account: Account, replaced: Session | None = None) -> None:
    """Raise `Refusal` (`too_many_connections`) when an account has as many sessions as it may have, and wants one more.

    Who its owner is counts, not where: roles in rooms come later. `replaced`: one that is put out for it.
    """
    if state.moment.rules < COUNTS_SESSIONS:
        return
    most = pace_as(state, session, account).sessions_per_account
    if most and len(account.sessions) - (replaced is not None) >= most:
        raise Refusal(ErrorCode.TOO_MANY_CONNECTIONS, what="account", name=account.name, sessions=most)


def pace_as(state: State, session: Session, account: Account) -> Pace:
    """Return how much a user may do when this account is the user's."""
    before, session.account = session.account, account
    try:
        return state.paces.of(session)
    finally:
        session.account = before


def check_owner(state: State, session: Session, name: str) -> None:
    """Raise `Refusal` when somebody wants a name that is another one's: `name_registered`.

    Or will be, and looks like it is: of those that the settings name, `name_taken` and `name_confusable`.
    """
    key, account = name_key(name), session.account
    owner = state.accounts.get(key)
    if owner is not None and owner is not account:
        if "accounts" in state.about():
            raise Refusal(ErrorCode.NAME_REGISTERED, name=name)
        raise Refusal(ErrorCode.NAME_REGISTERED, what="locked", name=name)  # nobody can show here to be its owner
    is_own = account is not None and account.key == key  # be it that it is kept only once the login has succeeded
    if state.moment.rules < KEEPS_DECLARED_NAMES or is_own:
        return
    if state.paces.is_declared(key):
        raise Refusal(ErrorCode.NAME_TAKEN, what="kept", name=name)
    other = state.paces.declared_like(name, "" if account is None else account.key)
    if other is not None:
        raise Refusal(ErrorCode.NAME_CONFUSABLE, name=name, other=other)


def begin(state: State, session: Session) -> None:
    """Give a session that begins its direct messages: its owner's, or its own."""
    account = session.account
    if account is None:
        session.inbox = new_inbox(state)
        state.log.open(session.inbox, state.new_id(session.inbox))
    else:
        if account.key not in state.accounts:
            _keep(state, account)
        session.inbox = account.inbox
        account.sessions[session] = None
        account.waiting.clear()


def end(state: State, session: Session) -> None:
    """Keep what waits for the owner of a session that is over; of a guest, nothing."""
    account = session.account
    if account is None:
        state.log.drop(session.inbox)
    else:
        account.heard = max(account.heard, session.heads.get(account.inbox, 0))
        account.sessions.pop(session, None)


def tell_operator(state: State, session: Session) -> None:
    """Note that a user looks after the server, if that comes with the account."""
    if session.account is not None and session.account.is_operator:
        state.note(LineKind.OPERATOR, session, user=session.name, account=session.account.name)
        write_down_operator(state, session)


def adopt(state: State, session: Session, account: Account) -> list[Room]:
    """Let a guest be the owner of an account: with the roles, invitations and sanctions that the guest has.

    Returns the rooms in which the guest had a role.
    """
    guest = session.person
    del state.people[guest]
    session.account = account
    account.sessions[session] = None
    account.waiting.clear()
    brought = list(state.ruled.get(guest, ()))
    for room in brought:
        if room.maker == guest:
            room.maker = account.person
        role, since = room.roles[guest], [account.person if each == guest else each for each in room.roles]
        state.give_role(room, guest, Role.MEMBER)
        state.give_role(room, account.person, max(role, room.roles.get(account.person, Role.MEMBER)))
        if state.moment.rules >= FINDS_HEIRS:  # the role is no newer for that
            room.roles = {each: room.roles[each] for each in dict.fromkeys(since)}
    for room in state.rooms.values():
        if guest in room.invited:
            del room.invited[guest]
            room.invited[account.person] = None
        room.spoken.follow(guest, account.person)
    state.reading.follow(session, guest)
    state.sanctions.follow(session, state.moment.rules)
    for room in state.sanctions.rooms:
        room.look_again()
    return brought


class Inbox(NamedTuple):
    """Where direct messages for somebody stand."""

    name: str
    """The user's, as it is written."""
    key: str
    """Of the log."""
    away: Account | None
    """Whose it is, if they wait there for the owner."""


def inbox_of(state: State, sender: Session, name: str) -> Inbox:
    """Return where direct messages for a user stand, be it that this one is away.

    Raises `Refusal`: `no_such_user`, `inbox_full`.
    """
    key, shared = name_key(name), state.moment.rules >= SHARES_WHAT_IS_LEFT
    user = state.users.get(key)
    account = state.accounts.get(key) if user is None else user.account
    if account is None:
        user = state.find_user(name)
        return Inbox(user.name, user.inbox, None)
    there = (shared and any(each.connection is not None for each in account.sessions)) or (
        not shared and account.sessions
    )
    if not there:
        _check_waiting(state, account)
        if shared and not sender.is_operator:
            _check_share(state, sender, account)
    return Inbox(account.name if user is None else user.name, account.inbox, None if there or not shared else account)


def count_waiting(account: Account, sender: Session) -> None:
    """Take note that a direct message waits, of whom. What operators say waits in nobody's share."""
    for whose, _part in () if sender.is_operator else _shares(sender):
        account.waiting[whose] = account.waiting.get(whose, 0) + 1


def _check_waiting(state: State, account: Account) -> None:
    """Raise `Refusal` when as many messages wait as may. Whose connection is lost has heard what came before."""
    most = state.limits.inbox_messages
    heard = max([account.heard, *(each.heads.get(account.inbox, 0) for each in account.sessions)])
    if state.log.head(account.inbox) - heard >= most:
        raise Refusal(ErrorCode.INBOX_FULL, name=account.name, messages=most)


def _check_share(state: State, sender: Session, account: Account) -> None:
    """Raise `Refusal` when the sender has filled a share already: the others' are not for that one."""
    for whose, part in _shares(sender):
        most = math.ceil(state.limits.inbox_messages / part)
        if account.waiting.get(whose, 0) >= most:
            raise Refusal(ErrorCode.INBOX_FULL, what="share", name=account.name, messages=most)


def _shares(sender: Session) -> Iterator[tuple[str, int]]:
    """Yield in which shares a user's messages count, and which part of an inbox each is.

    A quarter is of an account, or of all guests of a network place, for those log in again; a half is of a place.
    """
    place = sender.origin.place
    yield place if place and sender.account is None else sender.person, 4
    if place:
        yield f"all of {place}", 2


def readers_of(state: State, name: str) -> Iterator[Session]:
    """Yield the sessions that read the direct messages of a user."""
    key = name_key(name)
    session, account = state.users.get(key), state.accounts.get(key)
    if session is not None:
        account = session.account
    if account is not None:
        yield from account.sessions
    elif session is not None:
        yield session
