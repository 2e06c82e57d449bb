"""How a session begins, is resumed, loses its connection and ends."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

from chatcore.commands import LogIn, LogOut, Position
from chatcore.effects import Close, Deliver, Unsubscribe
from chatcore.errors import ErrorCode, Refusal
from chatcore.events import BROADCAST_LOG, DIRECT_LOG, Accepted, Dismissed, ServerEvent, Welcomed
from chatcore.limits import CHUNK_BYTES, FILE_NAME_BYTES, OBJECT_BYTES
from chatcore.model import Room, Session
from chatcore.names import ROOM_NAME_MAX, ROOM_NAME_MIN, USERNAME_MIN, name_key
from chatcore.ports.transport import CloseReason
from chatcore.session_state import SessionState, Trigger

if TYPE_CHECKING:
    from chatcore.chat import Chat

_CLIENT_ID_CHARS: Final = 64
_SECRET_CHARS: Final = 16  # from so many on, a client id cannot be guessed
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
    session.token = chat.new_id()
    session.client = _own_client_id(chat, command.client)
    session.since = chat.at
    chat.users[key] = session
    chat.tokens[session.token] = session
    chat.clients[session.client] = session
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
    # The welcome may have been lost, and the token with it. Then the client's own secret proves who it is.
    holder = chat.users.get(name_key(command.username))
    if holder is None or holder.confirmed or holder.client != command.client:
        return None
    return holder if len(holder.client) >= _SECRET_CHARS else None


def _resume(chat: Chat, session: Session, anonymous: Session, command: LogIn) -> ServerEvent:
    assert anonymous.connection is not None  # it is the one that asks
    if session.connection is not None:
        # Fenced before anything of the new connection counts: no two connections speak for one session.
        _dismiss(chat, session.connection, ErrorCode.REPLACED, "this session goes on on another connection")
        del chat.connections[session.connection]
    anonymous.happen(Trigger.MERGED)
    session.happen(Trigger.RESUMED)
    session.connection, session.origin = anonymous.connection, anonymous.origin
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
        cid=log.last_cid(session.client),
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


def _own_client_id(chat: Chat, proposed: str | None) -> str:
    """Return the client id that the session's sends are numbered under.

    One that belongs to another live session would mix up two programs' numbers, so it is replaced.
    """
    if proposed is None or not 1 <= len(proposed) <= _CLIENT_ID_CHARS or proposed in chat.clients:
        return chat.new_id()
    return proposed


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
    chat.call_at(chat.now + chat.limits.grace, partial(_grace_over, chat, session, session.losses))


def _grace_over(chat: Chat, session: Session, losses: int) -> None:
    # The same number: the session has not been resumed and lost again in between.
    if session.state is SessionState.DETACHED and session.losses == losses:
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
    del chat.tokens[session.token]
    del chat.clients[session.client]
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
