"""Where a file is on its way to one user, and what moves it from one state to the next: all of it is in this table."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final


class SendingState(Enum):
    """Where a file that this client offers is, for one of the users that it is offered to."""

    OFFERED = "offered"
    """The user has not answered."""
    RUNNING = "running"
    """Chunks go, as far as the user grants."""
    PAUSED = "paused"
    """One side has no connection."""
    OVER = "over"


class SendingTrigger(Enum):
    """What happens to a file on its way to one user."""

    ACCEPTED = "accepted"
    """The user wants it, from some offset on; a newer run ends an older one."""
    GRANTED = "granted"
    """The user grants credit."""
    RECEIVER_LOST = "receiver_lost"
    """The user has lost its connection."""
    LOST = "lost"
    """The connection is lost."""
    DELIVERED = "delivered"
    """The user has all of it."""
    GIVEN_UP = "given_up"
    """One side does not want to go on, or cannot."""


_S = SendingState
_T = SendingTrigger

SENDING: Final[Mapping[SendingState, Mapping[SendingTrigger, SendingState]]] = MappingProxyType(
    {
        _S.OFFERED: {
            _T.ACCEPTED: _S.RUNNING,
            # It was accepted while this client was away, and interrupted too.
            _T.RECEIVER_LOST: _S.PAUSED,
            _T.LOST: _S.OFFERED,
            _T.DELIVERED: _S.OVER,
            _T.GIVEN_UP: _S.OVER,
        },
        _S.RUNNING: {
            _T.ACCEPTED: _S.RUNNING,
            _T.GRANTED: _S.RUNNING,
            _T.RECEIVER_LOST: _S.PAUSED,
            _T.LOST: _S.PAUSED,
            _T.DELIVERED: _S.OVER,
            _T.GIVEN_UP: _S.OVER,
        },
        _S.PAUSED: {
            _T.ACCEPTED: _S.RUNNING,
            _T.RECEIVER_LOST: _S.PAUSED,
            _T.LOST: _S.PAUSED,
            _T.DELIVERED: _S.OVER,
            _T.GIVEN_UP: _S.OVER,
        },
        _S.OVER: {},
    }
)
