"""Where a file that comes is, and what moves it from one state to the next: all of it is in this table."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final


class ReceivingState(Enum):
    """Where a file that was offered to this client is."""

    OFFERED = "offered"
    """Nobody has accepted it."""
    OPENING = "opening"
    """The disk is asked what there is of it."""
    ASKING = "asking"
    """The server is asked for the rest: at once, or as soon as there is a connection."""
    RUNNING = "running"
    """Chunks come."""
    HALTED = "halted"
    """No chunks come: the sender has lost its connection."""
    DRAINING = "draining"
    """The connection is lost; what has come is still being written."""
    STOPPING = "stopping"
    """It is not to go on; the disk is still busy with what has come."""
    FINISHING = "finishing"
    """All of it is on the disk, and is checked and put into its place."""
    RETURNING = "returning"
    """The server has no room for it just now; the disk lets go of it, so that it may be accepted again."""
    ENDING = "ending"
    """It has arrived or failed; the disk lets go of it."""
    TELLING = "telling"
    """The sender is told, if it does not know."""
    OVER = "over"


class ReceivingTrigger(Enum):
    """What happens to a file that comes."""

    ACCEPTED = "accepted"
    OPENED = "opened"
    """It is known what there is of it."""
    BEGUN = "begun"
    """The server begins a run."""
    POSTPONED = "postponed"
    """The server refuses its first run for now."""
    CHUNK_CAME = "chunk_came"
    SENDER_LOST = "sender_lost"
    """The sender has lost its connection."""
    LOST = "lost"
    """The connection is lost."""
    DRAINED = "drained"
    """What has come is on the disk."""
    COMPLETED = "completed"
    """All of it is on the disk."""
    GIVEN_UP = "given_up"
    """One side does not want to go on, or cannot."""
    PLACED = "placed"
    BROKEN = "broken"
    """What was to be done for it did not succeed."""
    LET_GO = "let_go"
    TOLD = "told"


_S = ReceivingState
_T = ReceivingTrigger

RECEIVING: Final[Mapping[ReceivingState, Mapping[ReceivingTrigger, ReceivingState]]] = MappingProxyType(
    {
        _S.OFFERED: {_T.ACCEPTED: _S.OPENING, _T.GIVEN_UP: _S.OVER},
        _S.OPENING: {_T.OPENED: _S.ASKING, _T.GIVEN_UP: _S.STOPPING, _T.BROKEN: _S.ENDING},
        _S.ASKING: {
            _T.BEGUN: _S.RUNNING,
            _T.POSTPONED: _S.RETURNING,
            _T.GIVEN_UP: _S.ENDING,
            _T.BROKEN: _S.ENDING,
        },
        _S.RUNNING: {
            _T.CHUNK_CAME: _S.RUNNING,
            _T.SENDER_LOST: _S.HALTED,
            _T.LOST: _S.DRAINING,
            _T.COMPLETED: _S.FINISHING,
            _T.GIVEN_UP: _S.STOPPING,
            _T.BROKEN: _S.ENDING,
        },
        _S.HALTED: {
            # What was on its way when the sender was lost still comes.
            _T.CHUNK_CAME: _S.RUNNING,
            _T.SENDER_LOST: _S.HALTED,
            _T.LOST: _S.DRAINING,
            _T.COMPLETED: _S.FINISHING,
            _T.GIVEN_UP: _S.STOPPING,
            _T.BROKEN: _S.ENDING,
        },
        _S.DRAINING: {
            _T.DRAINED: _S.ASKING,
            _T.COMPLETED: _S.FINISHING,
            _T.GIVEN_UP: _S.STOPPING,
            _T.BROKEN: _S.ENDING,
        },
        _S.STOPPING: {
            _T.OPENED: _S.ENDING,
            _T.DRAINED: _S.ENDING,
            # The last chunk was here before the end was.
            _T.COMPLETED: _S.FINISHING,
            _T.GIVEN_UP: _S.STOPPING,
            _T.BROKEN: _S.ENDING,
        },
        # Too late to give it up: the disk may have it in its place already.
        _S.FINISHING: {_T.PLACED: _S.ENDING, _T.GIVEN_UP: _S.FINISHING, _T.BROKEN: _S.ENDING},
        _S.RETURNING: {_T.LET_GO: _S.OFFERED, _T.GIVEN_UP: _S.ENDING, _T.BROKEN: _S.OFFERED},
        _S.ENDING: {_T.LET_GO: _S.TELLING, _T.GIVEN_UP: _S.ENDING, _T.BROKEN: _S.TELLING},
        _S.TELLING: {_T.TOLD: _S.OVER, _T.GIVEN_UP: _S.TELLING, _T.BROKEN: _S.OVER},
        _S.OVER: {_T.GIVEN_UP: _S.OVER},
    }
)
