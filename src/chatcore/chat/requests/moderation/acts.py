"""What is done in rooms, and by whom: told to the room and to whom it is done, and written down."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from chatcore.chat.effects import Deliver, LineKind, Publish
from chatcore.chat.kept.model import Room, Session
from chatcore.chat.state import State
from chatcore.commands import ListActs
from chatcore.errors import ErrorCode, Refusal
from chatcore.events import ActsListed, ActSummary, RoomModerated, ServerEvent
from chatcore.limits import NOTE_CHARS
from chatcore.records import WRITES_DOWN
from chatcore.text.json_size import escaped_size, names_size

_HOUR: Final = 3600.0
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
) -> None:
    """Tell the room, whoever it is about, and the operator."""
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
    connection = None if target is None else target.connection
    state.emit(Publish(room.key, event, skip=connection))
    if connection is not None:
        state.emit(Deliver(connection, event))
    _write_down(state, replace(event, text="", change=0), "" if by is None else by.origin.address)
    told = {"act": act, "room": room.name, "target": event.target, "value": value, "until": until, "reason": reason}
    state.note(LineKind.MODERATED, by or "", user=event.by, **{k: v for k, v in told.items() if v not in (None, "")})


def write_down(state: State, act: str, by: Session | None, *, address: str = "", name: str = "", **more: Any) -> None:
    """Write down what is done to the whole server: operators find it, and nobody is told.

    Args:
        state: of the chat.
        act: what is done.
        by: the operator who does it.
        address: of who does it, where that is no session.
        name: of who does it, where that is no session; empty for whoever runs the server.
        more: as in `RoomModerated`.
    """
    if state.moment.rules >= WRITES_DOWN:
        event = RoomModerated(**{"room": "", "act": act, "by": name if by is None else by.name, **more})
        _write_down(state, event, address if by is None else by.origin.address)


def write_down_operator(state: State, session: Session) -> None:
    """Write down that somebody is an operator from now on: once an hour, for `chatcore admin` becomes one each time."""
    place = session.origin.address.rpartition(":")[0]
    lately = (each for each in reversed(state.acts) if each.at > state.moment.time - _HOUR)
    if not any(
        each.event.act == "operator" and each.event.by == session.name and each.address.rpartition(":")[0] == place
        for each in lately
    ):
        write_down(state, "operator", session)


def _write_down(state: State, event: RoomModerated, address: str) -> None:
    state.acts.append(ActSummary(number=state.moment.record, at=state.moment.time, address=address, event=event))


def list_acts(state: State, session: Session, command: ListActs) -> ServerEvent:
    space, lines = state.limits.text_bytes, list[ActSummary]()
    known = [each for each in state.acts if each.number > command.after]
    for each in known:
        done = each.event
        space -= escaped_size(done.reason) + escaped_size(str(done.value)) + escaped_size(done.text) + LINE_BYTES
        space -= names_size((done.room, done.by, done.target))
        if space < 0:
            break
        lines.append(each)
    return ActsListed(tuple(lines), more=len(lines) < len(known))
