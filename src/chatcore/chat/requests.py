"""What each request does. A row per command: its handler and the gates before it, checked in one place.

A handler returns the event that answers the request, or raises `Refusal`; everything else it has to say it emits.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from chatcore.chat import logins
from chatcore.chat.budget import take_token
from chatcore.chat.effects import Deliver, Publish
from chatcore.chat.model import Session
from chatcore.chat.session_state import SessionState
from chatcore.chat.token_bucket import TokenBucket
from chatcore.commands import (
    AcceptFile,
    CancelFile,
    Command,
    CreateRoom,
    DeclineFile,
    FailFile,
    FinishFile,
    GrantCredit,
    JoinRoom,
    LeaveRoom,
    ListRooms,
    ListUsers,
    LogIn,
    LogOut,
    OfferFile,
    Position,
    ReadHistory,
    Rename,
    Send,
    SendBroadcast,
    SendChunk,
    SendDirect,
    SendMessage,
    WhoIs,
)
from chatcore.errors import ErrorCode, Refusal
from chatcore.events import (
    BROADCAST_LOG,
    Accepted,
    BroadcastPosted,
    DirectPosted,
    HistoryRead,
    MessagePosted,
    Posted,
    Refused,
    RoomsListed,
    ServerEvent,
    UserDescribed,
    UserRenamed,
    UsersListed,
    UserSummary,
)
from chatcore.limits import ROOM_NAME_MAX
from chatcore.text.json_size import escaped_size, fits
from chatcore.text.names import is_room_name, name_key

if TYPE_CHECKING:
    from chatcore.chat.chat import Chat

# After these the same send may succeed later, so its cid is not used up.
_TEMPORARY: Final = frozenset(
    {
        ErrorCode.RATE_LIMITED,
        ErrorCode.SHUTTING_DOWN,
        ErrorCode.CID_GAP,
        ErrorCode.CID_CONFLICT,
        ErrorCode.NOT_LOGGED_IN,
    }
)
# What an entry of a history takes besides its text: names, seq, time, keys.
_ENTRY_OVERHEAD: Final = 250
_NAME_OVERHEAD: Final = 3  # quotes and a comma
# What the lines of a user list may take, and one of them besides the username: keys and the room.
_LINES_BYTES: Final = 60_000
_LINE_OVERHEAD: Final = 22 + ROOM_NAME_MAX


def carry_out(chat: Chat, session: Session, command: Command) -> ServerEvent | None:
    """Carry out a command and return the event that answers it. Raises `Refusal`."""
    row = ROWS[type(command)]
    if session.state is not row.state:
        if row.state is SessionState.ACTIVE:
            raise Refusal(ErrorCode.NOT_LOGGED_IN, "log in first")
        raise Refusal(ErrorCode.ALREADY_LOGGED_IN, f"you are logged in as {session.name}")
    session.confirmed = session.state is SessionState.ACTIVE
    if isinstance(command, Send):
        known = _known_send(chat, session, command)
        if known is not None:
            return known
        _spend_rate(chat, session)
        _check_text(chat, command.text)
    elif isinstance(command, OfferFile):
        _spend_rate(chat, session)
    return row.handler(chat, session, command)


def refused(chat: Chat, session: Session, command: Command, refusal: Refusal) -> Refused:
    """Return the event that tells of a refusal, and note it when it answers a numbered send for good."""
    cid = None
    if isinstance(command, Send) and command.cid is not None and session.state is SessionState.ACTIVE:
        cid = command.cid
        if refusal.code not in _TEMPORARY:
            chat.log.refuse(session.numbers, cid, refusal.code, _digest(command))
    return Refused(refusal.code, refusal.message, cid, refusal.retry_after)


# Sends: numbered by the client, acknowledged by the sender's own copy.


def _known_send(chat: Chat, session: Session, command: Send) -> ServerEvent | None:
    """Return the answer to a send that was seen before. Raises `Refusal` when the numbering is broken."""
    if command.cid is None:
        return None
    expected = chat.log.last_cid(session.numbers) + 1
    if command.cid == expected:
        return None
    if command.cid > expected:
        raise Refusal(ErrorCode.CID_GAP, f"the next cid is {expected}, not {command.cid}")
    receipt = chat.log.receipt(session.numbers, command.cid)
    if receipt is None:
        return Accepted(command.cid)
    if receipt.digest != _digest(command):
        raise Refusal(ErrorCode.CID_CONFLICT, f"cid {command.cid} was used for something else")
    if receipt.refused is not None:
        return Refused(receipt.refused, "this was refused before", command.cid)
    entry = _entry_at(chat, receipt.key, receipt.seq)
    # A room may have been removed and created again since: then something else stands at that place.
    if entry is None or entry.client != session.numbers or entry.cid != command.cid:
        return Accepted(command.cid)
    return entry


def _entry_at(chat: Chat, key: str, seq: int) -> Posted | None:
    try:
        found = chat.log.read(key, seq - 1, 1)
    except KeyError:
        return None
    return found[0] if found and found[0].seq == seq else None


def _digest(command: Send) -> int:
    target: object = None
    if isinstance(command, SendDirect):
        target = sorted(name_key(name) for name in command.to)
    return zlib.crc32(f"{type(command).__name__}{target}{command.text}".encode("utf-8", "surrogatepass"))


def _spend_rate(chat: Chat, session: Session) -> None:
    limits = chat.limits
    if not limits.messages_per_second:
        return
    if session.send_rate is None:
        session.send_rate = TokenBucket(limits.messages_per_second, limits.message_burst, chat.now)
    take_token(session.send_rate, chat.now, "you are writing too fast")


def _check_text(chat: Chat, text: str) -> None:
    if not text:
        raise Refusal(ErrorCode.BAD_REQUEST, "the text is empty")
    if not fits(text, chat.limits.text_bytes):
        raise Refusal(ErrorCode.TOO_LARGE, f"the text is longer than {chat.limits.text_bytes} bytes")


def _send_message(chat: Chat, session: Session, command: SendMessage) -> ServerEvent:
    room = session.room
    assert room is not None  # gate: logged in
    if command.room is not None and name_key(command.room) != room.key:
        raise Refusal(ErrorCode.NOT_IN_ROOM, f"you are in {room.name}, not in {command.room[:32]}")
    key = room.key
    entry = MessagePosted(
        seq=chat.log.head(key) + 1,
        sender=session.name,
        text=command.text,
        at=chat.at,
        client=session.numbers,
        cid=command.cid,
        room=room.name,
    )
    chat.log.append(key, entry, _digest(command))
    chat.emit(Publish(key, entry, skip=session.connection))
    chat.said_in(room)
    return entry


def _send_direct(chat: Chat, session: Session, command: SendDirect) -> ServerEvent:
    if not command.to:
        raise Refusal(ErrorCode.BAD_REQUEST, "a direct message needs somebody to go to")
    if len(command.to) > chat.limits.recipients:
        raise Refusal(ErrorCode.TOO_LARGE, f"a direct message goes to at most {chat.limits.recipients} users")
    receivers = {name_key(name): chat.find_user(name) for name in command.to}  # all or nobody
    to = tuple(receiver.name for receiver in receivers.values())
    receivers.pop(session.key, None)
    own = DirectPosted(
        seq=chat.log.head(session.inbox) + 1,
        sender=session.name,
        text=command.text,
        at=chat.at,
        client=session.numbers,
        cid=command.cid,
        to=to,
    )
    chat.log.append(session.inbox, own, _digest(command))
    for receiver in receivers.values():
        copy = replace(own, seq=chat.log.head(receiver.inbox) + 1, client=None, cid=None)
        chat.log.append(receiver.inbox, copy)
        if receiver.connection is not None:
            chat.emit(Deliver(receiver.connection, copy))
    return own


def _send_broadcast(chat: Chat, session: Session, command: SendBroadcast) -> ServerEvent:
    entry = BroadcastPosted(
        seq=chat.log.head(BROADCAST_LOG) + 1,
        sender=session.name,
        text=command.text,
        at=chat.at,
        client=session.numbers,
        cid=command.cid,
    )
    chat.log.append(BROADCAST_LOG, entry, _digest(command))
    chat.emit(Publish(None, entry, skip=session.connection))
    return entry


# Rooms.


def _create_room(chat: Chat, session: Session, command: CreateRoom) -> ServerEvent:
    if not is_room_name(command.room):
        raise Refusal(ErrorCode.BAD_NAME, "a room name is 1 to 32 letters, digits, _ or -")
    if name_key(command.room) in chat.rooms:
        raise Refusal(ErrorCode.ROOM_EXISTS, f"there is a room called {command.room} already")
    room = chat.open_room(command.room)
    chat.record("room_created", user=session.name, room=room.name)
    chat.enter(session, room)
    chat.subscribe(session)
    return chat.entered(session)


def _join_room(chat: Chat, session: Session, command: JoinRoom) -> ServerEvent:
    # After a restart nobody is in the rooms of before, and where the store has kept their logs, they go on.
    room = chat.reopen_room(command.room) if is_room_name(command.room) else chat.find_room(command.room)
    if room is not session.room:
        chat.enter(session, room)
        if command.since is not None:
            after = chat.replay_from(session, room.key, command.since)
            chat.subscribe(session, {room.key: after})
            picture = chat.entered(session)
            # As in a welcome: the place after which the log goes on, be it with a replay or live.
            return replace(picture, position=Position(picture.position.epoch, after))
        chat.subscribe(session)
    return chat.entered(session)


def _leave_room(chat: Chat, session: Session, command: LeaveRoom) -> ServerEvent:
    if session.room is not chat.default_room:
        chat.enter(session, chat.default_room)
        chat.subscribe(session)
    return chat.entered(session)


def _list_rooms(chat: Chat, session: Session, command: ListRooms) -> ServerEvent:
    return RoomsListed(*chat.list_rooms(command.after))


def _list_users(chat: Chat, session: Session, command: ListUsers) -> ServerEvent:
    names = chat.user_names if command.room is None else chat.find_room(command.room).names
    most = min(chat.limits.names_per_frame, _LINES_BYTES // (chat.presence.longest_name + _LINE_OVERHEAD))
    keys, more = names.page(command.after, most)
    found = (chat.users[key] for key in keys)
    return UsersListed(tuple(UserSummary(each.name, each.room.name) for each in found if each.room is not None), more)


def _who_is(chat: Chat, session: Session, command: WhoIs) -> ServerEvent:
    user = chat.find_user(command.username)
    assert user.room is not None  # a user is always in a room
    return UserDescribed(
        username=user.name,
        room=user.room.name,
        since=user.since,
        idle=max(0.0, chat.now - user.active_at),
        transport=user.origin.transport,
        dialect=user.origin.dialect,
        connected=user.connection is not None,
        address=user.origin.address if chat.show_addresses else None,
    )


def _rename(chat: Chat, session: Session, command: Rename) -> ServerEvent:
    chat.check_username(session, command.username)
    key, old_key, old = name_key(command.username), session.key, session.name
    holder = chat.users.get(key)
    if holder is not None and holder is not session:
        raise Refusal(ErrorCode.NAME_TAKEN, f"somebody is called {command.username} already")
    if command.username == old:
        return Accepted()
    del chat.users[old_key]
    chat.user_names.remove(old_key)
    session.name = command.username
    chat.users[key] = session
    chat.user_names.add(key)
    chat.renamed_in_room(session, old_key)
    assert session.room is not None  # a user is always in a room
    renamed = UserRenamed(old, session.name)
    assert session.connection is not None  # it is the one that asks
    chat.emit(Deliver(session.connection, renamed))
    chat.emit(Publish(session.room.key, renamed, skip=session.connection))
    chat.record("renamed", user=old, to=session.name)
    return Accepted()


def _read_history(chat: Chat, session: Session, command: ReadHistory) -> ServerEvent:
    key = chat.log_key(session, command.room)
    limit = max(1, min(command.limit, chat.limits.history_messages))
    end = chat.log.head(key) + 1
    forward = command.after is not None
    if command.after is not None:
        after = max(0, command.after)
    else:
        end = end if command.before is None else max(1, min(command.before, end))
        after = max(0, end - 1 - limit)
    entries = [entry for entry in chat.log.read(key, after, limit) if entry.seq < end]
    # A reply is an object like every other: as many entries as fit into one, counted from where the reader is.
    space, fitting = chat.limits.text_bytes, list[Posted]()
    for entry in entries if forward else reversed(entries):
        space -= escaped_size(entry.text) + _ENTRY_OVERHEAD
        if isinstance(entry, DirectPosted):
            space -= sum(len(name) + _NAME_OVERHEAD for name in entry.to)
        if space < 0 and fitting:
            break
        fitting.append(entry)
    if not forward:
        fitting.reverse()
    return HistoryRead(chat.log_name(key), chat.log.open(key).epoch, tuple(fitting))


@dataclass(frozen=True, slots=True)
class Row:
    """How a command is carried out."""

    handler: Callable[[Chat, Session, Any], ServerEvent | None]
    state: SessionState = SessionState.ACTIVE
    """The state that the session has to be in."""


ROWS: Final[dict[type[Command], Row]] = {
    LogIn: Row(logins.log_in, SessionState.ANONYMOUS),
    LogOut: Row(logins.log_out),
    CreateRoom: Row(_create_room),
    JoinRoom: Row(_join_room),
    LeaveRoom: Row(_leave_room),
    SendMessage: Row(_send_message),
    SendDirect: Row(_send_direct),
    SendBroadcast: Row(_send_broadcast),
    Rename: Row(_rename),
    ListRooms: Row(_list_rooms),
    ListUsers: Row(_list_users),
    WhoIs: Row(_who_is),
    ReadHistory: Row(_read_history),
    OfferFile: Row(lambda chat, session, command: chat.files.offer(session, command)),
    AcceptFile: Row(lambda chat, session, command: chat.files.accept(session, command)),
    DeclineFile: Row(lambda chat, session, command: chat.files.decline(session, command)),
    CancelFile: Row(lambda chat, session, command: chat.files.cancel(session, command)),
    FinishFile: Row(lambda chat, session, command: chat.files.finish(session, command)),
    FailFile: Row(lambda chat, session, command: chat.files.fail(session, command)),
    GrantCredit: Row(lambda chat, session, command: chat.files.grant(session, command)),
    SendChunk: Row(lambda chat, session, command: chat.files.chunk(session, command)),
}
