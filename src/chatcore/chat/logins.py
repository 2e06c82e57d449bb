"""How a session begins, is resumed, loses its connection and ends."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

from chatcore.chat.effects import Close, Deliver, Unsubscribe
from chatcore.chat.model import Room, Session
from chatcore.chat.session_state import SessionState, Trigger
from chatcore.commands import LogIn, LogOut, Position
from chatcore.errors import ErrorCode, Refusal
from chatcore.events import BROADCAST_LOG, DIRECT_LOG, Accepted, Dismissed, ServerEvent, Welcomed
from chatcore.limits import CHUNK_BYTES, FILE_NAME_BYTES, OBJECT_BYTES, ROOM_NAME_MAX, ROOM_NAME_MIN, USERNAME_MIN
from chatcore.ports.transport import CloseReason
from chatcore.text.names import name_key

if TYPE_CHECKING:
    from chatcore.chat.chat import Chat

_CLIENT_ID_CHARS: Final = 64
_SECRET_CHARS: Final = 16  # from so many on, a text that a client has made cannot be guessed
# How long a session that was never used waits for its client, in seconds: a welcome may have been lost.
_SHORT_GRACE: Final = 5.0
_NUMBERS_CHARS: Final = 32
# A stopping server sends its users back one after the other, this many a second.
_COME_BACK_PER_SECOND: Final = 500


def log_in(chat: Chat, session: Session, command: LogIn) -> ServerEvent:
    """Begin a session, or give this connection to the session that the token belongs to.

    Raises `Refusal`: `shutting_down`, `bad_name`, `name_taken`, `server_full`.
    """
    if chat.stopping:
        raise Refusal(ErrorCode.SHUTTING_DOWN, "the server is shutting down; try again later")
    known = _session_to_resume(chat, command)
    if known is not None:
        return _resume(chat, known, session, command)
    chat.check_username(session, command.username)
    key = name_key(command.username)
    if key in chat.users:
        raise Refusal(ErrorCode.NAME_TAKEN, f"somebody is called {command.username} already")
    if len(chat.users) >= chat.limits.sessions:
        raise Refusal(ErrorCode.SERVER_FULL, "the server is full; try again later")

    session.happen(Trigger.LOGGED_IN)
    session.name = command.username
    session.login = (command.client, command.token)
    session.inbox = f"{DIRECT_LOG}{chat.new_id()}"
    session.since = chat.at
    session.began = chat.now
    _number(chat, session, command)
    session.budget = chat.budgets.of(session.origin, chat.now, logged_in=True)
    chat.users[key] = session
    chat.user_names.add(key)
    chat.tokens[session.token] = session
    chat.log.open(session.inbox)
    chat.record("login", user=session.name, **_whence(session))
    chat.enter(session, chat.default_room)
    # The direct messages of a session go with it: who had an earlier one is told that its log begins anew.
    after = _known(chat, session, command, (chat.default_room.key, session.inbox, BROADCAST_LOG))
    chat.subscribe(session, after)
    return _welcome(chat, session, after, resumed=False)


def _session_to_resume(chat: Chat, command: LogIn) -> Session | None:
    if command.token is not None and command.token in chat.tokens:
        return chat.tokens[command.token]
    # The welcome may have been lost, and the token with it. Then the same login again, with a client id that nobody
    # guesses, gets the session that it began: while it has not been used, and its connection has not lasted so long
    # that the welcome has arrived.
    holder = chat.users.get(name_key(command.username))
    if holder is None or holder.confirmed or holder.login != (command.client, command.token):
        return None
    if command.client is None or len(command.client) < _SECRET_CHARS:
        return None
    lasted = holder.lasted if holder.connection is None else chat.now - holder.began
    return holder if lasted <= chat.limits.keepalive_interval + chat.limits.keepalive_timeout else None


def _number(chat: Chat, session: Session, command: LogIn) -> None:
    """Say what the session's sends are numbered under, and make its token.

    A token has two parts: one is the session's own, the other is for its client's numbers. Who logs in anew with an
    earlier token and the same client id so goes on counting, and nobody else does (docs/decisions/0010).
    """
    client, (_, dot, secret) = command.client or "", (command.token or "").rpartition(".")
    numbers = _numbers(client, secret)
    proven = client and dot and len(secret) >= _SECRET_CHARS and numbers not in chat.numbers
    if not proven or len(client) > _CLIENT_ID_CHARS:
        if not 1 <= len(client) <= _CLIENT_ID_CHARS or client in chat.clients:
            client = chat.new_id()
        secret = chat.new_id()
        numbers = _numbers(client, secret)
    session.client, session.numbers, session.token = client, numbers, f"{chat.new_id()}.{secret}"
    chat.clients.setdefault(client, session)
    chat.numbers[numbers] = session
    chat.log.hold(numbers)


def _numbers(client: str, secret: str) -> str:
    text = f"{len(client)} {client}{secret}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_NUMBERS_CHARS]


def _resume(chat: Chat, session: Session, anonymous: Session, command: LogIn) -> ServerEvent:
    assert anonymous.connection is not None  # it is the one that asks
    if session.connection is not None:
        # Fenced before anything of the new connection counts: no two connections speak for one session.
        _dismiss(chat, session.connection, ErrorCode.REPLACED, "this session goes on on another connection")
        del chat.connections[session.connection]
    _wait_no_longer(chat, session)
    anonymous.happen(Trigger.MERGED)
    session.happen(Trigger.RESUMED)
    session.connection, session.origin = anonymous.connection, anonymous.origin
    if session.budget is not None and anonymous.budget is not None:
        session.budget.address = anonymous.budget.address
    session.active_at = chat.now
    chat.connections[anonymous.connection] = session
    chat.record("resumed", user=session.name, **_whence(session))
    # To a client that does not say what it knows, everything since it was last heard of is replayed.
    assert session.room is not None  # a user is always in a room
    logs = (session.room.key, session.inbox, BROADCAST_LOG)
    after = session.heads | _known(chat, session, command, logs)
    # For a client that never saw the welcome of this session, the session is a new one.
    resumed = command.token == session.token
    session.confirmed |= resumed
    chat.subscribe(session, after)
    chat.files.returned(session)
    return _welcome(chat, session, after, resumed=resumed)


def _known(chat: Chat, session: Session, command: LogIn, logs: tuple[str, ...]) -> dict[str, int]:
    """Return after which seq to replay each of `logs` that the client says it knows something of."""
    names = {name_key(chat.log_name(log)): log for log in logs}
    return {
        names[name_key(name)]: chat.replay_from(session, names[name_key(name)], since)
        for name, since in command.since.items()
        if name_key(name) in names
    }


def _welcome(chat: Chat, session: Session, after: Mapping[str, int], *, resumed: bool) -> Welcomed:
    room = session.room
    assert room is not None  # a user is always in a room
    log, limits = chat.log, chat.limits
    heads = {name: log.open(key) for name, key in _logs(session, room).items()}
    return Welcomed(
        username=session.name,
        room=room.name,
        token=session.token,
        client=session.client,
        numbers=session.numbers,
        cid=log.last_cid(session.numbers),
        position=heads[room.name],
        positions={
            name: Position(heads[name].epoch, after.get(key, heads[name].seq))
            for name, key in _logs(session, room).items()
        },
        rooms=chat.list_rooms(None)[0],
        rooms_count=len(chat.rooms),
        users=chat.member_names(room),
        users_count=len(room.members),
        resumed=resumed,
        server=chat.about,
        limits={
            "object_bytes": OBJECT_BYTES,
            "text_bytes": limits.text_bytes,
            "username_chars": [USERNAME_MIN, limits.username_chars],
            "room_chars": [ROOM_NAME_MIN, ROOM_NAME_MAX],
            "recipients": limits.recipients,
            "history_messages": limits.history_messages,
            "messages_per_second": limits.messages_per_second,
            "requests_per_second": limits.requests_per_second,
            "request_burst": limits.request_burst,
            "grace": limits.grace,
            "file_bytes": limits.file_bytes,
            "file_name_bytes": FILE_NAME_BYTES,
            "file_offers": limits.file_offers,
            "file_transfers": limits.file_transfers,
            "file_chunk_bytes": CHUNK_BYTES,
            "file_window_bytes": limits.file_window_bytes,
            "file_idle": limits.file_idle,
        },
    )


def _logs(session: Session, room: Room) -> dict[str, str]:
    """Return the keys of the logs that the user receives, by the names that they have in frames."""
    return {room.name: room.key, DIRECT_LOG: session.inbox, BROADCAST_LOG: BROADCAST_LOG}


def log_out(chat: Chat, session: Session, command: LogOut) -> ServerEvent:
    """End the session at once, and the connection with it."""
    connection = session.connection
    assert connection is not None  # it is the one that asks
    del chat.connections[connection]
    _end(chat, session, Trigger.LOGGED_OUT)
    _dismiss(chat, connection, ErrorCode.LOGGED_OUT, "goodbye", CloseReason.NORMAL)
    chat.record("logout", user=session.name)
    return Accepted()


def lose_connection(chat: Chat, session: Session, reason: str) -> None:
    """Keep the session for its grace period, if there is a user in it."""
    session.connection = None
    chat.record("disconnected", user=session.name, reason=reason, **_whence(session))
    anonymous = session.state is SessionState.ANONYMOUS
    session.happen(Trigger.CONNECTION_LOST)
    if anonymous:
        return
    chat.files.lost(session)
    session.losses += 1
    session.lasted = chat.now - session.began
    grace = chat.limits.grace
    if not session.confirmed:
        # It may have been made for nothing but its name: that is kept for as long as somebody was there under it.
        grace = min(grace, max(_SHORT_GRACE, session.lasted))
    _wait(chat, session, chat.now + grace)


def _wait(chat: Chat, session: Session, until: float) -> None:
    """Let a session wait for another connection. Of those of one place, so many may."""
    place, most = session.origin.place, chat.limits.connections_per_address
    waiting = chat.waiting.setdefault(place, {})
    waiting[session] = until
    # By its token: the timer goes off long after a session may have ended.
    chat.call_at(until, partial(_grace_over, chat, session.token, session.losses))
    if place and most and len(waiting) > most:
        _expire(chat, min(waiting, key=waiting.__getitem__))


def _wait_no_longer(chat: Chat, session: Session) -> None:
    waiting = chat.waiting.get(session.origin.place, {})
    if waiting.pop(session, None) is not None and not waiting:
        del chat.waiting[session.origin.place]


def _grace_over(chat: Chat, token: str, losses: int) -> None:
    session = chat.tokens.get(token)
    # The same number: the session has not been resumed and lost again in between.
    if session is not None and session.state is SessionState.DETACHED and session.losses == losses:
        _expire(chat, session)


def _expire(chat: Chat, session: Session) -> None:
    _end(chat, session, Trigger.GRACE_OVER)
    chat.record("expired", user=session.name)


def dismiss_everyone(chat: Chat, message: str) -> None:
    """Say goodbye to every connection, each with its own moment to come back."""
    for turn, connection in enumerate(list(chat.connections)):
        come_back = 1 + round(turn / _COME_BACK_PER_SECOND, 1)
        session = chat.connections.pop(connection)
        session.happen(Trigger.SERVER_STOPPED)
        chat.emit(Unsubscribe(connection))
        chat.emit(Deliver(connection, Dismissed(ErrorCode.SHUTTING_DOWN, message, come_back)))
        chat.emit(Close(connection, CloseReason.GOING_AWAY))


def _end(chat: Chat, session: Session, trigger: Trigger) -> None:
    session.happen(trigger)
    chat.files.ended(session)
    chat.leave(session)
    del chat.users[session.key]
    chat.user_names.remove(session.key)
    del chat.tokens[session.token]
    del chat.numbers[session.numbers]
    if chat.clients.get(session.client) is session:
        del chat.clients[session.client]
    _wait_no_longer(chat, session)
    chat.log.release(session.numbers, session.origin.place)
    chat.log.drop(session.inbox)


def _dismiss(
    chat: Chat, connection: int, code: ErrorCode, message: str, reason: CloseReason = CloseReason.POLICY
) -> None:
    chat.emit(Unsubscribe(connection))
    chat.emit(Deliver(connection, Dismissed(code, message)))
    chat.emit(Close(connection, reason))


def _whence(session: Session) -> dict[str, str]:
    origin = session.origin
    return {"address": origin.address, "transport": origin.transport, "dialect": origin.dialect}
