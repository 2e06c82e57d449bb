"""The life of a session is the table, the whole table and nothing but the table."""

from __future__ import annotations

from itertools import product

import pytest

from chatcore.chat.kept.session_state import (
    TRANSITIONS,
    InvalidTransitionError,
    SessionState,
    Trigger,
    diagram,
    next_state,
)

S, T = SessionState, Trigger
EXPECTED = {
    (S.ANONYMOUS, T.LOGGED_IN): S.ACTIVE,
    (S.ACTIVE, T.RESUMED): S.ACTIVE,
    (S.ACTIVE, T.CONNECTION_LOST): S.DETACHED,
    (S.ACTIVE, T.LOGGED_OUT): S.ENDED,
    (S.ACTIVE, T.PUT_OUT): S.ENDED,
    (S.DETACHED, T.RESUMED): S.ACTIVE,
    (S.DETACHED, T.PUT_OUT): S.ENDED,
    (S.DETACHED, T.GRACE_OVER): S.ENDED,
}


@pytest.mark.parametrize(("state", "trigger"), list(product(S, T)), ids=lambda each: each.value)
def test_session_moves_as_the_table_says_or_not_at_all(state: SessionState, trigger: Trigger) -> None:
    """Every pair either leads to its state or is our own mistake, which raises."""
    if (state, trigger) in EXPECTED:
        assert next_state(state, trigger) is EXPECTED[state, trigger]
    else:
        with pytest.raises(InvalidTransitionError, match=f"{trigger.value} cannot happen .* {state.value}"):
            next_state(state, trigger)


def test_table_cannot_be_changed() -> None:
    """The table is read-only and has a row for every state."""
    assert set(TRANSITIONS) == set(S)
    with pytest.raises(TypeError):
        TRANSITIONS[S.ENDED] = {}  # type: ignore[index]


def test_diagram_shows_every_transition_and_no_other() -> None:
    """The diagram in the docs is the table."""
    arrows = {f"{state.value} --> {target.value}: {trigger.value}" for (state, trigger), target in EXPECTED.items()}
    drawn = {line.strip() for line in diagram().splitlines()[1:] if "[*]" not in line}
    assert drawn == arrows
    assert diagram().startswith("stateDiagram-v2\n")
    assert f"[*] --> {S.ANONYMOUS.value}" in diagram()
    assert f"{S.ENDED.value} --> [*]" in diagram()


def test_session_ends_for_good() -> None:
    """Nothing leads out of the last state, and every login leads to it."""
    assert not TRANSITIONS[S.ENDED]
    assert all(S.ENDED in TRANSITIONS[state].values() for state in (S.ACTIVE, S.DETACHED))
