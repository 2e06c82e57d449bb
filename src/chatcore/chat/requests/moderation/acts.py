"""What is done in rooms, and by whom: told to the room and to whom it is done, and written down."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from chatcore.chat import pictures
from chatcore.chat.effects import Deliver, LineKind, Publish
from chatcore.chat.kept.model import Room, Session
from chatcore.chat.requests.meant import moment_text
from chatcore.chat.requests.written_down import keep_act
from chatcore.chat.state import State
from chatcore.commands import ListActs
from chatcore.errors import ErrorCode, Refusal
from chatcore.events import ABSENT, ActsListed, ActSummary, RoomModerated, ServerEvent
from chatcore.limits import NOTE_CHARS
from chatcore.text.json_size import escaped_size, names_size

# What somebody is told who has never been in the room: it says nothing in words of others.
_CALLS: Final = ("invite", "set_role")
# What a line of a list takes besides the reason and the names: times, keys.
LINE_BYTES: Final = 210


def check_note(text: str) -> None:
    """Raise `Refusal` for a topic or a reason that is too long."""
    if len(text) > NOTE_CHARS:
        raise Refusal(ErrorCode.TOO_LARGE, what="note", characters=NOTE_CHARS)


def tell(
    state: State,
    room: Room,
    by: Session | None,
    act: str,
    target: Session | None = None,
    *,
    name: str = "",
    value: str | int | bool | None = None,
    until: float | None = None,
    reason: str = "",
    text: str = "",
    change: int = 0,
    absent: bool = False,
    own: bool = False,
) -> None:
    """Tell the room, whoever it is about, and the operator.

    `absent`: nobody is called that at present. That is told, for the name may be mistyped; it is not written down.
    `own`: the target is what whoever does it has said.
    """
    event = RoomModerated(
        room=room.name,
        act=act,
        by="" if by is None else by.name,
        target=name if target is None else target.name,
        value=value,
        until=until,
        reason=reason,
        text=text,
        change=change,
        bot=by is not None and by.is_bot,
    )
    connection = None if target is None or not _hears(state, room, act, target) else target.connection
    state.emit(Publish(room.key, replace(event, value=ABSENT) if absent else event, skip=connection))
    if connection is not None:
        state.emit(Deliver(connection, event))
    keep_act(state, room, replace(event, text="", change=0), by, own=own)
    told = {"act": act, "room": room.name, "target": event.target, "value": value, "reason": reason}
    told["until"] = "" if until is None else moment_text(until)
    state.note(LineKind.MODERATED, by or "", user=event.by, **{k: v for k, v in told.items() if v not in (None, "")})


def tell_alone(
    state: State, room: Room, by: Session, act: str, target: Session | None = None, *, value: str | int | bool
) -> None:
    """Tell whoever asked for it, and nobody else, that it is so already: else nothing would be to be seen."""
    assert by.connection is not None  # it is the one that asks
    name = "" if target is None else target.name
    event = RoomModerated(room=room.name, act=act, by=by.name, target=name, value=value, bot=by.is_bot)
    state.emit(Deliver(by.connection, event))


def show_role(state: State, room: Room, persons: Iterable[str], *, told: Session | None) -> None:
    """Show persons in a room what they are there by now, in all sessions but the one that was told so by its name."""
    for session in [each for person in persons for each in state.sessions_of(person)]:
        if session is not told and session.room is room and session.connection is not None:
            state.emit(Deliver(session.connection, pictures.entered(state, session)))


def _hears(state: State, room: Room, act: str, target: Session) -> bool:
    """Tell whether somebody to whom something is done is told of it who may be elsewhere.

    Not of a room where that one never was: anybody may open one, and write to strangers in the reasons given there.
    """
    return act in _CALLS or room in (state.default_room, target.room) or target.key in room.readers


def list_acts(state: State, session: Session, command: ListActs) -> ServerEvent:
    space, lines = state.limits.text_bytes, list[ActSummary]()
    known = [each for each in state.acts if each.number > command.after]
    for each in known:
        done = each.event
        space -= escaped_size(done.reason) + escaped_size(str(done.value)) + escaped_size(done.text) + LINE_BYTES
        space -= names_size((done.room, done.by, done.target))
        if space < 0 and lines:
            # Several have one number where they were done at once: these are told together.
            lines = [line for line in lines if line.number < each.number] or lines
            break
        lines.append(each)
    return ActsListed(tuple(lines), more=len(lines) < len(known))
