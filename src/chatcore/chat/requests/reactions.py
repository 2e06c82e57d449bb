"""Emojis below messages: who has put which there, told to the room."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from chatcore.chat.effects import Deliver, Publish
from chatcore.chat.kept.model import Session
from chatcore.chat.requests.meant import room_of_message
from chatcore.chat.state import State
from chatcore.commands import React, Unreact
from chatcore.errors import ErrorCode, Refusal
from chatcore.events import Accepted, MessagePosted, Posted, ReactionChanged, RoomModerated, ServerEvent
from chatcore.text.emoji import is_emoji

_KINDS: Final = 20
_KINDS_OF_A_USER: Final = 5
_REACTIONS: Final = 1000


def as_seen(session: Session, command: React | Unreact, entry: Posted, seen: int) -> React | Unreact | None:
    """Return a request with what was found below the message, for its record; None when it changes nothing.

    Raises `Refusal`: `no_such_message`, `bad_request`, `too_large`. Asked where the message is at hand, before anything
    is written down. `seen`: how many changes of the log were known by then.
    """
    if not isinstance(entry, MessagePosted) or entry.deleted:
        raise Refusal(ErrorCode.NO_SUCH_MESSAGE)
    there = {each.emoji: each.by for each in entry.reactions}
    by = there.get(command.emoji, ())
    if isinstance(command, Unreact):
        return replace(command, count=len(by) - 1) if session.numbers in by else None
    if session.numbers in by:
        return None
    if not is_emoji(command.emoji):
        raise Refusal(ErrorCode.BAD_REQUEST, what="emoji")
    own = sum(session.numbers in each for each in there.values())
    kinds = len(there) + (command.emoji not in there)
    left = _REACTIONS - sum(map(len, there.values())) - 1
    if kinds > _KINDS or own >= _KINDS_OF_A_USER or left < 0:
        raise Refusal(ErrorCode.TOO_LARGE, what="reactions")
    return replace(command, count=len(by) + 1, seen=seen, left=left, kinds=() if by else tuple(there))


def _check_since(state: State, key: str, command: React) -> None:
    """Raise `Refusal` (`too_large`) when others may have put as many there as there may be since it was looked for.

    What of a log is in memory differs from node to node; which changes there were does not.
    """
    since = state.log.changes(key) - command.seen
    if command.left is None or not since:
        return
    changed = (each for each in state.log.changed(key, command.seen) if each.seq == command.seq)
    kinds = {command.emoji, *command.kinds, *(each.emoji for each in changed)} - {""}
    if since > command.left or (command.count == 1 and len(kinds) > _KINDS):
        raise Refusal(ErrorCode.TOO_LARGE, what="reactions")


def react(state: State, session: Session, command: React | Unreact) -> ServerEvent:
    """Put an emoji below a message, or take it back.

    Raises `Refusal`: `no_such_room`, `no_such_message`, `too_large`.
    """
    room, removed = room_of_message(state, session, command), isinstance(command, Unreact)
    if isinstance(command, React):
        _check_since(state, room.key, command)
    count = state.log.react(room.key, command.seq, command.emoji, session.numbers, removed=removed)
    event = ReactionChanged(
        room=room.name,
        seq=command.seq,
        emoji=command.emoji,
        by=session.name,
        count=command.count if count is None else count,
        removed=removed,
        change=state.log.changes(room.key),
        bot=session.is_bot,
    )
    state.emit(Publish(room.key, event))
    if room is not session.room and session.connection is not None:
        state.emit(Deliver(session.connection, event))
    return Accepted()


def what_became_of(room: str, entry: Posted, emoji: str, change: int) -> ServerEvent:
    """Return what tells of a change to somebody who was away: what an entry is now, or how many have put an emoji."""
    if emoji:
        there = entry.reactions if isinstance(entry, MessagePosted) else ()
        count = next((each.count for each in there if each.emoji == emoji), 0)
        return ReactionChanged(
            room=room, seq=entry.seq, emoji=emoji, by="", count=count, removed=not count, change=change
        )
    act = "delete_message" if entry.deleted else "edit_message"
    by = "" if entry.deleted else entry.sender
    return RoomModerated(
        room=room,
        act=act,
        by=by,
        target=entry.sender,
        value=entry.seq,
        text=entry.text,
        change=change,
        bot=bool(by) and entry.bot,
    )
