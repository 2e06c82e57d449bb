"""What one session, and one network address, may ask for; and whose turn it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from chatcore.limits import Limits
from chatcore.records import Origin
from chatcore.server.admission.budget import Budgets
from chatcore_simple import simple_json, simple_text
from tests.unit.playbook import LATE, Client, Server

MakeServer = Callable[..., Server]

DEFAULTS = {
    name: getattr(Limits(), name) for name in ("requests_per_second", "request_burst", "connections_per_address")
}


@pytest.fixture
def house(make_server: MakeServer) -> Server:
    """Return a server with the default budgets."""
    return make_server(**DEFAULTS)


def ask_often(client: Client, times: int, kind: str, **fields: Any) -> list[dict[str, Any]]:
    """Ask the same again and again without waiting for answers; return those."""
    client.take()
    payload = json.dumps({"type": kind, **fields}).encode()
    for _ in range(times):
        client.link.sends(payload if client.link.keeps_boundaries else payload + b"\n")
    client.server.settle()
    return [frame for frame in client.take() if frame["type"] not in ("presence", "rooms_changed")]


def refusals(frames: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return those that say that it was too much."""
    return [frame for frame in frames if frame["type"] == "error" and frame["code"] == "rate_limited"]


# The budget of a session.


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("whois", {"username": "alice"}),
        ("whois", {"username": "nobody"}),
        ("join_room", {"room": "nowhere"}),
        ("file_cancel", {"file": "none"}),
        ("no_such_type", {}),
        ("list_users", {"after": 7}),
    ],
    ids=str,
)
def test_a_hundred_requests_may_come_at_once_and_then_twenty_a_second(
    house: Server, kind: str, fields: dict[str, Any]
) -> None:
    """Whether they are granted or not; what is too much is told after how long it succeeds."""
    alice = house.login("alice")
    answers = ask_often(alice, 110, kind, **fields)
    refused = refusals(answers)
    assert (len(answers), len(refused)) == (110, 10)
    assert refusals(answers[:100]) == []
    assert {each["retry_after"] for each in refused} == {1.001}
    house.advance(1.001)
    assert len(refusals(ask_often(alice, 30, kind, **fields))) == 10


def test_who_does_not_wait_is_answered_no_sooner(house: Server) -> None:
    """Refusals have a budget too; past it the requests wait, unread, until something may be asked again."""
    alice = house.login("alice")
    answers = ask_often(alice, 10_000, "whois", username="alice")
    assert len(refusals(answers)) == 100
    assert len(answers) == 200
    assert alice.link.reading_paused
    house.advance(10.0)
    more = alice.take()
    assert len(more) - len(refusals(more)) <= 10 * 20 + 1
    assert len(refusals(more)) <= 10 * 20 + 1


def test_an_object_waits_in_memory_no_longer_than_its_link_has_read_it(house: Server) -> None:
    """A held connection keeps what came in one piece, and nothing is read beside it."""
    alice = house.login("alice")
    ask_often(alice, 10_000, "ping")
    assert len(alice.connection.waiting) <= 150
    assert len(alice.connection.unread) <= 2048


@pytest.mark.unmeasured
def test_a_message_costs_a_tenth_and_more_in_a_crowd(house: Server) -> None:
    """Hundreds may come at once to a few, and hardly any to very many."""
    alice = house.login("alice")
    assert len(refusals(ask_often(alice, 950, "send_message", text="x"))) == 0
    house.advance(60.0)
    for number in range(500):
        house.connect(address=f"198.51.{number % 200}.1:1").say("login", username=f"u{number}")
    assert len(refusals(ask_often(alice, 100, "send_message", text="x"))) > 40


@pytest.mark.parametrize(
    ("kind", "fields"), [("send_message", {}), ("broadcast", {}), ("send_direct", {"to": ["u1", "u2", "u3", "u4"]})]
)
def test_what_is_said_is_paid_for_before_the_journal_orders_it(kind: str, fields: dict[str, Any]) -> None:
    """However much of it is on its way: the price is not known only when the first of it is answered."""
    house = Server(**DEFAULTS | {"request_burst": 5}, late=True)
    alice = house.login("alice")
    for number in range(100):
        house.connect(address=f"198.51.{number}.1:1").say("login", username=f"u{number}")
    house.advance(60.0)
    answers = ask_often(alice, 30, kind, text="x", **fields)
    assert len(answers) - len(refusals(answers)) <= 10


def test_what_nobody_has_heard_of_costs_no_more_than_its_price(make_server: MakeServer) -> None:
    """What is refused: all that was taken beside that is given back."""
    server = make_server(**DEFAULTS)
    alice = server.login("alice")
    for number in range(20):
        server.login(f"u{number}", address=f"198.51.{number}.1:1")
    budget = alice.connection.allowance.budget
    assert budget is not None
    before = budget._own._left
    assert alice.refused("send_message", text="x", cid=7) == "cid_gap"
    assert alice.refused("send_direct", to=["u1", "nobody"], text="x") == "no_such_user"
    assert round(before - budget._own._left, 3) == 0.2


@pytest.mark.unmeasured
def test_long_answers_cost_by_their_length(house: Server) -> None:
    """And catching up costs one each, so that nobody has to wait for what was missed."""
    alice = house.login("alice")
    for _ in range(200):
        alice.say("send_message", text="short")
    house.advance(60.0)
    pages = ask_often(alice, 30, "history", room="lobby", limit=200)
    assert len(pages) - len(refusals(pages)) == 12
    house.advance(60.0)
    assert refusals(ask_often(alice, 100, "history", room="lobby", after=0, limit=200)) == []


def test_a_refused_send_uses_up_no_cid(house: Server) -> None:
    """It comes again after the time that was told, with the same number."""
    alice = house.login("alice")
    ask_often(alice, 100, "whois", username="alice")
    refused = alice.ask("send_message", text="hello", cid=1)
    assert (refused["code"], refused["cid"]) == ("rate_limited", 1)
    house.advance(refused["retry_after"])
    assert alice.ask("send_message", text="hello", cid=1)["seq"] == 1


def test_nothing_overtakes_what_was_refused(house: Server) -> None:
    """A message that was sent behind a change of rooms does not go to the wrong one, although it would be cheaper."""
    alice, bob = house.logins("alice", "bob")
    bob.ask("create_room", room="python")
    ask_often(alice, 100, "whois", username="alice")
    house.advance(0.01)
    assert alice.refused("join_room", room="python") == "rate_limited"
    house.advance(0.5)
    assert alice.refused("send_message", text="for python", room="python", cid=1) == "rate_limited"


def test_a_resumed_session_has_the_budget_that_it_had(house: Server) -> None:
    """To come back is no way to a fresh one."""
    alice = house.login("alice")
    ask_often(alice, 100, "whois", username="alice")
    token = alice.token
    again = house.connect()
    again.ask("login", username="alice", client="c" * 20, token=token)
    assert again.refused("whois", username="alice") == "rate_limited"


def test_the_numbers_of_the_budget_are_in_the_welcome(house: Server) -> None:
    """So that a client can know them."""
    limits = house.login("alice").welcome["limits"]
    assert (limits["requests_per_second"], limits["request_burst"]) == (20.0, 100)


def test_to_log_out_is_never_refused(house: Server) -> None:
    """Nor held back."""
    alice = house.login("alice")
    ask_often(alice, 150, "whois", username="alice")
    assert alice.ask("logout") == {"type": "ok"}
    assert house.users() == []


# The budget of an address.


def test_who_is_not_logged_in_has_a_budget_too(house: Server) -> None:
    """Everything is refused there, but not as often as somebody asks."""
    stranger = house.connect()
    answers = ask_often(stranger, 1000, "whois", username="alice")
    assert len(answers) == 200
    assert {each["code"] for each in answers[:100]} == {"not_logged_in"}
    assert len(refusals(answers)) == 100


@pytest.mark.unmeasured
def test_newcomers_do_not_take_what_those_need_who_are_there(house: Server) -> None:
    """Of one address, half is for those who are logged in."""
    alice = house.login("alice")
    strangers = [house.connect() for _ in range(64)]
    for stranger in strangers:
        ask_often(stranger, 100, "whois", username="alice")
    assert house.connect().refused("login", username="mallory") == "rate_limited"
    assert alice.ask("whois", username="alice")["type"] == "user"
    other = house.connect(address="198.51.100.7:1")
    assert other.ask("login", username="bob")["type"] == "welcome"


@pytest.mark.parametrize(("burst", "share"), [(1, 1), (1, 2), (2, 1), (1, 3), (3, 1), (100, 64)])
def test_who_comes_first_gets_in_with_any_burst_and_any_share(make_server: MakeServer, burst: int, share: int) -> None:
    """What is left to those who are logged in is never all that there is."""
    server = make_server(requests_per_second=1, request_burst=burst, connections_per_address=share)
    assert server.connect(address="192.0.2.1:5000").ask("login", username="alice")["type"] == "welcome"


@pytest.mark.unmeasured
def test_a_class_behind_one_address_logs_in_and_chats(house: Server) -> None:
    """Thirty at once, each with all of what one may ask for."""
    pupils = [house.connect() for _ in range(30)]
    for number, pupil in enumerate(pupils):
        assert pupil.ask("login", username=f"pupil{number}")["type"] == "welcome"
    for _ in range(5):
        for pupil in pupils:
            assert refusals(ask_often(pupil, 20, "whois", username="pupil1")) == []
    for _ in range(10):
        house.advance(1.0)
        for pupil in pupils:
            assert refusals(ask_often(pupil, 20, "whois", username="pupil1")) == []


@pytest.mark.unmeasured
def test_to_log_in_again_and_again_gives_no_more(house: Server) -> None:
    """What a new session may ask for at once is taken out of what its address has."""
    done = 0
    for number in range(640):
        guest = house.connect()
        if guest.ask("login", username=f"g{number}")["type"] == "welcome":
            done += 1
            guest.ask("logout")
    assert done == 320


@pytest.mark.unmeasured
@pytest.mark.parametrize("limits", [{"requests_per_second": 0}, {}], ids=str)
def test_without_limits_nothing_is_refused(make_server: MakeServer, limits: dict[str, Any]) -> None:
    """That is for load tests."""
    server = make_server(**limits)
    alice = server.login("alice")
    assert len(ask_often(alice, 2000, "whois", username="alice")) == 2000


# Dialects whose programs cannot wait.


@pytest.mark.unmeasured
def test_what_comes_too_often_in_a_coursework_dialect_waits_its_turn(house: Server) -> None:
    """Nothing that a human types is lost, and nothing is refused."""
    reader = house.login("reader")
    typist = house.connect(simple_json, boundaries=False)
    typist.link.sends(b'{"type": "login", "username": "typist"}')
    house.settle()
    typist.link.sends(b"".join(b'{"type": "message", "content": "%d"}' % number for number in range(2000)))
    house.settle()
    first = reader.texts()
    assert 900 <= len(first) < 1000
    house.advance(10.0)
    assert first + reader.texts() == [str(number) for number in range(2000)]
    assert b"error" not in b"".join(typist.link.arrived)


def test_a_coursework_dialect_keeps_to_the_pace_of_messages_too(make_server: MakeServer) -> None:
    """What was refused in French before, and lost, comes later now."""
    server = make_server(messages_per_second=2.0, message_burst=2)
    reader = server.login("reader")
    typist = server.connect(simple_text, boundaries=False)
    typist.link.sends(b"/pseudo\nyves\none\ntwo\nthree\nfour\n")
    server.settle()
    assert reader.texts() == ["one", "two"]
    server.advance(1.1)
    assert reader.texts() == ["three", "four"]
    assert "Attention" not in b"".join(typist.link.arrived).decode()


# Turns.


@pytest.mark.unmeasured
def test_what_one_asks_for_is_done_a_bounded_part_at_a_time(server: Server) -> None:
    """The others have their turn in between; the answers come in order."""
    alice, bob = server.logins("alice", "bob")
    for number in range(2000):
        alice.link.sends(json.dumps({"type": "whois", "username": "bob", "id": str(number)}).encode() + b"\n")
    bob.link.sends(json.dumps({"type": "ping", "id": "p"}).encode() + b"\n")
    server.clock.turn()
    server.clock.turn()
    done = alice.take("user")
    assert 0 < len(done) < 200
    assert [frame["id"] for frame in bob.take("pong")] == ["p"]
    server.settle()
    assert [frame["id"] for frame in done + alice.take("user")] == [str(number) for number in range(2000)]
    assert not alice.link.reading_paused


@pytest.mark.unmeasured
def test_short_requests_do_not_wait_for_long_answers(server: Server) -> None:
    """Whoever asks for little goes before forty who read histories."""
    readers = [server.login(f"reader{number}") for number in range(40)]
    for _ in range(200):
        readers[0].say("send_message", text="x" * 100)
    good = server.login("good")
    server.settle()
    for reader in readers:
        reader.take()
        for _ in range(5):
            reader.link.sends(b'{"type":"history","room":"lobby","limit":200}\n')
    good.link.sends(b'{"type":"send_message","text":"hello"}\n')
    for _ in range(3 if LATE else 1):  # it is proposed at the end of a turn, and ordered in another one
        server.clock.turn()
    assert good.texts() == ["hello"]
    done = [len(reader.take("history")) for reader in readers]
    assert sum(done) < 10
    server.settle()
    assert [before + len(reader.take("history")) for before, reader in zip(done, readers, strict=True)] == [5] * 40


def test_a_long_piece_of_a_stream_is_looked_at_a_bounded_part_at_a_time() -> None:
    """Nothing is read from it meanwhile."""
    server = Server(boundaries=False)
    alice = server.login("alice")
    alice.link.sends(b'{"type":"pong"}\n' * 5000 + b'{"type":"ping","id":"last"}\n')
    assert len(alice.connection.unread) > 50_000
    assert alice.link.reading_paused
    server.settle()
    assert [frame["id"] for frame in alice.take("pong")] == ["last"]
    assert not alice.link.reading_paused


def test_a_connection_that_is_lost_while_it_waits_is_forgotten(house: Server) -> None:
    """With what it had asked for."""
    alice = house.login("alice")
    ask_often(alice, 10_000, "whois", username="alice")
    alice.drop()
    house.advance(70.0)
    assert house.users() == []
    assert house.clock.timers == 0


def test_what_is_much_work_costs_by_its_answer(make_server: MakeServer) -> None:
    """A direct message by its receivers, a file by whom it goes to, a list by its lines; news, by who hears it."""
    server = make_server(requests_per_second=20, messages_per_second=1)
    alice, *others = [server.login(name, settled=False) for name in ("alice", "bob", "carol", "dave")]
    budget = alice.connection.allowance.budget
    assert budget is not None
    names = [other.welcome["username"] for other in others]

    def cost(kind: str, **fields: object) -> float:
        before = budget._own._left
        assert alice.ask(kind, **fields)["type"] != "error"
        return round(before - budget._own._left, 3)

    assert cost("send_direct", to=names, text="hi") == 0.4
    assert cost("send_direct", to=names[:1], text="hi") == 0.2
    assert cost("file_offer", to=names, name="f", size=1, sha256="0" * 64) == 1.3
    assert cost("list_rooms") == 1.02
    assert cost("rename", username="al") == 1.016
    assert cost("broadcast", text="hi") == 0.116
    alice.ask("send_message", text="hi")
    for kind in ("react", "unreact"):
        assert cost(kind, seq=1, emoji="\U0001f44d") == 1.016
    for kind, said in (("edit_message", {"text": "ho"}), ("delete_message", {})):
        assert cost(kind, seq=1, **said) == 1.016


def test_who_talks_too_fast_in_a_slow_room_pays_for_it(make_server: MakeServer) -> None:
    """A refusal is an answer like others, and many of them are too much."""
    server = make_server(**DEFAULTS | {"requests_per_second": 1, "request_burst": 20})
    alice, bob = server.login("alice"), server.login("bob")
    alice.ask("create_room", room="python")
    bob.ask("join_room", room="python")
    alice.ask("set_slow", seconds=60)
    server.advance(60.0)
    # Where a journal orders later, it is known only then that they come too fast: what comes behind that pays for it.
    codes = [frame.get("code") for _ in range(2) for frame in ask_often(bob, 30, "send_message", text="x")]
    assert codes.count(None) == 1
    assert codes.count("slow_mode") >= 10
    assert "rate_limited" in codes


def test_addresses_are_remembered_up_to_a_bound() -> None:
    """The one that was not seen for the longest time has a fresh budget; who has no address shares none."""
    budgets = Budgets(Limits(requests_per_second=1, request_burst=1, connections_per_address=1))
    places = [Origin("ws", "chat", "", place=f"2001:db8:{number:x}::/64") for number in range(10_002)]
    first, second = (budgets.of_newcomer(place, 0.0) for place in places[:2])
    for place in (*places[2:10_000], places[0], *places[10_000:]):  # the first was seen again meanwhile
        budgets.of_newcomer(place, 0.0)
    first_again, second_again = (budgets.of_newcomer(place, 0.0) for place in places[:2])
    assert first is not None
    assert second is not None
    assert first_again is not None
    assert second_again is not None
    assert first_again.address is first.address
    assert second_again.address is not second.address
    nowhere = budgets.of_newcomer(Origin("memory", "chat", ""), 0.0)
    assert nowhere is not None
    assert nowhere.address is None


def test_lists_of_users_cost_by_their_length(make_server: MakeServer) -> None:
    """A hundred names cost a second request."""
    server = make_server(**DEFAULTS | {"requests_per_second": 0.1, "request_burst": 20, "connections_per_address": 200})
    users = [server.login(f"user{number}", address=f"198.51.100.{number}:1") for number in range(100)]
    server.advance(600.0)
    assert len(refusals(ask_often(users[0], 20, "list_users"))) == 10


def test_silence_of_somebody_whose_requests_wait_says_nothing(make_server: MakeServer) -> None:
    """What it says is not read at present; it is asked for a sign of life when it is again."""
    server = make_server(requests_per_second=0.1, request_burst=20, keepalive_interval=2.0, keepalive_timeout=1.0)
    alice = server.connect(checks_liveness=False)
    alice.ask("login", username="alice")
    ask_often(alice, 100, "whois", username="alice")
    assert alice.connection.held is not None
    server.advance(8.0)
    assert (alice.take("ping"), alice.link.closed) == ([], None)
