"""What is said: numbered by the client, appended to a log, acknowledged by the sender's own copy; and read again."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Final, NamedTuple, TypeVar

from chatcore.chat.effects import Deliver, Publish, UnreadMoved
from chatcore.chat.kept.model import Place, Room, Session
from chatcore.chat.kept.reading import named_in
from chatcore.chat.requests.accounts import count_waiting, inbox_of, readers_of
from chatcore.chat.requests.permissions import check
from chatcore.chat.requests.written_down import write_down
from chatcore.chat.slow_mode import has_to_wait, take_turn
from chatcore.chat.state import State
from chatcore.commands import ReadHistory, Send, SendBroadcast, SendDirect, SendMessage
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
    ServerEvent,
)
from chatcore.limits import NAMES_BYTES, NOTE_CHARS, ROOM_NAME_MAX
from chatcore.quick import quick, quick_tuple
from chatcore.records import REACHES_PERSONS_ONCE, TELLS_SENDS_APART
from chatcore.text.json_size import escaped_size, fits, names_size
from chatcore.text.names import name_key
from chatcore.text.reasons import refusal_text

# What an entry of a history takes besides its text: names, seq, time, keys.
_ENTRY_OVERHEAD: Final = 201
_REACTION_OVERHEAD: Final = 100
_message: Final = quick(MessagePosted)
_publish: Final = quick_tuple(Publish)

S = TypeVar("S", bound=Send)


def _known_send(state: State, session: Session, command: Send, cid: int) -> ServerEvent | None:
    """Return the answer to a send that was seen before. Raises `Refusal` when the numbering is broken."""
    expected = state.log.last_cid(session.numbers) + 1
    if cid == expected:
        return None
    if cid > expected:
        raise Refusal(ErrorCode.CID_GAP, expected=expected, cid=cid)
    receipt = state.log.receipt(session.numbers, cid)
    if receipt is None:
        return Accepted(cid)
    # What was kept before keeps what it was known by.
    if receipt.digest not in (digest(command, state.moment.rules), digest(command, TELLS_SENDS_APART - 1)):
        raise Refusal(ErrorCode.CID_CONFLICT, cid=cid)
    if receipt.refused is not None:
        return Refused(receipt.refused, refusal_text(receipt.refused), cid)
    entry = _entry_at(state, receipt.key, receipt.seq)
    # A room may have been removed and created again since: then something else stands at that place.
    if entry is None or entry.client != session.numbers or entry.cid != cid:
        return Accepted(cid)
    return entry


def _entry_at(state: State, key: str, seq: int) -> Posted | None:
    try:
        found = state.log.read(key, seq - 1, 1)
    except KeyError:
        return None
    return found[0] if found and found[0].seq == seq else None


def digest(command: Send, rules: int) -> int:
    """Return what tells another content from a repetition; 0 for what has no number, and so no repetition.

    `rules` are those by which it is applied.
    """
    if command.cid is None:
        return 0
    target: object = command.reply_to if isinstance(command, SendMessage) else None
    if isinstance(command, SendDirect):
        target = sorted(name_key(name) for name in command.to)
    between = "\0" if rules >= TELLS_SENDS_APART else ""
    said = f"{type(command).__name__}{between}{target}{between}{command.text}"
    return zlib.crc32(said.encode("utf-8", "surrogatepass"))


def check_text(state: State, text: str) -> None:
    """Raise `Refusal` unless this may be said."""
    if not text:
        raise Refusal(ErrorCode.BAD_REQUEST, what="empty_text")
    if not fits(text, state.limits.text_bytes):
        raise Refusal(ErrorCode.TOO_LARGE, text_bytes=state.limits.text_bytes)


def once(handler: Callable[[State, Session, S], ServerEvent]) -> Callable[[State, Session, S], ServerEvent]:
    """Return a handler of sends that carries out each number of a client once, however often it comes.

    Whether its user may do that is asked behind it: what was done is answered by what it came to.
    """

    def handle(state: State, session: Session, command: S) -> ServerEvent:
        if command.cid is not None:
            known = _known_send(state, session, command, command.cid)
            if known is not None:
                return known
        if state.sanctions.rooms:
            check(state, session, command)
        check_text(state, command.text)
        return handler(state, session, command)

    return handle


@once
def send_message(state: State, session: Session, command: SendMessage) -> ServerEvent:
    room = session.room
    assert room is not None  # gate: logged in
    if command.room is not None and name_key(command.room) != room.key:
        raise Refusal(ErrorCode.NOT_IN_ROOM, room=room.name, name=command.room[:ROOM_NAME_MAX])
    key = room.key
    waits = room.slow and has_to_wait(state, session, room)
    if command.reply_to is not None and command.epoch != state.log.position(key).epoch:
        raise Refusal(ErrorCode.NO_SUCH_MESSAGE)
    entry = _message(
        seq=state.log.head(key) + 1,
        sender=session.name,
        text=command.text,
        at=state.moment.time,
        client=session.numbers,
        cid=command.cid,
        room=room.name,
        reply_to=command.reply_to,
        bot=session.is_bot,
    )
    state.log.append(key, entry, 0 if command.cid is None else digest(command, state.moment.rules))
    state.emit(_publish((key, entry, session.connection)))
    if waits:
        room.spoken.note(session.person, room.slow, state.moment.clock)
    place = session.place
    if place is not None and place.seq == entry.seq - 1:
        place.seq = entry.seq  # nobody has to read what comes from oneself
    mentioned = named_in(command.text, room.readers, state.moment.rules)
    if mentioned:
        _note_mentions(state, room, session, entry.seq, mentioned)
    return entry


def _note_mentions(state: State, room: Room, session: Session, seq: int, mentioned: Collection[str]) -> None:
    """Count for those whom a user mentions that they have not read it, and tell those who are elsewhere."""
    places: Collection[Place] = [room.readers[key] for key in mentioned]
    if state.moment.rules >= REACHES_PERSONS_ONCE:
        places = dict.fromkeys(places)
    for place in places:
        if place is session.place:
            continue
        place.note_mention(seq)
        for user in state.sessions_of(place.person):
            if user.connection is not None and user.room is not room:
                state.emit(UnreadMoved(user.connection, room))


@once
def send_direct(state: State, session: Session, command: SendDirect) -> ServerEvent:
    if not command.to:
        raise Refusal(ErrorCode.BAD_REQUEST, what="no_receiver")
    if len(command.to) > state.limits.recipients:
        raise Refusal(ErrorCode.TOO_LARGE, recipients=state.limits.recipients)
    receivers = {name_key(name): inbox_of(state, session, name) for name in command.to}  # all or nobody
    to = tuple(each.name for each in receivers.values())
    if names_size(to) > NAMES_BYTES:
        raise Refusal(ErrorCode.TOO_LARGE, what="names")
    own = DirectPosted(
        seq=state.log.head(session.inbox) + 1,
        sender=session.name,
        text=command.text,
        at=state.moment.time,
        client=session.numbers,
        cid=command.cid,
        to=to,
        bot=session.is_bot,
    )
    state.log.append(session.inbox, own, digest(command, state.moment.rules))
    _deliver(state, session.name, own, but=session)
    reached = {session.inbox}
    for name, inbox, away in receivers.values():
        if inbox not in reached:
            if state.moment.rules >= REACHES_PERSONS_ONCE:
                reached.add(inbox)
            copy = replace(own, seq=state.log.head(inbox) + 1, client=None, cid=None)
            state.log.append(inbox, copy)
            _deliver(state, name, copy)
            if away is not None:
                count_waiting(away, session)
    return own


def _deliver(state: State, name: str, copy: DirectPosted, *, but: Session | None = None) -> None:
    """Tell what stands in an inbox to those who read it."""
    for reader in readers_of(state, name):
        if reader.connection is not None and reader is not but:
            state.emit(Deliver(reader.connection, copy))


@once
def send_broadcast(state: State, session: Session, command: SendBroadcast) -> ServerEvent:
    take_turn(state, session, state.default_room, session.room)
    entry = BroadcastPosted(
        seq=state.log.head(BROADCAST_LOG) + 1,
        sender=session.name,
        text=command.text,
        at=state.moment.time,
        client=session.numbers,
        cid=command.cid,
        bot=session.is_bot,
    )
    state.log.append(BROADCAST_LOG, entry, digest(command, state.moment.rules))
    state.emit(Publish(None, entry, skip=session.connection))
    if session.is_operator:
        write_down(state, "broadcast", session, text=command.text[:NOTE_CHARS])
    return entry


class Span(NamedTuple):
    """Which entries a history is about: those behind `after`, up to `limit` of them, and before `end`."""

    key: str
    after: int
    limit: int
    end: int
    forward: bool
    """True when those behind `after` go first, False when those before `end` do: not all may fit."""


def span_of(state: State, session: Session, command: ReadHistory) -> Span:
    """Return which entries a user asks for. Raises `Refusal`."""
    key = state.log_key(session, command.room)
    limit = max(1, min(command.limit, state.limits.history_messages))
    end = state.log.head(key) + 1
    if command.after is not None:
        return Span(key, max(0, command.after), limit, end, forward=True)
    end = end if command.before is None else max(1, min(command.before, end))
    return Span(key, max(0, end - 1 - limit), limit, end, forward=False)


def read_history(state: State, session: Session, command: ReadHistory) -> ServerEvent:
    """Answer from what is in memory."""
    span = span_of(state, session, command)
    return history(state, span, state.log.read(span.key, span.after, span.limit))


def history(state: State, span: Span, found: Sequence[Posted]) -> HistoryRead:
    """Return the answer that has what was found of a span: as many entries as fit into one frame."""
    entries = [entry for entry in found if entry.seq < span.end]
    # A reply is an object like every other, counted from where the reader is.
    space, fitting = state.limits.text_bytes, list[Posted]()
    for entry in entries if span.forward else reversed(entries):
        space -= entry_size(entry)
        if space < 0 and fitting:
            break
        fitting.append(entry)
    if not span.forward:
        fitting.reverse()
    return HistoryRead(state.log_name(span.key), state.log.position(span.key).epoch, tuple(fitting))


def entry_size(entry: Posted) -> int:
    """Return about how many bytes an entry takes in a frame, at most."""
    size = escaped_size(entry.text) + _ENTRY_OVERHEAD + names_size((entry.sender, getattr(entry, "room", "")))
    if isinstance(entry, MessagePosted) and entry.reactions:
        size += _REACTION_OVERHEAD * len(entry.reactions)
    if isinstance(entry, DirectPosted):
        size += names_size(entry.to)
    return size
