"""Every message comes back as it came."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.commands import LeaveRoom
from chatcore.dialects.echo import dialect
from chatcore.events import Accepted
from chatcore.limits import Limits
from chatcore.ports.transport import Binary
from tests.unit.fakes import FakeLink
from tests.unit.playbook import Server


@given(st.lists(st.binary(max_size=50) | st.binary(max_size=50).map(Binary), max_size=10), st.booleans())
def test_peer_gets_back_whatever_it_sends(payloads: list[bytes], boundaries: bool) -> None:
    """Any bytes, text or binary, come back once, in order, of the same kind."""
    machine = dialect.server(Limits(), boundaries=boundaries, keepalive=True, now=0.0)
    for payload in payloads:
        machine.receive_data(payload)
        back = machine.data_to_send()
        assert back == [payload]
        assert type(back[0]) is type(payload)
        assert machine.events_received() == []
        assert machine.close_expected() is None
    assert machine.data_to_send() == []
    machine.receive_eof()
    assert machine.data_to_send() == []


def test_echo_knows_neither_users_nor_time() -> None:
    """It has no timer, and what happens in the chat is left out."""
    machine = dialect.server(Limits(), boundaries=True, keepalive=True, now=0.0)
    machine.send_event(Accepted(), "1")
    assert machine.get_timer() is None
    machine.handle_timer(1e9)
    assert machine.data_to_send() == []
    assert dialect.encode(Accepted(), boundaries=True) is None


def test_echo_client_shows_nothing() -> None:
    """There is nothing in an echo that a chat could show."""
    machine = dialect.client(Limits(), boundaries=True, keepalive=True, now=0.0)
    machine.receive_data(b"hello")
    machine.send_command(LeaveRoom(), "1")
    assert machine.events_received() == []
    assert machine.data_to_send() == []


@pytest.mark.parametrize("payload", [b"hello", Binary(b"\x00\xff"), b""])
def test_echo_connection_lives_beside_the_chat(payload: bytes) -> None:
    """Through the switchboard too every message comes back, and nobody in the chat notices."""
    server = Server()
    (alice,) = server.logins("alice")
    link = FakeLink(server.clock)
    link.handler = server.switchboard.accept(dialect, link)
    link.sends(payload)
    server.advance(100.0)
    assert link.arrived == [payload]
    alice.ask("broadcast", text="lunch")
    assert link.arrived == [payload]
    link.breaks()
    assert server.mistakes() == []
