"""What is asked of accounts: to have one, to show that one has, and what operators do about them.

Passwords were looked at before, where they came in; what stands here is hashes, and which password was said.
"""

from __future__ import annotations

from chatcore.chat import pictures
from chatcore.chat.effects import Deliver, LineKind
from chatcore.chat.kept.model import Account, Room, Session
from chatcore.chat.kept.roles import Role
from chatcore.chat.requests import accounts, naming
from chatcore.chat.requests.logins import put_out
from chatcore.chat.requests.moderation.acts import show_role
from chatcore.chat.requests.moderation.heirs import inherit, is_banned_from, rooms_owned, take_roles
from chatcore.chat.requests.permissions import check_owner_may_enter
from chatcore.chat.requests.written_down import write_down
from chatcore.chat.state import State
from chatcore.commands import DropAccount, Identify, RegisterAccount, ResetAccount
from chatcore.errors import ErrorCode, Refusal
from chatcore.events import DIRECT_LOG, Accepted, GapFound, ServerEvent
from chatcore.limits import USERNAME_MAX, USERNAME_MIN
from chatcore.records import BOUNDS_WHAT_GUESTS_BRING, BRINGS_NO_BANNED, CLOSES_DETOURS, FINDS_HEIRS
from chatcore.text.names import composed, is_username, name_key


def register(state: State, session: Session, command: RegisterAccount) -> ServerEvent:
    """Let the present name be its user's for good; its owner so changes the password."""
    account = state.accounts.get(session.key)
    if session.account is not None and session.account is not account:
        raise Refusal(ErrorCode.FORBIDDEN, what="other_account", name=session.account.name)
    if account is None:
        accounts.check_new(state, session)
        accounts.register(state, session, command.hashed)
    else:
        _set_password(state, account, command.hashed, by=session)
        state.note(LineKind.REGISTERED, session, user=session.name)
    return Accepted()


def identify(state: State, session: Session, command: Identify) -> ServerEvent:
    """Let a guest be the owner of an account; the name stays as it is."""
    account = accounts.account_of(state, command.account or session.name, command.stamp)
    if session.account is account:
        return pictures.entered(state, session)
    if session.account is not None:
        raise Refusal(ErrorCode.FORBIDDEN, what="other_account", name=session.account.name)
    check_owner_may_enter(state, session, account.person)
    accounts.check_sessions(state, session, account)
    if state.moment.rules >= BOUNDS_WHAT_GUESTS_BRING:
        _check_rooms(state, session, account)
    before = session.inbox
    for room in accounts.adopt(state, session, account):
        _leave_if_banned(state, room, session)
        show_role(state, room, [account.person], told=session)
    session.inbox = account.inbox
    state.log.drop(before)
    connection, position = session.connection, state.log.position(account.inbox)
    assert connection is not None  # it is the one that asks
    # The direct messages are others now: where their log goes on is told like that of one that was lost.
    state.emit(Deliver(connection, GapFound(DIRECT_LOG, position.epoch, account.heard + 1, account.heard)))
    state.subscribe(session, {account.inbox: account.heard})
    state.note(LineKind.IDENTIFIED, session, user=session.name, account=account.name)
    accounts.tell_operator(state, session)
    return pictures.entered(state, session)


def _leave_if_banned(state: State, room: Room, session: Session) -> None:
    """Take the role back that somebody has brought an account, where that is banned; an owner's is the next one's."""
    if state.moment.rules < BRINGS_NO_BANNED or not is_banned_from(state, room, session):
        return
    owned = room.roles[session.person] is Role.OWNER
    state.give_role(room, session.person, Role.MEMBER)
    if owned:
        inherit(state, room)


def _check_rooms(state: State, session: Session, account: Account) -> None:
    """Raise `Refusal` (`room_limit`) when a guest would bring an account more rooms than its owner may have."""
    brought = rooms_owned(state, session.person)
    owned, most = rooms_owned(state, account.person), accounts.pace_as(state, session, account).rooms_per_user
    if brought and most and owned + brought > most:
        raise Refusal(ErrorCode.ROOM_LIMIT, what="brought", name=account.name, rooms=most)


def reset(state: State, session: Session, command: ResetAccount) -> ServerEvent:
    """Give an account another password, or make one for a name that nobody uses: which of both is said.

    So a name that is mistyped neither makes an account, nor puts somebody else out.
    """
    account = state.accounts.get(name_key(command.username))
    if state.moment.rules >= CLOSES_DETOURS:
        if account is None and not command.new:
            raise Refusal(ErrorCode.NO_SUCH_USER, what="account", name=command.username[:USERNAME_MAX])
        if account is not None and command.new:
            raise Refusal(ErrorCode.NAME_TAKEN, what="account", name=account.name)
    if account is not None:
        _set_password(state, account, command.hashed, by=session)
    else:
        name = composed(command.username)
        if not is_username(name, USERNAME_MAX):
            raise Refusal(ErrorCode.BAD_NAME, shortest=USERNAME_MIN, longest=USERNAME_MAX)
        naming.check_unused(state, name)
        account = accounts.add_account(state, name, accounts.new_inbox(state), command.hashed, session)
    state.note(LineKind.ACCOUNT_RESET, session, user=session.name, account=command.username)
    write_down(state, "reset_account", session, target=account.name)
    return Accepted()


def drop(state: State, session: Session, command: DropAccount) -> ServerEvent:
    """Let a name belong to nobody, with what waited there and the roles that its owner had."""
    account = state.accounts.pop(name_key(command.username), None)
    if account is None:
        raise Refusal(ErrorCode.NO_SUCH_USER, what="account", name=command.username[:USERNAME_MAX])
    for each in list(account.sessions):
        put_out(state, each, ErrorCode.ACCOUNT_DROPPED)
    if state.moment.rules < FINDS_HEIRS:
        for room in list(state.ruled.get(account.person, ())):
            state.give_role(room, account.person, Role.MEMBER)
    del state.people[account.person]
    state.looks.accounts.remove(account.name)
    state.reading.forget_account(account)
    state.log.drop(account.inbox)
    state.note(LineKind.ACCOUNT_DROPPED, session, user=session.name, account=account.name)
    write_down(state, "drop_account", session, target=account.name)
    take_roles(state, account.person)
    return Accepted()


def _set_password(state: State, account: Account, hashed: str, *, by: Session) -> None:
    """Let an account have another password: who was in by the one before is out, but for who sets it."""
    account.hashed, account.stamp = hashed, state.moment.record
    for each in list(account.sessions):
        if each is not by:
            put_out(state, each, ErrorCode.PASSWORD_CHANGED)
