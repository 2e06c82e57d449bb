"""What is written for the operator: nobody fills the log, and what is left out is counted."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.server.seldom import Seldom
from tests.unit.playbook import Server
from tests.unit.server.test_budget import ask_often

MakeServer = Callable[..., Server]


def lines(server: Server, what: str) -> list[dict[str, object]]:
    """Return the fields of what was written of this kind since the last time."""
    found = [dict(fields) for kind, fields in server.records if kind == what]
    server.records[:] = [record for record in server.records if record[0] != what]
    return found


@pytest.mark.unmeasured
def test_refusals_of_one_connection_are_a_line_a_second_with_a_count(make_server: MakeServer) -> None:
    """The next one tells how many were left out, and the end of the connection tells the rest."""
    server = make_server(lines_per_second=1)
    alice = server.login("alice")
    ask_often(alice, 5000, "whois", username="nobody")
    assert [line.get("held_back") for line in lines(server, "refused")] == [None]
    server.advance(1.0)
    ask_often(alice, 10, "whois", username="nobody")
    assert [line.get("held_back") for line in lines(server, "refused")] == [4999]
    alice.drop()
    assert [line.get("held_back") for line in lines(server, "refused")] == [9]


def test_each_connection_and_kind_has_its_line(make_server: MakeServer) -> None:
    """One that is refused again and again hides no other one."""
    server = make_server(lines_per_second=1)
    for client in server.logins("alice", "bob"):
        ask_often(client, 100, "whois", username="nobody")
    assert {line["user"] for line in lines(server, "refused")} == {"alice", "bob"}


@pytest.mark.unmeasured
def test_refusals_of_one_address_are_a_few_lines_at_once_and_then_one_a_second(make_server: MakeServer) -> None:
    """A new connection for each of them makes no new lines; every refusal is told or counted, once."""
    server = make_server(lines_per_second=1)
    for _ in range(300):
        client = server.connect()
        for _ in range(3):
            client.ask("whois", username="nobody")
        client.drop()
    told = lines(server, "refused")
    assert len(told) == 60
    server.advance(1.0)
    server.connect().ask("whois", username="nobody")
    server.connect(address="198.51.100.1:1").ask("whois", username="nobody")
    told += lines(server, "refused")
    assert len(told) == 62
    # A line with an address tells what a connection was refused besides, and is no refusal itself.
    assert sum(int(str(line.get("held_back", 0))) + ("address" not in line) for line in told) == 902


@pytest.mark.unmeasured
def test_lines_of_one_address_are_a_few_at_once_and_then_one_a_second(make_server: MakeServer) -> None:
    """Connections, logins, changes of rooms and names: whatever may be done again and again."""
    server = make_server(lines_per_second=1)
    alice = server.login("alice")
    for number in range(300):
        alice.ask("create_room", room=f"r{number}")
        alice.ask("leave_room")
        alice.ask("rename", username=f"al{number}")
        server.connect(address=f"192.0.2.1:{number}").drop()
    kinds = ("connect", "disconnected", "joined", "left", "room_created", "room_removed", "renamed")
    assert {kind: len(lines(server, kind)) for kind in kinds} == dict.fromkeys(kinds, 60)
    other = server.connect(address="198.51.100.1:1")
    assert len(lines(server, "connect")) == 1
    other.ask("login", username="other")
    server.advance(2.0)
    alice.ask("rename", username="alice")
    assert lines(server, "renamed") == [{"user": "al299", "to": "alice", "held_back": 240}]


def test_what_was_left_out_is_told_at_the_end(make_server: MakeServer) -> None:
    """With the kind and a count."""
    server = make_server(lines_per_second=1)
    alice = server.login("alice")
    for number in range(100):
        alice.ask("rename", username=f"al{number}")
    lines(server, "renamed")
    server.switchboard.stop("enough")
    assert lines(server, "renamed") == [{"held_back": 40}]


def test_without_a_limit_every_line_is_written(make_server: MakeServer) -> None:
    """That is for load tests."""
    server = make_server(lines_per_second=0)
    ask_often(server.login("alice"), 500, "whois", username="nobody")
    assert len(lines(server, "refused")) == 500


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 0.5)), max_size=200), st.integers(1, 5))
def test_every_record_is_written_or_counted(steps: list[tuple[str, float]], burst: int) -> None:
    """Once."""
    seldom: Seldom[str] = Seldom(1.0, burst)
    now, told = 0.0, 0
    for kind, pause in steps:
        now += pause
        count = seldom.held_back(kind, now)
        told += 0 if count is None else 1 + count
    assert told + sum(seldom.forget_all().values()) == len(steps)


def test_kinds_that_are_quiet_make_room_for_others() -> None:
    """Only so many are remembered, and those that owe a count are."""
    seldom: Seldom[object] = Seldom()
    assert [seldom.held_back("first", 0.0) for _ in range(3)] == [0, None, None]
    assert [seldom.held_back(number, 0.0) for number in range(20_000)].count(0) == 9_999
    assert seldom.held_back("one more", 5.0) == 0
    assert seldom.held_back("first", 5.0) == 2
