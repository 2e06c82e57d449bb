"""What is written down for operators to find among all that was done."""

from __future__ import annotations

from typing import Any, Final

from chatcore.chat.kept.acts import KeptAct, Kind
from chatcore.chat.kept.model import Room, Session
from chatcore.chat.state import State
from chatcore.events import ActSummary, RoomModerated
from chatcore.records import SHARES_WHAT_IS_LEFT, WRITES_DOWN

_HOUR: Final = 3600.0


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
        _keep(state, event, Kind.OF_OPERATORS, by, address)


def write_down_operator(state: State, session: Session) -> None:
    """Write down that somebody is an operator from now on: once an hour, for `chatcore admin` becomes one each time."""
    place = session.origin.address.rpartition(":")[0]
    lately = (each for each in reversed(state.acts) if each.at > state.moment.time - _HOUR)
    if not any(
        each.event.act == "operator" and each.event.by == session.name and each.address.rpartition(":")[0] == place
        for each in lately
    ):
        write_down(state, "operator", session)


def keep_act(state: State, room: Room, event: RoomModerated, by: Session | None, *, own: bool) -> None:
    """Keep what was done in a room for operators to find; `own`: by an author to what that one has said.

    That is not looked for, and everybody does it: it is told to the room alone.
    """
    if own and state.moment.rules >= SHARES_WHAT_IS_LEFT:
        return
    kind = Kind.IN_DECLARED if room.always else Kind.ELSEWHERE
    _keep(state, event, Kind.OF_OPERATORS if by is not None and by.is_operator else kind, by)


def _keep(state: State, event: RoomModerated, kind: Kind, by: Session | None, address: str = "") -> None:
    account = place = ""
    if by is not None:
        address, place = by.origin.address, by.origin.place
        account = "" if by.account is None else by.person
    act = ActSummary(number=state.moment.record, at=state.moment.time, address=address, event=event)
    state.acts.add(KeptAct(act, kind, place, account), by_share=state.moment.rules >= SHARES_WHAT_IS_LEFT)
