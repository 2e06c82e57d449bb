"""Looking for messages: where a user may look, and what of it is told."""

from __future__ import annotations

from typing import Final

from chatcore.chat.kept.model import Room, Session
from chatcore.chat.kept.roles import Role
from chatcore.chat.requests.messages import entry_size
from chatcore.chat.state import State
from chatcore.commands import Search
from chatcore.errors import ErrorCode, Refusal
from chatcore.events import MessagePosted, MessagesFound
from chatcore.ports.search import Found, Page, Query
from chatcore.text.finding.words import sought
from chatcore.text.names import name_key

_MOST: Final = 100
_WORDS: Final = 20


def query_of(state: State, session: Session, command: Search) -> Query:
    """Return what a user looks for. Raises `Refusal`: `bad_request` when that is nothing, `no_such_room`."""
    words = sought(command.words)[:_WORDS]
    if not (words or command.sender or command.since is not None or command.until is not None):
        raise Refusal(ErrorCode.BAD_REQUEST, what="search")
    time = state.moment.time
    room = None if command.room is None else state.find_room(command.room)
    rooms = state.rooms.values() if room is None else (room,)
    guarded = [each for each in rooms if each.private or each.sanctions]  # of thousands, few are
    return Query(
        words,
        None if command.sender is None else name_key(command.sender),
        None if room is None else room.key,
        frozenset(each.key for each in guarded if not _may_read(each, session, time)),
        command.since,
        command.until,
        command.before,
        max(1, min(command.limit, _MOST)),
    )


def _may_read(room: Room, session: Session, time: float) -> bool:
    if room.sanctions and room.role_of(session, time) is Role.BANNED:
        return False
    return not room.private or room.lets_in(session, time)


def found(state: State, session: Session, page: Page) -> MessagesFound:
    """Return the answer that has what was found: as much as fits into one frame, of rooms that are read still."""
    space, time, told = state.limits.text_bytes, state.moment.time, list[MessagePosted]()
    before = None
    for each in page.found:
        room = state.rooms.get(each.key)
        # It may have been found just before it was deleted.
        if room and _may_read(room, session, time) and not state.log.was_deleted(each.key, each.entry.seq):
            entry = _now(state, each)
            space -= entry_size(entry)
            if space < 0 and told:
                return MessagesFound(tuple(told), before)
            told.append(entry)
        before = each.cursor
    return MessagesFound(tuple(told), page.before)


def _now(state: State, found: Found) -> MessagePosted:
    """Return what was found as it is now, as far as it is in memory: it may have been edited since."""
    is_changed = state.log.was_changed(found.key, found.entry.seq)
    for entry in state.log.read(found.key, found.entry.seq - 1, 1) if is_changed else ():
        if isinstance(entry, MessagePosted) and (entry.seq, entry.at) == (found.entry.seq, found.entry.at):
            return entry
    return found.entry
