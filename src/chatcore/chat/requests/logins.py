"""How a session begins, is resumed, loses its connection and ends."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import partial
from heapq import heappop
from typing import Final

from chatcore.chat import pictures
from chatcore.chat.effects import Close, Deliver, LineKind, Unsubscribe
from chatcore.chat.kept.model import Room, Session
from chatcore.chat.kept.roles import Role
from chatcore.chat.kept.session_state import SessionState, Trigger
from chatcore.chat.requests import accounts, invitations, naming
from chatcore.chat.requests.permissions import check_entry
from chatcore.chat.requests.told_limits import limits_of
from chatcore.chat.state import State
from chatcore.commands import LogIn, LogOut, Position
from chatcore.errors import ErrorCode, Refusal
from chatcore.events import BROADCAST_LOG, DIRECT_LOG, Accepted, Dismissed, ServerEvent, Welcomed
from chatcore.ports.transport import CloseReason
from chatcore.records import (
    KNOWS_PERSONS,
    LEAVES_GUESTS_OUT,
    LOOKS_BEFORE_IT_ACTS,
    SHARES_WHAT_IS_LEFT,
    Gone,
    Keys,
    LoggedIn,
)
from chatcore.text.names import name_key
from chatcore.text.reasons import refusal_text

SECRET_CHARS: Final = 16
"""From so many characters on, a text that a client has made cannot be guessed."""

_CLIENT_ID_CHARS: Final = 64
# How long a session that was never used waits for its client, in seconds: a welcome may have been lost.
_SHORT_GRACE: Final = 5.0
_NUMBERS_CHARS: Final = 32


def token_hash(session: str, numbers: str) -> str:
    """Return the hash of a token from those of its two parts."""
    return f"{session}.{numbers}"


def log_in(state: State, record: LoggedIn) -> ServerEvent | None:
    """Begin a session, or give this connection to the session that the token belongs to.

    None when nobody here is to be told. Raises `Refusal`: `bad_invitation`, `not_identified`, `account_required`,
    `bad_name`, `banned`, `name_registered`, `name_taken`, `name_confusable`, `too_many_connections`, `server_full`.
    """
    command, origin, keys = record.command, record.origin, record.keys
    known = _session_to_resume(state, record)
    if known is not None:
        return _resume(state, known, record)
    moment = state.moment
    session = Session(moment.record, origin, record.connection, moment.time, moment.time)
    invitation = invitations.of_login(state, record.invitation)
    session.invited = invitation is not None
    session.account = accounts.owner_of_login(state, record)
    session.login = (command.client, keys.shown)
    session.is_bot = command.bot
    session.name = naming.username(state, session, command.username)
    check_entry(state, session, operator=record.operator)
    accounts.check_owner(state, session, session.name)
    replaced = _replaced(state, session)
    if replaced is not None and moment.rules < LOOKS_BEFORE_IT_ACTS:
        put_out(state, replaced, ErrorCode.REPLACED)
        replaced = None
    if session.account is not None:
        accounts.check_sessions(state, session, session.account, replaced)
    naming.check_free(state, session, session.name, replaced)
    if len(state.users) - (replaced is not None) >= state.limits.sessions:
        raise Refusal(ErrorCode.SERVER_FULL)
    if record.hashed:
        accounts.check_new(state, session)

    # Nothing is refused from here on: what is refused changes nothing.
    if replaced is not None:
        put_out(state, replaced, ErrorCode.REPLACED)
    session.move(Trigger.LOGGED_IN)
    accounts.begin(state, session)
    if invitation is not None:
        invitations.use(state, session, invitation)
    session.began = moment.clock
    _number(state, session, command.client or "", keys)
    naming.give(state, session, session.name)
    state.sanctions.follow(session, state.moment.rules)
    state.connections[record.connection] = session
    if record.hashed:
        accounts.register(state, session, record.hashed)
    told = _whence(session) if session.account is None else {"account": session.account.name, **_whence(session)}
    state.note(LineKind.LOGIN, session, user=session.name, **told)
    accounts.tell_operator(state, session)
    state.enter(session, state.default_room)
    # The direct messages of a guest go with the session: who had an earlier one is told that its log begins anew.
    waiting = {} if session.account is None else {session.inbox: session.account.heard}
    after = waiting | _known(state, session, command, (state.default_room.key, session.inbox, BROADCAST_LOG))
    session.heads = state.heads(session) | waiting
    changed = _changed(state, state.default_room, command)
    state.subscribe(session, after, changed)
    return _welcome(state, session, after, changed, resumed=False)


def _replaced(state: State, session: Session) -> Session | None:
    """Return the session of that name that ends when this one begins: its owner is somewhere else now."""
    holder = state.users.get(session.key)
    return holder if holder is not None and session.account is not None and holder.account is session.account else None


def may_come_back(session: Session, *, guests: bool) -> bool:
    """Tell whether somebody may go on with a session: not a guest of before, where only who has an account comes in."""
    return guests or session.account is not None or session.is_operator


def _session_to_resume(state: State, record: LoggedIn) -> Session | None:
    """Return the session that a login goes on with; None when it begins another one, or is refused."""
    known = _session_that_is_shown(state, record)
    if known is None or state.moment.rules < LEAVES_GUESTS_OUT or may_come_back(known, guests=record.guests):
        return known
    return None


def _session_that_is_shown(state: State, record: LoggedIn) -> Session | None:
    command, keys = record.command, record.keys
    if keys.shown in state.tokens:
        return state.tokens[keys.shown]
    if record.account:
        return None
    # The welcome may have been lost, and the token with it. Then the same login again, with a client id that nobody
    # guesses, gets the session that it began: while it has not been used, and its connection has not lasted so long
    # that the welcome has arrived.
    holder = state.users.get(name_key(command.username))
    if holder is None or holder.confirmed or holder.login != (command.client, keys.shown):
        return None
    if command.client is None or len(command.client) < SECRET_CHARS:
        return None
    lasted = holder.lasted if holder.connection is None else state.moment.clock - holder.began
    return holder if lasted <= state.limits.keepalive_interval + state.limits.keepalive_timeout else None


def _number(state: State, session: Session, client: str, keys: Keys) -> None:
    """Say what the session's sends are numbered under, and what its token is.

    A token has two parts: one is the session's own, the other is for its client's numbers. Who logs in anew with an
    earlier token and the same client id so goes on counting, and nobody else does (docs/decisions/0010).
    """
    secret = keys.shown_numbers
    numbers = _numbers(client, secret)
    proven = client and secret and numbers not in state.numbers
    if not proven or len(client) > _CLIENT_ID_CHARS:
        if not 1 <= len(client) <= _CLIENT_ID_CHARS or client in state.clients:
            client = state.new_id("client")
        secret = keys.numbers
        numbers = _numbers(client, secret)
    session.client, session.numbers = client, numbers
    session.token = token_hash(keys.session, secret)
    state.tokens[session.token] = session
    state.clients.setdefault(client, session)
    state.numbers[numbers] = session
    state.log.hold(numbers)


def _forget_numbers(state: State, session: Session) -> None:
    del state.tokens[session.token]
    del state.numbers[session.numbers]
    if state.clients.get(session.client) is session:
        del state.clients[session.client]
    state.log.release(session.numbers, session.origin.place)


def _numbers(client: str, secret: str) -> str:
    text = f"{len(client)} {client}{secret}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_NUMBERS_CHARS]


def _resume(state: State, session: Session, record: LoggedIn) -> ServerEvent | None:
    if state.moment.rules >= KNOWS_PERSONS:
        _check_return(state, session, record)
    if session.connection is not None:
        # Fenced before anything of the new connection counts: no two connections speak for one session.
        _dismiss(state, session.connection, ErrorCode.REPLACED)
        del state.connections[session.connection]
    _wait_no_longer(state, session)
    session.move(Trigger.RESUMED)
    session.connection, session.origin = record.connection, record.origin
    session.active_at = state.moment.time
    if session.account is not None:
        session.account.waiting.clear()
    state.connections[record.connection] = session
    state.note(LineKind.RESUMED, session, user=session.name, **_whence(session))
    # To a client that does not say what it knows, everything since it was last heard of is replayed.
    assert session.room is not None  # a user is always in a room
    logs = (session.room.key, session.inbox, BROADCAST_LOG)
    heard = {key: seq for key, seq in session.heads.items() if key in logs}
    after = heard | _known(state, session, record.command, logs)
    # For a client that never saw the welcome of this session, the session is a new one.
    resumed = record.keys.shown == session.token
    if not resumed:
        # Nobody knows its token, or the text of it any more. It was never used: its numbers begin anew.
        _forget_numbers(state, session)
        _number(state, session, session.client, record.keys)
    session.confirmed |= resumed
    changed = _changed(state, session.room, record.command)
    state.subscribe(session, after, changed)
    for follower in state.followers:
        follower.returned(session)
    return _welcome(state, session, after, changed, resumed=resumed)


def _check_return(state: State, session: Session, record: LoggedIn) -> None:
    """Look at bans of the address that somebody is back from: of the server, which raises `Refusal`, or of the room."""
    before, session.origin = session.origin, record.origin
    try:
        check_entry(state, session, operator=record.operator)
        room = session.room
        assert room is not None  # a user is always in a room
        barred = room.role_of(session, state.moment.time) is Role.BANNED
    finally:
        session.origin = before
    if barred:
        state.enter(session, state.default_room)


def _known(state: State, session: Session, command: LogIn, logs: tuple[str, ...]) -> dict[str, int]:
    """Return after which seq to replay each of `logs` that the client says it knows something of."""
    names = {name_key(state.log_name(log)): log for log in logs}
    return {
        names[name_key(name)]: state.replay_from(session, names[name_key(name)], since)
        for name, since in command.since.items()
        if name_key(name) in names
    }


def _changed(state: State, room: Room, command: LogIn) -> int | None:
    """Return how much of what became of entries of the room the client says it knows; None when that is all."""
    since = next((each for name, each in command.since.items() if name_key(name) == room.key), None)
    return state.changed_since(room, since)


def _welcome(
    state: State, session: Session, after: Mapping[str, int], changed: int | None, *, resumed: bool
) -> Welcomed | None:
    """Return the picture that a user begins with; None when that is made at another node."""
    if session.connection is None or not state.here(session.connection):
        return None
    room = session.room
    assert room is not None  # a user is always in a room
    log, pace = state.log, state.paces.of(session)
    heads = {name: log.position(key) for name, key in _logs(session, room).items()}
    return Welcomed(
        username=session.name,
        room=room.name,
        token=session.token,
        client=session.client,
        numbers=session.numbers,
        cid=log.last_cid(session.numbers),
        position=heads[room.name],
        positions={
            name: Position(
                heads[name].epoch,
                after.get(key, heads[name].seq),
                heads[name].changes if changed is None or key != room.key else changed,
            )
            for name, key in _logs(session, room).items()
        },
        rooms=pictures.rooms(state, None)[0],
        rooms_count=len(state.rooms),
        users=pictures.members(state, room),
        users_count=len(room.members),
        resumed=resumed,
        server=state.about(),
        topic=room.topic,
        role=room.role_of(session, state.moment.time).word,
        private=room.private,
        slow=room.slow,
        unread=pictures.unread(state, session),
        account="" if session.account is None else session.account.name,
        bots=pictures.bots(state, room),
        limits=limits_of(state, pace),
    )


def _logs(session: Session, room: Room) -> dict[str, str]:
    """Return the keys of the logs that the user receives, by the names that they have in frames."""
    return {room.name: room.key, DIRECT_LOG: session.inbox, BROADCAST_LOG: BROADCAST_LOG}


def log_out(state: State, session: Session, command: LogOut) -> ServerEvent:
    """End the session at once, and the connection with it."""
    connection = session.connection
    assert connection is not None  # it is the one that asks
    del state.connections[connection]
    session.heads = state.heads(session)  # it says so on the connection on which all of it went out
    _end(state, session, Trigger.LOGGED_OUT)
    _dismiss(state, connection, ErrorCode.LOGGED_OUT, CloseReason.NORMAL)
    state.note(LineKind.LOGOUT, session, user=session.name)
    return Accepted()


def put_out(state: State, session: Session, code: ErrorCode) -> None:
    """End a session that its user did not want to end, and the connection with it if there is one."""
    connection = session.connection
    if connection is not None:
        del state.connections[connection]
    _end(state, session, Trigger.PUT_OUT)
    if connection is not None:
        _dismiss(state, connection, code)


def lose_connection(state: State, session: Session, record: Gone) -> None:
    """Keep the session for its grace period."""
    moment = state.moment
    del state.connections[record.connection]
    session.connection = None
    if record.heads:
        session.heads = dict(record.heads)
    state.note(LineKind.DISCONNECTED, session, user=session.name, reason=record.reason, **_whence(session))
    session.move(Trigger.CONNECTION_LOST)
    for follower in state.followers:
        follower.lost(session)
    session.losses += 1
    session.lasted = moment.clock - session.began
    grace = state.limits.grace
    if not session.confirmed:
        # It may have been made for nothing but its name: that is kept for as long as somebody was there under it.
        grace = min(grace, max(_SHORT_GRACE, session.lasted))
    _wait(state, session, moment.clock + grace)


def end_graces(state: State) -> None:
    """End the sessions whose grace period is over; of many some, and the others with the next entries."""
    graces, now = state.due.graces, state.moment.clock
    most, ended = state.at_a_time, 0
    while graces and graces[0][0] <= now and ended != most:
        _until, _number, losses, session = heappop(graces)
        # The same number: the session has not been resumed and lost again in between.
        if session.state is SessionState.DETACHED and session.losses == losses:
            _expire(state, session)
            ended += 1


def _wait(state: State, session: Session, until: float) -> None:
    """Let a session wait for another connection. Of those of one place, so many may."""
    place, most = session.origin.place, state.limits.connections_per_address
    state.wait(session, place, until)
    waiting = state.waiting[place]
    if place and most and len(waiting) > most:
        by_worth = state.moment.rules >= SHARES_WHAT_IS_LEFT
        _expire(state, min(waiting, key=partial(_worth, state) if by_worth else waiting.__getitem__))


def _worth(state: State, session: Session) -> tuple[int, bool, float, int]:
    """Return by what a session is kept rather than others of its place, the most important first.

    An account and a role, whether it was ever used, how long it was there; and who came later goes first.
    """
    known = (session.account is not None) + (session.person in state.ruled)
    return known, session.confirmed, session.lasted, -session.number


def _wait_no_longer(state: State, session: Session) -> None:
    waiting = state.waiting.get(session.origin.place, {})
    if waiting.pop(session, None) is not None and not waiting:
        del state.waiting[session.origin.place]


def _expire(state: State, session: Session) -> None:
    _end(state, session, Trigger.GRACE_OVER)
    state.note(LineKind.EXPIRED, session, user=session.name)


def _end(state: State, session: Session, trigger: Trigger) -> None:
    session.move(trigger)
    for follower in state.followers:
        follower.ended(session)
    state.leave(session)
    state.reading.forget(session)
    naming.free(state, session)
    _wait_no_longer(state, session)
    _forget_numbers(state, session)
    accounts.end(state, session)


def _dismiss(state: State, connection: int, code: ErrorCode, reason: CloseReason = CloseReason.POLICY) -> None:
    state.emit(Unsubscribe(connection))
    state.emit(Deliver(connection, Dismissed(code, refusal_text(code))))
    state.emit(Close(connection, reason))


def _whence(session: Session) -> dict[str, str]:
    origin = session.origin
    return {"address": origin.address, "transport": origin.transport, "dialect": origin.dialect}
