"""A mistake of ours with what has its time, and nobody has asked for: whom it does not concern goes on."""

from __future__ import annotations

import pytest

from chatcore.chat.kept.session_state import SessionState
from tests.unit.chat.test_nodes import Journal
from tests.unit.playbook import Server

GRACE = 30.0


def test_session_whose_end_is_a_mistake_costs_the_others_nothing() -> None:
    """It is logged once: who is to go behind it goes, and who stays is served."""
    server = Server(grace=GRACE)
    ann, bob, cid = server.logins("ann", "bob", "cid")
    ann.drop()
    cid.drop()
    del server.chat.state.tokens[server.chat.users["ann"].token]  # which cannot be
    server.advance(GRACE + 1)
    assert [type(each) for each in server.mistakes()] == [KeyError]
    assert server.users() == ["bob"]
    assert [name for frame in bob.take("presence") for name in frame["left"]] == ["ann", "cid"]
    assert bob.ask("send_message", text="who is there?")["seq"] == 1
    server.advance(GRACE + 1)
    assert len(server.mistakes()) == 1


@pytest.mark.parametrize("lease", [4.0, 0.0], ids=["another one of several", "the only one, again"])
def test_user_whose_loss_is_a_mistake_keeps_no_server_from_beginning(lease: float) -> None:
    """Nor do the others who were on the server that is gone stay connected for ever."""
    journal = Journal()
    one = journal.up("one", 0.0, lease)
    for number, name in enumerate(("ann", "bob")):
        journal.let_in(one, number, name, 1.0)
    journal.chat.users["ann"].state = SessionState.ANONYMOUS  # which cannot be
    next_one = journal.up("next", 2.0, lease)
    for clock in range(3, 12):
        assert journal.says(next_one, clock)
    assert journal.nodes == [next_one]
    assert journal.connected == []
    for clock in range(12, 50, 2):
        assert journal.says(next_one, clock)
    assert "bob" not in journal.chat.users
