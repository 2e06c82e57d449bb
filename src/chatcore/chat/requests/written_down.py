"""What is written down for operators to find among all that was done."""

from __future__ import annotations

from typing import Any, Final

from chatcore.chat.kept.model import Session
from chatcore.chat.state import State
from chatcore.events import ActSummary, RoomModerated
from chatcore.records import WRITES_DOWN

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
        keep_act(state, event, address if by is None else by.origin.address)


def write_down_operator(state: State, session: Session) -> None:
    """Write down that somebody is an operator from now on: once an hour, for `chatcore admin` becomes one each time."""
    place = session.origin.address.rpartition(":")[0]
    lately = (each for each in reversed(state.acts) if each.at > state.moment.time - _HOUR)
    if not any(
        each.event.act == "operator" and each.event.by == session.name and each.address.rpartition(":")[0] == place
        for each in lately
    ):
        write_down(state, "operator", session)


def keep_act(state: State, event: RoomModerated, address: str) -> None:
    """Keep what was done for operators to find; `address` is that of who did it."""
    state.acts.append(ActSummary(number=state.moment.record, at=state.moment.time, address=address, event=event))
