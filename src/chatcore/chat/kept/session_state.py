"""The states of a session and what moves it from one to the next: all of it is in this table.

The diagram in docs/protocol is made from it, and a test walks every (state, trigger) pair.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final


class SessionState(Enum):
    """Where a session is in its life."""

    ANONYMOUS = "anonymous"
    """Not logged in yet."""
    ACTIVE = "active"
    """Logged in and connected."""
    DETACHED = "detached"
    """Logged in, connection lost: name and room are kept for the grace period."""
    ENDED = "ended"
    """Over."""


class Trigger(Enum):
    """What happens to a session."""

    LOGGED_IN = "logged_in"
    """A login was accepted."""
    RESUMED = "resumed"
    """A login with its token came, on another connection."""
    CONNECTION_LOST = "connection_lost"
    LOGGED_OUT = "logged_out"
    """Its user asked for the end."""
    PUT_OUT = "put_out"
    """Somebody who may did not want its user here."""
    GRACE_OVER = "grace_over"
    """No login with its token came in time."""


_S = SessionState
_T = Trigger

TRANSITIONS: Final[Mapping[SessionState, Mapping[Trigger, SessionState]]] = MappingProxyType(
    {
        _S.ANONYMOUS: {
            _T.LOGGED_IN: _S.ACTIVE,
        },
        _S.ACTIVE: {
            # The newer connection takes over; the older one is told so and closed.
            _T.RESUMED: _S.ACTIVE,
            _T.CONNECTION_LOST: _S.DETACHED,
            _T.LOGGED_OUT: _S.ENDED,
            _T.PUT_OUT: _S.ENDED,
        },
        _S.DETACHED: {
            _T.RESUMED: _S.ACTIVE,
            _T.PUT_OUT: _S.ENDED,
            _T.GRACE_OVER: _S.ENDED,
        },
        _S.ENDED: {},
    }
)


class InvalidTransitionError(Exception):
    """Our own mistake: this cannot happen to a session in this state."""


def next_state(state: SessionState, trigger: Trigger) -> SessionState:
    """Return the state that follows. Raises `InvalidTransitionError` for a pair that is not in the table."""
    try:
        return TRANSITIONS[state][trigger]
    except KeyError:
        raise InvalidTransitionError(f"{trigger.value} cannot happen to a session that is {state.value}") from None


def diagram() -> str:
    """Return the table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {_S.ANONYMOUS.value}"]
    lines += [
        f"    {state.value} --> {target.value}: {trigger.value}"
        for state, row in TRANSITIONS.items()
        for trigger, target in row.items()
    ]
    return "\n".join([*lines, f"    {_S.ENDED.value} --> [*]", ""])
