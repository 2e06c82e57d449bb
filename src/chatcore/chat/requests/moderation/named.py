"""Settings that change while people are there: who is an operator from now on, or is none any more, is told."""

from __future__ import annotations

from typing import Final

from chatcore.chat import pictures
from chatcore.chat.effects import Deliver, LineKind
from chatcore.chat.kept.model import Account, Session
from chatcore.chat.requests.meant import moment_text
from chatcore.chat.requests.written_down import write_down
from chatcore.chat.state import State
from chatcore.errors import Sentence
from chatcore.events import RoomModerated
from chatcore.limits import Limits
from chatcore.records import HOLDS_WHO_IS_MEANT

_NOW_AN_OPERATOR: Final = Sentence(
    "somebody had registered this name before the settings named it, and is an operator from now on; if you do not "
    "know whose it is, give it another password (chatcore admin URL reset NAME), or take it out of the settings"
)
_NOW_MORE: Final = Sentence(
    "somebody had registered this name before the settings named it, and has the limits of that name from now on; if "
    "you do not know whose it is, give it another password (chatcore admin URL reset NAME), or take it out of the "
    "settings"
)


def allow(state: State, limits: Limits, rules: int) -> None:
    """Let these limits hold; tell the host, who is concerned and what was done, whose account is another one by it.

    Args:
        state: of the chat.
        limits: what is allowed from now on, with the names of operators and programs.
        rules: by which that is applied: those of the node whose limits they are.
    """
    before, known = _operators(state), state.paces
    state.allow(limits)
    if rules < HOLDS_WHO_IS_MEANT:
        return
    after = _operators(state)
    for key, account in before.items():
        if key not in after:
            state.note(LineKind.NO_OPERATOR, account=account.name)
            _tell(state, account)
    for key, account in after.items():
        if key not in before:
            _note(state, account, _NOW_AN_OPERATOR)
            _tell(state, account)
    for key in state.paces.declared:
        if key in state.accounts and key not in after and not known.is_declared(key):
            _note(state, state.accounts[key], _NOW_MORE)


def go_by_token(state: State, mark: str) -> None:
    """Let nobody be an operator by another token than that of `mark`, and tell whoever was; empty: by none."""
    for session in sorted(state.users.values(), key=lambda each: each.number):
        if not session.has_operator_token or (mark and session.operator_mark == mark):
            continue
        session.has_operator_token, session.operator_mark = False, ""
        if not session.is_operator:
            state.note(LineKind.NO_OPERATOR, session, user=session.name)
            write_down(state, "operator", None, target=session.name, value=False)
            _tell_session(state, session, session.name, value=False)


def _operators(state: State) -> dict[str, Account]:
    """Return the accounts that are operators', by key, in the order of the settings."""
    return {key: state.accounts[key] for key in state.paces.operators if key in state.accounts}


def _note(state: State, account: Account, advice: Sentence) -> None:
    state.note(LineKind.NAMED_BEFORE, account=account.name, registered=moment_text(account.since), advice=advice)


def _tell(state: State, account: Account) -> None:
    """Write down that the owner of an account is an operator now, or is none; tell the sessions that go on."""
    write_down(state, "operator", None, target=account.name, value=account.is_operator)
    for session in state.sessions_of(account.person):
        if account.is_operator:
            state.note(LineKind.OPERATOR, session, user=session.name, account=account.name)
        _tell_session(state, session, account.name, value=account.is_operator)


def _tell_session(state: State, session: Session, name: str, *, value: bool) -> None:
    if session.connection is not None:
        room = pictures.entered(state, session)
        done = RoomModerated(room=room.room, act="operator", by="", target=name, value=value)
        state.emit(Deliver(session.connection, done))
        state.emit(Deliver(session.connection, room))
